#include "evidence/index.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/hash.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

constexpr ColumnSpec kColumns[] = {{"name", "text", "", "name", "nom"},
                                   {"count", "integer", "", "count", "nombre"},
                                   {"share", "real", "", "share", "part"},
                                   {"on", "boolean", "", "on", "actif"},
                                   {"odd \"name", "text", "", "x", "x"}};
constexpr TableSpec kTable{"things", "things", "choses", kColumns};

Locator place(int n) { return {sha256_hex("exhibit"), static_cast<std::uint64_t>(n), 1, 0, ""}; }

Derivation sample() {
    Derivation out;
    const auto observe = [&](const char* kind, const char* key, const char* label, json::Object fields,
                             int n) {
        Observation o{"host", kind, {"program", "h", key, label}, std::move(fields)};
        o.locator = place(n);
        out.observations.push_back(std::move(o));
    };
    observe("x11.records-input", "/usr/bin/cnee", "Cnee", {{"display", ":0"}}, 0);
    observe("x11.shared-memory", "/usr/bin/x11vnc", "x11vnc", {{"segments", 4}}, 1);
    observe("x11", "/usr/bin/plain", "plain", {}, 2);
    observe("x11rival", "/usr/bin/rival", "rival", {{"text", "été à Orléans"}}, 3);
    observe("sound.records", "/usr/bin/parec", "parec", {{"source", "monitor of speakers"}}, 4);
    out.coverage.push_back({"host", "x11-clients", "h", CoverageState::present, "", {}, place(5)});
    out.coverage.push_back(
        {"host", "programs", "h", CoverageState::unreadable, "others-programs", {{"programs", 3}}, place(6)});
    Finding f;
    f.rule = "x11-records-input";
    f.subject = out.observations[0].subject;
    f.statement = {"Cnee records.", "Cnee enregistre."};
    f.observations = {out.observations[0].id()};
    out.findings.push_back(f);
    out.tables.push_back({&kTable, {}});
    out.tables[0].rows.push_back({{"a", 1, 0.5, true, "q\"uote"}, place(7)});
    out.tables[0].rows.push_back({{nullptr, nullptr, nullptr, false, nullptr}, place(8)});
    return out;
}

std::vector<std::string> kinds(const Index& index, const Index::Filter& filter) {
    std::vector<std::string> out;
    const auto documents = index.documents("observations", filter);
    EXPECT_OK(documents);
    for (const auto& document : documents.value_or(std::vector<Index::Document>()))
        out.emplace_back(json::parse(document.json, "").value()["kind"].string_or());
    return out;
}

using Kinds = std::vector<std::string>;

class IndexTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_OK(Index::write(path, sample(), "stamp")); }
    TemporaryFolder folder;
    const fs::path path = folder / "index.sqlite";
};

TEST_F(IndexTest, HoldsWhatWasDerivedInOrder) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    EXPECT_EQ(index->stamp().value(), "stamp");
    const auto derivation = sample();
    const auto observations = index->documents("observations").value();
    ASSERT_EQ(observations.size(), derivation.observations.size());
    for (std::size_t i = 0; i < observations.size(); ++i) {
        EXPECT_EQ(observations[i].id, derivation.observations[i].id());
        EXPECT_EQ(observations[i].json, json::canonical(derivation.observations[i].to_json()));
        EXPECT_EQ(observations[i].what, "observations");
    }
    EXPECT_EQ(index->documents("coverage")->size(), 2u);
    EXPECT_EQ(index->documents("findings")->size(), 1u);
    EXPECT_TRUE(index->documents("anything")->empty());
}

TEST_F(IndexTest, FilterByKind) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    EXPECT_EQ(kinds(*index, {.kind = "x11"}), (Kinds{"x11.records-input", "x11.shared-memory", "x11"}));
    EXPECT_EQ(kinds(*index, {.kind = "x11.records-input"}), (Kinds{"x11.records-input"}));
    EXPECT_EQ(kinds(*index, {.kind = "x11."}), Kinds{});
    EXPECT_EQ(kinds(*index, {.kind = "nothing"}), Kinds{});
    // A kind is a word, not a pattern.
    EXPECT_EQ(kinds(*index, {.kind = "%"}), Kinds{});
    EXPECT_EQ(kinds(*index, {.kind = "x1_"}), Kinds{});
    EXPECT_EQ(kinds(*index, {.kind = "X11"}), Kinds{});
    EXPECT_EQ(kinds(*index, {.kind = "' OR 1=1 --"}), Kinds{});
    EXPECT_EQ(index->documents("coverage", {.kind = "programs"})->size(), 1u);
    EXPECT_EQ(index->documents("findings", {.kind = "x11-records-input"})->size(), 1u);
}

