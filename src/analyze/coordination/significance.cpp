#include "analyze/coordination/significance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "analyze/coordination/tails.h"

namespace contrechamp::coordination {
namespace {

constexpr double kHalfHour = 1800, kDay = 86400;
constexpr double kHalfSecond = 0.5;  // clocks give whole seconds: 0 apart is up to half a one
constexpr double kPrior = 20;        // κ: how many posts by others the shift null is worth
// Company: met in 3 objects, and in half as many as the pair.
constexpr std::uint32_t kFewestTogether = 3, kPart = 2;
// Where more of the active accounts than this would be company they are regulars: nobody is left to be the
// crowd, so they are. A crowd of regulars is never taken to be surer than this.
constexpr double kRegulars = 0.2, kSureCrowd = 0.5;
constexpr double kUnlikely = 0.05;      // no q that counts comes of a larger p
constexpr std::size_t kMostPosts = 64;  // of one account on one object; more is as good as always

// One account's posts of one object.
using Posts = std::span<const Trace>;

// For each post, in how many objects each account that met it by that post met its account: so many posts of
// the crowd around it are by company rather than by strangers. One window.
class Company {
  public:
    Company(const LayerEdges& layer, std::span<const Trace> traces, const std::vector<std::size_t>& starts,
            std::uint32_t window) {
        std::vector<std::pair<std::size_t, std::uint32_t>> met;  // trace, objects
        const auto add = [&](std::uint32_t account, std::uint64_t object, Place place,
                             std::uint32_t objects) {
            const auto end = traces.begin() + static_cast<std::ptrdiff_t>(starts[account + 1]);
            auto it = std::lower_bound(traces.begin() + static_cast<std::ptrdiff_t>(starts[account]), end,
                                       object, [](const Trace& t, std::uint64_t o) { return t.object < o; });
            while (it != end && it->object == object && it->place != place) ++it;
            if (it == end || it->object != object) return;
            met.emplace_back(static_cast<std::size_t>(it - traces.begin()), objects);
        };
        const auto absent = [&](std::uint32_t account) { return starts[account] == starts[account + 1]; };
        for (const auto& edge : layer.edges) {
            if (edge.window != window || (absent(edge.a) && absent(edge.b))) continue;
            for (auto m = edge.meetings_begin; m < edge.meetings_end; ++m) {
                const auto& meeting = layer.meetings[m];
                if (static_cast<std::uint32_t>(std::abs(meeting.delta)) > window) continue;
                add(edge.a, meeting.object, meeting.place_a, edge.objects);
                add(edge.b, meeting.object, meeting.place_b, edge.objects);
            }
        }
        std::sort(met.begin(), met.end());
        begins_.assign(traces.size() + 1, 0);
        for (const auto& [trace, objects] : met) {
            ++begins_[trace + 1];
            objects_.push_back(objects);
        }
        for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    }
    // Posts around that of `trace` by accounts that its account met in at least so many objects.
    double count(std::size_t trace, std::uint32_t at_least) const {
        const auto begin = objects_.begin() + static_cast<std::ptrdiff_t>(begins_[trace]),
                   end = objects_.begin() + static_cast<std::ptrdiff_t>(begins_[trace + 1]);
        return double(end - std::lower_bound(begin, end, at_least));
    }

  private:
    std::vector<std::size_t> begins_;
    std::vector<std::uint32_t> objects_;  // of each trace, ascending
};

// In how many objects each account met each that it met. One window.
class Acquaintances {
  public:
    Acquaintances(const LayerEdges& layer, std::uint32_t window) : begins_(layer.objects_of.size() + 1, 0) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> met;  // account, objects
        for (const auto& edge : layer.edges) {
            if (edge.window != window) continue;
            met.insert(met.end(), {{edge.a, edge.objects}, {edge.b, edge.objects}});
        }
        std::sort(met.begin(), met.end());
        for (const auto& [account, objects] : met) {
            ++begins_[account + 1];
            objects_.push_back(objects);
        }
        for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    }
    // Accounts that this one met in at least so many objects.
    std::size_t count(std::uint32_t account, std::uint32_t at_least) const {
        const auto begin = objects_.begin() + static_cast<std::ptrdiff_t>(begins_[account]),
                   end = objects_.begin() + static_cast<std::ptrdiff_t>(begins_[account + 1]);
        return static_cast<std::size_t>(end - std::lower_bound(begin, end, at_least));
    }

