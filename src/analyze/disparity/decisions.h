// Decisions about people, counted: how many of each group, in each stratum, had the outcome.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/intake.h"
#include "analyze/disparity/interval.h"

namespace contrechamp::disparity {

struct DecisionsWish {
    BoundColumns columns;  // outcome; groups and strata; id and person where there are any
    std::string said;      // of the outcome (resolve_outcome)
    unsigned threads = 1;  // the answer does not depend on it
};

// Counts of every combination of groups and strata that was met. A row with nothing in one of the columns is
// kept with kMissing there: it may still be used for the others (by_group).
struct Decisions {
    std::vector<Factor> factors;  // groups as they were asked for, then strata
    std::size_t groups = 0;       // how many of them are groups
    Outcome outcome;
    std::vector<std::uint32_t> codes;  // of cell c at [c * factors.size()], ordered by codes, kMissing last
    std::vector<Count> counts;         // of cell c; never `of` 0

    // Counts of each person in each cell, where a column of persons is bound: cells of person p are those of
    // [first[p], first[p + 1]) in `of_person`. Persons in the order of their first row.
    struct PersonCell {
        std::uint32_t cell = 0;
        Count count;
    };
    std::vector<PersonCell> of_person;
    std::vector<std::uint64_t> first;  // persons + 1 entries, or none
    std::uint64_t persons() const { return first.empty() ? 0 : first.size() - 1; }

    // Of all rows; those with a missing group or stratum count as used here.
    Account account;
    std::vector<LackingPlaces> lacking;  // one a factor
};

// Bounds, so that memory follows groups and not rows: at most 10,000 values a group or stratum, 1,000 of an
// outcome, 1 M combinations; beyond, an error names the column. 8 bytes a row where ids are checked, 8 more
// for each that is a duplicate; with persons their ids and their cells. Every row is read once, duplicates
// again. Ids are equal when their bytes are, without white space around; of rows that share one, the first in
// the file counts. Errors: no rows at all; an outcome that cannot be told (resolve_outcome); files over 1
// TiB.
Result<Decisions> count_decisions(std::string_view bytes, const TableLayout& layout,
                                  const DecisionsWish& wish, const std::string& where);

// The table of one group column, or of several crossed ("F × 50+"), by stratum.
struct GroupTable {
    std::string name;                 // "sex", "sex × age_band"
    std::vector<std::string> values;  // the groups met, ordered by their codes
    std::vector<std::string> strata;  // the strata met, crossed in the same way; one, "", when not stratified
    std::vector<Count> counts;        // of group g in stratum s at [s * values.size() + g]; `of` may be 0
    Account account;  // rows that lack a group asked for are refused as missing-group, then missing-stratum
    Count total(std::size_t group) const;  // over strata
};
// `group_columns`: which of the groups (indices below `groups`), at least one. `stratified`: by all strata.
// Fails when groups × strata are more than 16 M.
Result<GroupTable> by_group(const Decisions& decisions, std::span<const std::size_t> group_columns,
                            bool stratified);

// The same by person, for tests that respect that rows come from people. A person met in several groups is
// in none: left out and counted.
struct PersonTable {
    std::vector<std::uint32_t> group;  // of each person: index of by_group()'s values
    std::vector<Count> count;
    std::uint64_t torn = 0, torn_rows = 0;  // persons met in several groups, and their rows
};
PersonTable by_person(const Decisions& decisions, std::span<const std::size_t> group_columns,
                      bool stratified);

// Two groups within strata, where people have several rows: what each person brings to Mantel and Haenszel's
// common difference. With n_as rows of a and n_bs of b in stratum s, w_s = n_as n_bs / (n_as + n_bs), that
// difference is Σ w_s (R_as - R_bs) / Σ w_s. A person of a brings, of x_ps events in n_ps rows,
//     numerator    Σ_s c_s (x_ps - r_s n_ps) + r̄ · denominator,  c_s = n_bs / (n_as + n_bs) (a's share for b)
//     denominator  Σ_s c_s n_ps
// r_s the rate of both in s, r̄ = Σ w_s r_s / Σ w_s: the pooled rates of such people are Σ w_s R_as / Σ w_s
// and the same of b (each group as if it had the strata's common composition: Li, Morgan and Zaslavsky 2018,
// JASA 113, overlap weights), and the linearised variance of the difference is that of Cochran, Mantel and
// Haenszel's statistic by people. Strata without one of the two say nothing. People met in both groups are in
// neither. `group_columns` as in by_group(), a and b values of by_group(…, true).
struct PersonWithin {
    double numerator = 0, denominator = 0;
};
struct PeopleWithin {
    std::vector<PersonWithin> a, b;  // in the order of their first row; who has no row in shared strata: 0, 0
    std::size_t shared = 0;          // strata that hold rows of both
};
PeopleWithin by_person_within(const Decisions& decisions, std::span<const std::size_t> group_columns,
                              const std::string& a, const std::string& b);

}  // namespace contrechamp::disparity
