// The formula of significance.h against enumeration, and what it promises: p under its own null, groups that
// meet always, crowds.
#include "analyze/coordination/significance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "analyze/coordination/tails.h"

namespace contrechamp::coordination {
namespace {

using Rows = std::vector<Share>;
constexpr std::uint32_t kDay = 86400;
constexpr Seconds kStart = 1'500'000'000 / kDay * kDay;

std::uint64_t object_of(std::uint64_t number) { return (number + 1) * 0x9E3779B97F4A7C15ull; }

struct Judged {
    LayerEdges layer;
    const Edge* find(std::uint32_t a, std::uint32_t b, std::uint32_t window) const {
        for (const auto& edge : layer.edges)
            if (edge.a == a && edge.b == b && edge.window == window) return &edge;
        return nullptr;
    }
};

Judged judged(Rows rows, std::uint32_t accounts, const EdgeSettings& edges,
              const SignificanceSettings& settings, std::size_t memory = std::size_t{1} << 30) {
    Budget budget;
    budget.limit = memory;
    budget.folder = std::filesystem::temp_directory_path();
    Spool<Share> spool(64, 1, budget);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].place = i;
        EXPECT_TRUE(spool.writer(0).add(rows[i].object >> 58, rows[i]));
    }
    EXPECT_TRUE(spool.finish());
    auto found = find_edges(Layer::same_object, spool, accounts, edges, budget);
    EXPECT_TRUE(found);
    Judged out{std::move(*found)};
    EXPECT_TRUE(judge(out.layer, settings));
    out.layer.spooled.reset();  // before its budget goes
    return out;
}

// The part of all relative shifts (whole days, and ±1800 s by half seconds) that brings two posts within the
// window, on clocks of whole seconds.
double slow_shift(std::int64_t lag, double window, std::uint32_t days) {
    std::uint64_t within = 0;
    for (std::int64_t day = -40; day <= 40; ++day) {
        if (std::abs(double(lag - day * kDay)) > window + 2000) continue;
        for (int i = 0; i < 7200; ++i)
            within += std::abs(double(lag - day * kDay) + (-1800 + (i + 0.5) / 2)) <= window + 0.5;
    }
    return std::min(1.0, double(within) / 7200 / days);
}

struct Chance {
    std::uint32_t hour = 0;
    double chance = 0;
    bool met = false;
};

// One object that both shared, from the rows alone: the shift, without the crowd.
Chance slow_chance(const Rows& rows, std::uint64_t object, const Edge& edge, std::uint32_t days,
                   std::map<std::int64_t, double>& known) {
    std::vector<Seconds> a, b;
    for (const auto& row : rows)
        if (row.object == object && (row.account == edge.a || row.account == edge.b))
            (row.account == edge.a ? a : b).push_back(row.time);
    std::sort(a.begin(), a.end());
    Chance out{a[0] / 3600, 0, false};
    double shift = 0;
    Seconds met = ~Seconds{0};
    for (const auto x : a) {
        double chance = 0;
        for (const auto y : b) {
            const auto lag = std::int64_t{y} - std::int64_t{x};
            const auto [it, fresh] = known.try_emplace(lag);
            if (fresh) it->second = slow_shift(lag, edge.window, days);
            chance += it->second;
            if (std::abs(lag) <= edge.window) met = std::min({met, x, y});
        }
        shift += chance;
    }
    out.met = met != ~Seconds{0};
    if (out.met) out.hour = met / 3600;
    out.chance = std::min(1.0, shift);
    return out;
}

// P(at least k of independent events).
double slow_tail(const std::vector<double>& p, std::size_t k) {
    std::vector<double> exactly{1};
    for (const double one : p) {
        exactly.push_back(0);
        for (std::size_t i = exactly.size(); i-- > 0;)
            exactly[i] = exactly[i] * (1 - one) + (i ? exactly[i - 1] * one : 0);
    }
    double sum = 0;
    for (std::size_t i = exactly.size(); i-- > k;) sum += exactly[i];
    return sum;
}

