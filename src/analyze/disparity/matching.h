// Like compared with like: decisions matched on what may explain them, before the rates of a group and of the
// reference are compared. Rows are named by their index in the span given; everything listed is in row order,
// every tie goes to the earlier row. Pure functions; memory and work O(n log n) in the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyze/disparity/interval.h"
#include "analyze/disparity/two_by_two.h"

namespace contrechamp::disparity {

struct MatchRow {
    bool in_group = false;           // of the group asked about, or else of the reference
    bool event = false;              // the outcome
    std::uint64_t stratum = 0;       // only rows of the same stratum are compared; the caller numbers them
    double covariate = kNotANumber;  // for nearest(); NaN: missing
};

// Weights of a standardised comparison: each group row 1, each reference row (group rows / reference rows) of
// its stratum, 0 for rows without anybody to compare with. The average effect among the treated (ATT).
struct ExactMatch {
    struct Cell {
        std::uint64_t stratum = 0;
        Count group, reference;
    };
    std::vector<Cell> strata;            // those with both, by rising stratum
    Count group, reference;              // matched rows, unweighted
    std::vector<std::size_t> unmatched;  // rows whose stratum has nobody of the other side
    std::uint64_t unmatched_group = 0, unmatched_reference = 0;

    double group_rate = kNotANumber;      // of the matched group
    double reference_rate = kNotANumber;  // of the reference, standardised to the group's strata
    // Sum over strata of (n1k / n1) (p1k - p0k). Its standard error is the one it has when the rows of each
    // stratum are dealt to the two sides at random: variance of a stratum's difference p q N / (N - 1) (1 /
    // n1k + 1 / n0k), p its rate of all N (the hypergeometric variance of Mantel and Haenszel 1959). Right
    // where the two are treated alike, somewhat too large where not, and sound for strata of two rows, where
    // the binomial variances of each side are 0. NaN without matched rows. Normal interval.
    double difference = kNotANumber, standard_error = kNotANumber;
    Interval interval;
    std::vector<double> weights;  // one a row
};
ExactMatch exact_match(std::span<const MatchRow> rows, double level);

// Each group row, in row order, takes the nearest reference row of its stratum that is still free and not
// farther than `caliper` standard deviations of the covariate (greedy nearest neighbour 1:1 without
// replacement; Stuart 2010, "Matching methods for causal inference"). The standard deviation is sqrt((s1² +
// s0²) / 2) before matching, over all rows with a covariate (Rosenbaum and Rubin 1985); where it is 0 or
// unknown, only equal values match. 0.2 is the usual caliper (Austin 2011); a negative one matches nobody.
struct MatchedPair {
    std::size_t group_row = 0, reference_row = 0;
    double distance = 0;  // in standard deviations
};
enum class Unmatched { no_covariate, stratum_alone, beyond_caliper, none_left };
struct UnmatchedRow {
    std::size_t row = 0;
    Unmatched why = Unmatched::none_left;
};
struct NearestMatch {
    std::vector<MatchedPair> pairs;       // by group_row
    std::vector<UnmatchedRow> unmatched;  // group and reference rows, in row order; a reference row nobody
                                          // took is none_left unless one of the first two reasons holds
    double spread = kNotANumber;  // the standard deviation used; NaN: one side has fewer than two values
    Count group, reference;       // of the pairs
    // McNemar: pairs in which only one of the two had the event. Difference (only_group - only_reference) /
    // pairs, standard error sqrt(only_group + only_reference - (only_group - only_reference)² / pairs) /
    // pairs; exact two-sided p, twice the binomial tail at 1/2, at most 1.
    std::uint64_t only_group = 0, only_reference = 0;
    double difference = kNotANumber, standard_error = kNotANumber, exact_p = kNotANumber;
    Interval interval;
    std::vector<double> weights;  // one a row: 1 in a pair, 0 otherwise
};
NearestMatch nearest(std::span<const MatchRow> rows, double caliper, double level);

// How alike the two sides are in one covariate. `spread` is the standard deviation to divide by: the one
// before matching in both tables, so that they compare (Stuart 2010); NaN: computed from these rows. Alike
// enough is by custom |standardised difference| < 0.1 and a variance ratio between 1/2 and 2.
struct Balance {
    std::uint64_t group = 0, reference = 0;  // rows with a weight and a value
    std::uint64_t missing = 0;               // rows with a weight whose value is NaN: left out
    double group_mean = kNotANumber, reference_mean = kNotANumber;
    double spread = kNotANumber;
    double standardised_difference = kNotANumber;  // (group mean - reference mean) / spread
    double variance_ratio = kNotANumber;           // group / reference
};
// `values` and `weights` are one a row of `rows`; empty weights are all 1. Variances with weights w are
// sum w (x - mean)² / (W - sum w² / W). A yes-or-no covariate is given as 0 and 1.
Balance balance(std::span<const MatchRow> rows, std::span<const double> values,
                std::span<const double> weights, double spread = kNotANumber);

}  // namespace contrechamp::disparity
