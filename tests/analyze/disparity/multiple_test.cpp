#include "analyze/disparity/multiple.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "analyze/disparity/interval.h"

using namespace contrechamp::disparity;

namespace {

std::vector<double> random_p(std::mt19937& random, std::size_t size) {
    std::vector<double> p;
    for (std::size_t i = 0; i < size; ++i) p.push_back(double(random() % 50) / 400);
    return p;
}

}  // namespace

// Holm is the closure of Bonferroni: a hypothesis falls when each set of hypotheses with it falls.
TEST(Multiple, HolmIsTheClosedTest) {
    std::mt19937 random(1);
    for (int round = 0; round < 100; ++round) {
        const auto p = random_p(random, 1 + round % 8);
        const auto found = holm(p);
        for (std::size_t i = 0; i < p.size(); ++i) {
            double worst = 0;
            for (unsigned set = 0; set < 1u << p.size(); ++set) {
                if (!(set >> i & 1)) continue;
                double least = 1, size = 0;
                for (std::size_t j = 0; j < p.size(); ++j)
                    if (set >> j & 1) least = std::min(least, p[j]), ++size;
                worst = std::max(worst, std::min(1.0, least * size));
            }
            EXPECT_NEAR(found[i], worst, 1e-15);
        }
    }
}

// The least rate at which the step-up rule discovers it.
TEST(Multiple, BenjaminiHochbergIsTheStepUpRule) {
    std::mt19937 random(2);
    for (int round = 0; round < 100; ++round) {
        const auto p = random_p(random, 1 + round % 12);
        const auto found = benjamini_hochberg(p);
        const auto discovers = [&](std::size_t i, double q) {
            auto sorted = p;
            std::ranges::sort(sorted);
            double bar = -1;
            for (std::size_t k = 0; k < sorted.size(); ++k)
                if (sorted[k] <= q * double(k + 1) / double(sorted.size())) bar = sorted[k];
            return p[i] <= bar;
        };
        for (std::size_t i = 0; i < p.size(); ++i) {
            EXPECT_TRUE(discovers(i, found[i] + 1e-12));
            if (found[i] > 0) EXPECT_FALSE(discovers(i, found[i] - 1e-12));
        }
    }
}

TEST(Multiple, TestsThatWereNotDoneDoNotCount) {
    for (const auto method : {holm, benjamini_hochberg}) {
        const auto with = method(std::vector{0.01, kNotANumber, 0.04, kNotANumber, 0.03});
        const auto without = method(std::vector{0.01, 0.04, 0.03});
        EXPECT_TRUE(std::isnan(with[1]) && std::isnan(with[3]));
        EXPECT_EQ(std::vector({with[0], with[2], with[4]}), without);
        EXPECT_TRUE(method({}).empty());
    }
}
