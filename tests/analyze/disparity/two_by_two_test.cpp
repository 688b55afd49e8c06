#include "analyze/disparity/two_by_two.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "analyze/disparity/proportions.h"

using namespace contrechamp::disparity;

namespace {

long double ways(std::uint64_t n, std::uint64_t k) {
    long double product = 1;
    for (std::uint64_t i = 1; i <= k; ++i) product = product * static_cast<long double>(n - k + i) / i;
    return product;
}

// The conditional distribution of a.events at odds ratio psi, all of it, by binomial coefficients.
struct Brute {
    std::uint64_t lo = 0;
    std::vector<long double> p;

    Brute(Count a, Count b, long double psi) {
        const std::uint64_t events = a.events + b.events;
        lo = events > b.of ? events - b.of : 0;
        long double sum = 0;
        for (std::uint64_t y = lo; y <= std::min(a.of, events); ++y) {
            p.push_back(ways(a.of, y) * ways(b.of, events - y) *
                        std::pow(psi, static_cast<long double>(y - lo)));
            sum += p.back();
        }
        for (auto& value : p) value /= sum;
    }
    double at_least(std::uint64_t x) const {
        long double sum = 0;
        for (std::size_t i = 0; i < p.size(); ++i)
            if (lo + i >= x) sum += p[i];
        return double(sum);
    }
    double at_most(std::uint64_t x) const {
        long double sum = 0;
        for (std::size_t i = 0; i < p.size(); ++i)
            if (lo + i <= x) sum += p[i];
        return double(sum);
    }
    double at(std::uint64_t x) const { return double(p[x - lo]); }
    double mean() const {
        long double sum = 0;
        for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] * static_cast<long double>(lo + i);
        return double(sum);
    }
    double not_likelier(std::uint64_t x) const {
        long double sum = 0;
        for (const auto value : p)
            if (value <= p[x - lo] * (1 + 1e-7L)) sum += value;
        return double(sum);
    }
};

template <class Function>
void each_small_table(std::uint64_t most, Function function) {
    for (std::uint64_t n = 1; n <= most; ++n)
        for (std::uint64_t m = 1; m <= most; ++m)
            for (std::uint64_t x = 0; x <= n; ++x)
                for (std::uint64_t y = 0; y <= m; ++y) function(Count{x, n}, Count{y, m});
}

void same(Interval one, Interval other, double tolerance) {
    for (const auto& [a, b] : {std::pair{one.low, other.low}, std::pair{one.high, other.high}}) {
        if (std::isnan(b) || std::isinf(b) || b == 0) EXPECT_TRUE(std::isnan(b) ? std::isnan(a) : a == b);
        else EXPECT_NEAR(a / b, 1, tolerance);
    }
}

}  // namespace

TEST(TwoByTwo, ExactFiguresSolveTheirEquationsInEverySmallTable) {
    const double alpha = 0.025;
    each_small_table(6, [&](Count a, Count b) {
        const auto found = exact(a, b, 0.95);
        const Brute central(a, b, 1);
        const auto x = a.events;
        EXPECT_NEAR(found.fisher_p, central.not_likelier(x), 1e-12);
        EXPECT_EQ(found.fisher_p, fisher_p(a, b));
        if (central.p.size() == 1) {
            EXPECT_EQ(found.fisher_p, 1);
            EXPECT_EQ(found.mid_p, 1);
            EXPECT_TRUE(std::isnan(found.odds_ratio));
            EXPECT_EQ(found.interval.low, 0);
            EXPECT_EQ(found.interval.high, kInfinity);
            return;
        }
        const double half = central.at(x) / 2;
        EXPECT_NEAR(found.mid_p, 2 * (std::min(central.at_least(x), central.at_most(x)) - half), 1e-12);
        const bool lowest = x == central.lo, highest = x == central.lo + central.p.size() - 1;
        if (lowest) {
            EXPECT_EQ(found.odds_ratio, 0);
            EXPECT_EQ(found.interval.low, 0);
            EXPECT_EQ(found.mid_p_interval.low, 0);
        } else {
            EXPECT_NEAR(Brute(a, b, found.interval.low).at_least(x), alpha, 1e-12);
            const Brute mid(a, b, found.mid_p_interval.low);
            EXPECT_NEAR(mid.at_least(x) - mid.at(x) / 2, alpha, 1e-12);
        }
        if (highest) {
            EXPECT_EQ(found.odds_ratio, kInfinity);
            EXPECT_EQ(found.interval.high, kInfinity);
            EXPECT_EQ(found.mid_p_interval.high, kInfinity);
        } else {
            EXPECT_NEAR(Brute(a, b, found.interval.high).at_most(x), alpha, 1e-12);
            const Brute mid(a, b, found.mid_p_interval.high);
            EXPECT_NEAR(mid.at_most(x) - mid.at(x) / 2, alpha, 1e-12);
        }
        if (!lowest && !highest) EXPECT_NEAR(Brute(a, b, found.odds_ratio).mean(), double(x), 1e-10);
        // The mid-p and its interval say the same.
        const bool outside = found.mid_p_interval.low > 1 || found.mid_p_interval.high < 1;
        if (std::abs(found.mid_p - 0.05) > 1e-12) EXPECT_EQ((found.mid_p < 0.05), outside);
    });
}

