#include "evidence/case.h"

#include <sys/stat.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/hash.h"
#include "evidence/bag.h"
#include "evidence/verify.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

Exhibit about(std::string origin, std::string note = "") {
    Exhibit out;
    out.type = "test";
    out.origin = std::move(origin);
    out.collector = "unit-test";
    out.note = std::move(note);
    return out;
}

// Nothing differs: what a whole case looks like.
void expect_whole(const fs::path& directory) {
    const auto items = verify_bytes(directory, {});
    ASSERT_OK(items);
    for (const auto& item : *items) {
        EXPECT_NE(item.state, VerifyItem::State::different) << item.check;
        for (const auto& detail : item.details)
            if (item.state == VerifyItem::State::different) ADD_FAILURE() << detail.en;
    }
}

class CaseTest : public ::testing::Test {
  protected:
    TemporaryFolder folder;
    const fs::path directory = folder / "case";

    // A closed case with two exhibits.
    void make() {
        auto made = Case::create(directory);
        ASSERT_OK(made);
        ASSERT_OK(made->add_bytes("first", about("one")));
        ASSERT_OK(made->add_bytes("second", about("two", "agreed on 23 Nov")));
        ASSERT_OK(made->close(nullptr));
    }
};

TEST_F(CaseTest, ANewCaseIsABag) {
    {
        auto made = Case::create(directory);
        ASSERT_OK(made);
        EXPECT_TRUE(fs::exists(directory / "tmp")) << "stands while somebody writes";
        ASSERT_OK(made->close(nullptr));
    }
    EXPECT_FALSE(fs::exists(directory / "tmp"));
    EXPECT_EQ(get(directory / "bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    EXPECT_TRUE(Case::is_case(directory));
    EXPECT_FALSE(Case::was_interrupted(directory));
    expect_whole(directory);
    const auto opened = Case::open(directory, Case::Mode::read);
    ASSERT_OK(opened);
    EXPECT_EQ(opened->id().size(), 36u);
    EXPECT_NE(get(directory / "bag-info.txt").find("urn:uuid:" + opened->id()), std::string::npos);
    EXPECT_EQ(opened->log().entries.size(), 1u);
}

TEST_F(CaseTest, ExhibitsAreStoredOnceAndLoggedEachTime) {
    auto made = Case::create(directory);
    ASSERT_OK(made);
    const auto first = made->add_bytes("same", about("one"));
    ASSERT_OK(first);
    const auto second = made->add_bytes("same", about("two"));
    ASSERT_OK(second);
    put(folder / "file", "same");
    ASSERT_OK(made->add_file(folder / "file", about("three")));
    put(folder / "empty", "");
    ASSERT_OK(made->add_file(folder / "empty", about("nothing")));
    ASSERT_OK(made->close(nullptr));
    EXPECT_EQ(first->sha256, sha256_hex("same"));
    EXPECT_EQ(get(directory / first->path()), "same");
    EXPECT_EQ(std::distance(fs::directory_iterator(directory / "data/exhibits"), fs::directory_iterator()),
              2);
    const auto opened = Case::open(directory, Case::Mode::read);
    ASSERT_OK(opened);
    ASSERT_EQ(opened->exhibits().size(), 4u);
    EXPECT_EQ(opened->exhibits()[2].origin, "three");
    EXPECT_EQ(opened->exhibits()[3].size, 0u);
    EXPECT_EQ(opened->read(opened->exhibits()[0])->bytes(), "same");
    EXPECT_EQ(read_manifest(directory / "manifest-sha256.txt")->size(), 2u);
    struct stat info {};
    ASSERT_EQ(::stat((directory / first->path()).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0400u) << "an exhibit is not written to again";
    expect_whole(directory);
}

TEST_F(CaseTest, AnExhibitEntryReadsBack) {
    make();
    const auto opened = Case::open(directory, Case::Mode::read);
    ASSERT_OK(opened);
    for (const auto& exhibit : opened->exhibits())
        EXPECT_EQ(Exhibit::from_json(exhibit.to_json()).to_json(), exhibit.to_json());
    EXPECT_EQ(opened->exhibits()[1].note, "agreed on 23 Nov");
    EXPECT_FALSE(opened->exhibits()[0].to_json().contains("note"));
    EXPECT_EQ(opened->exhibits()[0].uid, static_cast<std::int64_t>(::getuid()));
}

TEST_F(CaseTest, FilesThatCannotBeAddedChangeNothing) {
    auto made = Case::create(directory);
    ASSERT_OK(made);
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    for (const fs::path& path : {folder / "missing", folder / "fifo", folder.path(), fs::path("/dev/null")}) {
        const auto added = made->add_file(path, about("x"));
        ASSERT_FALSE(added.has_value()) << path;
        EXPECT_EQ(added.error().where, path.string());
    }
    ASSERT_OK(made->add_bytes("fine", about("after")));
    ASSERT_OK(made->close(nullptr));
    EXPECT_EQ(Case::open(directory, Case::Mode::read)->exhibits().size(), 1u);
    expect_whole(directory);
}

TEST_F(CaseTest, CreateRefusesWhatIsNotEmpty) {
    make();
    const auto again = Case::create(directory);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().where, directory.string());
    EXPECT_FALSE(again.error().todo.empty());
    put(folder / "other/mine.txt", "mine");
    EXPECT_FALSE(Case::create(folder / "other").has_value());
    put(folder / "file", "x");
    EXPECT_FALSE(Case::create(folder / "file").has_value());
    fs::create_directory(folder / "empty");
    EXPECT_OK(Case::create(folder / "empty"));
    EXPECT_OK(Case::create(folder / "new/below/deeper"));
    // Somebody's own folder that happens to hold folders called tmp and data.
    put(folder / "theirs/tmp/work.txt", "x");
    put(folder / "theirs/data/letters.txt", "y");
    EXPECT_FALSE(Case::create(folder / "theirs").has_value());
    EXPECT_FALSE(fs::exists(folder / "theirs/bagit.txt"));
    put(folder / "theirs2/data/exhibits/letters.txt", "y");
    fs::create_directory(folder / "theirs2/tmp");
    EXPECT_FALSE(Case::create(folder / "theirs2").has_value());
}

// Every state that a killed `create` can leave behind can be created in again.
TEST_F(CaseTest, CreateGoesOnAfterAnInterruptedOne) {
    const std::vector<std::string> steps = {".lock",
                                            "tmp/",
                                            "data/",
                                            "data/exhibits/",
                                            ".bagit.txt.part",
                                            "bagit.txt",
                                            ".bag-info.txt.part",
                                            "bag-info.txt",
                                            ".custody.jsonl.part"};
    for (std::size_t count = 0; count <= steps.size(); ++count) {
        const fs::path place = folder / ("case" + std::to_string(count));
        fs::create_directory(place);
        for (std::size_t i = 0; i < count; ++i) {
            if (steps[i].ends_with('/')) fs::create_directory(place / steps[i]);
            else put(place / steps[i], "half");
        }
        auto made = Case::create(place);
        ASSERT_OK(made);
        ASSERT_OK(made->add_bytes("x", about("x")));
        ASSERT_OK(made->close(nullptr));
        expect_whole(place);
    }
}

TEST_F(CaseTest, OpenRefusesWhatIsNoCase) {
    for (const fs::path& path : {folder / "missing", folder.path()}) {
        for (auto mode : {Case::Mode::read, Case::Mode::write}) {
            const auto opened = Case::open(path, mode);
            ASSERT_FALSE(opened.has_value());
            EXPECT_EQ(opened.error().where, path.string());
        }
    }
}

TEST_F(CaseTest, ReadingChangesNothing) {
    make();
    const auto listing = [&] {
        return run("cd " + directory.string() +
                   " && find . -printf '%p %s %T@ %m\\n' | sort && cat custody.jsonl manifest-sha256.txt "
                   "tagmanifest-sha256.txt")
            .out;
    };
    const auto before = listing();
    {
        const auto opened = Case::open(directory, Case::Mode::read);
        ASSERT_OK(opened);
        EXPECT_EQ(opened->exhibits().size(), 2u);
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(CaseTest, AnUnclosedCaseIsClosedByItsEnd) {
    {
        auto made = Case::create(directory);
        ASSERT_OK(made);
        ASSERT_OK(made->add_bytes("x", about("x")));
    }
    EXPECT_FALSE(fs::exists(directory / "tmp"));
    expect_whole(directory);
}

TEST_F(CaseTest, WritersFollowEachOther) {
    make();
    auto first = Case::open(directory, Case::Mode::write);
    ASSERT_OK(first);
    EXPECT_FALSE(Case::was_interrupted(directory)) << "somebody is writing: nothing was cut off";
    std::atomic<bool> closed = false;
    std::thread second([&] {
        auto opened = Case::open(directory, Case::Mode::write);
        ASSERT_OK(opened);
        EXPECT_TRUE(closed) << "two writers at once";
        ASSERT_OK(opened->add_bytes("from the second", about("second")));
        ASSERT_OK(opened->close(nullptr));
    });
    ASSERT_OK(first->add_bytes("from the first", about("first")));
    closed = true;
    ASSERT_OK(first->close(nullptr));
    second.join();
    EXPECT_EQ(Case::open(directory, Case::Mode::read)->exhibits().size(), 4u);
    expect_whole(directory);
}

// Two that make the same case at once: one makes it, and nothing of its is lost.
TEST_F(CaseTest, OneOfTwoCreatorsWins) {
    for (int round = 0; round < 8; ++round) {
        const fs::path place = folder / ("race" + std::to_string(round));
        std::atomic<int> made = 0, started = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i)
            threads.emplace_back([&, i] {
                ++started;
                while (started < 2) std::this_thread::yield();
                auto created = Case::create(place);
                if (!created) return;
                ++made;
                EXPECT_OK(created->add_bytes("by " + std::to_string(i), about("x")));
                EXPECT_OK(created->close(nullptr));
            });
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(made, 1);
        const auto opened = Case::open(place, Case::Mode::read);
        ASSERT_OK(opened);
        EXPECT_EQ(opened->exhibits().size(), 1u);
        expect_whole(place);
    }
}

TEST_F(CaseTest, TagFilesAreListed) {
    make();
    auto opened = Case::open(directory, Case::Mode::write);
    ASSERT_OK(opened);
    ASSERT_OK(opened->write_tag_file("timestamps/1.tsq", "request"));
    ASSERT_OK(opened->record("note", {{"text", "x"}}));
    ASSERT_OK(opened->close(nullptr));
    EXPECT_NE(get(directory / "tagmanifest-sha256.txt").find("  timestamps/1.tsq\n"), std::string::npos);
    expect_whole(directory);
}

TEST_F(CaseTest, ASignedCaseHoldsItsKey) {
    make();
    const auto signer = Signer::create(folder / "key", "");
    ASSERT_OK(signer);
    auto opened = Case::open(directory, Case::Mode::write);
    ASSERT_OK(opened);
    ASSERT_OK(opened->close(&*signer));
    EXPECT_EQ(get(directory / "keys" / (signer->public_key().id + ".pub")), signer->public_key().file_text());
    EXPECT_OK(check_signature(get(directory / "custody.jsonl.minisig"), get(directory / "custody.jsonl"),
                              signer->public_key(), "x"));
    expect_whole(directory);
}

class Interrupted : public CaseTest {
  protected:
    void SetUp() override { make(); }
    // As a run that was killed leaves it.
    void leave_tmp() { fs::create_directory(directory / "tmp"); }
    void recover() {
        auto opened = Case::open(directory, Case::Mode::write);
        ASSERT_OK(opened);
        ASSERT_OK(opened->close(nullptr));
        EXPECT_FALSE(Case::was_interrupted(directory));
        EXPECT_FALSE(fs::exists(directory / "tmp"));
        expect_whole(directory);
    }
    std::vector<Exhibit> exhibits() { return Case::open(directory, Case::Mode::read)->exhibits(); }
    void intend(const std::string& bytes, const std::string& part, std::string digest = "") {
        leave_tmp();
        auto exhibit = about("cut off");
        exhibit.sha256 = digest.empty() ? sha256_hex(bytes) : digest;
        exhibit.size = bytes.size();
        exhibit.acquired = "2026-11-23T10:15:00Z";
        put(directory / "tmp" / (sha256_hex(bytes) + ".intent"),
            json::canonical(json::Object{{"exhibit", exhibit.to_json()}, {"part", part}}));
    }
};

TEST_F(Interrupted, ATornLineGoesAndAllWholeLinesStay) {
    const std::string log = get(directory / "custody.jsonl");
    const fs::path copy = folder / "copy";
    // One offset in each line, its first and its last byte, and around each line's end.
    std::set<std::size_t> cuts;
    for (std::size_t at = 1; at < log.size(); ++at)
        if (at % 101 == 0 || log[at - 1] == '\n' || log[at] == '\n' ||
            (at + 1 < log.size() && log[at + 1] == '\n'))
            cuts.insert(at);
    for (auto cut : cuts) {
        const auto whole = std::count(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(cut), '\n');
        if (whole == 0) continue;  // the first line is put in place whole
        fs::remove_all(copy);
        fs::copy(directory, copy, fs::copy_options::recursive);
        fs::create_directory(copy / "tmp");
        put(copy / "custody.jsonl", log.substr(0, cut));
        auto opened = Case::open(copy, Case::Mode::write);
        ASSERT_OK(opened);
        const auto& entries = opened->log().entries;
        ASSERT_EQ(static_cast<std::ptrdiff_t>(entries.size()), whole + 1) << cut;
        EXPECT_EQ(entries.back().action, "recovered");
        EXPECT_EQ(entries.back().body["torn"].bool_or(false), log[cut - 1] != '\n');
        ASSERT_OK(opened->close(nullptr));
        EXPECT_EQ(get(copy / "custody.jsonl")
                          .substr(0, static_cast<std::size_t>(opened->log().whole_bytes))
                          .find("recovered") == std::string::npos,
                  false);
        EXPECT_TRUE(read_custody_log(get(copy / "custody.jsonl")).problems.empty());
    }
}

TEST_F(Interrupted, ATornLineIsMendedEvenWithoutTmp) {
    put(directory / "custody.jsonl", get(directory / "custody.jsonl") + "{\"half");
    recover();
    EXPECT_EQ(exhibits().size(), 2u);
}

TEST_F(Interrupted, AFinishedPartIsLogged) {
    intend("third", "incoming-0.part");
    put(directory / "tmp/incoming-0.part", "third");
    EXPECT_TRUE(Case::was_interrupted(directory));
    recover();
    const auto all = exhibits();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[2].origin, "cut off");
    EXPECT_EQ(all[2].acquired, "2026-11-23T10:15:00Z")
        << "when it was received, not when the work was finished";
    EXPECT_EQ(get(directory / all[2].path()), "third");
}

TEST_F(Interrupted, AStoredButUnloggedExhibitIsLogged) {
    intend("third", "incoming-0.part");
    put(directory / "data/exhibits" / sha256_hex("third"), "third");
    recover();
    EXPECT_EQ(exhibits().size(), 3u);
}

TEST_F(Interrupted, ALoggedOneIsNotLoggedTwice) {
    const auto known = exhibits()[1];
    leave_tmp();
    put(directory / "tmp" / (known.sha256 + ".intent"),
        json::canonical(json::Object{{"exhibit", known.to_json()}, {"part", "x.part"}}));
    recover();
    EXPECT_EQ(exhibits().size(), 2u);
}

TEST_F(Interrupted, HalvesAreDropped) {
    intend("third", "incoming-0.part");
    put(directory / "tmp/incoming-0.part", "thi");
    put(directory / "tmp/incoming-1.part", "no intent at all");
    put(directory / "tmp/cut.intent", "{\"exhi");
    put(directory / "tmp/empty.intent", "");
    recover();
    EXPECT_EQ(exhibits().size(), 2u);
}

TEST_F(Interrupted, AHostilePlanReachesNothingOutside) {
    put(folder / "outside", "secret");
    intend("secret", "../../outside");
    intend("x", "x.part", "../../../outside");
    intend("y", "", "");
    recover();
    EXPECT_EQ(exhibits().size(), 2u);
    EXPECT_EQ(get(folder / "outside"), "secret");
}

TEST_F(Interrupted, StaleManifestsAreMadeAgain) {
    leave_tmp();
    put(directory / "manifest-sha256.txt", "");
    fs::remove(directory / "tagmanifest-sha256.txt");
    recover();
    EXPECT_EQ(read_manifest(directory / "manifest-sha256.txt")->size(), 2u);
}

TEST_F(Interrupted, NothingIsWrittenToADamagedLog) {
    std::string log = get(directory / "custody.jsonl");
    log[log.find("case-created")] = 'X';
    put(directory / "custody.jsonl", log);
    leave_tmp();
    const auto opened = Case::open(directory, Case::Mode::write);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().where, (directory / "custody.jsonl").string() + ":2");
    EXPECT_NE(opened.error().todo.en.find("verify"), std::string::npos);
    EXPECT_EQ(get(directory / "custody.jsonl"), log);
}

TEST_F(Interrupted, LinksInTheCaseAreNotFollowedOut) {
    put(folder / "victim", "");
    fs::remove(directory / ".lock");
    fs::create_symlink(folder / "victim", directory / ".lock");
    EXPECT_FALSE(Case::open(directory, Case::Mode::write).has_value());
    EXPECT_EQ(get(folder / "victim"), "");
    fs::remove(directory / ".lock");
    // An empty log elsewhere would have no broken chain to refuse.
    fs::remove(directory / "custody.jsonl");
    fs::create_symlink(folder / "victim", directory / "custody.jsonl");
    EXPECT_FALSE(Case::open(directory, Case::Mode::write).has_value());
    EXPECT_EQ(get(folder / "victim"), "");
}

TEST(DefaultCaseName, IsDated) {
    ::setenv("SOURCE_DATE_EPOCH", "1795428900", 1);
    EXPECT_EQ(default_case_name(), "contrechamp-case-20261123T101500Z");
    ::unsetenv("SOURCE_DATE_EPOCH");
}

}  // namespace
}  // namespace contrechamp
