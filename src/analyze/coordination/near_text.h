// Near-same texts: shingles, MinHash and locality-sensitive hashing find candidates, and the exact Jaccard
// similarity of the shingle sets decides. (Broder 1997, "On the resemblance and containment of documents";
// Li, Owen, Zhang 2012, "One Permutation Hashing", with Shrivastava 2017's optimal densification.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::coordination {

// What is compared of a text, in any script: NFKC case folding without format characters, white space runs as
// one space; links, mentions and numbers stand as one sign each (U+E000, U+E001, U+E002), punctuation and
// emoji are left out at the edges of words only. Typographic apostrophes and hyphens count as the typed ones.
// Never drops a letter of any script. What is not UTF-8 becomes U+FFFD, which counts as punctuation; of more
// than 30 combining marks in a row the rest is left out. Normalising again changes nothing. Writes into `out`
// (cleared first; not part of `utf8`), for speed.
void normalise_text(std::string_view utf8, std::string& out);

// Words of a normalised text: split at spaces; characters of scripts that are written without spaces (Han,
// kana, Thai, Lao, Khmer, Myanmar …) each stand alone, with their marks; so do the three signs.
void words_of(std::string_view normalised, std::vector<std::string_view>& out);

// Pairs of words, so that a text in which one word of eight was exchanged on each side is still near: of
// triples of words hardly a third would be left.
inline constexpr std::size_t kShingle = 2;
inline constexpr std::size_t kFewestWords = 6;  // shorter texts agree by chance: not compared
inline constexpr std::size_t kMinHashes = 64;
// Of 3 rows: finds 65 % of pairs at similarity 0.4, 88 % at 0.5, 98 % at 0.6; members of a group lead to each
// other.
inline constexpr std::size_t kBands = 16, kRows = 3;
inline constexpr double kNearThreshold = 0.4;  // Jaccard similarity

// Distinct 64-bit shingle hashes, sorted; empty when the text has fewer than kFewestWords words.
void shingles_of(std::string_view normalised, std::vector<std::uint64_t>& out);

using BandKeys = std::array<std::uint32_t, kBands>;
// Of a set of sorted, distinct shingles. No key is 0, but for the empty set: all are, and such a text is
// compared with none.
BandKeys band_keys(std::span<const std::uint64_t> shingles);

// What is known of a text without looking at it again.
struct alignas(64) Sketch {
    // Four bits of each minimum: enough to tell most pairs that share a band by chance from those worth
    // comparing (b-bit minwise hashing; Li, König 2010). Two texts of similarity J agree in about
    // 64 · (J + (1 - J) / 16) places.
    std::array<std::uint64_t, 4> minima;
    // One bit for each of 240 places by hash: whether a shingle stands there. In the last sixteen bits how
    // many shingles there are, repeated ones included; 65535 or more: all set.
    std::array<std::uint64_t, 4> places;
};
struct Signature {
    BandKeys keys{};
    Sketch sketch{};
};
// Of a normalised text; all keys are 0 when it has fewer than kFewestWords words.
Signature signature(std::string_view normalised);
// How many of the 64 minima agree, by their four bits.
std::size_t minima_in_common(const Sketch& a, const Sketch& b);
// Of 28 that are to be expected at the threshold, four standard deviations less.
inline constexpr std::size_t kFewestMinima = 13;
// False only when the two texts are surely below kNearThreshold: each place that one of them fills and the
// other does not is a shingle that they do not share.
bool may_be_near(const Sketch& a, const Sketch& b);

// Exact similarity of two shingle sets (sorted, distinct): |A∩B| / |A∪B|; 0 when one is empty.
double jaccard(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

// Whether two normalised texts are near: similarity of at least kNearThreshold. Texts of fewer than
// kFewestWords words are near to none, themselves included.
bool near(std::string_view normalised_a, std::string_view normalised_b);

struct NearGroups {
    // For each text the number of its group (the smallest text of it); equal to the text's own number when it
    // is alone. Texts of a group are joined by a chain of pairs at or above the threshold.
    std::vector<std::uint32_t> group;
    // Pairs compared, and found near; pairs already known to be of one group are not compared again.
    std::uint64_t candidates = 0, verified = 0;
    std::uint64_t crowded = 0;  // buckets with more texts than are compared all with all (16)
};

// Texts 0 … keys.size()-1, each with its band keys and, unless `sketches` is empty, its sketch; `text_of`
// gives the normalised text (called from several threads at once; what it views lives until the call ends).
// Work is linear in the number of texts: in a crowded bucket each text is compared with the bucket's first 8
// and the 4 before it only, which is counted. The same input gives the same groups and counts however many
// threads. Memory: 4 bytes a text for the groups, and 16 to sort one band at a time.
NearGroups group_near_texts(std::span<const BandKeys> keys,
                            const std::function<std::string_view(std::uint32_t)>& text_of, unsigned threads,
                            std::span<const Sketch> sketches = {});

}  // namespace contrechamp::coordination
