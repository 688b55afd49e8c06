#include "analyze/disparity/mode.h"

#include <algorithm>

#include "analyze/disparity/clusters.h"

namespace contrechamp::disparity {

std::vector<std::size_t> Asked::with_role(std::string_view role) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < request.inputs.size(); ++i)
        if (request.inputs[i].role == role) out.push_back(i);
    return out;
}

Result<std::size_t> Asked::one(std::string_view role) const {
    const auto found = with_role(role);
    if (found.size() == 1) return found.front();
    const std::string name(role);
    return fail(
        {"this question needs one file as: " + name, "cette demande veut un seul fichier comme : " + name},
        std::to_string(found.size()));
}

Result<TableLayout> layout_of(const Asked& asked, std::size_t input) {
    return guess_table_layout(asked.bytes[input], asked.request.table, asked.name(input));
}

bool are_no_groups(const Asked& asked, const std::string& by, const std::vector<std::uint64_t>& people) {
    constexpr std::size_t kMostTiny = 10;
    if (people.size() <= kMostTiny ||
        std::any_of(people.begin(), people.end(), [](auto of) { return of >= kFewestPeople; }))
        return false;
    asked.report.gap(CoverageState::unreadable, "no-group-of-five",
                     {{"column", by}, {"groups", people.size()}});
    return true;
}

void report_account(const Asked& asked, std::size_t input, const Account& account) {
    std::vector<RefusedRow> rows;
    RowCounts counts{account.used, account.refused_rows(), {}};
    for (const auto& refused : account.refused) {
        const std::string why(to_string(refused.why));
        counts.by_reason[why] += refused.rows;
        for (const auto& place : refused.first)
            rows.push_back({input, place.offset, place.length, place.line, why, ""});
    }
    asked.report.refused(rows, counts);
    if (account.recoded)
        asked.report.gap(CoverageState::not_recorded, "rows-recoded", {{"rows", account.recoded}});
}

}  // namespace contrechamp::disparity
