// find_edges() against the definitions themselves: every pair of rows, looked at.
#include "analyze/coordination/edges.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace contrechamp::coordination {
namespace {

using Rows = std::vector<Share>;

constexpr std::size_t kParts = 64;

Status fill(Spool<Share>& spool, const Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) TRY(spool.writer(i % 3).add(rows[i].object >> 58, rows[i]));
    return spool.finish();
}

std::size_t last_spilled = 0;

Result<LayerEdges> edges_of(const Rows& rows, std::uint32_t accounts, const EdgeSettings& settings,
                            std::size_t limit = std::size_t{1} << 30,
                            const std::filesystem::path& folder = std::filesystem::temp_directory_path(),
                            Layer layer = Layer::same_object) {
    Budget budget;
    budget.limit = limit;
    budget.folder = folder;
    Spool<Share> spool(kParts, 3, budget);
    TRY(fill(spool, rows));
    auto out = find_edges(layer, spool, accounts, settings, budget);
    last_spilled = budget.spilled;
    return out;
}

// Objects' hashes spread over the partitions; few times, so that ties are many.
Rows random_rows(std::uint64_t seed, std::size_t count, unsigned objects, unsigned accounts, unsigned span) {
    std::mt19937_64 random(seed);
    Rows out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t object = (random() % objects + 1) * 0x9E3779B97F4A7C15ull;
        out.push_back({object, 100 + i * 7, static_cast<std::uint32_t>(random() % accounts),
                       static_cast<Seconds>(1'500'000'000 + random() % span)});
    }
    std::shuffle(out.begin(), out.end(), random);
    return out;
}

using MeetingKey = std::tuple<std::uint64_t, Place, Place, Seconds, std::int32_t, std::uint32_t>;
MeetingKey key(const Meeting& m) { return {m.object, m.place_a, m.place_b, m.time_a, m.delta, m.accounts}; }

// Who met whom, by the definition: each post is paired with its `nearest` followers by other accounts.
struct Oracle {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Meeting>> met;  // in the widest window
    std::map<std::uint32_t, std::set<std::uint64_t>> objects_of;
    std::map<std::uint64_t, std::set<std::uint32_t>> accounts_of;
    std::vector<std::uint64_t> pairs;
    std::uint64_t left_out = 0, crowded = 0, shared = 0;

    Oracle(Rows rows, const EdgeSettings& settings) : pairs(settings.windows.size(), 0) {
        std::sort(rows.begin(), rows.end(), [](const Share& x, const Share& y) {
            return std::tie(x.time, x.place) < std::tie(y.time, y.place);
        });
        for (const auto& row : rows) {
            objects_of[row.account].insert(row.object);
            accounts_of[row.object].insert(row.account);
        }
        for (const auto& [object, accounts] : accounts_of) shared += accounts.size() > 1;
        std::set<std::uint64_t> crowds;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::uint32_t made = 0;
            for (std::size_t j = i + 1; j < rows.size(); ++j) {
                const auto &x = rows[i], &y = rows[j];
                const auto apart = y.time - x.time;
                if (x.object != y.object || x.account == y.account || apart > settings.windows.back())
                    continue;
                if (made++ >= settings.nearest) {
                    ++left_out;
                    crowds.insert(x.object);
                    continue;
                }
                for (std::size_t w = 0; w < pairs.size(); ++w) pairs[w] += apart <= settings.windows[w];
                const auto &a = x.account < y.account ? x : y, &b = x.account < y.account ? y : x;
                met[{a.account, b.account}].push_back({a.object, a.place, b.place, a.time,
                                                       std::int32_t(b.time) - std::int32_t(a.time),
                                                       std::uint32_t(accounts_of[a.object].size()), 0});
            }
        }
        crowded = crowds.size();
    }
};

struct Wanted {
    std::set<std::uint64_t> objects, hours;
    std::set<Place> posts_a, posts_b;
    std::vector<std::int64_t> deltas;
    double rare = 0;
    Seconds first = ~Seconds{0}, last = 0;

    Wanted(const std::vector<Meeting>& meetings, std::uint32_t window) {
        std::map<std::uint64_t, std::uint32_t> crowd;
        for (const auto& m : meetings) {
            if (std::abs(m.delta) > std::int64_t{window}) continue;
            const Seconds time_b = Seconds(std::int64_t{m.time_a} + m.delta);
            objects.insert(m.object);
            crowd[m.object] = m.accounts;
            posts_a.insert(m.place_a);
            posts_b.insert(m.place_b);
            deltas.push_back(std::abs(m.delta));
            hours.insert(std::min(m.time_a, time_b) / 3600);
            first = std::min({first, m.time_a, time_b});
            last = std::max({last, m.time_a, time_b});
        }
        for (const auto& [object, accounts] : crowd) rare += 1 / std::log2(1.0 + accounts);
        std::sort(deltas.begin(), deltas.end());
    }
};

void compare(const LayerEdges& got, const Rows& rows, const EdgeSettings& settings, Layer layer) {
    const Oracle oracle(rows, settings);
    EXPECT_EQ(got.shares, rows.size());
    EXPECT_EQ(got.pairs, oracle.pairs);
    EXPECT_EQ(got.pairs_left_out, oracle.left_out);
    EXPECT_EQ(got.crowded_objects, oracle.crowded);
    EXPECT_EQ(got.shared_objects, oracle.shared);
    EXPECT_EQ(got.total_objects, oracle.accounts_of.size());
    for (std::uint32_t account = 0; account < got.objects_of.size(); ++account) {
        const auto found = oracle.objects_of.find(account);
        EXPECT_EQ(got.objects_of[account], found == oracle.objects_of.end() ? 0 : found->second.size());
    }
    std::size_t next = 0, meetings = 0;
    for (const auto& [pair, met] : oracle.met) {
        bool any = false;
        for (const auto window : settings.windows) {
            const Wanted want(met, window);
            if (want.objects.empty() || want.objects.size() < settings.fewest_objects) continue;
            any = true;
            ASSERT_LT(next, got.edges.size());
            const Edge& edge = got.edges[next++];
            ASSERT_EQ(std::tie(edge.a, edge.b, edge.window),
                      std::tuple(pair.first, pair.second, window));  // by (a, b, window)
            EXPECT_EQ(edge.layer, layer);
            EXPECT_EQ(edge.objects, want.objects.size());
            EXPECT_EQ(edge.posts_a, want.posts_a.size());
            EXPECT_EQ(edge.posts_b, want.posts_b.size());
            EXPECT_EQ(edge.occasions, want.hours.size());
            EXPECT_EQ(edge.all_a, oracle.objects_of.at(pair.first).size());
            EXPECT_EQ(edge.all_b, oracle.objects_of.at(pair.second).size());
            EXPECT_EQ(edge.first, want.first);
            EXPECT_EQ(edge.last, want.last);
            EXPECT_NEAR(edge.rare_weight, want.rare, 1e-12);
            double sum = 0;
            for (const auto delta : want.deltas) sum += double(delta);
            const auto n = want.deltas.size();
            EXPECT_DOUBLE_EQ(edge.mean_delta, sum / double(n));
            EXPECT_DOUBLE_EQ(
                edge.median_delta,
                n % 2 ? double(want.deltas[n / 2]) : double(want.deltas[n / 2 - 1] + want.deltas[n / 2]) / 2);
            EXPECT_DOUBLE_EQ(edge.symmetry(), double(std::min(want.posts_a.size(), want.posts_b.size())) /
                                                  double(std::max(want.posts_a.size(), want.posts_b.size())));
            EXPECT_DOUBLE_EQ(edge.weight(), double(want.objects.size()) / std::min(edge.all_a, edge.all_b));
            std::multiset<MeetingKey> mine, all;
            for (auto m = edge.meetings_begin; m < edge.meetings_end; ++m) mine.insert(key(got.meetings[m]));
            for (const auto& m : met) all.insert(key(m));
            EXPECT_EQ(mine, all);
            for (auto m = edge.meetings_begin + 1; m < edge.meetings_end; ++m)
                EXPECT_LE(got.meetings[m - 1].time_a, got.meetings[m].time_a);
        }
        meetings += any ? met.size() : 0;
    }
    EXPECT_EQ(next, got.edges.size());
    EXPECT_EQ(meetings, got.meetings.size());
}

TEST(Edges, AreThoseOfAllPairsOfRows) {
    std::size_t edges = 0;
    for (const auto layer : kLayers)
        for (const std::uint32_t fewest : {1u, 2u, 3u}) {
            const auto seed = std::uint64_t(layer) * 10 + fewest;
            const auto rows = random_rows(seed, 400, 12 + 5 * fewest, 9, 1500 * fewest);
            EdgeSettings settings;
            settings.windows = seed % 3 == 0   ? std::vector<std::uint32_t>{0, 7, 60, 3600}
                               : seed % 3 == 1 ? std::vector<std::uint32_t>{10, 300}
                                               : std::vector<std::uint32_t>{0};
            settings.fewest_objects = fewest;
            const auto got = edges_of(rows, 11, settings, std::size_t{1} << 30,
                                      std::filesystem::temp_directory_path(), layer);
            ASSERT_TRUE(got);
            compare(*got, rows, settings, layer);
            edges += got->edges.size();
        }
    EXPECT_GT(edges, 500);
}

TEST(Edges, CrowdedObjectsKeepEachPostsNearestAndCountTheRest) {
    std::uint64_t left = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        // Few accounts on few objects: posts of one's own stand between.
        const auto rows = random_rows(seed, 300, 3, seed % 2 ? 3 : 40, 200);
        EdgeSettings settings;
        settings.windows = {5, 90};
        settings.nearest = 1 + static_cast<std::uint32_t>(seed % 4) * 3;
        settings.fewest_objects = 1;
        const auto got = edges_of(rows, 40, settings);
        ASSERT_TRUE(got);
        compare(*got, rows, settings, Layer::same_object);
        left += got->pairs_left_out;
    }
    EXPECT_GT(left, 1000);
}

