// Expected values with 15 digits and more: python3 with decimal (60 digits) and fractions, by plain
// summation.
#include "analyze/coordination/tails.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace contrechamp::coordination {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

void expect_relative(double got, double expected, double relative) {
    EXPECT_LE(std::abs(got - expected), relative * std::abs(expected)) << got << " instead of " << expected;
}

TEST(Tails, PoissonAgreesWithSixtyDigitSums) {
    const struct {
        double lambda;
        std::uint64_t k;
        double tail;
    } cases[] = {
        {0.001, 1, 9.995001666250082333e-04},
        {0.001, 3, 1.665417166527807565e-10},
        {1, 1, 6.321205588285576660e-01},
        {1, 10, 1.114254783387206740e-07},
        {3.5, 2, 8.641117745995667843e-01},
        {3.5, 40, 2.342660459458360659e-28},
        {100, 100, 5.132987982791487047e-01},
        {100, 150, 1.884210466038669971e-06},
        {100, 300, 1.818721816730847969e-58},
        {10000, 10000, 5.013298083399552185e-01},
        {10000, 10500, 3.599589794812038682e-07},
        {10000, 9000, 1.0},
        {1000000, 1001000, 1.587762191377735943e-01},
        {1000000, 1010000, 9.039206398099658355e-24},
    };
    for (const auto& c : cases) expect_relative(poisson_tail(c.lambda, c.k), c.tail, 1e-12);
}

// P(X >= k) by adding terms one by one from k, each from the one before: the first by repeated division.
long double plain_poisson(long double lambda, unsigned k) {
    long double term = std::exp(-lambda), sum = 0;
    for (unsigned i = 1; i <= k; ++i) term *= lambda / i;
    for (unsigned i = k; i < k + 5000; ++i) {
        sum += term;
        term *= lambda / (i + 1);
    }
    return sum;
}

TEST(Tails, PoissonAgreesWithBruteForce) {
    for (const double lambda : {1e-6, 0.02, 0.5, 1.0, 2.5, 7.0, 31.4, 99.9, 240.0})
        for (unsigned k = 0; k < 400; k += 1 + k / 8) {
            const double expected = static_cast<double>(plain_poisson(lambda, k));
            if (expected > 1e-300) expect_relative(poisson_tail(lambda, k), expected, 1e-12);
        }
}

TEST(Tails, PoissonAtTheEdges) {
    EXPECT_EQ(poisson_tail(5, 0), 1);
    EXPECT_EQ(poisson_tail(0, 1), 0);
    EXPECT_EQ(poisson_tail(-1, 1), 0);
    EXPECT_EQ(poisson_tail(kNan, 3), 1);
    EXPECT_EQ(poisson_tail(kInfinity, 3), 1);
    EXPECT_EQ(poisson_tail(1e-3, 1000), std::numeric_limits<double>::min());  // 1e-5568
    EXPECT_EQ(poisson_tail(1e300, 7), 1);
    EXPECT_EQ(poisson_tail(1, std::numeric_limits<std::uint64_t>::max()), std::numeric_limits<double>::min());
}

