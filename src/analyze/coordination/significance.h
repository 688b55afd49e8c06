// How likely chance is to give what an edge shows.
//
// Null "shift" (the default): the two accounts share the objects they share, at the hours they keep, but not
// on the same day for a reason. Each account's posts are shifted together around the whole time covered, by a
// whole number of days and up to half an hour, so that the hour of day is kept. For two posts `lag` seconds
// apart the part of all relative shifts that brings them within the window w is
//     P = Σ |[-r-w-½, -r+w+½] ∩ [-1800, 1800]| / 3600 / days,   r = lag less each whole number of days,
// computed, not sampled. Where an object lived only for a moment (news, a live event) everybody's posts of it
// crowd together, and the shift knows nothing of that: so the chance for an object is at least the crowd's,
//     P ≥ (near + κ·P) / (others + κ),   κ = 20,
// with `others` the object's posts by third accounts and `near` those of them within the window. A crowd is
// of strangers, other people each time: accounts that met this one in three objects or more, and in half as
// many as the pair did, are company and are left out of both counts, so that a group cannot excuse itself by
// its own size. But where company would be more than a fifth of the accounts that do this at all, they are
// the regulars of a small place, and are the crowd (P at most 1/2 then).
//
// And whoever shares much shares what goes round: p is the larger of the above and of what their activity
// gives, in which b shares an object of a's with z/(1+z), z = k_b·(s+1)/M (k_b: objects b shared in the
// layer, s: the object's posts by strangers, M: all posts of the layer), within the window with
// (near+1)/(s+1).
//
// Null "bicm", the alternative: only degrees are kept. Account b shares object o with z/(1+z), z = k_b·n_o/M
// (k_b: b's posts in the layer, n_o: the object's, M: all; the sparse form of the bipartite configuration
// model, Saracco et al. 2017, Neal 2014's SDSM), within the window with near/n_o.
//
// Objects that the pair met over in one and the same hour are one occasion, not several: what is automatic or
// comes in bursts is not counted twice. p is the upper tail of the Poisson binomial distribution over
// occasions; q is Benjamini and Hochberg's over all pairs of accounts that could have met
// (LayerEdges::compared), not only those that did. What it counts as discoveries are joins: of the edges in
// the order of their p those that join accounts not joined before. The 19,900 edges of 200 accounts are 199
// joins; counted as edges they would pay for 200 false ones elsewhere. Joins are never more than edges, so q
// is never below Benjamini and Hochberg's.
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
    bool crowd = true, activity = true;  // for comparing nulls; the shipped one has both
    unsigned threads = 2;
    // Bytes that traces may take in memory, where they are spooled. Less than a thirty-second of them has no
    // effect.
    std::size_t most_traces = std::numeric_limits<std::size_t>::max();
};

// Fills expected, p and q of every edge. Needs the traces; where they are spooled, it reads those of two
// blocks of accounts at a time and judges the edges between these. The answers are the same.
Status judge(LayerEdges& layer, const SignificanceSettings& settings);

}  // namespace contrechamp::coordination
