// The network of a coordination case as files for other programs.
#pragma once

#include "cli/arguments.h"
#include "evidence/index.h"

namespace contrechamp::cli {

// Writes --gexf and --graphml, where they are asked for, from the tables `accounts` and `edges`.
Status write_networks(const Index& index, const Arguments& arguments);

}  // namespace contrechamp::cli
