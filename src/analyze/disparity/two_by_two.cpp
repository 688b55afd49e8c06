#include "analyze/disparity/two_by_two.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "analyze/disparity/conditional.h"
#include "analyze/disparity/proportions.h"

namespace contrechamp::disparity {
namespace {

using conditional::Wide;

struct Cells {
    double a_yes, a_no, b_yes, b_no;
};

Cells cells(Count a, Count b) {
    return {double(a.events), double(a.of - a.events), double(b.events), double(b.of - b.events)};
}

bool usable_pair(Count a, Count b) { return usable(a) && usable(b); }

Interval log_interval(double value, double standard_error, double level) {
    if (!(value > 0) || !std::isfinite(value)) return {};
    const double reach = two_sided_z(level) * standard_error;
    return {value * std::exp(-reach), value * std::exp(reach)};
}

// Both sums fit: each part is checked before they are added.
bool small_enough(Count a, Count b) { return a.of <= kMostExact && b.of <= kMostExact - a.of; }

}  // namespace

double chi_square_p(double statistic, std::size_t degrees) {
    using namespace boost::math::policies;
    using Quiet = policy<domain_error<ignore_error>, underflow_error<ignore_error>,
                         overflow_error<ignore_error>, evaluation_error<ignore_error>>;
    if (!(statistic >= 0) || degrees == 0) return kNotANumber;
    if (std::isinf(statistic)) return std::numeric_limits<double>::min();
    return conditional::as_probability(boost::math::gamma_q(double(degrees) / 2, statistic / 2, Quiet()));
}

Estimate rate_difference(Count a, Count b, double level) {
    if (!usable_pair(a, b)) return {};
    const double p = a.rate(), q = b.rate(), difference = p - q;
    const Interval in_a = wilson(a, level), in_b = wilson(b, level);
    return {difference,
            {difference - std::hypot(p - in_a.low, in_b.high - q),
             difference + std::hypot(in_a.high - p, q - in_b.low)}};
}

Estimate rate_ratio(Count a, Count b, double level) {
    if (!usable_pair(a, b)) return {};
    const double value = a.rate() / b.rate();
    const double variance = double(a.of - a.events) / (double(a.events) * double(a.of)) +
                            double(b.of - b.events) / (double(b.events) * double(b.of));
    return {value, log_interval(value, std::sqrt(variance), level)};
}

FourFifths four_fifths(Count a, Count b) {
    if (!usable_pair(a, b) || b.events == 0) return FourFifths::undetermined;
    __extension__ using Large = unsigned __int128;
    // 5 times two 64-bit counts may pass 128 bits; no table of people comes near.
    if (std::max(a.of, b.of) > (std::uint64_t{1} << 62)) return FourFifths::undetermined;
    return Large{a.events} * b.of * 5 < Large{b.events} * a.of * 4 ? FourFifths::adverse
                                                                   : FourFifths::not_adverse;
}

Estimate odds_ratio(Count a, Count b, double level) {
    if (!usable_pair(a, b)) return {};
    const Cells n = cells(a, b);
    const double value = (n.a_yes * n.b_no) / (n.a_no * n.b_yes);
    return {value,
            log_interval(value, std::sqrt(1 / n.a_yes + 1 / n.a_no + 1 / n.b_yes + 1 / n.b_no), level)};
}

Exact exact(Count a, Count b, double level) {
    const double z = two_sided_z(level);
    if (!usable_pair(a, b) || !small_enough(a, b) || std::isnan(z)) return {};
    const conditional::Table table(a, b);
    const auto seen = static_cast<std::int64_t>(a.events);
    if (table.lo == table.hi) return {kNotANumber, {0, kInfinity}, {0, kInfinity}, 1, 1};

    const Cells n = cells(a, b);
    const Wide start = std::log((Wide(n.a_yes) + 0.5L) * (Wide(n.b_no) + 0.5L) /
                                ((Wide(n.a_no) + 0.5L) * (Wide(n.b_yes) + 0.5L)));
    const Wide spread = Wide(z) * std::sqrt(1 / (Wide(n.a_yes) + 0.5L) + 1 / (Wide(n.a_no) + 0.5L) +
                                            1 / (Wide(n.b_yes) + 0.5L) + 1 / (Wide(n.b_no) + 0.5L));
    Exact answer;
    answer.odds_ratio = seen == table.lo   ? 0
                        : seen == table.hi ? kInfinity
                                           : double(std::exp(conditional::log_mle(table, seen, start)));
    answer.interval = conditional::limits(table, seen, 1, level, start, spread);
    answer.mid_p_interval = conditional::limits(table, seen, 0.5L, level, start, spread);
    answer.fisher_p = conditional::two_sided_p(table, seen);
    answer.mid_p = conditional::mid_p(table, seen);
    return answer;
}

double fisher_p(Count a, Count b) {
    if (!usable_pair(a, b) || !small_enough(a, b)) return kNotANumber;
    return conditional::two_sided_p(conditional::Table(a, b), static_cast<std::int64_t>(a.events));
}

Test z_test(Count a, Count b) {
    if (!usable_pair(a, b)) return {};
    const double pooled = (double(a.events) + double(b.events)) / (double(a.of) + double(b.of));
    const double variance = pooled * (1 - pooled) * (1 / double(a.of) + 1 / double(b.of));
    const double z = (a.rate() - b.rate()) / std::sqrt(variance);
    return {z, chi_square_p(z * z, 1)};
}

Test chi_square(Count a, Count b, bool yates) {
    const Expected wanted = expected(a, b);
    if (!(wanted.least > 0)) return {};
    const Cells n = cells(a, b);
    const std::array seen{n.a_yes, n.a_no, n.b_yes, n.b_no};
    const double correction =
        yates ? std::min(0.5, std::abs(a.rate() - b.rate()) / (1 / double(a.of) + 1 / double(b.of))) : 0;
    double statistic = 0;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const double off = std::abs(seen[i] - wanted.cells[i]) - correction;
        statistic += off * off / wanted.cells[i];
    }
    return {statistic, chi_square_p(statistic, 1)};
}

Expected expected(Count a, Count b) {
    if (!usable_pair(a, b)) return {};
    const Cells n = cells(a, b);
    const double all = double(a.of) + double(b.of), yes = n.a_yes + n.b_yes, no = n.a_no + n.b_no;
    Expected answer;
    answer.cells = {double(a.of) * (yes / all), double(a.of) * (no / all), double(b.of) * (yes / all),
                    double(b.of) * (no / all)};
    answer.least = *std::ranges::min_element(answer.cells);
    answer.exact_only = answer.least < 5;
    return answer;
}

}  // namespace contrechamp::disparity
