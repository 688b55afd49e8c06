#include "analyze/disparity/normalise_letters.h"

#include <utf8proc.h>

#include <algorithm>
#include <vector>

namespace contrechamp::disparity {
namespace {

// utf8proc composes a run of characters at once; longer texts go through it in pieces, cut at ASCII.
constexpr std::size_t kLongestRun = 4096;

bool left_out(std::int32_t c) {
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F);
}

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void compose(std::vector<utf8proc_int32_t>& characters, std::string& out, bool compatible) {
    if (characters.empty()) return;
    std::vector<utf8proc_int32_t> apart(characters.size() *
                                        18);  // the longest decomposition there is (U+FDFA)
    utf8proc_ssize_t length = 0;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
    int boundary = 0;
    for (const auto c : characters)
        length +=
            utf8proc_decompose_char(c, apart.data() + length,
                                    static_cast<utf8proc_ssize_t>(apart.size()) - length, options, &boundary);
    // Canonical order of the marks behind each letter, as UAX 15 asks before composition.
    const auto class_of = [&](utf8proc_ssize_t i) {
        return utf8proc_get_property(apart[static_cast<std::size_t>(i)])->combining_class;
    };
    for (utf8proc_ssize_t begin = 0; begin < length;) {
        utf8proc_ssize_t end = begin;
        while (end < length && class_of(end)) ++end;
        std::stable_sort(apart.begin() + begin, apart.begin() + end, [](auto a, auto b) {
            return utf8proc_get_property(a)->combining_class < utf8proc_get_property(b)->combining_class;
        });
        begin = std::max(end, begin + 1);
    }
    length = utf8proc_normalize_utf32(apart.data(), length, static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE));
    for (utf8proc_ssize_t i = 0; i < length; ++i)
        append_character(lower(apart[static_cast<std::size_t>(i)]), out);
    characters.clear();
}

}  // namespace

bool all_ascii(std::string_view text) {
    unsigned char seen = 0;
    for (const char c : text) seen |= static_cast<unsigned char>(c);
    return seen < 0x80;
}

std::int32_t next_character(std::string_view text, std::size_t& at) {
    utf8proc_int32_t character = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (length <= 0) {
        ++at;
        return 0xFFFD;
    }
    at += static_cast<std::size_t>(length);
    return character;
}

void append_character(std::int32_t character, std::string& out) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(character, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

void append_lower(std::string_view text, std::string& out, bool compatible) {
    std::vector<utf8proc_int32_t> run;
    for (std::size_t at = 0; at < text.size();) {
        const auto c = next_character(text, at);
        // An ASCII character may take marks that follow it; it ends a run only where none follows.
        const bool alone = c < 0x80 && (at == text.size() || static_cast<unsigned char>(text[at]) < 0x80);
        if (alone && run.empty()) {
            out += lower_ascii(static_cast<char>(c));
            continue;
        }
        if (!left_out(c)) run.push_back(c);
        if (alone || run.size() >= kLongestRun) compose(run, out, compatible);
    }
    compose(run, out, compatible);
}

Sign sign_of(std::int32_t character) {
    switch (utf8proc_category(character)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO: return Sign::letter;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return Sign::digit;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME: return Sign::mark;
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return Sign::space;
        case UTF8PROC_CATEGORY_CC:
            return (character >= 9 && character <= 13) || (character >= 0x1C && character <= 0x1F) ||
                           character == 0x85
                       ? Sign::space
                       : Sign::other;
        default: return Sign::other;
    }
}

bool is_upper(std::int32_t character) {
    const auto category = utf8proc_category(character);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}
bool is_lower(std::int32_t character) { return utf8proc_category(character) == UTF8PROC_CATEGORY_LL; }

std::int32_t lower(std::int32_t character) { return utf8proc_tolower(character); }

std::int32_t without_marks(std::int32_t character) {
    utf8proc_int32_t apart[32];
    int boundary = 0;
    const auto length = utf8proc_decompose_char(character, apart, 32, UTF8PROC_DECOMPOSE, &boundary);
    return length > 0 ? apart[0] : character;
}

}  // namespace contrechamp::disparity
