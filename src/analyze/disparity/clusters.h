// Rates of groups of people, and the difference between two groups, where the errors come from people: sixty
// utterances of one person are not sixty witnesses. The unit that is drawn is the person, everywhere here.
//
// One person brings a numerator x (errors, events) and a denominator y (words, trials). With m people who
// have y > 0 the rate of a group is either
//     pooled          R = Σx / Σy             what a word (a trial) met with
//     mean of people  R = Σ(x/y) / m          what a person met with; the same with x/y for x and 1 for y.
//
// Standard error: R is linearised (Cochran 1977, §6.4), R̂ - R ≈ Σ h_i (r_i - R), r_i = x_i/y_i, h_i = y_i/Σy:
//     v = Σ h_i² (r_i - R)² / (1 - 2h_i + H),   H = Σ h_i²,
// divided by what a residual keeps of its variance once R is fitted (the "CR2" correction of Bell and
// McCaffrey 2002, with people equally variable as the working model). With equal denominators v = s²/m. Its
// degrees of freedom are Satterthwaite's of that quadratic form, tr(Q)²/tr(Q²): m - 1 with equal
// denominators, less where few people hold most of the words. Plain linearisation, without both, is too
// narrow exactly there.
//
// Two groups: t = (R_a - R_b)/√(v_a + v_b) with Welch and Satterthwaite's degrees of freedom; the ratio on
// the log scale with v/R² for v. People are shuffled between the groups for the permutation p: two-sided, on
// the same t with plain linearised v (studentised: Janssen 1997, Chung and Romano 2013, right in large
// samples also where the groups differ in spread). All assignments are looked at where there are at most
// 20,000; else p = (b + 1)/(n + 1) of n draws.
//
// No inference is offered below five people a group. tests/analyze/disparity/false_positive_test.cpp measures
// how often each p is below .05 where nothing differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analyze/disparity/interval.h"
#include "base/result.h"