TEST(Edges, TracesSayHowManyWereNear) {
    const auto rows = random_rows(4, 300, 10, 8, 3000);
    EdgeSettings settings;
    settings.windows = {0, 60, 600};
    settings.fewest_objects = 1;
    settings.always.assign(9, true);
    const auto got = edges_of(rows, 9, settings);
    ASSERT_TRUE(got);
    std::map<std::uint64_t, std::set<std::uint32_t>> accounts;
    for (const auto& row : rows) accounts[row.object].insert(row.account);
    std::size_t traced = 0;
    for (const auto& row : rows) traced += accounts[row.object].size() > 1;
    ASSERT_EQ(got->traces.size(), traced);
    for (const auto& trace : got->traces) {
        std::uint32_t posts = 0;
        std::array<std::uint32_t, 3> near{};
        for (const auto& row : rows) {
            if (row.object != trace.object) continue;
            ++posts;
            const auto apart = std::abs(std::int64_t{row.time} - std::int64_t{trace.time});
            for (std::size_t w = 0; w < 3; ++w)
                near[w] += row.place != trace.place && apart <= settings.windows[w];
        }
        EXPECT_EQ(trace.posts, posts);
        EXPECT_EQ(trace.accounts, accounts[trace.object].size());
        for (std::size_t w = 0; w < 3; ++w) EXPECT_EQ(trace.near[w], near[w]);
    }
    EXPECT_TRUE(std::is_sorted(got->traces.begin(), got->traces.end(), [](const Trace& x, const Trace& y) {
        return std::tie(x.account, x.object, x.time) < std::tie(y.account, y.object, y.time);
    }));
}

