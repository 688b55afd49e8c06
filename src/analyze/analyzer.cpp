#include "analyze/analyzer.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace contrechamp {
namespace {

// A cell is of its column's type, or null: an exhibit that somebody else wrote may hold anything in its
// place, and that still stands in the exhibit. (SQLite would otherwise turn one type into another on its own
// terms.)
json::Value of_type(json::Value cell, std::string_view type) {
    if (cell.is_null() || (type == "text" && cell.if_string()) || (type == "integer" && cell.if_int()) ||
        (type == "boolean" && cell.if_bool()) || (type == "real" && (cell.if_double() || cell.if_int())))
        return cell;
    return type == "text" ? json::Value(json::canonical(cell)) : json::Value();
}

}  // namespace

#define ANALYZER(name) const Analyzer& name##_analyzer();
#include "analyze/registry.def"
#undef ANALYZER

std::span<const Analyzer* const> analyzers() {
    static const std::array list = {
#define ANALYZER(name) &name##_analyzer(),
#include "analyze/registry.def"
#undef ANALYZER
    };
    return list;
}

const TableSpec* find_table(std::string_view name) {
    for (const auto* analyzer : analyzers())
        for (const auto& table : analyzer->tables)
            if (table.name == name) return &table;
    return nullptr;
}

void Output::observe(Observation observation) {
    observation.analyzer = analyzer_;
    into_.observations.push_back(std::move(observation));
}

void Output::cover(Coverage coverage) {
    coverage.analyzer = analyzer_;
    into_.coverage.push_back(std::move(coverage));
}

void Output::row(std::string_view table, std::vector<json::Value> cells, Locator locator) {
    const auto it = std::find_if(into_.tables.begin(), into_.tables.end(),
                                 [&](const TableData& data) { return data.spec->name == table; });
    assert(it != into_.tables.end() && cells.size() == it->spec->columns.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        cells[i] = of_type(std::move(cells[i]), it->spec->columns[i].type);
    it->rows.push_back({std::move(cells), std::move(locator)});
}

}  // namespace contrechamp
