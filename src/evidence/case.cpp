#include "evidence/case.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/time.h"
#include "evidence/bag.h"

namespace contrechamp {
namespace {

constexpr auto kLockWait = std::chrono::seconds(5);
// A case of many files rewrites its manifest at most this often while it grows.
constexpr auto kCheckpointEvery = std::chrono::seconds(1);
constexpr std::size_t kSmallCase = 256;
constexpr std::uint64_t kMaxLogBytes = std::uint64_t{1} << 32;

const fs::path kLog = "custody.jsonl", kSignature = "custody.jsonl.minisig", kTmp = "tmp",
               kExhibits = "data/exhibits";

std::string new_uuid() {
    std::string bytes = random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string hex = to_hex(bytes);
    for (std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, "-");
    return hex;
}

Status make_directory(const fs::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return tl::unexpected(
            system_error({"cannot create the folder", "impossible de créer le dossier"}, path));
    return {};
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

// A case that somebody hands over may hold links, pipes or devices where its own files stand: nothing is read
// or written through them.
Status refuse_disguises(const fs::path& directory) {
    const auto check = [&](const fs::path& name, mode_t kind) -> Status {
        struct stat info {};
        const fs::path path = directory / name;
        if (::lstat(path.c_str(), &info) != 0 || (info.st_mode & S_IFMT) == kind) return {};
        return kind == S_IFDIR
                   ? fail({"this should be a folder of the case, and is something else (a link, perhaps)",
                           "ce devrait être un répertoire du dossier, et c’est autre chose (un lien ?)"},
                          path.string())
                   : fail({"this should be a file of the case, and is something else (a link, perhaps)",
                           "ce devrait être un fichier du dossier, et c’est autre chose (un lien ?)"},
                          path.string());
    };
    for (const char* folder : {"tmp", "data", "data/exhibits", "keys", "timestamps"})
        TRY(check(folder, S_IFDIR));
    for (const char* file : {".lock", "bagit.txt", "bag-info.txt", "custody.jsonl", "custody.jsonl.minisig",
                             "manifest-sha256.txt", "tagmanifest-sha256.txt", "index.sqlite"})
        TRY(check(file, S_IFREG));
    return {};
}

// Whether `directory` holds nothing but what an interrupted `create` may have left: the lock, then tmp/ and
// the rest.
bool empty_enough(const fs::path& directory) {
    static const std::set<std::string> kOurs = {".lock",
                                                "tmp",
                                                "data",
                                                "data/exhibits",
                                                "bagit.txt",
                                                "bag-info.txt",
                                                ".bagit.txt.part",
                                                ".bag-info.txt.part",
                                                ".custody.jsonl.part"};
    std::error_code error;
    const bool interrupted = is_there(directory / kTmp);
    for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        const std::string name = it->path().lexically_relative(directory).generic_string();
        if (name != ".lock" && (!interrupted || !kOurs.contains(name))) return false;
    }
    return !error;
}

// For asking only. O_NONBLOCK: a pipe in its place must not stop us.
Fd open_lock(const fs::path& directory) {
    return Fd(::open((directory / ".lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

// Waits for the writers' lock, as LOCK_EX or LOCK_SH.
Status wait_for_lock(const Fd& fd, int how, const fs::path& directory) {
    const fs::path path = directory / ".lock";
    const auto deadline = std::chrono::steady_clock::now() + kLockWait;
    while (::flock(fd.get(), how | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return tl::unexpected(system_error(
                {"cannot lock this case", "impossible de verrouiller ce dossier d’enquête"}, path));
        if (std::chrono::steady_clock::now() > deadline) {
            char buffer[32] = {};
            const ssize_t got = ::pread(fd.get(), buffer, sizeof buffer - 1, 0);
            const std::string holder(buffer, got > 0 ? std::strspn(buffer, "0123456789") : 0);
            return fail({"another contrechamp (process " + holder + ") is writing to this case",
                         "un autre contrechamp (processus " + holder + ") écrit dans ce dossier d’enquête"},
                        directory.string(),
                        {"wait until it is done, then run the command again",
                         "attendez qu’il ait fini, puis relancez la commande"});
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
}

// Takes the writers' lock. The holder's process id stands in the file, for the message only.
Result<Fd> lock(const fs::path& directory) {
    const fs::path path = directory / ".lock";
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd.valid())
        return tl::unexpected(system_error(
            {"cannot write to this case", "impossible d’écrire dans ce dossier d’enquête"}, path));
    TRY(wait_for_lock(fd, LOCK_EX, directory));
    const std::string pid = std::to_string(::getpid());
    // Only for the message above; a full disk must not stop a writer here.
    [[maybe_unused]] const bool noted =
        ::ftruncate(fd.get(), 0) == 0 && ::pwrite(fd.get(), pid.data(), pid.size(), 0) > 0;
    return fd;
}

}  // namespace

struct Case::State {
    fs::path directory;
    Fd lock;  // valid while writing
    Fd log_file;
    CustodyLog log;
    std::vector<Exhibit> exhibits;
    std::set<std::string> stored;  // SHA-256 of every logged exhibit
    std::chrono::steady_clock::time_point checkpointed{};
    int parts = 0;
    bool half_line = false;   // a line could neither be written whole nor taken back
    bool unfinished = false;  // tmp/ holds work for the next run

    bool writing() const { return lock.valid(); }
    fs::path at(const fs::path& relative) const { return directory / relative; }

    void take_entries_from(std::size_t first) {
        for (std::size_t i = first; i < log.entries.size(); ++i) {
            const auto& entry = log.entries[i];
            if (entry.action != "exhibit-added") continue;
            exhibits.push_back(Exhibit::from_json(entry.body["exhibit"]));
            stored.insert(exhibits.back().sha256);
        }
    }

    Status load_log() {
        const std::string bytes = TRY(read_file(at(kLog), kMaxLogBytes));
        log = read_custody_log(bytes);
        take_entries_from(0);
        return {};
    }

    // Appends one line, whole or not at all.
    Status append(std::string_view action, json::Object fields) {
        assert(writing());
        const std::string line = next_log_line(log, action, std::move(fields));
        // Nothing may follow half a line.
        if (half_line && ::ftruncate(log_file.get(), static_cast<off_t>(log.whole_bytes)) != 0)
            return tl::unexpected(system_error(
                {"cannot repair the custody log", "impossible de réparer le journal de garde"}, at(kLog)));
        half_line = false;
        auto written = write_all(log_file.get(), line, at(kLog));
        if (written) written = sync(log_file.get(), at(kLog));
        if (!written) {
            // Take back what part of the line a full disk accepted. If that fails too, the torn line has no
            // end and the next run drops it.
            half_line = ::ftruncate(log_file.get(), static_cast<off_t>(log.whole_bytes)) != 0;
            unfinished |= half_line;
            return written;
        }
        const auto body = TRY(json::parse(line, "custody.jsonl"));
        log.entries.push_back({log.entries.size(), std::string(action), body,
                               sha256_hex(std::string_view(line).substr(0, line.size() - 1))});
        log.whole_bytes += line.size();
        take_entries_from(log.entries.size() - 1);
        return {};
    }

    // The manifests, derived from the log. Cheap to repeat, so not synced until close().
    Status checkpoint(bool durable) {
        TRY(write_manifests(directory, stored, durable));
        checkpointed = std::chrono::steady_clock::now();
        return {};
    }

    // From a finished, synced temporary file to a logged exhibit. The intent lets the next run finish the
    // job.
    Result<Exhibit> admit(const fs::path& part, Exhibit exhibit) {
        exhibit.acquired = exhibit.acquired.empty() ? to_rfc3339(now()) : exhibit.acquired;
        if (exhibit.uid < 0) exhibit.uid = static_cast<std::int64_t>(::getuid());
        const fs::path intent = at(kTmp / (exhibit.sha256 + ".intent"));
        json::Object plan{{"exhibit", exhibit.to_json()}, {"part", part.filename().string()}};
        TRY(replace_file(intent, json::canonical(plan), 0600));
        TRY(finish(part, intent, exhibit, false));
        if (stored.size() < kSmallCase || std::chrono::steady_clock::now() - checkpointed > kCheckpointEvery)
            TRY(checkpoint(false));
        return exhibit;
    }

    Status finish(const fs::path& part, const fs::path& intent, const Exhibit& exhibit, bool recovered) {
        const fs::path target = at(exhibit.path());
        bool moved = false;
        if (is_there(part)) {
            if (is_there(target)) {
                ::unlink(part.c_str());  // the same bytes are stored already
            } else {
                if (::rename(part.c_str(), target.c_str()) != 0)
                    return tl::unexpected(
                        system_error({"cannot store the exhibit", "impossible de ranger la pièce"}, target));
                moved = true;
            }
        }
        json::Object fields{{"exhibit", exhibit.to_json()}};
        if (recovered) fields["recovered"] = true;
        auto logged = moved ? sync_directory(at(kExhibits)) : Status();
        if (logged) logged = append("exhibit-added", std::move(fields));
        if (!logged) {
            // What is not logged must not stand among what is. If it cannot be taken back, the next run logs
            // it.
            unfinished |= !moved || ::rename(target.c_str(), part.c_str()) != 0;
            return logged;
        }
        ::unlink(intent.c_str());
        return {};
    }

    // Finishes what a cut-off run began: exhibits that were complete are logged, halves are dropped.
    Status recover() {
        std::vector<fs::path> intents;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(at(kTmp), error))
            if (entry.path().extension() == ".intent") intents.push_back(entry.path());
        std::sort(intents.begin(), intents.end());
        std::int64_t finished = 0;
        for (const auto& intent : intents) {
            const auto text = read_file(intent, 1 << 20);
            const auto plan = text ? json::parse(*text, intent.string()) : tl::unexpected(text.error());
            if (!plan) continue;  // cut off while being written: the exhibit was not renamed yet
            const Exhibit exhibit = Exhibit::from_json((*plan)["exhibit"]);
            const fs::path part = at(kTmp) / fs::path(std::string((*plan)["part"].string_or())).filename();
            const fs::path whole = is_there(at(exhibit.path())) ? at(exhibit.path()) : part;
            const auto digest =
                is_sha256(exhibit.sha256) ? digest_file(whole) : Result<FileDigest>(FileDigest{});
            if (!digest || digest->sha256 != exhibit.sha256) continue;
            // Killed after logging and before removing the intent: nothing is left to do.
            if (std::find_if(exhibits.begin(), exhibits.end(), [&](const Exhibit& e) {
                    return e.to_json() == exhibit.to_json();
                }) != exhibits.end())
                continue;
            TRY(finish(part, intent, exhibit, true));
            ++finished;
        }
        TRY(append("recovered", {{"finished", finished}, {"torn", log.torn}}));
        log.torn = false;
        // What is left are halves; under their names this run may want to write.
        std::vector<fs::path> halves;
        for (const auto& entry : fs::directory_iterator(at(kTmp), error)) halves.push_back(entry.path());
        // And files that were to replace another (replace_file), wherever they stood.
        for (const char* folder : {".", "keys", "timestamps"})
            for (const auto& entry : fs::directory_iterator(at(folder), error))
                if (is_half_written(entry.path().filename().string())) halves.push_back(entry.path());
        for (const auto& half : halves) fs::remove_all(half, error);
        return {};
    }
};

Case::Case(std::unique_ptr<State> state) : state_(std::move(state)) {}
Case::Case(Case&&) noexcept = default;
Case& Case::operator=(Case&&) noexcept = default;
Case::~Case() {
    if (state_ && state_->writing()) (void)close(nullptr);
}

json::Object Exhibit::to_json() const {
    json::Object out{{"sha256", sha256},       {"size", size},         {"type", type}, {"origin", origin},
                     {"collector", collector}, {"acquired", acquired}, {"uid", uid}};
    if (!note.empty()) out["note"] = note;
    return out;
}

Exhibit Exhibit::from_json(const json::Value& value) {
    Exhibit out;
    out.sha256 = value["sha256"].string_or();
    out.size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value["size"].int_or(0)));
    out.type = value["type"].string_or();
    out.origin = value["origin"].string_or();
    out.collector = value["collector"].string_or();
    out.acquired = value["acquired"].string_or();
    out.uid = value["uid"].int_or(0);
    out.note = value["note"].string_or();
    return out;
}

bool Case::is_case(const fs::path& directory) { return is_there(directory / kLog); }

bool Case::was_interrupted(const fs::path& directory) {
    if (!is_there(directory / kTmp)) return false;
    // A lock that is held means somebody is writing now. Read-only media hold no lock.
    const Fd fd(open_lock(directory));
    return !fd.valid() || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0;
}

Status Case::wait_for_writer(const fs::path& directory) {
    const Fd fd(open_lock(directory));
    if (!fd.valid() || !is_there(directory / kTmp)) return {};
    return wait_for_lock(fd, LOCK_SH, directory);
}

Result<Case> Case::create(const fs::path& directory) {
    std::error_code error;
    const auto taken = [&] {
        if (is_case(directory))
            return fail({"there is a case here already", "un dossier d’enquête existe déjà ici"},
                        directory.string(),
                        {"name another folder, or add to this case",
                         "choisissez un autre dossier, ou complétez celui-ci"});
        return fail(
            {"the folder is not empty", "le dossier n’est pas vide"}, directory.string(),
            {"name a folder that does not exist yet", "choisissez un dossier qui n’existe pas encore"});
    };
    if (is_there(directory)) {
        if (!fs::is_directory(directory, error))
            return fail({"this is not a folder", "ce n’est pas un dossier"}, directory.string());
        if (!empty_enough(directory)) return taken();
    } else {
        if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
        TRY(make_directory(directory));
    }
    auto state = std::make_unique<State>();
    state->directory = directory;
    state->lock = TRY(lock(directory));
    // Somebody else may have made it while we waited for the lock.
    if (!empty_enough(directory)) return taken();
    TRY(make_directory(state->at(kTmp)));
    TRY(make_directory(state->at("data")));
    TRY(make_directory(state->at(kExhibits)));
    const std::string id = new_uuid();
    TRY(replace_file(state->at("bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    TRY(replace_file(state->at("bag-info.txt"), "External-Identifier: urn:uuid:" + id +
                                                    "\nBagging-Date: " + to_rfc3339(now()).substr(0, 10) +
                                                    "\nBag-Software-Agent: " + tool_name() + "\n"));
    const std::string first = next_log_line(state->log, "case-created", {{"case", id}});
    TRY(replace_file(state->at(kLog), first));
    TRY(state->load_log());
    state->log_file = Fd(::open(state->at(kLog).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!state->log_file.valid())
        return tl::unexpected(system_error(
            {"cannot write the custody log", "impossible d’écrire le journal de garde"}, state->at(kLog)));
    TRY(state->checkpoint(true));
    return Case(std::move(state));
}

Result<Case> Case::open(const fs::path& directory, Mode mode) {
    std::error_code denied;
    if (!fs::exists(directory / kLog, denied) && denied == std::errc::permission_denied)
        return tl::unexpected(system_error(
            {"this folder cannot be looked into", "ce dossier ne peut pas être ouvert"}, directory, EACCES));
    if (!is_case(directory))
        return fail({"this is not a case: it has no custody.jsonl",
                     "ce n’est pas un dossier d’enquête : custody.jsonl manque"},
                    directory.string(),
                    {"name the folder that `contrechamp scan` or `case new` printed",
                     "indiquez le dossier affiché par `contrechamp scan` ou `case new`"});
    TRY(refuse_disguises(directory));
    auto state = std::make_unique<State>();
    state->directory = directory;
    if (mode == Mode::read) {
        TRY(state->load_log());
        return Case(std::move(state));
    }
    state->lock = TRY(lock(directory));
    TRY(state->load_log());
    if (!state->log.problems.empty()) {
        const auto& problem = state->log.problems.front();
        return fail(
            {"the custody log is damaged: " + problem.what.en,
             "le journal de garde est endommagé : " + problem.what.fr},
            state->at(kLog).string() + ":" + std::to_string(problem.line),
            {"nothing is written to a damaged case; run `contrechamp verify` to see all of it",
             "on n’écrit pas dans un dossier endommagé ; lancez `contrechamp verify` pour tout voir"});
    }
    state->log_file = Fd(::open(state->at(kLog).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!state->log_file.valid())
        return tl::unexpected(system_error(
            {"cannot write the custody log", "impossible d’écrire le journal de garde"}, state->at(kLog)));
    if (state->log.torn &&
        ::ftruncate(state->log_file.get(), static_cast<off_t>(state->log.whole_bytes)) != 0)
        return tl::unexpected(system_error(
            {"cannot repair the custody log", "impossible de réparer le journal de garde"}, state->at(kLog)));
    const bool interrupted = is_there(state->at(kTmp));
    TRY(make_directory(state->at(kTmp)));
    TRY(make_directory(state->at("data")));
    TRY(make_directory(state->at(kExhibits)));
    if (interrupted || state->log.torn) {
        TRY(state->recover());
        TRY(state->checkpoint(true));
    }
    return Case(std::move(state));
}

const fs::path& Case::directory() const { return state_->directory; }
const CustodyLog& Case::log() const { return state_->log; }
const std::vector<Exhibit>& Case::exhibits() const { return state_->exhibits; }

std::string Case::id() const {
    return state_->log.entries.empty() ? std::string()
                                       : std::string(state_->log.entries[0].body["case"].string_or());
}

Result<Exhibit> Case::add_bytes(std::string_view bytes, Exhibit about) {
    assert(state_->writing());
    about.sha256 = sha256_hex(bytes);
    about.size = bytes.size();
    const fs::path part = state_->at(kTmp / (about.sha256 + ".part"));
    ::unlink(part.c_str());
    if (!state_->stored.contains(about.sha256)) TRY(replace_file(part, bytes, 0400));
    return state_->admit(part, std::move(about));
}

Result<Exhibit> Case::add_file(const fs::path& source, Exhibit about) {
    return add_opened(TRY(open_regular(source)), source, std::move(about));
}

Result<Exhibit> Case::add_opened(const Fd& opened, const fs::path& source, Exhibit about, TypeOf type_of) {
    assert(state_->writing());
    const fs::path part = state_->at(kTmp / ("incoming-" + std::to_string(state_->parts++) + ".part"));
    const auto copied = TRY(copy_and_digest(opened, source, part));
    about.sha256 = copied.sha256;
    about.size = copied.size;
    // Of the copy, which nobody changes: the source may be cut short under our eyes.
    if (type_of) about.type = type_of(TRY(MappedFile::open(part)).bytes());
    return state_->admit(part, std::move(about));
}

Result<MappedFile> Case::read(const Exhibit& exhibit) const {
    return MappedFile::open(state_->at(exhibit.path()));
}

Status Case::record(std::string_view action, json::Object fields) {
    return state_->append(action, std::move(fields));
}

Status Case::write_tag_file(const std::string& relative_path, std::string_view bytes) {
    assert(state_->writing());
    const fs::path path = state_->at(relative_path);
    if (path.has_parent_path()) TRY(make_directory(path.parent_path()));
    TRY(replace_file(path, bytes));
    return state_->checkpoint(true);
}

Status Case::sign(const Signer& signer) {
    const auto& key = signer.public_key();
    TRY(write_tag_file("keys/" + key.id + ".pub", key.file_text()));
    const std::string bytes = TRY(read_file(state_->at(kLog), kMaxLogBytes));
    const std::string comment = "case " + id() + " entries " + std::to_string(state_->log.entries.size()) +
                                " head " + state_->log.head() + " signed " + to_rfc3339(now());
    return replace_file(state_->at(kSignature), signer.sign(bytes, comment));
}

Status Case::close(const Signer* signer) {
    assert(state_->writing());
    if (signer) {
        // A key without its signature is what a cut-off run leaves; it must not pass for one that was taken
        // away.
        if (auto done = sign(*signer); !done) {
            state_->unfinished = true;
            return done;
        }
    }
    TRY(state_->checkpoint(true));
    std::error_code error;
    if (!state_->unfinished) fs::remove_all(state_->at(kTmp), error);
    state_->lock = Fd();
    return {};
}

std::string default_case_name() { return std::string(kDefaultCasePrefix) + to_compact(now()); }

}  // namespace contrechamp
