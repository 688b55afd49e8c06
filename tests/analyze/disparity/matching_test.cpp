#include "analyze/disparity/matching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "analyze/disparity/proportions.h"

using namespace contrechamp::disparity;

namespace {

std::vector<MatchRow> random_rows(std::mt19937& random, std::size_t size, unsigned strata, unsigned values) {
    std::vector<MatchRow> rows(size);
    for (auto& row : rows) {
        row.in_group = random() % 3 == 0;
        row.event = random() % 2;
        row.stratum = random() % strata * 7;
        row.covariate = random() % 20 ? double(random() % values) / 4 : kNotANumber;
    }
    return rows;
}

double spread_of(const std::vector<MatchRow>& rows) {
    double variances = 0;
    for (const bool side : {true, false}) {
        std::vector<double> values;
        for (const auto& row : rows)
            if (row.in_group == side && !std::isnan(row.covariate)) values.push_back(row.covariate);
        double mean = 0, off = 0;
        for (const double value : values) mean += value / double(values.size());
        for (const double value : values) off += (value - mean) * (value - mean);
        variances += off / double(values.size() - 1);
    }
    return std::sqrt(variances / 2);
}

// The definition: each group row looks at every reference row.
std::map<std::size_t, std::size_t> brute_pairs(const std::vector<MatchRow>& rows, double caliper) {
    const double spread = spread_of(rows);
    std::map<std::size_t, std::size_t> pairs;
    std::vector<bool> taken(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].in_group || std::isnan(rows[i].covariate)) continue;
        std::size_t best = rows.size();
        double distance = kInfinity;
        for (std::size_t j = 0; j < rows.size(); ++j) {
            if (rows[j].in_group || taken[j] || rows[j].stratum != rows[i].stratum) continue;
            const double there = std::abs(rows[i].covariate - rows[j].covariate);
            if (there < distance) distance = there, best = j;
        }
        if (best == rows.size() || distance / spread > caliper) continue;
        taken[best] = true;
        pairs[i] = best;
    }
    return pairs;
}

}  // namespace

TEST(Matching, NearestIsTheGreedyDefinition) {
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        const auto rows = random_rows(random, 20 + random() % 80, 1 + random() % 4, 2 + random() % 60);
        const double caliper = round % 3 == 0 ? kInfinity : round % 3 == 1 ? 0.2 : 1.0;
        const auto found = nearest(rows, caliper, 0.95);
        const auto wanted = brute_pairs(rows, caliper);
        EXPECT_NEAR(found.spread, spread_of(rows), 1e-12);
        ASSERT_EQ(found.pairs.size(), wanted.size());
        std::uint64_t only_group = 0, only_reference = 0;
        for (const auto& [group, reference, distance] : found.pairs) {
            EXPECT_EQ(wanted.at(group), reference);
            EXPECT_NEAR(distance, std::abs(rows[group].covariate - rows[reference].covariate) / found.spread,
                        1e-12);
            only_group += rows[group].event && !rows[reference].event;
            only_reference += rows[reference].event && !rows[group].event;
        }
        EXPECT_EQ(found.only_group, only_group);
        EXPECT_EQ(found.only_reference, only_reference);
        // Rows in = rows matched + rows listed, each once.
        std::vector<int> times(rows.size());
        for (const auto& pair : found.pairs) ++times[pair.group_row], ++times[pair.reference_row];
        for (const auto& row : found.unmatched) ++times[row.row];
        EXPECT_EQ(times, std::vector<int>(rows.size(), 1));
        EXPECT_TRUE(std::ranges::is_sorted(found.unmatched, {}, &UnmatchedRow::row));
    }
}

TEST(Matching, NearestSaysWhyNot) {
    const std::vector<MatchRow> rows{{true, true, 1, 10},  {true, false, 1, 11}, {false, true, 1, 10.5},
                                     {true, true, 2, 5},   {false, true, 3, 5},  {true, true, 1, kNotANumber},
                                     {true, false, 4, 99}, {false, false, 4, 5}, {false, true, 1, 12}};
    // 10 and 11 are as near to 10.5: the earlier row takes it, and 11 finds 12 within 0.2 deviations (of 32),
    // not within 0.02.
    const auto wide = nearest(rows, 0.2, 0.95);
    ASSERT_EQ(wide.pairs.size(), 2);
    EXPECT_EQ(wide.pairs[1].reference_row, 8);
    const auto close = nearest(rows, 0.02, 0.95);
    EXPECT_EQ(close.pairs.size(), 1);
    EXPECT_EQ(close.pairs[0].group_row, 0);
    EXPECT_EQ(close.pairs[0].reference_row, 2);
    std::map<std::size_t, Unmatched> why;
    for (const auto& [row, reason] : close.unmatched) why[row] = reason;
    EXPECT_EQ(why, (std::map<std::size_t, Unmatched>{{1, Unmatched::beyond_caliper},
                                                     {3, Unmatched::stratum_alone},
                                                     {4, Unmatched::stratum_alone},
                                                     {5, Unmatched::no_covariate},
                                                     {6, Unmatched::beyond_caliper},
                                                     {7, Unmatched::none_left},
                                                     {8, Unmatched::none_left}}));
}