// Those that do not fit stay spooled: the same ones, in partitions of ascending accounts.
TEST(Edges, TracesThatDoNotFitStaySpooled) {
    const auto rows = random_rows(5, 20'000, 200, 400, 30'000);
    EdgeSettings settings;
    const auto all = edges_of(rows, 400, settings);
    ASSERT_TRUE(all);
    ASSERT_FALSE(all->spooled);
    ASSERT_GT(all->traces.size(), 15'000);
    const auto bytes = all->traces.size() * sizeof(Trace);
    Budget budget;
    budget.folder = std::filesystem::temp_directory_path();
    for (const auto& [most, limit] :
         {std::pair{bytes, bytes}, {bytes - 1, bytes}, {std::size_t{0}, std::size_t{4096}}}) {
        budget.limit = limit;
        settings.most_traces = most;
        Spool<Share> shares(kParts, 3, budget);
        ASSERT_TRUE(fill(shares, rows));
        const auto got = find_edges(Layer::same_object, shares, 400, settings, budget);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->edges.size(), all->edges.size());
        if (most == bytes) {
            EXPECT_FALSE(got->spooled);
            EXPECT_EQ(got->traces.size(), all->traces.size());
            continue;
        }
        ASSERT_TRUE(got->spooled);
        EXPECT_TRUE(got->traces.empty());
        EXPECT_EQ(got->spooled->size(), all->traces.size());
        std::vector<Trace> back;
        for (std::size_t i = 0; i < TraceSpool::kPartitions; ++i) {
            const auto part = got->spooled->read(i, [](std::uint32_t) { return true; });
            ASSERT_TRUE(part);
            EXPECT_EQ(part->size(), got->spooled->size(i));
            EXPECT_LT(part->size(), all->traces.size() / 20);
            back.insert(back.end(), part->begin(), part->end());
            for (const auto& trace : *part) EXPECT_EQ(got->spooled->partition_of(trace.account), i);
            const auto odd = got->spooled->read(i, [](std::uint32_t account) { return account % 2 == 1; });
            ASSERT_TRUE(odd);
            EXPECT_EQ(odd->size(), std::count_if(part->begin(), part->end(),
                                                 [](const Trace& trace) { return trace.account % 2 == 1; }));
        }
        const auto key = [](const Trace& t) {
            return std::tie(t.account, t.object, t.time, t.place, t.near);
        };
        EXPECT_TRUE(std::equal(back.begin(), back.end(), all->traces.begin(), all->traces.end(),
                               [&](const Trace& x, const Trace& y) { return key(x) == key(y); }));
    }
}

