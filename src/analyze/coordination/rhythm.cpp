#include "analyze/coordination/rhythm.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace contrechamp::coordination {
namespace {

constexpr std::int64_t kDay = 86'400, kWeek = 7;  // seconds, days

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t x = state_ += 0x9e3779b97f4a7c15u;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
    }
    // In [0, n), every value as likely (Lemire 2019).
    std::uint64_t below(std::uint64_t n) {
        for (;;) {
            const auto product = static_cast<unsigned __int128>(next()) * n;
            if (static_cast<std::uint64_t>(product) >= -n % n)
                return static_cast<std::uint64_t>(product >> 64);
        }
    }

  private:
    std::uint64_t state_;
};

// The first `count` become a random choice of all (the beginning of a Fisher-Yates shuffle).
template <class T>
void draw(std::vector<T>& all, std::size_t count, Random& random) {
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(all.size() - i)]);
}

bool told(UnixTime time) { return time >= -62'135'596'800 && time < 253'402'300'800; }

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

struct Account {
    std::array<std::uint64_t, 24> hours{};
    std::uint64_t posts = 0;
    std::vector<std::int64_t> days;  // since 1970 on which it posts, ascending, each once
    UnixTime created = 0;
};

Account account_of(const AccountLife& life) {
    Account account;
    for (const UnixTime post : life.posts) {
        if (!told(post)) continue;
        const std::int64_t day = floor_div(post, kDay);
        ++account.hours[static_cast<std::size_t>((post - day * kDay) / 3600)];
        ++account.posts;
        account.days.push_back(day);
    }
    std::ranges::sort(account.days);
    account.days.erase(std::unique(account.days.begin(), account.days.end()), account.days.end());
    account.created = told(life.created) ? life.created : 0;
    return account;
}

std::vector<Account> sampled(std::span<const AccountLife> lives, Random& random) {
    std::vector<std::size_t> chosen(lives.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    if (chosen.size() > kMostAccountsCompared) {
        draw(chosen, kMostAccountsCompared, random);
        chosen.resize(kMostAccountsCompared);
        std::ranges::sort(chosen);
    }
    std::vector<Account> accounts;
    for (const std::size_t i : chosen) accounts.push_back(account_of(lives[i]));
    return accounts;
}

void count_hours(std::span<const Account> group, Rhythm& rhythm) {
    for (const Account& account : group) rhythm.posts += account.posts;
    if (rhythm.posts == 0) return;
    for (const Account& account : group)
        for (std::size_t h = 0; h < 24; ++h)
            rhythm.hours[h] += double(account.hours[h]) / double(rhythm.posts);
}

// With unit vectors u, the cosines of all pairs add up to (|sum u|^2 - n) / 2.
std::optional<double> likeness(std::span<const Account> accounts) {
    std::array<double, 24> sum{};
    double n = 0;
    for (const Account& account : accounts) {
        if (account.posts < kFewestPostsForHours) continue;
        double squares = 0;
        for (const std::uint64_t count : account.hours) squares += double(count) * double(count);
        for (std::size_t h = 0; h < 24; ++h) sum[h] += double(account.hours[h]) / std::sqrt(squares);
        ++n;
    }
    if (n < 2) return std::nullopt;
    double squares = 0;
    for (const double s : sum) squares += s * s;
    return std::clamp((squares - n) / (n * (n - 1)), 0.0, 1.0);
}

std::vector<UnixTime> known_dates(std::span<const Account> accounts) {
    std::vector<UnixTime> dates;
    for (const Account& account : accounts)
        if (account.created != 0) dates.push_back(account.created);
    return dates;
}

// The shortest time that holds `part` of the dates.
std::int64_t shortest(std::span<UnixTime> dates, std::size_t part) {
    std::ranges::sort(dates);
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i + part <= dates.size(); ++i)
        least = std::min(least, dates[i + part - 1] - dates[i]);
    return least;
}

double share_of_draws(std::size_t at_least_as_much) {
    return double(1 + at_least_as_much) / double(1 + kShifts);
}

void compare_dates(std::span<const Account> group, std::span<const Account> comparison, Random& random,
                   Rhythm& rhythm) {
    std::vector<UnixTime> dates = known_dates(group), others = known_dates(comparison);
    const std::size_t half = std::max<std::size_t>(2, (group.size() + 1) / 2);
    if (dates.size() < half) return;
    rhythm.created_within = shortest(dates, half);
    if (others.size() < std::max(kFewestDatesToCompare, 2 * dates.size())) return;
    std::size_t as_close = 0;
    std::vector<UnixTime> drawn(dates.size());
    for (std::size_t i = 0; i < kShifts; ++i) {
        draw(others, dates.size(), random);
        std::copy_n(others.begin(), drawn.size(), drawn.begin());
        as_close += shortest(drawn, half) <= *rhythm.created_within;
    }
    rhythm.created_p = share_of_draws(as_close);
}

// Days of a period as bits, seven a byte: a shift by weeks moves whole bytes.
using Weeks = std::vector<std::uint8_t>;

struct Period {
    std::int64_t first = 0;  // day
    std::size_t weeks = 0;
};