TEST(TwoByTwo, SwappingGroupsTurnsEverythingRound) {
    each_small_table(5, [](Count a, Count b) {
        const auto one = exact(a, b, 0.9), other = exact(b, a, 0.9);
        EXPECT_NEAR(one.fisher_p, other.fisher_p, 1e-13);
        EXPECT_NEAR(one.mid_p, other.mid_p, 1e-13);
        const auto inverse = [](Interval i) { return Interval{1 / i.high, 1 / i.low}; };
        same(one.interval, inverse(other.interval), 1e-10);
        same(one.mid_p_interval, inverse(other.mid_p_interval), 1e-10);
        same(odds_ratio(a, b, 0.9).interval, inverse(odds_ratio(b, a, 0.9).interval), 1e-12);
        same(rate_ratio(a, b, 0.9).interval, inverse(rate_ratio(b, a, 0.9).interval), 1e-12);
        const auto forth = rate_difference(a, b, 0.9), back = rate_difference(b, a, 0.9);
        EXPECT_NEAR(forth.interval.low, -back.interval.high, 1e-14);
        EXPECT_NEAR(forth.interval.high, -back.interval.low, 1e-14);
        EXPECT_EQ(z_test(a, b).statistic == 0, z_test(b, a).statistic == 0);
    });
}

// The conditional interval covers by enumeration of all tables with its margins, whatever the odds ratio.
TEST(TwoByTwo, ExactIntervalCoversAndMidPAboutSo) {
    const std::uint64_t n = 12, m = 15, events = 9;
    std::vector<Exact> seen;
    for (std::uint64_t x = 0; x <= events; ++x) seen.push_back(exact({x, n}, {events - x, m}, 0.95));
    double least = 1, mid_sum = 0;
    int tried = 0;
    for (double theta = -3; theta <= 3; theta += 0.05) {
        const double psi = std::exp(theta);
        const Brute truth({0, n}, {events, m}, psi);
        double covered = 0, mid = 0;
        for (std::uint64_t x = 0; x <= events; ++x) {
            const auto covers = [&](Interval i) { return i.low <= psi && psi <= i.high; };
            covered += covers(seen[x].interval) * truth.at(x);
            mid += covers(seen[x].mid_p_interval) * truth.at(x);
        }
        least = std::min(least, covered);
        mid_sum += mid;
        ++tried;
        EXPECT_GE(mid, 0.9) << psi;
    }
    EXPECT_GE(least, 0.95 - 1e-12);
    EXPECT_NEAR(mid_sum / tried, 0.96, 0.015);
}

// Newcombe 1998, table II, method 10.
TEST(TwoByTwo, NewcombesOwnExamples) {
    struct Row {
        Count a, b;
        double low, high;
    };
    for (const Row& row : {Row{{56, 70}, {48, 80}, 0.0524, 0.3339}, Row{{9, 10}, {3, 10}, 0.1705, 0.8090},
                           Row{{6, 7}, {2, 7}, 0.0582, 0.8062}, Row{{5, 56}, {0, 29}, -0.0381, 0.1926},
                           Row{{0, 10}, {0, 20}, -0.1611, 0.2775}, Row{{0, 10}, {0, 10}, -0.2775, 0.2775},
                           Row{{10, 10}, {0, 20}, 0.6791, 1.0000}, Row{{10, 10}, {0, 10}, 0.6075, 1.0000}}) {
        const auto found = rate_difference(row.a, row.b, 0.95);
        EXPECT_NEAR(found.interval.low, row.low, 5e-5);
        EXPECT_NEAR(found.interval.high, row.high, 5e-5);
    }
}

