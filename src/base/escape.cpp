#include "base/escape.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <utility>

namespace contrechamp {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;  // bytes
};

// The code point at the start of `bytes` (not empty), or nothing when they are not valid UTF-8 (RFC 3629:
// no overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<CodePoint> decode(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) return CodePoint{first, 1};
    std::size_t length = 0;
    char32_t value = 0, least = 0;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2, value = first & 0x1f, least = 0x80;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3, value = first & 0x0f, least = 0x800;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4, value = first & 0x07, least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (bytes.size() < length) return std::nullopt;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80) return std::nullopt;
        value = value << 6 | (at(i) & 0x3fu);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
    return CodePoint{value, length};
}

template <class OnCodePoint, class OnInvalid>
void walk(std::string_view bytes, OnCodePoint on_code_point, OnInvalid on_invalid) {
    while (!bytes.empty()) {
        if (const auto point = decode(bytes)) {
            on_code_point(point->value, bytes.substr(0, point->length));
            bytes.remove_prefix(point->length);
        } else {
            on_invalid(static_cast<unsigned char>(bytes.front()));
            bytes.remove_prefix(1);
        }
    }
}

// Characters that act on a display instead of showing, or that hide: Unicode categories Cc, Zl, Zp and all
// that has the property Default_Ignorable_Code_Point (DerivedCoreProperties.txt: bidirectional controls,
// zero-width, fillers, variation selectors, invisible operators, tags, BOM), with the interlinear marks
// beside them.
bool acts_or_hides(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f ||
           c == 0x1160 || c == 0x17b4 || c == 0x17b5 || (c >= 0x180b && c <= 0x180f) ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0 ||
           (c >= 0xfff0 && c <= 0xfffb) || (c >= 0x1bca0 && c <= 0x1bca3) || (c >= 0x1d173 && c <= 0x1d17a) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

std::string visible(char32_t c) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\u{%x}", static_cast<unsigned>(c));
    return buffer;
}

// As a JSON string writes it: UTF-16, in two halves beyond the first plane.
std::string json_escape(char32_t c) {
    char buffer[16];
    if (c > 0xffff)
        std::snprintf(buffer, sizeof buffer, "\\u%04x\\u%04x",
                      static_cast<unsigned>(0xd800 + ((c - 0x10000) >> 10)),
                      static_cast<unsigned>(0xdc00 + ((c - 0x10000) & 0x3ff)));
    else std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
    return buffer;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool looks_like_number(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    walk(
        bytes, [&](char32_t, std::string_view raw) { out += raw; },
        [&](unsigned char) { out += kReplacement; });
    return out;
}

bool is_valid_utf8(std::string_view bytes) {
    bool valid = true;
    walk(
        bytes, [](char32_t, std::string_view) {}, [&](unsigned char) { valid = false; });
    return valid;
}

std::string for_terminal(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    walk(
        text, [&](char32_t c, std::string_view raw) { acts_or_hides(c) ? out += visible(c) : out += raw; },
        [&](unsigned char) { out += kReplacement; });
    return out;
}

std::string for_html(std::string_view text) {
    std::string out;
    for (char c : for_terminal(text)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string for_csv(std::string_view text) {
    // A field is one line, and may be shown on a terminal.
    std::string safe = for_terminal(text);
    // Some spreadsheets take the full-width forms for the plain ones.
    static constexpr std::string_view kFormula[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    const bool formula = std::any_of(std::begin(kFormula), std::end(kFormula),
                                     [&](std::string_view start) { return safe.starts_with(start); });
    if (formula && !looks_like_number(safe)) safe.insert(0, 1, '\'');
    if (safe.find_first_of(",\"") == std::string::npos) return safe;
    std::string out = "\"";
    for (char c : safe) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string for_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    walk(
        json,
        [&](char32_t c, std::string_view raw) {
            // White space between members is JSON's own; inside strings it is escaped already.
            const bool space = c == '\n' || c == '\r' || c == '\t';
            acts_or_hides(c)&& !space ? out += json_escape(c) : out += raw;
        },
        [&](unsigned char) { out += kReplacement; });
    return out;
}

std::string for_file_name(std::string_view text) {
    std::string out;
    for (char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '.' || c == '-' || c == '_';
        out += plain ? c : '_';
    }
    while (out.starts_with('.')) out.erase(0, 1);
    return out.empty() ? "unnamed" : out;
}

std::string to_ascii(std::string_view text) {
    // "« " before "«": French puts a (narrow) no-break space inside its quotes and before ; : ! ?
    static constexpr std::pair<std::string_view, std::string_view> kPlain[] = {
        {"à", "a"},   {"â", "a"},   {"ç", "c"},      {"é", "e"},     {"è", "e"},        {"ê", "e"},
        {"ë", "e"},   {"î", "i"},   {"ï", "i"},      {"ô", "o"},     {"ù", "u"},        {"û", "u"},
        {"ü", "u"},   {"œ", "oe"},  {"æ", "ae"},     {"À", "A"},     {"Â", "A"},        {"É", "E"},
        {"È", "E"},   {"Ê", "E"},   {"Ç", "C"},      {"Î", "I"},     {"Ô", "O"},        {"Œ", "OE"},
        {"’", "'"},   {"‘", "'"},   {"“", "\""},     {"”", "\""},    {"«\u00a0", "\""}, {"\u00a0»", "\""},
        {"« ", "\""}, {" »", "\""}, {"«", "\""},     {"»", "\""},    {"…", "..."},      {"–", "-"},
        {"—", "-"},   {"−", "-"},   {"×", "x"},      {"→", "->"},    {"●", "*"},        {"◐", "o"},
        {"○", "."},   {"·", "-"},   {"\u00a0", " "}, {"\u202f", " "}};
    std::string out;
    while (!text.empty()) {
        const auto it = std::find_if(std::begin(kPlain), std::end(kPlain),
                                     [&](const auto& pair) { return text.starts_with(pair.first); });
        if (it != std::end(kPlain)) {
            out += it->second;
            text.remove_prefix(it->first.size());
            continue;
        }
        const auto point = decode(text);
        out += point && point->length == 1 ? text.front() : '?';
        text.remove_prefix(point ? point->length : 1);
    }
    return out;
}

std::string for_shell(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+:@%,").find(c) != std::string_view::npos;
    };
    if (!text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), plain))
        return std::string(text);
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    walk(
        text,
        [&](char32_t c, std::string_view) {
            // wcwidth() depends on the locale; the wide blocks are enough for lining up a table.
            const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                              (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                              (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                              (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
            const bool combining = c >= 0x300 && c <= 0x36f;
            columns += combining ? 0 : wide ? 2 : 1;
        },
        [&](unsigned char) { ++columns; });
    return columns;
}

}  // namespace contrechamp