  private:
    std::vector<std::size_t> begins_;
    std::vector<std::uint32_t> objects_;  // of each account's edges, ascending
};

struct Occasion {
    std::uint32_t hour = 0;
    double chance = 0;
    bool met = false;
};

// What is the same whichever traces are at hand.
struct Whole {
    Whole(const LayerEdges& found, const SignificanceSettings& asked)
        : layer(found),
          settings(asked),
          active(double(std::count_if(found.objects_of.begin(), found.objects_of.end(),
                                      [](auto objects) { return objects > 0; }))) {
        if (asked.null == Null::shift && asked.crowd)
            for (const auto window : asked.windows) acquaintances.emplace_back(found, window);
    }
    const LayerEdges& layer;
    const SignificanceSettings& settings;
    double active;                             // accounts that do this at all
    std::vector<Acquaintances> acquaintances;  // per window; none when the crowd does not count
};

// Judges edges of the accounts whose traces it is given: all of theirs, by (account, object, time).
class Judge {
  public:
    Judge(const Whole& whole, std::span<const Trace> traces)
        : layer_(whole.layer), settings_(whole.settings), whole_(whole), traces_(traces) {
        starts_.assign(layer_.objects_of.size() + 1, 0);
        for (const auto& trace : traces) ++starts_[trace.account + 1];
        for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
        for (std::size_t w = 0; w < whole.acquaintances.size(); ++w)
            company_.emplace_back(layer_, traces, starts_, settings_.windows[w]);
    }

    void judge(Edge& edge) const {
        const auto window = static_cast<std::size_t>(
            std::find(settings_.windows.begin(), settings_.windows.end(), edge.window) -
            settings_.windows.begin());
        std::vector<Occasion> occasions;
        if (settings_.null == Null::shift)
            each_shared(edge, [&](Posts a, Posts b) { occasions.push_back(shifted(edge, a, b, window)); });
        else by_degree(edge, window, occasions);
        const auto [chances, met] = merge(occasions);
        edge.expected = 0;
        for (const double chance : chances) edge.expected += chance;
        edge.p = poisson_binomial_tail(chances, met);
        if (!settings_.activity || company_.empty() || edge.p > kUnlikely) return;
        by_activity(edge, window, occasions);
        const auto [by_chance, met_again] = merge(occasions);
        edge.p = std::max(edge.p, poisson_binomial_tail(by_chance, met_again));
    }

  private:
    Posts posts_of(std::uint32_t account) const {
        return traces_.subspan(starts_[account], starts_[account + 1] - starts_[account]);
    }

    static std::size_t same_object(Posts posts) {
        std::size_t count = 1;
        while (count < posts.size() && posts[count].object == posts[0].object) ++count;
        return count;
    }

    // Objects that both accounts shared at any time. The longer list is searched, the shorter walked.
    template <class Visit>
    void each_shared(const Edge& edge, const Visit& visit) const {
        auto a = posts_of(edge.a), b = posts_of(edge.b);
        const bool swap = a.size() > b.size();
        if (swap) std::swap(a, b);
        while (!a.empty() && !b.empty()) {
            const auto count = same_object(a);
            const auto object = a[0].object;
            b = b.subspan(static_cast<std::size_t>(
                std::partition_point(b.begin(), b.end(), [&](const Trace& t) { return t.object < object; }) -
                b.begin()));
            if (!b.empty() && b[0].object == object) {
                const auto other = b.first(same_object(b));
                if (swap) visit(other, a.first(count));
                else visit(a.first(count), other);
            }
            a = a.subspan(count);
        }
    }

