// Does a score say how likely the outcome is, and the same for every group? Call once a group.
//
// Scores in [0, 1] that claim to be probabilities are compared with what happened; any other number (ordinal,
// unbounded) is only cut into bins with the rate observed in each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyze/disparity/ranking.h"

namespace contrechamp::disparity {

inline constexpr std::size_t kFewestEvents = 10;  // and as many non-events, for anything but the bins

// One bin: scores in [low, high], both met with in it. Wilson's interval (1927) where every person has one
// row, otherwise people's (clustered_interval), refused below five people in the bin (NaN ends).
struct CalibrationBin {
    double low = 0, high = 0, mean_score = 0;
    Count count;
    std::size_t people = 0;
    Interval interval;
};

// A number with its interval; NaN where it is refused.
struct CalibrationTerm {
    double value = kNotANumber, se = kNotANumber;
    Interval interval;
};

struct Calibration {
    std::size_t rows = 0, events = 0, people = 0;
    std::vector<CalibrationBin> bins;  // ascending, none empty
    bool probabilities = false;        // every score within [0, 1], and asked for as probabilities
    // Expected calibration error over these bins: Σ n_b/n · |observed - mean score|. It is above 0 by chance
    // alone and depends on the bins: a description, no test.
    double expected_error = kNotANumber;
    // Calibration in the large: mean outcome less mean score (0 is right), interval by people.
    CalibrationTerm in_the_large;
    // Logistic recalibration (Cox 1958; Van Calster et al. 2016): `intercept` a of logit P = a + logit(score)
    // (0 is right; calibration in the large on the logit scale) and `slope` b of logit P = a + b·logit(score)
    // (1 is right, below 1: too extreme). Newton; standard errors by the sandwich over people with
    // m/(m - 1)·(n - 1)/(n - k), t with m - 1 degrees of freedom. Scores of exactly 0 and 1 count as 10⁻⁶ and
    // 1 - 10⁻⁶ here (`clipped` of them).
    CalibrationTerm intercept, slope;
    double model_se_intercept = kNotANumber,
           model_se_slope = kNotANumber;  // if rows were people and the model right
    std::size_t clipped = 0;
    // Empty; "no-events": fewer than kFewestEvents outcomes, or as few non-outcomes; "too-few-people";
    // "not-probabilities". Then only the bins are given.
    std::string_view refused;
    // Empty; "separated": outcomes are parted by the score, or it is the same for all, so that no finite
    // intercept or slope fits.
    std::string_view recalibration_refused;
};

struct CalibrationSettings {
    bool probabilities = true;   // the scores claim to be probabilities
    std::size_t quantiles = 10;  // bins of as many rows each; equal scores stay together. 1 to 1,000
    std::vector<double>
        edges;  // instead: ascending; bin k holds edges[k-1] ≤ score < edges[k], open at both ends
    double level = 0.95;
};

// Errors: as auc; edges not ascending or NaN; quantiles out of range. Infinite scores are refused too.
Result<Calibration> calibrate(const Scored& rows, const CalibrationSettings& settings = {});

}  // namespace contrechamp::disparity
