// One proportion: `events` of `of`, and how surely. Rates and bounds are shares in [0, 1]; `level` is the
// confidence, such as 0.95, in (0, 1). Nothing can be said of nobody, of more events than people, or at
// another level: the answer is then NaN (both ends of an interval). Pure functions, safe in any thread; work
// does not grow with the counts.
#pragma once

#include <cstdint>

#include "analyze/disparity/interval.h"

namespace contrechamp::disparity {

// Whether rates can be computed: somebody is there, and no more events than people.
constexpr bool usable(Count count) { return count.of > 0 && count.events <= count.of; }

// The z of a two-sided interval: 1.959964 for 0.95. NaN for a level outside (0, 1).
double two_sided_z(double level);

// Clopper and Pearson 1934 ("The use of confidence or fiducial limits", Biometrika 26), by quantiles of the
// beta distribution, as R's binom.test. Never covers less than it says; with no event its low end is 0, with
// nothing but events its high end is 1.
Interval clopper_pearson(Count count, double level);

// Tail-mid-p: low is where P(X > k) + P(X = k) / 2 = (1 - level) / 2, high the same for the lower tail
// (Lancaster 1961; Agresti and Gottard 2005). Narrower than Clopper-Pearson, covers about what it says on
// average and may fall somewhat below it. No event: low is 0; nothing but events: high is 1.
Interval mid_p_interval(Count count, double level);

// Wilson 1927, the score interval without continuity correction: what Newcombe's difference is made of.
Interval wilson(Count count, double level);

// After `of` trials without one event the rate is below this, with one-sided confidence `level`:
// 1 - (1 - level)^(1 / of).
double zero_events_upper(std::uint64_t of, double level);

// The same at 95 %, as people compute it by hand: 3 / of, at most 1 (Hanley and Lippman-Hand 1983, JAMA 249).
double rule_of_three(std::uint64_t of);

}  // namespace contrechamp::disparity
