// Numbers that no honest table holds: whatever is given, an answer or an error comes back, and what is given
// as a probability is one.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/calibration.h"
#include "analyze/disparity/detection.h"
#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

constexpr int kRounds = 400;

double odd(Random& random) {
    using Limits = std::numeric_limits<double>;
    static const double values[] = {
        0,    1,    -1,    0.5,           1e-300,         1e300, Limits::max(), Limits::denorm_min(),
        1e15, 1e-9, 1e154, Limits::min(), -Limits::max(), 3,     0.1,           1 - 1e-16};
    return random.below(3) ? values[random.below(16)] : random.uniform();
}

void expect_probability(double p) {
    if (!std::isnan(p)) {
        EXPECT_GE(p, 0);
        EXPECT_LE(p, 1);
    }
}

void expect_share(const Interval& interval) {
    expect_probability(interval.low);
    expect_probability(interval.high);
    EXPECT_FALSE(interval.low > interval.high);
}

}  // namespace

TEST(Extremes, people) {
    for (int round = 0; round < kRounds; ++round) {
        Random random(1, static_cast<std::uint64_t>(round));
        std::vector<Person> a, b;
        for (auto* people : {&a, &b})
            for (auto i = random.below(25); i > 0; --i)
                people->push_back({odd(random), std::abs(odd(random))});
        ContrastSettings settings;
        settings.permutations = 50;
        settings.replicates = 50;
        settings.estimand = random.below(2) ? Estimand::pooled : Estimand::mean_of_people;
        const auto got = contrast(a, b, settings);
        ASSERT_TRUE(got);
        for (const double p : {got->p, got->p_welch, got->p_permutation, got->naive.p}) expect_probability(p);
        EXPECT_EQ(got->a.people + got->a.left_out, a.size());
    }
}

TEST(Extremes, scores) {
    for (int round = 0; round < kRounds; ++round) {
        Random random(2, static_cast<std::uint64_t>(round));
        std::vector<double> scores;
        std::vector<std::uint8_t> outcomes;
        std::vector<std::uint32_t> people;
        for (auto i = random.below(60); i > 0; --i) {
            scores.push_back(round % 2 ? odd(random) : std::fmod(std::abs(odd(random)), 1));
            outcomes.push_back(random.below(2) != 0);
            people.push_back(random.below(2) ? random.below(9) : ~random.below(9));
        }
        const Scored rows{
            scores, outcomes,
            round % 3 ? std::span<const std::uint32_t>(people) : std::span<const std::uint32_t>()};
        const auto ranked = auc(rows).value();
        expect_probability(ranked.auc);
        expect_share(ranked.interval);
        const auto rates = rates_at(rows, odd(random)).value();
        for (const auto* rate : {&rates.tpr, &rates.fpr, &rates.fnr, &rates.ppv, &rates.npv})
            expect_share(rate->interval);
        EXPECT_EQ(rates.tpr.count.of + rates.fpr.count.of, scores.size());
        EXPECT_LE(roc(rows, 5)->size(), 5);
        const auto calibrated = calibrate(rows).value();
        std::uint64_t in_bins = 0;
        for (const auto& bin : calibrated.bins) {
            in_bins += bin.count.of;
            expect_share(bin.interval);
        }
        EXPECT_EQ(in_bins, scores.size());
    }
}

TEST(Extremes, matches) {
    for (int round = 0; round < kRounds; ++round) {
        Random random(3, static_cast<std::uint64_t>(round));
        std::vector<double> genuine, impostor;
        std::vector<Compared> people;
        for (auto i = random.below(40); i > 0; --i) genuine.push_back(odd(random));
        for (auto i = random.below(40); i > 0; --i) {
            impostor.push_back(odd(random));
            people.push_back({random.below(7), ~random.below(7)});
        }
        const auto kind = random.below(2) ? ScoreKind::similarity : ScoreKind::distance;
        const std::size_t points = 2 + random.below(20);
        const auto got =
            detection({genuine, {}}, {impostor, people}, {.kind = kind, .points = points}).value();
        EXPECT_LE(got.det.size(), points);
        EXPECT_EQ(got.refused.empty(), !genuine.empty() && !impostor.empty());
        const auto fmr = fmr_at({impostor, people}, kind, odd(random)).value(),
                   other = fnmr_at({genuine, {}}, kind, odd(random)).value();
        expect_share(fmr.interval);
        expect_share(other.interval);
        expect_probability(match_contrast(fmr, other).p);
        for (const auto& at : got.at) EXPECT_LE(at.fmr.rate, at.target);
    }
}

}  // namespace contrechamp::disparity
