// When accounts are awake: supporting evidence, never a reason by itself. What cannot be said, because there
// are too few posts, too short a time or nobody to compare with, is absent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"

namespace contrechamp::coordination {

struct AccountLife {
    std::vector<UnixTime> posts;  // in any order
    UnixTime created = 0;         // 0: not known
    std::uint64_t replies = 0;    // to accounts outside the group
    std::uint64_t replies_to_posts_of_critics =
        0;  // among them, to accounts that several of the group answer
};

inline constexpr std::size_t kFewestPostsForHours = 20;    // of an account whose hours are compared
inline constexpr std::size_t kFewestDaysForSilence = 10;   // on which an account posts, to mark the period
inline constexpr std::size_t kFewestWeeksForSilence = 8;   // that the accounts have in common
inline constexpr std::size_t kFewestDatesToCompare = 20;   // known creation dates of comparison accounts
inline constexpr std::uint64_t kFewestReplies = 10;        // of the group
inline constexpr std::size_t kMostAccountsCompared = 500;  // of each side; more are sampled with the seed
inline constexpr std::size_t kShifts = 999;
inline constexpr std::size_t kMostWeeks = 2'000;  // of a period; the last ones count

struct Rhythm {
    // How many accounts were looked at: all, or kMostAccountsCompared drawn with the seed.
    std::size_t group_accounts = 0, comparison_accounts = 0;

    std::uint64_t posts = 0;         // of these accounts of the group
    std::array<double, 24> hours{};  // share of these posts by hour of day, UTC; all 0 without posts
    // Mean over pairs of accounts with at least kFewestPostsForHours posts of the cosine of their hour-of-day
    // shares, and the same for the comparison accounts among themselves; absent below two such accounts.
    std::optional<double> likeness, likeness_comparison;

    // The shortest time within which at least half of the group's accounts (and two) were opened, seconds;
    // absent when fewer than that have a known date.
    std::optional<std::int64_t> created_within;
    // (1 + c) / (1 + kShifts): c of kShifts random groups of comparison accounts, with as many known dates,
    // where as large a part was opened within as short a time. Absent when fewer than kFewestDatesToCompare
    // comparison accounts, or fewer than twice as many as in the group, have a known date.
    std::optional<double> created_p;

    // Days (UTC) on which no account of the group posts though the comparison accounts do (at least half as
    // many of them as on the median day: otherwise the day is a hole in the export, or a holiday). Looked for
    // in the whole weeks between the last first post and the first last post of the accounts that post on at
    // least kFewestDaysForSilence days.
    struct Silence {
        UnixTime from = 0, to = 0;  // [from, to): whole days, one after the other
    };
    std::vector<Silence> silences;   // empty when silence_p is absent
    std::uint64_t days_watched = 0;  // days on which a silence could have been seen; 0: none could
    // (1 + c) / (1 + kShifts): c of kShifts draws of circular shifts, each account by a random number of
    // whole weeks (so that hours and weekends stay in step), which leave at least as many shared silent days.
    // Absent below two accounts that mark the period, below kFewestWeeksForSilence weeks, or without
    // comparison posts. Public holidays are silent for everybody in a country and are not shifted away: the
    // reader must hear of them.
    std::optional<double> silence_p;

    // Share of the group's replies that go to accounts which at least three of the group answer; absent
    // below kFewestReplies replies. Sums over the whole group.
    std::optional<double> reply_ratio;
};

// `group` has at least two accounts. Deterministic: random choices come from `seed` (SplitMix64). Work is
// bounded by posts, and by kMostAccountsCompared * kShifts * weeks. Whatever the times are: those before the
// year 1 or after 9999 are left out.
Rhythm rhythm_of(std::span<const AccountLife> group, std::span<const AccountLife> comparison,
                 std::uint64_t seed);

}  // namespace contrechamp::coordination
