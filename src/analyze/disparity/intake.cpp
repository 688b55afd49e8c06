#include "analyze/disparity/intake.h"

#include <algorithm>

namespace contrechamp::disparity {
namespace {

constexpr std::array<std::string_view, kRowRefusals> kNames = {
    "too-few-cells",   "too-many-cells",  "unclosed-quote",  "too-long",        "nul-byte",
    "cut-off",         "not-an-object",   "nested",          "repeated-member", "missing-id",
    "missing-person",  "missing-outcome", "unknown-value",   "missing-score",   "not-a-number",
    "missing-subject", "missing-genuine", "unknown-subject", "contradiction",   "duplicate-id",
    "missing-group",   "missing-stratum"};

// The first places of rows that lack one of `wanted` and none of `unless`, in the order of the file.
std::vector<Place> places(const std::vector<LackingPlaces>& lacking, std::uint32_t wanted,
                          std::uint32_t unless) {
    std::vector<Place> out;
    for (const auto& factor : lacking)
        for (const auto& one : factor.first)
            if ((one.lacks & wanted) && !(one.lacks & unless)) out.push_back(one.place);
    std::sort(out.begin(), out.end(), [](const Place& a, const Place& b) { return a.offset < b.offset; });
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.size() > kPlacesKept) out.resize(kPlacesKept);
    return out;
}

}  // namespace

std::string_view to_string(RowRefusal why) { return kNames[static_cast<std::size_t>(why)]; }

RowRefusal refusal_of(TableRefusal why) { return static_cast<RowRefusal>(why); }

std::uint64_t Account::refused_rows() const {
    std::uint64_t out = 0;
    for (const auto& one : refused) out += one.rows;
    return out;
}

Account with_lacking(Account account, const std::vector<LackingPlaces>& lacking, std::uint32_t groups,
                     std::uint64_t without_group, std::uint32_t strata, std::uint64_t without_stratum) {
    if (without_group)
        account.refused.push_back({RowRefusal::missing_group, without_group, places(lacking, groups, 0)});
    if (without_stratum)
        account.refused.push_back(
            {RowRefusal::missing_stratum, without_stratum, places(lacking, strata, groups)});
    account.used -= without_group + without_stratum;
    return account;
}

}  // namespace contrechamp::disparity
