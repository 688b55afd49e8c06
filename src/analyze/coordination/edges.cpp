#include "analyze/coordination/edges.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kPairPartitions = 64;
constexpr std::uint32_t kFewPosts = 256;  // of one object: as well compared one by one

// A pair of accounts that met over an object; the first pass keeps no more.
struct Met {
    std::uint64_t pair = 0;  // a << 32 | b, a < b
    std::uint64_t object = 0;
    bool operator<(const Met& other) const {
        return std::tie(pair, object) < std::tie(other.pair, other.object);
    }
};

// Most pairs met once: those that met fewer times than asked for need no sorting. A few of them stay, where
// two pairs share a counter.
void drop_rare_pairs(std::vector<Met>& rows, std::uint32_t fewest) {
    const std::uint8_t least = static_cast<std::uint8_t>(std::min<std::uint32_t>(fewest, 255));
    if (least < 2 || rows.size() < 1024) return;
    const int bits = static_cast<int>(std::bit_width(rows.size())) + 1;
    std::vector<std::uint8_t> times(std::size_t{1} << bits);
    // The uppermost bits are those of partition_of: the same for all of them.
    const auto counter = [&](const Met& met) -> std::uint8_t& {
        const auto mixed = met.pair * 0x9E3779B97F4A7C15ull;
        return times[mixed << std::countr_zero(kPairPartitions) >> (64 - bits)];
    };
    for (const auto& met : rows)
        if (auto& seen = counter(met); seen < 255) ++seen;
    std::erase_if(rows, [&](const Met& met) { return counter(met) < least; });
}

struct PairMeeting {
    std::uint64_t pair = 0;
    Meeting meeting;
};

std::uint64_t pair_of(std::uint32_t a, std::uint32_t b) {
    return std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
}

// Fibonacci hashing: neighbouring account numbers spread over all partitions.
std::size_t partition_of(std::uint64_t pair) {
    return (pair * 0x9E3779B97F4A7C15ull) >> (64 - std::countr_zero(kPairPartitions));
}

bool in_order(const Share& x, const Share& y) {
    return std::tie(x.object, x.time, x.place, x.account) < std::tie(y.object, y.time, y.place, y.account);
}
void sort_shares(std::vector<Share>& shares) { std::sort(shares.begin(), shares.end(), in_order); }

// A sorted set of pairs with a small filter in front: most questions are answered "no".
class PairSet {
  public:
    void assign(std::vector<std::uint64_t> pairs) {
        pairs_ = std::move(pairs);
        const std::size_t bits = std::bit_ceil(std::max<std::size_t>(pairs_.size() * 16, 1024));
        filter_.assign(bits / 64, 0);
        shift_ = 64 - static_cast<unsigned>(std::countr_zero(bits));
        for (const auto pair : pairs_) filter_[slot(pair) / 64] |= 1ull << (slot(pair) % 64);
    }
    bool empty() const { return pairs_.empty(); }
    const std::vector<std::uint64_t>& pairs() const { return pairs_; }
    bool contains(std::uint64_t pair) const {
        return (filter_[slot(pair) / 64] >> (slot(pair) % 64) & 1) &&
               std::binary_search(pairs_.begin(), pairs_.end(), pair);
    }

  private:
    std::size_t slot(std::uint64_t pair) const { return (pair * 0x9E3779B97F4A7C15ull) >> shift_; }
    std::vector<std::uint64_t> pairs_;
    std::vector<std::uint64_t> filter_;
    unsigned shift_ = 0;
};

// One object's shares, in order of time.
using Run = std::span<const Share>;

template <class Visit>
Status each_run(const std::vector<Share>& shares, const Visit& visit) {
    for (std::size_t i = 0; i < shares.size();) {
        std::size_t j = i + 1;
        while (j < shares.size() && shares[j].object == shares[i].object) ++j;
        if (j - i > 1) TRY(visit(Run(shares.data() + i, j - i)));
        i = j;
    }
    return {};
}

