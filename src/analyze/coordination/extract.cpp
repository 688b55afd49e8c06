// Links, hashtags and mentions in plain text.
#include <emmintrin.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "analyze/coordination/canonical.h"
#include "analyze/coordination/characters.h"

namespace contrechamp::coordination {
namespace {

// The links of a text one after another, found through their "://" and "www.".
class Links {
  public:
    explicit Links(std::string_view text) : text_(text) { next(); }
    bool any() const { return length_ != 0; }
    std::size_t begin() const { return begin_; }
    std::size_t end() const { return begin_ + length_; }

    void next() {
        auto from = end();
        length_ = 0;
        while (length_ == 0) {
            if (!searched_ || (scheme_ != kNone && scheme_ < from)) scheme_ = find_scheme(from);
            if (!searched_ || (www_ != kNone && www_ < from)) www_ = find_www(from);
            searched_ = true;
            const auto at = std::min(scheme_, www_);
            if (at == kNone) return;
            length_ = link_length(text_, at);
            begin_ = at;
            from = at + 1;
        }
    }

  private:
    static constexpr auto kNone = std::string_view::npos;

    bool is_letter(std::size_t at, char letter) const { return (text_[at] | 0x20) == letter; }
    bool is_http(std::size_t at) const {
        return is_letter(at, 'h') && is_letter(at + 1, 't') && is_letter(at + 2, 't') &&
               is_letter(at + 3, 'p');
    }
    std::size_t find_scheme(std::size_t from) const {
        for (auto colon = text_.find("://", from); colon != kNone; colon = text_.find("://", colon + 3)) {
            if (colon >= from + 4 && is_http(colon - 4)) return colon - 4;
            if (colon >= from + 5 && is_http(colon - 5) && is_letter(colon - 1, 's')) return colon - 5;
        }
        return kNone;
    }
    std::size_t find_www(std::size_t from) const {
        for (auto dot = text_.find('.', from); dot != kNone; dot = text_.find('.', dot + 1))
            if (dot >= from + 3 && is_letter(dot - 1, 'w') && is_letter(dot - 2, 'w') &&
                is_letter(dot - 3, 'w'))
                return dot - 3;
        return kNone;
    }

    std::string_view text_;
    std::size_t begin_ = 0, length_ = 0;
    std::size_t scheme_ = 0, www_ = 0;  // the next of each kind; one that is found is not searched again
    bool searched_ = false;
};

// Where `sign` or the same in full width next stands outside links, and how many bytes it is long.
class Signs {
  public:
    Signs(std::string_view text, char sign, std::string_view wide) : text_(text), wide_(wide), sign_(sign) {}
    bool next(std::size_t from) {
        for (;;) {
            if (narrow_at_ != kNone && (narrow_at_ < from || !searched_))
                narrow_at_ = text_.find(sign_, from);
            if (wide_at_ != kNone && (wide_at_ < from || !searched_)) wide_at_ = text_.find(wide_, from);
            searched_ = true;
            at_ = std::min(narrow_at_, wide_at_);
            if (at_ == kNone) return false;
            if (!links_) links_.emplace(text_);
            while (links_->any() && links_->end() <= at_) links_->next();
            if (!links_->any() || at_ < links_->begin()) return true;
            from = links_->end();
        }
    }
    std::size_t at() const { return at_; }
    std::size_t length() const { return at_ == narrow_at_ ? 1 : wide_.size(); }