TEST(Significance, IsItsFormulaEnumerated) {
    for (const std::uint64_t seed : {1, 2, 3}) {
        std::mt19937_64 random(seed);
        Rows rows;
        const std::uint32_t days = 3 + std::uint32_t(seed) * 4;
        for (int i = 0; i < 420; ++i) {
            const auto object = random() % 24;
            // Half near the object's own moment.
            const auto time =
                kStart + (random() % 2 ? object * 9001 + random() % 1500 : random() % (days * kDay));
            rows.push_back({object_of(object), 0, std::uint32_t(random() % 8), Seconds(time)});
        }
        EdgeSettings edges;
        edges.windows = seed == 3 ? std::vector<std::uint32_t>{0, 1800, 3600, 2 * kDay}
                                  : std::vector<std::uint32_t>{60, 600};
        edges.fewest_objects = 1;
        const auto got = judged(rows, 8, edges, {Null::shift, edges.windows, days, false, false, 2});
        ASSERT_GT(got.layer.edges.size(), 20);
        std::map<std::uint32_t, std::map<std::int64_t, double>> known;
        for (const auto& edge : got.layer.edges) {
            std::set<std::uint64_t> of_a, both;
            for (const auto& row : rows)
                if (row.account == edge.a) of_a.insert(row.object);
            for (const auto& row : rows)
                if (row.account == edge.b && of_a.contains(row.object)) both.insert(row.object);
            std::map<std::uint32_t, std::pair<double, bool>> hours;  // all missed; any met
            for (const auto object : both) {
                const auto one = slow_chance(rows, object, edge, days, known[edge.window]);
                const auto it = hours.try_emplace(one.hour, 1.0, false).first;
                it->second.first *= 1 - one.chance;
                it->second.second |= one.met;
            }
            std::vector<double> chances;
            std::size_t met = 0;
            double expected = 0;
            for (const auto& [hour, occasion] : hours) {
                chances.push_back(1 - occasion.first);
                expected += chances.back();
                met += occasion.second;
            }
            EXPECT_NEAR(edge.expected, expected, 1e-9);
            EXPECT_NEAR(edge.p, slow_tail(chances, met), 1e-9);
            EXPECT_GT(edge.p, 0);
        }
    }
}

TEST(Significance, QIsBenjaminiAndHochbergsOverAllPairsThatCouldHaveMet) {
    std::mt19937_64 random(5);
    Rows rows;
    for (int i = 0; i < 600; ++i)
        rows.push_back({object_of(random() % 60), 0, std::uint32_t(random() % 30),
                        Seconds(kStart + random() % (9 * kDay))});
    EdgeSettings edges;
    edges.windows = {600, 7200};
    edges.fewest_objects = 1;
    const auto got = judged(rows, 30, edges, {Null::shift, edges.windows, 9, true, false, 2});
    for (const auto window : edges.windows) {
        std::vector<std::pair<double, double>> pq;
        for (const auto& edge : got.layer.edges)
            if (edge.window == window) pq.emplace_back(edge.p, edge.q);
        ASSERT_GT(pq.size(), window == 600 ? 4 : 20);
        ASSERT_GE(got.layer.compared, double(pq.size()));
        std::sort(pq.begin(), pq.end());
        double least = 1;
        for (std::size_t i = pq.size(); i-- > 0;) {
            least = std::min(least, pq[i].first * got.layer.compared / double(i + 1));
            EXPECT_NEAR(pq[i].second, least, 1e-12);
        }
    }
}

