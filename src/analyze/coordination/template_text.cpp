#include "analyze/coordination/template_text.h"

#include <utf8proc.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>

#include "base/parallel.h"

namespace contrechamp::coordination {

namespace {

constexpr std::size_t kLongestFolded = 256;  // bytes; a longer word is compared as it is written

enum class Sort : std::uint8_t { space, line, letter, digit, sign, emoji, join, other };

struct Char {
    char32_t code = 0;
    std::uint32_t size = 1;
    Sort sort = Sort::other;
};

bool written_without_spaces(char32_t c) {
    // Unicode blocks: Thai, Lao, Myanmar, Khmer, kana, Han, their extensions and compatibility forms.
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF) ||
           (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

Sort sort_of(char32_t c) {
    if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029) return Sort::line;
    if (c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF)) return Sort::join;
    const utf8proc_property_t* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    switch (property->category) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_NL: return written_without_spaces(c) ? Sort::sign : Sort::letter;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
        case UTF8PROC_CATEGORY_CF: return Sort::join;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NO: return Sort::digit;
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_CC: return Sort::space;
        default: break;
    }
    if (property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
        property->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR ||
        property->category == UTF8PROC_CATEGORY_SO || property->category == UTF8PROC_CATEGORY_CO)
        return c == 0xA6 || c == 0xA9 || c == 0xAE ? Sort::other : Sort::emoji;
    return Sort::other;
}

Sort ascii_sort(unsigned char c) {
    if (c == '\n' || c == '\r') return Sort::line;
    if (c <= ' ' || c == 0x7F) return Sort::space;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return Sort::letter;
    if (c >= '0' && c <= '9') return Sort::digit;
    return Sort::other;
}

bool ends_clause(char32_t c) {
    static constexpr std::u32string_view kStops =
        U".!?;|\u2026\u00B7\u2022\u2013\u2014\u2015\u3002\uFF01\uFF1F"
        U"\uFF1B\uFF5C\u061F\u061B\u06D4\u0964\u0965\u00A6\u203B";
    return kStops.find(c) != std::u32string_view::npos;
}

class Scanner {
  public:
    Scanner(std::string_view text, std::vector<RawToken>& out) : text_(text), out_(out) {}

    void run() {
        while (at_ < text_.size() && out_.size() < kMostTokens) {
            Char c = peek(at_);
            if (c.sort == Sort::space || c.sort == Sort::line || c.sort == Sort::join) {
                new_line_ |= c.sort == Sort::line;
                at_ += c.size;
            } else if (c.sort == Sort::letter || c.sort == Sort::digit) {
                word();
            } else if (c.sort == Sort::sign) {
                one_sign(c);
            } else if (c.sort == Sort::emoji) {
                emoji();
            } else {
                punctuation(c);
            }
        }
    }

  private:
    Char peek(std::size_t at) const {
        if (at >= text_.size()) return {0, 0, Sort::space};
        auto byte = static_cast<unsigned char>(text_[at]);
        if (byte < 0x80) return {byte, 1, ascii_sort(byte)};
        utf8proc_int32_t code = 0;
        auto size = utf8proc_iterate(
            reinterpret_cast<const utf8proc_uint8_t*>(text_.data() + at),
            static_cast<utf8proc_ssize_t>(std::min<std::size_t>(4, text_.size() - at)), &code);
        if (size <= 0) return {0xFFFD, 1, Sort::other};
        auto c = static_cast<char32_t>(code);
        return {c, static_cast<std::uint32_t>(size), sort_of(c)};
    }

