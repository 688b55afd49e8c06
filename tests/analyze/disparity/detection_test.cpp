#include "analyze/disparity/detection.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

std::vector<double> numbers(const std::string& name) {
    std::ifstream file(SHARED_DATA "/disparity/pyeer/" + name);
    std::vector<double> out;
    for (double number; file >> number;) out.push_back(number);
    return out;
}

struct Scores {
    std::vector<double> scores;
    std::vector<Compared> people;
    Comparisons view() const { return {scores, people}; }
    Comparisons anonymous() const { return {scores, {}}; }
};

// Everybody against everybody; some people match anybody.
Scores impostors(Random& random, std::uint32_t people, std::uint32_t values = 1'000) {
    Scores out;
    std::vector<double> easy;
    for (std::uint32_t i = 0; i < people; ++i) easy.push_back(random.uniform());
    for (std::uint32_t a = 0; a < people; ++a)
        for (std::uint32_t b = a + 1; b < people; ++b) {
            out.scores.push_back(std::floor((easy[a] + easy[b] + random.uniform()) / 3 * values) /
                                 double(values));
            out.people.push_back(random.below(2) ? Compared{a * 7 + 3, b * 7 + 3}
                                                 : Compared{b * 7 + 3, a * 7 + 3});
        }
    return out;
}

Scores genuine(Random& random, std::uint32_t people, int each) {
    Scores out;
    for (std::uint32_t person = 0; person < people; ++person) {
        const double own = 0.4 * random.uniform();
        for (int i = 0; i < each; ++i) {
            out.scores.push_back(0.3 + own + 0.3 * random.uniform());
            out.people.push_back({person, person});
        }
    }
    return out;
}

}  // namespace

TEST(Detection, pyeers_figures) {
    const auto one = detection({numbers("exp1_true.txt"), {}}, {numbers("exp1_false.txt"), {}});
    if (numbers("exp1_true.txt").empty()) GTEST_SKIP() << "shared data are not here";
    const auto two = detection({numbers("exp2_true.txt"), {}}, {numbers("exp2_false.txt"), {}});
    EXPECT_NEAR(one->eer.eer, 0.08096, 5e-6);
    EXPECT_NEAR(two->eer.eer, 0.04447, 5e-6);
    EXPECT_NEAR(one->at[0].fnmr.rate, 0.12889, 5e-6);
    EXPECT_EQ(one->at[0].fmr.count.events, 49);  // of 4950
    EXPECT_TRUE(one->at[1].fmr.imprecise);       // 4 of 4950
}

TEST(Detection, rates_are_counts) {
    Random random(1);
    const auto impostor = impostors(random, 20, 50);
    const auto own = genuine(random, 20, 3);
    for (const double threshold : {-1.0, 0.3, 0.5, 0.7, 2.0}) {
        double matched = 0, missed = 0;
        for (const double score : impostor.scores) matched += score >= threshold;
        for (const double score : own.scores) missed += score < threshold;
        EXPECT_EQ(fmr_at(impostor.view(), ScoreKind::similarity, threshold)->count.events, matched);
        EXPECT_EQ(fnmr_at(own.view(), ScoreKind::similarity, threshold)->count.events, missed);
        // A distance is a similarity turned round.
        auto turned = impostor;
        for (auto& score : turned.scores) score = -score;
        EXPECT_EQ(fmr_at(turned.view(), ScoreKind::distance, -threshold)->count.events, matched);
    }
}

TEST(Detection, the_variance_is_that_of_pairs_who_share_somebody) {
    Random random(2);
    auto data = impostors(random, 12);
    for (int i = 0; i < 40; ++i) {  // some pairs several times, and not all pairs
        const auto again = random.below(66);
        data.scores.push_back(data.scores[again]);
        data.people.push_back(data.people[again]);
        const auto gone = random.below(static_cast<std::uint32_t>(data.scores.size()));
        data.scores.erase(data.scores.begin() + gone);
        data.people.erase(data.people.begin() + gone);
    }
    for (const bool with_themselves : {false, true}) {
        if (with_themselves) data.people[5].second = data.people[5].first;
        const auto got = fmr_at(data.view(), ScoreKind::similarity, 0.55).value();
        ASSERT_GT(got.count.events, 5);
        double sum = 0;
        const auto n = data.scores.size();
        const auto residual = [&](std::size_t i) { return (data.scores[i] >= 0.55) - got.rate; };
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                const auto [a, b] = data.people[i];
                const auto [c, d] = data.people[j];
                if (a == c || a == d || b == c || b == d) sum += residual(i) * residual(j);
            }
        EXPECT_EQ(got.people, 12);
        EXPECT_NEAR(got.se * got.se, 12.0 / 11 * sum / double(n * n), 1e-12);
        EXPECT_FALSE(got.independent);
        EXPECT_GT(got.interval.high - got.interval.low,
                  exact_interval(double(got.count.events), double(n)).high -
                      exact_interval(double(got.count.events), double(n)).low);
    }
}

