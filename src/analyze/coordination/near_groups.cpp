// group_near_texts: band by band, the texts that share a band's key are brought together by sorting and
// compared. What is known at the start of a band and within a bucket decides which pairs are skipped, so that
// neither groups nor counts depend on how threads take turns.
#include <algorithm>
#include <atomic>
#include <bit>
#include <numeric>
#include <utility>

#include "analyze/coordination/near_text.h"
#include "base/parallel.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kAllWithAll = 16;  // texts in a bucket that are compared all with all
constexpr std::size_t kFirst = 8;        // in a larger one: with so many of its first members
constexpr std::size_t kNext = 4;         // and so many neighbours
constexpr unsigned kMostThreads = 64;
constexpr std::size_t kWorthThreads = 1 << 14;

constexpr unsigned kPartBits = 11;
constexpr std::size_t kParts = std::size_t{1} << kPartBits;
constexpr std::size_t kWorthCounting = 512;  // fewer entries are sorted by comparing
constexpr std::size_t kAhead = 8;            // buckets whose sketches are on their way from memory

// A text's key in one band in the upper half, the text's number in the lower: sorting them sorts both.
using Entry = std::uint64_t;
std::uint32_t key_of(Entry entry) { return static_cast<std::uint32_t>(entry >> 32); }
std::uint32_t text_of_entry(Entry entry) { return static_cast<std::uint32_t>(entry); }
std::size_t part_of(Entry entry) { return entry >> (64 - kPartBits); }

struct Pair {
    std::uint32_t a = 0, b = 0;
};

// Work that cannot fail, once on each thread.
void on_each(unsigned threads, const std::function<void(unsigned)>& work) {
    (void)in_parallel(threads, threads, [&](std::size_t thread) -> Status {
        work(static_cast<unsigned>(thread));
        return {};
    });
}

// Compares the texts of one bucket after another; one for each thread.
class Comparer {
  public:
    Comparer(const std::function<std::string_view(std::uint32_t)>& text_of,
             std::span<const std::uint32_t> group, std::span<const Sketch> sketches)
        : text_of_(text_of), group_(group), sketches_(sketches) {}

    // Entries sorted by key.
    void part(std::span<const Entry> entries);

    std::vector<Pair> near;  // pairs that join groups
    std::uint64_t candidates = 0, verified = 0, crowded = 0;

  private:
    void bucket(std::span<const Entry> members);
    void fetch(std::span<const Entry> members) const;
    bool worth_comparing(const Sketch& a, const Sketch& b) const {
        return minima_in_common(a, b) >= kFewestMinima && may_be_near(a, b);
    }
    void pair(std::span<const Entry> members);
    void label(std::span<const Entry> members);
    const Sketch& sketch(std::span<const Entry> members, std::size_t member) const {
        return members.size() <= kAllWithAll ? near_sketches_[member]
                                             : sketches_[text_of_entry(members[member])];
    }
    std::uint32_t label_of(std::size_t member);
    void compare(std::span<const Entry> members, std::size_t i, std::size_t j);
    const std::vector<std::uint64_t>& shingles(std::span<const Entry> members, std::size_t member);

    const std::function<std::string_view(std::uint32_t)>& text_of_;
    std::span<const std::uint32_t> group_;
    std::span<const Sketch> sketches_;
    std::vector<std::span<const Entry>> buckets_;  // of the part
    // Groups within the bucket: each member's, and a forest over those.
    std::vector<std::uint32_t> labels_, distinct_, parent_;
    // Shingles of members: one place each in a small bucket; in a crowded one the first few have theirs and
    // the others take turns.
    struct Place {
        std::size_t member = SIZE_MAX;
        std::vector<std::uint64_t> shingles;
    };
    std::array<Place, kAllWithAll> places_;
    std::array<Sketch, kAllWithAll> near_sketches_;  // of the members of a small bucket
    static_assert(kFirst + kNext < kAllWithAll);
};

void Comparer::label(std::span<const Entry> members) {
    distinct_.clear();
    for (const auto entry : members) distinct_.push_back(group_[text_of_entry(entry)]);
    labels_ = distinct_;
    std::sort(distinct_.begin(), distinct_.end());
    distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
    for (auto& label : labels_)
        label = static_cast<std::uint32_t>(std::lower_bound(distinct_.begin(), distinct_.end(), label) -
                                           distinct_.begin());
    parent_.resize(distinct_.size());
    std::iota(parent_.begin(), parent_.end(), 0u);
}

std::uint32_t Comparer::label_of(std::size_t member) {
    auto label = labels_[member];
    while (parent_[label] != label) label = parent_[label] = parent_[parent_[label]];
    return label;
}

