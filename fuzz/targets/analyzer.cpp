// One analyzer of the registry, fed the same bytes under every type of exhibit it reads. CMake names the
// analyzer, the types (the folders of its corpus) and its test knowledge.
//
// An exhibit that names others ("…-request") is what stands before the first NUL byte; whichever exhibit it
// names is what stands behind it. Other exhibits name none.
#include <algorithm>
#include <set>

#include "analyze/analyzer.h"
#include "base/files.h"
#include "base/hash.h"
#include "formats/recognise.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

const Knowledge& test_knowledge() {
    static const Knowledge knowledge = [] {
        const auto bundle = read_file(FUZZ_KNOWLEDGE);
        CHECK(bundle);
        auto read = Knowledge::from_bundle(*bundle, FUZZ_KNOWLEDGE);
        CHECK(read);
        return std::move(*read);
    }();
    return knowledge;
}

const Analyzer& analyzer() {
    for (const auto* candidate : analyzers())
        if (candidate->name == FUZZ_ANALYZER) return *candidate;
    CHECK(false && "not in the registry");
    std::abort();
}

const std::vector<std::string>& types() {
    static const std::vector<std::string> list = fuzz::pieces(FUZZ_TYPES, 1, ',');
    return list;
}

// Fields are flat (evidence/observation.h): strings, integers, booleans, lists of strings; null for not
// known.
void check_flat(const json::Object& fields) {
    for (const auto& [name, value] : fields) {
        CHECK(!value.if_object() && !value.if_double());
        for (const auto& item : value.array_or_empty()) CHECK(item.if_string());
    }
}

// An exhibit, the one it may name, and the digests under which that one was asked for.
struct Fed {
    std::string_view type, bytes, other;
    bool names_others = false;
    std::string sha256;
    std::set<std::string, std::less<>> asked;

    Fed(std::string_view of, std::string_view input) : type(of), bytes(input) {
        names_others = of.ends_with("-request");
        if (names_others) {
            bytes = input.substr(0, input.find('\0'));
            if (bytes.size() < input.size()) other = input.substr(bytes.size() + 1);
        }
        sha256 = sha256_hex(bytes);
    }
    Exhibits others() {
        return [this](std::string_view digest) -> Result<std::string_view> {
            CHECK(names_others && is_sha256(digest));
            asked.emplace(digest);
            return other;
        };
    }
    void check(const Locator& locator) const {
        CHECK(locator.exhibit == sha256 || asked.contains(locator.exhibit));
        CHECK(fuzz::inside(locator.exhibit == sha256 ? bytes : other, locator.offset, locator.length));
    }
};

std::string run(Fed& fed) {
    Derivation out;
    for (const auto& table : analyzer().tables) out.tables.push_back({&table, {}});
    Output output(out, analyzer().name);
    const auto done =
        analyzer().analyze({fed.sha256, fed.type, fed.bytes}, test_knowledge(), fed.others(), output);
    std::string lines = done ? "ok\n" : done.error().where + " " + done.error().what.en + "\n";
    if (!done) CHECK(!done.error().what.en.empty() && !done.error().what.fr.empty());
    for (const auto& observation : out.observations) {
        CHECK(observation.analyzer == analyzer().name && !observation.kind.empty() &&
              !observation.subject.kind.empty());
        fed.check(observation.locator);
        check_flat(observation.fields);
        fuzz::check_canonical(observation.to_json());
        const auto again = Observation::from_json(observation.to_json());
        CHECK(again && again->id() == observation.id());
        lines += json::canonical(observation.to_json()) + "\n";
    }
    for (const auto& coverage : out.coverage) {
        CHECK(coverage.analyzer == analyzer().name && !coverage.check.empty());
        fed.check(coverage.locator);
        fuzz::check_canonical(coverage.to_json());
        lines += json::canonical(coverage.to_json()) + "\n";
    }
    for (const auto& table : out.tables) {
        for (const auto& row : table.rows) {
            CHECK(row.cells.size() == table.spec->columns.size());
            fed.check(row.locator);
            for (const auto& cell : row.cells) CHECK(!cell.if_array() && !cell.if_object());
            fuzz::check_canonical(json::Value(row.cells));
            lines += json::canonical(json::Value(row.cells)) + "\n";
        }
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    for (const auto& type : types()) {
        CHECK(analyzer().reads(type) && "the corpus has a folder for a type that the analyzer does not read");
        Fed fed(type, bytes);
        const std::string first = run(fed);
        // Pure: the same exhibit gives the same, byte for byte.
        if (type == recognise(fed.bytes)) CHECK(run(fed) == first);
    }
    return 0;
}
