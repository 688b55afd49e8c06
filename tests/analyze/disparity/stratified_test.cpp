#include "analyze/disparity/stratified.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "analyze/disparity/proportions.h"

using namespace contrechamp::disparity;

namespace {

double ways(std::uint64_t n, std::uint64_t k) {
    double product = 1;
    for (std::uint64_t i = 1; i <= k; ++i) product = product * double(n - k + i) / double(i);
    return product;
}

// Probability of each sum of a.events given all margins, by going through every combination of tables.
std::map<std::uint64_t, double> all_sums(const std::vector<Stratum>& strata, double psi) {
    std::map<std::uint64_t, double> sums{{0, 1}};
    for (const auto& [a, b] : strata) {
        const auto events = a.events + b.events;
        std::map<std::uint64_t, double> next;
        for (const auto& [sum, weight] : sums)
            for (std::uint64_t y = events > b.of ? events - b.of : 0; y <= std::min(a.of, events); ++y)
                next[sum + y] += weight * ways(a.of, y) * ways(b.of, events - y) * std::pow(psi, y);
        sums = next;
    }
    double total = 0;
    for (const auto& [sum, weight] : sums) total += weight;
    for (auto& [sum, weight] : sums) weight /= total;
    return sums;
}

template <class Which>
double probability(const std::map<std::uint64_t, double>& sums, Which which) {
    double total = 0;
    for (const auto& [sum, weight] : sums)
        if (which(sum, weight)) total += weight;
    return total;
}

std::uint64_t seen(const std::vector<Stratum>& strata) {
    std::uint64_t sum = 0;
    for (const auto& stratum : strata) sum += stratum.a.events;
    return sum;
}

std::vector<Stratum> random_strata(std::mt19937& random, std::size_t size, unsigned most) {
    std::vector<Stratum> strata(size);
    for (auto& [a, b] : strata)
        for (Count* side : {&a, &b}) {
            side->of = 1 + random() % most;
            side->events = random() % (side->of + 1);
        }
    return strata;
}

void near_equal(const Estimate& a, const Estimate& b) {
    const auto near_double = [](double x, double y) {
        if (std::isfinite(y)) EXPECT_NEAR(x, y, 1e-9 * std::abs(y) + 1e-12);
        else EXPECT_EQ(std::isnan(x), std::isnan(y));
    };
    near_double(a.value, b.value);
    near_double(a.interval.low, b.interval.low);
    near_double(a.interval.high, b.interval.high);
}

const std::vector<Stratum> kRicci{{{6, 19}, {25, 43}}, {{3, 8}, {16, 25}}};

}  // namespace

TEST(Stratified, ExactFiguresSolveTheirEquations) {
    std::mt19937 random(3);
    int informative = 0;
    for (int round = 0; round < 200; ++round) {
        const auto strata = random_strata(random, 2 + round % 4, 9);
        const auto found = exact_stratified(strata, 0.95);
        const auto central = all_sums(strata, 1);
        if (central.size() == 1) {
            EXPECT_FALSE(found);
            continue;
        }
        ++informative;
        ASSERT_TRUE(found);
        const auto x = seen(strata);
        const double at = central.at(x);
        EXPECT_NEAR(found->fisher_p,
                    probability(central, [&](auto, double w) { return w <= at * (1 + 1e-7); }), 1e-11);
        const double up = probability(central, [&](auto sum, double) { return sum >= x; });
        const double down = probability(central, [&](auto sum, double) { return sum <= x; });
        EXPECT_NEAR(found->mid_p, std::min(1.0, 2 * std::min(up, down) - at), 1e-11);
        if (x > central.begin()->first) {
            const auto low = all_sums(strata, found->interval.low);
            EXPECT_NEAR(probability(low, [&](auto sum, double) { return sum >= x; }), 0.025, 1e-10);
            const auto mid = all_sums(strata, found->mid_p_interval.low);
            EXPECT_NEAR(probability(mid, [&](auto sum, double) { return sum > x; }) + mid.at(x) / 2, 0.025,
                        1e-10);
        } else {
            EXPECT_EQ(found->interval.low, 0);
            EXPECT_EQ(found->odds_ratio, 0);
        }
        if (x < central.rbegin()->first) {
            const auto high = all_sums(strata, found->interval.high);
            EXPECT_NEAR(probability(high, [&](auto sum, double) { return sum <= x; }), 0.025, 1e-10);
        } else {
            EXPECT_EQ(found->interval.high, kInfinity);
            EXPECT_EQ(found->odds_ratio, kInfinity);
        }
        if (found->odds_ratio > 0 && found->odds_ratio < kInfinity) {
            double mean = 0;
            for (const auto& [sum, weight] : all_sums(strata, found->odds_ratio))
                mean += double(sum) * weight;
            EXPECT_NEAR(mean, double(x), 1e-9);
        }
    }
    EXPECT_GT(informative, 190);
}