const std::vector<std::uint64_t>& Comparer::shingles(std::span<const Entry> members, std::size_t member) {
    const auto place = member < kAllWithAll && members.size() <= kAllWithAll ? member
                       : member < kFirst                                     ? member
                                         : kFirst + member % (kAllWithAll - kFirst);
    auto& found = places_[place];
    if (found.member != member) {
        found.member = member;
        shingles_of(text_of_(text_of_entry(members[member])), found.shingles);
    }
    return found.shingles;
}

void Comparer::compare(std::span<const Entry> members, std::size_t i, std::size_t j) {
    const auto a = label_of(i), b = label_of(j);
    if (a == b) return;
    ++candidates;
    if (!sketches_.empty() && !worth_comparing(sketch(members, i), sketch(members, j))) return;
    if (jaccard(shingles(members, i), shingles(members, j)) < kNearThreshold) return;
    ++verified;
    parent_[std::max(a, b)] = std::min(a, b);
    near.push_back({text_of_entry(members[i]), text_of_entry(members[j])});
}

// Most buckets have two members.
void Comparer::pair(std::span<const Entry> members) {
    const auto a = text_of_entry(members[0]), b = text_of_entry(members[1]);
    if (group_[a] == group_[b]) return;
    ++candidates;
    if (!sketches_.empty() && !worth_comparing(sketches_[a], sketches_[b])) return;
    for (auto& place : places_) place.member = SIZE_MAX;
    if (jaccard(shingles(members, 0), shingles(members, 1)) < kNearThreshold) return;
    ++verified;
    near.push_back({a, b});
}

void Comparer::bucket(std::span<const Entry> members) {
    if (members.size() == 2) return pair(members);
    // Side by side: each is compared many times.
    if (!sketches_.empty() && members.size() <= kAllWithAll)
        for (std::size_t i = 0; i < members.size(); ++i)
            near_sketches_[i] = sketches_[text_of_entry(members[i])];
    label(members);
    if (distinct_.size() > 1) {
        for (auto& place : places_) place.member = SIZE_MAX;
        if (members.size() <= kAllWithAll) {
            for (std::size_t j = 1; j < members.size(); ++j)
                for (std::size_t i = 0; i < j; ++i) compare(members, i, j);
        } else {
            for (std::size_t j = 1; j < members.size(); ++j) {
                for (std::size_t i = 0; i < std::min(j, kFirst); ++i) compare(members, i, j);
                for (std::size_t back = std::min(kNext, j); back > 0; --back)
                    if (j - back >= kFirst) compare(members, j - back, j);
            }
        }
    }
    crowded += members.size() > kAllWithAll;
}

// What a bucket's comparison begins with stands anywhere in memory.
void Comparer::fetch(std::span<const Entry> members) const {
    for (const auto entry : members.first(std::min(members.size(), kAllWithAll))) {
        __builtin_prefetch(&group_[text_of_entry(entry)]);
        if (!sketches_.empty()) __builtin_prefetch(&sketches_[text_of_entry(entry)]);
    }
}

void Comparer::part(std::span<const Entry> entries) {
    buckets_.clear();
    for (std::size_t begin = 0; begin < entries.size();) {
        auto end = begin + 1;
        while (end < entries.size() && key_of(entries[end]) == key_of(entries[begin])) ++end;
        if (end - begin > 1) buckets_.push_back(entries.subspan(begin, end - begin));
        begin = end;
    }
    for (std::size_t i = 0; i < std::min(kAhead, buckets_.size()); ++i) fetch(buckets_[i]);
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        if (i + kAhead < buckets_.size()) fetch(buckets_[i + kAhead]);
        bucket(buckets_[i]);
    }
}

// Entries agree in their first bits. Leaves out most whose key no other has, which are most of them: those
// whose next bits no other has.
std::span<Entry> without_lone(std::span<Entry> entries, std::vector<std::uint8_t>& counts) {
    constexpr unsigned kMostBits = 16;
    const auto bits =
        std::min<unsigned>(kMostBits, static_cast<unsigned>(std::bit_width(entries.size())) + 2);
    const auto digit = [bits](Entry entry) {
        return static_cast<std::size_t>(entry << kPartBits >> (64 - bits));
    };
    counts.assign(std::size_t{1} << bits, 0);
    for (const auto entry : entries) {
        auto& count = counts[digit(entry)];
        count = static_cast<std::uint8_t>(count + (count < 2));
    }
    std::size_t kept = 0;
    for (const auto entry : entries) {
        entries[kept] = entry;
        kept += counts[digit(entry)] > 1;
    }
    return entries.first(kept);
}

