// Face (and voice) matching: comparison scores of one person with themselves (genuine) and of two people
// (impostor), and how often a threshold errs, by group. Terms of ISO/IEC 19795-1 and 19795-10:
//     FMR   false match rate: impostor comparisons that match      FNMR  genuine comparisons that do not
// A similarity matches when score ≥ threshold, a distance when score ≤ threshold.
//
// Comparisons are not independent: each touches two people, and one lamb or wolf is in many. Given the two
// people of each, the rate's variance is that of dyadic data (Fafchamps and Gubert 2007; Aronow, Samii and
// Assenova 2015), the linearised form of deleting one person at a time with all their comparisons:
//     v = m/(m-1) · [ Σ_person T² - Σ_pair of different people P² ] / n²,
// T the sum of residuals (error less rate) of a person's comparisons, P of a pair's, which T of both counts.
// We take it and not two-way clustering (probe, gallery), since one person is on both sides; and not the
// replicated jackknife, since this is one pass after sorting. Where it is not above 0 the first sum stands
// alone. Where everybody is only compared with themselves it is the pooled rate of people (clusters.h), which
// is the same with smaller corrections. The interval is Korn and Graubard's exact one with the effective
// number of comparisons (clusters.h). Each pair of people compared one single time and everybody once: the
// exact binomial one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyze/disparity/clusters.h"

namespace contrechamp::disparity {

enum class ScoreKind : std::uint8_t { similarity, distance };

// Who was compared: two numbers of people, in any order; the same twice for a genuine comparison.
struct Compared {
    std::uint32_t first = 0, second = 0;
};

// Comparisons of one kind. `people` is empty when it is not known who was compared.
struct Comparisons {
    std::span<const double> scores;
    std::span<const Compared> people;
};

// Fewer false matches (or false non-matches) than this behind a rate are "imprecise" (Doddington's rule of
// 30).
inline constexpr std::uint64_t kFewestErrors = 30;

struct MatchRate {
    Count count;             // errors of comparisons
    std::size_t people = 0;  // in the comparisons; 0 when not known
    double rate = kNotANumber;
    double se = kNotANumber, df = kNotANumber;  // people's; NaN when not known or refused
    // Exact: of comparisons when people are not known (too narrow when they repeat: `independent` then is an
    // assumption); people's otherwise.
    Interval interval;
    bool independent = true;
    bool imprecise = false;  // fewer than 30 errors, or fewer than 30 non-errors
    // Comparisons that share nobody: with people known as many as one finds taking each in turn, unless one
    // of its people was already taken; else all. Without (with nothing but) errors the interval is of so
    // many, and rule_of_three is 3 of them, the usual 95 % bound.
    std::uint64_t disjoint = 0;
    double rule_of_three = kNotANumber;
    std::string_view refused;  // "no-events": no comparisons; "too-few-people": fewer than five, no interval
};

// Errors: a score that is not finite, a threshold that is NaN, people of another length than scores, a level
// outside (0, 1).
Result<MatchRate> fmr_at(const Comparisons& impostor, ScoreKind kind, double threshold, double level = 0.95);
Result<MatchRate> fnmr_at(const Comparisons& genuine, ScoreKind kind, double threshold, double level = 0.95);

struct DetPoint {
    double threshold = 0, fmr = 0, fnmr = 0;
};

// Equal error rate as pyeer's published figures have it: at that threshold, of the scores that occur and one
// beyond all, where FMR and FNMR differ least (the most lenient such); low and high are its two rates, EER
// their mean.
struct Eer {
    double eer = kNotANumber, low = kNotANumber, high = kNotANumber, threshold = kNotANumber;
};

// FNMR ("FMR100" for a target of 0.01) at the most lenient threshold (of the scores that occur, and one
// beyond all) where FMR ≤ target.
struct AtFmr {
    double target = 0, threshold = kNotANumber;
    MatchRate fmr, fnmr;  // at that threshold; its own uncertainty is not in them
};

struct Detection {
    // Lenient to strict, from FMR 1 to FNMR 1 (at +∞, for a distance -∞): every threshold where there are
    // few, else the first at or beyond each of equal steps on either of the two normal-deviate axes.
    std::vector<DetPoint> det;
    Eer eer;
    std::vector<AtFmr> at;     // one per target
    std::string_view refused;  // "no-events": genuine or impostor comparisons are missing; nothing is given
};

struct DetectionSettings {
    ScoreKind kind = ScoreKind::similarity;
    std::vector<double> targets = {1e-2, 1e-3, 1e-4};  // FMR
    std::size_t points = 200;                          // of the DET curve, at least 2
    double level = 0.95;
};

// Errors: as fmr_at; a target outside (0, 1).
Result<Detection> detection(const Comparisons& genuine, const Comparisons& impostor,
                            const DetectionSettings& settings = {});

// Two groups that share nobody at one threshold. Intervals are put together from the two rates' own ("MOVER",
// Zou and Donner 2008; for the ratio on the log scale), so that they hold for a few errors and for none; p is
// where the difference's interval would just reach 0 (at least 1e-12). Where people are not known comparisons
// stand for them
// (`independent`), and the counts can go to Fisher's test as well.
struct MatchContrast {
    double difference = kNotANumber, ratio = kNotANumber, p = kNotANumber;
    Interval difference_interval, ratio_interval;  // ratio's NaN where a rate is 0
    bool independent = false;
    bool imprecise = false;    // one of the rates is
    std::string_view refused;  // the rates' reasons, a's first
};
MatchContrast match_contrast(const MatchRate& a, const MatchRate& b, double level = 0.95);

// ISO/IEC 19795-10 differential performance of one rate over groups (NIST IR 8429 uses both): the largest
// over the smallest, and over the geometric mean. ∞ when the smallest is 0 and the largest is not, NaN when
// all are 0 or there are fewer than two; NaN rates are left out.
struct Differential {
    std::size_t groups = 0, largest = 0, smallest = 0;  // indices of the first such
    double max_to_min = kNotANumber, max_to_geometric_mean = kNotANumber;
};
Differential differential(std::span<const double> rates);

}  // namespace contrechamp::disparity
