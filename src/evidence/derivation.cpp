#include "evidence/derivation.h"

#include "base/hash.h"

namespace contrechamp {
namespace {

template <class Items>
json::Object digest(const Items& items) {
    Sha256 hash;
    for (const auto& item : items) hash.update(json::canonical(item.to_json()) + "\n");
    return {{"count", items.size()}, {"sha256", hash.hex()}};
}

}  // namespace

json::Value kept_cell(const json::Value& cell) {
    if (const auto* boolean = cell.if_bool()) return std::int64_t{*boolean};
    if (cell.if_array() || cell.if_object()) return json::canonical(cell);
    return cell;
}

std::string row_line(std::string_view table, json::Array cells, std::string_view exhibit,
                     std::uint64_t offset, std::uint64_t length) {
    for (auto& cell : cells) cell = kept_cell(cell);
    return json::canonical(json::Object{{"table", table},
                                        {"cells", std::move(cells)},
                                        {"exhibit", exhibit},
                                        {"offset", offset},
                                        {"length", length}}) +
           "\n";
}

json::Object Derivation::summary() const {
    Sha256 hash;
    std::int64_t rows = 0;
    for (const auto& table : tables) {
        for (const auto& row : table.rows) {
            hash.update(row_line(table.spec->name, row.cells, row.locator.exhibit, row.locator.offset,
                                 row.locator.length));
            ++rows;
        }
    }
    return {{"observations", digest(observations)},
            {"coverage", digest(coverage)},
            {"findings", digest(findings)},
            {"rows", json::Object{{"count", rows}, {"sha256", hash.hex()}}}};
}

}  // namespace contrechamp
