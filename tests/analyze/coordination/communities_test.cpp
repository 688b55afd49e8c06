#include <gtest/gtest.h>
#include <igraph/igraph.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "analyze/coordination/network.h"

namespace contrechamp::coordination {
namespace {

using Sets = std::set<std::vector<std::uint32_t>>;

Sets sets_of(const Communities& found) {
    Sets sets;
    for (const Community& community : found.communities) sets.insert(community.members);
    return sets;
}

std::vector<std::uint32_t> range(std::uint32_t from, std::uint32_t to) {
    std::vector<std::uint32_t> out;
    for (; from < to; ++from) out.push_back(from);
    return out;
}

void clique(std::vector<GraphEdge>& edges, std::uint32_t from, std::uint32_t to, double weight = 1) {
    for (std::uint32_t a = from; a < to; ++a)
        for (std::uint32_t b = from; b < a; ++b) edges.push_back({a, b, weight});
}

Communities found(std::uint32_t vertices, const std::vector<GraphEdge>& edges,
                  const CommunitySettings& settings = {}) {
    auto result = find_communities(vertices, edges, settings);
    EXPECT_TRUE(result.has_value());
    return result ? *result : Communities{};
}

// Sum over communities of inside/m - (strength/2m)^2, from scratch; vertices in none stand alone.
double plain_modularity(std::uint32_t vertices, const std::vector<GraphEdge>& edges, const Communities& in) {
    std::vector<std::size_t> label(vertices);
    for (std::size_t v = 0; v < vertices; ++v) label[v] = v + in.communities.size();
    for (std::size_t c = 0; c < in.communities.size(); ++c)
        for (const std::uint32_t v : in.communities[c].members) label[v] = c;
    double total = 0, inside = 0, squares = 0;
    std::map<std::size_t, double> strength;
    for (const GraphEdge& e : edges) {
        total += e.weight;
        inside += label[e.a] == label[e.b] ? e.weight : 0;
        strength[label[e.a]] += e.weight;
        strength[label[e.b]] += e.weight;
    }
    for (const auto& [c, s] : strength) squares += s * s / (4 * total * total);
    return inside / total - squares;
}

const ResolutionResult& chosen(const Communities& in) {
    return *std::ranges::find(in.sweep, in.resolution, &ResolutionResult::resolution);
}

bool same(const Communities& a, const Communities& b) {
    if (a.resolution != b.resolution || a.runs != b.runs || a.communities.size() != b.communities.size() ||
        a.sweep.size() != b.sweep.size())
        return false;
    for (std::size_t i = 0; i < a.communities.size(); ++i)
        if (a.communities[i].members != b.communities[i].members ||
            a.communities[i].stability != b.communities[i].stability ||
            a.communities[i].stability_sweep != b.communities[i].stability_sweep)
            return false;
    for (std::size_t i = 0; i < a.sweep.size(); ++i)
        if (a.sweep[i].modularity != b.sweep[i].modularity || a.sweep[i].agreement != b.sweep[i].agreement)
            return false;
    return true;
}

std::vector<GraphEdge> planted(std::uint32_t groups, std::uint32_t size, double inside, double between,
                               unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit;
    std::vector<GraphEdge> edges;
    for (std::uint32_t a = 0; a < groups * size; ++a)
        for (std::uint32_t b = 0; b < a; ++b)
            if (unit(random) < (a / size == b / size ? inside : between))
                edges.push_back({a, b, 1 + double(random() % 4)});
    return edges;
}

// Chung-Lu like: ends drawn with a weight that falls as a power of the rank.
std::vector<GraphEdge> heavy_tailed(std::uint32_t vertices, std::size_t count, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> unit;
    std::vector<GraphEdge> edges;
    const auto end = [&] {
        return static_cast<std::uint32_t>(double(vertices) * std::pow(unit(random), 2.5));
    };
    while (edges.size() < count) {
        const GraphEdge edge{end(), end(), 1 + std::floor(3 * std::pow(unit(random), 8))};
        if (edge.a != edge.b) edges.push_back(edge);
    }
    return edges;
}

TEST(Communities, PlantedPartitionsAreRecovered) {
    const auto edges = planted(6, 25, 0.5, 0.02, 1);
    const Communities in = found(150, edges);
    Sets expected;
    for (std::uint32_t g = 0; g < 6; ++g) expected.insert(range(25 * g, 25 * g + 25));
    EXPECT_EQ(sets_of(in), expected);
    EXPECT_EQ(in.runs, 50);
    for (const Community& community : in.communities) EXPECT_GT(community.stability, 0.98);
    EXPECT_NEAR(chosen(in).modularity, plain_modularity(150, edges, in), 1e-12);
}

TEST(Communities, ARingOfCliquesIsItsCliques) {
    std::vector<GraphEdge> edges;
    for (std::uint32_t c = 0; c < 10; ++c) {
        clique(edges, 5 * c, 5 * c + 5);
        edges.push_back({5 * c, (5 * c + 6) % 50, 1});
    }
    const Communities in = found(50, edges);
    ASSERT_EQ(in.communities.size(), 10);
    EXPECT_EQ(in.resolution, 1);
    for (std::uint32_t c = 0; c < 10; ++c) {  // of the same size: by first member
        EXPECT_EQ(in.communities[c].members, range(5 * c, 5 * c + 5));
        EXPECT_EQ(in.communities[c].stability, 1);
    }
    EXPECT_EQ(chosen(in).agreement, 1);
    ASSERT_EQ(in.sweep.size(), 5);
    EXPECT_LE(in.sweep[0].communities, in.sweep[2].communities);
}

TEST(Communities, TheKarateClubHasItsFourCommunities) {
    igraph_t karate;
    ASSERT_EQ(igraph_famous(&karate, "Zachary"), IGRAPH_SUCCESS);
    std::vector<GraphEdge> edges;
    for (igraph_integer_t e = 0; e < igraph_ecount(&karate); ++e)
        edges.push_back({std::uint32_t(IGRAPH_FROM(&karate, e)), std::uint32_t(IGRAPH_TO(&karate, e)), 1});
    igraph_destroy(&karate);
    ASSERT_EQ(edges.size(), 78);
    const Communities in = found(34, edges, {.resolutions = {1}});
    EXPECT_NEAR(chosen(in).modularity, 0.419790, 1e-6);  // the maximum (Brandes et al. 2008)
    EXPECT_EQ(in.communities.size(), 4);
}

TEST(Communities, SmallComponentsAreExact) {
    // At resolution 1 each component of many is one community, and so is each clique of three.
    std::vector<GraphEdge> edges;
    Sets expected;
    std::uint32_t next = 10;  // isolated vertices before
    for (int i = 0; i < 30; ++i) {
        const std::uint32_t size = 2 + i % 4;
        clique(edges, next, next + size, 1 + i % 3);
        expected.insert(range(next, next + size));
        next += size + 1;
    }
    const Communities in = found(next + 100, edges);
    EXPECT_EQ(sets_of(in), expected);
    for (const Community& community : in.communities) {
        EXPECT_EQ(community.stability, 1);
        EXPECT_EQ(community.stability_sweep, 1);
    }
    EXPECT_NEAR(chosen(in).modularity, plain_modularity(next + 100, edges, in), 1e-12);
    EXPECT_EQ(in.communities.front().members.size(), 5);
    EXPECT_EQ(in.communities.back().members.size(), 2);
}

TEST(Communities, OnePairDependsOnTheResolution) {
    // Together w - r w^2 / 2w = w (1 - r / 2), apart 0: together below resolution 2.
    const std::vector<GraphEdge> edges = {{3, 5, 7}};
    EXPECT_EQ(found(6, edges).communities.size(), 1);
    EXPECT_EQ(found(6, edges, {.resolutions = {1.9}}).communities.size(), 1);
    EXPECT_EQ(found(6, edges, {.resolutions = {2.1}}).communities.size(), 0);
    const Communities in = found(6, edges);
    EXPECT_EQ(in.resolution, 1);
    // Found whole at 0.25, 0.5 and 1 of five; at 2 and 4 each stands alone: overlap 1/2.
    EXPECT_DOUBLE_EQ(in.communities[0].stability_sweep, 0.8);
}

// Every partition of seven vertices: Leiden's best of 50 runs is the best there is, at every resolution.
TEST(Communities, TheBestOfAllPartitionsIsFound) {
    std::mt19937 random(12);
    for (int round = 0; round < 12; ++round) {
        const std::uint32_t n = 7;
        std::vector<GraphEdge> edges;
        for (std::uint32_t a = 0; a < n; ++a) {
            if (a > 0) edges.push_back({a, std::uint32_t(random() % a), 1 + double(random() % 9)});
            for (std::uint32_t b = 0; b < a; ++b)
                if (random() % 3 == 0) edges.push_back({a, b, 1 + double(random() % 9)});
        }
        double best = -1;
        const std::function<void(std::vector<std::vector<std::uint32_t>>, std::uint32_t)> each =
            [&](std::vector<std::vector<std::uint32_t>> parts, std::uint32_t v) {
                if (v == n) {
                    Communities in;
                    for (const auto& part : parts) in.communities.push_back({part, 0, 0});
                    best = std::max(best, plain_modularity(n, edges, in));
                    return;
                }
                for (std::size_t i = 0; i <= parts.size(); ++i) {
                    auto next = parts;
                    if (i == parts.size()) next.emplace_back();
                    next[i].push_back(v);
                    each(std::move(next), v + 1);
                }
            };
        each({}, 0);
        const Communities in = found(n, edges, {.resolutions = {1}});
        EXPECT_NEAR(in.sweep[0].modularity, best, 1e-12);
    }
}

TEST(Communities, OrderAndEarlierCallsDoNotMatter) {
    auto edges = planted(5, 20, 0.3, 0.08, 3);
    clique(edges, 100, 103);
    edges.push_back({104, 105, 2});
    const Communities one = found(110, edges);
    ASSERT_TRUE(one.communities.size() > 2);
    found(300, planted(4, 30, 0.2, 0.1, 9));  // leaves igraph's generator somewhere else
    EXPECT_TRUE(same(one, found(110, edges)));
    std::ranges::shuffle(edges, std::mt19937(1));
    for (std::size_t i = 0; i < edges.size(); i += 2) std::swap(edges[i].a, edges[i].b);
    EXPECT_TRUE(same(one, found(110, edges)));
    // More isolated accounts change nothing, and accounts numbered otherwise but in the same order are the
    // same communities.
    auto spread = edges;
    for (GraphEdge& edge : spread) edge.a *= 1000, edge.b *= 1000;
    Communities far = found(4'000'000'000, spread);
    for (Community& community : far.communities)
        for (std::uint32_t& v : community.members) v /= 1000;
    EXPECT_TRUE(same(one, far));
    // Scale does not matter either.
    for (GraphEdge& edge : edges) edge.weight *= 1024;
    EXPECT_TRUE(same(one, found(110, edges)));
}

TEST(Communities, CallsFromThreadsWaitForEachOther) {
    const auto edges = planted(5, 20, 0.3, 0.08, 3), others = planted(4, 25, 0.3, 0.08, 4);
    const Communities one = found(100, edges);
    Communities a, b;
    std::thread first([&] { a = found(100, edges); });
    std::thread second([&] { b = found(100, others); });
    first.join(), second.join();
    EXPECT_TRUE(same(one, a));
    EXPECT_FALSE(same(one, b));
}

TEST(Communities, RandomGraphsAreNotStable) {
    const auto edges = planted(1, 200, 0.05, 0, 5);
    const Communities in = found(200, edges, {.resolutions = {1}});
    double mean = 0;
    for (const Community& community : in.communities) mean += community.stability;
    mean /= double(in.communities.size());
    EXPECT_LT(mean, 0.7);
    EXPECT_LT(in.sweep[0].agreement, 0.8);
    EXPECT_GT(mean, 0);
}

TEST(Communities, AgreementThatEverybodyIsTogetherDoesNotWin) {
    const Communities in = found(200, planted(1, 200, 0.05, 0, 5));
    EXPECT_EQ(in.sweep[0].agreement, 1);  // all in one
    EXPECT_LT(in.sweep[0].modularity, 1e-9);
    EXPECT_GE(in.resolution, 1);
    EXPECT_LT(in.communities.front().members.size(), 100);
}

TEST(Communities, LoopsAndWeightsThatAreNoneAreIgnored) {
    std::vector<GraphEdge> edges;
    clique(edges, 0, 6);
    clique(edges, 6, 12);
    edges.push_back({0, 6, 1});
    const Communities plain = found(12, edges);
    EXPECT_EQ(plain.edges_ignored, 0);
    auto hostile = edges;
    for (const double weight : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
        hostile.push_back({1, 8, weight});
    hostile.push_back({2, 2, 5});
    const Communities in = found(12, hostile);
    EXPECT_TRUE(same(plain, in));
    EXPECT_EQ(in.edges_ignored, 5);
    // An edge given twice weighs twice: here, half each.
    std::vector<GraphEdge> halves;
    for (GraphEdge edge : edges) {
        edge.weight /= 2;
        halves.push_back(edge);
        std::swap(edge.a, edge.b);
        halves.push_back(edge);
    }
    EXPECT_TRUE(same(plain, found(12, halves)));
    // Sums that no double holds, and weights 600 powers of ten apart.
    const double huge = std::numeric_limits<double>::max();
    std::vector<GraphEdge> extreme = edges;
    for (int i = 0; i < 3; ++i) extreme.push_back({3, 4, huge});
    extreme.push_back({7, 8, std::numeric_limits<double>::denorm_min()});
    const Communities in_extreme = found(12, extreme);
    for (const ResolutionResult& at : in_extreme.sweep) EXPECT_TRUE(std::isfinite(at.modularity));
}

TEST(Communities, NothingIsInNoCommunity) {
    for (const std::uint32_t vertices : {0u, 1u, 4'000'000'000u}) {
        const Communities in = found(vertices, {});
        EXPECT_TRUE(in.communities.empty());
        ASSERT_EQ(in.sweep.size(), 5);
        EXPECT_EQ(in.sweep[1].modularity, 0);
        EXPECT_EQ(in.sweep[1].agreement, 1);
        EXPECT_EQ(in.resolution, 1);
    }
    EXPECT_TRUE(found(3, {{1, 1, 1}}).communities.empty());
}

TEST(Communities, WhatMakesNoSenseIsRefused) {
    const std::vector<GraphEdge> edges = {{0, 1, 1}};
    const auto refused = [&](std::uint32_t vertices, const CommunitySettings& settings) {
        const auto result = find_communities(vertices, edges, settings);
        return !result && !result.error().what.en.empty() && !result.error().what.fr.empty();
    };
    EXPECT_TRUE(refused(1, {}));
    EXPECT_TRUE(refused(0, {}));
    EXPECT_TRUE(refused(2, {.resolutions = {}}));
    EXPECT_TRUE(refused(2, {.resolutions = {1, 0}}));
    EXPECT_TRUE(refused(2, {.resolutions = {std::nan("")}}));
    EXPECT_TRUE(refused(2, {.seeds = 0}));
    EXPECT_FALSE(refused(2, {.seeds = 1}));
}

TEST(Communities, ALargeHeavyTailedGraphGetsFewerRunsAndSaysSo) {
    const auto edges = heavy_tailed(60'000, 300'000, 1);
    const auto begin = std::chrono::steady_clock::now();
    const Communities in = found(60'000, edges, {.resolutions = {1}});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%zu edges: %u runs in %.2f s, %zu communities, agreement %.3f\n", edges.size(), in.runs,
                took.count(), in.communities.size(), in.sweep[0].agreement);
    EXPECT_LT(in.runs, 50);
    EXPECT_GE(in.runs, kFewestRuns);
    EXPECT_FALSE(in.communities.empty());
}

}  // namespace
}  // namespace contrechamp::coordination
