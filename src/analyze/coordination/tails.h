// How unlikely counts are: tails of distributions that stay accurate where they are tiny, false discovery
// rates and bounds of proportions. Pure functions, safe in any thread. An argument that is not a number gives
// the answer that says least (p = 1). A probability that is above 0 but below what a double holds is given as
// the smallest normal double (2.2e-308), never as 0. Work grows with the square root of counts and means:
// they are meant to stay below some 1e14.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace contrechamp::coordination {

// P(X >= at_least), X Poisson with mean `lambda`. The series of the regularised incomplete gamma function
// (DLMF 8.11.4; 1 - Q for at_least <= lambda) from a first term by Loader's saddle-point form (C. Loader
// 2000, "Fast and accurate computation of binomial probabilities"). Relative error below 1e-12 for lambda up
// to 1e6; work O(sqrt(lambda)).
double poisson_tail(double lambda, std::uint64_t at_least);

// P(X >= at_least), X binomial (n, p): the same two parts. Work O(sqrt(n)).
double binomial_tail(std::uint64_t n, double p, std::uint64_t at_least);
// log10 of the same, for tails that no double holds; -infinity when impossible.
double binomial_tail_log10(std::uint64_t n, double p, std::uint64_t at_least);

inline constexpr std::size_t kExactTerms = 2'000;
inline constexpr std::uint64_t kExactSteps = 4'000'000;

// P(at least `at_least` of independent events of probabilities `p` happen). Exact, by adding one event after
// the other (all terms positive: no cancellation), for up to kExactTerms events, or as long as events times
// `at_least` are not above kExactSteps. Beyond: never below the exact value. For at_least >= mean + 1 it is
// the binomial tail with the mean probability, which is at least as large (Hoeffding 1956, "On the
// distribution of the number of successes in independent trials", theorem 4); below that, 1.
double poisson_binomial_tail(std::span<const double> p, std::uint64_t at_least);

// Benjamini and Hochberg 1995: for each p its q-value, the least false discovery rate at which it is a
// discovery, in the order of `p`. `tests` is how many hypotheses there were in all: those not in `p` (pairs
// that never met) count as p = 1. A `tests` below p.size() is taken as p.size().
std::vector<double> benjamini_hochberg(std::span<const double> p, double tests);

// Clopper and Pearson 1934: exact one-sided bounds of a proportion of which `k` of `n` were seen; it is above
// the upper bound, or below the lower, with confidence error at most alpha each. For a two-sided 95 %
// interval give 0.025 to both. n = 0, k > n or an alpha outside (0, 1): 1 and 0, nothing known.
double proportion_upper(std::uint64_t k, std::uint64_t n, double alpha);
double proportion_lower(std::uint64_t k, std::uint64_t n, double alpha);

}  // namespace contrechamp::coordination