TEST(Matching, PairsAreMcNemars) {
    // Ten strata of one pair each: 7 in which only the reference was chosen, 1 only the group, 2 both alike.
    std::vector<MatchRow> rows;
    for (std::uint64_t i = 0; i < 10; ++i) {
        rows.push_back({true, i == 7 || i == 8, i, 1});
        rows.push_back({false, i < 7 || i == 8, i, 1});
    }
    const auto found = nearest(rows, 0.2, 0.95);  // nothing varies: only equal values match
    EXPECT_EQ(found.pairs.size(), 10);
    EXPECT_EQ(found.only_reference, 7);
    EXPECT_EQ(found.only_group, 1);
    EXPECT_DOUBLE_EQ(found.difference, -0.6);
    EXPECT_NEAR(found.standard_error, std::sqrt(8 - 3.6) / 10, 1e-15);
    EXPECT_NEAR(found.exact_p, 18.0 / 256, 1e-15);  // 2 (1 + 8) / 2^8
    EXPECT_NEAR(found.interval.low, -0.6 - two_sided_z(0.95) * found.standard_error, 1e-15);
}

TEST(Matching, ExactIsStandardisation) {
    std::mt19937 random(2);
    for (int round = 0; round < 100; ++round) {
        const auto rows = random_rows(random, 5 + random() % 60, 1 + random() % 12, 5);
        const auto found = exact_match(rows, 0.95);
        std::map<std::uint64_t, std::pair<Count, Count>> strata;
        for (const auto& row : rows) {
            Count& side = row.in_group ? strata[row.stratum].first : strata[row.stratum].second;
            ++side.of;
            side.events += row.event;
        }
        double group = 0, difference = 0;
        for (const auto& [_, sides] : strata)
            if (sides.first.of && sides.second.of) {
                group += double(sides.first.of);
                difference += double(sides.first.of) * (sides.first.rate() - sides.second.rate());
            }
        if (group == 0) {
            EXPECT_TRUE(std::isnan(found.difference));
            continue;
        }
        EXPECT_NEAR(found.difference, difference / group, 1e-12);
        EXPECT_EQ(found.unmatched.size(), found.unmatched_group + found.unmatched_reference);
        EXPECT_EQ(rows.size(), found.group.of + found.reference.of + found.unmatched.size());
        // The same by the weights, and the strata's shares are equal afterwards.
        double top = 0, weights = 0, group_weights = 0;
        std::map<std::uint64_t, double> shares;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i].in_group) {
                group_weights += found.weights[i];
                shares[rows[i].stratum] += found.weights[i];
            } else {
                weights += found.weights[i];
                top += found.weights[i] * rows[i].event;
                shares[rows[i].stratum] -= found.weights[i];
            }
        }
        EXPECT_NEAR(weights, group_weights, 1e-9);
        EXPECT_NEAR(top / weights, found.reference_rate, 1e-12);
        for (const auto& [_, off] : shares) EXPECT_NEAR(off, 0, 1e-9);
    }
}

TEST(Matching, ExactStandardErrorByHand) {
    // Stratum 1: 1 of 2 against 2 of 4; stratum 2: the only one of the group against 1 of 3.
    std::vector<MatchRow> rows;
    const auto add = [&](bool in_group, std::uint64_t stratum, Count count) {
        for (std::uint64_t i = 0; i < count.of; ++i) rows.push_back({in_group, i < count.events, stratum});
    };
    add(true, 1, {1, 2});
    add(false, 1, {2, 4});
    add(true, 2, {1, 1});
    add(false, 2, {1, 3});
    const auto found = exact_match(rows, 0.95);
    EXPECT_NEAR(found.group_rate, 2 / 3.0, 1e-15);
    EXPECT_NEAR(found.reference_rate, 2 / 3.0 / 2 + 1 / 3.0 / 3, 1e-15);
    const double first = 0.5 * 0.5 * 6 / 5 * (1 / 2.0 + 1 / 4.0);   // 3 of 6
    const double second = 0.5 * 0.5 * 4 / 3 * (1 / 1.0 + 1 / 3.0);  // 2 of 4
    EXPECT_NEAR(found.standard_error, std::sqrt(4 / 9.0 * first + 1 / 9.0 * second), 1e-15);
}

