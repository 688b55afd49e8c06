#include "analyze/disparity/ranking.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

struct Table {
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> people;
    Scored view() const { return {scores, outcomes, people}; }
    Scored each_a_person() const { return {scores, outcomes, {}}; }
};

// Few different scores, so that many are equal; people with one to several rows, numbered oddly.
Table drawn(Random& random, std::size_t rows, std::uint32_t values, std::uint32_t people) {
    Table out;
    for (std::size_t i = 0; i < rows; ++i) {
        out.outcomes.push_back(random.below(3) == 0);
        out.scores.push_back(double(random.below(values) + out.outcomes.back() * values / 3) / 7 - 1);
        out.people.push_back(random.below(people) * 40'000'003U + 5);
    }
    return out;
}

double beats(double positive, double negative) {
    return positive > negative ? 1 : positive == negative ? 0.5 : 0;
}

// Obuchowski 1997 from the definitions; DeLong's where everybody has one row.
struct ByHand {
    double auc = 0, variance = 0;
};
ByHand by_hand(const Scored& rows) {
    const auto count = rows.scores.size();
    std::vector<double> placed(count);
    double m = 0, n = 0, sum = 0;
    for (std::size_t i = 0; i < count; ++i) (rows.outcomes[i] ? m : n) += 1;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < count; ++j) {
            if (rows.outcomes[i] == rows.outcomes[j]) continue;
            if (rows.outcomes[i]) {
                placed[i] += beats(rows.scores[i], rows.scores[j]) / n;
                sum += beats(rows.scores[i], rows.scores[j]);
            } else {
                placed[i] += beats(rows.scores[j], rows.scores[i]) / m;
            }
        }
    ByHand out{sum / (m * n)};
    struct Cluster {
        double positive = 0, negative = 0, positives = 0, negatives = 0;
    };
    std::map<std::size_t, Cluster> clusters;
    for (std::size_t i = 0; i < count; ++i) {
        auto& cluster = clusters[rows.people.empty() ? i : rows.people[i]];
        (rows.outcomes[i] ? cluster.positive : cluster.negative) += placed[i];
        (rows.outcomes[i] ? cluster.positives : cluster.negatives) += 1;
    }
    double i10 = 0, i01 = 0, s10 = 0, s01 = 0, s11 = 0;
    for (const auto& [id, c] : clusters) {
        i10 += c.positives > 0;
        i01 += c.negatives > 0;
        s10 += std::pow(c.positive - c.positives * out.auc, 2);
        s01 += std::pow(c.negative - c.negatives * out.auc, 2);
        s11 += (c.positive - c.positives * out.auc) * (c.negative - c.negatives * out.auc);
    }
    const double i = double(clusters.size());
    s10 *= i10 / ((i10 - 1) * m);
    s01 *= i01 / ((i01 - 1) * n);
    s11 *= i / (i - 1);
    out.variance = s10 / m + s01 / n + 2 * s11 / (m * n);
    return out;
}

}  // namespace

TEST(Ranking, auc_and_its_variance_are_the_definitions) {
    Random random(1);
    for (const std::uint32_t values : {2U, 5U, 30U, 1'000'000U})
        for (const std::uint32_t people : {12U, 60U}) {
            const auto table = drawn(random, 150, values, people);
            for (const auto& rows : {table.view(), table.each_a_person()}) {
                const auto got = auc(rows).value();
                const auto expected = by_hand(rows);
                EXPECT_NEAR(got.auc, expected.auc, 1e-12);
                EXPECT_NEAR(got.se * got.se / expected.variance, 1, 1e-9);
                EXPECT_LT(got.interval.low, got.auc);
                EXPECT_GT(got.interval.high, got.auc);
                EXPECT_GT(got.interval.low, 0);
                EXPECT_LT(got.interval.high, 1);
            }
        }
}

