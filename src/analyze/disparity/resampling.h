// Shuffling people between two groups, and drawing them again: the two procedures behind clusters.h, which
// says what they give. Everybody has a denominator above 0; the rate is Σ numerator / Σ denominator.
#pragma once

#include "analyze/disparity/clusters.h"

namespace contrechamp::disparity {

struct Shuffled {
    double p = kNotANumber;
    std::uint64_t assignments = 0;
    bool enumerated = false;
};
Shuffled permutation_test(std::span<const Person> a, std::span<const Person> b,
                          const ContrastSettings& settings);

Bootstrap bootstrap(std::span<const Person> a, std::span<const Person> b, const ContrastSettings& settings);

}  // namespace contrechamp::disparity
