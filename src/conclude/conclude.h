// From observations to findings, by the rules of the knowledge in use. Pure: no clock, no files, no order
// dependence beyond the order of the observations given.
#pragma once

#include <vector>

#include "conclude/rule.h"
#include "evidence/finding.h"
#include "knowledge/knowledge.h"

namespace contrechamp {

// All rules of the knowledge, parsed. A rule that cannot be parsed is an error naming it.
Result<std::vector<Rule>> load_rules(const Knowledge& knowledge);

// Findings and leads, strongest first, then by subject. Rules that name products go first: what carries a
// named product's marks (its program, extension, certificate) then speaks as that product in the other
// findings.
std::vector<Finding> conclude(const std::vector<Observation>& observations, const std::vector<Rule>& rules,
                              const Knowledge& knowledge);

// A rule's own tests: its observations in, its findings out. Returns what failed, named.
std::vector<Error> run_rule_tests(const Rule& rule, const std::vector<Rule>& all, const Knowledge& knowledge);

}  // namespace contrechamp