    double shift_chance(double lag, double window) const {
        const double reach = window + kHalfSecond;
        const double widest = reach + kHalfHour;
        double sum = 0;
        for (double day = std::ceil((lag - widest) / kDay); day * kDay <= lag + widest; ++day) {
            const double rest = lag - day * kDay;
            const double low = std::max(-rest - reach, -kHalfHour), high = std::min(-rest + reach, kHalfHour);
            sum += std::max(0.0, high - low);
        }
        return std::min(1.0, sum / (2 * kHalfHour) / settings_.days);
    }

    // One object that both shared: the chance that they would meet over it, and whether they did.
    Occasion shifted(const Edge& edge, Posts a, Posts b, std::size_t w) const {
        const double window = settings_.windows[w];
        Occasion out;
        out.hour = a[0].time / 3600;
        Seconds met_at = std::numeric_limits<Seconds>::max();
        double shift = 0, missed_crowd = 1;
        const double others = std::max(0.0, double(a[0].posts) - double(a.size()) - double(b.size()));
        const auto many = a.size() > kMostPosts || b.size() > kMostPosts;
        for (const auto& post : a.first(std::min(a.size(), kMostPosts))) {
            double own = 0;
            for (const auto& mine : a) own += &mine != &post && within(mine.time, post.time, window);
            double chance = 0, met_b = 0;
            for (const auto& theirs : b) {
                chance += shift_chance(double(theirs.time) - double(post.time), window);
                if (!within(theirs.time, post.time, window)) continue;
                ++own;
                ++met_b;
                met_at = std::min({met_at, theirs.time, post.time});
            }
            shift += chance;
            if (company_.empty()) continue;
            const auto company = company_of(edge, post, w, met_b);
            const double left_out = company.value_or(0);
            const double near = std::max(0.0, double(post.near[w]) - own - left_out);
            const double strangers = std::max(near, others - left_out);
            const double crowd = (near + kPrior * std::min(1.0, chance)) / (strangers + kPrior);
            missed_crowd *= 1 - (company ? crowd : std::min(crowd, kSureCrowd));
        }
        out.met = met_at != std::numeric_limits<Seconds>::max();
        if (out.met) out.hour = met_at / 3600;
        out.chance = std::min(1.0, shift);
        if (settings_.crowd) out.chance = std::max(out.chance, 1 - missed_crowd);
        if (many) out.chance = 1;
        return out;
    }

    static bool within(Seconds x, Seconds y, double window) {
        return std::abs(double(x) - double(y)) <= window;
    }

    // Posts around this one by company, without `counted` ones by the other account of the edge. None: these
    // are regulars.
    std::optional<double> company_of(const Edge& edge, const Trace& post, std::size_t w,
                                     double counted) const {
        const auto at_least = std::max(kFewestTogether, edge.objects / kPart);
        if (double(whole_.acquaintances[w].count(post.account, at_least)) > kRegulars * whole_.active)
            return std::nullopt;
        const double posts = company_[w].count(static_cast<std::size_t>(&post - traces_.data()), at_least);
        return std::max(0.0, posts - (edge.objects >= at_least ? counted : 0));
    }

    // Who shares much shares what goes round, and at the time when it does: every object of the one is an
    // occasion for the other, more so the more strangers share it.
    void by_activity(const Edge& edge, std::size_t w, std::vector<Occasion>& out) const {
        std::vector<Occasion> met;
        each_shared(edge, [&](Posts a, Posts b) {
            auto occasion = shifted(edge, a, b, w);
            occasion.chance = 0;
            if (occasion.met) met.push_back(occasion);
        });
        const auto side = [&](std::uint32_t from, std::uint32_t to) {
            const double share = double(layer_.objects_of[to]) / std::max<double>(1, double(layer_.shares));
            std::vector<Occasion> occasions;
            const auto posts = posts_of(from);
            for (const auto& post : posts) {
                const double company = company_of(edge, post, w, 0).value_or(0);
                const double others = std::max(0.0, double(post.posts) - 1 - company);
                const double near = std::min(others, std::max(0.0, double(post.near[w]) - company));
                const double z = share * (others + 1);
                occasions.push_back({post.time / 3600, z / (1 + z) * (near + 1) / (others + 1), false});
            }
            return occasions;
        };
        out = likelier(side(edge.a, edge.b), side(edge.b, edge.a));
        out.insert(out.end(), met.begin(), met.end());
    }