// Where both are treated alike within strata that differ much, the raw difference is far off, and the matched
// one's interval leaves out 0 about as often as it says.
TEST(Matching, ExactIntervalKeepsItsLevel) {
    std::mt19937 random(3);
    int out = 0, pair_out = 0, raw_out = 0;
    const int rounds = 600;
    for (int round = 0; round < rounds; ++round) {
        std::vector<MatchRow> rows(400);
        for (auto& row : rows) {
            row.stratum = random() % 40;
            row.in_group = random() % 40 > row.stratum;
            row.event = random() % 100 < 10 + 2 * row.stratum;
            row.covariate = 1;
        }
        const auto found = exact_match(rows, 0.95);
        out += found.interval.low > 0 || found.interval.high < 0;
        pair_out += nearest(rows, 0.2, 0.95).exact_p < 0.05;
        Count group, reference;
        for (const auto& row : rows) {
            Count& side = row.in_group ? group : reference;
            ++side.of;
            side.events += row.event;
        }
        raw_out += fisher_p(group, reference) < 0.05;
    }
    EXPECT_LE(double(out) / rounds, 0.06);
    EXPECT_GE(double(out) / rounds, 0.02);
    EXPECT_LE(double(pair_out) / rounds, 0.06);
    EXPECT_GT(double(raw_out) / rounds, 0.9);
}

TEST(Matching, BalanceByHand) {
    const std::vector<MatchRow> rows{{true}, {true}, {false}, {false}, {false}, {true}};
    const std::vector<double> values{1, 3, 0, 2, 4, kNotANumber};
    const auto before = balance(rows, values, {});
    EXPECT_EQ(before.group, 2);
    EXPECT_EQ(before.reference, 3);
    EXPECT_EQ(before.missing, 1);
    EXPECT_DOUBLE_EQ(before.group_mean, 2);
    EXPECT_DOUBLE_EQ(before.reference_mean, 2);
    EXPECT_DOUBLE_EQ(before.spread, std::sqrt((2.0 + 4.0) / 2));
    EXPECT_EQ(before.standardised_difference, 0);
    EXPECT_DOUBLE_EQ(before.variance_ratio, 0.5);
    // Weights: reference mean (0 + 2 + 3 * 4) / 5 = 2.8, variance 15 / 5 ... by the formula of the header.
    const std::vector<double> weights{1, 1, 1, 1, 3, 1};
    const auto after = balance(rows, values, weights, before.spread);
    EXPECT_DOUBLE_EQ(after.reference_mean, 2.8);
    EXPECT_NEAR(after.standardised_difference, -0.8 / std::sqrt(3.0), 1e-15);
    const double off = 2.8 * 2.8 + 0.8 * 0.8 + 3 * 1.2 * 1.2;
    EXPECT_NEAR(after.variance_ratio, 2 / (off / (5 - 11 / 5.0)), 1e-12);
    const std::vector<double> none(6, 0);
    EXPECT_TRUE(std::isnan(balance(rows, values, none).group_mean));
}

TEST(Matching, HostileValues) {
    const std::vector<MatchRow> rows{{true, true, 0, kInfinity},
                                     {false, true, 0, 1e308},
                                     {true, true, 0, -1e308},
                                     {false, true, 0, -0.0},
                                     {true, true, 0, 0.0}};
    for (const double caliper : {0.0, -1.0, kNotANumber, kInfinity}) {
        const auto found = nearest(rows, caliper, 0.95);
        EXPECT_EQ(found.pairs.size() * 2 + found.unmatched.size(), rows.size());
        if (caliper == 0) EXPECT_EQ(found.pairs.size(), 1);  // 0 and -0
        if (!(caliper >= 0)) EXPECT_EQ(found.pairs.size(), 0);
    }
    EXPECT_TRUE(std::isnan(nearest({}, 0.2, 0.95).exact_p));
    EXPECT_TRUE(std::isnan(exact_match({}, 0.95).difference));
}
