#include <igraph.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "analyze/coordination/network.h"

namespace contrechamp::coordination {
namespace {

using Labels = std::vector<std::uint32_t>;  // a community's number for each vertex, from 0 without gaps

// The graph as it is worked on: only vertices that have an edge, renumbered so that those of components with
// more than kTiny vertices come first. Edges are sorted and each pair of vertices has one.
struct Graph {
    std::vector<std::uint32_t> names;  // of a vertex here, its number outside
    std::vector<GraphEdge> edges;      // a < b
    std::vector<double> strength;
    double total = 0;         // of all weights: modularity's m
    std::uint32_t large = 0;  // vertices [0, large) are for Leiden, the rest stand in tiny components
    std::size_t large_edges = 0;
    std::vector<std::uint32_t> tiny;  // where each tiny component begins, and the end
};

// Communities of components up to this size are found by trying every partition: exact, and the same in
// every run. Graphs of accounts have thousands of pairs and trios.
constexpr std::uint32_t kTiny = 3;
constexpr std::size_t kManyEdges = 20'000;

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64's finaliser (Steele, Lea, Flood 2014)
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// Sorted by all they hold before they are added up, since sums of doubles depend on the order.
std::vector<GraphEdge> merged(std::span<const GraphEdge> edges, std::uint64_t& ignored) {
    std::vector<GraphEdge> out;
    for (GraphEdge edge : edges) {
        if (edge.a == edge.b || !std::isfinite(edge.weight) || edge.weight <= 0) {
            ++ignored;
            continue;
        }
        if (edge.a > edge.b) std::swap(edge.a, edge.b);
        out.push_back(edge);
    }
    std::ranges::sort(out, {}, [](const GraphEdge& e) { return std::tuple(e.a, e.b, e.weight); });
    std::size_t kept = 0;
    for (const GraphEdge& edge : out) {
        if (kept > 0 && out[kept - 1].a == edge.a && out[kept - 1].b == edge.b)
            out[kept - 1].weight += edge.weight;
        else out[kept++] = edge;
    }
    out.resize(kept);
    return out;
}

// The component of each vertex, named by its smallest vertex (union-find with path halving).
std::vector<std::uint32_t> components(std::size_t vertices, std::span<const GraphEdge> edges) {
    std::vector<std::uint32_t> parent(vertices);
    std::iota(parent.begin(), parent.end(), 0u);
    const auto root = [&](std::uint32_t v) {
        while (parent[v] != v) v = parent[v] = parent[parent[v]];
        return v;
    };
    for (const GraphEdge& edge : edges) {
        const std::uint32_t a = root(edge.a), b = root(edge.b);
        parent[std::max(a, b)] = std::min(a, b);
    }
    for (std::uint32_t v = 0; v < vertices; ++v) parent[v] = root(v);
    return parent;
}

void renumber(std::vector<GraphEdge>& edges, std::span<const std::uint32_t> number) {
    for (GraphEdge& edge : edges) {
        edge.a = number[edge.a], edge.b = number[edge.b];
        if (edge.a > edge.b) std::swap(edge.a, edge.b);
    }
    std::ranges::sort(edges, {}, [](const GraphEdge& e) { return std::pair(e.a, e.b); });
}

// Large components first; then by component and by number outside.
void order_by_component(Graph& graph) {
    const std::size_t n = graph.names.size();
    const std::vector<std::uint32_t> component = components(n, graph.edges);
    std::vector<std::uint32_t> size(n), order(n), number(n), names(n);
    for (const std::uint32_t c : component) ++size[c];
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(
        order, {}, [&](std::uint32_t v) { return std::tuple(size[component[v]] <= kTiny, component[v], v); });
    for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint32_t v = order[i];
        number[v] = i;
        names[i] = graph.names[v];
        if (size[component[v]] > kTiny) graph.large = i + 1;
        else if (i == graph.large || component[order[i - 1]] != component[v]) graph.tiny.push_back(i);
    }
    graph.tiny.push_back(static_cast<std::uint32_t>(n));
    graph.names = std::move(names);
    renumber(graph.edges, number);
}

Graph graph_of(std::span<const GraphEdge> edges, std::uint64_t& ignored) {
    Graph graph;
    graph.edges = merged(edges, ignored);
    for (const GraphEdge& edge : graph.edges) graph.names.insert(graph.names.end(), {edge.a, edge.b});
    std::ranges::sort(graph.names);
    graph.names.erase(std::unique(graph.names.begin(), graph.names.end()), graph.names.end());
    for (GraphEdge& edge : graph.edges) {
        const auto number = [&](std::uint32_t name) {
            return static_cast<std::uint32_t>(std::ranges::lower_bound(graph.names, name) -
                                              graph.names.begin());
        };
        edge.a = number(edge.a), edge.b = number(edge.b);
    }
    order_by_component(graph);
    graph.strength.resize(graph.names.size());
    // Scaled so that the largest weight is 1: communities do not depend on the scale, and sums stay finite.
    double largest = 0;
    for (const GraphEdge& edge : graph.edges) largest = std::max(largest, edge.weight);
    for (GraphEdge& edge : graph.edges) {
        const double scaled = std::isinf(largest) ? double(std::isinf(edge.weight)) : edge.weight / largest;
        edge.weight = std::max(scaled, kLeastWeight);
        graph.strength[edge.a] += edge.weight;
        graph.strength[edge.b] += edge.weight;
        graph.total += edge.weight;
        if (edge.a < graph.large) ++graph.large_edges;
    }
    return graph;
}

std::uint32_t number_without_gaps(Labels& labels) {  // by first appearance
    std::vector<std::uint32_t> number;
    std::uint32_t next = 0;
    for (std::uint32_t& label : labels) {
        if (label >= number.size()) number.resize(label + 1, UINT32_MAX);
        if (number[label] == UINT32_MAX) number[label] = next++;
        label = number[label];
    }
    return next;
}

// Reichardt and Bornholdt 2006: (1/2m) sum of [A_ij - resolution k_i k_j / 2m] over pairs together.
double quality_of(const Graph& graph, const Labels& labels, double resolution) {
    if (graph.edges.empty()) return 0;
    std::vector<double> strength(graph.names.size());
    double inside = 0;
    for (const GraphEdge& edge : graph.edges)
        if (labels[edge.a] == labels[edge.b]) inside += edge.weight;
    for (std::size_t v = 0; v < labels.size(); ++v) strength[labels[v]] += graph.strength[v];
    double squares = 0;
    for (const double s : strength) squares += s / (2 * graph.total) * (s / (2 * graph.total));
    return inside / graph.total - resolution * squares;
}

// Every partition of a tiny component's vertices, as labels: the one with the most modularity, and the
// finest of equals.
constexpr std::array<std::array<std::uint32_t, kTiny>, 5> kPartitions = {
    {{0, 1, 2}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {0, 0, 0}}};

std::array<std::uint32_t, kTiny> best_of_tiny(const Graph& graph, std::uint32_t begin, std::uint32_t end,
                                              std::span<const GraphEdge> edges, double resolution) {
    std::array<std::uint32_t, kTiny> best = kPartitions[0];
    double best_gain = 0;
    for (const auto& partition : kPartitions) {
        double gain = 0;
        for (const GraphEdge& edge : edges)
            if (partition[edge.a - begin] == partition[edge.b - begin]) gain += edge.weight;
        for (std::uint32_t i = begin; i < end; ++i)
            for (std::uint32_t j = i + 1; j < end; ++j)
                if (partition[i - begin] == partition[j - begin])
                    gain -= resolution * graph.strength[i] / (2 * graph.total) * graph.strength[j];
        if (gain > best_gain) best_gain = gain, best = partition;
    }
    return best;
}

// Labels of the vertices of tiny components, from 0.
Labels tiny_labels(const Graph& graph, double resolution) {
    Labels labels;
    auto edge = graph.edges.begin() + static_cast<std::ptrdiff_t>(graph.large_edges);
    for (std::size_t c = 0; c + 1 < graph.tiny.size(); ++c) {
        const std::uint32_t begin = graph.tiny[c], end = graph.tiny[c + 1];
        const auto first = edge;
        while (edge != graph.edges.end() && edge->a < end) ++edge;
        const auto best = best_of_tiny(graph, begin, end, std::span(first, edge), resolution);
        for (std::uint32_t i = begin; i < end; ++i)
            labels.push_back(static_cast<std::uint32_t>(kTiny * c) + best[i - begin]);
    }
    number_without_gaps(labels);
    return labels;
}

// igraph's own resources and its global state, given back at the end.
struct IgraphState {
    igraph_error_handler_t* handler = igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_warning_handler_t* warnings = igraph_set_warning_handler(igraph_warning_handler_ignore);
    IgraphState() = default;
    IgraphState(const IgraphState&) = delete;
    IgraphState& operator=(const IgraphState&) = delete;
    ~IgraphState() {
        igraph_set_error_handler(handler);
        igraph_set_warning_handler(warnings);
    }
};

struct Leiden {
    igraph_t graph{};
    igraph_vector_t weights{}, strengths{};
    igraph_vector_int_t membership{};
    int built = 0;  // how many of the four above exist, in the order of build()
    Leiden() = default;
    Leiden(const Leiden&) = delete;
    Leiden& operator=(const Leiden&) = delete;
    ~Leiden() {
        if (built > 3) igraph_destroy(&graph);
        if (built > 2) igraph_vector_int_destroy(&membership);
        if (built > 1) igraph_vector_destroy(&strengths);
        if (built > 0) igraph_vector_destroy(&weights);
    }
};

Status ok(igraph_error_t code) {
    if (code == IGRAPH_SUCCESS) return {};
    return fail({"the communities of a network could not be found",
                 "les communautés d’un réseau n’ont pas pu être trouvées"},
                std::string("igraph: ") + igraph_strerror(code),
                {"free memory or narrow the period, then try again",
                 "libérez de la mémoire ou réduisez la période, puis réessayez"});
}

Status build(Leiden& leiden, const Graph& graph) {
    const auto size = [](std::size_t n) { return static_cast<igraph_integer_t>(n); };
    TRY(ok(igraph_vector_init(&leiden.weights, size(graph.large_edges))));
    leiden.built = 1;
    TRY(ok(igraph_vector_init(&leiden.strengths, size(graph.large))));
    leiden.built = 2;
    TRY(ok(igraph_vector_int_init(&leiden.membership, 0)));
    leiden.built = 3;
    std::vector<igraph_integer_t> ends;
    ends.reserve(2 * graph.large_edges);
    for (std::size_t e = 0; e < graph.large_edges; ++e) {
        ends.insert(ends.end(), {graph.edges[e].a, graph.edges[e].b});
        VECTOR(leiden.weights)[e] = graph.edges[e].weight;
    }
    for (std::size_t v = 0; v < graph.large; ++v) VECTOR(leiden.strengths)[v] = graph.strength[v];
    igraph_vector_int_t view;
    igraph_vector_int_view(&view, ends.data(), size(ends.size()));
    TRY(ok(igraph_create(&leiden.graph, &view, size(graph.large), IGRAPH_UNDIRECTED)));
    leiden.built = 4;
    return {};
}

// One run over all large components at once: modularity adds up over components, and igraph's set-up would
// cost more than the work when each of thousands of components had a run of its own. Iterations start from
// the one before until they gain nothing. igraph's own "until nothing moves" (-1) was seen to go on for ever,
// moving the same vertices to and fro, where gains are smaller than the rounding of doubles.
Result<Labels> run(Leiden& leiden, const Graph& graph, double resolution, std::uint64_t seed) {
    constexpr double kBeta = 0.01;       // randomness of the refinement: igraph's and leidenalg's usual value
    constexpr double kLeastGain = 1e-4;  // of modularity: later iterations move single vertices
    // Two are leidenalg's own default; a graph without structure goes on gaining a little for dozens.
    const int most_iterations = graph.large_edges > kManyEdges ? 3 : 10;
    TRY(ok(igraph_rng_seed(igraph_rng_default(), seed)));
    igraph_integer_t count = 0;
    igraph_real_t before = -std::numeric_limits<double>::infinity(), quality = 0;
    for (int i = 0; i < most_iterations; ++i) {
        TRY(ok(igraph_community_leiden(&leiden.graph, &leiden.weights, &leiden.strengths,
                                       resolution / (2 * graph.total), kBeta, /*start=*/i > 0, 1,
                                       &leiden.membership, &count, &quality)));
        if (!(quality > before + kLeastGain)) break;
        before = quality;
    }
    Labels labels(graph.large);
    for (std::size_t v = 0; v < labels.size(); ++v)
        labels[v] = static_cast<std::uint32_t>(VECTOR(leiden.membership)[v]);
    number_without_gaps(labels);
    return labels;
}

// The vertices of each community, one community after the other.
struct Members {
    std::vector<std::uint32_t> begin;  // of each community in `vertices`, and the end
    std::vector<std::uint32_t> vertices;
};

Members members_of(const Labels& labels) {
    Members out;
    const std::uint32_t count = labels.empty() ? 0 : std::ranges::max(labels) + 1;
    out.begin.assign(count + 1, 0);
    for (const std::uint32_t label : labels) ++out.begin[label + 1];
    std::partial_sum(out.begin.begin(), out.begin.end(), out.begin.begin());
    std::vector<std::uint32_t> at(out.begin.begin(), out.begin.end() - 1);
    out.vertices.resize(labels.size());
    for (std::uint32_t v = 0; v < labels.size(); ++v) out.vertices[at[labels[v]]++] = v;
    return out;
}

// For each community of `members`, calls visit(size of the community, other label, size of that, shared).
template <class Visit>
void for_each_overlap(const Members& members, const Labels& other, Visit visit) {
    std::vector<std::uint32_t> size(other.size()), shared(other.size()), met;
    for (const std::uint32_t label : other) ++size[label];
    for (std::uint32_t c = 0; c + 1 < members.begin.size(); ++c) {
        met.clear();
        for (std::uint32_t i = members.begin[c]; i < members.begin[c + 1]; ++i) {
            const std::uint32_t label = other[members.vertices[i]];
            if (shared[label]++ == 0) met.push_back(label);
        }
        for (const std::uint32_t label : met) {
            visit(c, members.begin[c + 1] - members.begin[c], size[label], shared[label]);
            shared[label] = 0;
        }
    }
}

double entropy(const Members& members) {
    double sum = 0;
    for (std::size_t c = 0; c + 1 < members.begin.size(); ++c) {
        const double share =
            double(members.begin[c + 1] - members.begin[c]) / double(members.vertices.size());
        sum -= share * std::log(share);
    }
    return sum;
}

// 2 I(a;b) / (H(a) + H(b)).
double mutual_information(const Labels& a, const Labels& b) {
    if (a == b) return 1;
    const Members in_a = members_of(a);
    const double n = double(a.size()), entropies = entropy(in_a) + entropy(members_of(b));
    double information = 0;
    for_each_overlap(in_a, b, [&](std::uint32_t, double size_a, double size_b, double shared) {
        information += shared / n * std::log(shared * n / (size_a * size_b));
    });
    return std::clamp(2 * information / entropies, 0.0, 1.0);
}

struct Sweep {
    std::vector<Labels> runs;  // of the vertices of large components
    Labels tiny;
    std::size_t best = 0;  // of runs: the most modularity at this resolution, the first of equals
    ResolutionResult result;
};

Labels whole(const Labels& large, const Labels& tiny) {
    Labels all = large;
    const std::uint32_t shift = large.empty() ? 0 : std::ranges::max(large) + 1;
    for (const std::uint32_t label : tiny) all.push_back(shift + label);
    return all;
}

double agreement(std::span<const Labels> runs) {
    if (runs.size() < 2 || runs.front().empty()) return 1;
    double sum = 0;
    for (std::size_t r = 0; r < runs.size(); ++r)
        sum += mutual_information(runs[r], runs[(r + 1) % runs.size()]);
    return sum / double(runs.size());
}

Result<Sweep> sweep_at(Leiden* leiden, const Graph& graph, double resolution, unsigned runs,
                       std::uint64_t seed) {
    Sweep sweep;
    sweep.result.resolution = resolution;
    sweep.tiny = tiny_labels(graph, resolution);
    double best = -std::numeric_limits<double>::infinity();
    for (unsigned r = 0; r < runs; ++r) {
        sweep.runs.push_back(leiden ? TRY(run(*leiden, graph, resolution, mixed(seed + r))) : Labels{});
        const double quality = quality_of(graph, whole(sweep.runs.back(), sweep.tiny), resolution);
        if (quality > best) best = quality, sweep.best = r;
        if (!leiden) {  // tiny components only: all runs are the same
            sweep.runs.resize(runs);
            break;
        }
    }
    const Labels all = whole(sweep.runs[sweep.best], sweep.tiny);
    const Members members = members_of(all);
    for (std::size_t c = 0; c + 1 < members.begin.size(); ++c)
        sweep.result.communities += members.begin[c + 1] - members.begin[c] >= 2;
    sweep.result.modularity = quality_of(graph, all, 1);
    sweep.result.agreement = agreement(sweep.runs);
    return sweep;
}

// Adds, for each community, its best Jaccard overlap with one of `other`.
void add_best_overlap(const Members& members, const Labels& other, double times, std::vector<double>& sums) {
    std::vector<double> best(sums.size());
    for_each_overlap(members, other, [&](std::uint32_t c, double size, double size_other, double shared) {
        best[c] = std::max(best[c], shared / (size + size_other - shared));
    });
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += times * best[c];
}

// Mean best overlap of each community of `members` with the runs of `sweeps`.
std::vector<double> stability(const Members& members, std::span<const Sweep> sweeps, bool large) {
    std::vector<double> sums(members.begin.size() - 1);
    std::size_t runs = 0;
    for (const Sweep& sweep : sweeps) {
        runs += sweep.runs.size();
        if (large)
            for (const Labels& labels : sweep.runs) add_best_overlap(members, labels, 1, sums);
        else add_best_overlap(members, sweep.tiny, double(sweep.runs.size()), sums);
    }
    for (double& sum : sums) sum /= double(runs);
    return sums;
}

void append_communities(const Graph& graph, std::span<const Sweep> sweeps, std::size_t chosen, bool large,
                        std::vector<Community>& out) {
    const Sweep& sweep = sweeps[chosen];
    const Members members = members_of(large ? sweep.runs[sweep.best] : sweep.tiny);
    const std::uint32_t shift = large ? 0 : graph.large;
    const std::vector<double> here = stability(members, sweeps.subspan(chosen, 1), large);
    const std::vector<double> anywhere = stability(members, sweeps, large);
    for (std::size_t c = 0; c < here.size(); ++c) {
        if (members.begin[c + 1] - members.begin[c] < 2) continue;
        Community community{{}, here[c], anywhere[c]};
        for (std::uint32_t i = members.begin[c]; i < members.begin[c + 1]; ++i)
            community.members.push_back(graph.names[members.vertices[i] + shift]);
        std::ranges::sort(community.members);
        out.push_back(std::move(community));
    }
}

// At a low resolution everybody is together in every run: agreement without structure. Such a resolution
// must not win, so only those with at least half of the most modularity are looked at.
std::size_t choose(std::span<const Sweep> sweeps) {
    double most_modularity = -std::numeric_limits<double>::infinity(), most_agreement = 0;
    for (const Sweep& sweep : sweeps) most_modularity = std::max(most_modularity, sweep.result.modularity);
    const double least = std::min(most_modularity, most_modularity / 2) - 1e-9;
    for (const Sweep& sweep : sweeps)
        if (sweep.result.modularity >= least)
            most_agreement = std::max(most_agreement, sweep.result.agreement);
    std::optional<std::size_t> chosen;
    const auto distance = [&](std::size_t i) { return std::abs(std::log(sweeps[i].result.resolution)); };
    for (std::size_t i = 0; i < sweeps.size(); ++i)
        if (sweeps[i].result.modularity >= least &&
            sweeps[i].result.agreement >= most_agreement - kAgreementNoise &&
            (!chosen || distance(i) < distance(*chosen)))
            chosen = i;
    return chosen.value_or(0);
}

Status check(std::uint32_t vertices, std::span<const GraphEdge> edges, const CommunitySettings& settings) {
    for (const GraphEdge& edge : edges)
        if (edge.a >= vertices || edge.b >= vertices)
            return fail({"an edge of the network names an account that does not exist",
                         "une arête du réseau nomme un compte qui n’existe pas"},
                        std::to_string(std::max(edge.a, edge.b)));
    const bool sensible =
        std::ranges::all_of(settings.resolutions, [](double r) { return std::isfinite(r) && r > 0; });
    if (!sensible || settings.resolutions.empty() || settings.seeds == 0)
        return fail({"communities need resolutions above 0 and at least one seed",
                     "les communautés demandent des résolutions supérieures à 0 et au moins une graine"},
                    "find_communities");
    return {};
}

unsigned runs_for(const Graph& graph, unsigned seeds) {
    const std::uint64_t affordable = kRunBudget / std::max<std::uint64_t>(1, graph.large_edges);
    return static_cast<unsigned>(
        std::min<std::uint64_t>(seeds, std::max<std::uint64_t>(kFewestRuns, affordable)));
}

}  // namespace

