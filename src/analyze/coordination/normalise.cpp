// normalise_text: runs of plain words go through sixteen bytes at a time; a word with anything else in it is
// looked at by itself, letter by letter through a table; and a word that holds links, mentions or letters of
// scripts without spaces is taken apart.
#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

#include "analyze/coordination/characters.h"
#include "analyze/coordination/near_text.h"
#include "analyze/coordination/words.h"

namespace contrechamp::coordination {
namespace {

constexpr std::string_view kSigns[] = {"\xee\x80\x80", "\xee\x80\x81", "\xee\x80\x82"};
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

struct AsciiTable {
    std::array<std::uint16_t, 128> kinds{};
    std::array<char, 128> folded{};
    AsciiTable() {
        for (unsigned c = 0; c < 128; ++c) {
            kinds[c] = kind_of(c);
            folded[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
    }
};

const AsciiTable& ascii_table() {
    static const AsciiTable table;
    return table;
}

// Characters from U+3000 on that are common and that folding leaves as they are, whatever stands around them:
// Han, kana, Hangul syllables, CJK punctuation, emoji. 0: ask fold_text.
unsigned kind_unfolded(char32_t c) {
    const auto in = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (in(0x4e00, 0x9fff) || in(0x3041, 0x3096) || in(0x30a1, 0x30fa) || in(0x3400, 0x4dbf))
        return kUnspaced;
    if (in(0xac00, 0xd7a3)) return kLetter;
    if (in(0x3001, 0x3003) || in(0x3008, 0x3011)) return kPunct;
    if (in(0x1f300, 0x1f64f) || in(0x1f680, 0x1f6ff) || in(0x1f900, 0x1f9ff)) return kPunct;
    return 0;
}

// One text under way. `at` is the end of what is written; there is always room for three times what is still
// to be read and kSlack more.
class Normaliser {
  public:
    Normaliser(std::string_view text, std::string& out)
        : from_(text.data()),
          end_(from_ + text.size()),
          out_(out),
          ascii_(ascii_table()),
          folded_(folded_table()) {
        out_.resize(room(text.size()));
        at_ = out_.data();
    }

    void run() {
        while (from_ < end_) {
            plain_run();
            if (from_ < end_) word();
        }
        if (at_ > out_.data() && at_[-1] == ' ') --at_;
        out_.resize(written());
    }

  private:
    static constexpr std::size_t kSlack = 64;
    static std::size_t room(std::size_t bytes) { return 3 * bytes + kSlack; }
    std::size_t written() const { return static_cast<std::size_t>(at_ - out_.data()); }

    void plain_run();
    const char* two_byte_letters(const char* from, char* at) const;
    bool ascii_letter(const char* from) const {
        return from < end_ && static_cast<unsigned char>((*from | 0x20) - 'a') < 26;
    }
    // Whether a mark stands there that ends a word of letters.
    bool closes_word(const char* from) const {
        const bool last = end_ - from == 1 || from[1] == ' ';
        return last &&
               (*from == '.' || *from == ',' || *from == '!' || *from == '?' || *from == ';' || *from == ':');
    }
    // What stays as it is between two letters; the typographic apostrophe becomes the typed one.
    struct Sign {
        std::size_t length = 0;  // 0: none
        char written = 0;
    };
    Sign joining_sign(const char* from) const {
        if (*from == '\'' || *from == '-') return {1, *from};
        if (end_ - from > 2 && std::memcmp(from, "\xe2\x80\x99", 3) == 0) return {3, '\''};
        return {};
    }
    void word();
    void finish_word(char* end, char* keep_begin, char* keep_end, unsigned kinds, bool unclear);
    void fold_word();
    void take_apart(std::string_view word);
    Character next_character(const char* from) const {
        const auto first = static_cast<unsigned char>(*from);
        if (first >= 0xc2 && first <= 0xdf && end_ - from > 1 && (from[1] & 0xc0) == 0x80)  // most of them
            return {static_cast<char32_t>((first & 0x1f) << 6 | (from[1] & 0x3f)), 2, true};
        if (first >= 0xe3 && first <= 0xec && end_ - from > 2 && (from[1] & 0xc0) == 0x80 &&
            (from[2] & 0xc0) == 0x80)
            return {static_cast<char32_t>((first & 0x0f) << 12 | (from[1] & 0x3f) << 6 | (from[2] & 0x3f)), 3,
                    true};
        return character_at({from, static_cast<std::size_t>(end_ - from)}, 0);
    }
    void separate() {
        if (at_ > out_.data() && at_[-1] != ' ') *at_++ = ' ';
    }
    void put(std::string_view bytes) {
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }

    const char* from_;
    const char* end_;
    std::string& out_;
    char* at_;
    const AsciiTable& ascii_;
    const Folded* folded_;
};

// Writes letters of two bytes (Latin with accents, Greek, Cyrillic, Arabic …) that become two bytes, whatever
// stands around them; returns where they end.
const char* Normaliser::two_byte_letters(const char* from, char* at) const {
    while (end_ - from > 1) {
        const auto first = static_cast<unsigned char>(from[0]), second = static_cast<unsigned char>(from[1]);
        if (first < 0xc2 || first > 0xdf || (second & 0xc0) != 0x80) break;
        const auto& entry = folded_[(first & 0x1fu) << 6 | (second & 0x3fu)];
        if (entry.kinds != kLetter || entry.length != 2 || entry.how != Folded::direct) break;
        std::memcpy(at, entry.bytes, 2);
        from += 2, at += 2;
    }
    return from;
}

// Letters and single spaces, from the start of a word, with what stands between letters (l'été, rendez-vous)
// and the punctuation mark that closes a word. Stops at the start of the first word that holds anything else,
// or at a space too many.
void Normaliser::plain_run() {
    const char* from = from_;
    char* at = at_;
    unsigned after_space = 1;
    // Of the last word that was written shorter than it was read: where it begins, and up to where it did.
    const char* shorter_from = nullptr;
    const char* shorter_end = nullptr;
    const auto word_start = [&] {
        char* start = at;
        while (start > at_ && start[-1] != ' ') --start;
        const bool shorter = shorter_end && start < shorter_end;
        return std::pair(shorter ? shorter_from : from - (at - start), start);
    };
    for (;;) {
        const auto left = static_cast<std::size_t>(end_ - from);
        __m128i bytes;
        if (left >= 16) {
            bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        } else {
            alignas(16) char rest[16] = {};
            std::memcpy(rest, from, left);
            bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(rest));
        }
        const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                            _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
        const __m128i lower = _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
        const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                             _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
        const auto spaces =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '))));
        const auto letters = static_cast<unsigned>(_mm_movemask_epi8(letter));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(at), lower);
        const unsigned other = (~(letters | spaces) & 0xffff) | (spaces & (spaces << 1 | after_space));
        if (other == 0) {
            from += 16, at += 16;
            after_space = spaces >> 15;
            continue;
        }
        const auto plain = static_cast<std::size_t>(std::countr_zero(other));
        from += plain, at += plain;
        after_space = 0;
        if (const auto end = two_byte_letters(from, at); end != from) {
            at += end - from;
            from = end;
            continue;
        }
        if (at == at_ || at[-1] == ' ' || from == end_) break;
        if (closes_word(from)) {
            ++from;
            continue;
        }
        const auto sign = joining_sign(from);
        if (sign.length == 0) break;
        const char* const next = from + sign.length;
        const auto end = two_byte_letters(next, at + 1);
        if (end == next && !ascii_letter(next)) break;
        if (sign.length > 1) {
            shorter_from = word_start().first;
            shorter_end = at + 1;
        }
        *at++ = sign.written;
        at += end - next;
        from = end;
    }
    if (from < end_ && *from != ' ') std::tie(from, at) = word_start();
    from_ = from;
    at_ = at;
}

// One word up to the next white space, with a space after it when anything of it stays; or the white space.
void Normaliser::word() {
    const char* from = from_;  // in registers: what is written through a char* could be a member
    char* at = at_;
    char* keep_begin = nullptr;
    char* keep_end = at;
    unsigned kinds = 0;
    bool marked = false;   // the last character had a combining class
    bool unclear = false;  // begins with a mark that is part of a letter (Thai sara am)
    const auto wrote = [&](std::size_t length, unsigned kind) {
        kinds |= kind;
        if (kind & kWordKinds) {
            unclear |= !keep_begin && (kind & kMark);
            keep_begin = keep_begin ? keep_begin : at;
            keep_end = at + length;
        } else if ((kind & kMark) && keep_end == at && keep_begin) {
            keep_end = at + length;
        }
        at += length;
    };
    while (from < end_) {
        const auto b = static_cast<unsigned char>(*from);
        if (b < 0x80) {
            const unsigned kind = ascii_.kinds[b];
            if (kind & kSpace) break;
            *at = ascii_.folded[b];
            marked = false;
            ++from;
            if (kind == kLetter) {  // the usual, and quicker so
                keep_begin = keep_begin ? keep_begin : at;
                keep_end = ++at;
                kinds |= kLetter;
            } else {
                wrote(1, kind);
            }
            continue;
        }
        const auto c = next_character(from);
        if (!c.valid) {
            std::memcpy(at, kReplacement.data(), 3);
            wrote(3, kPunct);
            marked = false;
        } else if (c.value < kFoldedLimit) {
            const auto& entry = folded_[c.value];
            if (entry.kinds & kSpace) break;
            if (entry.how == Folded::complex || (entry.how == Folded::ordered && marked)) return fold_word();
            std::memcpy(at, entry.bytes, 4);
            wrote(entry.length, entry.kinds);
            if (entry.length) marked = entry.ends_marked;
        } else if (const auto kind = kind_unfolded(c.value)) {
            std::memcpy(at, from, c.length);
            wrote(c.length, kind);
            marked = false;
        } else if (c.value >= 0xff01 && c.value <= 0xff5e) {  // full-width ASCII
            const auto narrow = c.value - 0xfee0;
            *at = ascii_.folded[narrow];
            wrote(1, ascii_.kinds[narrow]);
            marked = false;
        } else if (kind_of(c.value) & kSpace) {
            break;
        } else if (c.value != 0xfe0f) {  // the variation selector of emoji
            return fold_word();
        }
        from += c.length;
    }
    if (from == from_) {  // white space
        from_ += next_character(from).length;
    } else {
        from_ = from;
        finish_word(at, keep_begin, keep_end, kinds, unclear);
    }
    separate();
}

// A word written from at_ to `end`, with all the kinds of characters in it, and from where to where it holds
// anything but punctuation.
void Normaliser::finish_word(char* end, char* keep_begin, char* keep_end, unsigned kinds, bool unclear) {
    char* const begin = at_;
    const auto only = [&](unsigned allowed) { return !(kinds & ~allowed); };
    if (keep_begin == begin && !unclear && (only(kLetter | kMark) || only(kUnspaced | kMark))) {
        at_ = end;
        return;
    }
    const std::string_view written(begin, static_cast<std::size_t>(end - begin));
    unclear |= (kinds & (kAt | kSign | kUnspaced)) || ((kinds & kDigit) && (kinds & kMark)) ||
               ((kinds & kColon) && written.find("://") != std::string_view::npos) ||
               ((kinds & kDot) && written.size() > 4 && written.find("www.") != std::string_view::npos);
    if (unclear) {
        static thread_local std::string word;
        word.assign(written);
        return take_apart(word);
    }
    if (!keep_begin) return;
    if ((kinds & kDigit) && !(kinds & kLetter)) return put(kSigns[2]);
    const auto length = static_cast<std::size_t>(keep_end - keep_begin);
    if (keep_begin != begin) std::memmove(begin, keep_begin, length);
    at_ = begin + length;
}

// The word at from_ needs more than a table.
void Normaliser::fold_word() {
    static thread_local std::string word;
    const char* const begin = from_;
    while (from_ < end_) {
        const auto c = next_character(from_);
        if (c.valid && (kind_of(c.value) & kSpace)) break;
        from_ += c.length;
    }
    fold_text({begin, static_cast<std::size_t>(from_ - begin)}, word);
    const auto so_far = written();
    const auto need = so_far + room(word.size() + static_cast<std::size_t>(end_ - from_));
    if (out_.size() < need) {
        out_.resize(std::max(need, out_.size() + out_.size() / 2));
        at_ = out_.data() + so_far;
    }
    take_apart(word);
    separate();
}

// A word of folded text, which may hold spaces after all (U+FDFA is a phrase).
void Normaliser::take_apart(std::string_view text) {
    constexpr auto kNone = std::string_view::npos;
    std::size_t keep_begin = kNone, keep_end = 0;
    unsigned kinds = 0, pending = 0;
    const auto flush = [&] {
        if (keep_begin != kNone) {
            const bool number = (kinds & kDigit) && !(kinds & (kLetter | kMark));
            put(number ? kSigns[2] : text.substr(keep_begin, keep_end - keep_begin));
        }
        keep_begin = kNone;
        kinds = pending = 0;
    };
    // What stands before is done with: it does not decide whether a link or a mention may begin here.
    std::size_t at = 0;
    const auto alone = [&](std::string_view bytes, std::size_t length) {
        flush(), put(bytes);
        text.remove_prefix(at + length);
        at = 0;
    };
    while (at < text.size()) {
        if (text[at] == 'h' || text[at] == 'w') {
            if (const auto length = link_length(text, at)) {
                alone(kSigns[0], length);
                continue;
            }
        }
        const auto c = character_at(text, at);
        const auto kind = kind_of(c.value);
        if (kind & kAt) {
            if (const auto length = mention_length(text, at)) {
                alone(kSigns[1], length);
                continue;
            }
        }
        if (kind & kSpace) {
            flush(), separate();
        } else if (kind & (kUnspaced | kSign)) {
            const auto length = lone_word_end(text, at) - at;
            alone(text.substr(at, length), length);
            continue;
        } else if (kind & (kLetter | kDigit)) {
            kinds |= kind | pending;
            if (keep_begin == kNone) keep_begin = at, kinds = kind;
            pending = 0;
            keep_end = at + c.length;
        } else if (kind & kMark) {
            if (keep_begin != kNone && keep_end == at) keep_end += c.length, kinds |= kMark;
            else pending |= kMark;
        }
        at += c.length;
    }
    flush();
}

}  // namespace

void normalise_text(std::string_view utf8, std::string& out) { Normaliser(utf8, out).run(); }

void words_of(std::string_view normalised, std::vector<std::string_view>& out) {
    out.clear();
    each_word(normalised,
              [&](std::size_t at, std::size_t length) { out.push_back(normalised.substr(at, length)); });
}

}  // namespace contrechamp::coordination
