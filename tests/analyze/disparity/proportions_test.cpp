#include "analyze/disparity/proportions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

using namespace contrechamp::disparity;

namespace {

// P(X = 0 … n), X binomial (n, p), by the definition.
std::vector<double> binomial(int n, double p) {
    std::vector<double> all;
    for (int k = 0; k <= n; ++k) {
        double ways = 1;
        for (int i = 1; i <= k; ++i) ways *= double(n - k + i) / i;
        all.push_back(ways * std::pow(p, k) * std::pow(1 - p, n - k));
    }
    return all;
}

double from(const std::vector<double>& p, int first, int last) {
    double sum = 0;
    for (int k = first; k <= last; ++k) sum += p[static_cast<std::size_t>(k)];
    return sum;
}

Count of(int k, int n) { return {static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n)}; }

}  // namespace

TEST(Proportions, EndsSolveTheirEquations) {
    for (const double level : {0.8, 0.95, 0.99})
        for (const int n : {1, 2, 7, 30})
            for (int k = 0; k <= n; ++k) {
                const double tail = (1 - level) / 2;
                const auto exact = clopper_pearson(of(k, n), level), mid = mid_p_interval(of(k, n), level);
                if (k > 0) {
                    EXPECT_NEAR(from(binomial(n, exact.low), k, n), tail, 1e-12);
                    const auto p = binomial(n, mid.low);
                    EXPECT_NEAR(from(p, k, n) - p[static_cast<std::size_t>(k)] / 2, tail, 1e-12);
                } else {
                    EXPECT_EQ(exact.low, 0);
                    EXPECT_EQ(mid.low, 0);
                }
                if (k < n) {
                    EXPECT_NEAR(from(binomial(n, exact.high), 0, k), tail, 1e-12);
                    const auto p = binomial(n, mid.high);
                    EXPECT_NEAR(from(p, 0, k) - p[static_cast<std::size_t>(k)] / 2, tail, 1e-12);
                } else {
                    EXPECT_EQ(exact.high, 1);
                    EXPECT_EQ(mid.high, 1);
                }
                // Wilson's ends are as far from the rate as z of their own standard errors.
                const auto score = wilson(of(k, n), level);
                for (const double end : {score.low, score.high}) {
                    if (end == 0 || end == 1) continue;
                    const double z = two_sided_z(level);
                    EXPECT_NEAR(std::abs(double(k) / n - end), z * std::sqrt(end * (1 - end) / n), 1e-12);
                }
            }
}

// By enumeration of everything that can be seen.
TEST(Proportions, Coverage) {
    for (const int n : {5, 12, 25}) {
        double least_exact = 1, sum_exact = 0, sum_mid = 0, sum_wilson = 0;
        int rates = 0;
        for (double rate = 0.01; rate < 1; rate += 0.0133) {
            const auto p = binomial(n, rate);
            double exact = 0, mid = 0, score = 0;
            for (int k = 0; k <= n; ++k) {
                const auto covers = [&](Interval i) { return i.low <= rate && rate <= i.high; };
                exact += covers(clopper_pearson(of(k, n), 0.95)) * p[static_cast<std::size_t>(k)];
                mid += covers(mid_p_interval(of(k, n), 0.95)) * p[static_cast<std::size_t>(k)];
                score += covers(wilson(of(k, n), 0.95)) * p[static_cast<std::size_t>(k)];
            }
            least_exact = std::min(least_exact, exact);
            sum_exact += exact;
            sum_mid += mid;
            sum_wilson += score;
            ++rates;
        }
        EXPECT_GE(least_exact, 0.95 - 1e-12) << n;
        EXPECT_GT(sum_mid / rates, 0.95) << n;
        EXPECT_LT(sum_mid / rates, 0.98) << n;
        EXPECT_NEAR(sum_wilson / rates, 0.95, 0.015) << n;
        EXPECT_GT(sum_exact, sum_mid);
    }
}