Result<Communities> find_communities(std::uint32_t vertices, std::span<const GraphEdge> edges,
                                     const CommunitySettings& settings) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    TRY(check(vertices, edges, settings));
    const IgraphState state;
    Communities out;
    const Graph graph = graph_of(edges, out.edges_ignored);
    out.runs = runs_for(graph, settings.seeds);
    Leiden leiden;
    if (graph.large > 0) TRY(build(leiden, graph));
    std::vector<Sweep> sweeps;
    for (std::size_t i = 0; i < settings.resolutions.size(); ++i)
        sweeps.push_back(TRY(sweep_at(graph.large > 0 ? &leiden : nullptr, graph, settings.resolutions[i],
                                      out.runs, mixed(settings.seed ^ mixed(i)))));
    for (const Sweep& sweep : sweeps) out.sweep.push_back(sweep.result);
    const std::size_t chosen = choose(sweeps);
    out.resolution = settings.resolutions[chosen];
    append_communities(graph, sweeps, chosen, true, out.communities);
    append_communities(graph, sweeps, chosen, false, out.communities);
    std::ranges::sort(out.communities, [](const Community& x, const Community& y) {
        if (x.members.size() != y.members.size()) return x.members.size() > y.members.size();
        return x.members.front() < y.members.front();
    });
    return out;
}

}  // namespace contrechamp::coordination