TEST(Detection, people_compared_with_themselves_are_clusters) {
    Random random(3);
    const auto own = genuine(random, 30, 4);
    const auto got = fnmr_at(own.view(), ScoreKind::similarity, 0.6).value();
    std::vector<Person> people(30);
    for (std::size_t i = 0; i < own.scores.size(); ++i) {
        people[own.people[i].first].denominator += 1;
        people[own.people[i].first].numerator += own.scores[i] < 0.6;
    }
    const auto expected = group_rate(people, Estimand::pooled).value();
    EXPECT_DOUBLE_EQ(got.se, expected.se);
    EXPECT_DOUBLE_EQ(got.df, expected.df);
    EXPECT_EQ(got.disjoint, 30);
    // Each person once: nothing repeats.
    const auto once = genuine(random, 40, 1);
    const auto single = fnmr_at(once.view(), ScoreKind::similarity, 0.6).value(),
               anonymous = fnmr_at(once.anonymous(), ScoreKind::similarity, 0.6).value();
    EXPECT_TRUE(single.independent);
    EXPECT_EQ(single.interval.low, anonymous.interval.low);
    EXPECT_EQ(single.interval.high, anonymous.interval.high);
}

TEST(Detection, few_errors_are_imprecise_none_is_a_rule_of_three) {
    Random random(4);
    const auto impostor = impostors(random, 20);
    const auto none = fmr_at(impostor.view(), ScoreKind::similarity, 2).value();
    EXPECT_EQ(none.rate, 0);
    EXPECT_TRUE(none.imprecise);
    EXPECT_EQ(none.disjoint, 10);  // twenty people, two a comparison
    EXPECT_DOUBLE_EQ(none.rule_of_three, 0.3);
    EXPECT_DOUBLE_EQ(none.interval.high, exact_interval(0, 10).high);
    const auto anonymous = fmr_at(impostor.anonymous(), ScoreKind::similarity, 2).value();
    EXPECT_DOUBLE_EQ(anonymous.rule_of_three, 3.0 / 190);
    EXPECT_TRUE(anonymous.independent);
    const auto many = fmr_at(impostor.view(), ScoreKind::similarity, 0.5).value();
    EXPECT_GE(many.count.events, 30);
    EXPECT_FALSE(many.imprecise);
    EXPECT_TRUE(std::isnan(many.rule_of_three));
    EXPECT_EQ(fmr_at({{}, {}}, ScoreKind::similarity, 0)->refused, "no-events");
    const std::vector<double> scores{1, 2, 3};
    const std::vector<Compared> few{{1, 2}, {1, 3}, {1, 4}};
    EXPECT_EQ(fmr_at({scores, few}, ScoreKind::similarity, 2)->refused, "too-few-people");
    EXPECT_TRUE(std::isnan(fmr_at({scores, few}, ScoreKind::similarity, 2)->interval.low));
    EXPECT_EQ(fmr_at({scores, few}, ScoreKind::similarity, 2)->disjoint, 1);  // one person is in all
    const std::vector<Compared> same{{1, 4}, {2, 4}, {4, 3}};
    EXPECT_EQ(fmr_at({scores, same}, ScoreKind::similarity, 2)->disjoint, 1);
    EXPECT_FALSE(fmr_at({std::vector<double>{kNotANumber}, {}}, ScoreKind::similarity, 2));
    EXPECT_FALSE(fmr_at({scores, {}}, ScoreKind::similarity, kNotANumber));
    EXPECT_FALSE(fmr_at({scores, std::span(few).first(2)}, ScoreKind::similarity, 2));
    EXPECT_FALSE(fmr_at({scores, {}}, ScoreKind::similarity, 2, 0));
}