  private:
    static constexpr auto kNone = std::string_view::npos;
    std::string_view text_;
    std::optional<Links> links_;  // looked for when there is a sign at all
    std::string_view wide_;
    char sign_ = 0;
    std::size_t at_ = 0, narrow_at_ = 0, wide_at_ = 0;
    bool searched_ = false;
};

// Signs that hold words of a hashtag together in the scripts that use them: zero-width (non-)joiner, middle
// dots of Catalan and Japanese, Tibetan tsheg.
bool joins_hashtag(char32_t c) {
    return c == 0x200c || c == 0x200d || c == 0xb7 || c == 0x30fb || c == 0x0f0b;
}

std::string_view hashtag_at(std::string_view text, std::size_t at) {
    const auto start = at;
    std::size_t end = at;
    bool letter = false;
    while (at < text.size()) {
        const auto c = character_at(text, at);
        if (!c.valid) break;
        const auto kind = kind_of(c.value);
        const bool part = (kind & (kLetter | kUnspaced | kDigit | kMark)) || c.value == '_';
        if (!part && (!joins_hashtag(c.value) || end != at || end == start)) break;
        letter |= (kind & (kLetter | kUnspaced)) != 0;
        at += c.length;
        if (part) end = at;
    }
    return letter ? text.substr(start, end - start) : std::string_view{};
}

// "a#b" is no hashtag, and "&#39;" is an apostrophe.
bool may_begin_hashtag(std::string_view text, std::size_t at) {
    if (at == 0) return true;
    const char32_t before = character_before(text, at);
    return before != '&' && before != '_' && !(kind_of(before) & (kLetter | kDigit | kMark));
}

}  // namespace

void extract_links(std::string_view text, std::vector<std::string_view>& out) {
    out.clear();
    for (Links links(text); links.any(); links.next())
        out.push_back(text.substr(links.begin(), links.end() - links.begin()));
}

void extract_hashtags(std::string_view text, std::vector<std::string_view>& out) {
    out.clear();
    Signs signs(text, '#', "\xef\xbc\x83");
    for (std::size_t from = 0; signs.next(from);) {
        from = signs.at() + signs.length();
        if (!may_begin_hashtag(text, signs.at())) continue;
        const auto tag = hashtag_at(text, from);
        if (tag.empty()) continue;
        out.push_back(tag);
        from += tag.size();
    }
}

void extract_mentions(std::string_view text, std::vector<std::string_view>& out) {
    out.clear();
    Signs signs(text, '@', "\xef\xbc\xa0");
    for (std::size_t from = 0; signs.next(from);) {
        const auto name = signs.at() + signs.length();
        from = name;
        const auto length = mention_length(text, signs.at());
        if (length == 0) continue;
        out.push_back(text.substr(name, length - signs.length()));
        from = signs.at() + length;
    }
}

MayBeNamed what_may_be_named(std::string_view text) {
    // Sixteen pairs of neighbours at a time: "w." and ":/" of links; # and @, and what their full-width forms
    // begin with. The first byte's neighbour is nothing.
    constexpr std::size_t kPairs = 16;
    __m128i links = _mm_setzero_si128(), hash = links, sign = links, wide = links;
    for (std::size_t at = 0; at < text.size(); at += kPairs) {
        char pairs[kPairs + 1] = {};
        const char* from = pairs;
        const auto left = text.size() - at;
        if (at == 0) std::memcpy(pairs + 1, text.data(), std::min(left, kPairs));
        else if (left < kPairs) std::memcpy(pairs, text.data() + at - 1, left + 1);
        else from = text.data() + at - 1;
        const __m128i before = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 1));
        const auto is = [](const __m128i& where, char c) { return _mm_cmpeq_epi8(where, _mm_set1_epi8(c)); };
        const __m128i lower = _mm_or_si128(before, _mm_set1_epi8(0x20));
        links = _mm_or_si128(links, _mm_and_si128(is(lower, 'w'), is(bytes, '.')));
        links = _mm_or_si128(links, _mm_and_si128(is(before, ':'), is(bytes, '/')));
        hash = _mm_or_si128(hash, is(bytes, '#'));
        sign = _mm_or_si128(sign, is(bytes, '@'));
        wide = _mm_or_si128(wide, _mm_and_si128(is(before, '\xef'), is(bytes, '\xbc')));
    }
    const bool any_wide = _mm_movemask_epi8(wide) != 0;
    return {_mm_movemask_epi8(links) != 0, any_wide || _mm_movemask_epi8(hash) != 0,
            any_wide || _mm_movemask_epi8(sign) != 0};
}

}  // namespace contrechamp::coordination
