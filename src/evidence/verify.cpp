#include "evidence/verify.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/escape.h"
#include "base/hash.h"
#include "evidence/bag.h"
#include "evidence/case.h"
#include "evidence/timestamp.h"

namespace contrechamp {
namespace {

using State = VerifyItem::State;

// Details name paths and values from the case; a person reads them on a terminal.
Text naming(std::string_view name, Text what) {
    const std::string safe = for_terminal(name);
    return {safe + ": " + what.en, safe + " : " + what.fr};
}

std::string counted(std::size_t n, const char* one, const char* many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

VerifyItem item(const char* check, std::vector<Text> details, Text when_ok) {
    const auto n = details.size();
    if (details.empty()) return {check, State::ok, std::move(when_ok), {}};
    return {check,
            State::different,
            {counted(n, "difference", "differences"), counted(n, "différence", "différences")},
            std::move(details)};
}

Text of_error(const Error& error) { return naming(error.where, error.what); }

// Files that lie in the folder and belong to nothing: somebody's own notes, or something put there to be
// taken for a part of the case. Reports are judged elsewhere (cli/verify.cpp).
std::vector<Text> strangers(const fs::path& directory, const CustodyLog& log, bool unfinished) {
    std::set<std::string> ours = {
        ".lock",      "bag-info.txt", "bagit.txt", "custody.jsonl",       "custody.jsonl.minisig",
        "data",       "index.sqlite", "keys",      "manifest-sha256.txt", "tagmanifest-sha256.txt",
        "timestamps", "tmp"};
    for (const auto& entry : log.entries)
        if (entry.action == "report-written") ours.emplace(entry.body["path"].string_or());
    std::vector<Text> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        const std::string name = entry.path().filename().string();
        // Readers make an index each, under a name of their own.
        const bool index = name.starts_with("index.sqlite.part-");
        if (!ours.contains(name) && !index && !(unfinished && is_half_written(name)))
            out.push_back(naming(name, {"lies in the folder, but is no part of the case",
                                        "se trouve là, mais ne fait pas partie du dossier"}));
    }
    std::sort(out.begin(), out.end(), [](const Text& a, const Text& b) { return a.en < b.en; });
    return out;
}

VerifyItem check_bag(const fs::path& directory, const std::string& id, const CustodyLog& log,
                     bool unfinished) {
    std::vector<Text> bad;
    const auto text = read_file(directory / "bagit.txt", 4096);
    if (!text) bad.push_back(of_error(text.error()));
    else if (!text->starts_with("BagIt-Version: 1.0\n"))
        bad.push_back(naming("bagit.txt", {"not a BagIt 1.0 declaration", "pas une déclaration BagIt 1.0"}));
    const auto info = read_file(directory / "bag-info.txt", 1 << 20);
    if (!info) bad.push_back(of_error(info.error()));
    else if (info->find("External-Identifier: urn:uuid:" + id + "\n") == std::string::npos)
        bad.push_back(
            naming("bag-info.txt", {"not of this case (" + id + ")", "pas de ce dossier (" + id + ")"}));
    auto out = item("bag", std::move(bad), {"BagIt 1.0", "BagIt 1.0"});
    if (out.state == State::ok) out.details = strangers(directory, log, unfinished);
    if (!out.details.empty() && out.state == State::ok) out.state = State::note;
    return out;
}

// Re-hashes what a manifest lists. Fills `listed`.
void check_listed(const fs::path& directory, const char* manifest, std::map<std::string, std::string>& listed,
                  std::vector<Text>& bad) {
    const auto lines = read_manifest(directory / manifest);
    if (!lines) {
        bad.push_back(of_error(lines.error()));
        return;
    }
    for (const auto& line : *lines) {
        if (!listed.emplace(line.path, line.sha256).second)
            bad.push_back(naming(line.path, {"listed twice", "inscrit deux fois"}));
        const auto digest = digest_file(directory / line.path);
        if (!digest) bad.push_back(naming(line.path, digest.error().what));
        else if (digest->sha256 != line.sha256)
            bad.push_back(naming(
                line.path, {"its SHA-256 is " + digest->sha256 + ", the manifest says " + line.sha256,
                            "son SHA-256 est " + digest->sha256 + ", le manifeste dit " + line.sha256}));
    }
}

// Files below data/ that are not in `listed`.
std::vector<Text> unlisted(const fs::path& directory, const std::map<std::string, std::string>& listed) {
    std::vector<Text> bad;
    std::error_code error;
    for (fs::recursive_directory_iterator it(directory / "data", error), end; it != end;
         it.increment(error)) {
        if (error) break;
        // By its name: fs::relative would name what a link leads to.
        const std::string path = it->path().lexically_relative(directory).generic_string();
        if (it->is_symlink())
            bad.push_back(naming(path, {"a symbolic link, which no exhibit is",
                                        "un lien symbolique : aucune pièce n’en est un"}));
        else if (!it->is_directory() && !listed.contains(path))
            bad.push_back(
                naming(path, {"present, but in no manifest", "présent, mais dans aucun manifeste"}));
    }
    if (error) bad.push_back(naming("data", errno_text(error.value())));
    return bad;
}

VerifyItem check_manifest(const fs::path& directory, std::map<std::string, std::string>& listed) {
    std::vector<Text> bad;
    check_listed(directory, "manifest-sha256.txt", listed, bad);
    for (auto& text : unlisted(directory, listed)) bad.push_back(std::move(text));
    return item("manifest", std::move(bad),
                {counted(listed.size(), "exhibit", "exhibits") + " re-hashed (SHA-256)",
                 counted(listed.size(), "pièce relue", "pièces relues") + " (SHA-256)"});
}

VerifyItem check_tags(const fs::path& directory) {
    std::vector<Text> bad;
    std::map<std::string, std::string> listed;
    check_listed(directory, "tagmanifest-sha256.txt", listed, bad);
    for (const char* needed : {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"})
        if (!listed.contains(needed))
            bad.push_back(naming(needed, {"not in the tag manifest", "absent du manifeste des étiquettes"}));
    for (const char* folder : {"keys", "timestamps"}) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(directory / folder, error)) {
            const std::string path = folder + ("/" + entry.path().filename().string());
            if (!listed.contains(path))
                bad.push_back(
                    naming(path, {"present, but in no manifest", "présent, mais dans aucun manifeste"}));
        }
    }
    return item("tag-manifest", std::move(bad),
                {counted(listed.size(), "file", "files") + " re-hashed",
                 counted(listed.size(), "fichier relu", "fichiers relus")});
}

// The same of a case whose last run was cut off and whose work cannot be finished here (a read-only or full
// disk). The manifests lag behind then, which is no sign of tampering; the log already says what each exhibit
// is.
VerifyItem check_against_log(const fs::path& directory, const std::vector<Exhibit>& exhibits,
                             std::map<std::string, std::string>& listed) {
    std::vector<Text> bad;
    for (const auto& exhibit : exhibits) {
        if (!is_sha256(exhibit.sha256) || !listed.emplace(exhibit.path(), exhibit.sha256).second) continue;
        const auto digest = digest_file(directory / exhibit.path());
        if (!digest) bad.push_back(naming(exhibit.path(), digest.error().what));
        else if (digest->sha256 != exhibit.sha256)
            bad.push_back(naming(exhibit.path(),
                                 {"its SHA-256 is " + digest->sha256, "son SHA-256 est " + digest->sha256}));
    }
    auto out =
        item("manifest", std::move(bad),
             {counted(listed.size(), "exhibit", "exhibits") +
                  " re-hashed against the log: a run was cut off before it wrote the manifest",
              counted(listed.size(), "pièce relue", "pièces relues") +
                  " d’après le journal : une exécution a été interrompue avant d’écrire le manifeste"});
    if (out.state == State::ok) {
        out.state = State::note;
        out.details = unlisted(directory, listed);
    }
    return out;
}

// What a cut-off run explains is worth a note, not an alarm.
VerifyItem excused(VerifyItem item) {
    if (item.state == State::different) {
        item.state = State::note;
        item.summary = {"not up to date: a run was cut off here",
                        "pas à jour : une exécution a été interrompue ici"};
    }
    return item;
}

VerifyItem check_chain(const CustodyLog& log, bool unfinished) {
    std::vector<Text> bad;
    for (const auto& problem : log.problems)
        bad.push_back(naming("custody.jsonl:" + std::to_string(problem.line), problem.what));
    if (log.torn && !unfinished)
        bad.push_back(
            naming("custody.jsonl", {"the last line is cut off", "la dernière ligne est tronquée"}));
    if (log.entries.empty() || log.entries.front().action != "case-created")
        bad.push_back(naming("custody.jsonl:1", {"the first entry does not create the case",
                                                 "la première entrée ne crée pas le dossier"}));
    return item("chain", std::move(bad),
                {counted(log.entries.size(), "entry", "entries") + ", head " + log.head(),
                 counted(log.entries.size(), "entrée", "entrées") + ", tête " + log.head()});
}

VerifyItem check_exhibits(const fs::path& directory, const std::vector<Exhibit>& exhibits,
                          const std::map<std::string, std::string>& listed) {
    std::vector<Text> bad;
    std::map<std::string, bool> logged;
    for (const auto& exhibit : exhibits) {
        if (!is_sha256(exhibit.sha256)) {
            bad.push_back(naming(exhibit.sha256, {"not a SHA-256", "pas un SHA-256"}));
            continue;
        }
        logged[exhibit.path()] = true;
        std::error_code error;
        const auto size = fs::file_size(directory / exhibit.path(), error);
        if (error)
            bad.push_back(naming(
                exhibit.path(),
                {"in the custody log, but not there (came from " + for_terminal(exhibit.origin) + ")",
                 "au journal de garde, mais absent (venait de " + for_terminal(exhibit.origin) + ")"}));
        else if (size != exhibit.size)
            bad.push_back(naming(
                exhibit.path(),
                {"has " + std::to_string(size) + " bytes, the log says " + std::to_string(exhibit.size),
                 "compte " + std::to_string(size) + " octets, le journal dit " +
                     std::to_string(exhibit.size)}));
        if (!listed.contains(exhibit.path()))
            bad.push_back(naming(exhibit.path(), {"in the custody log, but not in the manifest",
                                                  "au journal de garde, mais pas au manifeste"}));
    }
    for (const auto& [path, sha256] : listed)
        if (!logged.contains(path))
            bad.push_back(
                naming(path, {"in the manifest, but never logged", "au manifeste, mais jamais consigné"}));
    return item("exhibits", std::move(bad),
                {"the log and the manifest agree", "le journal et le manifeste concordent"});
}

// What a signature says it is over, in its trusted comment: "case ID entries N head HASH signed TIME".
struct Claim {
    std::string id, head;
    std::uint64_t entries = 0;
};

std::optional<Claim> claim_of(std::string_view comment) {
    Claim out;
    std::map<std::string, std::string> said;
    std::istringstream words{std::string(comment)};
    for (std::string name, value; words >> name >> value;) said.emplace(name, value);
    out.id = said["case"];
    out.head = said["head"];
    const auto& entries = said["entries"];
    const auto [end, error] = std::from_chars(entries.data(), entries.data() + entries.size(), out.entries);
    if (error != std::errc{} || end != entries.data() + entries.size() || out.entries == 0)
        return std::nullopt;
    return out;
}

// The first `entries` whole lines of the log; all of it when it has fewer.
std::string_view first_lines(std::string_view log, std::uint64_t entries) {
    std::size_t end = 0;
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto newline = log.find('\n', end);
        if (newline == std::string_view::npos) return log;
        end = newline + 1;
    }
    return log.substr(0, end);
}

VerifyItem check_signature_of(const fs::path& directory, const std::string& id, std::string_view log_bytes,
                              const CustodyLog& log, const VerifyOptions& options, bool unfinished) {
    const fs::path file = directory / "custody.jsonl.minisig";
    const auto minisig = read_file(file, 8192);
    const auto different = [](Error error) {
        return VerifyItem{"signature", State::different, {"1 difference", "1 différence"}, {of_error(error)}};
    };
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        if (options.key)
            return different(
                {{"there is no signature", "il n’y a pas de signature"}, "custody.jsonl.minisig"});
        // Signed cases hold their signer's key.
        if (!unfinished && !fs::is_empty(directory / "keys", ignored) && !ignored)
            return different({{"there is a signing key here but no signature: somebody took it away",
                               "une clé de signature est là, mais pas de signature : quelqu’un l’a retirée"},
                              "custody.jsonl.minisig"});
        return {"signature", State::note, {"not signed", "non signé"}, {}};
    }
    if (!minisig) return different(minisig.error());
    const auto peeked = peek_signature(*minisig, "custody.jsonl.minisig");
    if (!peeked) return different(peeked.error());
    const fs::path key_file = options.key.value_or(directory / "keys" / (peeked->key_id + ".pub"));
    const auto key_text = read_file(key_file, 4096);
    if (!key_text) return different(key_text.error());
    const auto key = PublicKey::parse(*key_text, key_file.string());
    if (!key) return different(key.error());
    const auto claim = claim_of(peeked->trusted_comment);
    if (!claim)
        return different({{"its trusted comment does not say what it signs",
                           "son commentaire signé ne dit pas ce qu’elle signe"},
                          "custody.jsonl.minisig"});
    const auto checked =
        check_signature(*minisig, first_lines(log_bytes, claim->entries), *key, "custody.jsonl.minisig");
    if (!checked) return different(checked.error());
    if (claim->id != id || claim->entries > log.entries.size() ||
        claim->head != log.entries[claim->entries - 1].hash)
        return different(
            {{"it signs another case than this log's", "elle signe un autre dossier que ce journal"},
             "custody.jsonl.minisig"});

