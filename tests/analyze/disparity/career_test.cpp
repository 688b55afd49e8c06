#include "analyze/disparity/career.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

using namespace contrechamp;
using namespace contrechamp::disparity;

namespace {

CareerRow row(std::string_view person, int year, double pay, int entry, std::string_view level = "P1",
              std::string_view group = {}) {
    CareerRow row;
    row.person = person;
    row.year = year;
    row.pay = pay;
    row.entry_year = entry;
    row.entry_level = level;
    row.group = group;
    return row;
}

// Six comparable colleagues at 2000, 2100 … 2500 in 2020 and 100 more each in 2021, and one at 1900 in both
// years.
std::vector<CareerRow> small_company() {
    static constexpr std::string_view kNames[] = {"a", "b", "c", "d", "e", "f"};
    std::vector<CareerRow> rows;
    for (int i = 0; i < 6; ++i)
        for (int year = 2020; year <= 2021; ++year)
            rows.push_back(row(kNames[i], year, 2000 + 100 * i + 100 * (year - 2020), 1999 + i % 3));
    rows.push_back(row("me", 2020, 1900, 2000));
    rows.push_back(row("me", 2021, 1900, 2000));
    return rows;
}

CareerOptions since(int year, int month) {
    CareerOptions options;
    options.since = {year, month};
    return options;
}

double step(const std::vector<CareerStep>& steps, CareerStepId id) {
    for (const auto& step : steps)
        if (step.id == id) return step.value;
    return kNotANumber;
}

}  // namespace

TEST(Career, EveryStepByHand) {
    const auto table = CareerTable::create(small_company());
    const auto career = table.career("me", since(2012, 1));
    ASSERT_TRUE(career);
    EXPECT_EQ(career->panel, (std::vector<std::string_view>{"a", "b", "c", "d", "e", "f"}));
    EXPECT_TRUE(career->excluded.empty());
    ASSERT_EQ(career->years.size(), 2);
    const auto& today = career->years[*career->last];
    EXPECT_EQ(today.year, 2021);
    EXPECT_DOUBLE_EQ(today.mean, 2350);
    EXPECT_DOUBLE_EQ(today.median, 2350);
    EXPECT_DOUBLE_EQ(today.gap_to_mean, 450);
    EXPECT_EQ(today.percentile_rank, 0);
    EXPECT_DOUBLE_EQ(today.chance_as_low, 1.0 / 7);
    ASSERT_TRUE(career->damage);
    // January 2012 to December 2021: 119 months. 450 x 119 / 2 = 26775; 30 % are 8032.50.
    const auto& steps = career->damage->by_mean;
    EXPECT_EQ(steps.size(), 7);
    EXPECT_EQ(step(steps, CareerStepId::months), 119);
    EXPECT_DOUBLE_EQ(step(steps, CareerStepId::gap), 450);
    EXPECT_DOUBLE_EQ(step(steps, CareerStepId::loss), 26775);
    EXPECT_DOUBLE_EQ(step(steps, CareerStepId::pension), 8032.5);
    EXPECT_DOUBLE_EQ(step(steps, CareerStepId::total), 34807.5);
    for (const auto& one : steps) EXPECT_NE(one.formula.en, one.formula.fr);
    // 2020: 350 x 12; 2021: 450 x 11, until the first of December.
    EXPECT_DOUBLE_EQ(career->damage->summed, 350 * 12 + 450 * 11);
    EXPECT_EQ(career->damage->summed_months, 23);
}

TEST(Career, APersonMidPanelHasARankAndNoDamage) {
    const auto table = CareerTable::create(small_company());
    const auto career = table.career("e", since(2012, 1));
    ASSERT_TRUE(career);
    const auto& today = career->years[*career->last];
    EXPECT_EQ(today.below, 5);  // me, a, b, c, d
    EXPECT_EQ(today.equal, 0);
    EXPECT_DOUBLE_EQ(today.percentile_rank, 100 * 5.0 / 6);
    EXPECT_DOUBLE_EQ(today.chance_as_low, 6.0 / 7);
    EXPECT_FALSE(career->damage);
    EXPECT_FALSE(career->no_damage.empty());
}