// 50,000 posts of one object in one minute: pairs are made for each post's nearest only.
TEST(Edges, TheHottestObjectStaysLinear) {
    constexpr std::uint32_t kPosts = 50'000, kAccounts = 1000;
    Rows rows;
    for (std::uint32_t i = 0; i < kPosts; ++i) rows.push_back({77, i, i % kAccounts, 1'500'000'000 + i % 60});
    EdgeSettings settings;
    settings.windows = {60};
    settings.nearest = 4;
    settings.traces = false;
    const auto got = edges_of(rows, kAccounts, settings);
    ASSERT_TRUE(got);
    EXPECT_LE(got->pairs[0], std::uint64_t{kPosts} * settings.nearest);
    const std::uint64_t all = std::uint64_t{kPosts} * (kPosts - 1) / 2,
                        own = kAccounts * (std::uint64_t{kPosts / kAccounts} * (kPosts / kAccounts - 1) / 2);
    EXPECT_EQ(got->pairs[0] + got->pairs_left_out, all - own);
    EXPECT_EQ(got->crowded_objects, 1);
}

// One account floods an object that another posts once: its own posts are passed over, not paired and not
// counted as left out.
TEST(Edges, AFloodByOneAccountIsNotACrowd) {
    constexpr std::uint32_t kPosts = 50'000;
    Rows rows;
    for (std::uint32_t i = 0; i < kPosts; ++i) rows.push_back({77, i, 0, 1'500'000'000 + i % 60});
    rows.push_back({77, kPosts, 1, 1'500'000'030});
    EdgeSettings settings;
    settings.windows = {60};
    settings.fewest_objects = 1;
    settings.nearest = 256;
    const auto got = edges_of(rows, 2, settings);
    ASSERT_TRUE(got);
    // The one post meets all before it, and the 256 nearest after it.
    std::uint64_t before = 0;
    for (std::uint32_t i = 0; i < kPosts; ++i) before += i % 60 <= 30;
    EXPECT_EQ(got->pairs[0], before + settings.nearest);
    EXPECT_EQ(got->pairs_left_out, kPosts - before - settings.nearest);
    ASSERT_EQ(got->edges.size(), 1);
    EXPECT_EQ(got->edges[0].posts_a, before + settings.nearest);
    EXPECT_EQ(got->edges[0].posts_b, 1);
}

// Everything an answer holds, as bytes.
std::string bytes_of(const LayerEdges& found) {
    std::string out;
    const auto put = [&](const auto&... values) {
        (out.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
    };
    for (const auto& e : found.edges)
        put(e.a, e.b, e.layer, e.window, e.objects, e.posts_a, e.posts_b, e.occasions, e.all_a, e.all_b,
            e.mean_delta, e.median_delta, e.rare_weight, e.first, e.last, e.meetings_begin, e.meetings_end);
    for (const auto& m : found.meetings) put(m.object, m.place_a, m.place_b, m.time_a, m.delta, m.accounts);
    for (const auto& t : found.traces) put(t.object, t.place, t.account, t.time, t.posts, t.accounts, t.near);
    for (const auto count : found.objects_of) put(count);
    for (const auto pairs : found.pairs) put(pairs);
    put(found.shares, found.shared_objects, found.total_objects, found.compared, found.crowded_objects,
        found.pairs_left_out);
    return out;
}

TEST(Edges, AreTheSameOnAnyThreadsAndWithinAnyMemory) {
    const auto rows = random_rows(9, 40'000, 90, 120, 30'000);
    EdgeSettings settings;
    settings.windows = {30, 600};
    settings.nearest = 20;
    std::string first;
    for (const std::size_t limit : {std::size_t{1} << 30, std::size_t{1} << 20, std::size_t{4096}}) {
        for (const unsigned threads : {1u, 2u, 3u}) {
            settings.threads = threads;
            const auto got = edges_of(rows, 120, settings, limit);
            ASSERT_TRUE(got);
            if (first.empty()) {
                first = bytes_of(*got);
                EXPECT_EQ(last_spilled, 0);
                EXPECT_GT(got->edges.size(), 1000);
            }
            EXPECT_TRUE(bytes_of(*got) == first) << limit << " bytes, " << threads << " threads";
        }
        if (limit == 4096) EXPECT_GT(last_spilled, 40'000 * sizeof(Share));
    }
}

TEST(Edges, WithoutAScratchFolderIsAnErrorNotACrash) {
    const auto rows = random_rows(1, 5000, 20, 20, 500);
    EdgeSettings settings;
    const auto missing = edges_of(rows, 20, settings, 4096, "/nonexistent/folder");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().where.find("/nonexistent/folder"), 0);
    // A file instead of a folder.
    EXPECT_FALSE(edges_of(rows, 20, settings, 4096, "/proc/self/status"));
}

// A disk that is full: no file may grow beyond a size.
TEST(Edges, AFullScratchFolderIsAnErrorNotACrash) {
    const auto rows = random_rows(1, 20'000, 20, 20, 500);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    for (const rlim_t most : {rlim_t{0}, rlim_t{1000}, rlim_t{700'000}}) {
        const rlimit small{most, before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto got = edges_of(rows, 20, EdgeSettings{}, 4096);
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
        EXPECT_FALSE(got) << most;
    }
    ::signal(SIGXFSZ, handler);
}

TEST(Edges, OfNothingAreNone) {
    for (const auto& rows : {Rows{}, Rows{{1, 1, 0, 5}}, Rows{{1, 1, 0, 5}, {1, 2, 0, 5}}}) {
        const auto got = edges_of(rows, 1, EdgeSettings{});
        ASSERT_TRUE(got);
        EXPECT_TRUE(got->edges.empty() && got->meetings.empty());
        EXPECT_EQ(got->shared_objects, 0);
    }
}

TEST(InParallel, TheFirstErrorWinsAndAllThreadsEnd) {
    for (const unsigned threads : {1u, 2u, 3u}) {
        std::atomic<int> done{0};
        const auto status = in_parallel(100, threads, [&](std::size_t i) -> Status {
            ++done;
            if (i == 3) return fail({"three", "trois"}, "3");
            return {};
        });
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().where, "3");
        EXPECT_LT(done, 100);
    }
    EXPECT_TRUE(in_parallel(0, 3, [](std::size_t) -> Status { return fail({"x", "x"}, ""); }));
}

}  // namespace
}  // namespace contrechamp::coordination