TEST(Proportions, SwappingOutcomesMirrorsThem) {
    for (int k = 0; k <= 17; ++k)
        for (const auto method : {clopper_pearson, mid_p_interval, wilson}) {
            const auto one = method(of(k, 17), 0.9), other = method(of(17 - k, 17), 0.9);
            EXPECT_NEAR(one.low, 1 - other.high, 1e-14);
            EXPECT_NEAR(one.high, 1 - other.low, 1e-14);
            EXPECT_LE(one.low, k / 17.0);
            EXPECT_GE(one.high, k / 17.0);
        }
}

TEST(Proportions, MoreEventsMoveThemUpAndMoreConfidenceWidensThem) {
    for (const auto method : {clopper_pearson, mid_p_interval, wilson})
        for (int k = 0; k < 40; ++k) {
            const auto here = method(of(k, 40), 0.95), next = method(of(k + 1, 40), 0.95);
            EXPECT_LT(here.low, next.low);
            if (k < 39) EXPECT_LT(here.high, next.high);
            const auto wide = method(of(k, 40), 0.99);
            EXPECT_LE(wide.low, here.low);
            EXPECT_GE(wide.high, here.high);
        }
}

TEST(Proportions, NoEventAtAll) {
    EXPECT_NEAR(zero_events_upper(60, 0.95), 0.048703, 1e-6);  // 1 - 0.05^(1/60)
    EXPECT_DOUBLE_EQ(rule_of_three(60), 0.05);
    EXPECT_EQ(rule_of_three(2), 1);
    for (const std::uint64_t n : {1, 3, 30, 1'000'000'000}) {
        EXPECT_GE(rule_of_three(n), zero_events_upper(n, 0.95) * (1 - 1e-12));
        EXPECT_NEAR(zero_events_upper(n, 0.95) / clopper_pearson({0, n}, 0.9).high, 1, 1e-9);
    }
}

TEST(Proportions, NothingIsSaidOfNothing) {
    for (const auto method : {clopper_pearson, mid_p_interval, wilson})
        for (const auto& [count, level] : std::vector<std::pair<Count, double>>{{{0, 0}, .95},
                                                                                {{2, 1}, .95},
                                                                                {{1, 2}, 0},
                                                                                {{1, 2}, 1},
                                                                                {{1, 2}, -1},
                                                                                {{1, 2}, kNotANumber}}) {
            EXPECT_TRUE(std::isnan(method(count, level).low));
            EXPECT_TRUE(std::isnan(method(count, level).high));
        }
    EXPECT_TRUE(std::isnan(rule_of_three(0)));
    EXPECT_TRUE(std::isnan(zero_events_upper(0, 0.95)));
    EXPECT_TRUE(std::isnan(zero_events_upper(5, 1)));
    EXPECT_TRUE(std::isnan(two_sided_z(1)));
    EXPECT_NEAR(two_sided_z(0.95), 1.959963984540054, 1e-14);
}

TEST(Proportions, HugeCountsStillHaveOrderedEnds) {
    const std::uint64_t n = 1'000'000'000'000'000;
    for (const auto method : {clopper_pearson, mid_p_interval, wilson})
        for (const std::uint64_t k :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, n / 2, n - 1, n}) {
            const auto interval = method({k, n}, 0.95);
            EXPECT_LE(interval.low, double(k) / double(n)) << k;
            EXPECT_GE(interval.high, double(k) / double(n)) << k;
            EXPECT_LT(interval.high - interval.low, 1e-6) << k;
        }
    // One event among very many: Poisson's limits, qgamma(0.025, 1) and qgamma(0.975, 2).
    const auto one = clopper_pearson({1, n}, 0.95);
    EXPECT_NEAR(one.low * double(n), 0.0253178, 1e-6);
    EXPECT_NEAR(one.high * double(n), 5.5716434, 1e-6);
}