TEST(Career, EverybodyElseIsListedWithAReason) {
    auto rows = small_company();
    rows.push_back(row("late", 2020, 2000, 2003));
    rows.push_back(row("early", 2020, 2000, 1998));
    rows.push_back(row("other", 2020, 2000, 2000, "P3"));
    rows.push_back(row("levelless", 2020, 2000, 2000, ""));
    rows.push_back(row("ageless", 2020, 2000, kNoYear));
    rows.push_back(row("twice", 2020, 2000, 2000));
    rows.push_back(row("twice", 2021, 2000, 2001));
    rows.push_back(row("gone", 2015, 2000, 2000));
    rows.push_back(row("unpaid", 2020, kNotANumber, 2000));
    rows.push_back(row("", 2020, 2000, 2000));
    rows.push_back(row("never", kNoYear, 2000, 2000));
    const auto table = CareerTable::create(rows);
    EXPECT_EQ(table.unused(), (std::vector{rows.size() - 2, rows.size() - 1}));
    const auto career = table.career("me", {});
    ASSERT_TRUE(career);
    std::map<std::string_view, NotInPanel> why;
    for (const auto& [person, reason] : career->excluded) why[person] = reason;
    EXPECT_EQ(why, (std::map<std::string_view, NotInPanel>{{"late", NotInPanel::other_years},
                                                           {"other", NotInPanel::other_level},
                                                           {"levelless", NotInPanel::entry_unknown},
                                                           {"ageless", NotInPanel::entry_unknown},
                                                           {"twice", NotInPanel::entry_conflict},
                                                           {"gone", NotInPanel::never_compared},
                                                           {"unpaid", NotInPanel::never_compared}}));
    EXPECT_EQ(career->panel.size() + career->excluded.size() + 1, table.people().size());
    EXPECT_TRUE(std::ranges::binary_search(career->panel, std::string_view("early")));
    CareerOptions narrow;
    narrow.entry_years = 0;
    EXPECT_EQ(table.career("me", narrow)->panel.size(), 2);  // b and e, of 2000
    EXPECT_FALSE(table.career("twice", {}));
    EXPECT_FALSE(table.career("ageless", {}));
    EXPECT_FALSE(table.career("nobody", {}));
}

TEST(Career, SmallPanelsAllowNothing) {
    auto rows = small_company();
    std::erase_if(rows,
                  [](const CareerRow& r) { return r.person == "a" || (r.person == "b" && r.year == 2021); });
    const auto table = CareerTable::create(rows);
    const auto career = table.career("me", since(2012, 1));
    ASSERT_TRUE(career);
    // 2021 has four: "today" is 2020.
    EXPECT_EQ(career->years[*career->last].year, 2020);
    EXPECT_EQ(career->years[1].present, 4);
    EXPECT_TRUE(std::isnan(career->years[1].mean));
    EXPECT_TRUE(std::isnan(career->years[1].chance_as_low));
    EXPECT_EQ(step(career->damage->by_mean, CareerStepId::months), 107);  // to December 2020
    CareerOptions strict;
    strict.fewest = 6;
    const auto none = table.career("me", strict);
    EXPECT_FALSE(none->last);
    EXPECT_FALSE(none->no_comparison.empty());
    EXPECT_NE(none->no_comparison.en, none->no_comparison.fr);
    strict.fewest = 4;
    EXPECT_FALSE(table.career("me", strict));
}

TEST(Career, OwnGroupStaysOutUnlessAskedIn) {
    auto rows = small_company();
    for (auto& r : rows) r.group = r.person == "me" || r.person == "a" ? "CGT" : "";
    const auto table = CareerTable::create(rows);
    EXPECT_EQ(table.people_of("CGT"), (std::vector<std::string_view>{"a", "me"}));
    const auto without = table.career("me", {});
    EXPECT_EQ(without->panel.size(), 5);
    EXPECT_EQ(without->excluded[0].why, NotInPanel::same_group);
    EXPECT_DOUBLE_EQ(without->years[0].mean, 2300);
    CareerOptions all;
    all.other_groups_only = false;
    EXPECT_EQ(table.career("me", all)->panel.size(), 6);
}

