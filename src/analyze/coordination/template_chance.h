// Inside the search for templates: which texts hold given words in order, and how unlikely it is that so many
// do.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analyze/coordination/template_text.h"

namespace contrechamp::coordination {

// Texts that hold at least words.size() - may_miss of the words in this order. At most 64 words are looked
// at. When more than `most` texts would have to be read, evenly chosen ones are, and `scale` says how many
// each of those stands for.
struct Holders {
    std::vector<std::uint32_t> texts;  // ascending
    std::uint64_t weight = 0;          // of these texts
    double scale = 1;
    double estimate() const { return static_cast<double>(weight) * scale; }
};
Holders holding_in_order(const Corpus& corpus, std::span<const std::uint32_t> words, std::size_t may_miss,
                         std::size_t most);

// Clauses of a template: words that people write in one breath are taken for one custom, whatever its words
// suggest ("opinions my own"), up to kLongestClause words.
inline constexpr std::size_t kLongestClause = 8;
using Clauses = std::vector<std::vector<std::uint32_t>>;

// How unlikely it is that `members` of the texts of `corpus` hold all the clauses; log10, at most 0.
//
// Any text might be the seed of a template, and any k of its T telling tokens (content words, emoji, and
// that a number, a code, a link or a mention stands there) what is fixed. The probability that some seed
// finds m - 1 others is at most the sum over seeds and choices (Bonferroni with weights 1 / (n T C(T, k)),
// which sum to at most 1):
//     p <= n T C(T, k) P(m - 1 of the n - 1 others hold every clause).
// Without comparison texts P is of Fisher's kind, given how many texts d_u hold each clause u, members
// included (so a custom explains itself): with which texts hold one clause independent of which hold another,
//     P <= C(n-1, m-1) prod_u (c_u (d_u - 1))_(m-1) / (n - 1)_(m-1),   (x)_j = x (x-1) … (x-j+1).
// With N comparison texts, of which d_u hold clause u, by the union bound of the binomial tail
//     P <= C(n-1, m-1) q^(m-1),   q = prod_u c_u (d_u + 1) / (N + 1).
// c_u is 1 for the rarest clause and 2 for the others: long texts hold more of everything, so clauses are
// not quite independent.
// In either case P is at least C(n-1, m-1) f^(m-1), f the share of texts that hold all clauses in order among
// the comparison texts or, without them, the texts that are not members.
struct ChanceQuestion {
    Clauses clauses;
    std::uint64_t members = 0;
    std::size_t seed_words = 0;  // T: telling words of the member that has fewest
};
// At most `most_read` texts are read to count the holders of a clause.
double log10_chance(const ChanceQuestion& question, const Corpus& corpus, const Corpus* comparison,
                    std::size_t most_read);

}  // namespace contrechamp::coordination
