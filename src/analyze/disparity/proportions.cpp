#include "analyze/disparity/proportions.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

namespace contrechamp::disparity {
namespace {

// Nothing is thrown: what cannot be computed is NaN.
using Quiet = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>>;

bool asked(Count count, double level) { return usable(count) && level > 0 && level < 1; }

// X binomial (n, p): P(X > k) + P(X = k) / 2, and P(X < k) + P(X = k) / 2.
double upper_mid_tail(double k, double n, double p) {
    const double at_least = k > 0 ? boost::math::ibeta(k, n - k + 1, p, Quiet()) : 1;
    const double above = k < n ? boost::math::ibeta(k + 1, n - k, p, Quiet()) : 0;
    return (at_least + above) / 2;
}
double lower_mid_tail(double k, double n, double p) {
    const double at_most = k < n ? boost::math::ibetac(k + 1, n - k, p, Quiet()) : 1;
    const double below = k > 0 ? boost::math::ibetac(k, n - k + 1, p, Quiet()) : 0;
    return (at_most + below) / 2;
}

// The rate from which `enough` is true. By ratio while the ends are far apart, since rates can be tiny.
template <class Enough>
double first_rate(Enough enough) {
    double low = 0, high = 1;
    for (int step = 0; step < 300; ++step) {
        const double middle = low == 0         ? high / 1024
                              : high / low > 2 ? std::sqrt(low * high)
                                               : (low + high) / 2;
        if (middle <= low || middle >= high) break;
        (enough(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace

double two_sided_z(double level) {
    if (!(level > 0 && level < 1)) return kNotANumber;
    return std::numbers::sqrt2 * boost::math::erfc_inv(1 - level, Quiet());
}

Interval clopper_pearson(Count count, double level) {
    if (!asked(count, level)) return {};
    const double k = double(count.events), n = double(count.of), tail = (1 - level) / 2;
    return {count.events == 0 ? 0 : boost::math::ibeta_inv(k, n - k + 1, tail, Quiet()),
            count.events == count.of ? 1 : boost::math::ibetac_inv(k + 1, n - k, tail, Quiet())};
}

Interval mid_p_interval(Count count, double level) {
    if (!asked(count, level)) return {};
    const double k = double(count.events), n = double(count.of), tail = (1 - level) / 2;
    return {
        count.events == 0 ? 0 : first_rate([&](double p) { return upper_mid_tail(k, n, p) >= tail; }),
        count.events == count.of ? 1 : first_rate([&](double p) { return lower_mid_tail(k, n, p) <= tail; })};
}

Interval wilson(Count count, double level) {
    if (!asked(count, level)) return {};
    const double k = double(count.events), n = double(count.of), z = two_sided_z(level);
    const double centre = (k + z * z / 2) / (n + z * z);
    const double reach = z * std::sqrt(k * ((n - k) / n) + z * z / 4) / (n + z * z);
    return {count.events == 0 ? 0 : centre - reach, count.events == count.of ? 1 : centre + reach};
}

double zero_events_upper(std::uint64_t of, double level) {
    if (of == 0 || !(level > 0 && level < 1)) return kNotANumber;
    return -std::expm1(std::log1p(-level) / double(of));
}

double rule_of_three(std::uint64_t of) { return of == 0 ? kNotANumber : std::min(1.0, 3 / double(of)); }

}  // namespace contrechamp::disparity