    // The degree null: every object of either account is an occasion on which the other may be there.
    void by_degree(const Edge& edge, std::size_t w, std::vector<Occasion>& out) const {
        std::vector<Occasion> met;
        each_shared(edge, [&](Posts a, Posts b) { met.push_back(shifted(edge, a, b, w)); });
        const auto side = [&](std::uint32_t from, std::uint32_t to) {
            const double degree = double(layer_.objects_of[to]) / std::max<double>(1, double(layer_.shares));
            std::vector<Occasion> occasions;
            for (const auto& post : posts_of(from)) {
                const double z = degree * post.posts;
                const double near = double(post.near[w]) / std::max(1.0, double(post.posts) - 1);
                occasions.push_back({post.time / 3600, z / (1 + z) * near, false});
            }
            return occasions;
        };
        out = likelier(side(edge.a, edge.b), side(edge.b, edge.a));
        for (auto& occasion : met)
            if (occasion.met) out.push_back({occasion.hour, 0, true});
    }

    static std::vector<Occasion> likelier(std::vector<Occasion> x, std::vector<Occasion> y) {
        const auto sum = [](const std::vector<Occasion>& list) {
            double total = 0;
            for (const auto& occasion : list) total += occasion.chance;
            return total;
        };
        return sum(x) >= sum(y) ? x : y;
    }

    // Occasions by the hour: their chances, and how many were met.
    static std::pair<std::vector<double>, std::uint64_t> merge(std::vector<Occasion>& occasions) {
        std::sort(occasions.begin(), occasions.end(), [](const Occasion& x, const Occasion& y) {
            return std::tie(x.hour, x.chance, x.met) < std::tie(y.hour, y.chance, y.met);
        });
        std::vector<double> chances;
        std::uint64_t met = 0;
        for (std::size_t i = 0; i < occasions.size();) {
            double missed = 1;
            bool any = false;
            const auto hour = occasions[i].hour;
            for (; i < occasions.size() && occasions[i].hour == hour; ++i) {
                missed *= 1 - occasions[i].chance;
                any |= occasions[i].met;
            }
            chances.push_back(1 - missed);
            met += any;
        }
        return {std::move(chances), met};
    }

    const LayerEdges& layer_;
    const SignificanceSettings& settings_;
    const Whole& whole_;
    std::span<const Trace> traces_;
    std::vector<std::size_t> starts_;  // per account: where its traces begin
    std::vector<Company> company_;     // per window
};

// `edge_at(i)` for 0 ≤ i < count, on several threads.
template <class EdgeAt>
Status judge_each(const Judge& judge, std::size_t count, unsigned threads, const EdgeAt& edge_at) {
    constexpr std::size_t kBatch = 256;
    return in_parallel((count + kBatch - 1) / kBatch, threads, [&](std::size_t batch) -> Status {
        for (std::size_t i = batch * kBatch; i < std::min(count, (batch + 1) * kBatch); ++i)
            judge.judge(edge_at(i));
        return {};
    });
}

// Blocks of accounts, two of which fit into memory together.
class Blocks {
  public:
    Blocks(const TraceSpool& spooled, const SignificanceSettings& settings) : spooled_(spooled) {
        const auto each = sizeof(Trace) + settings.windows.size() * sizeof(std::size_t);  // with its Company
        const auto most = settings.most_traces / 2 / each;
        std::size_t filled = 0;
        for (std::size_t i = 0; i < TraceSpool::kPartitions; ++i) {
            if (i > 0 && filled + spooled.size(i) > most) {
                ++last_;
                filled = 0;
            }
            filled += spooled.size(i);
            block_[i] = last_;
        }
    }
    std::uint32_t of(std::uint32_t account) const { return block_[spooled_.partition_of(account)]; }
    // Puts the traces of a block's wanted accounts behind those that are there.
    Status append(std::uint32_t block, const std::function<bool(std::uint32_t)>& wanted,
                  std::vector<Trace>& into) const {
        for (std::size_t i = 0; i < TraceSpool::kPartitions; ++i) {
            if (block_[i] != block) continue;
            const auto some = TRY(spooled_.read(i, wanted));
            into.insert(into.end(), some.begin(), some.end());
        }
        return {};
    }