std::size_t distinct_accounts(Run run, std::vector<std::uint32_t>& scratch) {
    scratch.clear();
    for (const auto& share : run) scratch.push_back(share.account);
    std::sort(scratch.begin(), scratch.end());
    scratch.erase(std::unique(scratch.begin(), scratch.end()), scratch.end());
    return scratch.size();
}

struct Left {
    std::uint64_t pairs = 0;
    bool any = false;
};

// What passing over an account's own posts, and counting exactly what is left out, costs no more than the
// rows with: of an object that one account floods, every second pair would be its own.
class Crowd {
  public:
    Crowd(Run run, bool crowded) {
        if (!crowded) return;
        std::vector<std::uint32_t> accounts;
        seen_.assign(distinct_accounts(run, accounts), 0);
        behind_.resize(run.size());
        rank_.resize(run.size());
        number_.resize(run.size());
        for (std::size_t i = run.size(); i-- > 0;) {
            const bool same = i + 1 < run.size() && run[i + 1].account == run[i].account;
            behind_[i] = same ? behind_[i + 1] : i + 1;
        }
        for (std::size_t i = 0; i < run.size(); ++i) {
            const auto at = std::lower_bound(accounts.begin(), accounts.end(), run[i].account);
            number_[i] = static_cast<std::uint32_t>(at - accounts.begin());
            rank_[i] = seen_[number_[i]]++;
        }
        seen_.assign(seen_.size(), 0);
    }
    // The window has come to hold post i.
    void enter(std::size_t i) {
        if (!number_.empty()) ++seen_[number_[i]];
    }
    // The first post after i by another account than i's, where that is known; else the next.
    std::size_t behind(std::size_t i) const { return behind_.empty() ? i + 1 : behind_[i]; }
    // How many posts after i the window holds of i's account.
    std::size_t own_after(std::size_t i) const {
        return number_.empty() ? 0 : seen_[number_[i]] - rank_[i] - 1;
    }

  private:
    std::vector<std::size_t> behind_;
    std::vector<std::uint32_t> number_;  // of a post's account within the object
    std::vector<std::uint32_t> rank_;    // of a post among its account's
    std::vector<std::uint32_t> seen_;    // per account: its posts that entered the window
};

// Visits pairs of posts by different accounts, at most `window` apart, each with at most `nearest` after it.
template <class Visit>
Status each_pair(Run run, std::uint32_t window, std::uint32_t nearest, Left& left, const Visit& visit) {
    Crowd crowd(run, run.size() > std::min(nearest, kFewPosts));
    std::size_t end = 0;  // first post beyond the window of i
    for (std::size_t i = 0; i < run.size(); ++i) {
        while (end < run.size() && (end <= i || run[end].time - run[i].time <= window)) crowd.enter(end++);
        std::size_t j = i + 1, own = 0;
        for (std::uint32_t made = 0; j < end && made < nearest;) {
            if (run[j].account == run[i].account) {
                const auto next = std::min(crowd.behind(j), end);
                own += next - j;
                j = next;
                continue;
            }
            ++made;
            TRY(visit(run[i], run[j]));
            ++j;
        }
        if (j == end) continue;
        const auto others = end - j - (crowd.own_after(i) - own);
        left.any |= others > 0;
        left.pairs += others;
    }
    return {};
}

// What the threads of a pass add up.
struct Totals {
    std::uint64_t shares = 0, objects = 0, shared_objects = 0, crowded = 0, left_out = 0;
    double compared = 0;
    std::vector<std::uint64_t> pairs;
    std::vector<std::uint32_t> objects_of;
};

class Finder {
  public:
    Finder(Layer layer, Spool<Share>& shares, std::uint32_t accounts, const EdgeSettings& settings,
           Budget& budget)
        : layer_(layer),
          shares_(shares),
          accounts_(accounts),
          settings_(settings),
          budget_(budget),
          widest_(settings.windows.back()),
          totals_(settings.threads) {}

    Result<LayerEdges> run() {
        TRY(count());
        TRY(collect());
        return gather();
    }