    void emit(std::size_t begin, TokenKind kind, std::uint64_t key) {
        Token token{0, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), kind, new_line_};
        if (token.masked())
            key = static_cast<std::uint64_t>(kind) - static_cast<std::uint64_t>(TokenKind::number);
        out_.push_back({key, token});
        new_line_ = false;
    }

    // Folded form of a piece, hashed.
    std::uint64_t folded(std::size_t begin, std::size_t end) const {
        std::string_view piece = text_.substr(begin, end - begin);
        if (piece.size() > kLongestFolded) return XXH3_64bits(piece.data(), piece.size());
        char lower[kLongestFolded];
        bool ascii = true;
        for (std::size_t i = 0; i < piece.size(); ++i) {
            char c = piece[i];
            ascii &= static_cast<unsigned char>(c) < 0x80;
            lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        if (ascii) return XXH3_64bits(lower, piece.size());
        utf8proc_uint8_t* mapped = nullptr;
        auto size =
            utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(piece.data()),
                         static_cast<utf8proc_ssize_t>(piece.size()), &mapped,
                         static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                                        UTF8PROC_CASEFOLD | UTF8PROC_IGNORE));
        std::uint64_t key = size >= 0 ? XXH3_64bits(mapped, static_cast<std::size_t>(size))
                                      : XXH3_64bits(piece.data(), piece.size());
        std::free(mapped);
        return key;
    }

    bool starts(std::string_view prefix) const {
        if (text_.size() - at_ < prefix.size()) return false;
        return std::equal(prefix.begin(), prefix.end(), text_.begin() + static_cast<std::ptrdiff_t>(at_),
                          [](char p, char c) { return p == (c >= 'A' && c <= 'Z' ? c + 32 : c); });
    }

    // The end of what has no white space from here.
    std::size_t end_of_solid(std::size_t at) const {
        for (Char c; c = peek(at), c.size > 0 && c.sort != Sort::space && c.sort != Sort::line;) at += c.size;
        return at;
    }

    // "t.co/abc", "aboutamazon.com/tours": a name, a dot, 2 to 6 letters, a slash.
    bool bare_link(std::size_t dot) const {
        std::size_t at = dot + 1;
        while (at < text_.size() && at - dot <= 6 &&
               ascii_sort(static_cast<unsigned char>(text_[at])) == Sort::letter)
            ++at;
        return at - dot > 2 && at < text_.size() && text_[at] == '/';
    }

    void link(std::size_t begin) {
        at_ = end_of_solid(at_);
        emit(begin, TokenKind::link, 0);
    }

    void word() {
        std::size_t begin = at_;
        if (starts("http://") || starts("https://") || starts("www.")) return link(begin);
        bool letters = false, digits = false;
        for (;;) {
            Char c = peek(at_);
            if (c.size == 0) break;
            if (c.sort == Sort::letter || c.sort == Sort::digit || c.sort == Sort::join) {
                letters |= c.sort == Sort::letter;
                digits |= c.sort == Sort::digit;
            } else if (!inside(c, letters, begin)) {
                break;
            }
            at_ += c.size;
        }
        if (at_ < text_.size() && text_[at_] == '.' && bare_link(at_)) return link(begin);
        TokenKind kind = !digits ? TokenKind::word : letters ? TokenKind::code : TokenKind::number;
        if (after_at_ && begin == after_at_ && kind == TokenKind::word) kind = TokenKind::mention;
        emit(begin, kind, kind == TokenKind::word ? folded(begin, at_) : 0);
    }

    // Apostrophes between letters, and points between digits.
    bool inside(const Char& c, bool letters, std::size_t begin) const {
        if (at_ == begin) return false;
        Sort next = peek(at_ + c.size).sort;
        if (c.code == '\'' || c.code == 0x2019) return letters && next == Sort::letter;
        return !letters && (c.code == '.' || c.code == ',' || c.code == ':') && next == Sort::digit;
    }

    void one_sign(const Char& c) {
        std::size_t begin = at_;
        at_ += c.size;
        for (Char mark; mark = peek(at_), mark.size > 0 && mark.sort == Sort::join;) at_ += mark.size;
        emit(begin, TokenKind::sign, folded(begin, at_));
    }

    // One picture with its skin colour, its variation and what is joined to it; a flag is two letters.
    void emoji() {
        std::size_t begin = at_, last = 0;
        std::uint64_t key = 0;
        bool joined = true, flag = false;
        for (std::size_t pieces = 0; pieces < 16; ++pieces) {
            Char c = peek(at_);
            bool letter = c.code >= 0x1F1E6 && c.code <= 0x1F1FF;
            if (c.size == 0 || (c.sort != Sort::emoji && c.sort != Sort::join)) break;
            if (c.sort == Sort::emoji) {
                if (!joined && !(flag && letter)) break;
                key = XXH3_64bits_withSeed(&c.code, sizeof c.code, key + 1);
                flag = letter && last == 0;
            }
            joined = c.code == 0x200D;
            last = at_ += c.size;
        }
        emit(begin, TokenKind::emoji, key);
    }

    void punctuation(const Char& c) {
        std::size_t begin = at_;
        for (Char same; same = peek(at_), same.size > 0 && same.code == c.code && same.sort == c.sort;)
            at_ += same.size;
        bool stop = ends_clause(c.code);
        if (c.code == '-') stop = spaced(begin);
        if (c.code == '@') after_at_ = at_;
        std::uint64_t code = c.code;
        emit(begin, stop ? TokenKind::stop : TokenKind::punctuation, XXH3_64bits(&code, sizeof code));
    }

    bool spaced(std::size_t begin) const {
        return begin > 0 && text_[begin - 1] == ' ' && at_ < text_.size() && text_[at_] == ' ';
    }

    std::string_view text_;
    std::vector<RawToken>& out_;
    std::size_t at_ = 0, after_at_ = 0;
    bool new_line_ = false;
};

}  // namespace

