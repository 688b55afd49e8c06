// The cheapest alignment of two utterances, word by word.
//
// Costs are those of SCTK's sclite (2.4.10, src/sclite/word.c, wwd_WORD): a correct word 0, a substitution 4,
// an insertion or deletion 3; "@" inserted or deleted 0.001, "@" for "@" 1; an optionally deletable word
// missing 2. Or Levenshtein's: 0, 1, 1; "@" and missing optional words 0. Among alignments of the same cost
// the one is taken that sclite takes (net_dp.c): from the end, a pair (correct or substituted) before an
// insertion, an insertion before a deletion, earlier arcs of a lattice before later ones, all in single
// precision as there; so substitutions, deletions and insertions equal sclite's one by one and not just in
// sum.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyze/disparity/lattice.h"

namespace contrechamp::disparity {

enum class CostMode : std::uint8_t { sclite, levenshtein };  // 4/3/3; 1/1/1
std::string_view to_string(CostMode mode);                   // "4/3/3", "1/1/1"

// correct + substituted + deleted = words of the reference on the path that was taken, which is sclite's "#
// Wrd". A missing optional word counts as correct, and so does an optional word of the hypothesis that the
// reference lacks (sclite -D).
struct EditCounts {
    std::uint64_t correct = 0, substituted = 0, deleted = 0, inserted = 0;
    std::uint64_t words() const { return correct + substituted + deleted; }
    std::uint64_t errors() const { return substituted + deleted + inserted; }
    EditCounts& operator+=(const EditCounts& other);
    bool operator==(const EditCounts&) const = default;
};

enum class Edit : std::uint8_t { correct, substituted, deleted, inserted };
inline constexpr std::uint32_t kNoPiece = ~std::uint32_t{0};
// Numbers of pieces in the reference's and the hypothesis' Speech; kNoPiece for the side that has nothing.
// "@" is not listed.
struct AlignedPair {
    Edit edit = Edit::correct;
    std::uint32_t reference = kNoPiece, hypothesis = kNoPiece;
};

// Work and memory are bounded: an alignment that would take more than this many steps (words × words; 31 000
// words on both sides) is not made. Memory is about 8 × √(words of the reference) × words of the hypothesis
// bytes.
inline constexpr std::uint64_t kMostSteps = 1'000'000'000;

// Aligns utterance after utterance, reusing its memory; one thread's.
class Aligner {
  public:
    // Both numbered with the same Words. False when it would take too many steps, or alternatives nest too
    // deep; `counts` is then zero. `pairs`, unless null, gets the alignment from first to last.
    bool align(const Speech& reference, const Speech& hypothesis, CostMode mode, EditCounts& counts,
               std::vector<AlignedPair>* pairs = nullptr);

  private:
    void align_plain(const Speech& reference, const Speech& hypothesis, CostMode mode, EditCounts& counts,
                     std::vector<AlignedPair>* pairs);
    bool align_lattices(const Speech& reference, const Speech& hypothesis, CostMode mode, EditCounts& counts,
                        std::vector<AlignedPair>* pairs);
    std::vector<std::int32_t> rows_, kept_;
    std::vector<float> cells_, kept_cells_;
    Lattice reference_, hypothesis_;
};

// Levenshtein distance of two strings of numbers (characters, words), bit-parallel: Myers, "A fast bit-vector
// algorithm for approximate string matching", J. ACM 46 (1999), in the block form of Hyyrö, "A bit-vector
// algorithm for computing Levenshtein and Damerau edit distances", Nordic J. Computing 10 (2003). Time |a| ×
// |b| / 64, memory |a| + |b|.
std::uint64_t distance(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

}  // namespace contrechamp::disparity