  private:
    const TraceSpool& spooled_;
    std::array<std::uint32_t, TraceSpool::kPartitions> block_{};  // of each partition, ascending
    std::uint32_t last_ = 0;
};

// An edge, and the blocks of its accounts.
struct Placed {
    std::uint32_t a = 0, b = 0;
    std::size_t edge = 0;
    auto key() const { return std::tie(a, b, edge); }
};

Status judge_by_blocks(LayerEdges& layer, const Whole& whole) {
    const Blocks blocks(*layer.spooled, whole.settings);
    std::vector<Placed> placed;
    for (std::size_t i = 0; i < layer.edges.size(); ++i)
        placed.push_back({blocks.of(layer.edges[i].a), blocks.of(layer.edges[i].b), i});
    std::sort(placed.begin(), placed.end(),
              [](const Placed& x, const Placed& y) { return x.key() < y.key(); });
    std::vector<Trace> traces;  // of block a, then of those in block b that have an edge to it
    std::size_t own = 0;
    for (std::size_t i = 0; i < placed.size();) {
        const auto [a, b, first] = placed[i];
        if (i == 0 || placed[i - 1].a != a) {
            traces.clear();
            TRY(blocks.append(
                a, [](std::uint32_t) { return true; }, traces));
            own = traces.size();
        }
        std::size_t end = i;
        std::vector<std::uint32_t> others;
        for (; end < placed.size() && placed[end].a == a && placed[end].b == b; ++end)
            others.push_back(layer.edges[placed[end].edge].b);
        std::sort(others.begin(), others.end());
        traces.resize(own);
        const auto wanted = [&](std::uint32_t account) {
            return std::binary_search(others.begin(), others.end(), account);
        };
        if (b != a) TRY(blocks.append(b, wanted, traces));
        const Judge judge(whole, traces);
        TRY(judge_each(judge, end - i, whole.settings.threads,
                       [&](std::size_t k) -> Edge& { return layer.edges[placed[i + k].edge]; }));
        i = end;
    }
    return {};
}

// Benjamini and Hochberg's q, with joins for discoveries.
std::vector<double> by_joins(const std::vector<const Edge*>& edges, double tests) {
    std::vector<std::size_t> order(edges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t x, std::size_t y) { return edges[x]->p < edges[y]->p; });
    std::unordered_map<std::uint32_t, std::uint32_t> parents;
    const auto root = [&](std::uint32_t account) {
        while (true) {
            const auto parent = parents.try_emplace(account, account).first->second;
            if (parent == account) return account;
            const auto above = parents.at(parent);
            parents[account] = above;
            account = above;
        }
    };
    std::vector<double> out(edges.size());
    double joins = 0;
    for (const auto i : order) {
        const auto a = root(edges[i]->a), b = root(edges[i]->b);
        if (a != b) {
            parents[b] = a;
            ++joins;
        }
        out[i] = joins;  // so many by this p
    }
    double least = 1;
    for (auto i = order.rbegin(); i != order.rend(); ++i)
        out[*i] = least = std::min(least, edges[*i]->p * tests / out[*i]);
    return out;
}

}  // namespace

Status judge(LayerEdges& layer, const SignificanceSettings& settings) {
    const Whole whole(layer, settings);
    if (layer.spooled) {
        TRY(judge_by_blocks(layer, whole));
    } else {
        const Judge judge(whole, layer.traces);
        TRY(judge_each(judge, layer.edges.size(), settings.threads,
                       [&](std::size_t i) -> Edge& { return layer.edges[i]; }));
    }
    for (const auto window : settings.windows) {
        std::vector<const Edge*> edges;
        for (const auto& edge : layer.edges)
            if (edge.window == window) edges.push_back(&edge);
        const auto q = by_joins(edges, std::max(layer.compared, double(edges.size())));
        std::size_t next = 0;
        for (auto& edge : layer.edges)
            if (edge.window == window) edge.q = q[next++];
    }
    return {};
}

}  // namespace contrechamp::coordination