  private:
    // First pass: which pairs share enough objects.
    Status count() {
        for (auto& totals : totals_) totals.objects_of.assign(accounts_, 0);
        Spool<Met> met(kPairPartitions, settings_.threads, budget_);
        TRY(by_thread(shares_.partitions(), [&](std::size_t thread, std::size_t partition) -> Status {
            auto shares = TRY(shares_.read(partition));
            sort_shares(shares);
            auto& totals = totals_[thread];
            auto& out = met.writer(thread);
            std::vector<std::uint32_t> scratch;
            totals.shares += shares.size();
            count_objects(shares, totals);
            // Most objects are one account's alone: the second pass need not see them.
            std::vector<Share> shared;
            TRY(each_run(shares, [&](Run run) -> Status {
                const double accounts = double(distinct_accounts(run, scratch));
                if (accounts < 2) return {};
                shared.insert(shared.end(), run.begin(), run.end());
                ++totals.shared_objects;
                totals.compared += accounts * (accounts - 1) / 2;
                Left left;
                TRY(each_pair(run, widest_, settings_.nearest, left, [&](const Share& x, const Share& y) {
                    const auto pair = pair_of(x.account, y.account);
                    return out.add(partition_of(pair), {pair, x.object});
                }));
                totals.crowded += left.any;
                totals.left_out += left.pairs;
                return {};
            }));
            shares_.replace(partition, std::move(shared));
            return {};
        }));
        TRY(met.finish());
        std::vector<std::vector<std::uint64_t>> found(kPairPartitions);
        TRY(in_parallel(kPairPartitions, settings_.threads, [&](std::size_t partition) -> Status {
            auto rows = TRY(met.take(partition));
            drop_rare_pairs(rows, settings_.fewest_objects);
            std::sort(rows.begin(), rows.end());
            for (std::size_t i = 0; i < rows.size();) {
                std::uint32_t objects = 0;
                std::size_t j = i;
                for (; j < rows.size() && rows[j].pair == rows[i].pair; ++j)
                    objects += j == i || rows[j].object != rows[j - 1].object;
                if (objects >= settings_.fewest_objects) found[partition].push_back(rows[i].pair);
                i = j;
            }
            return {};
        }));
        std::vector<std::uint64_t> all;
        for (auto& part : found) {
            all.insert(all.end(), part.begin(), part.end());
            part = {};
        }
        std::sort(all.begin(), all.end());
        candidates_.assign(std::move(all));
        in_edge_ = settings_.always;
        in_edge_.resize(accounts_, false);
        for (const auto pair : candidates_.pairs()) in_edge_[pair >> 32] = in_edge_[pair & 0xffffffff] = true;
        if (settings_.traces) make_room_for_traces();
        return {};
    }

    void make_room_for_traces() {
        std::vector<std::uint64_t> weights(accounts_, 0);
        for (const auto& totals : totals_)
            for (std::size_t i = 0; i < accounts_; ++i)
                if (in_edge_[i]) weights[i] += totals.objects_of[i];
        traces_ = std::make_shared<TraceSpool>(weights, settings_.threads, budget_);
    }

    // Second pass: everything about those pairs.
    Status collect() {
        meetings_ = std::make_unique<Spool<PairMeeting>>(kPairPartitions, settings_.threads, budget_);
        for (auto& totals : totals_) totals.pairs.assign(settings_.windows.size(), 0);
        TRY(by_thread(shares_.partitions(), [&](std::size_t thread, std::size_t partition) -> Status {
            auto shares = TRY(shares_.take(partition));
            if (!std::is_sorted(shares.begin(), shares.end(), in_order)) sort_shares(shares);
            std::vector<std::uint32_t> scratch;
            return each_run(shares, [&](Run run) -> Status {
                const auto accounts = distinct_accounts(run, scratch);
                return accounts < 2 ? Status() : collect_run(run, accounts, thread);
            });
        }));
        if (traces_) TRY(traces_->finish());
        return meetings_->finish();
    }

