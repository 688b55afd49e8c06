// What was said, as it is compared: words one after another, or a lattice of them where a transcript allows
// alternatives ({ a / b / @ }) or words that may be missing ((optional)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::disparity {

// Words to small numbers, in the order in which they come. A word that is not there has the number kNoWord,
// which equals no other: what a hypothesis says and no reference does needs no number of its own.
inline constexpr std::uint32_t kNoWord = ~std::uint32_t{0};
class Words {
  public:
    Words();
    std::uint32_t add(std::string_view word);
    std::uint32_t find(std::string_view word) const;  // kNoWord when it is not there
    std::string_view operator[](std::uint32_t number) const;
    std::size_t size() const { return starts_.size(); }
    std::size_t bytes() const;  // memory held, about

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t number = kNoWord;
    };
    void grow();
    std::vector<Slot> slots_;
    std::vector<std::uint64_t> starts_;  // of each word in letters_
    std::string letters_;
};

// A piece of an utterance after normalisation. Alternatives nest: open, words of the first, next, words of
// the second, close.
enum class PieceKind : std::uint8_t { word, open, next, close };
struct Piece {
    std::uint32_t begin = 0, length = 0;  // a word's letters in Speech::letters
    std::uint32_t word = kNoWord;         // its number, once numbered
    PieceKind kind = PieceKind::word;
    bool optional = false;  // may be missing: its deletion is no error (sclite -D)
    bool fragment = false;  // begins or ends with "-" and matches by its letters (sclite -F)
    bool proper = false;    // written with a capital inside a sentence (words.h)
    bool nothing = false;   // "@"
};

// One utterance, normalised. Reused from utterance to utterance, so that its memory is.
struct Speech {
    std::string letters;
    std::vector<Piece> pieces;
    bool plain = true;      // words only: none optional, none a fragment, no alternatives
    bool too_deep = false;  // alternatives nested over kDeepest: not to be used

    void clear();
    void word(std::string_view letters, bool optional = false, bool fragment = false, bool proper = false);
    // The word's letters stand at the end of `letters` from `begin`.
    void word_from(std::size_t begin, bool optional = false, bool fragment = false, bool proper = false);
    void nothing();  // @
    void open();
    void next();
    void close();
    std::string_view text(const Piece& piece) const {
        return std::string_view(letters).substr(piece.begin, piece.length);
    }
};
inline constexpr unsigned kDeepest = 64;

void number(Speech& speech, Words& words);              // references: new words are added
void number_known(Speech& speech, const Words& words);  // hypotheses

// Arcs in the order in which sclite meets them (SCTK 2.4.10, net_adt.c: nodes first in, first out, once all
// their incoming arcs are known), because its choice among equally cheap alignments depends on it.
struct Lattice {
    struct Arc {
        std::uint32_t piece = 0;  // in Speech::pieces
        std::uint32_t from = 0;   // node
    };
    std::vector<Arc> arcs;  // without sclite's empty first arc
    std::vector<std::uint32_t>
        in_arcs;  // by node, in sclite's order; numbers of arcs + 1, 0 for the empty first arc
    std::vector<std::uint32_t> in_start;  // node n: in_arcs[in_start[n]] … in_arcs[in_start[n + 1] - 1]
    std::uint32_t stop = 0;               // the last node
};
void build_lattice(const Speech& speech, Lattice& lattice);

}  // namespace contrechamp::disparity