void tokenise(std::string_view text, std::vector<RawToken>& out) {
    out.clear();
    Scanner(text.substr(0, std::min<std::size_t>(text.size(), 0xFFFFFFFF)), out).run();
}

Vocabulary::Vocabulary() : slots_(1024, kUnknown) {
    for (std::uint64_t masked = 0; masked < 4; ++masked) number(masked);
}

std::uint32_t Vocabulary::find(std::uint64_t key) const {
    std::size_t mask = slots_.size() - 1;
    for (std::size_t at = XXH3_64bits(&key, sizeof key) & mask;; at = (at + 1) & mask) {
        if (slots_[at] == kUnknown) return kUnknown;
        if (keys_[slots_[at]] == key) return slots_[at];
    }
}

std::uint32_t Vocabulary::number(std::uint64_t key) {
    if (keys_.size() * 2 >= slots_.size()) grow();
    std::size_t mask = slots_.size() - 1;
    std::size_t at = XXH3_64bits(&key, sizeof key) & mask;
    for (; slots_[at] != kUnknown; at = (at + 1) & mask)
        if (keys_[slots_[at]] == key) return slots_[at];
    slots_[at] = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(key);
    return slots_[at];
}

void Vocabulary::grow() {
    slots_.assign(slots_.size() * 2, kUnknown);
    std::size_t mask = slots_.size() - 1;
    for (std::uint32_t id = 0; id < keys_.size(); ++id) {
        std::size_t at = XXH3_64bits(&keys_[id], sizeof keys_[id]) & mask;
        while (slots_[at] != kUnknown) at = (at + 1) & mask;
        slots_[at] = id;
    }
}

namespace {

constexpr std::size_t kPiece = 4096;

// Indexes of texts, equal texts together, ordered by content.
std::vector<std::uint32_t> by_content(std::span<const std::string_view> texts, unsigned threads,
                                      std::vector<std::uint64_t>& keys) {
    keys.resize(texts.size());
    in_pieces(texts.size(), kPiece, threads, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) keys[i] = XXH3_64bits(texts[i].data(), texts[i].size());
    });
    std::vector<std::uint32_t> order(texts.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (keys[a] != keys[b]) return keys[a] < keys[b];
        if (texts[a] != texts[b]) return texts[a] < texts[b];
        return a < b;
    });
    return order;
}

