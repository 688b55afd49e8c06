// Inside the search for templates: what is fixed and what is a slot, by minimum description length.
//
// Code of a text by itself: its length n in Elias's gamma code, 2 floor(log2(n + 1)) + 1 bits, and each token
// by -log2((count + 1) / (all + kinds)), counted over all texts (Rissanen 1978, "Modeling by shortest data
// description"; Laplace's estimate keeps every token possible).
// Code of m texts by a template:
//   the template: gamma(columns), a bit per column (fixed or slot), each fixed token by its bits;
//   which of the n texts it is for: log2 C(n, m);
//   per fixed column which h of the m texts hold it: log2((m + 1) C(m, h)), Rissanen's enumerative code;
//   per text and slot gamma(tokens in it), and each of them by its bits;
//   per text gamma(tokens that stand outside slots), each by log2(columns + 1) for its place and its bits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyze/coordination/template_text.h"

namespace contrechamp::coordination {

struct Column {
    bool slot = false;
    std::uint32_t id = 0;  // of the fixed token
    TokenKind kind = TokenKind::word;
    float bits = 0;  // what the fixed token is worth
    bool word() const { return !slot && kind <= TokenKind::sign; }
};

// How a text stands to the columns of a template.
struct Fitting {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::vector<std::uint32_t> from,
        to;                              // per column: tokens [from, to) in it; a fixed one holds one or none
    std::vector<std::uint32_t> outside;  // tokens in no column or in the place of a fixed token
    double held = 0;                     // bits of the fixed content words that the text holds
};
Fitting fit_columns(std::span<const Column> columns, std::span<const Token> text);

std::size_t content_words(std::span<const Column> columns);
// A text fits when it holds three quarters of the fixed content words, weighed by their bits: a rare word
// that is not there cannot be made up for by common ones.
double needed_bits(std::span<const Column> columns);
// How many words a text that fits may lack at most.
std::size_t most_missed(std::span<const Column> columns);

double gamma_bits(double number);  // Elias's gamma code of number + 1

// What the search works with: texts and the bits of their tokens.
struct Ground {
    const Corpus& corpus;
    std::span<const std::string_view> texts;  // in the order of Corpus::source
    const std::vector<float>& bits;
    double text_bits(std::uint32_t text) const;
    Column column(const Token& token) const { return {false, token.id, token.kind, bits[token.id]}; }
    std::string_view written(std::uint32_t text, const Token& token) const {
        return texts[corpus.source[corpus.source_first[text]]].substr(token.begin, token.end - token.begin);
    }
};

struct Draft {
    std::vector<Column> columns;
    std::vector<std::uint32_t> members;  // texts of the corpus, ascending
    std::vector<Fitting> fits;
    std::uint64_t weight = 0;  // members, equal texts counted
    double saved_bits = 0;
};

// The template of these texts (ascending): columns from a middle text aligned with evenly chosen others
// (Needleman and Wunsch 1970), refitted until nothing changes; who saves nothing leaves. Columns may be
// empty: no template.
Draft draft_template(const Ground& ground, std::span<const std::uint32_t> texts);

// Takes for members those of `texts` (ascending) that fit the draft's columns and save bits.
void take_members(const Ground& ground, std::span<const std::uint32_t> texts, Draft& draft);

}  // namespace contrechamp::coordination
