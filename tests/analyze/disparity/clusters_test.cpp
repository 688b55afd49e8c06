#include "analyze/disparity/clusters.h"

#include <bit>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

using People = std::vector<Person>;

People drawn(Random& random, std::size_t count, bool equal = false) {
    People out;
    for (std::size_t i = 0; i < count; ++i) {
        const double words = equal ? 100 : 1 + random.below(200);
        out.push_back({double(random.below(static_cast<std::uint32_t>(words) + 1)), words});
    }
    return out;
}

double rate_of(const People& people) {
    double x = 0, y = 0;
    for (const auto& person : people) x += person.numerator, y += person.denominator;
    return x / y;
}

// The header's quadratic form, written out as matrices.
struct Form {
    double variance = 0, df = 0;
};
Form by_matrices(const People& people) {
    const auto n = people.size();
    double words = 0, concentration = 0;
    for (const auto& person : people) words += person.denominator;
    std::vector<double> h;
    for (const auto& person : people) h.push_back(person.denominator / words);
    for (const double share : h) concentration += share * share;
    using Matrix = std::vector<std::vector<double>>;
    Matrix fitted(n, std::vector<double>(n)), form = fitted;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) fitted[i][j] = (i == j) - h[j];
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t k = 0; k < n; ++k)
                form[i][j] += fitted[k][i] * h[k] * h[k] / (1 - 2 * h[k] + concentration) * fitted[k][j];
    Form out;
    double trace = 0, squared = 0;
    for (std::size_t i = 0; i < n; ++i) {
        trace += form[i][i];
        for (std::size_t j = 0; j < n; ++j) {
            squared += form[i][j] * form[j][i];
            out.variance += people[i].numerator / people[i].denominator * form[i][j] * people[j].numerator /
                            people[j].denominator;
        }
    }
    out.df = trace * trace / squared;
    return out;
}

// Studentised with the plain linearised variance.
double plain_t(const People& a, const People& b) {
    const auto variance = [](const People& people) {
        const double rate = rate_of(people), m = double(people.size());
        double squares = 0, words = 0;
        for (const auto& [x, y] : people) squares += std::pow(x - rate * y, 2), words += y;
        return squares * m / (m - 1) / (words * words);
    };
    return std::abs(rate_of(a) - rate_of(b)) / std::sqrt(variance(a) + variance(b));
}

double permutation_by_hand(const People& a, const People& b) {
    People all = a;
    all.insert(all.end(), b.begin(), b.end());
    const double seen = plain_t(a, b);
    double far = 0, tried = 0;
    for (std::uint32_t mask = 0; mask < 1U << all.size(); ++mask) {
        if (std::popcount(mask) != static_cast<int>(a.size())) continue;
        People in, out;
        for (std::size_t i = 0; i < all.size(); ++i) (mask >> i & 1 ? in : out).push_back(all[i]);
        ++tried;
        far += plain_t(in, out) >= seen * (1 - 1e-9);
    }
    return far / tried;
}

}  // namespace

TEST(Clusters, one_group_is_the_quadratic_form) {
    Random random(1);
    for (int round = 0; round < 50; ++round) {
        const auto people = drawn(random, 5 + random.below(8));
        const auto got = group_rate(people, Estimand::pooled).value();
        const auto form = by_matrices(people);
        EXPECT_DOUBLE_EQ(got.rate, rate_of(people));
        EXPECT_NEAR(got.se * got.se / form.variance, 1, 1e-9);
        EXPECT_NEAR(got.df / form.df, 1, 1e-9);
        EXPECT_LE(got.df, double(people.size()) - 1 + 1e-9);
    }
}