    VerifyItem out{"signature", State::ok, {"signed by key " + key->id, "signé par la clé " + key->id}, {}};
    if (!options.key) {
        // Whoever alters a case can sign it again with a key of their own.
        out.state = State::note;
        out.details.push_back(
            {"the key comes from the case itself: ask its holder for it another way, then use --key",
             "la clé vient du dossier lui-même : demandez-la à son titulaire par un autre moyen, puis "
             "utilisez --key"});
    }
    if (claim->entries < log.entries.size()) {
        // Whoever asks for this key's word must not be given what the key never signed.
        out.state = options.key ? State::different : State::note;
        const auto n = log.entries.size() - claim->entries;
        out.details.push_back(
            {"the last " + counted(n, "entry is", "entries are") +
                 " not signed yet (an interrupted run, or a run without a key)",
             "les " + std::to_string(n) +
                 " dernières entrées ne sont pas encore signées (exécution interrompue, ou sans clé)"});
    }
    return out;
}

VerifyItem check_timestamps(const fs::path& directory, const CustodyLog& log, const VerifyOptions& options) {
    std::vector<Text> bad, good;
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(directory / "timestamps", error))
        if (entry.path().extension() == ".tsr") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        const std::string name = "timestamps/" + file.filename().string();
        const auto der = read_file(file, 1 << 20);
        const auto token =
            der ? read_timestamp(*der, name, options.authorities) : tl::unexpected(der.error());
        if (!token) {
            bad.push_back(of_error(token.error()));
            continue;
        }
        const auto entry = std::find_if(log.entries.begin(), log.entries.end(),
                                        [&](const LogEntry& e) { return e.hash == token->sha256; });
        if (!token->intact)
            bad.push_back(
                naming(name, {"its own signature does not hold", "sa propre signature ne tient pas"}));
        if (entry == log.entries.end()) {
            bad.push_back(
                naming(name, {"stamps " + token->sha256 + ", which no entry of the log has",
                              "horodate " + token->sha256 + ", qu’aucune entrée du journal ne porte"}));
        } else if (options.authorities && !token->trusted) {
            bad.push_back(naming(name, {"the authority's certificate does not lead to the given roots",
                                        "le certificat de l’autorité ne mène pas aux racines données"}));
        } else {
            const std::string number = std::to_string(entry->sequence);
            good.push_back(
                naming(name, {"entry " + number + " existed at " + token->time + ", says " +
                                  for_terminal(token->authority) +
                                  (token->trusted ? "" : " (authority not checked: give --tsa-ca)"),
                              "l’entrée " + number + " existait le " + token->time + ", selon " +
                                  for_terminal(token->authority) +
                                  (token->trusted ? "" : " (autorité non vérifiée : donnez --tsa-ca)")}));
        }
    }
    for (const auto& entry : log.entries) {
        if (entry.action != "timestamp-imported") continue;
        const auto path = entry.body["path"].string_or();
        if (std::none_of(files.begin(), files.end(), [&](const fs::path& file) {
                return path == "timestamps/" + file.filename().string();
            }))
            bad.push_back(
                naming(path, {"in the custody log, but not there", "au journal de garde, mais absent"}));
    }
    auto out = item("timestamps", std::move(bad),
                    {counted(files.size(), "timestamp", "timestamps"),
                     counted(files.size(), "horodatage", "horodatages")});
    if (out.state == State::ok) {
        out.details = std::move(good);
        if (files.empty()) out = {"timestamps", State::note, {"no timestamp", "pas d’horodatage"}, {}};
    }
    return out;
}

}  // namespace

Result<std::vector<VerifyItem>> verify_bytes(const fs::path& directory, const VerifyOptions& options) {
    const auto opened = TRY(Case::open(directory, Case::Mode::read));
    const std::string log_bytes = TRY(read_file(directory / "custody.jsonl", std::uint64_t{1} << 32));
    std::map<std::string, std::string> listed;
    std::vector<VerifyItem> out;
    const bool unfinished = Case::was_interrupted(directory);
    out.push_back(check_bag(directory, opened.id(), opened.log(), unfinished));
    out.push_back(unfinished ? check_against_log(directory, opened.exhibits(), listed)
                             : check_manifest(directory, listed));
    out.push_back(unfinished ? excused(check_tags(directory)) : check_tags(directory));
    out.push_back(check_chain(opened.log(), unfinished));
    out.push_back(check_exhibits(directory, opened.exhibits(), listed));
    out.push_back(check_signature_of(directory, opened.id(), log_bytes, opened.log(), options, unfinished));
    out.push_back(check_timestamps(directory, opened.log(), options));
    return out;
}

}  // namespace contrechamp