TEST(Ranking, rows_said_twice_by_the_same_person_tell_nothing_new) {
    Random random(2);
    auto table = drawn(random, 60, 1'000, 1);
    for (std::uint32_t i = 0; i < 60; ++i) table.people[i] = i;
    const auto once = auc(table.view()).value();
    auto twice = table;
    for (int i = 0; i < 60; ++i) {
        twice.scores.push_back(table.scores[i]);
        twice.outcomes.push_back(table.outcomes[i]);
        twice.people.push_back(table.people[i]);
    }
    const auto got = auc(twice.view()).value();
    EXPECT_NEAR(got.auc, once.auc, 1e-12);
    EXPECT_NEAR(got.se, once.se, 1e-12);
    EXPECT_NEAR(got.df, once.df, 1e-9);
    EXPECT_LT(auc(twice.each_a_person())->se, 0.75 * once.se);  // what believing every row would give
}

TEST(Ranking, only_the_order_counts_and_which_way) {
    Random random(3);
    auto table = drawn(random, 100, 40, 30);
    const auto straight = auc(table.view()).value();
    auto bent = table;
    for (auto& score : bent.scores) score = std::exp(score) * 1e9;
    EXPECT_DOUBLE_EQ(auc(bent.view())->auc, straight.auc);
    EXPECT_DOUBLE_EQ(auc(bent.view())->se, straight.se);
    for (auto& score : bent.scores) score = -score;
    EXPECT_NEAR(auc(bent.view())->auc, 1 - straight.auc, 1e-12);
    EXPECT_NEAR(auc(bent.view())->se, straight.se, 1e-12);
}

TEST(Ranking, auc_refusals) {
    const std::vector<std::uint8_t> outcomes{1, 1, 1, 1, 1, 0, 0, 0, 0, 0}, none(10, 0);
    std::vector<double> parted{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, same(10, 1);
    EXPECT_EQ(auc({parted, none, {}})->refused, "no-events");
    EXPECT_EQ(auc({{}, {}, {}})->refused, "no-events");
    EXPECT_EQ(auc({parted, outcomes, {}})->refused, "no-variation");
    EXPECT_EQ(auc({parted, outcomes, {}})->auc, 1);
    EXPECT_EQ(auc({same, outcomes, {}})->auc, 0.5);
    EXPECT_EQ(auc({same, outcomes, {}})->refused, "no-variation");
    const std::vector<std::uint32_t> four{1, 2, 3, 4, 4, 5, 6, 7, 8, 9};
    parted[0] = 3.5;
    EXPECT_EQ(auc({parted, outcomes, four})->refused, "too-few-people");
    EXPECT_EQ(auc({parted, outcomes, {}})->refused, "");
    parted[3] = kNotANumber;
    EXPECT_FALSE(auc({parted, outcomes, {}}));
    EXPECT_FALSE(auc({same, std::vector<std::uint8_t>(9), {}}));
    EXPECT_FALSE(auc({same, std::vector<std::uint8_t>(10, 2), {}}));
    EXPECT_FALSE(auc({same, outcomes, std::vector<std::uint32_t>(3)}));
}

TEST(Ranking, two_groups) {
    Random random(4);
    const auto one = drawn(random, 80, 50, 30), other = drawn(random, 120, 50, 40);
    const auto a = auc(one.view()).value(), b = auc(other.view()).value();
    const auto got = auc_difference(a, b);
    EXPECT_DOUBLE_EQ(got.difference, a.auc - b.auc);
    EXPECT_DOUBLE_EQ(got.se, std::sqrt(a.se * a.se + b.se * b.se));
    EXPECT_NEAR((got.interval.high + got.interval.low) / 2, got.difference, 1e-12);
    EXPECT_EQ(got.p<0.05, got.interval.low> 0 || got.interval.high < 0);
    EXPECT_NEAR(auc_difference(b, a).t, -got.t, 1e-12);
    EXPECT_EQ(auc_difference(Auc{.refused = "no-events"}, b).refused, "no-events");
}

TEST(Ranking, rates_at_a_threshold) {
    // Flagged at .5 and more: four of the six positives, one of the six negatives.
    const std::vector<double> scores{.9, .8, .7, .5, .4, .1, .5, .3, .2, .2, .1, 0};
    const std::vector<std::uint8_t> outcomes{1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    const auto got = rates_at({scores, outcomes, {}}, 0.5).value();
    EXPECT_EQ(got.flagged.events, 5);
    EXPECT_EQ(got.flagged.of, 12);
    EXPECT_DOUBLE_EQ(got.tpr.rate, 4.0 / 6);
    EXPECT_DOUBLE_EQ(got.fpr.rate, 1.0 / 6);
    EXPECT_DOUBLE_EQ(got.fnr.rate, 2.0 / 6);
    EXPECT_DOUBLE_EQ(got.ppv.rate, 4.0 / 5);
    EXPECT_DOUBLE_EQ(got.npv.rate, 5.0 / 7);
    EXPECT_DOUBLE_EQ(got.tpr.interval.low, exact_interval(4, 6).low);
    EXPECT_DOUBLE_EQ(got.fnr.interval.high, 1 - got.tpr.interval.low);
    EXPECT_TRUE(std::isnan(got.tpr.se));
    const auto all = rates_at({scores, outcomes, {}}, 2).value();
    EXPECT_EQ(all.ppv.refused, "no-events");
    EXPECT_TRUE(std::isnan(all.ppv.rate));
    EXPECT_FALSE(rates_at({scores, outcomes, {}}, kNotANumber));
}

TEST(Ranking, rates_of_people_with_many_rows_are_less_sure) {
    Random random(5);
    Table table;
    for (std::uint32_t person = 0; person < 20; ++person)
        for (int row = 0; row < 30; ++row) {
            table.people.push_back(person);
            table.outcomes.push_back(1);
            table.scores.push_back(random.uniform() + 0.05 * person);  // people differ
        }
    for (std::uint32_t person = 20; person < 40; ++person) {
        table.people.push_back(person);
        table.outcomes.push_back(0);
        table.scores.push_back(random.uniform());
    }
    const auto people = rates_at(table.view(), 0.7).value().tpr,
               rows = rates_at(table.each_a_person(), 0.7).value().tpr;
    EXPECT_EQ(people.people, 20);
    EXPECT_EQ(people.count.of, 600);
    EXPECT_EQ(people.rate, rows.rate);
    EXPECT_GT(people.interval.high - people.interval.low, 2 * (rows.interval.high - rows.interval.low));
    const auto behind = people_behind(table.view(), 0.7, RateKind::tpr).value();
    EXPECT_EQ(behind.size(), 20);
    EXPECT_DOUBLE_EQ(people.se, group_rate(behind, Estimand::pooled)->se);
    EXPECT_EQ(people_behind(table.view(), 0.7, RateKind::fpr)->size(), 20);
}

TEST(Ranking, equalised_odds_are_newcombes_where_each_person_is_once) {
    // Newcombe 1998, Table II (a): 56/70 and 48/80 give [0.0524, 0.3339] by method 10.
    const auto group = [](int flagged, int of) {
        Table out;
        for (int i = 0; i < of; ++i) {
            out.scores.push_back(i < flagged);
            out.outcomes.push_back(1);
        }
        for (int i = 0; i < 20; ++i) {
            out.scores.push_back(i < 7);
            out.outcomes.push_back(0);
        }
        return out;
    };
    const auto a = group(56, 70), b = group(48, 80);
    const auto got = equalised_odds(a.each_a_person(), b.each_a_person(), 1).value();
    EXPECT_NEAR(got.tpr.difference, 0.2, 1e-12);
    EXPECT_NEAR(got.tpr.difference_interval.low, 0.0524, 5e-5);
    EXPECT_NEAR(got.tpr.difference_interval.high, 0.3339, 5e-5);
    EXPECT_EQ(got.fpr.difference, 0);
    EXPECT_NEAR(got.largest, 0.2, 1e-12);
    EXPECT_NEAR(got.mean, 0.1, 1e-12);
    EXPECT_LT(got.tpr.p, 0.05);
    EXPECT_GT(got.fpr.p, 0.9);
    Table nobody;
    EXPECT_TRUE(std::isnan(equalised_odds(a.view(), nobody.view(), 1)->largest));
    EXPECT_EQ(equalised_odds(a.view(), nobody.view(), 1)->tpr.refused, "too-few-people");
}

TEST(Ranking, the_curve_encloses_the_auc) {
    Random random(6);
    for (const std::uint32_t values : {1U, 2U, 20U, 100'000U}) {
        const auto table = drawn(random, 2'000, values, 50);
        const auto points = roc(table.view(), 5'000).value();
        double area = 0;
        for (std::size_t i = 1; i < points.size(); ++i) {
            area += (points[i].fpr - points[i - 1].fpr) * (points[i].tpr + points[i - 1].tpr) / 2;
            EXPECT_GE(points[i].fpr, points[i - 1].fpr);
            EXPECT_LT(points[i].threshold, points[i - 1].threshold);
        }
        EXPECT_NEAR(area, auc(table.view())->auc, 1e-12);
        const auto few = roc(table.view(), 50).value();
        EXPECT_LE(few.size(), 50);
        EXPECT_EQ(few.front().fpr + few.front().tpr, 0);
        EXPECT_EQ(few.back().fpr, 1);
        EXPECT_EQ(few.back().tpr, 1);
        std::map<double, RocPoint> by_threshold;
        for (const auto& point : points) by_threshold[point.threshold] = point;
        for (const auto& point : few) {
            ASSERT_TRUE(by_threshold.contains(point.threshold));
            EXPECT_EQ(by_threshold[point.threshold].fpr, point.fpr);
            EXPECT_EQ(by_threshold[point.threshold].tpr, point.tpr);
        }
        for (std::size_t i = 1; values > 1'000 && i < few.size(); ++i)
            EXPECT_LT(few[i].fpr + few[i].tpr - few[i - 1].fpr - few[i - 1].tpr, 2 * 2.0 / 49);
    }
    EXPECT_TRUE(roc({{}, {}, {}})->empty());
}

}  // namespace contrechamp::disparity
