// Boost.Math's distributions as this room asks for them: no exceptions, NaN where there is no answer. For
// .cpp files only: the includes are heavy.
#pragma once

#include <cmath>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "analyze/disparity/interval.h"

namespace contrechamp::disparity {

namespace quiet {
using namespace boost::math::policies;
using Policy = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                      underflow_error<ignore_error>, evaluation_error<ignore_error>, promote_double<false>>;
}  // namespace quiet

using Normal = boost::math::normal_distribution<double, quiet::Policy>;
using StudentT = boost::math::students_t_distribution<double, quiet::Policy>;

// How many standard errors an interval reaches to each side.
inline double t_reach(double df, double level) {
    return df > 0 ? quantile(complement(StudentT(df), (1 - level) / 2)) : kNotANumber;
}
inline double z_reach(double level) { return quantile(complement(Normal(), (1 - level) / 2)); }

inline double t_two_sided(double t, double df) {
    if (!(df > 0) || std::isnan(t)) return kNotANumber;
    return std::isinf(t) ? 0 : 2 * cdf(complement(StudentT(df), std::abs(t)));
}
inline double z_two_sided(double z) {
    return std::isnan(z) ? kNotANumber : 2 * cdf(complement(Normal(), std::abs(z)));
}

// Wilson's score interval (1927) of `events` of `of` (> 0).
inline Interval wilson_interval(double events, double of, double level) {
    const double z = z_reach(level), share = events / of, keep = 1 + z * z / of,
                 middle = (share + z * z / (2 * of)) / keep,
                 reach = z / keep * std::sqrt(share * (1 - share) / of + z * z / (4 * of * of));
    return {events > 0 ? middle - reach : 0, events < of ? middle + reach : 1};
}

// The interval of a - b from those of a and b: Newcombe 1998 (method 10) for Wilson's, in general "MOVER"
// (Zou and Donner 2008).
inline Interval difference_interval(double a, Interval of_a, double b, Interval of_b) {
    return {a - b - std::hypot(a - of_a.low, of_b.high - b), a - b + std::hypot(of_a.high - a, b - of_b.low)};
}

// The sum of two independent estimates' variances has these degrees of freedom (Welch 1947, Satterthwaite
// 1946).
inline double welch_df(double va, double dfa, double vb, double dfb) {
    const double sum = va + vb;
    return sum * sum / ((va > 0 ? va * va / dfa : 0) + (vb > 0 ? vb * vb / dfb : 0));
}

}  // namespace contrechamp::disparity
