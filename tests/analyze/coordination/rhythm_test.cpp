#include "analyze/coordination/rhythm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace contrechamp::coordination {
namespace {

constexpr UnixTime kDay = 86'400, kStart = 1'533'513'600;  // Monday 2018-08-06
constexpr UnixTime kMin = std::numeric_limits<UnixTime>::min(), kMax = std::numeric_limits<UnixTime>::max();

// Posts at `hour` of each day below `days` on which `busy(day)`.
template <class Busy>
AccountLife life(int days, int hour, Busy busy) {
    AccountLife account;
    for (int d = 0; d < days; ++d)
        if (busy(d)) account.posts.push_back(kStart + d * kDay + hour * 3600 + d % 3600);
    return account;
}

std::vector<AccountLife> random_lives(int count, int days, double busy, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit;
    std::vector<AccountLife> lives;
    for (int i = 0; i < count; ++i) {
        lives.push_back(life(days, int(random() % 24), [&](int) { return unit(random) < busy; }));
        lives.back().created = kStart - UnixTime(random() % (2000 * kDay));
    }
    return lives;
}

TEST(Rhythm, HoursAreSharesOfAllPosts) {
    std::vector<AccountLife> group(2);
    group[0].posts = {0, 3599, 3600, -1};  // 0 h, 0 h, 1 h, 23 h of the day before
    group[1].posts = {23 * 3600, kDay + 3600, 90 * kDay, kMin, kMax};  // the last two are no times
    const Rhythm rhythm = rhythm_of(group, {}, 1);
    EXPECT_EQ(rhythm.posts, 7);
    EXPECT_DOUBLE_EQ(rhythm.hours[0], 3 / 7.0);
    EXPECT_DOUBLE_EQ(rhythm.hours[1], 2 / 7.0);
    EXPECT_DOUBLE_EQ(rhythm.hours[23], 2 / 7.0);
}

TEST(Rhythm, LikenessIsTheMeanCosineOfPairs) {
    std::mt19937 random(5);
    std::vector<AccountLife> group(7);
    for (AccountLife& account : group)
        for (int i = 0; i < 40; ++i) account.posts.push_back(UnixTime(random() % (100 * kDay)));
    group.push_back({{1, 2, 3}});  // too few posts to be compared
    double sum = 0;
    const auto hours = [](const AccountLife& account) {
        std::array<double, 24> counts{};
        for (const UnixTime post : account.posts) ++counts[std::size_t(post % kDay / 3600)];
        return counts;
    };
    for (int i = 0; i < 7; ++i)
        for (int j = 0; j < i; ++j) {
            const auto a = hours(group[i]), b = hours(group[j]);
            double dot = 0, aa = 0, bb = 0;
            for (int h = 0; h < 24; ++h) dot += a[h] * b[h], aa += a[h] * a[h], bb += b[h] * b[h];
            sum += dot / std::sqrt(aa * bb);
        }
    const Rhythm rhythm = rhythm_of(group, std::span(group).first(1), 1);
    ASSERT_TRUE(rhythm.likeness);
    EXPECT_NEAR(*rhythm.likeness, sum / 21, 1e-12);
    EXPECT_FALSE(rhythm.likeness_comparison);  // of one account
    EXPECT_EQ(rhythm.comparison_accounts, 1);
}

TEST(Rhythm, OfficeHoursAreLikerThanThoseOfStrangers) {
    std::vector<AccountLife> group;
    for (int i = 0; i < 5; ++i) group.push_back(life(60, 9 + i % 2, [](int) { return true; }));
    const Rhythm rhythm = rhythm_of(group, random_lives(100, 60, 0.8, 2), 1);
    EXPECT_GT(*rhythm.likeness, 0.3);
    EXPECT_LT(*rhythm.likeness_comparison, 0.2);
}

TEST(Rhythm, NothingCanBeSaidOfLittle) {
    std::vector<AccountLife> group(2);
    for (const Rhythm& rhythm : {rhythm_of(group, {}, 1), rhythm_of(group, group, 1)}) {
        EXPECT_EQ(rhythm.posts, 0);
        EXPECT_EQ(*std::ranges::max_element(rhythm.hours), 0);
        EXPECT_FALSE(rhythm.likeness || rhythm.likeness_comparison || rhythm.created_within ||
                     rhythm.created_p || rhythm.silence_p || rhythm.reply_ratio);
        EXPECT_TRUE(rhythm.silences.empty());
    }
}

TEST(Rhythm, TheShortestTimeHoldsHalfOfTheGroup) {
    std::vector<AccountLife> group(5);
    const UnixTime dates[] = {0, 1000, 5000, 5600, 6100};  // one not known; half of five is three
    for (int i = 0; i < 5; ++i) group[i].created = dates[i];
    Rhythm rhythm = rhythm_of(group, {}, 1);
    EXPECT_EQ(rhythm.created_within, 1100);
    EXPECT_FALSE(rhythm.created_p);  // nobody to compare with
    group[3].created = group[4].created = 0;
    rhythm = rhythm_of(group, random_lives(100, 10, 1, 1), 1);
    EXPECT_FALSE(rhythm.created_within);
    EXPECT_FALSE(rhythm.created_p);
    group.assign(2, {});
    group[0].created = kMin, group[1].created = kMax;
    EXPECT_FALSE(rhythm_of(group, {}, 1).created_within);
}

TEST(Rhythm, AccountsOpenedTogetherStandOut) {
    const auto comparison = random_lives(300, 10, 1, 3);
    std::vector<AccountLife> together(8), apart(comparison.begin(), comparison.begin() + 8);
    for (int i = 0; i < 8; ++i) together[i].created = kStart + i * 3600;
    EXPECT_DOUBLE_EQ(rhythm_of(together, comparison, 1).created_p.value(), 0.001);
    EXPECT_GT(rhythm_of(apart, comparison, 1).created_p.value(), 0.02);
    // With fewer than twice as many to compare with, random groups would be nearly the same accounts.
    EXPECT_FALSE(rhythm_of(comparison, std::span(comparison).first(250), 1).created_p);
    EXPECT_FALSE(rhythm_of(together, std::span(comparison).first(19), 1).created_p);
}

TEST(Rhythm, SharedHolidaysAreSilences) {
    std::vector<AccountLife> group;
    const auto works = [](int day) { return day < 30 || day >= 44; };  // two weeks off together
    for (int i = 0; i < 6; ++i) group.push_back(life(140, 9, works));
    const Rhythm rhythm = rhythm_of(group, random_lives(60, 140, 0.6, 4), 1);
    ASSERT_EQ(rhythm.silences.size(), 1);
    EXPECT_EQ(rhythm.silences[0].from, kStart + 30 * kDay);
    EXPECT_EQ(rhythm.silences[0].to, kStart + 44 * kDay);
    EXPECT_EQ(rhythm.days_watched, 140);
    EXPECT_DOUBLE_EQ(rhythm.silence_p.value(), 0.001);
}

TEST(Rhythm, SharedWeekendsAreNoEvidence) {
    std::vector<AccountLife> group;
    for (int i = 0; i < 6; ++i) group.push_back(life(140, 9, [](int day) { return day % 7 < 5; }));
    const Rhythm rhythm = rhythm_of(group, random_lives(60, 140, 0.6, 4), 1);
    EXPECT_EQ(rhythm.silence_p, 1);  // shown, but as common in every shift by weeks
}

TEST(Rhythm, HolesInTheExportAreNoSilence) {
    std::vector<AccountLife> group, comparison = random_lives(60, 140, 0.6, 4);
    const auto hole = [](UnixTime t) { return t >= kStart + 30 * kDay && t < kStart + 44 * kDay; };
    for (int i = 0; i < 6; ++i) group.push_back(life(140, 9, [&](int) { return true; }));
    for (auto* lives : {&group, &comparison})
        for (AccountLife& account : *lives) std::erase_if(account.posts, hole);
    comparison[7].posts.push_back(kStart + 33 * kDay);  // a stray post in the hole
    const Rhythm rhythm = rhythm_of(group, comparison, 1);
    EXPECT_TRUE(rhythm.silences.empty());
    EXPECT_EQ(rhythm.days_watched, 126);
    EXPECT_EQ(rhythm.silence_p, 1);
}

TEST(Rhythm, WithoutComparisonOrTimeThereIsNoSilence) {
    const auto works = [](int day) { return day < 30 || day >= 44; };
    const std::vector<AccountLife> group(6, life(140, 9, works));
    EXPECT_FALSE(rhythm_of(group, {}, 1).silence_p);
    EXPECT_TRUE(rhythm_of(group, {}, 1).silences.empty());
    const std::vector<AccountLife> brief(6, life(55, 9, works));
    EXPECT_FALSE(rhythm_of(brief, random_lives(60, 140, 0.6, 4), 1).silence_p);
    const std::vector<AccountLife> rare(6, life(140, 9, [](int day) { return day % 20 == 0; }));
    EXPECT_FALSE(rhythm_of(rare, random_lives(60, 140, 0.6, 4), 1).silence_p);
}

// Under independence p is at most as small as it says: about a twentieth of groups at 0.05.
TEST(Rhythm, StrangersRarelyStandOut) {
    const auto everybody = random_lives(260, 100, 0.25, 9);
    const std::span<const AccountLife> all(everybody), comparison = all.subspan(200);
    int silent = 0, dates = 0;
    for (int g = 0; g < 50; ++g) {
        const Rhythm rhythm = rhythm_of(all.subspan(std::size_t(g) * 4, 4), comparison, 1);
        silent += rhythm.silence_p.value() <= 0.05;
        dates += rhythm.created_p.value() <= 0.05;
    }
    EXPECT_LE(silent, 8);  // of Binomial(50, 0.05), 8 and more have a probability of 0.4 %
    EXPECT_LE(dates, 8);
}

TEST(Rhythm, RepliesToThoseTheGroupAnswers) {
    std::vector<AccountLife> group(3);
    group[0].replies = 6, group[0].replies_to_posts_of_critics = 5;
    group[1].replies = 3, group[1].replies_to_posts_of_critics = 9;  // a lie: taken for 3
    EXPECT_FALSE(rhythm_of(group, {}, 1).reply_ratio);
    group[2].replies = 1;
    EXPECT_DOUBLE_EQ(rhythm_of(group, {}, 1).reply_ratio.value(), 0.8);
}

TEST(Rhythm, TheSeedAloneDecides) {
    const auto group = random_lives(700, 90, 0.3, 1), comparison = random_lives(1500, 90, 0.3, 2);
    const Rhythm one = rhythm_of(group, comparison, 7), two = rhythm_of(group, comparison, 7),
                 other = rhythm_of(group, comparison, 8);
    EXPECT_EQ(one.group_accounts, kMostAccountsCompared);
    EXPECT_EQ(one.comparison_accounts, kMostAccountsCompared);
    EXPECT_EQ(one.hours, two.hours);
    EXPECT_EQ(one.likeness, two.likeness);
    EXPECT_EQ(one.silence_p, two.silence_p);
    EXPECT_EQ(one.created_within, two.created_within);
    EXPECT_NE(one.hours, other.hours);
}

TEST(Rhythm, CenturiesOfPostsAreBounded) {
    std::vector<AccountLife> group(3);
    for (AccountLife& account : group)
        for (int i = 0; i < 2000; ++i) account.posts.push_back(-60'000'000'000 + i * 150'000'000LL);
    const Rhythm rhythm = rhythm_of(group, group, 1);
    EXPECT_LE(rhythm.days_watched, kMostWeeks * 7);
    EXPECT_EQ(rhythm.posts, 6000);
}

}  // namespace
}  // namespace contrechamp::coordination
