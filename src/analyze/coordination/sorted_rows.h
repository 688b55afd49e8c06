// What several threads gathered, put into one order: by several threads, so that none waits for one that
// sorts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "base/result.h"

namespace contrechamp::coordination {

// All rows of several threads, sorted: first spread by the first eight bits of their hash, then each part by
// itself. `change` is told whose row it is; no two rows are equal for `before`, which begins with the hash.
template <class Row, class Change, class Before>
Result<std::vector<Row>> sorted_by_hash(const std::vector<std::vector<Row>*>& from, unsigned threads,
                                        const Change& change, const Before& before) {
    constexpr std::size_t kParts = 256;
    const auto part_of = [](const Row& row) { return static_cast<std::size_t>(row.hash >> 56); };
    std::vector<std::array<std::size_t, kParts>> ends(from.size());
    TRY(in_parallel(from.size(), threads, [&](std::size_t g) -> Status {
        ends[g].fill(0);
        for (const auto& row : *from[g]) ++ends[g][part_of(row)];
        return {};
    }));
    std::array<std::size_t, kParts + 1> starts{};
    std::size_t sum = 0;
    for (std::size_t part = 0; part < kParts; ++part) {
        starts[part] = sum;
        for (auto& of : ends) sum += std::exchange(of[part], sum);
    }
    starts[kParts] = sum;
    std::vector<Row> out(sum);
    TRY(in_parallel(from.size(), threads, [&](std::size_t g) -> Status {
        for (const auto& row : *from[g]) out[ends[g][part_of(row)]++] = change(g, row);
        *from[g] = {};
        return {};
    }));
    TRY(in_parallel(kParts, threads, [&](std::size_t part) -> Status {
        const auto at = [&](std::size_t i) { return out.begin() + static_cast<std::ptrdiff_t>(starts[i]); };
        std::sort(at(part), at(part + 1), before);
        return {};
    }));
    return out;
}

// Sorts what stands in several sorted runs one behind the other; `ends`: of each.
template <class Row, class Before>
void merge_runs(std::vector<Row>& rows, std::vector<std::size_t> ends, const Before& before) {
    const auto at = [&](std::size_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
    while (ends.size() > 1) {
        std::vector<std::size_t> longer;
        for (std::size_t i = 0; i < ends.size(); i += 2) {
            const auto begin = longer.empty() ? 0 : longer.back();
            const auto last = std::min(i + 1, ends.size() - 1);
            if (last > i) std::inplace_merge(at(begin), at(ends[i]), at(ends[last]), before);
            longer.push_back(ends[last]);
        }
        ends = std::move(longer);
    }
}

}  // namespace contrechamp::coordination
