// The contract of an analyzer: a value with a function, not a class tree. It is pure: the same exhibit bytes,
// knowledge and program version give the same output, byte for byte; no clock, no environment, and no other
// exhibit than those that its own names by their SHA-256 (a question put to several files is an exhibit
// itself). Files only as memory without a name, where a computation is larger than memory.
//
// Adding one: a folder src/analyze/NAME with its code, README.md, golden/ and corpus/, its rules under
// knowledge/rules, and one line in registry.def.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "evidence/derivation.h"
#include "knowledge/knowledge.h"

namespace contrechamp {

struct ExhibitView {
    std::string_view sha256;
    std::string_view type;  // as recognised from the content (formats/recognise.h)
    std::string_view bytes;
};

// The bytes of another exhibit of the case, checked against its digest; they live as long as the analysis.
// Fails when the case does not hold it, or not unchanged.
using Exhibits = std::function<Result<std::string_view>(std::string_view sha256)>;

// Where an analyzer puts what it reads. Everything carries its analyzer's name and a locator into the
// exhibit.
class Output {
  public:
    Output(Derivation& into, std::string_view analyzer) : into_(into), analyzer_(analyzer) {}

    void observe(Observation observation);
    void cover(Coverage coverage);
    // `table` is one of the analyzer's own, `cells` has one value a column; one of another type than the
    // column becomes JSON text in a text column, null in any other.
    void row(std::string_view table, std::vector<json::Value> cells, Locator locator);

  private:
    Derivation& into_;
    std::string_view analyzer_;
};

struct Analyzer {
    std::string_view name;
    std::string_view en, fr;  // one line for --help
    std::span<const TableSpec> tables;
    // Whether exhibits of this type are for this analyzer.
    bool (*reads)(std::string_view type);
    // Damaged input is a normal outcome: what can be read is put out, and the error says where it stopped.
    Status (*analyze)(const ExhibitView& exhibit, const Knowledge& knowledge, const Exhibits& others,
                      Output& out);
};

// The lines of registry.def, in order.
std::span<const Analyzer* const> analyzers();
const TableSpec* find_table(std::string_view name);

}  // namespace contrechamp
