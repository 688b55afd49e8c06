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
    std::uint32_t a = 0, b = 0;  // vertices, a != b
    double weight = 1;           // > 0
};

struct CommunitySettings {
    std::vector<double> resolutions = {0.25, 0.5, 1, 2, 4};  // of modularity
    unsigned seeds = 50;
    std::uint64_t seed = 1;
};

struct Community {
    std::vector<std::uint32_t> members;  // ascending; at least 2
    // Mean, over all runs of the resolution that was chosen, of the best Jaccard overlap with a community of
    // that run: 1 when every run finds the same accounts.
    double stability = 0;
    // The same over all resolutions of the sweep.
    double stability_sweep = 0;
};

struct ResolutionResult {
    double resolution = 0;
    std::size_t communities = 0;  // of two accounts and more
    double modularity = 0;
    double agreement = 0;  // mean normalised mutual information between runs
};

struct Communities {
    std::vector<Community> communities;   // largest first, then by their first member
    double resolution = 1;                // the one chosen: most agreement between runs, then nearest to 1
    std::vector<ResolutionResult> sweep;  // in the order asked for
};

// Fails only on edges that name no vertex. Isolated vertices are in no community. Deterministic.
Result<Communities> find_communities(std::uint32_t vertices, std::span<const GraphEdge> edges,
                                     const CommunitySettings& settings);

// Network files for Gephi and others. Text from evidence is escaped; control characters that XML cannot hold
// are left out.
struct NetworkNode {
    std::string id, label;
    std::int64_t first = 0, last = 0;  // Unix seconds of its first and last evidence post
    std::uint64_t posts = 0;
    std::string community;  // empty: none
};
struct NetworkEdge {
    std::uint32_t a = 0, b = 0;  // indexes of nodes
    std::string layer, window;
    double weight = 0;
    std::uint64_t objects = 0;
    double q = 1;
    std::int64_t first = 0, last = 0;
};
// GEXF 1.3 (https://gexf.net/schema.html): dynamic, with start and end of nodes and edges; one edge a layer
// and window.
std::string to_gexf(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges);
// GraphML (http://graphml.graphdrawing.org/), undirected, with the same attributes.
std::string to_graphml(std::span<const NetworkNode> nodes, std::span<const NetworkEdge> edges);

}  // namespace contrechamp::coordination
