// One function a mode: its inputs to figures, conclusions, rows and coverage.
#pragma once

#include <string_view>
#include <vector>

#include "analyze/disparity/intake.h"
#include "analyze/disparity/output.h"
#include "formats/table_reader.h"

namespace contrechamp::disparity {

struct Asked {
    const Request& request;
    std::vector<std::string_view> bytes;  // of each input, decompressed
    Report& report;
    unsigned threads = 1;

    const std::string& name(std::size_t input) const { return request.inputs[input].name; }
    // Inputs of one role, in the request's order.
    std::vector<std::size_t> with_role(std::string_view role) const;
    // The only one of that role; fails when there is none, or are several.
    Result<std::size_t> one(std::string_view role) const;
};

Status compare_transcripts(const Asked& asked);
Status compare_decisions(const Asked& asked);
Status compare_scores(const Asked& asked);
Status compare_faces(const Asked& asked);
Status compare_careers(const Asked& asked);

// More than ten groups, and not one of five people: names, numbers or days rather than groups. Nothing is
// said of them one by one, for that would be of persons. `people` are each group's; true: said so.
bool are_no_groups(const Asked& asked, const std::string& by, const std::vector<std::uint64_t>& people);

// What a table's rows were worth.
void report_account(const Asked& asked, std::size_t input, const Account& account);

// The layout of an input that is a table.
Result<TableLayout> layout_of(const Asked& asked, std::size_t input);

}  // namespace contrechamp::disparity
