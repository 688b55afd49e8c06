// Two groups and one yes-or-no outcome: are they treated unequally, and how surely?
//
//             event    no event
//     group   a.events a.of - a.events     `a`, the group asked about
//     other   b.events b.of - b.events     `b`, the reference
//
// Differences are a's rate minus b's; ratios are a's over b's. All intervals are two-sided at `level` (0.95).
// What cannot be computed is NaN: every figure when a count is unusable (proportions.h), and what the
// comments say. Probabilities above 0 that no double holds are the smallest normal double, never 0. Exact
// figures come from the conditional distribution of a.events given all margins (the non-central
// hypergeometric), summed outwards from its mode in long double: relative error below 1e-9 for cells up to 10
// million, work O(square root of the total). Beyond kMostExact people in all, the exact figures are NaN. Pure
// functions, safe in any thread.
//
// Which to judge by: where two groups are treated alike, at 4 to 42 people a group and as many or three times
// as many in the reference, at the worst rate, fisher_p is below 0.05 in 4.4 % of cases and mid_p in 4.8 %;
// the chi-square, where `expected` allows it, in 6.3 %; and Newcombe's interval leaves out 0 in 7.0 % (by
// enumeration: FalseAlarmsAtFourToFortyTwoPeopleAGroup). A verdict goes by one of the first two.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "analyze/disparity/interval.h"

namespace contrechamp::disparity {

inline constexpr std::uint64_t kMostExact = 1'000'000'000;

struct Estimate {
    double value = kNotANumber;
    Interval interval;
};

struct Test {
    double statistic = kNotANumber;
    double p = kNotANumber;  // two-sided
};

// a's rate - b's rate, with Newcombe's interval from two Wilson intervals (R. G. Newcombe 1998, "Interval
// estimation for the difference between independent proportions", Statistics in Medicine 17, method 10).
Estimate rate_difference(Count a, Count b, double level);

// a's rate / b's rate, with the log interval of Katz et al. 1978 (Biometrics 34): exp(ln ratio ± z sqrt(1/x1
// - 1/n1 + 1/x2 - 1/n2)). Without an event in a, 0, and in b, infinity (in both, NaN); no interval then.
Estimate rate_ratio(Count a, Count b, double level);

// The four-fifths rule (29 CFR 1607.4 D): a screen, never a conclusion. Adverse when the ratio of *selection*
// rates is below 4/5, compared in whole numbers. `b` is the group with the highest rate, or the reference.
enum class FourFifths { adverse, not_adverse, undetermined };  // undetermined: nobody of b was selected
FourFifths four_fifths(Count a, Count b);

// a's odds / b's odds as they stand, with Woolf's log interval (1955): exp(ln ratio ± z sqrt(sum of 1 /
// cell)). 0 or infinity with an empty cell, NaN when a margin is empty; no interval then.
Estimate odds_ratio(Count a, Count b, double level);

// Given all margins. Where they leave one table only (everybody or nobody has the event), the data say
// nothing: p is 1, intervals are [0, infinity], the ratio is NaN (R's fisher.test says 0).
struct Exact {
    double odds_ratio =
        kNotANumber;          // conditional maximum likelihood, as fisher.test; 0 or infinity at the ends
    Interval interval;        // exact, by both tails at (1 - level) / 2, as fisher.test
    Interval mid_p_interval;  // tails count half the probability of what was seen
    double fisher_p =
        kNotANumber;  // all tables not likelier than the one seen (times 1 + 1e-7, as fisher.test)
    // Twice the smaller tail that counts half of what was seen (Rothman, Greenland and Lash; epitools): below
    // 1 - level just when mid_p_interval leaves out 1.
    double mid_p = kNotANumber;
};
Exact exact(Count a, Count b, double level);
// Its fisher_p alone, quicker.
double fisher_p(Count a, Count b);

// P(chi-square with `degrees` of freedom >= statistic). NaN for a statistic below 0 and without degrees.
double chi_square_p(double statistic, std::size_t degrees);

// Pearson's chi-square with one degree of freedom; with `yates`, corrected as R's prop.test: by at most 1/2,
// and never beyond the difference seen. NaN with an empty margin.
Test chi_square(Count a, Count b, bool yates);
// The z of two rates with a pooled variance: its square is chi_square without correction, its sign the
// difference's.
Test z_test(Count a, Count b);

// Cells expected without a difference, in the order of the table above. Where one is below 5, the chi-square,
// the z and the log intervals are not to be shown: exact figures only.
struct Expected {
    std::array<double, 4> cells{kNotANumber, kNotANumber, kNotANumber, kNotANumber};
    double least = kNotANumber;
    bool exact_only = true;  // some cell is below 5, or unknown
};
Expected expected(Count a, Count b);

}  // namespace contrechamp::disparity