TEST(Tails, BinomialAgreesWithExactFractions) {
    const struct {
        std::uint64_t n;
        double p;
        std::uint64_t k;
        double tail, log10;
    } cases[] = {
        {10, 0.5, 8, 5.468750000000000000e-02, -1.262111929633612},
        {10, 0.5, 2, 9.892578125000000000e-01, -0.004690511279532},
        {100, 0.01, 5, 3.432321587754515527e-03, -2.464412028153109},
        {100, 0.99, 97, 9.816259635553502561e-01, -0.008053963239795},
        {100, 0.99, 100, 3.660323412732292003e-01, -0.436480540245009},
        {1000, 0.001, 20, 1.335748699236255646e-19, -18.874275240064609},
        {1000, 0.5, 500, 5.126125090891804348e-01, -0.290210800098480},
        {1000, 0.5, 700, 8.832839003975068220e-38, -37.053899685370006},
        {1000, 0.5, 1000, 9.332636185032188790e-302, -301.029995663981197},
        {300, 1e-9, 7, 4.043854919396565323e-50, -49.393204433900955},
    };
    for (const auto& c : cases) {
        expect_relative(binomial_tail(c.n, c.p, c.k), c.tail, 1e-12);
        EXPECT_NEAR(binomial_tail_log10(c.n, c.p, c.k), c.log10, 1e-11);
    }
    expect_relative(binomial_tail_log10(100'000, 0.5, 100'000), -100'000 * std::log10(2.0), 1e-13);
    EXPECT_EQ(binomial_tail(100'000, 0.5, 100'000), std::numeric_limits<double>::min());
}

TEST(Tails, BinomialAtTheEdges) {
    EXPECT_EQ(binomial_tail(10, 0.3, 0), 1);
    EXPECT_EQ(binomial_tail(10, 0.3, 11), 0);
    EXPECT_EQ(binomial_tail(0, 0.3, 1), 0);
    EXPECT_EQ(binomial_tail(10, 0, 1), 0);
    EXPECT_EQ(binomial_tail(10, 1, 10), 1);
    EXPECT_EQ(binomial_tail(10, kNan, 10), 1);
    EXPECT_EQ(binomial_tail_log10(10, 0.3, 11), -kInfinity);
    EXPECT_EQ(binomial_tail_log10(10, 0.3, 0), 0);
}

// All 2^n outcomes.
double plain_poisson_binomial(const std::vector<double>& p, std::uint64_t k) {
    long double sum = 0;
    for (unsigned outcome = 0; outcome < 1u << p.size(); ++outcome) {
        if (std::popcount(outcome) < static_cast<int>(k)) continue;
        long double chance = 1;
        for (std::size_t i = 0; i < p.size(); ++i) chance *= outcome >> i & 1 ? p[i] : 1 - (long double)p[i];
        sum += chance;
    }
    return static_cast<double>(sum);
}

TEST(Tails, PoissonBinomialAgreesWithAllOutcomes) {
    std::mt19937 random(7);
    for (int round = 0; round < 30; ++round) {
        std::vector<double> p(1 + random() % 12);
        for (double& value : p) value = std::pow(double(random()) / double(random.max()), 1 + round);
        for (std::uint64_t k = 0; k <= p.size() + 1; ++k)
            expect_relative(poisson_binomial_tail(p, k), plain_poisson_binomial(p, k), 1e-13);
    }
}

TEST(Tails, PoissonBinomialOfEqualsIsBinomial) {
    const std::vector<double> p(1500, 0.01);
    for (const std::uint64_t k : {1, 10, 15, 40, 120}) {
        expect_relative(poisson_binomial_tail(p, k), binomial_tail(1500, 0.01, k), 1e-12);
    }
}

TEST(Tails, PoissonBinomialBeyondExactIsNeverTooSmall) {
    // Twice the same sum: exact because few are asked for, and by the bound because k times n is too much.
    std::vector<double> p;
    std::mt19937 random(3);
    for (int i = 0; i < 3000; ++i) p.push_back(std::pow(double(random()) / double(random.max()), 0.5));
    double mean = 0;
    for (const double value : p) mean += value;
    const auto normal = [](double z) { return std::erfc(z / std::sqrt(2.0)) / 2; };
    double variance = 0;
    for (const double value : p) variance += value * (1 - value);
    ASSERT_GT(mean, double(kExactSteps) / 3000);
    double before = 1;
    for (std::uint64_t k = 1; k < 3000; ++k) {
        if (k <= kExactSteps / p.size()) continue;
        const double tail = poisson_binomial_tail(p, k);
        EXPECT_LE(tail, before * (1 + 1e-12)) << k;
        before = tail;
        // The sum itself, known here by the central limit theorem to within a few per cent near its mean.
        const double z = (double(k) - 0.5 - mean) / std::sqrt(variance);
        if (z < 3) EXPECT_GE(tail, normal(z) * 0.95) << k;
    }
    // 2,100 events, of which the bound is compared with the exact sum by hand-made recursion.
    std::vector<double> mixed(2100, 0.9);
    for (std::size_t i = 0; i < 150; ++i) mixed[i] = 0.999;
    std::vector<long double> state(2101);
    state[0] = 1;
    for (const double value : mixed)
        for (std::size_t i = state.size(); i-- > 0;)
            state[i] = state[i] * (1 - value) + (i > 0 ? state[i - 1] * value : 0);
    for (const std::uint64_t k : {1906u, 1910u, 1930u, 1960u, 2050u, 2100u}) {
        ASSERT_GT(k * mixed.size(), kExactSteps);
        long double exact = 0;
        for (std::size_t i = k; i < state.size(); ++i) exact += state[i];
        EXPECT_GE(poisson_binomial_tail(mixed, k), static_cast<double>(exact)) << k;
    }
}

TEST(Tails, PoissonBinomialAtTheEdges) {
    EXPECT_EQ(poisson_binomial_tail({}, 0), 1);
    EXPECT_EQ(poisson_binomial_tail({}, 1), 0);
    EXPECT_EQ(poisson_binomial_tail(std::vector{0.0, 0.5}, 2), 0);
    EXPECT_EQ(poisson_binomial_tail(std::vector{1.0, kNan}, 2), 1);
    EXPECT_EQ(poisson_binomial_tail(std::vector{-3.0, 7.0}, 1), 1);
    const std::vector<double> tiny(40, 1e-300);
    EXPECT_EQ(poisson_binomial_tail(tiny, 40), std::numeric_limits<double>::min());
}

TEST(Tails, BenjaminiHochbergByHand) {
    // 0.01 * 5/1, 0.02 * 5/2, 0.03 * 5/3, 0.04 * 5/4, 0.5 * 5/5; then the least of those at and after each.
    const auto q = benjamini_hochberg(std::vector{0.5, 0.04, 0.01, 0.03, 0.02}, 5);
    const std::vector<double> expected = {0.5, 0.05, 0.05, 0.05, 0.05};
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(q[i], expected[i], 1e-15) << i;
    // With a thousand tests, 995 of them at p = 1.
    const auto more = benjamini_hochberg(std::vector{0.5, 0.04, 1e-6, 0.03, 1e-5}, 1000);
    EXPECT_NEAR(more[2], 1e-3, 1e-15);
    EXPECT_NEAR(more[4], 5e-3, 1e-15);
    EXPECT_EQ(more[0], 1);
    EXPECT_EQ(more[1], 1);
}

TEST(Tails, BenjaminiHochbergEqualsTheListWithItsOnes) {
    std::mt19937 random(11);
    std::vector<double> p;
    for (int i = 0; i < 200; ++i) p.push_back(std::pow(double(random()) / double(random.max()), 4));
    p[5] = p[6] = p[7];
    std::vector<double> all = p;
    all.resize(5000, 1.0);
    const auto q = benjamini_hochberg(p, 5000), padded = benjamini_hochberg(all, 5000);
    for (std::size_t i = 0; i < p.size(); ++i) {
        EXPECT_EQ(q[i], padded[i]);
        EXPECT_GE(q[i], p[i]);
        // By its definition: the least, over thresholds at or above p, of tests * threshold / discoveries.
        double least = 1;
        for (const double threshold : p)
            if (threshold >= p[i]) {
                const auto found = std::ranges::count_if(p, [&](double x) { return x <= threshold; });
                least = std::min(least, 5000 * threshold / double(found));
            }
        expect_relative(q[i], least, 1e-12);
        for (std::size_t j = 0; j < p.size(); ++j)
            if (p[j] <= p[i]) EXPECT_LE(q[j], q[i]);
    }
    EXPECT_EQ(benjamini_hochberg(std::vector{kNan, 0.0}, 0), (std::vector{1.0, 0.0}));
    EXPECT_EQ(benjamini_hochberg(std::vector{0.1, 0.1}, kNan), (std::vector{0.1, 0.1}));
    EXPECT_TRUE(benjamini_hochberg({}, 10).empty());
}

TEST(Tails, ProportionsHaveExactBounds) {
    const struct {
        std::uint64_t k, n;
        double lower, upper;  // each at 0.025
    } cases[] = {
        {0, 10, 0, 3.084971078187608e-01},
        {1, 10, 2.528578544461784e-03, 4.450161170281954e-01},
        {3, 10, 6.673951117773447e-02, 6.524528500599973e-01},
        {9, 10, 5.549838829718046e-01, 9.974714214555382e-01},
        {10, 10, 6.915028921812392e-01, 1},
        {5, 500, 3.254721407024252e-03, 2.318138806965964e-02},
        {0, 1000, 0, 3.682083896865672e-03},
        {15, 200, 4.258280373709265e-02, 1.206842253996613e-01},
    };
    for (const auto& c : cases) {
        expect_relative(proportion_lower(c.k, c.n, 0.025), c.lower, 1e-12);
        expect_relative(proportion_upper(c.k, c.n, 0.025), c.upper, 1e-12);
    }
    // None of n: 1 - alpha^(1/n).
    expect_relative(proportion_upper(0, 1'000'000'000, 0.05), -std::expm1(std::log(0.05) / 1e9), 1e-12);
    EXPECT_EQ(proportion_upper(0, 0, 0.05), 1);
    EXPECT_EQ(proportion_lower(0, 0, 0.05), 0);
    EXPECT_EQ(proportion_upper(3, 2, 0.05), 1);
    EXPECT_EQ(proportion_lower(1, 2, kNan), 0);
    EXPECT_EQ(proportion_upper(1, 2, 0), 1);
}

}  // namespace
}  // namespace contrechamp::coordination
