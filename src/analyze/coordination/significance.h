// How likely chance is to give what an edge shows.
//
// Null "shift" (the default): the two accounts share the objects they share, at the hours they keep, but not
// on the same day for a reason. Each account's posts are shifted together around the whole time covered, by a
// whole number of days and up to half an hour, so that the hour of day is kept. For two posts `lag` seconds
// apart the part of all relative shifts that brings them within the window w is
//     P = Σ |[-r-w-½, -r+w+½] ∩ [-1800, 1800]| / 3600 / days,   r = lag less each whole number of days,
// computed, not sampled. Where an object lived only for a moment (news, a live event) everybody's posts of it
// crowd together, and the shift knows nothing of that: so the chance for an object is at least the crowd's,
//     P ≥ min((near + κ·P) / (others + κ), crowding),   κ = 20,
// with `others` the object's posts by third accounts, `near` those of them within the window, and `crowding`
// the layer's 90th percentile of that part (edges.h), so that a group cannot excuse itself by its own size.
//
// Null "bicm", the alternative: only degrees are kept. Account b shares object o with z/(1+z), z = k_b·n_o/M
// (k_b: b's posts in the layer, n_o: the object's, M: all; the sparse form of the bipartite configuration
// model, Saracco et al. 2017, Neal 2014's SDSM), within the window with near/n_o.
//
// Objects that the pair met over in one and the same hour are one occasion, not several: what is automatic or
// comes in bursts is not counted twice. p is the upper tail of the Poisson binomial distribution over
// occasions; q is Benjamini and Hochberg's over all pairs of accounts that could have met
// (LayerEdges::compared), not only those that did.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyze/coordination/edges.h"

namespace contrechamp::coordination {

enum class Null : std::uint8_t { shift, bicm };

struct SignificanceSettings {
    Null null = Null::shift;
    std::vector<std::uint32_t> windows;  // as EdgeSettings
    std::uint32_t days = 1;              // that the posts cover, at least 1
    bool crowd = true;                   // for comparing nulls; the shipped one has it
    unsigned threads = 2;
};

// Fills expected, p and q of every edge. Needs the traces.
Status judge(LayerEdges& layer, const SignificanceSettings& settings);

}  // namespace contrechamp::coordination