TEST_F(IndexTest, FilterBySubject) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    EXPECT_EQ(kinds(*index, {.subject = "cnee"}), (Kinds{"x11.records-input"}));
    EXPECT_EQ(kinds(*index, {.subject = "CNEE"}), (Kinds{"x11.records-input"}));
    EXPECT_EQ(kinds(*index, {.subject = "/usr/bin"}).size(), 5u);
    EXPECT_EQ(kinds(*index, {.subject = "%"}), Kinds{});
    EXPECT_EQ(kinds(*index, {.kind = "sound", .subject = "cnee"}), Kinds{});
}

TEST_F(IndexTest, FullText) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    EXPECT_EQ(kinds(*index, {.search = "speakers"}), (Kinds{"sound.records"}));
    EXPECT_EQ(kinds(*index, {.search = "ORLEANS"}),
              (Kinds{"x11rival"}));  // FTS5's tokenizer folds case and accents
    EXPECT_EQ(kinds(*index, {.search = "speak*"}), (Kinds{"sound.records"}));
    EXPECT_EQ(kinds(*index, {.search = "\"monitor of\""}), (Kinds{"sound.records"}));
    EXPECT_EQ(kinds(*index, {.search = "monitor AND speakers NOT cnee"}), (Kinds{"sound.records"}));
    EXPECT_EQ(kinds(*index, {.kind = "x11", .search = "speakers"}), Kinds{});
    EXPECT_EQ(index->documents("findings", {.search = "enregistre"})->size(), 1u);
}

// A mistake in the query is the query's, not the index's: nobody should delete an index over a quote.
TEST_F(IndexTest, AQueryThatIsNoneIsSaidToBeOne) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    for (const char* query : {"\"", "AND", "nosuchcolumn:x", "(a", "*"}) {
        const auto found = index->documents("observations", {.search = query});
        ASSERT_FALSE(found.has_value()) << query;
        EXPECT_EQ(found.error().where, query);
        EXPECT_EQ(found.error().todo.en.find("delete"), std::string::npos) << found.error().todo.en;
        EXPECT_NE(found.error().what.en.find("search"), std::string::npos) << found.error().what.en;
    }
}

TEST_F(IndexTest, ByTheBeginningOfAnId) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    const std::string id = sample().observations[2].id();
    EXPECT_EQ(index->by_id(id)->size(), 1u);
    EXPECT_EQ(index->by_id(id.substr(0, 12))->front().id, id);
    EXPECT_EQ(index->by_id(id.substr(0, 12))->front().what, "observations");
    EXPECT_TRUE(index->by_id("zzzz")->empty());
    EXPECT_TRUE(index->by_id("%")->empty());
    EXPECT_EQ(index->by_id("")->size(), 8u);
}

TEST_F(IndexTest, RowsKeepTheirTypesAndPlace) {
    const auto index = Index::open(path);
    ASSERT_OK(index);
    std::vector<std::vector<json::Value>> rows;
    ASSERT_OK(index->rows("things", [&](const std::vector<json::Value>& cells) -> Status {
        rows.push_back(cells);
        return {};
    }));
    const std::string exhibit = sha256_hex("exhibit");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0], (std::vector<json::Value>{"a", 1, 0.5, 1, "q\"uote", exhibit, 7, 1}));
    EXPECT_EQ(rows[1], (std::vector<json::Value>{nullptr, nullptr, nullptr, 0, nullptr, exhibit, 8, 1}));
    EXPECT_FALSE(index->rows("missing", [](const auto&) -> Status { return {}; }).has_value());
    EXPECT_FALSE(
        index->rows("x\"; DROP TABLE meta; --", [](const auto&) -> Status { return {}; }).has_value());
    // A sink that gives up stops the walk with its own error.
    const auto stopped = index->rows("things", [](const auto&) -> Status {
        return fail({"enough", "assez"}, "here");
    });
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().where, "here");
}

TEST_F(IndexTest, ReadingChangesNothingAndLeavesNothing) {
    const std::string before = get(path);
    ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
    {
        const auto index = Index::open(path);
        ASSERT_OK(index);
        EXPECT_EQ(index->documents("observations")->size(), 5u);
        EXPECT_EQ(kinds(*index, {.search = "speakers"}).size(), 1u);
    }
    ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
    EXPECT_EQ(get(path), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST_F(IndexTest, InMemoryIsTheSame) {
    const auto memory = Index::in_memory(sample(), "s2");
    ASSERT_OK(memory);
    EXPECT_EQ(memory->stamp().value(), "s2");
    const auto disk = Index::open(path);
    ASSERT_OK(disk);
    const auto a = memory->documents("observations").value(), b = disk->documents("observations").value();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].json, b[i].json);
    EXPECT_EQ(kinds(*memory, {.search = "speakers"}).size(), 1u);
}