// Sorts the entries of one part, which agree in their first bits; `room` is at least as large and may be
// overwritten.
void sort_part(std::span<Entry> entries, std::span<Entry> room) {
    if (entries.size() < kWorthCounting) return std::sort(entries.begin(), entries.end());
    room = room.first(entries.size());
    // By the other 21 bits of the key, in two rounds; each keeps the order of texts.
    constexpr unsigned kLow = 10, kHigh = 11;
    static_assert(kPartBits + kLow + kHigh == 32);
    const auto round = [](std::span<const Entry> from, std::span<Entry> to, unsigned shift, unsigned bits) {
        std::vector<std::uint32_t> starts((std::size_t{1} << bits) + 1, 0);
        const auto digit = [&](Entry entry) { return entry >> shift & ((std::uint64_t{1} << bits) - 1); };
        for (const auto entry : from) ++starts[digit(entry) + 1];
        std::partial_sum(starts.begin(), starts.end(), starts.begin());
        for (const auto entry : from) to[starts[digit(entry)]++] = entry;
    };
    round(entries, room, 32, kLow);
    round(room, entries, 32 + kLow, kHigh);
}

// One band's entries, sorted by parts.
class Band {
  public:
    explicit Band(std::size_t texts) : entries_(texts), room_(texts) {}

    // Texts whose key is 0 are left out.
    void gather(std::span<const BandKeys> keys, std::size_t band, unsigned threads);
    // Parts are taken in turn by threads.
    std::span<Entry> part(std::size_t number) {
        return std::span(entries_).subspan(starts_[number], starts_[number + 1] - starts_[number]);
    }
    std::span<Entry> room(std::size_t number) {
        return std::span(room_).subspan(starts_[number], starts_[number + 1] - starts_[number]);
    }

  private:
    std::vector<Entry> entries_, room_;
    std::array<std::size_t, kParts + 1> starts_{};
};

void Band::gather(std::span<const BandKeys> keys, std::size_t band, unsigned threads) {
    std::vector<std::array<std::size_t, kParts>> counts(threads);
    const auto range = [&](unsigned t) { return keys.size() * t / threads; };
    on_each(threads, [&](unsigned t) {
        counts[t].fill(0);
        for (auto i = range(t); i < range(t + 1); ++i) {
            room_[i] = Entry{keys[i][band]} << 32 | i;
            counts[t][part_of(room_[i])] += key_of(room_[i]) != 0;
        }
    });
    std::size_t start = 0;
    for (std::size_t part = 0; part < kParts; ++part) {
        starts_[part] = start;
        for (auto& of_thread : counts) start += std::exchange(of_thread[part], start);
    }
    starts_[kParts] = start;
    on_each(threads, [&](unsigned t) {
        for (auto i = range(t); i < range(t + 1); ++i)
            if (key_of(room_[i]) != 0) entries_[counts[t][part_of(room_[i])]++] = room_[i];
    });
}

std::uint32_t root_of(std::vector<std::uint32_t>& group, std::uint32_t text) {
    while (group[text] != text) text = group[text] = group[group[text]];
    return text;
}

// Joins pairs under the smaller number, then lets every text name its root.
void join(std::vector<std::uint32_t>& group, const std::vector<Comparer>& comparers) {
    bool any = false;
    for (const auto& comparer : comparers) {
        for (const auto& pair : comparer.near) {
            const auto a = root_of(group, pair.a), b = root_of(group, pair.b);
            group[std::max(a, b)] = std::min(a, b);
            any = true;
        }
    }
    // A root is never larger than its members: what a text points to has its root already.
    if (any)
        for (auto& of : group) of = group[of];
}

}  // namespace

NearGroups group_near_texts(std::span<const BandKeys> keys,
                            const std::function<std::string_view(std::uint32_t)>& text_of, unsigned threads,
                            std::span<const Sketch> sketches) {
    NearGroups result;
    result.group.resize(keys.size());
    std::iota(result.group.begin(), result.group.end(), 0u);
    threads = keys.size() < kWorthThreads ? 1 : std::clamp(threads, 1u, kMostThreads);
    Band sorted(keys.size());
    for (std::size_t band = 0; band < kBands; ++band) {
        sorted.gather(keys, band, threads);
        std::vector<Comparer> comparers(threads, Comparer(text_of, result.group, sketches));
        std::atomic<std::size_t> next = 0;
        on_each(threads, [&](unsigned t) {
            std::vector<std::uint8_t> counts;
            for (auto part = next++; part < kParts; part = next++) {
                const auto entries = without_lone(sorted.part(part), counts);
                sort_part(entries, sorted.room(part));
                comparers[t].part(entries);
            }
        });
        join(result.group, comparers);
        for (const auto& comparer : comparers) {
            result.candidates += comparer.candidates;
            result.verified += comparer.verified;
            result.crowded += comparer.crowded;
        }
    }
    return result;
}

}  // namespace contrechamp::coordination
