// Words of a normalised text, without a list of them: what words_of and the shingles share.
#pragma once

#include <emmintrin.h>

#include <bit>
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
    // Spaces, and bytes that may begin a letter of a script without spaces (all of them from U+0800 on).
    const __m128i space = _mm_set1_epi8(' '), lead = _mm_set1_epi8(static_cast<char>(0xdf));
    for (std::size_t block = 0; block < text.size(); block += 16) {
        __m128i bytes = _mm_setzero_si128();
        if (text.size() - block >= 16) {
            bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + block));
        } else {
            char rest[16] = {};
            std::memcpy(rest, text.data() + block, text.size() - block);
            bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rest));
        }
        const __m128i high =
            _mm_and_si128(_mm_cmpgt_epi8(bytes, lead), _mm_cmplt_epi8(bytes, _mm_setzero_si128()));
        auto marks =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, space), high)));
        for (; marks != 0; marks &= marks - 1)
            at_mark(block + static_cast<unsigned>(std::countr_zero(marks)));
    }
    if (text.size() > start) on_word(start, text.size() - start);
}

}  // namespace contrechamp::coordination
