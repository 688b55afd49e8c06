// Letters for the normalisers: lower case, composition, what is a sign and what a mark.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace contrechamp::disparity {

bool all_ascii(std::string_view text);

// The character at `at` (moved behind it); U+FFFD for a byte that is not UTF-8.
std::int32_t next_character(std::string_view text, std::size_t& at);
void append_character(std::int32_t character, std::string& out);

// Lower case, composed (NFC) or, for `compatible`, with compatibility forms resolved (NFKC: ½, ﬁ, full
// width); added to `out`. Unicode's simple lower case (one character for one, but İ, which becomes i), so
// that lengths do not depend on a language; soft hyphens, zero-width marks and variation selectors are left
// out.
void append_lower(std::string_view text, std::string& out, bool compatible = false);

enum class Sign : std::uint8_t { letter, digit, mark, space, other };  // other: punctuation and symbols
Sign sign_of(std::int32_t character);
bool is_upper(std::int32_t character);
bool is_lower(std::int32_t character);
std::int32_t lower(std::int32_t character);
std::int32_t without_marks(std::int32_t character);  // é: e

}  // namespace contrechamp::disparity
