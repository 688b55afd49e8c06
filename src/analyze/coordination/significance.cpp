#include "analyze/coordination/significance.h"

#include <algorithm>
#include <cmath>

#include "analyze/coordination/tails.h"

namespace contrechamp::coordination {
namespace {

constexpr double kHalfHour = 1800, kDay = 86400;
constexpr double kHalfSecond = 0.5;     // clocks give whole seconds: 0 apart is up to half a one
constexpr double kPrior = 20;           // κ: how many posts by others the shift null is worth
constexpr std::size_t kMostPosts = 64;  // of one account on one object; more is as good as always

// One account's posts of one object.
using Posts = std::span<const Trace>;

struct Occasion {
    std::uint32_t hour = 0;
    double chance = 0;
    bool met = false;
};

class Judge {
  public:
    Judge(LayerEdges& layer, const SignificanceSettings& settings) : layer_(layer), settings_(settings) {
        starts_.assign(layer.objects_of.size() + 1, 0);
        for (const auto& trace : layer.traces) ++starts_[trace.account + 1];
        for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    }

    void judge(Edge& edge) const {
        const auto window = static_cast<std::size_t>(
            std::find(settings_.windows.begin(), settings_.windows.end(), edge.window) -
            settings_.windows.begin());
        std::vector<Occasion> occasions;
        if (settings_.null == Null::shift)
            each_shared(edge, [&](Posts a, Posts b) { occasions.push_back(shifted(a, b, window)); });
        else by_degree(edge, window, occasions);
        const auto [chances, met] = merge(occasions);
        edge.expected = 0;
        for (const double chance : chances) edge.expected += chance;
        edge.p = poisson_binomial_tail(chances, met);
    }

  private:
    Posts posts_of(std::uint32_t account) const {
        return Posts(layer_.traces).subspan(starts_[account], starts_[account + 1] - starts_[account]);
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
    Occasion shifted(Posts a, Posts b, std::size_t w) const {
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
            double chance = 0;
            for (const auto& theirs : b) {
                chance += shift_chance(double(theirs.time) - double(post.time), window);
                if (!within(theirs.time, post.time, window)) continue;
                ++own;
                met_at = std::min({met_at, theirs.time, post.time});
            }
            shift += chance;
            const double near = std::max(0.0, double(post.near[w]) - own);
            const double crowd = (near + kPrior * std::min(1.0, chance)) / (others + kPrior);
            missed_crowd *= 1 - std::min(crowd, layer_.crowding[w]);
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

    // The degree null: every object of either account is an occasion on which the other may be there.
    void by_degree(const Edge& edge, std::size_t w, std::vector<Occasion>& out) const {
        std::vector<Occasion> met;
        each_shared(edge, [&](Posts a, Posts b) { met.push_back(shifted(a, b, w)); });
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
        auto from_a = side(edge.a, edge.b), from_b = side(edge.b, edge.a);
        const auto sum = [](const std::vector<Occasion>& list) {
            double total = 0;
            for (const auto& occasion : list) total += occasion.chance;
            return total;
        };
        out = sum(from_a) >= sum(from_b) ? std::move(from_a) : std::move(from_b);
        for (auto& occasion : met)
            if (occasion.met) out.push_back({occasion.hour, 0, true});
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

    LayerEdges& layer_;
    const SignificanceSettings& settings_;
    std::vector<std::size_t> starts_;
};

}  // namespace

Status judge(LayerEdges& layer, const SignificanceSettings& settings) {
    const Judge judge(layer, settings);
    constexpr std::size_t kBatch = 256;
    TRY(in_parallel((layer.edges.size() + kBatch - 1) / kBatch, settings.threads,
                    [&](std::size_t batch) -> Status {
                        const auto end = std::min(layer.edges.size(), (batch + 1) * kBatch);
                        for (std::size_t i = batch * kBatch; i < end; ++i) judge.judge(layer.edges[i]);
                        return {};
                    }));
    for (const auto window : settings.windows) {
        std::vector<double> p;
        for (const auto& edge : layer.edges)
            if (edge.window == window) p.push_back(edge.p);
        const auto q = benjamini_hochberg(p, std::max(layer.compared, double(p.size())));
        std::size_t next = 0;
        for (auto& edge : layer.edges)
            if (edge.window == window) edge.q = q[next++];
    }
    return {};
}

}  // namespace contrechamp::coordination