// Accounts that keep hours, share objects on days of their own, and are then shifted by the null itself: p at
// or below a level must not come oftener than the level says.
TEST(Significance, UnderItsOwnNullSmallPAreNotTooMany) {
    constexpr int kTrials = 4000;
    constexpr std::uint32_t kDays = 14, kSpan = kDays * kDay;
    const std::vector<std::uint32_t> windows = {0, 60, 600, 3600};
    for (const unsigned crowd : {0u, 30u}) {
        std::map<std::uint32_t, std::array<int, 3>> below;
        std::size_t edges_seen = 0;
        for (int trial = 0; trial < kTrials; ++trial) {
            std::mt19937_64 random(1000 + trial);
            Rows rows;
            const auto moment = [&] {
                return random() % kDays * kDay + 43200 + random() % 3600 - 1800 + random() % 3600 - 1800;
            };
            const auto shift = random() % kDays * kDay + random() % 3601 + kSpan - 1800;
            for (std::uint64_t object = 0; object < 30; ++object) {
                rows.push_back({object_of(object), 0, 0, Seconds(kStart + moment() % kSpan)});
                rows.push_back({object_of(object), 0, 1, Seconds(kStart + (moment() + shift) % kSpan)});
                for (std::uint32_t other = 0; other < crowd / 10; ++other)
                    rows.push_back({object_of(object), 0, 2 + other, Seconds(kStart + moment() % kSpan)});
            }
            EdgeSettings edges;
            edges.windows = windows;
            edges.fewest_objects = 1;
            edges.threads = 1;
            const auto got = judged(std::move(rows), 6, edges, {Null::shift, windows, kDays, true, 1});
            for (const auto window : windows)
                if (const auto* edge = got.find(0, 1, window)) {
                    ++edges_seen;
                    below[window][0] += edge->p <= 0.01;
                    below[window][1] += edge->p <= 0.05;
                    below[window][2] += edge->p <= 0.2;
                }
        }
        EXPECT_GT(edges_seen, kTrials);
        for (const auto window : windows) {
            const double levels[] = {0.01, 0.05, 0.2};
            for (int i = 0; i < 3; ++i) {
                const double part = double(below[window][i]) / kTrials,
                             error = std::sqrt(levels[i] * (1 - levels[i]) / kTrials);
                EXPECT_LE(part, levels[i] + 3 * error)
                    << "window " << window << " s, level " << levels[i] << ", crowd " << crowd;
                RecordProperty("share_" + std::to_string(window) + "_" + std::to_string(i),
                               std::to_string(part));
            }
        }
    }
}

TEST(Significance, AGroupThatAlwaysMeetsIsBeyondChance) {
    std::mt19937_64 random(8);
    Rows rows;
    constexpr std::uint32_t kDays = 30, kAccounts = 200;
    for (std::uint64_t object = 0; object < 400; ++object)
        for (int i = 0; i < 8; ++i)
            rows.push_back({object_of(object), 0, std::uint32_t(5 + random() % (kAccounts - 5)),
                            Seconds(kStart + random() % (kDays * kDay))});
    for (std::uint64_t meeting = 0; meeting < 12; ++meeting) {
        const auto object = random() % 400, time = random() % (kDays * kDay - 60);
        for (std::uint32_t account = 0; account < 5; ++account)
            rows.push_back({object_of(object), 0, account, Seconds(kStart + time + random() % 20)});
    }
    EdgeSettings edges;
    edges.windows = {60, 3600};
    for (const auto null : {Null::shift, Null::bicm}) {
        const auto got = judged(rows, kAccounts, edges, {null, edges.windows, kDays, true, false, 2});
        for (std::uint32_t a = 0; a < 5; ++a)
            for (auto b = a + 1; b < 5; ++b) {
                ASSERT_TRUE(got.find(a, b, 60));
                EXPECT_LT(got.find(a, b, 60)->q, 1e-6);
            }
        for (const auto& edge : got.layer.edges)
            if (edge.a >= 5) EXPECT_GT(edge.q, 0.01) << edge.a << " " << edge.b;
    }
}

