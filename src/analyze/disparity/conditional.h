// Inside of two_by_two.cpp and stratified.cpp: a family of distributions on whole numbers, weights w(y)
// psi^y, of which one value `x` was seen. The weights fall on both sides of a mode (hypergeometric
// distributions and their sums are log-concave), so that sums start at the mode or at x and stop where terms
// vanish.
//
// `Weights` has: std::int64_t lo, hi; Wide ratio(y), w(y + 1) / w(y) for lo <= y < hi, falling in y;
// Wide log_relative(y, m), ln of w(y) / w(m).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "analyze/disparity/interval.h"

namespace contrechamp::disparity::conditional {

// x87's 64 bits of mantissa and 15 of exponent: what logarithms of factorials lose stays below 1e-10.
using Wide = long double;
inline constexpr Wide kVanished = 1e-25L;  // a sum ends where a term adds less than this share
inline constexpr Wide kWideInfinity = std::numeric_limits<Wide>::infinity();

// Sums of w, w (y - x) and w (y - x)², over what stands below x, and above.
struct Moments {
    Wide mass = 0, first = 0, second = 0;
    void add(Wide weight, Wide offset) {
        mass += weight;
        first += weight * offset;
        second += weight * offset * offset;
    }
    void add(const Moments& other, Wide scale) {
        mass += scale * other.mass;
        first += scale * other.first;
        second += scale * other.second;
    }
};
struct Split {
    Moments below, above;
    Wide at = 0;  // w(x)
    Wide total() const { return below.mass + at + above.mass; }
    Wide mean_offset() const { return (below.first + above.first) / total(); }
    Wide variance() const {
        const Wide mean = mean_offset();
        return (below.second + above.second) / total() - mean * mean;
    }
};

// The first y from which weights no longer rise.
template <class Weights>
std::int64_t mode(const Weights& weights, Wide psi) {
    std::int64_t low = weights.lo, high = weights.hi;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (weights.ratio(middle) * psi > 1) low = middle + 1;
        else high = middle;
    }
    return low;
}

// w(from) is 1; on to `last` (which may stand on the wrong side: nothing then), away from the mode.
template <class Weights>
Moments outward(const Weights& weights, Wide psi, std::int64_t from, std::int64_t last, std::int64_t x) {
    Moments sum;
    const bool up = last >= from;
    Wide weight = 1;
    for (std::int64_t y = from;;) {
        sum.add(weight, static_cast<Wide>(y - x));
        if (y == last) return sum;
        weight = up ? weight * weights.ratio(y) * psi : weight / (weights.ratio(y - 1) * psi);
        y += up ? 1 : -1;
        if (!(weight > kVanished * sum.mass)) return sum;
    }
}

template <class Weights>
Moments upward(const Weights& weights, Wide psi, std::int64_t from, std::int64_t last, std::int64_t x) {
    return from <= last ? outward(weights, psi, from, last, x) : Moments{};
}
template <class Weights>
Moments downward(const Weights& weights, Wide psi, std::int64_t from, std::int64_t last, std::int64_t x) {
    return from >= last ? outward(weights, psi, from, last, x) : Moments{};
}

// All relative to the weight of the mode.
template <class Weights>
Split split(const Weights& weights, Wide theta, std::int64_t x) {
    const Wide psi = std::exp(theta);
    const std::int64_t top = mode(weights, psi);
    Split sums;
    sums.at = std::exp(weights.log_relative(x, top) + theta * static_cast<Wide>(x - top));
    const Wide rise = x < weights.hi ? sums.at * weights.ratio(x) * psi : 0;
    const Wide fall = x > weights.lo ? sums.at / (weights.ratio(x - 1) * psi) : 0;
    if (top <= x) {
        sums.above.add(upward(weights, psi, x + 1, weights.hi, x), rise);
        sums.below.add(upward(weights, psi, top, x - 1, x), 1);
        if (top == x) sums.below.add(downward(weights, psi, x - 1, weights.lo, x), fall);
        else if (top > weights.lo)
            sums.below.add(downward(weights, psi, top - 1, weights.lo, x),
                           1 / (weights.ratio(top - 1) * psi));
    } else {
        sums.below.add(downward(weights, psi, x - 1, weights.lo, x), fall);
        sums.above.add(downward(weights, psi, top, x + 1, x), 1);
        if (top < weights.hi)
            sums.above.add(upward(weights, psi, top + 1, weights.hi, x), weights.ratio(top) * psi);
    }
    return sums;
}

// Where an increasing function, given with its slope, is 0: Newton's steps, kept between what is known to be
// too low and too high.
template <class Function>
Wide increasing_root(Function function, Wide start) {
    Wide low = -kWideInfinity, high = kWideInfinity, at = start, reach = 1;
    for (int step = 0; step < 400; ++step) {
        const auto [value, slope] = function(at);
        if (value == 0) return at;
        (value < 0 ? low : high) = at;
        const bool bracketed = std::isfinite(low) && std::isfinite(high);
        Wide next = at - value / slope;
        if (!bracketed && !(std::abs(next - at) < reach)) {
            next = value < 0 ? at + reach : at - reach;
            reach *= 2;
        } else if (!(next > low && next < high)) {
            next = bracketed ? (low + high) / 2 : next;
        }
        if (!(std::abs(next - at) > 1e-14L * (1 + std::abs(at)))) return next;
        at = next;
    }
    return at;
}

