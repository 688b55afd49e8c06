// An analyzer's own tables: what it read, row by row, before any conclusion. Part of the contract other
// programs build on (docs/schema/tables.md is generated from the specs).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "evidence/observation.h"

namespace contrechamp {

struct ColumnSpec {
    std::string_view name;
    std::string_view type;  // text, integer, real, boolean
    std::string_view unit;  // "bytes", "UTC", …; empty: none
    std::string_view en, fr;
};

struct TableSpec {
    std::string_view name;
    std::string_view en, fr;
    std::span<const ColumnSpec> columns;
};

// Every row also says where it was read; the columns exhibit, offset and length follow the table's own.
struct DerivedRow {
    std::vector<json::Value> cells;  // one a column; null: not known
    Locator locator;
};

struct TableData {
    const TableSpec* spec = nullptr;
    std::vector<DerivedRow> rows;
};

}  // namespace contrechamp
