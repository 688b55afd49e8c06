// Edges that another program computed (docs/schema/coordination-edges.md): they enter the table `edges` as
// they are, and nothing is concluded from them.
#pragma once

#include "analyze/analyzer.h"

namespace contrechamp::coordination {

inline constexpr std::string_view kEdgesFileType = "coordination-edges";

// Rows that have not as many cells as the header, or no numbers where numbers belong, are left out; the first
// is the error.
Status read_edges_file(const ExhibitView& exhibit, Output& out);

}  // namespace contrechamp::coordination