TEST(Stratified, OneStratumIsATwoByTwoTable) {
    std::mt19937 random(4);
    for (int round = 0; round < 100; ++round) {
        auto strata = random_strata(random, 1, 30);
        auto& [a, b] = strata[0];
        // Sato's variance is the binomial one where both groups are as large.
        if (round % 2) a.of = b.of = std::max(a.of, b.of);
        const auto found = stratified(strata, 0.95);
        if (found.informative == 0) {
            EXPECT_TRUE(std::isnan(found.cochran_mantel_haenszel.p));
            EXPECT_TRUE(std::isnan(found.odds_ratio.value));
            continue;
        }
        // Robins, Breslow and Greenland's variance of one table is Woolf's; Greenland and Robins's are the
        // usual ones.
        near_equal(found.odds_ratio, odds_ratio(a, b, 0.95));
        near_equal(found.rate_ratio, rate_ratio(a, b, 0.95));
        const double p = a.rate(), q = b.rate();
        EXPECT_NEAR(found.rate_difference.value, p - q, 1e-12);
        const double standard_error = std::sqrt(p * (1 - p) / double(a.of) + q * (1 - q) / double(b.of));
        if (a.of == b.of)
            EXPECT_NEAR(found.rate_difference.interval.high, p - q + two_sided_z(0.95) * standard_error,
                        1e-12);
        // The hypergeometric variance has n - 1 where Pearson's has n.
        const double all = double(a.of + b.of);
        EXPECT_NEAR(found.cochran_mantel_haenszel.statistic,
                    chi_square(a, b, false).statistic * (all - 1) / all, 1e-9);
        const auto exact_one = exact_stratified(strata, 0.95);
        ASSERT_TRUE(exact_one);
        EXPECT_EQ(exact_one->fisher_p, exact(a, b, 0.95).fisher_p);
    }
}

// Kelsey's rule of thumb made exact: without confounding, strata that are copies say what one says.
TEST(Stratified, CopiesOfAStratumHaveItsRatiosAndAreHomogeneous) {
    const Stratum one{{6, 19}, {25, 43}};
    const auto found = stratified(std::vector(5, one), 0.95);
    EXPECT_NEAR(found.odds_ratio.value, odds_ratio(one.a, one.b, 0.95).value, 1e-12);
    EXPECT_NEAR(found.rate_ratio.value, rate_ratio(one.a, one.b, 0.95).value, 1e-12);
    // Five times the people: every interval narrows by the root of 5.
    const auto alone = stratified(std::vector{one}, 0.95);
    const auto width = [](Interval i) { return i.high - i.low; };
    const auto log_width = [](Interval i) { return std::log(i.high / i.low); };
    EXPECT_NEAR(width(alone.rate_difference.interval) / width(found.rate_difference.interval), std::sqrt(5),
                1e-12);
    EXPECT_NEAR(log_width(alone.rate_ratio.interval) / log_width(found.rate_ratio.interval), std::sqrt(5),
                1e-12);
    EXPECT_NEAR(log_width(alone.odds_ratio.interval) / log_width(found.odds_ratio.interval), std::sqrt(5),
                1e-12);
    EXPECT_NEAR(found.breslow_day.statistic, 0, 1e-9);
    EXPECT_NEAR(found.tarone.p, 1, 1e-6);
    EXPECT_EQ(found.degrees, 4);
}

