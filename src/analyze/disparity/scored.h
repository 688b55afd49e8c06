// Rows of ranking.h checked, and put in the order of their scores.
#pragma once

#include "analyze/disparity/ranking.h"

namespace contrechamp::disparity {

struct Ranked {
    double score = 0;
    std::uint32_t row = 0;
};

// Ascending; equal scores in the order of rows.
std::vector<Ranked> ranked(std::span<const double> scores);

// The errors that ranking.h names.
Status check(const Scored& rows, double level);

}  // namespace contrechamp::disparity
