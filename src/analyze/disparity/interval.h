// What the statistics of this room give and take.
#pragma once

#include <cstdint>
#include <limits>

namespace contrechamp::disparity {

inline constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A confidence interval; both ends NaN where none can be given. Ends may be infinite.
struct Interval {
    double low = kNotANumber, high = kNotANumber;
};

// `events` of `of`.
struct Count {
    std::uint64_t events = 0, of = 0;
    double rate() const { return of ? double(events) / double(of) : kNotANumber; }
};

}  // namespace contrechamp::disparity
