// The rows of all inputs, read once by several threads and turned into what is compared: accounts, and for
// each layer who shared which object when. Texts are kept once each, normalised, for near_text.h.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "analyze/coordination/edges.h"
#include "analyze/coordination/near_text.h"
#include "formats/posts.h"

namespace contrechamp::coordination {

struct Input {
    PostKind kind = PostKind::posts;
    std::string_view bytes;  // decompressed
    PostLayout layout;
    // Whether the bytes are a mapped file: those read already then need not stay in memory.
    bool mapped = false;
};

struct Account {
    std::string id;                  // as the export names it
    std::string name, display, bio;  // of its profile, else of its first post
    Place first_place = 0;           // the row it is first seen in
    Place profile_place = 0;
    std::uint32_t profile_length = 0;  // bytes; 0: no profile row
    std::uint32_t posts = 0, reposts = 0;
    Seconds first = 0, last = 0;
    Seconds created = 0;  // 0: not known
};

// One used row of posts, for what is not a share: rhythms, the raster.
struct PostRef {
    std::uint32_t account = 0;
    Seconds time = 0;
    Place place = 0;
    std::uint32_t reply_account =
        0;  // 1 + the account it answers, where that is known and in the data; else 0
    bool repost = false;
};

struct RefusedPost {
    std::size_t input = 0;
    RefusedRow row;
};

struct CorpusSettings {
    unsigned threads = 2;
    std::array<bool, kLayerCount> layers{};  // which are read; near_text needs same_text
    // Of objects only those whose hash modulo `shards` is `shard`: all of an object or nothing. Accounts are
    // all read, and texts all compared, so that numbers and near texts are those of the whole.
    std::uint32_t shard = 0, shards = 1;
    bool post_refs = true;
    bool account_details = true;
};

struct CorpusCounts {
    std::uint64_t posts = 0, profiles = 0, reposts = 0;  // rows used
    std::uint64_t refused = 0;
    std::uint64_t to_the_minute = 0, zone_assumed = 0;
    std::uint64_t short_texts = 0;                    // too short to say anything when they are the same
    std::array<std::uint64_t, kLayerCount> shares{};  // rows a layer
    Seconds first = 0, last = 0;
};

struct PostCorpus {
    std::vector<Account> accounts;  // by first_place
    std::array<std::unique_ptr<Spool<Share>>, kLayerCount> shares;
    std::vector<PostRef> posts;        // by place
    std::vector<RefusedPost> refused;  // by input and place
    CorpusCounts counts;
    std::uint64_t near_candidates = 0, near_verified = 0, near_crowded = 0;

    std::uint32_t days() const {
        return counts.last <= counts.first ? 1 : (counts.last - counts.first) / 86400 + 1;
    }
};

// Shorter normalised texts (bytes) are the same by chance: "lol", "merci".
inline constexpr std::size_t kFewestTextBytes = 15;
// One hashtag is everybody's; a sequence of two or more is a choice.
inline constexpr std::size_t kFewestHashtags = 2;

constexpr Place place_of(std::size_t input, std::uint64_t offset) {
    return std::uint64_t{input} << kPlaceBits | offset;
}
constexpr std::size_t input_of(Place place) { return place >> kPlaceBits; }
constexpr std::uint64_t offset_of(Place place) { return place & ((std::uint64_t{1} << kPlaceBits) - 1); }

Result<PostCorpus> read_corpus(std::span<const Input> inputs, const CorpusSettings& settings, Budget& budget);

// The number of an object, by its canonical form (XXH3).
std::uint64_t object_of(std::string_view canonical);

// The canonical forms of what a row shares in a layer, as they are hashed. One row may share several.
void objects_of(const PostRow& row, Layer layer, std::vector<std::string>& out);

}  // namespace contrechamp::coordination