TEST(Clusters, equal_denominators_are_the_textbook) {
    // Rates .1 .2 .3 .4 .5: mean .3, variance .025, se = √(.025/5).
    const People people{{1, 10}, {2, 10}, {3, 10}, {4, 10}, {5, 10}};
    for (const auto estimand : {Estimand::pooled, Estimand::mean_of_people}) {
        const auto got = group_rate(people, estimand).value();
        EXPECT_NEAR(got.rate, 0.3, 1e-15);
        EXPECT_NEAR(got.se, std::sqrt(0.005), 1e-15);
        EXPECT_NEAR(got.df, 4, 1e-12);
        EXPECT_NEAR(got.interval.low, 0.3 - 2.776445105 * std::sqrt(0.005), 1e-9);
        EXPECT_NEAR(got.interval.high, 0.3 + 2.776445105 * std::sqrt(0.005), 1e-9);
    }
}

TEST(Clusters, mean_of_people_forgets_how_much_each_said) {
    const People people{{1, 10}, {20, 100}, {3, 10}, {400, 1000}, {5, 10}};
    EXPECT_NEAR(group_rate(people, Estimand::mean_of_people)->rate, 0.3, 1e-15);
    EXPECT_NEAR(group_rate(people, Estimand::pooled)->rate, 429.0 / 1130, 1e-15);
}

TEST(Clusters, one_person_who_says_nearly_all_leaves_few_degrees_of_freedom) {
    const People people{{1, 10}, {2, 10}, {3, 10}, {4, 10}, {50'000, 100'000}};
    const auto got = group_rate(people, Estimand::pooled).value();
    EXPECT_LT(got.df, 1.5);
    EXPECT_TRUE(std::isfinite(got.se));
    EXPECT_EQ(got.interval.low, 0);   // nothing is known, and no rate is below 0
    EXPECT_EQ(got.interval.high, 1);  // or above 1, where no one has more errors than words
}

TEST(Clusters, intervals_are_cut_only_where_no_rate_can_be) {
    const People many_insertions{{12, 10}, {1, 10}, {30, 10}, {2, 10}, {9, 10}};
    const auto got = group_rate(many_insertions, Estimand::pooled).value();
    EXPECT_EQ(got.interval.low, 0);
    EXPECT_GT(got.interval.high, 1);
}