// ln psi at which the mean is x; x strictly between the ends.
template <class Weights>
Wide log_mle(const Weights& weights, std::int64_t x, Wide start) {
    return increasing_root(
        [&](Wide theta) {
            const Split sums = split(weights, theta, x);
            return std::pair{sums.mean_offset(), sums.variance()};
        },
        start);
}

// ln psi at which the upper tail (or the lower) has probability alpha; `part` of w(x) counts.
template <class Weights>
Wide log_limit(const Weights& weights, std::int64_t x, bool upper_tail, Wide part, Wide alpha, Wide start) {
    const Wide sign = upper_tail ? 1 : -1;
    return increasing_root(
        [&](Wide theta) {
            const Split sums = split(weights, theta, x);
            const Moments& beyond = upper_tail ? sums.above : sums.below;
            const Wide tail = beyond.mass + part * sums.at;
            return std::pair{sign * (std::log(tail / sums.total()) - std::log(alpha)),
                             sign * (beyond.first / tail - sums.mean_offset())};
        },
        start);
}

// psi, both ends; `spread` is a rough standard error of ln psi around `start`.
template <class Weights>
Interval limits(const Weights& weights, std::int64_t x, Wide part, double level, Wide start, Wide spread) {
    const Wide alpha = (1 - static_cast<Wide>(level)) / 2;
    Interval interval{0, kInfinity};
    if (x > weights.lo)
        interval.low =
            static_cast<double>(std::exp(log_limit(weights, x, true, part, alpha, start - spread)));
    if (x < weights.hi)
        interval.high =
            static_cast<double>(std::exp(log_limit(weights, x, false, part, alpha, start + spread)));
    return interval;
}

inline double as_probability(Wide p) {
    return static_cast<double>(std::clamp<Wide>(p, std::numeric_limits<double>::min(), 1));
}

// Probability at psi = 1 of all values not likelier than x, times R's 1 + 1e-7 (fisher.test's relErr), so
// that equally likely values count whatever the rounding.
template <class Weights>
double two_sided_p(const Weights& weights, std::int64_t x) {
    const std::int64_t top = mode(weights, 1);
    const Wide bar = weights.log_relative(x, top) + std::log1p(1e-7L);
    if (bar >= 0) return 1;
    // The innermost values on both sides that are not likelier: weights rise to `top` and fall from it.
    std::int64_t outside = weights.lo - 1, inside = top;
    while (inside - outside > 1) {
        const std::int64_t middle = outside + (inside - outside) / 2;
        (weights.log_relative(middle, top) <= bar ? outside : inside) = middle;
    }
    const std::int64_t left = outside;
    inside = top;
    outside = weights.hi + 1;
    while (outside - inside > 1) {
        const std::int64_t middle = inside + (outside - inside) / 2;
        (weights.log_relative(middle, top) <= bar ? outside : inside) = middle;
    }
    const std::int64_t right = outside;
    Wide tails = 0;
    if (left >= weights.lo)
        tails +=
            std::exp(weights.log_relative(left, top)) * outward(weights, Wide{1}, left, weights.lo, x).mass;
    if (right <= weights.hi)
        tails +=
            std::exp(weights.log_relative(right, top)) * upward(weights, Wide{1}, right, weights.hi, x).mass;
    return as_probability(tails / split(weights, 0, x).total());
}

template <class Weights>
double mid_p(const Weights& weights, std::int64_t x) {
    const Split sums = split(weights, 0, x);
    return as_probability(2 * (std::min(sums.below.mass, sums.above.mass) + sums.at / 2) / sums.total());
}

// a.events of one table, given its margins.
struct Table {
    std::int64_t in_a = 0, in_b = 0, events = 0;  // people of a, of b, events in both
    std::int64_t lo = 0, hi = 0;

    Table(Count a, Count b)
        : in_a(static_cast<std::int64_t>(a.of)),
          in_b(static_cast<std::int64_t>(b.of)),
          events(static_cast<std::int64_t>(a.events + b.events)),
          lo(std::max<std::int64_t>(0, events - in_b)),
          hi(std::min(in_a, events)) {}

    Wide ratio(std::int64_t y) const {
        return static_cast<Wide>(in_a - y) * static_cast<Wide>(events - y) /
               (static_cast<Wide>(y + 1) * static_cast<Wide>(in_b - events + y + 1));
    }
    Wide log_relative(std::int64_t y, std::int64_t m) const {
        if (y == m) return 0;
        const std::int64_t rest = in_b - events;
        return (log_factorial(m) - log_factorial(y)) + (log_factorial(in_a - m) - log_factorial(in_a - y)) +
               (log_factorial(events - m) - log_factorial(events - y)) +
               (log_factorial(rest + m) - log_factorial(rest + y));
    }
    static Wide log_factorial(std::int64_t n) {
        int sign = 0;
        return ::lgammal_r(static_cast<Wide>(n) + 1, &sign);
    }
};

// A distribution written out: value lo + i has weight w[i], none of them 0.
struct Listed {
    std::int64_t lo = 0, hi = 0;
    std::vector<Wide> w;

    Wide at(std::int64_t y) const { return w[static_cast<std::size_t>(y - lo)]; }
    Wide ratio(std::int64_t y) const { return at(y + 1) / at(y); }
    Wide log_relative(std::int64_t y, std::int64_t m) const { return std::log(at(y) / at(m)); }
};

}  // namespace contrechamp::disparity::conditional