    Status collect_run(Run run, std::size_t accounts, std::size_t thread) {
        auto& totals = totals_[thread];
        auto& out = meetings_->writer(thread);
        Left ignored;
        TRY(each_pair(
            run, widest_, settings_.nearest, ignored, [&](const Share& x, const Share& y) -> Status {
                const auto apart = y.time - x.time;
                for (std::size_t w = settings_.windows.size(); w-- > 0 && apart <= settings_.windows[w];)
                    ++totals.pairs[w];
                const auto pair = pair_of(x.account, y.account);
                if (!candidates_.contains(pair)) return {};
                const bool in_order = x.account < y.account;
                const Share& a = in_order ? x : y;
                const Share& b = in_order ? y : x;
                const auto delta = static_cast<std::int32_t>(std::int64_t{b.time} - std::int64_t{a.time});
                return out.add(partition_of(pair), {pair,
                                                    {a.object, a.place, b.place, a.time, delta,
                                                     static_cast<std::uint32_t>(accounts), 0}});
            }));
        return traces_ ? trace(run, accounts, thread) : Status();
    }

    static void count_objects(const std::vector<Share>& shares, Totals& totals) {
        std::vector<std::uint32_t> scratch;
        for (std::size_t i = 0; i < shares.size();) {
            std::size_t j = i + 1;
            while (j < shares.size() && shares[j].object == shares[i].object) ++j;
            ++totals.objects;
            if (j == i + 1) {
                ++totals.objects_of[shares[i].account];
            } else {
                distinct_accounts(Run(shares.data() + i, j - i), scratch);
                for (const auto account : scratch) ++totals.objects_of[account];
            }
            i = j;
        }
    }

    Status trace(Run run, std::size_t accounts, std::size_t thread) {
        const auto posts = static_cast<std::uint32_t>(run.size());
        std::vector<std::size_t> from(settings_.windows.size(), 0), to(settings_.windows.size(), 0);
        for (std::size_t i = 0; i < run.size(); ++i) {
            Trace out{run[i].object,
                      run[i].place,
                      run[i].account,
                      run[i].time,
                      posts,
                      static_cast<std::uint32_t>(accounts),
                      {}};
            for (std::size_t w = 0; w < settings_.windows.size(); ++w) {
                const auto window = settings_.windows[w];
                while (run[i].time - run[from[w]].time > window) ++from[w];
                to[w] = std::max(to[w], i);
                while (to[w] < run.size() && run[to[w]].time - run[i].time <= window) ++to[w];
                out.near[w] = static_cast<std::uint32_t>(to[w] - from[w] - 1);
            }
            if (in_edge_[run[i].account]) TRY(traces_->add(thread, out));
        }
        return {};
    }

    // Into memory, where they fit.
    Status take_traces(LayerEdges& out) {
        if (traces_->size() > settings_.most_traces / sizeof(Trace)) {
            out.spooled = std::move(traces_);
            return {};
        }
        std::array<std::size_t, TraceSpool::kPartitions> begins{};
        for (std::size_t i = 1; i < begins.size(); ++i) begins[i] = begins[i - 1] + traces_->size(i - 1);
        out.traces.resize(traces_->size());
        return in_parallel(begins.size(), settings_.threads, [&](std::size_t partition) -> Status {
            const auto some = TRY(traces_->take(partition));
            std::copy(some.begin(), some.end(),
                      out.traces.begin() + static_cast<std::ptrdiff_t>(begins[partition]));
            return {};
        });
    }

    Result<LayerEdges> gather() {
        LayerEdges out;
        out.pairs.assign(settings_.windows.size(), 0);
        out.objects_of.assign(accounts_, 0);
        for (auto& totals : totals_) {
            out.shares += totals.shares;
            out.shared_objects += totals.shared_objects;
            out.total_objects += totals.objects;
            out.compared += totals.compared;
            out.crowded_objects += totals.crowded;
            out.pairs_left_out += totals.left_out;
            for (std::size_t w = 0; w < totals.pairs.size(); ++w) out.pairs[w] += totals.pairs[w];
            for (std::size_t i = 0; i < totals.objects_of.size(); ++i)
                out.objects_of[i] += totals.objects_of[i];
        }
        const double all_pairs = double(accounts_) * (double(accounts_) - 1) / 2;
        out.compared = std::max(1.0, std::min(out.compared / settings_.fewest_objects, all_pairs));
        if (traces_) TRY(take_traces(out));
        if (meetings_) TRY(build(out));
        return out;
    }

