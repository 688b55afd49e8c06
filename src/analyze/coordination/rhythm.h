// When accounts are awake: supporting evidence, never a reason by itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"

namespace contrechamp::coordination {

struct AccountLife {
    std::vector<UnixTime> posts;  // ascending
    UnixTime created = 0;         // 0: not known
    std::uint64_t replies = 0;    // to accounts outside the group
    std::uint64_t replies_to_posts_of_critics =
        0;  // among them, to accounts that several of the group answer
};

struct Rhythm {
    std::array<double, 24> hours{};  // share of the group's posts by hour of day, UTC
    // Mean over pairs of the cosine of their hour-of-day shares, and the same for the comparison accounts
    // among themselves.
    double likeness = 0, likeness_comparison = 0;
    // The shortest time within which at least half of the group's accounts were opened (seconds), and the
    // share of comparison accounts' equally large random groups that were opened within as short a time; 1
    // when not known.
    std::int64_t created_within = 0;
    double created_p = 1;
    // Silences of at least a day that all accounts of the group share, beyond those that all comparison
    // accounts share.
    struct Silence {
        UnixTime from = 0, to = 0;
    };
    std::vector<Silence> silences;
    double silence_p = 1;    // by circular shifts in whole days of each account, 999 of them
    double reply_ratio = 0;  // share of replies that go to accounts which at least three of the group answer
};

// `group` has at least two accounts. Deterministic: random choices come from `seed`.
Rhythm rhythm_of(std::span<const AccountLife> group, std::span<const AccountLife> comparison,
                 std::uint64_t seed);

}  // namespace contrechamp::coordination