TEST(Career, OneFigureAYear) {
    auto rows = small_company();
    rows.push_back(row("me", 2021, 2100, 2000));  // pays of one year: their mean
    for (auto& r : rows) r.coefficient = 170;
    rows.push_back(row("me", 2021, kNotANumber, 2000));
    rows.back().month = 12;
    rows.back().coefficient = 190;  // the coefficient of the last month
    std::ranges::reverse(rows);
    const auto table = CareerTable::create(rows);
    EXPECT_DOUBLE_EQ(table.career("me", {})->years[1].own, 2000);
    CareerOptions coefficients = since(2012, 1);
    coefficients.figure = CareerFigure::coefficient;
    const auto career = table.career("me", coefficients);
    EXPECT_DOUBLE_EQ(career->years[1].own, 190);
    EXPECT_EQ(career->years[1].below, 6);
    EXPECT_EQ(career->years[0].equal, 6);
    EXPECT_DOUBLE_EQ(career->years[0].percentile_rank, 50);
    EXPECT_EQ(career->years[0].chance_as_low, 1);
    EXPECT_FALSE(career->damage);
    EXPECT_FALSE(career->no_damage.empty());
}

TEST(Career, OptionsOutOfRangeAreRefused) {
    const auto table = CareerTable::create(small_company());
    for (const auto change : std::vector<void (*)(CareerOptions&)>{
             [](CareerOptions& o) { o.pension = -0.1; }, [](CareerOptions& o) { o.pension = kNotANumber; },
             [](CareerOptions& o) {
                 o.since = {2020, 13};
             },
             [](CareerOptions& o) {
                 o.until = {2020, 0};
             },
             [](CareerOptions& o) {
                 o.until = {2011, 12};
             }}) {
        CareerOptions options = since(2012, 1);
        change(options);
        EXPECT_FALSE(table.career("me", options));
    }
    EXPECT_FALSE(table.career("me", since(2022, 1))->damage);
    auto years = since(2012, 1);
    years.until = {2021, 6};
    years.pension = 0;
    const auto steps = table.career("me", years)->damage->by_mean;
    EXPECT_EQ(step(steps, CareerStepId::months), 113);
    EXPECT_EQ(step(steps, CareerStepId::total), step(steps, CareerStepId::loss));
}

// Where nobody is treated apart, a place as low as `chance_as_low` says is as rare as it says.
TEST(Career, ChanceKeepsItsLevel) {
    std::mt19937 random(7);
    int low = 0;
    const int rounds = 2000;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::string> names;
        for (int i = 0; i < 20; ++i) names.push_back("p" + std::to_string(i));
        std::vector<CareerRow> rows;
        for (const auto& name : names) rows.push_back(row(name, 2020, 2000 + double(random() % 1000), 2000));
        const auto table = CareerTable::create(rows);
        low += table.career("p3", {})->years[0].chance_as_low <= 0.1;
    }
    EXPECT_NEAR(double(low) / rounds, 0.1, 0.02);
}

TEST(Career, RowOrderDoesNotMatter) {
    auto rows = small_company();
    const auto one = CareerTable::create(rows).career("me", since(2012, 1));
    std::mt19937 random(9);
    for (int round = 0; round < 20; ++round) {
        std::ranges::shuffle(rows, random);
        const auto other = CareerTable::create(rows).career("me", since(2012, 1));
        EXPECT_EQ(one->panel, other->panel);
        EXPECT_EQ(one->years[1].mean, other->years[1].mean);
        EXPECT_EQ(one->damage->summed, other->damage->summed);
    }
    EXPECT_TRUE(CareerTable::create({}).people().empty());
}