    Status build(LayerEdges& out) {
        std::vector<LayerEdges> parts(kPairPartitions);
        TRY(in_parallel(kPairPartitions, settings_.threads, [&](std::size_t partition) -> Status {
            auto rows = TRY(meetings_->take(partition));
            std::sort(rows.begin(), rows.end(), [](const PairMeeting& x, const PairMeeting& y) {
                return std::tie(x.pair, x.meeting.time_a, x.meeting.place_a, x.meeting.place_b,
                                x.meeting.object) < std::tie(y.pair, y.meeting.time_a, y.meeting.place_a,
                                                             y.meeting.place_b, y.meeting.object);
            });
            for (std::size_t i = 0; i < rows.size();) {
                std::size_t j = i;
                while (j < rows.size() && rows[j].pair == rows[i].pair) ++j;
                add_edges({rows.data() + i, j - i}, out.objects_of, parts[partition]);
                i = j;
            }
            return {};
        }));
        for (auto& part : parts) {
            const std::size_t base = out.meetings.size();
            for (auto& edge : part.edges) {
                edge.meetings_begin += base;
                edge.meetings_end += base;
            }
            out.edges.insert(out.edges.end(), part.edges.begin(), part.edges.end());
            out.meetings.insert(out.meetings.end(), part.meetings.begin(), part.meetings.end());
            part = {};
        }
        std::sort(out.edges.begin(), out.edges.end(), [](const Edge& x, const Edge& y) {
            return std::tie(x.a, x.b, x.window) < std::tie(y.a, y.b, y.window);
        });
        return {};
    }

    void add_edges(std::span<const PairMeeting> rows, const std::vector<std::uint32_t>& objects_of,
                   LayerEdges& out) {
        const std::size_t begin = out.meetings.size();
        for (const auto& row : rows) out.meetings.push_back(row.meeting);
        bool any = false;
        for (const auto window : settings_.windows) {
            Edge edge;
            edge.a = static_cast<std::uint32_t>(rows[0].pair >> 32);
            edge.b = static_cast<std::uint32_t>(rows[0].pair);
            edge.layer = layer_;
            edge.window = window;
            edge.all_a = objects_of[edge.a];
            edge.all_b = objects_of[edge.b];
            if (!measure(std::span(out.meetings).subspan(begin), edge, settings_)) continue;
            edge.meetings_begin = begin;
            edge.meetings_end = begin + rows.size();
            out.edges.push_back(edge);
            any = true;
        }
        if (!any) out.meetings.resize(begin);
    }

    // in_parallel(), telling the work which thread it is on.
    Status by_thread(std::size_t count, const std::function<Status(std::size_t, std::size_t)>& work) {
        std::atomic<std::size_t> next{0};
        return in_parallel(settings_.threads, settings_.threads, [&](std::size_t thread) -> Status {
            for (std::size_t i; (i = next++) < count;) TRY(work(thread, i));
            return {};
        });
    }

    Layer layer_;
    Spool<Share>& shares_;
    std::uint32_t accounts_;
    const EdgeSettings& settings_;
    Budget& budget_;
    std::uint32_t widest_;
    std::vector<Totals> totals_;
    PairSet candidates_;
    std::vector<char> in_edge_;
    std::unique_ptr<Spool<PairMeeting>> meetings_;
    std::shared_ptr<TraceSpool> traces_;
};

void sort_traces(std::vector<Trace>& traces) {
    std::sort(traces.begin(), traces.end(), [](const Trace& x, const Trace& y) {
        return std::tie(x.account, x.object, x.time, x.place) <
               std::tie(y.account, y.object, y.time, y.place);
    });
}

}  // namespace

