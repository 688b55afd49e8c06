#include "analyze/coordination/groups.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "analyze/coordination/tails.h"

namespace contrechamp::coordination {
namespace {

// Attention alone ties everybody who follows the same accounts; it may join what other behaviours have tied.
constexpr double kAttentionWeight = 0.25;
// Fewer accounts that only repeat, answer and name alike are friends, or follow the same person.
constexpr std::size_t kFewestAttentive = 3;
// Messages compared for templates, of one community and of all others together.
constexpr std::size_t kMostMessages = 5000;

constexpr std::size_t at(Layer layer) { return static_cast<std::size_t>(layer); }

struct Tie {
    std::uint32_t a = 0, b = 0;
    Family family = Family::words;
    auto key() const { return std::tie(a, b, family); }
};

std::vector<Tie> significant_ties(const Analysis& analysis, double alpha) {
    std::vector<Tie> out;
    for (const auto layer : kLayers) {
        const auto& found = analysis.layers[at(layer)];
        if (!found) continue;
        for (const auto& edge : found->edges)
            if (edge.q <= alpha) out.push_back({edge.a, edge.b, family_of(layer)});
    }
    std::sort(out.begin(), out.end(), [](const Tie& x, const Tie& y) { return x.key() < y.key(); });
    out.erase(
        std::unique(out.begin(), out.end(), [](const Tie& x, const Tie& y) { return x.key() == y.key(); }),
        out.end());
    return out;
}

// Accounts of the graph, then one vertex more for each template, tied to its members: a clique would be
// quadratic.
class Graph {
  public:
    Graph(const Analysis& analysis, double alpha) {
        const auto ties = significant_ties(analysis, alpha);
        for (const auto& tie : ties) accounts_.insert(accounts_.end(), {tie.a, tie.b});
        for (const auto& found : analysis.templates)
            accounts_.insert(accounts_.end(), found.accounts.begin(), found.accounts.end());
        std::sort(accounts_.begin(), accounts_.end());
        accounts_.erase(std::unique(accounts_.begin(), accounts_.end()), accounts_.end());
        for (std::size_t i = 0; i < ties.size();) {
            double weight = 0;
            std::size_t j = i;
            for (; j < ties.size() && ties[j].a == ties[i].a && ties[j].b == ties[i].b; ++j)
                weight += ties[j].family == Family::attention ? kAttentionWeight : 1;
            edges_.push_back({vertex(ties[i].a), vertex(ties[i].b), weight});
            i = j;
        }
        vertices_ = static_cast<std::uint32_t>(accounts_.size());
        for (const auto& found : analysis.templates) {
            for (const auto account : found.accounts) edges_.push_back({vertex(account), vertices_, 1});
            ++vertices_;
        }
    }
    std::uint32_t vertices() const { return vertices_; }
    std::span<const GraphEdge> edges() const { return edges_; }
    // Vertices to accounts; those of templates are left out.
    std::vector<std::uint32_t> accounts(const std::vector<std::uint32_t>& members) const {
        std::vector<std::uint32_t> out;
        for (const auto member : members)
            if (member < accounts_.size()) out.push_back(accounts_[member]);
        return out;
    }