// Over all pairs of counts, at rates of every kind.
TEST(TwoByTwo, NewcombesIntervalCovers) {
    const std::uint64_t n = 10, m = 15;
    double sum = 0, least = 1;
    int tried = 0;
    for (double p = 0.05; p < 1; p += 0.1)
        for (double q = 0.05; q < 1; q += 0.1, ++tried) {
            double covered = 0;
            for (std::uint64_t x = 0; x <= n; ++x)
                for (std::uint64_t y = 0; y <= m; ++y) {
                    const auto i = rate_difference({x, n}, {y, m}, 0.95).interval;
                    if (i.low <= p - q && p - q <= i.high)
                        covered += double(ways(n, x) * ways(m, y)) * std::pow(p, x) * std::pow(1 - p, n - x) *
                                   std::pow(q, y) * std::pow(1 - q, m - y);
                }
            sum += covered;
            least = std::min(least, covered);
        }
    EXPECT_NEAR(sum / tried, 0.953, 0.01);
    EXPECT_GT(least, 0.86);
}

// What two_by_two.h promises: how often two groups that are treated alike are told apart, by going through
// all that can be seen, at the worst rate.
TEST(TwoByTwo, FalseAlarmsAtFourToFortyTwoPeopleAGroup) {
    double fisher = 0, mid = 0, chi = 0, newcombe = 0;
    for (const std::uint64_t n : {4, 6, 10, 20, 42})
        for (const std::uint64_t m : {n, 3 * n}) {
            // For each number of events in both, what each table answers.
            struct Answers {
                double chance;  // of x and y at equal rates, without the rate's powers
                std::uint64_t events;
                bool fisher, mid, chi, newcombe;
            };
            std::vector<Answers> all;
            for (std::uint64_t x = 0; x <= n; ++x)
                for (std::uint64_t y = 0; y <= m; ++y) {
                    const Count a{x, n}, b{y, m};
                    const auto found = exact(a, b, 0.95);
                    const auto difference = rate_difference(a, b, 0.95).interval;
                    all.push_back(
                        {double(ways(n, x) * ways(m, y)), x + y, found.fisher_p < 0.05, found.mid_p < 0.05,
                         !expected(a, b).exact_only && chi_square(a, b, false).p<0.05, difference.low> 0 ||
                             difference.high < 0});
                }
            for (double rate = 0.01; rate < 1; rate += 0.01) {
                double alarms[4] = {};
                for (const auto& one : all) {
                    const double chance =
                        one.chance * std::pow(rate, one.events) * std::pow(1 - rate, n + m - one.events);
                    alarms[0] += chance * one.fisher;
                    alarms[1] += chance * one.mid;
                    alarms[2] += chance * one.chi;
                    alarms[3] += chance * one.newcombe;
                }
                fisher = std::max(fisher, alarms[0]);
                mid = std::max(mid, alarms[1]);
                chi = std::max(chi, alarms[2]);
                newcombe = std::max(newcombe, alarms[3]);
            }
        }
    EXPECT_NEAR(fisher, 0.0443, 0.0005);
    EXPECT_NEAR(mid, 0.0482, 0.0005);
    EXPECT_NEAR(chi, 0.0630, 0.0005);
    EXPECT_NEAR(newcombe, 0.0703, 0.0005);
}

TEST(TwoByTwo, FourFifthsIsComparedInWholeNumbers) {
    EXPECT_EQ(four_fifths({40, 100}, {50, 100}), FourFifths::not_adverse);  // exactly 4/5
    EXPECT_EQ(four_fifths({39, 100}, {50, 100}), FourFifths::adverse);
    EXPECT_EQ(four_fifths({0, 10}, {1, 10}), FourFifths::adverse);
    EXPECT_EQ(four_fifths({60, 100}, {50, 100}), FourFifths::not_adverse);
    EXPECT_EQ(four_fifths({3, 10}, {0, 10}), FourFifths::undetermined);
    EXPECT_EQ(four_fifths({3, 0}, {1, 10}), FourFifths::undetermined);
    // 4/5 exactly, and one less, where doubles no longer tell them apart.
    const std::uint64_t n = 5'000'000'000'000'000'000 / 4;
    EXPECT_EQ(four_fifths({n / 5 * 4, n}, {n, n}), FourFifths::not_adverse);
    EXPECT_EQ(four_fifths({n / 5 * 4 - 1, n}, {n, n}), FourFifths::adverse);
    EXPECT_EQ(four_fifths({1, ~std::uint64_t{0}}, {1, 2}), FourFifths::undetermined);
}

