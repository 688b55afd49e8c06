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

json::Object Derivation::summary() const {
    Sha256 hash;
    std::int64_t rows = 0;
    for (const auto& table : tables) {
        for (const auto& row : table.rows) {
            hash.update(
                json::canonical(json::Object{
                    {"table", table.spec->name}, {"cells", row.cells}, {"locator", row.locator.to_json()}}) +
                "\n");
            ++rows;
        }
    }
    return {{"observations", digest(observations)},
            {"coverage", digest(coverage)},
            {"findings", digest(findings)},
            {"rows", json::Object{{"count", rows}, {"sha256", hash.hex()}}}};
}

}  // namespace contrechamp
