#include "formats/table_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace contrechamp {
namespace {

constexpr std::string_view kNoBreak = "\u00a0", kNarrow = "\u202f", kThin = "\u2009", kMinus = "\u2212",
                           kApostrophe = "\u2019";

bool digit(char c) { return c >= '0' && c <= '9'; }

bool drop(std::string_view& text, std::string_view front) {
    if (text.substr(0, front.size()) != front) return false;
    text.remove_prefix(front.size());
    return true;
}

// A mark between groups of three, and how long it is; 0 for anything else.
std::size_t group_mark(std::string_view text, DecimalMark decimal) {
    if (text.empty()) return 0;
    if (text[0] == ' ' || text[0] == '\'' || text[0] == (decimal == DecimalMark::point ? ',' : '.')) return 1;
    for (const auto mark : {kNoBreak, kNarrow, kThin, kApostrophe})
        if (text.substr(0, mark.size()) == mark) return mark.size();
    return 0;
}

// Letters of a number as from_chars reads it.
struct Digits {
    std::array<char, 400> letters{};
    std::size_t count = 0;
    bool add(char c) {
        if (count == letters.size()) return false;
        letters[count++] = c;
        return true;
    }
};

// The digits before the decimal mark, groups or not.
bool whole_part(std::string_view& text, DecimalMark decimal, Digits& out) {
    std::size_t group = 0, groups = 0;
    std::string_view mark;  // one kind in a number
    for (;;) {
        if (!text.empty() && digit(text[0])) {
            if (!out.add(text[0])) return false;
            text.remove_prefix(1);
            ++group;
            continue;
        }
        const auto length = group_mark(text, decimal);
        const bool goes_on = length && text.size() > length && digit(text[length]);
        if (!goes_on) break;
        const auto found = text.substr(0, length);
        const bool first = groups == 0;
        if (first ? group == 0 || group > 3 || out.letters[out.count - group] == '0'
                  : group != 3 || found != mark)
            return false;
        mark = found;
        text.remove_prefix(length);
        group = 0;
        ++groups;
    }
    return groups == 0 || group == 3;
}

// Behind the whole part: decimals and exponent, as they are.
bool fraction(std::string_view& text, DecimalMark decimal, Digits& out) {
    if (drop(text, decimal == DecimalMark::point ? "." : ",")) {
        if (!out.add('.')) return false;
        for (; !text.empty() && digit(text[0]); text.remove_prefix(1))
            if (!out.add(text[0])) return false;
    }
    if (text.size() > 1 && (text[0] == 'e' || text[0] == 'E')) {
        std::size_t i = text[1] == '+' || text[1] == '-' ? 2 : 1;
        if (i == text.size() || !digit(text[i])) return false;
        out.add('e');
        if (text[1] == '-') out.add('-');
        for (; i < text.size() && digit(text[i]); ++i)
            if (!out.add(text[i])) return false;
        text.remove_prefix(i);
    }
    return true;
}

// "12.5" and "-7" need none of the freedoms.
std::optional<double> plain_number(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    const char last = text.back();
    if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value) || !(digit(last) || last == '.'))
        return std::nullopt;
    return value;
}

bool lower_is(std::string_view cell, std::string_view word) {
    return cell.size() == word.size() &&
           std::equal(cell.begin(), cell.end(), word.begin(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

std::optional<double> parse_table_number(std::string_view cell, DecimalMark mark) {
    auto text = trimmed_cell(cell);
    if (text.empty()) return std::nullopt;
    if (mark == DecimalMark::point && (digit(text[0]) || text[0] == '-'))
        if (const auto value = plain_number(text)) return value;
    const bool negative = drop(text, "-") || drop(text, kMinus);
    if (!negative) drop(text, "+");
    Digits digits;
    if (!whole_part(text, mark, digits)) return std::nullopt;
    const std::size_t before = digits.count;
    if (!fraction(text, mark, digits)) return std::nullopt;
    if (before == 0 && (digits.count < 2 || !digit(digits.letters[1]))) return std::nullopt;
    bool percent = false;
    text = trimmed_cell(text);
    if (drop(text, "%")) percent = true;
    if (!text.empty()) return std::nullopt;
    double value = 0;
    const char* const end = digits.letters.data() + digits.count;
    const auto read = std::from_chars(digits.letters.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) return std::nullopt;
    if (percent) value /= 100;
    return negative ? -value : value;
}

MarkGuess guess_decimal_mark(std::span<const std::string_view> cells) {
    std::size_t point = 0, comma = 0;
    bool differ = false;  // some cell is two different numbers
    for (const auto cell : cells) {
        const auto a = parse_table_number(cell, DecimalMark::point);
        const auto b = parse_table_number(cell, DecimalMark::comma);
        point += a.has_value();
        comma += b.has_value();
        differ = differ || (a && b && *a != *b);
    }
    return {comma > point ? DecimalMark::comma : DecimalMark::point, comma != point || !differ};
}

bool is_missing_cell(std::string_view cell) {
    cell = trimmed_cell(cell);
    if (cell.empty()) return true;
    if (cell.size() > 8) return false;
    switch (cell[0]) {
        case '-': return cell == "-" || cell == "--";
        case 'N':
        case 'n':
            for (const std::string_view word : {"na", "n/a", "nan", "none", "null"})
                if (lower_is(cell, word)) return true;
            return false;
        case '<': return cell == "<NA>";
        case '\\': return cell == "\\N";
        // What spreadsheets write into cells that failed, in English and French.
        case '#':
            for (const std::string_view word : {"#N/A", "#N/D", "#REF!", "#VALUE!", "#VALEUR!", "#DIV/0!",
                                                "#NAME?", "#NOM?", "#NULL!", "#NUL!", "#NUM!", "#NOMBRE!"})
                if (cell == word) return true;
            return false;
        default: return cell == "\u2013" || cell == "\u2014";
    }
}

std::string_view trimmed_cell(std::string_view cell) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    for (;;) {
        if (cell.empty()) return cell;
        if (space(cell.front())) cell.remove_prefix(1);
        else if (space(cell.back())) cell.remove_suffix(1);
        else if (drop(cell, kNoBreak) || drop(cell, kNarrow)) continue;
        else if (cell.ends_with(kNoBreak)) cell.remove_suffix(kNoBreak.size());
        else if (cell.ends_with(kNarrow)) cell.remove_suffix(kNarrow.size());
        else return cell;
    }
}

}  // namespace contrechamp