TEST_F(IndexTest, MissingDamagedAndForeignFilesAreRefused) {
    EXPECT_FALSE(Index::open(folder / "missing").has_value());
    const std::string good = get(path);
    for (const std::string& bad : {std::string(),
                                   std::string("not a database at all, but long enough to be taken for one "
                                               "by its length alone....................................."),
                                   good.substr(0, 100)}) {
        put(path, bad);
        const auto index = Index::open(path);
        EXPECT_FALSE(index && index->stamp() && index->documents("observations")) << bad.size();
        if (!index && !bad.empty()) {
            EXPECT_NE(index.error().todo.en.find("delete"), std::string::npos) << index.error().what.en;
        }
    }
    put(path, good);
    {
        SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
        db.exec("PRAGMA user_version=999");
    }
    EXPECT_FALSE(Index::open(path).has_value());
    // Written again, it is fine.
    ASSERT_OK(Index::write(path, sample(), "again"));
    EXPECT_EQ(Index::open(path)->stamp().value(), "again");
}

TEST_F(IndexTest, WritingIsWholeOrNot) {
    // What an interrupted write left does not disturb the next, and is not followed if it is a link.
    put(folder / "victim", "untouched");
    const auto dead = run("echo $$").out;  // a process that is no more
    fs::create_symlink(folder / "victim", path.string() + ".part-" + dead.substr(0, dead.size() - 1) + "-0");
    ASSERT_OK(Index::write(path, sample(), "second"));
    EXPECT_EQ(get(folder / "victim"), "untouched");
    EXPECT_EQ(Index::open(path)->stamp().value(), "second");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2)
        << "orphans are taken away";
    const auto nowhere = Index::write(folder / "missing/index.sqlite", sample(), "x");
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(nowhere.error().where, (folder / "missing/index.sqlite").string());
}

// Two readers that find no index make it at the same time.
TEST_F(IndexTest, SeveralMayWriteAtOnce) {
    Derivation many = sample();
    for (int i = 0; i < 1000; ++i) {
        Observation o{"host", "x11", {"program", "h", std::to_string(i), "p"}, {}};
        o.locator = place(i);
        many.observations.push_back(std::move(o));
    }
    for (int round = 0; round < 3; ++round) {
        fs::remove(path);
        std::vector<std::thread> threads;
        std::atomic<int> failed = 0;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                // Whoever cannot write it may fail cleanly; what stands there afterwards must be whole.
                if (!Index::write(path, many, "stamp")) ++failed;
                const auto index = Index::open(path);
                EXPECT_TRUE(index && index->stamp() &&
                            index->documents("observations")->size() == many.observations.size());
            });
        for (auto& thread : threads) thread.join();
        EXPECT_LT(failed, 4);
        EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
    }
}

TEST_F(IndexTest, NamesThatSqliteUrisGiveAMeaning) {
    for (const char* name : {"a b", "a?mode=memory", "a#b", "a%20b", "été", "a&cache=shared"}) {
        const fs::path odd = folder / name / "index.sqlite";
        fs::create_directory(odd.parent_path());
        ASSERT_OK(Index::write(odd, sample(), name));
        const auto index = Index::open(odd);
        ASSERT_OK(index);
        EXPECT_EQ(index->stamp().value(), name);
    }
}

TEST(Derivation, TheSummaryIsOverCanonicalLines) {
    const auto derivation = sample();
    std::string lines;
    for (const auto& o : derivation.observations) lines += json::canonical(o.to_json()) + "\n";
    const json::Value summary = derivation.summary();
    EXPECT_EQ(summary["observations"]["count"].int_or(0), 5);
    EXPECT_EQ(summary["observations"]["sha256"].string_or(), sha256_hex(lines));
    EXPECT_EQ(summary["rows"]["count"].int_or(0), 2);
    auto other = sample();
    std::swap(other.observations[0], other.observations[1]);
    EXPECT_NE(json::Value(other.summary())["observations"], summary["observations"]) << "the order counts";
    other = sample();
    other.tables[0].rows[0].cells[1] = 2;
    EXPECT_NE(json::Value(other.summary())["rows"], summary["rows"]);
    EXPECT_EQ(json::Value(other.summary())["observations"], summary["observations"]);
}

}  // namespace
}  // namespace contrechamp
