// Golden tests of every analyzer of the registry: src/analyze/NAME/golden/*.in is analysed with
// golden/knowledge.json under the type recognised from its content, and what comes out must equal the *.out
// beside it, byte for byte. Exhibits that an input names by their SHA-256 are the files of golden/data.
// tests/regen-golden rewrites the *.out files: read the difference before committing it.
#include <algorithm>
#include <map>
#include <set>

#include "analyze/analyzer.h"
#include "base/escape.h"
#include "base/hash.h"
#include "formats/compressed.h"
#include "formats/recognise.h"
#include "kit/hostile.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::testing;

namespace {

fs::path room(const Analyzer& analyzer) {
    return fs::path(PROJECT_ROOT) / "src/analyze" / std::string(analyzer.name);
}

const Knowledge& golden_knowledge(const Analyzer& analyzer) {
    static std::map<std::string_view, Knowledge> known;
    const auto it = known.find(analyzer.name);
    if (it != known.end()) return it->second;
    const auto path = room(analyzer) / "golden/knowledge.json";
    auto read = Knowledge::from_bundle(get(path), path.string());
    if (!read) {
        ADD_FAILURE() << path << ": " << read.error().what.en;
        std::abort();
    }
    return known.emplace(analyzer.name, std::move(*read)).first->second;
}

std::vector<fs::path> inputs(const Analyzer& analyzer) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(room(analyzer) / "golden"))
        if (entry.path().extension() == ".in") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

// The files of golden/data, by their SHA-256: the other exhibits of the case.
struct DataFile {
    std::string name, bytes;
};
const std::map<std::string, DataFile, std::less<>>& data_of(const Analyzer& analyzer) {
    static std::map<std::string_view, std::map<std::string, DataFile, std::less<>>> known;
    const auto [it, fresh] = known.try_emplace(analyzer.name);
    const auto folder = room(analyzer) / "golden/data";
    if (!fresh || !fs::exists(folder)) return it->second;
    for (const auto& entry : fs::directory_iterator(folder)) {
        auto bytes = get(entry.path());
        auto sha256 = sha256_hex(bytes);
        const auto name = entry.path().filename().string();
        EXPECT_TRUE(it->second.emplace(std::move(sha256), DataFile{name, std::move(bytes)}).second)
            << entry.path() << ": two files with the same bytes";
    }
    return it->second;
}

Exhibits others_of(const Analyzer& analyzer) {
    return [&data = data_of(analyzer)](std::string_view sha256) -> Result<std::string_view> {
        const auto it = data.find(sha256);
        if (it != data.end()) return std::string_view(it->second.bytes);
        return fail({"the case does not hold this exhibit", "le dossier ne contient pas cette pièce"},
                    std::string(sha256));
    };
}

struct Analysed {
    std::string type;
    Derivation derivation;
    Status status;
};

Analysed analyse(const Analyzer& analyzer, std::string_view bytes) {
    Analysed out;
    out.type = recognise(bytes);
    for (const auto& table : analyzer.tables) out.derivation.tables.push_back({&table, {}});
    if (!analyzer.reads(out.type)) return out;
    Output output(out.derivation, analyzer.name);
    out.status = analyzer.analyze({sha256_hex(bytes), out.type, bytes}, golden_knowledge(analyzer),
                                  others_of(analyzer), output);
    return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
}

// Canonical JSON lines. The exhibit's own SHA-256 stands in every locator; here it is only called THIS, and a
// file of golden/data DATA-NAME, so that a difference shows what an edit of the input changed and nothing
// else. Every table's cells are named.
std::string as_lines(const Analyzer& analyzer, std::string_view bytes) {
    const auto analysed = analyse(analyzer, bytes);
    std::string out =
        json::canonical(json::Object{{"type", analysed.type}, {"read", analyzer.reads(analysed.type)}}) +
        "\n";
    const auto line = [&](json::Object object) { out += json::canonical(std::move(object)) + "\n"; };
    for (const auto& observation : analysed.derivation.observations)
        line({{"observation", observation.to_json()}});
    for (const auto& coverage : analysed.derivation.coverage) line({{"coverage", coverage.to_json()}});
    for (const auto& table : analysed.derivation.tables) {
        for (const auto& row : table.rows) {
            json::Object cells;
            for (std::size_t i = 0; i < row.cells.size(); ++i)
                if (!row.cells[i].is_null())
                    cells.emplace(std::string(table.spec->columns[i].name), row.cells[i]);
            line({{"table", table.spec->name}, {"row", cells}, {"locator", row.locator.to_json()}});
        }
    }
    if (!analysed.status) {
        const auto& error = analysed.status.error();
        line({{"error", json::Object{{"en", error.what.en}, {"fr", error.what.fr}, {"where", error.where}}}});
    }
    replace_all(out, sha256_hex(bytes), "THIS");
    for (const auto& [sha256, file] : data_of(analyzer)) replace_all(out, sha256, "DATA-" + file.name);
    return out;
}