void index_tokens(Corpus& corpus, std::size_t vocabulary) {
    // Each text once in a token's list: `last` holds the last text that was counted.
    std::vector<std::uint32_t> last(vocabulary, Vocabulary::kUnknown);
    corpus.posting_first.assign(vocabulary + 1, 0);
    auto each = [&](auto&& visit) {
        std::fill(last.begin(), last.end(), Vocabulary::kUnknown);
        for (std::uint32_t text = 0; text < corpus.size(); ++text)
            for (const Token& token : corpus.of(text))
                if (!token.light() && token.id != Vocabulary::kUnknown && last[token.id] != text) {
                    last[token.id] = text;
                    visit(token.id, text);
                }
    };
    each([&](std::uint32_t id, std::uint32_t) { ++corpus.posting_first[id + 1]; });
    std::partial_sum(corpus.posting_first.begin(), corpus.posting_first.end(), corpus.posting_first.begin());
    corpus.postings.resize(corpus.posting_first.back());
    std::vector<std::uint64_t> at(corpus.posting_first.begin(), corpus.posting_first.end() - 1);
    corpus.posting_weight.assign(vocabulary, 0);
    each([&](std::uint32_t id, std::uint32_t text) {
        corpus.postings[at[id]++] = text;
        corpus.posting_weight[id] += corpus.weight[text];
    });
}

}  // namespace

Corpus make_corpus(std::span<const std::string_view> texts, Vocabulary& vocabulary, bool grow,
                   unsigned threads) {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> order = by_content(texts, threads, keys);
    std::vector<std::size_t> heads;  // positions in `order` where another text begins
    for (std::size_t i = 0; i < order.size(); ++i)
        if (i == 0 || keys[order[i]] != keys[order[i - 1]] || texts[order[i]] != texts[order[i - 1]])
            heads.push_back(i);
    heads.push_back(order.size());
    Corpus corpus;
    corpus.first.push_back(0);
    corpus.source_first.push_back(0);
    // Tokens are found by several threads, some pieces at a time, and numbered by one.
    constexpr std::size_t kBatch = kPiece * 64;
    std::size_t distinct = heads.size() - 1;
    for (std::size_t from = 0; from < distinct; from += kBatch) {
        std::size_t count = std::min(kBatch, distinct - from);
        std::vector<std::vector<RawToken>> found((count + kPiece - 1) / kPiece);
        std::vector<std::uint32_t> lengths(count);
        in_pieces(count, kPiece, threads, [&](std::size_t begin, std::size_t end, std::size_t piece) {
            std::vector<RawToken> some;
            for (std::size_t i = begin; i < end; ++i) {
                tokenise(texts[order[heads[from + i]]], some);
                lengths[i] = static_cast<std::uint32_t>(some.size());
                found[piece].insert(found[piece].end(), some.begin(), some.end());
            }
        });
        for (std::size_t i = 0, at = 0; i < count; at = (++i % kPiece == 0 ? 0 : at)) {
            if (lengths[i] == 0) continue;
            for (std::size_t t = 0; t < lengths[i]; ++t) {
                const RawToken& raw = found[i / kPiece][at++];
                corpus.tokens.push_back(raw.token);
                corpus.tokens.back().id = grow ? vocabulary.number(raw.key) : vocabulary.find(raw.key);
            }
            std::size_t head = heads[from + i], tail = heads[from + i + 1];
            corpus.first.push_back(corpus.tokens.size());
            corpus.weight.push_back(static_cast<std::uint32_t>(tail - head));
            corpus.texts += tail - head;
            corpus.source.insert(corpus.source.end(), order.begin() + static_cast<std::ptrdiff_t>(head),
                                 order.begin() + static_cast<std::ptrdiff_t>(tail));
            corpus.source_first.push_back(corpus.source.size());
        }
    }
    index_tokens(corpus, vocabulary.size());
    return corpus;
}

}  // namespace contrechamp::coordination
