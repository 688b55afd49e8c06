// The network of a case as files for other programs (Gephi, igraph), and the accounts that are in it.
#pragma once

#include <set>
#include <string>

#include "cli/arguments.h"
#include "evidence/index.h"

namespace contrechamp::cli {

// Ids and handles ("name" and "@name") of the accounts in the table `accounts`: those in a network, and all
// that the person listed.
Result<std::set<std::string, std::less<>>> accounts_in(const Index& index);

// Whether --gexf and --graphml name places that can be written, before the work begins.
Status check_networks(const Arguments& arguments);

// --gexf and --graphml, from the tables `accounts` and `edges`.
Status write_networks(const Index& index, const Arguments& arguments);

}  // namespace contrechamp::cli
