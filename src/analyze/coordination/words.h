// Words of a normalised text, without a list of them: what words_of and the shingles share.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "analyze/coordination/characters.h"

namespace contrechamp::coordination {

// Whether a Han letter of U+5000 to U+9FFF stands there, which most are: no look-up needed.
inline bool is_common_han(std::string_view text, std::size_t at) {
    if (text.size() - at < 3) return false;
    const auto first = static_cast<unsigned char>(text[at]);
    return first >= 0xe5 && first <= 0xe9 && (text[at + 1] & 0xc0) == 0x80 && (text[at + 2] & 0xc0) == 0x80;
}

// End of the word that begins at `at` when it is one by itself (a letter of a script without spaces with its
// marks, or a sign); `at` when it is not.
inline std::size_t lone_word_end(std::string_view text, std::size_t at) {
    if (is_common_han(text, at)) {
        at += 3;
    } else {
        const auto c = character_at(text, at);
        const auto kind = kind_of(c.value);
        if (!(kind & (kUnspaced | kSign))) return at;
        at += c.length;
        if (kind & kSign) return at;
    }
    while (at < text.size() && (text[at] & 0x80) && !is_common_han(text, at)) {
        const auto next = character_at(text, at);
        if (!(kind_of(next.value) & kMark)) break;
        at += next.length;
    }
    return at;
}

// Of sixty-four bytes the spaces, and those that may begin a letter of a script without spaces (all of them
// from U+0800 on), as bits.
inline std::uint64_t word_marks(const char* from) {
    const __m128i space = _mm_set1_epi8(' '), lead = _mm_set1_epi8(static_cast<char>(0xdf));
    std::uint64_t marks = 0;
    for (unsigned at = 0; at < 64; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
        const __m128i high =
            _mm_and_si128(_mm_cmpgt_epi8(bytes, lead), _mm_cmplt_epi8(bytes, _mm_setzero_si128()));
        const auto found =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, space), high)));
        marks |= std::uint64_t{found} << at;
    }
    return marks;
}

// Calls on_word(offset, length) for each word in order.
template <class OnWord>
void each_word(std::string_view text, OnWord on_word) {
    std::size_t start = 0, done = 0;  // of the word under way; what was looked at beyond it
    const auto at_mark = [&](std::size_t at) {
        if (at < done) return;
        if (text[at] == ' ') {
            if (at > start) on_word(start, at - start);
            start = at + 1;
            return;
        }
        const auto end = lone_word_end(text, at);
        if (end == at) return;
        if (at > start) on_word(start, at - start);
        on_word(at, end - at);
        start = done = end;
    };
    // Sixty-four bytes at a time: how many words they hold cannot be foretold, and so costs less.
    constexpr std::size_t kBlock = 64;
    for (std::size_t block = 0; block < text.size(); block += kBlock) {
        const char* from = text.data() + block;
        char rest[kBlock];
        if (text.size() - block < kBlock) {
            std::memset(rest, 0, kBlock);
            std::memcpy(rest, from, text.size() - block);
            from = rest;
        }
        for (auto marks = word_marks(from); marks != 0; marks &= marks - 1)
            at_mark(block + static_cast<unsigned>(std::countr_zero(marks)));
    }
    if (text.size() > start) on_word(start, text.size() - start);
}

}  // namespace contrechamp::coordination
