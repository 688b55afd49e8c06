#include "analyze/disparity/calibration.h"

#include <cmath>
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

double logit(double p) { return std::log(p / (1 - p)); }
double back(double x) { return 1 / (1 + std::exp(-x)); }

// Outcomes as likely as intercept + slope·logit(score) says.
Table drawn(Random& random, std::size_t rows, double intercept, double slope, std::uint32_t people = 200) {
    Table out;
    for (std::size_t i = 0; i < rows; ++i) {
        const double score = 0.02 + 0.96 * random.uniform();
        out.scores.push_back(score);
        out.outcomes.push_back(random.uniform() < back(intercept + slope * logit(score)));
        out.people.push_back(random.below(people));
    }
    return out;
}

}  // namespace

TEST(Calibration, finds_what_was_put_in) {
    Random random(1);
    const auto table = drawn(random, 50'000, -0.5, 0.7);
    const auto got = calibrate(table.each_a_person()).value();
    EXPECT_EQ(got.refused, "");
    EXPECT_EQ(got.recalibration_refused, "");
    EXPECT_NEAR(got.slope.value, 0.7, 4 * got.slope.se);
    EXPECT_LT(got.slope.se, 0.02);
    EXPECT_LT(got.intercept.interval.high, 0);
    EXPECT_LT(got.in_the_large.interval.high, 0);
    const auto right = calibrate(drawn(random, 50'000, 0, 1).each_a_person()).value();
    EXPECT_NEAR(right.intercept.value, 0, 4 * right.intercept.se);
    EXPECT_NEAR(right.slope.value, 1, 4 * right.slope.se);
    EXPECT_NEAR(right.in_the_large.value, 0, 4 * right.in_the_large.se);
    EXPECT_LT(right.expected_error, 0.015);
    EXPECT_GT(got.expected_error, 0.05);
}

TEST(Calibration, the_fit_is_the_maximum) {
    Random random(2);
    const auto table = drawn(random, 300, 0.4, 1.6);
    const auto got = calibrate(table.view()).value();
    double shift = 0;
    for (std::size_t i = 0; i < 300; ++i)
        shift += table.outcomes[i] - back(got.intercept.value + logit(table.scores[i]));
    EXPECT_NEAR(shift, 0, 1e-6);
    // The slope's own intercept is not given: find it by halving, then the slope's equation must hold.
    double low = -20, high = 20;
    const auto excess = [&](double a, bool by_score) {
        double sum = 0;
        for (std::size_t i = 0; i < 300; ++i)
            sum += (table.outcomes[i] - back(a + got.slope.value * logit(table.scores[i]))) *
                   (by_score ? logit(table.scores[i]) : 1);
        return sum;
    };
    for (int step = 0; step < 100; ++step)
        (excess((low + high) / 2, false) > 0 ? low : high) = (low + high) / 2;
    EXPECT_NEAR(excess(low, true), 0, 1e-5);
}

TEST(Calibration, the_same_rows_again_make_nobody_surer) {
    Random random(3);
    auto once = drawn(random, 400, 0, 1);
    for (std::uint32_t i = 0; i < 400; ++i) once.people[i] = i;
    auto often = once;
    for (int copy = 1; copy < 4; ++copy)
        for (std::size_t i = 0; i < 400; ++i) {
            often.scores.push_back(once.scores[i]);
            often.outcomes.push_back(once.outcomes[i]);
            often.people.push_back(once.people[i]);
        }
    const auto a = calibrate(once.view()).value(), b = calibrate(often.view()).value();
    EXPECT_NEAR(a.slope.value, b.slope.value, 1e-8);
    EXPECT_NEAR(a.slope.se / b.slope.se, 1, 0.002);  // but for (n - 1)/(n - k)
    EXPECT_NEAR(a.intercept.se / b.intercept.se, 1, 0.002);
    EXPECT_NEAR(a.in_the_large.se, b.in_the_large.se, 1e-12);
    EXPECT_NEAR(a.model_se_slope / b.model_se_slope, 2, 1e-6);
    EXPECT_NEAR(a.expected_error, b.expected_error, 1e-9);
}

TEST(Calibration, bins_hold_every_row_once_and_equal_scores_together) {
    Random random(4);
    for (const std::uint32_t values : {1U, 3U, 12U, 500U})
        for (const std::size_t quantiles : {1U, 4U, 10U}) {
            Table table;
            for (int i = 0; i < 1'000; ++i) {
                table.scores.push_back(random.below(values) * 10.0 - 3);
                table.outcomes.push_back(random.below(4) == 0);
            }
            CalibrationSettings settings;
            settings.quantiles = quantiles;
            settings.probabilities = false;
            const auto got = calibrate(table.view(), settings).value();
            EXPECT_LE(got.bins.size(), quantiles);
            std::size_t rows = 0, events = 0;
            for (std::size_t i = 0; i < got.bins.size(); ++i) {
                const auto& bin = got.bins[i];
                rows += bin.count.of;
                events += bin.count.events;
                if (i > 0) EXPECT_LT(got.bins[i - 1].high, bin.low);
                EXPECT_LE(bin.low, bin.mean_score + 1e-9);
                EXPECT_GE(bin.high, bin.mean_score - 1e-9);
                if (values == 500) EXPECT_NEAR(double(bin.count.of), 1'000.0 / double(quantiles), 8);
                EXPECT_LT(bin.interval.low, bin.count.rate() + 1e-12);
                EXPECT_GT(bin.interval.high, bin.count.rate() - 1e-12);
            }
            EXPECT_EQ(rows, 1'000);
            EXPECT_EQ(events, got.events);
            EXPECT_EQ(got.refused, "not-probabilities");
            EXPECT_TRUE(std::isnan(got.slope.value) && std::isnan(got.expected_error));
        }
}

TEST(Calibration, equal_scores_go_where_their_middle_stands) {
    const std::vector<double> scores{0, 5, 5, 5, 5, 5, 5, 5, 5, 9};
    CalibrationSettings settings;
    settings.quantiles = 2;
    const auto got = calibrate({scores, std::vector<std::uint8_t>(10), {}}, settings).value();
    ASSERT_EQ(got.bins.size(), 2);
    EXPECT_EQ(got.bins[0].count.of, 1);
    EXPECT_EQ(got.bins[1].low, 5);
}

TEST(Calibration, fixed_edges) {
    Table table;
    for (int i = 0; i < 30; ++i) {
        table.scores.push_back(i / 30.0);
        table.outcomes.push_back(i % 2);
    }
    CalibrationSettings settings;
    settings.edges = {0.5, 0.9};
    const auto got = calibrate(table.view(), settings).value();
    ASSERT_EQ(got.bins.size(), 3);
    EXPECT_EQ(got.bins[0].count.of, 15);
    EXPECT_EQ(got.bins[1].low, 0.5);
    EXPECT_EQ(got.bins[1].count.of, 12);
    EXPECT_EQ(got.bins[2].count.of, 3);
    EXPECT_TRUE(std::isnan(got.bins[2].interval.low));  // three people
    // Wilson's interval of 7 of 15, from his formula.
    const double z = 1.959963984540054, p = 7.0 / 15, n = 15, keep = 1 + z * z / n;
    EXPECT_NEAR(got.bins[0].interval.low,
                (p + z * z / 2 / n - z * std::sqrt(p * (1 - p) / n + z * z / 4 / n / n)) / keep, 1e-12);
    // Σ n/N |observed - mean score|.
    double expected = 0;
    for (const auto& bin : got.bins)
        expected += double(bin.count.of) / 30 *
                    std::abs(double(bin.count.events) / double(bin.count.of) - bin.mean_score);
    EXPECT_DOUBLE_EQ(got.expected_error, expected);
    settings.edges = {0.9, 0.5};
    EXPECT_FALSE(calibrate(table.view(), settings));
    settings.edges = {0.5, 0.5};
    EXPECT_FALSE(calibrate(table.view(), settings));
    settings.edges = {};
    settings.quantiles = 0;
    EXPECT_FALSE(calibrate(table.view(), settings));
}

TEST(Calibration, people_with_many_rows_make_bins_less_sure) {
    Random random(5);
    auto table = drawn(random, 4'000, 0, 1, 40);
    for (std::size_t i = 0; i < 4'000; ++i)  // half of the people never have the outcome
        if (table.people[i] % 2) table.outcomes[i] = 0;
    const auto people = calibrate(table.view()).value(), rows = calibrate(table.each_a_person()).value();
    const auto width = [](const CalibrationBin& bin) { return bin.interval.high - bin.interval.low; };
    EXPECT_EQ(people.people, 40);
    EXPECT_GT(width(people.bins[8]), 1.5 * width(rows.bins[8]));
    EXPECT_GT(people.in_the_large.se, 2 * rows.in_the_large.se);
}

TEST(Calibration, refusals) {
    Random random(6);
    auto table = drawn(random, 100, 0, 1);
    auto few = table;
    int events = 0;
    for (auto& outcome : few.outcomes) outcome = outcome && events++ < 9;
    EXPECT_EQ(calibrate(few.view())->refused, "no-events");
    EXPECT_EQ(calibrate(few.view())->bins.size(), 10);
    EXPECT_TRUE(std::isnan(calibrate(few.view())->in_the_large.value));
    for (auto& outcome : few.outcomes) outcome = 1;
    EXPECT_EQ(calibrate(few.view())->refused, "no-events");
    auto together = table;
    for (auto& person : together.people) person %= 4;
    EXPECT_EQ(calibrate(together.view())->refused, "too-few-people");
    auto ordinal = table;
    ordinal.scores[0] = 3;
    EXPECT_EQ(calibrate(ordinal.view())->refused, "not-probabilities");
    ordinal.scores[0] = kInfinity;
    EXPECT_FALSE(calibrate(ordinal.view()));
    EXPECT_EQ(calibrate({{}, {}, {}})->refused, "no-events");

    auto parted = table;
    for (std::size_t i = 0; i < 100; ++i) parted.outcomes[i] = parted.scores[i] > 0.5;
    const auto got = calibrate(parted.view()).value();
    EXPECT_EQ(got.refused, "");
    EXPECT_EQ(got.recalibration_refused, "separated");
    EXPECT_TRUE(std::isnan(got.slope.value));
    EXPECT_FALSE(std::isnan(got.intercept.value));
    auto constant = table;
    for (auto& score : constant.scores) score = 0.25;
    EXPECT_EQ(calibrate(constant.view())->recalibration_refused, "separated");
}

TEST(Calibration, certainties_are_clipped_and_counted) {
    Random random(7);
    auto table = drawn(random, 1'000, 0, 1);
    for (int i = 0; i < 30; ++i) {
        table.scores[i] = i % 2;
        table.outcomes[i] = i % 3 == 0;
    }
    const auto got = calibrate(table.view()).value();
    EXPECT_EQ(got.clipped, 30);
    EXPECT_TRUE(std::isfinite(got.slope.value));
    EXPECT_LT(got.slope.value, 0.9);  // sure and wrong
}

}  // namespace contrechamp::disparity