// Ten million a cell: beside the chi-square, which is right there, and at ends that nothing else reaches.
TEST(TwoByTwo, TenMillionACell) {
    const std::uint64_t n = 20'000'000;
    for (const std::uint64_t more : {0, 1000, 5000, 12000}) {
        const Count a{n / 2 + more, n}, b{n / 2, n};
        const auto found = exact(a, b, 0.95);
        EXPECT_NEAR(found.fisher_p / chi_square(a, b, true).p, 1, 2e-4) << more;
        EXPECT_NEAR(found.mid_p / chi_square(a, b, false).p, 1, 2e-4) << more;
        const auto woolf = odds_ratio(a, b, 0.95);
        EXPECT_NEAR(std::log(found.odds_ratio), std::log(woolf.value), 1e-9);
        EXPECT_NEAR(found.mid_p_interval.low, woolf.interval.low, 1e-8);
        EXPECT_NEAR(found.mid_p_interval.high, woolf.interval.high, 1e-8);
    }
    // Summed with 40 digits (mpmath).
    const auto one = exact({10'000'000, n}, {10'005'000, n}, 0.95);
    EXPECT_NEAR(one.fisher_p / 0.113918592610132992, 1, 1e-10);
    EXPECT_NEAR(one.mid_p / 0.113846303654232885, 1, 1e-10);
    const auto far = exact({n, n}, {0, n}, 0.95);
    EXPECT_EQ(far.fisher_p, std::numeric_limits<double>::min());
    EXPECT_EQ(far.odds_ratio, kInfinity);
    EXPECT_GT(far.interval.low, 1e12);
    // A rare event: the odds ratio's limits are those of a binomial with equal halves, p / (1 - p).
    const auto rare = exact({3, n}, {9, n}, 0.95);
    const auto halves = clopper_pearson({3, 12}, 0.95);
    EXPECT_NEAR(rare.interval.low, halves.low / (1 - halves.low), 1e-6);
    EXPECT_NEAR(rare.interval.high, halves.high / (1 - halves.high), 1e-6);
    EXPECT_TRUE(std::isnan(exact({1, kMostExact}, {1, 2}, 0.95).fisher_p));
    EXPECT_TRUE(std::isnan(fisher_p({1, ~std::uint64_t{0}}, {1, ~std::uint64_t{0}})));
}

TEST(TwoByTwo, FisherFallsAsTablesGrowApart) {
    double last = 2;
    for (std::uint64_t x = 15; x <= 30; ++x) {
        const double p = fisher_p({x, 30}, {30 - x, 30});
        EXPECT_LT(p, last);
        last = p;
    }
}

TEST(TwoByTwo, ChiSquareAndItsWarnings) {
    // 6/19 and 25/43: expected 9.5, 9.5, 21.5, 21.5.
    const auto wanted = expected({6, 19}, {25, 43});
    EXPECT_DOUBLE_EQ(wanted.cells[0], 9.5);
    EXPECT_DOUBLE_EQ(wanted.cells[3], 21.5);
    EXPECT_FALSE(wanted.exact_only);
    EXPECT_TRUE(expected({3, 8}, {16, 25}).exact_only);
    EXPECT_TRUE(expected({3, 0}, {16, 25}).exact_only);
    EXPECT_NEAR(chi_square({6, 19}, {25, 43}, false).statistic, 3.7184822521419831, 1e-12);
    EXPECT_TRUE(std::isnan(chi_square({0, 5}, {0, 6}, false).p));
    EXPECT_TRUE(std::isnan(z_test({5, 5}, {6, 6}).p));
    EXPECT_NEAR(chi_square_p(3.841458820694124, 1), 0.05, 1e-12);
    EXPECT_NEAR(chi_square_p(18.307038053275146, 10), 0.05, 1e-12);
    EXPECT_EQ(chi_square_p(1e9, 1), std::numeric_limits<double>::min());
    EXPECT_EQ(chi_square_p(0, 3), 1);
    EXPECT_TRUE(std::isnan(chi_square_p(-1, 1)));
    EXPECT_TRUE(std::isnan(chi_square_p(1, 0)));
}

TEST(TwoByTwo, NothingIsSaidOfImpossibleCounts) {
    for (const auto& [a, b] :
         {std::pair{Count{0, 0}, Count{1, 2}}, {Count{3, 2}, Count{1, 2}}, {Count{1, 2}, Count{0, 0}}}) {
        EXPECT_TRUE(std::isnan(rate_difference(a, b, 0.95).value));
        EXPECT_TRUE(std::isnan(rate_ratio(a, b, 0.95).value));
        EXPECT_TRUE(std::isnan(odds_ratio(a, b, 0.95).value));
        EXPECT_TRUE(std::isnan(exact(a, b, 0.95).fisher_p));
        EXPECT_TRUE(std::isnan(exact(a, b, 0.95).interval.low));
        EXPECT_TRUE(std::isnan(chi_square(a, b, true).p));
    }
    EXPECT_TRUE(std::isnan(exact({1, 2}, {1, 2}, 1).fisher_p));
}
