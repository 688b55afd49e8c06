#include "analyze/coordination/tails.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace contrechamp::coordination {
namespace {

// x87's 64 bits of mantissa: what is lost in exponents of some hundreds stays below a double's precision.
using Wide = long double;
constexpr Wide kEpsilon = 1e-20L;  // a series ends where a term adds less than this share
constexpr Wide kNever = -std::numeric_limits<Wide>::infinity();

// ln n! - [(n + 1/2) ln n - n + ln(2 pi) / 2]: the error of Stirling's formula (Loader's stirlerr).
Wide stirling_error(Wide n) {
    static const auto kSmall = [] {
        std::array<Wide, 101> error{};
        Wide log_factorial = 0;
        for (int i = 1; i <= 100; ++i) {
            const Wide x = i;
            log_factorial += std::log(x);
            error[static_cast<std::size_t>(i)] =
                log_factorial - (x + 0.5L) * std::log(x) + x - std::log(2 * std::numbers::pi_v<Wide>) / 2;
        }
        return error;
    }();
    if (n <= 100) return kSmall[static_cast<std::size_t>(n)];
    const Wide n2 = n * n;
    return (1 / 12.0L - (1 / 360.0L - (1 / 1260.0L - 1 / 1680.0L / n2) / n2) / n2) / n;
}

// x ln(x / mean) + mean - x without cancellation where they are near (Loader's bd0).
Wide deviance(Wide x, Wide mean) {
    const Wide difference = x - mean;
    if (std::abs(difference) > 0.1L * (x + mean)) return x * std::log(x / mean) + mean - x;
    const Wide v = difference / (x + mean);
    Wide sum = difference * v, power = 2 * x * v;
    for (int j = 1; j < 1000; ++j) {
        power *= v * v;
        const Wide next = sum + power / (2 * j + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

// ln P(X = k), X Poisson.
Wide log_poisson(Wide k, Wide lambda) {
    if (k == 0) return -lambda;
    return -stirling_error(k) - deviance(k, lambda) - std::log(2 * std::numbers::pi_v<Wide> * k) / 2;
}

// ln P(X = k), X binomial; q = 1 - p, both above 0.
Wide log_binomial(Wide k, Wide n, Wide p, Wide q) {
    if (k == 0) return n * (q < 0.5L ? std::log(q) : std::log1p(-p));
    if (k == n) return n * (p < 0.5L ? std::log(p) : std::log1p(-q));
    return stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, n * p) -
           deviance(n - k, n * q) - std::log(2 * std::numbers::pi_v<Wide> * k * (n - k) / n) / 2;
}

// 1 + r(0) + r(0) r(1) + …, where the ratios r fall.
template <class Ratio>
Wide series(Ratio ratio) {
    Wide sum = 1, term = 1;
    for (Wide j = 0;; ++j) {
        term *= ratio(j);
        if (!(term > sum * kEpsilon)) return sum;
        sum += term;
    }
}

// ln P(X >= k). Where k is above the mean its terms are added up; else those below k, whose sum is then
// never near 1.
Wide log_poisson_tail(Wide lambda, Wide k) {
    if (k == 0) return 0;
    if (lambda <= 0) return kNever;
    if (k > lambda)
        return log_poisson(k, lambda) + std::log(series([&](Wide j) { return lambda / (k + 1 + j); }));
    const Wide below = std::exp(log_poisson(k - 1, lambda)) *
                       series([&](Wide j) { return std::max<Wide>(0, k - 1 - j) / lambda; });
    return std::log1p(-std::min<Wide>(below, 1));
}

Wide log_binomial_tail(Wide n, Wide p, Wide q, Wide k) {
    if (k == 0) return 0;
    if (k > n || p <= 0) return kNever;
    if (q <= 0) return 0;
    if (k > n * p)
        return log_binomial(k, n, p, q) +
               std::log(series([&](Wide j) { return (n - k - j) / (k + 1 + j) * (p / q); }));
    const Wide below = std::exp(log_binomial(k - 1, n, p, q)) * series([&](Wide j) {
                           return std::max<Wide>(0, k - 1 - j) / (n - k + 2 + j) * (q / p);
                       });
    return std::log1p(-std::min<Wide>(below, 1));
}

double probability(Wide value) {
    if (!(value > 0)) return value == 0 ? 0.0 : 1.0;
    return static_cast<double>(std::clamp<Wide>(value, std::numeric_limits<double>::min(), 1));
}

double probability_of_log(Wide log) {
    if (log == kNever) return 0;
    return probability(std::max<Wide>(std::exp(log), std::numeric_limits<Wide>::min()));
}

Wide chance(double p) { return std::isnan(p) ? 1 : std::clamp<Wide>(p, 0, 1); }

// States 0 … k - 1 are how many happened so far, state k is "k or more".
Wide exact_tail(std::span<const double> p, std::size_t k) {
    std::vector<Wide> state(k + 1);
    state[0] = 1;
    for (const double given : p) {
        const Wide yes = chance(given), no = 1 - yes;
        state[k] += state[k - 1] * yes;
        for (std::size_t i = k - 1; i > 0; --i) state[i] = state[i] * no + state[i - 1] * yes;
        state[0] *= no;
    }
    return state[k];
}

// Narrows [0, 1] to the bounds of where `above` turns from false to true: by ratio while they are far apart,
// since proportions can be tiny.
template <class Above>
std::pair<Wide, Wide> bisect(Above above) {
    Wide low = 0, high = 1;
    for (int step = 0; step < 200; ++step) {
        const Wide middle = low > 0 && high / low > 2 ? std::sqrt(low * high) : (low + high) / 2;
        if (middle <= low || middle >= high) break;
        (above(middle) ? high : low) = middle;
    }
    return {low, high};
}

bool nothing_known(std::uint64_t k, std::uint64_t n, double alpha) {
    return n == 0 || k > n || !(alpha > 0 && alpha < 1);
}

}  // namespace

double poisson_tail(double lambda, std::uint64_t at_least) {
    if (std::isnan(lambda) || at_least == 0 || lambda == std::numeric_limits<double>::infinity()) return 1;
    return probability_of_log(log_poisson_tail(lambda, at_least));
}

double binomial_tail(std::uint64_t n, double p, std::uint64_t at_least) {
    return probability_of_log(log_binomial_tail(n, chance(p), 1 - chance(p), at_least));
}

double binomial_tail_log10(std::uint64_t n, double p, std::uint64_t at_least) {
    const Wide log = log_binomial_tail(n, chance(p), 1 - chance(p), at_least);
    return static_cast<double>(log / std::numbers::ln10_v<Wide>);
}

double poisson_binomial_tail(std::span<const double> p, std::uint64_t at_least) {
    if (at_least == 0) return 1;
    const auto possible =
        static_cast<std::uint64_t>(std::ranges::count_if(p, [](double given) { return chance(given) > 0; }));
    if (at_least > possible) return 0;
    if (p.size() <= kExactTerms || at_least <= kExactSteps / p.size())
        return probability(std::max<Wide>(exact_tail(p, at_least), std::numeric_limits<double>::min()));
    Wide mean = 0;
    for (const double given : p) mean += chance(given);
    if (static_cast<Wide>(at_least) < mean + 1) return 1;
    const Wide share = mean / static_cast<Wide>(p.size());
    return probability_of_log(log_binomial_tail(p.size(), share, 1 - share, at_least));
}

std::vector<double> benjamini_hochberg(std::span<const double> p, double tests) {
    const double all = tests > double(p.size()) ? tests : double(p.size());
    std::vector<double> clean(p.begin(), p.end());
    for (double& value : clean) value = static_cast<double>(chance(value));
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return clean[i]; });
    std::vector<double> q(p.size());
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        const std::size_t i = order[rank - 1];
        // Divided first: an infinite `tests` times p = 0 is no number.
        if (clean[i] > 0) least = std::min(least, clean[i] * (all / double(rank)));
        else least = 0;
        q[i] = least;
    }
    return q;
}

double proportion_upper(std::uint64_t k, std::uint64_t n, double alpha) {
    if (nothing_known(k, n, alpha) || k == n) return 1;
    // Where P(X <= k) falls below alpha: a lower tail, said without cancellation by counting the others.
    const Wide target = std::log(static_cast<Wide>(alpha));
    return static_cast<double>(
        bisect([&](Wide p) { return log_binomial_tail(n, 1 - p, p, n - k) < target; }).second);
}

double proportion_lower(std::uint64_t k, std::uint64_t n, double alpha) {
    if (nothing_known(k, n, alpha) || k == 0) return 0;
    const Wide target = std::log(static_cast<Wide>(alpha));
    return static_cast<double>(
        bisect([&](Wide p) { return log_binomial_tail(n, p, 1 - p, k) > target; }).first);
}

}  // namespace contrechamp::coordination