  private:
    std::uint32_t vertex(std::uint32_t account) const {
        return static_cast<std::uint32_t>(std::lower_bound(accounts_.begin(), accounts_.end(), account) -
                                          accounts_.begin());
    }
    std::vector<std::uint32_t> accounts_;
    std::vector<GraphEdge> edges_;
    std::uint32_t vertices_ = 0;
};

template <class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool holds(const std::vector<std::uint32_t>& sorted, std::uint32_t value) {
    return std::binary_search(sorted.begin(), sorted.end(), value);
}

// Posts, accounts and objects of what is shown.
void sum_up(Behaviour& behaviour) {
    std::sort(behaviour.shown.begin(), behaviour.shown.end(), [](const Shown& x, const Shown& y) {
        return std::tie(x.meeting.object, x.meeting.time_a, x.a, x.b, x.meeting.place_a, x.meeting.place_b) <
               std::tie(y.meeting.object, y.meeting.time_a, y.a, y.b, y.meeting.place_a, y.meeting.place_b);
    });
    std::vector<std::uint64_t> objects;
    for (const auto& shown : behaviour.shown) {
        behaviour.accounts.insert(behaviour.accounts.end(), {shown.a, shown.b});
        behaviour.posts.insert(behaviour.posts.end(), {shown.meeting.place_a, shown.meeting.place_b});
        objects.push_back(shown.meeting.object);
    }
    sort_unique(behaviour.accounts);
    sort_unique(behaviour.posts);
    sort_unique(objects);
    behaviour.objects = objects.size();
    std::sort(behaviour.windows.begin(), behaviour.windows.end());
    behaviour.windows.erase(std::unique(behaviour.windows.begin(), behaviour.windows.end()),
                            behaviour.windows.end());
}

// What the community's own significant edges of a layer show, each over its widest significant window.
std::optional<Behaviour> within_windows(const LayerEdges& found, Layer layer,
                                        const std::vector<std::uint32_t>& members, double alpha) {
    Behaviour out;
    out.layer = layer;
    out.family = family_of(layer);
    for (auto edge = found.edges.begin(); edge != found.edges.end();) {
        const Edge* widest = nullptr;
        const auto a = edge->a, b = edge->b;
        const bool inside = holds(members, a) && holds(members, b);
        for (; edge != found.edges.end() && edge->a == a && edge->b == b; ++edge) {
            if (!inside || edge->q > alpha) continue;
            widest = &*edge;
            out.windows.push_back(edge->window);
            out.largest_q = std::max(out.largest_q, edge->q);
        }
        if (!widest) continue;
        ++out.edges;
        for (auto i = widest->meetings_begin; i < widest->meetings_end; ++i)
            if (static_cast<std::uint32_t>(std::abs(found.meetings[i].delta)) <= widest->window)
                out.shown.push_back({a, b, widest->window, found.meetings[i]});
    }
    if (out.shown.empty()) return std::nullopt;
    sum_up(out);
    return out;
}

// Objects that most of the community shared at any time and hardly anybody else did. For each object that
// half of the members shared: with r the share of the other active accounts that did (one added to both
// sides), a member would by itself with probability max(r, z/(1+z)), z = k·n/M (k: objects the member shared,
// n: accounts beside the community that shared this one, one added, M: all of both), since whoever shares
// much shares what goes round. The upper tail of the Poisson binomial distribution, times the objects that
// could have been found and the `tests` made of every object.
std::optional<Behaviour> at_any_time(const LayerEdges& found, Layer layer,
                                     const std::vector<std::uint32_t>& members, double alpha, double tests) {
    if (members.size() < kFewestAttentive) return std::nullopt;
    std::vector<Trace> traces;
    std::vector<double> shared;  // objects of each active member
    for (const auto member : members) {
        if (found.objects_of[member] > 0) shared.push_back(found.objects_of[member]);
        const auto range =
            std::equal_range(found.traces.begin(), found.traces.end(), Trace{0, 0, member},
                             [](const Trace& x, const Trace& y) { return x.account < y.account; });
        traces.insert(traces.end(), range.first, range.second);
    }
    const auto all = static_cast<std::size_t>(std::count_if(found.objects_of.begin(), found.objects_of.end(),
                                                            [](auto objects) { return objects > 0; }));
    const double sum = std::accumulate(found.objects_of.begin(), found.objects_of.end(), 0.0);
    std::sort(traces.begin(), traces.end(), [](const Trace& x, const Trace& y) {
        return std::tie(x.object, x.time, x.place) < std::tie(y.object, y.time, y.place);
    });
    Behaviour out;
    out.layer = layer;
    out.family = family_of(layer);
    for (std::size_t i = 0; i < traces.size();) {
        std::size_t j = i;
        std::set<std::uint32_t> who;
        for (; j < traces.size() && traces[j].object == traces[i].object; ++j) who.insert(traces[j].account);
        const auto posts = std::span(traces).subspan(i, j - i);
        i = j;
        if (who.size() < std::max(kFewestAttentive, (members.size() + 1) / 2)) continue;
        const double others = double(posts[0].accounts) - double(who.size());
        const double rate = (others + 1) / (double(all) - double(shared.size()) + 1);
        if (rate >= 1) continue;
        std::vector<double> chances;
        for (const double objects : shared) {
            const double z = objects * (others + 1) / sum;
            chances.push_back(std::max(rate, z / (1 + z)));
        }
        const double p = poisson_binomial_tail(chances, who.size()) * double(found.shared_objects) * tests;
        if (p > alpha) continue;
        out.largest_q = std::max(out.largest_q, p);
        // Each post with the one before it by another member.
        for (std::size_t k = 1; k < posts.size(); ++k) {
            auto x = posts[k - 1], y = posts[k];
            if (x.account == y.account) continue;
            if (x.account > y.account) std::swap(x, y);
            out.shown.push_back({x.account,
                                 y.account,
                                 0,
                                 {x.object, x.place, y.place, x.time,
                                  static_cast<std::int32_t>(std::int64_t{y.time} - std::int64_t{x.time}),
                                  posts[0].accounts, 0}});
        }
    }
    if (out.shown.empty()) return std::nullopt;
    sum_up(out);
    out.edges = 0;
    return out;
}

// Two accounts by themselves are one edge for which no other vouches: among so many pairs, each must be sure
// by itself (Bonferroni).
bool sure_alone(const Analysis& analysis, const std::vector<std::uint32_t>& members, double alpha) {
    for (const auto& layer : analysis.layers) {
        if (!layer) continue;
        const auto first = std::lower_bound(layer->edges.begin(), layer->edges.end(), members,
                                            [](const Edge& edge, const std::vector<std::uint32_t>& pair) {
                                                return std::tie(edge.a, edge.b) < std::tie(pair[0], pair[1]);
                                            });
        for (auto edge = first; edge != layer->edges.end() && edge->a == members[0] && edge->b == members[1];
             ++edge)
            if (edge->p * layer->compared * double(kLayerCount) <= alpha) return true;
    }
    return false;
}

std::optional<Behaviour> by_template(const FoundTemplate& found, std::size_t number,
                                     const std::vector<std::uint32_t>& members) {
    Behaviour out;
    out.text_template = number;
    out.family = found.of == TemplateOf::text ? Family::words : Family::profiles;
    for (std::size_t i = 0; i < found.accounts.size(); ++i) {
        if (!holds(members, found.accounts[i])) continue;
        out.accounts.push_back(found.accounts[i]);
        if (found.of == TemplateOf::text) out.posts.push_back(found.places[i]);
    }
    sort_unique(out.accounts);
    sort_unique(out.posts);
    if (out.accounts.size() < 2) return std::nullopt;
    out.objects = 1;
    out.largest_q = std::pow(10, found.shape.log10_p);
    return out;
}

// The words of posts that the accounts wrote themselves, at most `most`, evenly over time.
struct Messages {
    std::vector<std::string> texts;
    std::vector<std::uint32_t> accounts;
    std::vector<Place> places;
    std::uint64_t left = 0;
};
template <class Wanted>
Messages messages_of(const Analysis& analysis, std::span<const Input> inputs, std::size_t most,
                     const Wanted& wanted) {
    std::vector<const PostRef*> posts;
    for (const auto& post : analysis.corpus.posts)
        if (!post.repost && wanted(post)) posts.push_back(&post);
    Messages out;
    const std::size_t step = posts.size() / most + 1;
    out.left = posts.size();
    for (std::size_t i = 0; i < posts.size(); i += step) {
        --out.left;
        std::string text;
        with_row(inputs, posts[i]->place, [&](const PostRow& row) { text = row[PostField::text]; });
        if (text.empty()) continue;
        out.texts.push_back(std::move(text));
        out.accounts.push_back(posts[i]->account);
        out.places.push_back(posts[i]->place);
    }
    return out;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

// Templates of messages within a community, against what everybody else writes. Not where the same words were
// found already, nor in posts with the same hashtags: these would be fixed words of a template.
void find_message_templates(Analysis& analysis, std::span<const Input> inputs, const Messages& others,
                            Group& group, unsigned threads) {
    if (group.members.size() < kFewestAttentive) return;
    std::vector<Place> explained;
    for (const auto& behaviour : group.behaviours) {
        if (behaviour.family == Family::words && behaviour.edges > 0) return;
        if (behaviour.family == Family::hashtags)
            explained.insert(explained.end(), behaviour.posts.begin(), behaviour.posts.end());
    }
    sort_unique(explained);
    auto messages = messages_of(analysis, inputs, kMostMessages, [&](const PostRef& post) {
        return holds(group.members, post.account) &&
               !std::binary_search(explained.begin(), explained.end(), post.place);
    });
    analysis.message_posts += messages.texts.size();
    analysis.message_posts_left += messages.left;
    TemplateSettings settings;
    settings.threads = threads;
    auto found = induce_templates(views(messages.texts), views(others.texts), settings);
    for (auto& shape : found.templates) {
        FoundTemplate out;
        out.of = TemplateOf::text;
        for (const auto member : shape.members) {
            out.accounts.push_back(messages.accounts[member]);
            out.places.push_back(messages.places[member]);
        }
        std::vector<std::uint32_t> accounts = out.accounts;
        sort_unique(accounts);
        if (accounts.size() < std::max<std::size_t>(2, (group.members.size() + 1) / 2)) continue;
        // One account's signature under all it writes is one choice, not as many as it has messages.
        shape.log10_p *= double(accounts.size()) / double(shape.members.size());
        if (shape.log10_p > settings.most_log10_p) continue;
        out.shape = std::move(shape);
        analysis.templates.push_back(std::move(out));
        if (auto behaviour =
                by_template(analysis.templates.back(), analysis.templates.size() - 1, group.members))
            group.behaviours.push_back(std::move(*behaviour));
    }
}

void add_rhythms(Analysis& analysis, std::uint64_t seed) {
    // Who anybody answers, and when everybody posted.
    std::vector<std::vector<const PostRef*>> posts(analysis.corpus.accounts.size());
    for (const auto& post : analysis.corpus.posts) posts[post.account].push_back(&post);
    const auto life = [&](std::uint32_t account,
                          const std::map<std::uint32_t, std::set<std::uint32_t>>& answered,
                          const std::vector<std::uint32_t>& members) {
        AccountLife out;
        out.created = analysis.corpus.accounts[account].created;
        for (const auto* post : posts[account]) {
            out.posts.push_back(post->time);
            if (!post->reply_account || holds(members, post->reply_account - 1)) continue;
            ++out.replies;
            const auto it = answered.find(post->reply_account);
            constexpr std::size_t kSeveral = 3;
            out.replies_to_posts_of_critics += it != answered.end() && it->second.size() >= kSeveral;
        }
        std::sort(out.posts.begin(), out.posts.end());
        return out;
    };
    std::vector<AccountLife> comparison;
    constexpr std::size_t kCompared = 500;
    const std::size_t step = analysis.corpus.accounts.size() / kCompared + 1;
    for (std::uint32_t i = 0; i < analysis.corpus.accounts.size(); i += static_cast<std::uint32_t>(step))
        if (analysis.group_of[i] < 0 && !posts[i].empty()) comparison.push_back(life(i, {}, {}));
    for (auto& group : analysis.groups) {
        std::map<std::uint32_t, std::set<std::uint32_t>> answered;
        for (const auto member : group.members)
            for (const auto* post : posts[member])
                if (post->reply_account && !holds(group.members, post->reply_account - 1))
                    answered[post->reply_account].insert(member);
        std::vector<AccountLife> lives;
        for (const auto member : group.members) lives.push_back(life(member, answered, group.members));
        group.rhythm = rhythm_of(lives, comparison, seed);
    }
}

// Share of the members that are tied to another one: by edges of `window` (0: of any) with q up to `alpha`,
// or by what has no window, templates and what was shared at any time, as surely.
double still_tied(const Analysis& analysis, const Group& group, std::uint32_t window, double alpha) {
    std::vector<std::uint32_t> tied;
    for (const auto& found : analysis.layers) {
        if (!found) continue;
        for (const auto& edge : found->edges)
            if (edge.q <= alpha && (window == 0 || edge.window == window) && holds(group.members, edge.a) &&
                holds(group.members, edge.b))
                tied.insert(tied.end(), {edge.a, edge.b});
    }
    for (const auto& behaviour : group.behaviours)
        if (behaviour.edges == 0 && behaviour.largest_q <= alpha)
            tied.insert(tied.end(), behaviour.accounts.begin(), behaviour.accounts.end());
    sort_unique(tied);
    return double(tied.size()) / double(group.members.size());
}

void link_templates(Analysis& analysis) {
    for (std::size_t t = 0; t < analysis.templates.size(); ++t) {
        auto& found = analysis.templates[t];
        std::map<std::int32_t, std::size_t> votes;
        for (const auto account : found.accounts) ++votes[analysis.group_of[account]];
        const auto best = std::max_element(votes.begin(), votes.end(),
                                           [](const auto& x, const auto& y) { return x.second < y.second; });
        if (best == votes.end() || best->first < 0) continue;
        found.group = static_cast<std::size_t>(best->first);
        auto& group = analysis.groups[*found.group];
        if (found.of == TemplateOf::bio && !group.profile_template) group.profile_template = t;
    }
}

}  // namespace

std::vector<Behaviour> behaviours_of(const Analysis& analysis, const std::vector<std::uint32_t>& members,
                                     double alpha, std::size_t communities) {
    std::vector<Behaviour> out;
    for (std::size_t t = 0; t < analysis.templates.size(); ++t)
        if (analysis.templates[t].of != TemplateOf::text)
            if (auto behaviour = by_template(analysis.templates[t], t, members))
                out.push_back(std::move(*behaviour));
    for (const auto layer : kLayers) {
        const auto& found = analysis.layers[at(layer)];
        if (!found) continue;
        auto behaviour = within_windows(*found, layer, members, alpha);
        if (!behaviour)
            behaviour = at_any_time(*found, layer, members, alpha, double(communities * kLayerCount));
        if (behaviour) out.push_back(std::move(*behaviour));
    }
    return out;
}

void weigh(Group& group) {
    constexpr std::array kOrder = {Family::profiles, Family::words,   Family::links,    Family::media,
                                   Family::hashtags, Family::objects, Family::attention};
    const std::size_t half = std::max<std::size_t>(2, (group.members.size() + 1) / 2);
    std::set<Place> used;
    group.independent = 0;
    for (const auto family : kOrder) {
        Behaviour* best = nullptr;
        std::size_t best_accounts = 0;
        for (auto& behaviour : group.behaviours) {
            if (behaviour.family != family) continue;
            std::set<std::uint32_t> fresh;
            if (!behaviour.layer) {
                const bool seen = std::any_of(behaviour.posts.begin(), behaviour.posts.end(),
                                              [&](Place place) { return used.contains(place); });
                if (!seen) fresh.insert(behaviour.accounts.begin(), behaviour.accounts.end());
            }
            for (const auto& shown : behaviour.shown)
                if (!used.contains(shown.meeting.place_a) && !used.contains(shown.meeting.place_b))
                    fresh.insert({shown.a, shown.b});
            if (fresh.size() >= half && fresh.size() > best_accounts) {
                best = &behaviour;
                best_accounts = fresh.size();
            }
        }
        if (!best) continue;
        best->independent = true;
        ++group.independent;
        for (const auto& behaviour : group.behaviours)
            if (behaviour.family == family) used.insert(behaviour.posts.begin(), behaviour.posts.end());
    }
    // Who follows a star repeats its posts and posts its pictures again: that is one reason, not two, and
    // which of them came from the star an export does not always say. Attention, the more ordinary, is the
    // one that counts.
    const auto counted = [&](Family family) {
        return std::find_if(
            group.behaviours.begin(), group.behaviours.end(),
            [&](const Behaviour& behaviour) { return behaviour.independent && behaviour.family == family; });
    };
    const auto pictures = counted(Family::media);
    if (pictures != group.behaviours.end() && counted(Family::attention) != group.behaviours.end()) {
        pictures->independent = false;
        --group.independent;
    }
    group.only_attention = std::all_of(group.behaviours.begin(), group.behaviours.end(),
                                       [](const Behaviour& b) { return b.family == Family::attention; });
    group.tier = group.independent >= 3 ? 1 : group.independent == 2 ? 2 : 3;
    for (const auto& behaviour : group.behaviours) {
        group.posts.insert(group.posts.end(), behaviour.posts.begin(), behaviour.posts.end());
        if (behaviour.independent) group.largest_q = std::max(group.largest_q, behaviour.largest_q);
    }
    sort_unique(group.posts);
}

Status find_groups(Analysis& analysis, const Request& request, std::span<const Input> inputs,
                   unsigned threads) {
    const Graph graph(analysis, request.alpha);
    CommunitySettings settings;
    settings.seed = request.seed;
    const auto found = TRY(find_communities(graph.vertices(), graph.edges(), settings));
    analysis.sweep = found.sweep;
    analysis.resolution = found.resolution;
    std::vector<char> grouped(analysis.corpus.accounts.size(), false);
    for (const auto& community : found.communities) {
        Group group;
        group.members = graph.accounts(community.members);
        group.stability = community.stability;
        group.stability_sweep = community.stability_sweep;
        if (group.members.size() < 2) continue;
        if (group.members.size() == 2 && !sure_alone(analysis, group.members, request.alpha)) continue;
        group.behaviours = behaviours_of(analysis, group.members, request.alpha, found.communities.size());
        const bool attention = std::all_of(group.behaviours.begin(), group.behaviours.end(),
                                           [](const Behaviour& b) { return b.family == Family::attention; });
        if (attention && group.members.size() < kFewestAttentive) continue;
        for (const auto member : group.members) grouped[member] = true;
        analysis.groups.push_back(std::move(group));
    }
    if (!analysis.groups.empty() && analysis.layers[at(Layer::same_text)]) {
        const auto others = messages_of(analysis, inputs, kMostMessages,
                                        [&](const PostRef& post) { return !grouped[post.account]; });
        for (auto& group : analysis.groups) find_message_templates(analysis, inputs, others, group, threads);
    }
    for (auto& group : analysis.groups) weigh(group);
    std::erase_if(analysis.groups, [](const Group& group) { return group.independent == 0; });
    std::stable_sort(analysis.groups.begin(), analysis.groups.end(), [](const Group& x, const Group& y) {
        return std::tuple(x.tier, x.only_attention, -std::int64_t(x.members.size()), x.members[0]) <
               std::tuple(y.tier, y.only_attention, -std::int64_t(y.members.size()), y.members[0]);
    });
    analysis.group_of.assign(analysis.corpus.accounts.size(), -1);
    for (std::size_t g = 0; g < analysis.groups.size(); ++g)
        for (const auto member : analysis.groups[g].members)
            analysis.group_of[member] = static_cast<std::int32_t>(g);
    for (auto& group : analysis.groups) {
        const auto disclosed =
            std::count_if(group.members.begin(), group.members.end(),
                          [&](std::uint32_t account) { return analysis.disclosed[account]; });
        group.disclosed = static_cast<std::size_t>(disclosed) * 2 >= group.members.size();
        std::vector<Seconds> times;
        for (const auto place : group.posts) {
            const auto it =
                std::lower_bound(analysis.corpus.posts.begin(), analysis.corpus.posts.end(), place,
                                 [](const PostRef& post, Place p) { return post.place < p; });
            if (it != analysis.corpus.posts.end() && it->place == place) times.push_back(it->time);
        }
        if (times.empty()) continue;
        group.first = *std::min_element(times.begin(), times.end());
        group.last = *std::max_element(times.begin(), times.end());
    }
    for (auto& group : analysis.groups) {
        group.stability_windows = 1;
        for (const auto window : request.windows)
            group.stability_windows =
                std::min(group.stability_windows, still_tied(analysis, group, window, request.alpha));
        group.stability_threshold = still_tied(analysis, group, 0, request.alpha / 10);
    }
    link_templates(analysis);
    add_rhythms(analysis, request.seed);
    return {};
}

}  // namespace contrechamp::coordination
