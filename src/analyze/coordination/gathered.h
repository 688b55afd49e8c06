// What each thread of corpus.cpp gathers from its rows, before it is put together. Included there alone.
#pragma once

#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyze/coordination/corpus.h"
#include "analyze/coordination/dictionary.h"
#include "analyze/coordination/objects.h"

namespace contrechamp::coordination {

struct DistinctText {
    std::uint64_t hash = 0;
    Place place = 0;
    std::uint32_t thread = 0;
    std::uint32_t length = 0;
    std::uint64_t at = 0;      // in the thread's letters
    std::uint32_t number = 0;  // among the thread's texts
};
inline constexpr std::size_t kSignatures = 4096;  // a chunk

// A post's own id.
struct PostId {
    std::uint64_t hash = 0;
    Place place = 0;
    std::uint32_t account = 0;
    std::uint32_t length = 0;  // of the row
};

// What is touched with every row, and no more: it has to stay in the processor's cache.
struct AccountSums {
    Place first_place = 0;
    std::uint32_t posts = 0, reposts = 0;
    Seconds first = std::numeric_limits<Seconds>::max(), last = 0;
    std::uint8_t told = 0;  // bits: name, display, bio
};

inline constexpr Place kNowhere = std::numeric_limits<Place>::max();

// Where what a post says of its account stands: the first that says it counts, whoever reads it.
struct Told {
    Place name = kNowhere, display = kNowhere, bio = kNowhere;
};

// What an account says of itself; most say nothing.
struct Details {
    std::string name, display, bio;
    Told told;
    Place profile_place = 0;
    std::uint32_t profile_length = 0;
    Seconds created = 0;
};

// What one thread gathers; account numbers are its own until merge().
struct Gatherer {
    Dictionary names;
    std::vector<AccountSums> sums;
    std::unordered_map<std::uint32_t, Details> details;
    std::vector<PostRef> posts;
    std::vector<std::uint32_t> reply_to;  // parallel to posts: own number + 1 of the account answered
    std::vector<PostId> ids;
    std::vector<RefusedPost> refused;
    CorpusCounts counts;
    HashSet texts_seen;
    std::vector<DistinctText> texts;
    std::vector<std::vector<Signature>> signatures;  // in chunks: growing never copies them
    Letters letters;

    // Reused from row to row.
    Scratch scratch;
    std::vector<std::uint64_t> row_hashes;
    bool has_text = false;        // scratch.normal is the row's text, …
    std::uint64_t text_hash = 0;  // … and this its number
};

}  // namespace contrechamp::coordination