TEST(Detection, the_curve) {
    Random random(5);
    const auto impostor = impostors(random, 120, 1'000'000), own = genuine(random, 120, 30);
    for (const auto kind : {ScoreKind::similarity, ScoreKind::distance}) {
        const auto got = detection(own.anonymous(), impostor.anonymous(), {.kind = kind}).value();
        EXPECT_LE(got.det.size(), 200);
        EXPECT_GT(got.det.size(), 100);
        EXPECT_EQ(got.det.front().fmr, 1);
        EXPECT_EQ(got.det.front().fnmr, 0);
        EXPECT_EQ(got.det.back().fmr, 0);
        EXPECT_EQ(got.det.back().fnmr, 1);
        for (std::size_t i = 0; i < got.det.size(); ++i) {
            const auto& point = got.det[i];
            EXPECT_EQ(point.fmr, fmr_at(impostor.anonymous(), kind, point.threshold)->rate);
            EXPECT_EQ(point.fnmr, fnmr_at(own.anonymous(), kind, point.threshold)->rate);
            if (i == 0) continue;
            EXPECT_LE(point.fmr, got.det[i - 1].fmr);
            EXPECT_GE(point.fnmr, got.det[i - 1].fnmr);
        }
        const auto all =
            detection(own.anonymous(), impostor.anonymous(), {.kind = kind, .points = 100'000}).value();
        std::set<double> distinct(impostor.scores.begin(), impostor.scores.end());
        distinct.insert(own.scores.begin(), own.scores.end());
        EXPECT_EQ(all.det.size(), distinct.size() + 1);
    }
}

TEST(Detection, fixed_fmr_is_the_most_lenient_threshold_that_keeps_it) {
    Random random(6);
    const auto impostor = impostors(random, 80, 300), own = genuine(random, 80, 5);
    const auto got =
        detection(own.view(), impostor.view(), {.targets = {0.3, 0.05, 0.01, 1e-3, 1e-6}}).value();
    std::set<double> thresholds(impostor.scores.begin(), impostor.scores.end());
    thresholds.insert(own.scores.begin(), own.scores.end());
    thresholds.insert(kInfinity);
    for (const auto& at : got.at) {
        const auto lenient = *std::find_if(thresholds.begin(), thresholds.end(), [&](double t) {
            return fmr_at(impostor.anonymous(), ScoreKind::similarity, t)->rate <= at.target;
        });
        EXPECT_EQ(at.threshold, lenient);
        EXPECT_EQ(at.fnmr.rate, fnmr_at(own.anonymous(), ScoreKind::similarity, lenient)->rate);
        EXPECT_EQ(at.fmr.imprecise, at.fmr.count.events < 30);
    }
    EXPECT_FALSE(detection(own.view(), impostor.view(), {.targets = {0}}));
    EXPECT_EQ(detection(own.view(), {{}, {}})->refused, "no-events");
}

TEST(Detection, equal_errors_at_the_edges) {
    const std::vector<double> low{1, 2}, high{3, 4}, same{5, 5};
    EXPECT_EQ(detection({high, {}}, {low, {}})->eer.eer, 0);
    EXPECT_EQ(detection({low, {}}, {high, {}})->eer.eer, 1);
    const auto equal = detection({same, {}}, {same, {}})->eer;
    EXPECT_EQ(equal.eer, 0.5);
    EXPECT_EQ(equal.threshold, 5);  // as far apart beyond all scores, but stricter
    EXPECT_EQ(equal.low, 0);
    EXPECT_EQ(equal.high, 1);
}

TEST(Detection, two_groups) {
    Random random(7);
    const auto a = fmr_at(impostors(random, 30).view(), ScoreKind::similarity, 0.6).value(),
               b = fmr_at(impostors(random, 40).view(), ScoreKind::similarity, 0.7).value();
    const auto got = match_contrast(a, b);
    EXPECT_DOUBLE_EQ(got.difference, a.rate - b.rate);
    EXPECT_LT(got.difference_interval.low, got.difference);
    EXPECT_GT(got.difference_interval.high, got.difference);
    EXPECT_LT(got.ratio_interval.low, got.ratio);
    EXPECT_GT(got.ratio_interval.high, got.ratio);
    EXPECT_FALSE(got.independent);
    EXPECT_NEAR(match_contrast(b, a).p, got.p, 1e-9);
    EXPECT_NEAR(match_contrast(b, a).difference_interval.low, -got.difference_interval.high, 1e-12);
    // p is where the interval begins to hold 0.
    const auto at = match_contrast(a, b, 1 - got.p).difference_interval;
    EXPECT_NEAR(std::min(std::abs(at.low), std::abs(at.high)), 0, 1e-6);
    EXPECT_EQ(match_contrast(a, a).p, 1);
    // None against some: still an interval and a p.
    const auto none = fmr_at(impostors(random, 40).view(), ScoreKind::similarity, 2).value();
    const auto against = match_contrast(none, a);
    EXPECT_LT(against.difference, 0);
    EXPECT_TRUE(against.imprecise);
    EXPECT_TRUE(std::isnan(against.ratio_interval.low));
    EXPECT_TRUE(std::isfinite(against.p));
    EXPECT_EQ(match_contrast(MatchRate{.refused = "no-events"}, a).refused, "no-events");
}

TEST(Detection, nothing_differs_and_little_is_found) {
    int found = 0;
    constexpr int kRounds = 300;
    for (int round = 0; round < kRounds; ++round) {
        Random random(99, static_cast<std::uint64_t>(round));
        found += match_contrast(fmr_at(impostors(random, 15).view(), ScoreKind::similarity, 0.62).value(),
                                fmr_at(impostors(random, 25).view(), ScoreKind::similarity, 0.62).value())
                     .p <= 0.05;
    }
    RecordProperty("rejections", found);
    EXPECT_LE(found, kRounds * 0.06 + 2.6 * std::sqrt(kRounds * 0.06 * 0.94));
}

TEST(Detection, differential_performance) {
    const std::vector<double> rates{0.02, kNotANumber, 0.01, 0.04};
    const auto got = differential(rates);
    EXPECT_EQ(got.groups, 3);
    EXPECT_EQ(got.largest, 3);
    EXPECT_EQ(got.smallest, 2);
    EXPECT_DOUBLE_EQ(got.max_to_min, 4);
    EXPECT_DOUBLE_EQ(got.max_to_geometric_mean, 2);
    EXPECT_EQ(differential(std::vector<double>{0, 0.1}).max_to_min, kInfinity);
    EXPECT_TRUE(std::isnan(differential(std::vector<double>{0, 0}).max_to_min));
    EXPECT_TRUE(std::isnan(differential(std::vector<double>{0.1}).max_to_min));
}

}  // namespace contrechamp::disparity