// Common odds ratio 1: 5 events fitted in each, V = 1 / (4 / 5), (4 - 5)² / V = 1 / 1.25 twice; what is seen
// less what is fitted adds up to 0, so that Tarone takes nothing off. Uneven strata: by bisection from the
// definition of the odds ratio.
TEST(Stratified, BreslowDayByHand) {
    const std::vector<Stratum> even{{{4, 10}, {6, 10}}, {{6, 10}, {4, 10}}};
    const auto found = stratified(even, 0.95);
    EXPECT_NEAR(found.odds_ratio.value, 1, 1e-12);
    EXPECT_NEAR(found.breslow_day.statistic, 2 / 1.25, 1e-12);
    EXPECT_NEAR(found.tarone.statistic, 2 / 1.25, 1e-12);
    const std::vector<Stratum> uneven{{{4, 10}, {6, 12}}, {{6, 9}, {2, 10}}, {{1, 30}, {9, 20}}};
    const auto other = stratified(uneven, 0.95);
    double statistic = 0, off = 0, variances = 0;
    for (const auto& [a, b] : uneven) {
        const double yes = double(a.events + b.events);
        double low = std::max(0.0, yes - double(b.of)), high = std::min(double(a.of), yes);
        for (int i = 0; i < 100; ++i) {
            const double middle = (low + high) / 2;
            const double odds =
                middle * (double(b.of) - yes + middle) / ((double(a.of) - middle) * (yes - middle));
            (odds < other.odds_ratio.value ? low : high) = middle;
        }
        const double variance =
            1 / (1 / low + 1 / (double(a.of) - low) + 1 / (yes - low) + 1 / (double(b.of) - yes + low));
        statistic += std::pow(double(a.events) - low, 2) / variance;
        off += double(a.events) - low;
        variances += variance;
    }
    EXPECT_NEAR(other.breslow_day.statistic, statistic, 1e-9);
    EXPECT_NEAR(other.tarone.statistic, statistic - off * off / variances, 1e-9);
    EXPECT_GT(off * off / variances, 1e-4);
}

// How often people who are treated alike within strata, which differ much, are told apart.
TEST(Stratified, CommonFiguresKeepTheirLevel) {
    std::mt19937 random(11);
    for (const auto& [people, strata_count] : {std::pair{40u, 4u}, {100u, 10u}, {100u, 40u}, {400u, 40u}}) {
        int corrected = 0, exact_mid = 0, exact_p = 0, difference = 0, ratio = 0;
        const int rounds = 1500;
        for (int round = 0; round < rounds; ++round) {
            std::vector<Stratum> strata(strata_count);
            for (unsigned i = 0; i < people; ++i) {
                const unsigned k = random() % strata_count;
                Count& side = random() % strata_count > k * 2 / 3 ? strata[k].a : strata[k].b;
                ++side.of;
                side.events += random() % 100 < 10 + 80 * k / strata_count;
            }
            const auto found = stratified(strata, 0.95);
            const auto sum = exact_stratified(strata, 0.95);
            corrected += found.cochran_mantel_haenszel_corrected.p < 0.05;
            exact_mid += sum && sum->mid_p < 0.05;
            exact_p += sum && sum->fisher_p < 0.05;
            difference += found.rate_difference.interval.low > 0 || found.rate_difference.interval.high < 0;
            ratio += found.rate_ratio.interval.low > 1 || found.rate_ratio.interval.high < 1;
        }
        EXPECT_LE(double(corrected) / rounds, 0.06) << people << " people, " << strata_count << " strata";
        EXPECT_LE(double(exact_mid) / rounds, 0.06) << people << " people, " << strata_count << " strata";
        EXPECT_LE(double(exact_p) / rounds, 0.06) << people << " people, " << strata_count << " strata";
        EXPECT_LE(double(difference) / rounds, 0.1) << people << " people, " << strata_count << " strata";
        EXPECT_LE(double(ratio) / rounds, 0.1) << people << " people, " << strata_count << " strata";
    }
}

// Simpson's paradox: the group does better in each stratum and worse in all of them together.
TEST(Stratified, SeesThroughTheStrata) {
    const std::vector<Stratum> strata{{{81, 87}, {234, 270}}, {{192, 263}, {55, 80}}};  // Charig et al. 1986
    const auto found = stratified(strata, 0.95);
    EXPECT_GT(found.rate_difference.value, 0);
    EXPECT_GT(found.odds_ratio.value, 1);
    EXPECT_LT(rate_difference({273, 350}, {289, 350}, 0.95).value, 0);
}

TEST(Stratified, SwappingGroupsTurnsEverythingRound) {
    std::mt19937 random(5);
    for (int round = 0; round < 100; ++round) {
        const auto strata = random_strata(random, 6, 20);
        auto turned = strata;
        for (auto& stratum : turned) std::swap(stratum.a, stratum.b);
        const auto one = stratified(strata, 0.9), other = stratified(turned, 0.9);
        EXPECT_NEAR(one.odds_ratio.value * other.odds_ratio.value, 1, 1e-9);
        EXPECT_NEAR(one.rate_difference.interval.low, -other.rate_difference.interval.high, 1e-12);
        EXPECT_NEAR(one.cochran_mantel_haenszel.p, other.cochran_mantel_haenszel.p, 1e-9);
        EXPECT_NEAR(one.tarone.p, other.tarone.p, 1e-8);
        const auto exact_one = exact_stratified(strata, 0.9), exact_other = exact_stratified(turned, 0.9);
        EXPECT_NEAR(exact_one->fisher_p, exact_other->fisher_p, 1e-11);
        EXPECT_NEAR(exact_one->interval.low * exact_other->interval.high, 1, 1e-9);
    }
}

