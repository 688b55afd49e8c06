// Everything that is derived from a case's exhibits: what analyzers observed and what rules concluded.
// The same exhibits, knowledge and program version give the same Derivation, byte for byte.
#pragma once

#include <string>
#include <vector>

#include "evidence/coverage.h"
#include "evidence/finding.h"
#include "evidence/observation.h"
#include "evidence/table.h"

namespace contrechamp {

struct Derivation {
    std::vector<Observation> observations;
    std::vector<Coverage> coverage;
    std::vector<Finding> findings;
    std::vector<TableData> tables;  // one a TableSpec, in the registry's order

    // Counts and SHA-256 digests of the canonical lines, as the custody log records them: to_json() of each
    // observation, coverage and finding; row_line() of each row.
    json::Object summary() const;
};

// A cell as SQL keeps it: booleans are 0 and 1, lists and objects their canonical text.
json::Value kept_cell(const json::Value& cell);
std::string row_line(std::string_view table, json::Array cells, std::string_view exhibit,
                     std::uint64_t offset, std::uint64_t length);

}  // namespace contrechamp
