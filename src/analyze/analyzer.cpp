#include "analyze/analyzer.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace contrechamp {

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
    it->rows.push_back({std::move(cells), std::move(locator)});
}

}  // namespace contrechamp