// What one analyzer puts out over all its golden files.
struct Vocabulary {
    std::set<std::string, std::less<>> kinds, checks, reasons, states, tables;
};

Vocabulary vocabulary_of(const Analyzer& analyzer) {
    Vocabulary out;
    for (const auto& path : inputs(analyzer)) {
        const auto analysed = analyse(analyzer, get(path));
        for (const auto& observation : analysed.derivation.observations) out.kinds.insert(observation.kind);
        for (const auto& coverage : analysed.derivation.coverage) {
            out.checks.insert(coverage.check);
            out.reasons.insert(coverage.reason);
            out.states.emplace(to_string(coverage.state));
        }
        for (const auto& table : analysed.derivation.tables)
            if (!table.rows.empty()) out.tables.emplace(table.spec->name);
    }
    return out;
}

// The ids of one part of the built-in knowledge (kinds, checks, reasons).
std::vector<std::string> known_ids(std::string_view part) {
    std::vector<std::string> out;
    const auto bundle = json::parse(Knowledge::built_in_bundle(), "built-in knowledge");
    EXPECT_OK(bundle);
    for (const auto& item : (*bundle)[part].array_or_empty()) out.emplace_back(item["id"].string_or());
    EXPECT_FALSE(out.empty()) << part;
    return out;
}

}  // namespace

TEST(Golden, EqualsByteForByte) {
    const bool regenerate = std::getenv("CONTRECHAMP_REGENERATE_GOLDEN");
    for (const auto* analyzer : analyzers()) {
        std::set<std::string> wanted;
        for (const auto& path : inputs(*analyzer)) {
            SCOPED_TRACE(path.filename());
            const auto out = fs::path(path).replace_extension(".out");
            wanted.insert(out.filename());
            const auto lines = as_lines(*analyzer, get(path));
            if (regenerate) put(out, lines);
            else EXPECT_EQ(lines, get(out)) << "if this change is meant: tests/regen-golden";
        }
        EXPECT_GE(wanted.size(), 25u) << analyzer->name;
        for (const auto& entry : fs::directory_iterator(room(*analyzer) / "golden"))
            if (entry.path().extension() == ".out") {
                if (!wanted.contains(entry.path().filename()) && regenerate) fs::remove(entry.path());
                else EXPECT_TRUE(wanted.contains(entry.path().filename())) << entry.path() << " has no input";
            }
    }
}

// What a locator into a compressed exhibit names: "gzip:OFF+LEN" of what it holds.
std::string_view compressed_range(const Analyzer& analyzer, const Locator& locator, std::string_view bytes) {
    static std::map<std::string, MappedFile> opened;
    const auto compression = compression_of(bytes);
    const auto colon = locator.path.find(':'), plus = locator.path.find('+');
    EXPECT_EQ(locator.path.substr(0, colon), to_string(compression));
    EXPECT_TRUE(locator.offset == 0 && locator.length == bytes.size()) << "the whole exhibit";
    auto it = opened.find(locator.exhibit);
    if (it == opened.end()) {
        auto inside = decompress(bytes, compression, 1 << 30, std::string(analyzer.name));
        EXPECT_OK(inside);
        it = opened.emplace(locator.exhibit, std::move(*inside)).first;
    }
    const auto offset = std::stoull(locator.path.substr(colon + 1));
    const auto length = std::stoull(locator.path.substr(plus + 1));
    EXPECT_TRUE(offset <= it->second.bytes().size() && length <= it->second.bytes().size() - offset);
    EXPECT_GT(length, 0u);
    return it->second.bytes().substr(offset, length);
}