namespace contrechamp::disparity {

inline constexpr std::size_t kFewestPeople = 5;             // a group, for any inference
inline constexpr std::size_t kFewestForBootstrap = 20;      // a group
inline constexpr std::size_t kMostShuffledPeople = 20'000;  // of both groups, for permutation and bootstrap
inline constexpr std::uint64_t kMostAssignments = 20'000;   // all looked at

// What one person brings. numerator finite; denominator finite and ≥ 0, where 0 (nothing said, nothing tried)
// leaves the person out.
struct Person {
    double numerator = 0, denominator = 0;
};

enum class Estimand : std::uint8_t { pooled, mean_of_people };

// One group. `refused` is empty, or why there is no inference, and then se (where it says nothing), interval
// and whatever is built on them are NaN:
//     too-few-people   fewer than kFewestPeople with a denominator
//     no-variation     everybody has the same rate: the spread between people cannot be seen
// Where everybody has 0, or all of the possible 1 (numerators between 0 and their denominators), the interval
// is still given, by people: nobody of m people shows what happens with probability μ or more only with
// chance (1 - μ)^m, so μ ≤ 1 - (α/2)^(1/m). It is exact for the mean of people, about right when pooled.
struct GroupRate {
    std::size_t people = 0, left_out = 0;  // with a denominator, without
    double numerator = 0, denominator = 0;
    double rate = kNotANumber;
    double se = kNotANumber, df = kNotANumber;
    Interval interval;  // t, cut at 0 (and 1) where no rate can go beyond
    std::string_view refused;
};

// Errors: a value that is not finite, a negative denominator, a level outside (0, 1).
Result<GroupRate> group_rate(std::span<const Person> people, Estimand estimand, double level = 0.95);

struct ContrastSettings {
    Estimand estimand = Estimand::pooled;
    double level = 0.95;
    std::uint32_t permutations = 9'999;  // draws, where assignments are too many; 0: no permutation test
    std::uint32_t replicates = 10'000;   // of the bootstrap; 0: none
    std::uint64_t seed = 1;
    bool influence = true;  // whether without_one and detectable are wanted
    unsigned threads = 1;   // the answer does not depend on it
};

// The difference as it would be without one person, for each person in turn. p is Welch's (also at four
// people left). With more than 2,000 people p is computed again only for the 2,000 (from 10,000 people on
// fewer, down to 20) whose absence moves the difference most; the difference for everybody.
struct WithoutOne {
    double lowest = kNotANumber, highest = kNotANumber;  // difference
    double p_lowest = kNotANumber, p_highest = kNotANumber;
    bool most_in_a = false;  // who moves the difference most (the first such, a before b):
    std::size_t most = 0;    // index in the list given
    double without_most = kNotANumber;
};

// Percentiles (type 7, as R and numpy) of the difference and ratio over replicates that draw as many people,
// with replacement, from each group. A replicate whose ratio is 0/0 counts as 0 below and as ∞ above.
struct Bootstrap {
    Interval difference, ratio;
    std::uint32_t replicates = 0;
};

// What one would say who takes every word (trial) for an independent witness: R(1 - R)/Σy (R/Σy where R > 1)
// for v, and the normal law. WRONG: only to show how wrong. Of pooled rates, whatever the estimand.
struct Naive {
    Interval difference;
    double p = kNotANumber;
    double times_too_narrow = kNotANumber;  // our standard error over that one (pooled)
};

struct PeopleContrast {
    GroupRate a, b;
    double difference = kNotANumber;                             // a - b
    double ratio = kNotANumber;                                  // a / b; ∞ when b is 0, NaN when both are
    double se = kNotANumber, t = kNotANumber, df = kNotANumber;  // of the difference
    Interval difference_interval;                                // Welch-t
    Interval ratio_interval;  // Welch-t on the log scale; NaN when a rate is not above 0
    double p_welch = kNotANumber;
    double p_permutation = kNotANumber;
    std::uint64_t assignments = 0;  // looked at: all when `enumerated`, else draws
    bool enumerated = false;
    // The one to report: the larger of the two (the one there is). Each is too small somewhere: Welch's up to
    // .11 at a nominal .05 where rates are lopsided and one group is small, permutation's up to .19 where the
    // small group is also the more spread out. The larger of both held (at most .06) wherever one does. What
    // neither sees is a tail that the sample has missed: where only one group is lopsided (lognormal) and
    // three times as spread out, .13 were measured. No test is right there (Bahadur and Savage 1956).
    double p = kNotANumber;
    std::optional<Bootstrap> bootstrap;  // from 20 people in both groups, up to 20,000 in all
    // The smallest true difference that would give p_welch < 1 - level in four cases of five, with spread and
    // numbers of people as here (power of the t test, noncentral t).
    double detectable = kNotANumber;
    std::optional<WithoutOne> without_one;  // when not refused
    Naive naive;
    // As GroupRate::refused; of the two the first. "no-variation" leaves p_permutation (p) where rates
    // differ.
    std::string_view refused;
};

// Errors: as group_rate.
Result<PeopleContrast> contrast(std::span<const Person> a, std::span<const Person> b,
                                const ContrastSettings& settings = {});

// The smallest true difference that a two-sided t test at 1 - level shows with the given power, from its
// standard error and degrees of freedom (noncentral t, solved).
double detectable_difference(double se, double df, double level, double power = 0.8);

// Clopper and Pearson's exact interval; also for a number of events that is no whole number, which Korn and
// Graubard (1998) use with the *effective* number of trials where trials come from people:
// n' = R(1 - R)/v · (t_{n-1}/t_df)², at most n. 0 ≤ events ≤ of; NaN ends when of is 0.
Interval exact_interval(double events, double of, double level = 0.95);
Interval clustered_interval(double rate, double variance, double df, double of, double level = 0.95);
// A proportion's: events and trials of each person, each with trials. Clopper-Pearson where everybody has
// one; else the above with the pooled rate's variance, or group_rate's where people do not differ. NaN below
// kFewestPeople people.
Interval proportion_interval(std::span<const Person> people, double level = 0.95);

}  // namespace contrechamp::disparity
