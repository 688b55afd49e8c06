// Communities of accounts, and per community which behaviours agree.
#pragma once

#include "analyze/coordination/analysis.h"

namespace contrechamp::coordination {

// Fills groups, group_of, sweep and the templates of messages from the layers and the profiles' templates.
Status find_groups(Analysis& analysis, const Request& request, std::span<const Input> inputs,
                   unsigned threads);

// The behaviours of one of so many communities, not yet weighed against each other.
std::vector<Behaviour> behaviours_of(const Analysis& analysis, const std::vector<std::uint32_t>& members,
                                     double alpha, std::size_t communities);

// Marks the behaviours that count as independent, and sets posts, first, last, largest_q and the tier.
//
// Families are taken in the order of their weight as evidence. One counts when at least half of the community
// shows it by posts that no family counted before it rests on: a link inside a copied text is not a second
// reason.
void weigh(Group& group);

}  // namespace contrechamp::coordination
