// Rows of people kept as columns of numbers: for scores, and for decisions that are matched person by person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/intake.h"

namespace contrechamp::disparity {

struct ScoresWish {
    BoundColumns columns;             // any of outcome, score, groups, strata, covariates, person, id
    std::string said;                 // of the outcome (resolve_outcome)
    std::optional<DecimalMark> mark;  // for every number; else guessed column by column from the first MiB
    unsigned threads = 1;             // the answer does not depend on it
};

// Of each used row, in the order of the file. Columns that were not bound are empty.
struct Scores {
    std::vector<double> score;          // finite
    std::vector<std::uint8_t> outcome;  // 0 or 1
    std::vector<std::uint32_t> person;  // 0 … persons - 1 in the order of their first used row
    std::uint32_t persons = 0;
    std::vector<Factor> factors;                    // groups as they were asked for, then strata
    std::size_t groups = 0;                         // how many of them are groups
    std::vector<std::vector<std::uint32_t>> codes;  // [factor][row]; kMissing where the cell says nothing
    std::vector<std::string> covariate_names;
    std::vector<std::vector<double>> covariates;  // [covariate][row]
    std::vector<std::uint64_t> offset, line;      // of the row in the file
    Outcome outcome_values;
    struct Marks {
        std::string column;
        DecimalMark mark;
        bool certain;
    };
    std::vector<Marks> marks;  // how each column of numbers was read
    // Rows that lack a group or stratum count as used here; see account_of().
    Account account;
    std::vector<LackingPlaces> lacking;  // one a factor

    std::size_t rows() const { return offset.size(); }
};

// Memory: what the columns above take, and 8 bytes a row where ids are checked. Bounds and errors as for
// count_decisions().
Result<Scores> read_scores(std::string_view bytes, const TableLayout& layout, const ScoresWish& wish,
                           const std::string& where);

// The account of an analysis of these factors: rows that lack one are refused as missing-group, or, if they
// lack none of the groups, as missing-stratum.
Account account_of(const Scores& scores, const std::vector<std::size_t>& factors);

}  // namespace contrechamp::disparity
