// Inside the search for templates: texts as tokens. Positions are bytes of the text as it was written;
// comparison is by case-folded NFKC form. Numbers, codes, links and mentions are masked: they compare equal
// to their like.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace contrechamp::coordination {

enum class TokenKind : std::uint8_t {
    word,
    sign,    // one character of a script that is written without spaces
    number,  // <N>
    code,    // <CODE>: letters and digits in one word
    link,
    mention,  // without its @
    emoji,
    punctuation,
    stop,  // punctuation that ends a clause
};

struct Token {
    std::uint32_t id = 0;
    std::uint32_t begin = 0, end = 0;  // bytes of the text
    TokenKind kind = TokenKind::word;
    bool new_line = false;  // a line ends before it

    bool content() const { return kind == TokenKind::word || kind == TokenKind::sign; }
    bool masked() const { return kind >= TokenKind::number && kind <= TokenKind::mention; }
    bool light() const { return kind >= TokenKind::punctuation; }
    // What can make a template unlikely: content words, emoji, and that there is a number, a code … at all.
    bool telling() const { return !light(); }
};

// What is looked at of a text: its first tokens. Templates are short; hostile texts are not.
inline constexpr std::size_t kMostTokens = 128;

// A token before it has a number: `key` is the XXH3 hash of its compared form.
struct RawToken {
    std::uint64_t key = 0;
    Token token;
};
void tokenise(std::string_view text, std::vector<RawToken>& out);

// Numbers for keys, in the order of their first appearance; masked kinds have the first four.
class Vocabulary {
  public:
    static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;

    Vocabulary();
    std::uint32_t number(std::uint64_t key);      // a new number for a new key
    std::uint32_t find(std::uint64_t key) const;  // kUnknown for a new key
    std::uint64_t key(std::uint32_t id) const { return keys_[id]; }
    std::size_t size() const { return keys_.size(); }

  private:
    void grow();
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> keys_;
};

// Texts as tokens with an index from tokens to texts. Equal texts are held once, with their number; texts are
// ordered by their content, so that nothing below depends on the order they came in.
struct Corpus {
    std::vector<Token> tokens;
    std::vector<std::uint64_t> first;           // of each text, and the end
    std::vector<std::uint32_t> weight;          // how many texts are this text
    std::vector<std::uint32_t> source;          // indexes into the texts, those of each text together
    std::vector<std::uint64_t> source_first;    // of each text, and the end
    std::vector<std::uint64_t> posting_first;   // of each token number, and the end
    std::vector<std::uint32_t> postings;        // texts that hold it, ascending
    std::vector<std::uint64_t> posting_weight;  // how many texts hold it
    std::uint64_t texts = 0;                    // sum of weights; texts without tokens do not count

    std::uint32_t size() const { return static_cast<std::uint32_t>(weight.size()); }
    std::span<const Token> of(std::uint32_t text) const {
        return {tokens.data() + first[text], tokens.data() + first[text + 1]};
    }
    std::span<const std::uint32_t> holding(std::uint32_t id) const {
        if (id + 1 >= posting_first.size()) return {};
        return {postings.data() + posting_first[id], postings.data() + posting_first[id + 1]};
    }
};

// `grow`: new tokens get numbers; otherwise they are unknown (kUnknown) and fit nothing.
Corpus make_corpus(std::span<const std::string_view> texts, Vocabulary& vocabulary, bool grow,
                   unsigned threads);

}  // namespace contrechamp::coordination