TraceSpool::TraceSpool(const std::vector<std::uint64_t>& weights, std::size_t writers, Budget& budget)
    : rows_(kPartitions, writers, budget), counts_(writers) {
    const auto all = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += weights[i];
        while (ends_.size() + 1 < kPartitions &&
               double(sum) * kPartitions >= double(all) * double(ends_.size() + 1))
            ends_.push_back(static_cast<std::uint32_t>(i + 1));
    }
    ends_.resize(kPartitions, static_cast<std::uint32_t>(weights.size()));
}

Status TraceSpool::add(std::size_t writer, const Trace& trace) {
    const auto partition = partition_of(trace.account);
    ++counts_[writer][partition];
    return rows_.writer(writer).add(partition, trace);
}

Status TraceSpool::finish() { return rows_.finish(); }

std::size_t TraceSpool::size(std::size_t partition) const {
    std::size_t sum = 0;
    for (const auto& counts : counts_) sum += counts[partition];
    return sum;
}

std::size_t TraceSpool::size() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < kPartitions; ++i) sum += size(i);
    return sum;
}

std::size_t TraceSpool::partition_of(std::uint32_t account) const {
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end() - 1, account) -
                                    ends_.begin());
}

Result<std::vector<Trace>> TraceSpool::read(std::size_t partition,
                                            const std::function<bool(std::uint32_t)>& wanted) const {
    auto out = TRY(rows_.read(partition));
    std::erase_if(out, [&](const Trace& trace) { return !wanted(trace.account); });
    out.shrink_to_fit();
    sort_traces(out);
    return out;
}

Result<std::vector<Trace>> TraceSpool::take(std::size_t partition) {
    auto out = TRY(rows_.take(partition));
    sort_traces(out);
    return out;
}

bool measure(std::span<const Meeting> meetings, Edge& edge, const EdgeSettings& settings) {
    std::vector<std::uint64_t> hours;
    std::vector<Place> posts_a, posts_b;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> objects;
    std::vector<double> deltas;
    edge.first = std::numeric_limits<Seconds>::max();
    edge.last = 0;
    double sum = 0;
    for (const auto& meeting : meetings) {
        const auto apart = static_cast<std::uint32_t>(std::abs(meeting.delta));
        if (apart > edge.window) continue;
        const auto time_b = static_cast<Seconds>(std::int64_t{meeting.time_a} + meeting.delta);
        objects.emplace_back(meeting.object, meeting.accounts);
        posts_a.push_back(meeting.place_a);
        posts_b.push_back(meeting.place_b);
        deltas.push_back(apart);
        hours.push_back(std::min(meeting.time_a, time_b) / 3600);
        edge.first = std::min({edge.first, meeting.time_a, time_b});
        edge.last = std::max({edge.last, meeting.time_a, time_b});
        sum += apart;
    }
    const auto distinct = [](auto& values) {
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        return static_cast<std::uint32_t>(values.size());
    };
    edge.objects = distinct(objects);
    if (objects.empty() || edge.objects < settings.fewest_objects) return false;
    edge.mean_delta = sum / double(deltas.size());
    std::sort(deltas.begin(), deltas.end());
    edge.median_delta = (deltas[(deltas.size() - 1) / 2] + deltas[deltas.size() / 2]) / 2;
    edge.rare_weight = 0;
    for (const auto& [object, accounts] : objects) edge.rare_weight += 1 / std::log2(1.0 + accounts);
    edge.posts_a = distinct(posts_a);
    edge.posts_b = distinct(posts_b);
    edge.occasions = distinct(hours);
    return true;
}

Result<LayerEdges> find_edges(Layer layer, Spool<Share>& shares, std::uint32_t accounts,
                              const EdgeSettings& settings, Budget& budget) {
    return Finder(layer, shares, accounts, settings, budget).run();
}

}  // namespace contrechamp::coordination
