// One analyzer of the registry, fed the same bytes under every type of exhibit it reads. CMake names the
// analyzer, the types (the folders of its corpus) and its test knowledge.
#include <algorithm>

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

void check_locator(const Locator& locator, std::string_view sha256, std::string_view bytes) {
    CHECK(locator.exhibit == sha256 && fuzz::inside(bytes, locator.offset, locator.length));
}

std::string run(std::string_view type, std::string_view sha256, std::string_view bytes) {
    Derivation out;
    for (const auto& table : analyzer().tables) out.tables.push_back({&table, {}});
    Output output(out, analyzer().name);
    const auto done = analyzer().analyze({sha256, type, bytes}, test_knowledge(), fuzz::no_others, output);
    std::string lines = done ? "ok\n" : done.error().where + " " + done.error().what.en + "\n";
    if (!done) CHECK(!done.error().what.en.empty() && !done.error().what.fr.empty());
    for (const auto& observation : out.observations) {
        CHECK(observation.analyzer == analyzer().name && !observation.kind.empty() &&
              !observation.subject.kind.empty());
        check_locator(observation.locator, sha256, bytes);
        check_flat(observation.fields);
        fuzz::check_canonical(observation.to_json());
        const auto again = Observation::from_json(observation.to_json());
        CHECK(again && again->id() == observation.id());
        lines += json::canonical(observation.to_json()) + "\n";
    }
    for (const auto& coverage : out.coverage) {
        CHECK(coverage.analyzer == analyzer().name && !coverage.check.empty());
        check_locator(coverage.locator, sha256, bytes);
        fuzz::check_canonical(coverage.to_json());
        lines += json::canonical(coverage.to_json()) + "\n";
    }
    for (const auto& table : out.tables) {
        for (const auto& row : table.rows) {
            CHECK(row.cells.size() == table.spec->columns.size());
            check_locator(row.locator, sha256, bytes);
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
    const std::string sha256 = sha256_hex(bytes);
    const std::string recognised = recognise(bytes);
    for (const auto& type : types()) {
        CHECK(analyzer().reads(type) && "the corpus has a folder for a type that the analyzer does not read");
        const std::string first = run(type, sha256, bytes);
        // Pure: the same exhibit gives the same, byte for byte.
        if (type == recognised) CHECK(run(type, sha256, bytes) == first);
    }
    return 0;
}