TEST(Clusters, refusals) {
    const People four{{1, 10}, {2, 10}, {3, 10}, {4, 10}, {0, 0}};
    const auto few = group_rate(four, Estimand::pooled).value();
    EXPECT_EQ(few.refused, "too-few-people");
    EXPECT_EQ(few.people, 4);
    EXPECT_EQ(few.left_out, 1);
    EXPECT_EQ(few.rate, 0.25);
    EXPECT_TRUE(std::isnan(few.se) && std::isnan(few.interval.low) && std::isnan(few.interval.high));

    const People same{{1, 10}, {2, 20}, {3, 30}, {4, 40}, {5, 50}};
    EXPECT_EQ(group_rate(same, Estimand::pooled)->refused, "no-variation");
    EXPECT_EQ(group_rate(same, Estimand::mean_of_people)->rate, 0.1);
    EXPECT_TRUE(std::isnan(group_rate(same, Estimand::pooled)->interval.low));

    const People none{{0, 10}, {0, 20}, {0, 30}, {0, 40}, {0, 50}};
    const auto zero = group_rate(none, Estimand::pooled).value();
    EXPECT_EQ(zero.refused, "no-variation");
    EXPECT_EQ(zero.interval.low, 0);
    EXPECT_NEAR(zero.interval.high, 1 - std::pow(0.025, 0.2), 1e-12);
    const People all{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
    EXPECT_NEAR(group_rate(all, Estimand::pooled)->interval.low, std::pow(0.025, 0.2), 1e-12);

    EXPECT_EQ(group_rate({}, Estimand::pooled)->refused, "too-few-people");
    const auto against = contrast(four, same).value();
    EXPECT_EQ(against.refused, "too-few-people");
    EXPECT_NEAR(against.difference, 0.15, 1e-15);
    EXPECT_TRUE(std::isnan(against.p) && std::isnan(against.difference_interval.low));
    EXPECT_TRUE(std::isnan(against.naive.p));
    EXPECT_FALSE(against.bootstrap || against.without_one);
}

TEST(Clusters, what_is_no_count_is_an_error) {
    const double nan = kNotANumber;
    for (const Person bad : {Person{nan, 1}, Person{1, nan}, Person{kInfinity, 1}, Person{1, -1}}) {
        const People people{bad};
        EXPECT_FALSE(group_rate(people, Estimand::pooled));
        EXPECT_FALSE(contrast({}, people));
    }
    EXPECT_FALSE(group_rate({}, Estimand::pooled, 1));
    EXPECT_FALSE(group_rate({}, Estimand::pooled, nan));
}

TEST(Clusters, every_assignment_is_looked_at_where_there_are_few) {
    Random random(2);
    for (int round = 0; round < 12; ++round) {
        const auto a = drawn(random, 5, round % 2), b = drawn(random, 5 + random.below(3), round % 2);
        const auto got = contrast(a, b).value();
        EXPECT_TRUE(got.enumerated);
        EXPECT_NEAR(got.p_permutation, permutation_by_hand(a, b), 1e-12) << round;
        EXPECT_EQ(got.p, std::max(got.p_welch, got.p_permutation));
    }
    const auto largest = contrast(drawn(random, 8), drawn(random, 8)).value();
    EXPECT_EQ(largest.assignments, 12'870);
    const auto more = contrast(drawn(random, 8), drawn(random, 9)).value();  // 24,310
    EXPECT_FALSE(more.enumerated);
    EXPECT_EQ(more.assignments, 9'999);
}

TEST(Clusters, groups_without_any_spread_are_still_shuffled) {
    const People none{{0, 9}, {0, 9}, {0, 9}, {0, 9}, {0, 9}}, all{{9, 9}, {9, 9}, {9, 9}, {9, 9}, {9, 9}};
    const auto apart = contrast(none, all).value();
    EXPECT_EQ(apart.refused, "no-variation");
    EXPECT_NEAR(apart.p_permutation, 2.0 / 252, 1e-15);
    EXPECT_EQ(apart.p, apart.p_permutation);
    EXPECT_TRUE(std::isnan(apart.p_welch));
    const auto same = contrast(none, none).value();
    EXPECT_EQ(same.p, 1);
    EXPECT_TRUE(std::isnan(same.ratio));
}

TEST(Clusters, draws_agree_with_all_assignments) {
    Random random(3);
    const auto a = drawn(random, 8), b = drawn(random, 9);
    ContrastSettings settings;
    settings.permutations = 20'000;
    const auto got = contrast(a, b, settings).value();
    ASSERT_FALSE(got.enumerated);
    EXPECT_NEAR(got.p_permutation, permutation_by_hand(a, b), 4 * 0.5 / std::sqrt(20'000));
}

TEST(Clusters, threads_change_nothing_seeds_do) {
    Random random(4);
    const auto a = drawn(random, 30), b = drawn(random, 41);
    ContrastSettings settings;
    const auto one = contrast(a, b, settings).value();
    for (const unsigned threads : {2U, 5U}) {
        settings.threads = threads;
        const auto more = contrast(a, b, settings).value();
        EXPECT_EQ(one.p_permutation, more.p_permutation);
        EXPECT_EQ(one.bootstrap->difference.low, more.bootstrap->difference.low);
        EXPECT_EQ(one.bootstrap->ratio.high, more.bootstrap->ratio.high);
    }
    settings.seed = 2;
    const auto other = contrast(a, b, settings).value();
    EXPECT_NE(one.bootstrap->difference.low, other.bootstrap->difference.low);
    EXPECT_NEAR(one.p_permutation, other.p_permutation, 0.03);
}

TEST(Clusters, the_bootstrap_draws_people) {
    Random random(5);
    const auto a = drawn(random, 60), b = drawn(random, 80);
    ContrastSettings settings;
    settings.replicates = 20'000;
    const auto got = contrast(a, b, settings).value();
    ASSERT_TRUE(got.bootstrap);
    // As wide as the linearised interval, nearly: an interval over words would be many times narrower.
    EXPECT_NEAR((got.bootstrap->difference.high - got.bootstrap->difference.low) /
                    (got.difference_interval.high - got.difference_interval.low),
                1, 0.1);
    EXPECT_NEAR(got.bootstrap->ratio.low / got.ratio_interval.low, 1, 0.05);
    EXPECT_NEAR(got.bootstrap->ratio.high / got.ratio_interval.high, 1, 0.05);
    EXPECT_FALSE(contrast(drawn(random, 19), b)->bootstrap);
}

TEST(Clusters, a_ratio_of_nothing_to_nothing_could_be_anything) {
    People none(20, Person{0, 10});
    const auto got = contrast(none, none).value();
    ASSERT_TRUE(got.bootstrap);
    EXPECT_EQ(got.bootstrap->difference.low, 0);
    EXPECT_EQ(got.bootstrap->ratio.low, 0);
    EXPECT_EQ(got.bootstrap->ratio.high, kInfinity);
}

TEST(Clusters, without_each_person_in_turn) {
    Random random(6);
    for (const auto estimand : {Estimand::pooled, Estimand::mean_of_people}) {
        auto a = drawn(random, 7), b = drawn(random, 9);
        a.insert(a.begin() + 2, Person{0, 0});  // left out, but indices are those of the list given
        b[4] = {190, 200};
        ContrastSettings settings;
        settings.estimand = estimand;
        settings.permutations = 0;
        const auto got = contrast(a, b, settings).value();
        WithoutOne expected;
        double most = -1;
        for (const bool in_a : {true, false})
            for (std::size_t i = 0; i < (in_a ? a : b).size(); ++i) {
                auto without_a = a, without_b = b;
                auto& from = in_a ? without_a : without_b;
                if (from[i].denominator == 0) continue;
                from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
                const auto rest = contrast(without_a, without_b, settings).value();
                expected.lowest = std::fmin(expected.lowest, rest.difference);
                expected.highest = std::fmax(expected.highest, rest.difference);
                expected.p_lowest = std::fmin(expected.p_lowest, rest.p_welch);
                expected.p_highest = std::fmax(expected.p_highest, rest.p_welch);
                if (std::abs(rest.difference - got.difference) > most) {
                    most = std::abs(rest.difference - got.difference);
                    expected.most_in_a = in_a;
                    expected.most = i;
                    expected.without_most = rest.difference;
                }
            }
        ASSERT_TRUE(got.without_one);
        EXPECT_NEAR(got.without_one->lowest, expected.lowest, 1e-12);
        EXPECT_NEAR(got.without_one->highest, expected.highest, 1e-12);
        EXPECT_NEAR(got.without_one->p_lowest, expected.p_lowest, 1e-12);
        EXPECT_NEAR(got.without_one->p_highest, expected.p_highest, 1e-12);
        EXPECT_EQ(got.without_one->most_in_a, expected.most_in_a);
        EXPECT_EQ(got.without_one->most, expected.most);
        EXPECT_NEAR(got.without_one->without_most, expected.without_most, 1e-12);
    }
}

TEST(Clusters, turning_the_groups_round_turns_the_signs) {
    Random random(7);
    const auto a = drawn(random, 9), b = drawn(random, 12);
    const auto one = contrast(a, b).value(), other = contrast(b, a).value();
    EXPECT_EQ(one.difference, -other.difference);
    EXPECT_DOUBLE_EQ(one.ratio, 1 / other.ratio);
    EXPECT_DOUBLE_EQ(one.difference_interval.low, -other.difference_interval.high);
    EXPECT_DOUBLE_EQ(one.ratio_interval.low, 1 / other.ratio_interval.high);
    EXPECT_DOUBLE_EQ(one.p_welch, other.p_welch);
    EXPECT_DOUBLE_EQ(one.detectable, other.detectable);
}

TEST(Clusters, units_do_not_matter) {
    Random random(8);
    auto a = drawn(random, 9), b = drawn(random, 7);
    const auto one = contrast(a, b).value();
    for (auto* people : {&a, &b})
        for (auto& person : *people) person.denominator *= 1e6, person.numerator *= 1e6;
    const auto other = contrast(a, b).value();
    EXPECT_NEAR(one.p_welch, other.p_welch, 1e-12);
    EXPECT_EQ(one.p_permutation, other.p_permutation);
}

TEST(Clusters, words_are_no_witnesses) {
    Random random(9);
    People a, b;
    for (int i = 0; i < 10; ++i) {
        a.push_back({200.0 + random.below(300), 1'000});
        b.push_back({200.0 + random.below(300), 1'000});
    }
    const auto got = contrast(a, b).value();
    EXPECT_GT(got.naive.times_too_narrow, 3);
    const double rate_a = rate_of(a), rate_b = rate_of(b),
                 se = std::sqrt(rate_a * (1 - rate_a) / 1e4 + rate_b * (1 - rate_b) / 1e4);
    EXPECT_NEAR(got.naive.times_too_narrow, got.se / se, 1e-9);
    EXPECT_NEAR(got.naive.p, std::erfc(std::abs(got.difference) / se / std::sqrt(2)), 1e-9);
}

TEST(Clusters, what_would_be_seen) {
    // Known: z_.975 + z_.8 = 2.80158 standard errors with endless degrees of freedom.
    EXPECT_NEAR(detectable_difference(1, 1e9, 0.95), 2.801585, 1e-4);
    EXPECT_NEAR(detectable_difference(2, 1e9, 0.95), 2 * 2.801585, 2e-4);
    EXPECT_GT(detectable_difference(1, 4, 0.95), 3.5);
    EXPECT_TRUE(std::isnan(detectable_difference(0, 4, 0.95)));
    EXPECT_TRUE(std::isnan(detectable_difference(1, 0, 0.95)));
}

TEST(Clusters, exact_intervals) {
    // Clopper and Pearson's for 5 of 10 and 0 of 10, as every table prints them.
    EXPECT_NEAR(exact_interval(5, 10).low, 0.1871, 5e-5);
    EXPECT_NEAR(exact_interval(5, 10).high, 0.8129, 5e-5);
    EXPECT_EQ(exact_interval(0, 10).low, 0);
    EXPECT_NEAR(exact_interval(0, 10).high, 0.3085, 5e-5);
    EXPECT_EQ(exact_interval(10, 10).high, 1);
    EXPECT_TRUE(std::isnan(exact_interval(0, 0).low));
    EXPECT_TRUE(std::isnan(exact_interval(11, 10).low));
    // The binomial's own variance and no lost degrees of freedom: the same; ten times as much: as of a tenth.
    const auto same = clustered_interval(0.5, 0.25 / 1000, 999, 1000), plain = exact_interval(500, 1000);
    EXPECT_NEAR(same.low, plain.low, 1e-12);
    EXPECT_NEAR(same.high, plain.high, 1e-12);
    EXPECT_NEAR(clustered_interval(0.5, 2.5 / 1000, 999, 1000).low, exact_interval(50, 100).low, 1e-12);
    EXPECT_LT(clustered_interval(0.5, 2.5 / 1000, 4, 1000).low, exact_interval(50, 100).low);
    // Never narrower than if all were independent.
    EXPECT_NEAR(clustered_interval(0.5, 1e-9, 999, 1000).low, plain.low, 1e-12);
}

TEST(Clusters, many_people_are_neither_shuffled_nor_slow) {
    Random random(10);
    const auto got = contrast(drawn(random, 15'000), drawn(random, 15'000)).value();
    EXPECT_EQ(got.assignments, 0);
    EXPECT_FALSE(got.bootstrap);
    EXPECT_EQ(got.p, got.p_welch);
    ASSERT_TRUE(got.without_one);
    EXPECT_LE(got.without_one->p_lowest, got.p_welch);
    EXPECT_GE(got.without_one->p_highest, got.p_welch);
}

}  // namespace contrechamp::disparity
