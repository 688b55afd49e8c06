// The distribution of the sum of a.events over strata, given all margins: each stratum's, folded into one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "analyze/disparity/conditional.h"
#include "analyze/disparity/proportions.h"
#include "analyze/disparity/stratified.h"

namespace contrechamp::disparity {
namespace {

using conditional::Listed;
using conditional::Table;
using conditional::Wide;

struct Problem {
    std::vector<Table> tables;
    std::vector<Stratum> strata;
    std::int64_t seen = 0, lo = 0, hi = 0;
};

Error too_large() {
    return Error{
        {"the strata are too large for the exact test", "les strates sont trop grandes pour le test exact"},
        "exact conditional test",
        {"use the chi-square of Cochran, Mantel and Haenszel, which is accurate for such numbers",
         "utiliser le khi-deux de Cochran, Mantel et Haenszel, fidèle pour de tels nombres"}};
}

Result<Problem> problem_of(std::span<const Stratum> strata) {
    Problem problem;
    std::uint64_t people = 0;
    double steps = 0;
    for (const Stratum& stratum : strata) {
        if (!usable(stratum.a) || !usable(stratum.b)) continue;
        for (const Count side : {stratum.a, stratum.b}) {
            if (side.of > kMostExact - people) return tl::unexpected(too_large());
            people += side.of;
        }
        const Table table(stratum.a, stratum.b);
        if (table.lo == table.hi) continue;
        problem.seen += static_cast<std::int64_t>(stratum.a.events);
        problem.lo += table.lo;
        problem.hi += table.hi;
        steps += double(problem.hi - problem.lo + 1) * double(table.hi - table.lo + 1);
        problem.tables.push_back(table);
        problem.strata.push_back(stratum);
        if (problem.tables.size() > 1 && steps > kMostSteps) return tl::unexpected(too_large());
    }
    if (problem.tables.empty())
        return fail({"no stratum has both groups and both outcomes: nothing can be tested",
                     "aucune strate n’a les deux groupes et les deux issues : rien ne peut être testé"},
                    "exact conditional test");
    return problem;
}

// The weights of one table at odds ratio psi, largest 1. Those that even a long double does not hold are 0.
std::vector<Wide> listed(const Table& table, Wide psi) {
    std::vector<Wide> weights(static_cast<std::size_t>(table.hi - table.lo + 1));
    const std::int64_t top = conditional::mode(table, psi);
    const auto at = [&](std::int64_t y) -> Wide& { return weights[static_cast<std::size_t>(y - table.lo)]; };
    at(top) = 1;
    for (std::int64_t y = top; y < table.hi; ++y) at(y + 1) = at(y) * table.ratio(y) * psi;
    for (std::int64_t y = top; y > table.lo; --y) at(y - 1) = at(y) / (table.ratio(y - 1) * psi);
    return weights;
}

Listed folded(const Problem& problem, Wide theta) {
    const Wide psi = std::exp(theta);
    std::vector<Wide> all{1};
    for (const Table& table : problem.tables) {
        const auto more = listed(table, psi);
        std::vector<Wide> next(all.size() + more.size() - 1);
        for (std::size_t i = 0; i < all.size(); ++i)
            for (std::size_t j = 0; j < more.size(); ++j) next[i + j] += all[i] * more[j];
        const Wide largest = *std::ranges::max_element(next);
        for (Wide& weight : next) weight /= largest;
        all = std::move(next);
    }
    // What no long double holds is left off at both ends; weights rise to one mode and fall.
    const auto some = [](Wide weight) { return weight > 0; };
    const auto first = std::ranges::find_if(all, some);
    const auto last = std::find_if(all.rbegin(), all.rend(), some).base();
    Listed sums{problem.lo + (first - all.begin()), problem.lo + (last - all.begin()) - 1, {first, last}};
    return sums;
}

// ln psi at which the sum of the tables' means is `wanted`, strictly between the ends.
Wide log_odds_at(const Problem& problem, Wide wanted) {
    return conditional::increasing_root(
        [&](Wide theta) {
            Wide mean = 0, variance = 0;
            for (std::size_t i = 0; i < problem.tables.size(); ++i) {
                const auto seen = static_cast<std::int64_t>(problem.strata[i].a.events);
                const auto sums = conditional::split(problem.tables[i], theta, seen);
                mean += static_cast<Wide>(seen) + sums.mean_offset();
                variance += sums.variance();
            }
            return std::pair{mean - wanted, variance};
        },
        0);
}

Interval scaled(Interval interval, Wide factor) {
    return {static_cast<double>(Wide(interval.low) * factor),
            static_cast<double>(Wide(interval.high) * factor)};
}

}  // namespace

Result<Exact> exact_stratified(std::span<const Stratum> strata, double level) {
    const Problem problem = TRY(problem_of(strata));
    if (!(level > 0 && level < 1))
        return fail({"a confidence level lies between 0 and 1", "un niveau de confiance est entre 0 et 1"},
                    "exact conditional test");
    if (problem.tables.size() == 1) return exact(problem.strata[0].a, problem.strata[0].b, level);

    // What is seen stands at the middle of the distribution at its own odds ratio: there limits are computed,
    // so that nothing near it is too small to be held. At an end of all possible sums, half a step inside.
    const std::int64_t seen = problem.seen;
    const bool lowest = seen == problem.lo, highest = seen == problem.hi;
    const Wide near = log_odds_at(problem, static_cast<Wide>(seen) + (lowest ? 0.5L : highest ? -0.5L : 0));
    const Listed tilted = folded(problem, near);
    const Wide spread = std::min<Wide>(
        Wide(two_sided_z(level)) / std::sqrt(conditional::split(tilted, 0, seen).variance()), 50);

    Exact answer;
    answer.odds_ratio = lowest ? 0 : highest ? kInfinity : static_cast<double>(std::exp(near));
    answer.interval = scaled(conditional::limits(tilted, seen, 1, level, 0, spread), std::exp(near));
    answer.mid_p_interval = scaled(conditional::limits(tilted, seen, 0.5L, level, 0, spread), std::exp(near));
    const Listed central = folded(problem, 0);
    const bool held = seen >= central.lo && seen <= central.hi;
    answer.fisher_p = held ? conditional::two_sided_p(central, seen) : conditional::as_probability(0);
    answer.mid_p = held ? conditional::mid_p(central, seen) : conditional::as_probability(0);
    return answer;
}

}  // namespace contrechamp::disparity
