// Many tests at once: p-values adjusted for how many were done, as R's p.adjust. In the order given, in [0,
// 1]; a p that is NaN (a test that could not be done) stays NaN and does not count as a test.
#pragma once

#include <span>
#include <vector>

namespace contrechamp::disparity {

// Holm 1979: the chance of any false alarm among all. For hypotheses declared beforehand.
std::vector<double> holm(std::span<const double> p);

// Benjamini and Hochberg 1995: the expected share of false alarms among the discoveries. For exploration.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace contrechamp::disparity