// Nothing when too few accounts mark it or when it is too short.
std::optional<Period> common_period(std::span<const Account> group) {
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    std::size_t markers = 0;
    for (const Account& account : group) {
        if (account.days.size() < kFewestDaysForSilence) continue;
        first = std::max(first, account.days.front());
        last = std::min(last, account.days.back());
        ++markers;
    }
    if (markers < 2 || last < first) return std::nullopt;
    const std::size_t weeks = std::min(kMostWeeks, static_cast<std::size_t>((last - first + 1) / kWeek));
    if (weeks < kFewestWeeksForSilence) return std::nullopt;
    return Period{last + 1 - static_cast<std::int64_t>(weeks) * kWeek, weeks};
}

Weeks active(const Account& account, const Period& period) {
    Weeks weeks(period.weeks);
    for (const std::int64_t day : account.days) {
        const std::int64_t at = day - period.first;
        if (at < 0 || at >= static_cast<std::int64_t>(period.weeks) * kWeek) continue;
        weeks[static_cast<std::size_t>(at / kWeek)] |= static_cast<std::uint8_t>(1u << at % kWeek);
    }
    return weeks;
}

void add(Weeks& to, const Weeks& from, std::size_t shift) {
    for (std::size_t w = 0; w < to.size(); ++w) {
        const std::size_t source = w + shift < to.size() ? w + shift : w + shift - to.size();
        to[w] |= from[source];
    }
}

std::size_t silent_days(const Weeks& group, const Weeks& watched) {
    std::size_t days = 0;
    for (std::size_t w = 0; w < group.size(); ++w)
        days += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(watched[w] & ~group[w])));
    return days;
}

std::vector<Rhythm::Silence> silences(const Weeks& group, const Weeks& watched, const Period& period) {
    std::vector<Rhythm::Silence> out;
    for (std::size_t d = 0; d < period.weeks * kWeek; ++d) {
        if (!((watched[d / kWeek] & ~group[d / kWeek]) >> d % kWeek & 1)) continue;
        const UnixTime from = (period.first + static_cast<std::int64_t>(d)) * kDay;
        if (!out.empty() && out.back().to == from) out.back().to += kDay;
        else out.push_back({from, from + kDay});
    }
    return out;
}

// Days on which at least half as many comparison accounts post as on the median day.
Weeks watched_days(std::span<const Account> comparison, const Period& period) {
    std::vector<std::size_t> posting(period.weeks * static_cast<std::size_t>(kWeek));
    for (const Account& account : comparison) {
        const Weeks weeks = active(account, period);
        for (std::size_t d = 0; d < posting.size(); ++d) posting[d] += weeks[d / kWeek] >> d % kWeek & 1u;
    }
    std::vector<std::size_t> sorted = posting;
    std::ranges::sort(sorted);
    const std::size_t fewest = std::max<std::size_t>(1, (sorted[sorted.size() / 2] + 1) / 2);
    Weeks watched(period.weeks);
    for (std::size_t d = 0; d < posting.size(); ++d)
        if (posting[d] >= fewest) watched[d / kWeek] |= static_cast<std::uint8_t>(1u << d % kWeek);
    return watched;
}

// A shift carries an account's part of a hole to days that count: silence then looks commoner in the draws
// than it is, so the error is towards a larger p.
void compare_silences(std::span<const Account> group, std::span<const Account> comparison, Random& random,
                      Rhythm& rhythm) {
    const std::optional<Period> period = common_period(group);
    if (!period) return;
    const Weeks watched = watched_days(comparison, *period);
    Weeks together(period->weeks);
    rhythm.days_watched = silent_days(Weeks(period->weeks), watched);
    if (rhythm.days_watched == 0) return;
    std::vector<Weeks> accounts;
    for (const Account& account : group) {
        accounts.push_back(active(account, *period));
        add(together, accounts.back(), 0);
    }
    rhythm.silences = silences(together, watched, *period);
    const std::size_t seen = silent_days(together, watched);
    std::size_t as_silent = 0;
    for (std::size_t i = 0; i < kShifts; ++i) {
        Weeks shifted(period->weeks);
        for (const Weeks& account : accounts) add(shifted, account, random.below(period->weeks));
        as_silent += silent_days(shifted, watched) >= seen;
    }
    rhythm.silence_p = share_of_draws(as_silent);
}

void count_replies(std::span<const AccountLife> group, Rhythm& rhythm) {
    double replies = 0, to_critics = 0;
    for (const AccountLife& life : group) {
        replies += double(life.replies);
        to_critics += double(std::min(life.replies, life.replies_to_posts_of_critics));
    }
    if (replies >= double(kFewestReplies)) rhythm.reply_ratio = to_critics / replies;
}

}  // namespace

Rhythm rhythm_of(std::span<const AccountLife> group, std::span<const AccountLife> comparison,
                 std::uint64_t seed) {
    Random random(seed);
    const std::vector<Account> ours = sampled(group, random), others = sampled(comparison, random);
    Rhythm rhythm;
    rhythm.group_accounts = ours.size();
    rhythm.comparison_accounts = others.size();
    count_hours(ours, rhythm);
    rhythm.likeness = likeness(ours);
    rhythm.likeness_comparison = likeness(others);
    compare_dates(ours, others, random, rhythm);
    compare_silences(ours, others, random, rhythm);
    count_replies(group, rhythm);
    return rhythm;
}

}  // namespace contrechamp::coordination