// Whoever doubts a line looks it up in the exhibit: what the locator names must be there.
TEST(Golden, LocatorsLieInsideTheExhibit) {
    for (const auto* analyzer : analyzers()) {
        for (const auto& path : inputs(*analyzer)) {
            SCOPED_TRACE(path.filename());
            const auto own = get(path);
            const auto sha256 = sha256_hex(own);
            const auto& others = data_of(*analyzer);
            const auto check = [&](const Locator& locator) {
                const auto other = others.find(locator.exhibit);
                ASSERT_TRUE(other != others.end() || locator.exhibit == sha256);
                const auto& bytes = other == others.end() ? own : other->second.bytes;
                ASSERT_LE(locator.offset, bytes.size());
                EXPECT_LE(locator.length, bytes.size() - locator.offset);
                EXPECT_GT(locator.length, 0u);
                if (compression_of(bytes) != Compression::none) compressed_range(*analyzer, locator, bytes);
                if (locator.line == 0) return;
                // A line number and its byte range say the same.
                const auto before = std::string_view(bytes).substr(0, locator.offset);
                EXPECT_EQ(std::count(before.begin(), before.end(), '\n') + 1, locator.line);
                EXPECT_EQ(std::string_view(bytes).substr(locator.offset, locator.length).find('\n'),
                          std::string_view::npos);
            };
            const auto analysed = analyse(*analyzer, own);
            for (const auto& observation : analysed.derivation.observations) check(observation.locator);
            for (const auto& coverage : analysed.derivation.coverage) check(coverage.locator);
            for (const auto& table : analysed.derivation.tables)
                for (const auto& row : table.rows) check(row.locator);
        }
    }
}

// What is put out once is put out again, whatever was analysed in between.
TEST(Golden, IsPure) {
    for (const auto* analyzer : analyzers()) {
        std::vector<std::string> first;
        const auto paths = inputs(*analyzer);
        for (const auto& path : paths) first.push_back(as_lines(*analyzer, get(path)));
        for (std::size_t i = paths.size(); i-- > 0;)
            EXPECT_EQ(as_lines(*analyzer, get(paths[i])), first[i]) << paths[i];
    }
}

TEST(Golden, EveryErrorSpeaksBothLanguages) {
    std::size_t errors = 0;
    for (const auto* analyzer : analyzers()) {
        for (const auto& path : inputs(*analyzer)) {
            const auto analysed = analyse(*analyzer, get(path));
            if (analysed.status) continue;
            ++errors;
            const auto& error = analysed.status.error();
            EXPECT_FALSE(error.what.en.empty() || error.what.fr.empty() || error.where.empty()) << path;
            EXPECT_NE(error.what.en, error.what.fr) << path;
        }
    }
    EXPECT_GE(errors, 8u);
}

// Every kind of observation that reports explain, every check and every reason is produced by some golden
// file, and nothing else is. Left out is what the derivation itself says of exhibits (src/conclude).
TEST(Golden, TheWholeVocabularyIsProduced) {
    const std::set<std::string> of_the_derivation = {"product.group", "exhibits", "damaged",
                                                     "no-analyzer",   "altered",  "missing"};
    Vocabulary all;
    for (const auto* analyzer : analyzers()) {
        auto one = vocabulary_of(*analyzer);
        all.kinds.merge(one.kinds);
        all.checks.merge(one.checks);
        all.reasons.merge(one.reasons);
        all.states.merge(one.states);
        for (const auto& table : analyzer->tables)
            EXPECT_TRUE(one.tables.contains(table.name)) << "no golden file fills the table " << table.name;
    }
    const auto compare = [&](std::string_view part, const std::set<std::string, std::less<>>& produced) {
        const auto ids = known_ids(part);
        for (const auto& id : ids)
            EXPECT_TRUE(produced.contains(id) || of_the_derivation.contains(id))
                << part << ": no golden file produces " << id;
        for (const auto& id : produced)
            EXPECT_TRUE(id.empty() || std::find(ids.begin(), ids.end(), id) != ids.end())
                << part << ": nothing explains " << id;
    };
    compare("kinds", all.kinds);
    compare("checks", all.checks);
    compare("reasons", all.reasons);
    EXPECT_EQ(all.states,
              (std::set<std::string, std::less<>>{"present", "absent", "not-recorded", "unreadable"}));
}

// A file that arrives cut off, at any byte: what can be read is put out, the rest is an error, and nothing is
// taken for whole that is not.
TEST(Golden, TruncatedAtEveryByte) {
    for (const auto* analyzer : analyzers()) {
        for (const auto& path : inputs(*analyzer)) {
            const auto bytes = get(path);
            // The long ones (databases) are cut at every byte in tests/formats.
            constexpr std::size_t kLongest = 3000;
            const auto whole = analyse(*analyzer, bytes);
            if (bytes.size() > kLongest || !whole.status || !whole.type.starts_with("contrechamp/")) continue;
            SCOPED_TRACE(path.filename());
            for_every_truncation(bytes, [&](std::string_view cut) {
                if (cut.size() + 1 == bytes.size() && bytes.back() == '\n') return;  // only the line feed
                const auto analysed = analyse(*analyzer, cut);
                if (!analyzer->reads(analysed.type)) return;  // the header itself is cut
                EXPECT_FALSE(analysed.status) << "cut at " << cut.size();
                EXPECT_LE(analysed.derivation.observations.size(), whole.derivation.observations.size());
            });
        }
    }
}