TEST(Stratified, StrataThatSayNothingAreNamed) {
    const std::vector<Stratum> strata{{{6, 19}, {25, 43}}, {{0, 4}, {0, 9}}, {{5, 5}, {7, 7}},
                                      {{0, 0}, {3, 8}},    {{2, 5}, {0, 0}}, {{3, 8}, {16, 25}},
                                      {{9, 2}, {1, 2}}};
    const auto found = stratified(strata, 0.95);
    EXPECT_EQ(found.informative, 2);
    std::vector<std::pair<std::size_t, NoInformation>> silent;
    for (const auto& [index, why] : found.silent) silent.emplace_back(index, why);
    EXPECT_EQ(silent,
              (std::vector<std::pair<std::size_t, NoInformation>>{{1, NoInformation::nobody_selected},
                                                                  {2, NoInformation::everybody_selected},
                                                                  {3, NoInformation::group_absent},
                                                                  {4, NoInformation::group_absent},
                                                                  {6, NoInformation::impossible}}));
    // Odds and tests are as without them; the common difference is drawn towards 0 by those where nobody
    // differs.
    const auto bare = stratified(kRicci, 0.95);
    near_equal(found.odds_ratio, bare.odds_ratio);
    EXPECT_NEAR(found.cochran_mantel_haenszel_corrected.p, bare.cochran_mantel_haenszel_corrected.p, 1e-14);
    EXPECT_EQ(found.tarone.p, bare.tarone.p);
    EXPECT_LT(std::abs(found.rate_difference.value), std::abs(bare.rate_difference.value));
    EXPECT_EQ(exact_stratified(strata, 0.95)->fisher_p, exact_stratified(kRicci, 0.95)->fisher_p);
}

TEST(Stratified, NothingToTestIsSaid) {
    const auto empty = stratified({}, 0.95);
    EXPECT_EQ(empty.informative, 0);
    EXPECT_TRUE(std::isnan(empty.rate_difference.value));
    EXPECT_TRUE(std::isnan(empty.tarone.p));
    const auto refused = exact_stratified(std::vector<Stratum>{{{0, 4}, {0, 9}}}, 0.95);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.en, refused.error().what.fr);
    EXPECT_FALSE(exact_stratified(kRicci, 1));
    EXPECT_TRUE(std::isnan(stratified(kRicci, 1).odds_ratio.interval.low));
}

TEST(Stratified, TooLargeForTheExactTestIsSaid) {
    const Stratum large{{40'000, 80'000}, {40'000, 80'000}};
    EXPECT_FALSE(exact_stratified(std::vector{large, large}, 0.95));
    EXPECT_TRUE(exact_stratified(std::vector{large}, 0.95));
    EXPECT_FALSE(
        exact_stratified(std::vector<Stratum>{{{1, ~std::uint64_t{0}}, {1, ~std::uint64_t{0}}}}, 0.95));
    EXPECT_FALSE(exact_stratified(std::vector(100'000, Stratum{{5, 10}, {5, 10}}), 0.95));
    // Just within: beside the chi-square, and where nothing near is held at an odds ratio of 1.
    const Stratum within{{1'600, 3'200}, {1'500, 3'200}};
    const auto found = exact_stratified(std::vector{within, within}, 0.95);
    ASSERT_TRUE(found);
    const auto beside = stratified(std::vector{within, within}, 0.95);
    EXPECT_NEAR(found->mid_p / beside.cochran_mantel_haenszel.p, 1, 0.01);
    EXPECT_NEAR(std::log(found->mid_p_interval.high / beside.odds_ratio.interval.high), 0, 0.001);
    const Stratum apart{{3'199, 3'200}, {1, 3'200}};
    const auto far = exact_stratified(std::vector{apart, apart}, 0.95);
    ASSERT_TRUE(far);
    EXPECT_EQ(far->fisher_p, std::numeric_limits<double>::min());
    EXPECT_GT(far->interval.low, 1e5);
    EXPECT_LT(far->interval.high, 1e9);
}