// Live events: everybody posts the object in the same minute. Without the crowd's clause that would be a
// finding about everybody; with it, about nobody.
TEST(Significance, ABurstThatEverybodyTakesPartInIsNone) {
    std::mt19937_64 random(9);
    Rows rows;
    constexpr std::uint32_t kDays = 30, kAccounts = 120;
    for (std::uint64_t event = 0; event < 40; ++event) {
        const auto time = kStart + random() % (kDays * kDay - 100);
        for (std::uint32_t account = 0; account < kAccounts; ++account)
            if (random() % 2) rows.push_back({object_of(event), 0, account, Seconds(time + random() % 50)});
    }
    EdgeSettings edges;
    edges.windows = {60};
    const auto with = judged(rows, kAccounts, edges, {Null::shift, edges.windows, kDays, true, true, 2});
    const auto without = judged(rows, kAccounts, edges, {Null::shift, edges.windows, kDays, false, false, 2});
    ASSERT_GT(with.layer.edges.size(), kAccounts * (kAccounts - 1) / 2 * 0.99);
    for (const auto& edge : with.layer.edges) EXPECT_GT(edge.q, 0.01);
    std::size_t accused = 0;
    for (const auto& edge : without.layer.edges) accused += edge.q <= 0.01;
    EXPECT_GT(accused, with.layer.edges.size() / 2);
}

// Traces that do not fit into memory are judged block by block, with the same answers to the last bit: a
// group among strangers, so that company and crowd both count, and accounts of very uneven activity.
TEST(Significance, IsTheSameHoweverFewTracesFit) {
    std::mt19937_64 random(11);
    Rows rows;
    constexpr std::uint32_t kDays = 8, kAccounts = 300;
    for (int i = 0; i < 8'000; ++i) {
        const auto account = std::uint32_t(random() % 60 * (random() % 60) / 12);
        rows.push_back({object_of(random() % 50), 0, account, Seconds(kStart + random() % (kDays * kDay))});
    }
    for (std::uint64_t meeting = 0; meeting < 20; ++meeting) {
        const auto time = random() % (kDays * kDay - 60);
        for (std::uint32_t account = 0; account < kAccounts; account += 40)
            rows.push_back({object_of(meeting), 0, account, Seconds(kStart + time + random() % 30)});
    }
    EdgeSettings edges;
    for (const auto null : {Null::shift, Null::bicm}) {
        std::vector<std::array<double, 3>> first;
        for (const std::size_t most :
             {~std::size_t{0}, std::size_t{200'000}, std::size_t{30'000}, std::size_t{0}}) {
            edges.most_traces = most;
            for (const std::size_t memory : {std::size_t{1} << 30, std::size_t{1} << 16}) {
                const auto got =
                    judged(rows, kAccounts, edges, {null, edges.windows, kDays, true, true, 2, most}, memory);
                EXPECT_EQ(got.layer.traces.empty(), most <= 200'000);
                std::vector<std::array<double, 3>> all;
                std::size_t beyond = 0;
                for (const auto& edge : got.layer.edges) {
                    all.push_back({edge.expected, edge.p, edge.q});
                    beyond += edge.q <= 0.01;
                }
                if (first.empty()) {
                    first = all;
                    ASSERT_GT(all.size(), 500);
                    EXPECT_GE(beyond, 21);
                }
                EXPECT_TRUE(all == first) << most << " bytes of traces, " << memory << " of all";
            }
        }
    }
}

TEST(Significance, IsTheSameOnAnyThreads) {
    std::mt19937_64 random(10);
    Rows rows;
    for (int i = 0; i < 12000; ++i)
        rows.push_back({object_of(random() % 100), 0, std::uint32_t(random() % 60),
                        Seconds(kStart + random() % (5 * kDay))});
    EdgeSettings edges;
    std::vector<std::array<double, 3>> first;
    for (const unsigned threads : {1u, 2u, 3u}) {
        const auto got = judged(rows, 60, edges, {Null::shift, edges.windows, 5, true, false, threads});
        std::vector<std::array<double, 3>> all;
        for (const auto& edge : got.layer.edges) all.push_back({edge.expected, edge.p, edge.q});
        ASSERT_GT(all.size(), 500);
        if (first.empty()) first = all;
        EXPECT_TRUE(all == first) << threads;
    }
}

}  // namespace
}  // namespace contrechamp::coordination
