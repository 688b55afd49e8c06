// The graph of accounts that act together: communities by Leiden (Traag, Waltman, van Eck 2019; igraph's
// implementation), over a sweep of resolutions and many seeds, with how stable each community is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace contrechamp::coordination {

struct GraphEdge {
    std::uint32_t a = 0, b = 0;  // vertices; an edge from a vertex to itself is ignored
    double weight = 1;           // > 0 and finite; others are ignored. Edges of the same two vertices add up
};

struct CommunitySettings {
    std::vector<double> resolutions = {0.25, 0.5, 1, 2, 4};  // of modularity; finite and > 0
    unsigned seeds = 50;  // runs at each resolution; fewer on large graphs, see Communities::runs
    std::uint64_t seed = 1;
};

struct Community {
    std::vector<std::uint32_t> members;  // ascending; at least 2
    // Mean, over all runs of the resolution that was chosen, of the best Jaccard overlap with a community of
    // that run: 1 when every run finds the same accounts.
    double stability = 0;
    // The same over all runs of all resolutions of the sweep.
    double stability_sweep = 0;
};

// What one resolution gives: the run with the highest modularity at that resolution.
struct ResolutionResult {
    double resolution = 0;
    std::size_t communities = 0;  // of two accounts and more
    double modularity = 0;        // Newman's (resolution 1), so that resolutions can be compared
    // Mean normalised mutual information, 2I/(H+H) (Danon et al. 2005), of each run with the next and of the
    // last with the first, over the accounts of components of more than three: 1 when all runs agree.
    double agreement = 0;
};

struct Communities {
    std::vector<Community> communities;  // largest first, then by their first member
    // The one chosen: of those with at least half of the sweep's most modularity, the one with the most
    // agreement between runs (differences below kAgreementNoise do not count), then the nearest to 1 as a
    // ratio.
    double resolution = 1;
    std::vector<ResolutionResult> sweep;  // in the order asked for
    unsigned runs = 0;                    // made at each resolution: `seeds`, or fewer on a large graph
    std::uint64_t edges_ignored = 0;      // loops, and weights that are not finite and above 0
};

inline constexpr double kAgreementNoise = 0.01;
// Of the largest weight: smaller ones count as this much, or rounding would decide where they belong.
inline constexpr double kLeastWeight = 1e-9;
// Edges times runs at one resolution; a larger graph gets fewer runs than asked for, never fewer than
// kFewestRuns.
inline constexpr std::uint64_t kRunBudget = 1'000'000;  // 50 runs of 20,000 edges
inline constexpr unsigned kFewestRuns = 5;

// Fails on edges that name no vertex, on settings that make no sense and when memory runs out. Isolated
// vertices are in no community. Deterministic, and the order of edges and of their ends does not matter.
// Memory grows with edges and runs, never with `vertices`. igraph's random generator and error handler are
// global: calls are made one at a time (a lock), and nothing else may use igraph meanwhile.
Result<Communities> find_communities(std::uint32_t vertices, std::span<const GraphEdge> edges,
                                     const CommunitySettings& settings);

// Network files for Gephi and others. Text from evidence is escaped; what is not UTF-8 becomes U+FFFD, and
// characters that XML 1.0 cannot hold are left out.
struct NetworkNode {
    std::string id, label;
    std::int64_t first = 0, last = 0;  // Unix seconds of its first and last evidence post; both 0: not known
    std::uint64_t posts = 0;
    std::string community;  // empty: none
};
struct NetworkEdge {
    std::uint32_t a = 0, b = 0;  // indexes of nodes; an edge that names none is left out
    std::string layer, window;
    double weight = 0;  // not written when it is not finite
    std::uint64_t objects = 0;
    double q = 1;
    std::int64_t first = 0, last = 0;  // both 0: not known
};
// GEXF 1.3 (https://gexf.net/schema.html): dynamic, with start and end of nodes and edges; one edge a layer
// and window, each with an id of its own. A node's id is the account's, made distinct where cleaning made two
// the same. An edge's kind is its layer, with the window where a layer has several: Gephi adds up parallel
// edges of the same kind. Times outside the years 1 to 9999 are not written; those that are, also as the
// attributes "first" and "last", since not every reader of GEXF knows time.
std::string to_gexf(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges);
// GraphML (http://graphml.graphdrawing.org/), undirected, with the same attributes. Its node ids are NMTOKENs
// ("n0", "n1" …); the account's id is the attribute "account".
std::string to_graphml(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges);

}  // namespace contrechamp::coordination
