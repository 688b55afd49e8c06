// The rules WB1 to WB999 of UAX #29 (revision 41), over ICU's property Word_Break. ICU's own iterator of
// words looks dictionaries up for Thai, Chinese and their like, which is not what the standard's default
// does.
#include "analyze/coordination/word_breaks.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace contrechamp::coordination {
namespace {

struct Point {
    std::size_t begin = 0;
    UChar32 value = 0;
    int wb = U_WB_OTHER;
    int next = U_WB_OTHER;  // of the next point that WB4 does not skip
};

bool is_line_end(int wb) { return wb == U_WB_CR || wb == U_WB_LF || wb == U_WB_NEWLINE; }
bool is_skipped(int wb) { return wb == U_WB_EXTEND || wb == U_WB_FORMAT || wb == U_WB_ZWJ; }  // WB4
bool is_letter(int wb) { return wb == U_WB_ALETTER || wb == U_WB_HEBREW_LETTER; }
bool joins_either(int wb) { return wb == U_WB_MIDNUMLET || wb == U_WB_SINGLE_QUOTE; }
bool joins_letters(int wb) { return wb == U_WB_MIDLETTER || joins_either(wb); }
bool joins_numbers(int wb) { return wb == U_WB_MIDNUM || joins_either(wb); }

std::vector<Point> points_of(std::string_view utf8) {
    std::vector<Point> out;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
    for (std::size_t at = 0; at < utf8.size();) {
        Point point;
        point.begin = at;
        U8_NEXT_OR_FFFD(bytes, at, utf8.size(), point.value);
        point.wb = u_getIntPropertyValue(point.value, UCHAR_WORD_BREAK);
        out.push_back(point);
    }
    int next = U_WB_OTHER;
    for (auto point = out.rbegin(); point != out.rend(); ++point) {
        point->next = next;
        if (!is_skipped(point->wb)) next = point->wb;
    }
    return out;
}

// What stands before a possible boundary, without what WB4 skips.
struct Before {
    int last = U_WB_OTHER, second = U_WB_OTHER;
    unsigned flags = 0;  // regional indicators in a row

    void add(int wb) {
        second = last;
        last = wb;
        flags = wb == U_WB_REGIONAL_INDICATOR ? flags + 1 : 0;
    }
};

// WB5 to WB999: whether no boundary stands before `point`.
bool joined(const Before& before, const Point& point) {
    const int a = before.last, b = point.wb;
    const bool number_a = a == U_WB_NUMERIC, number_b = b == U_WB_NUMERIC;
    if ((is_letter(a) || number_a) && (is_letter(b) || number_b)) return true;      // 5, 8, 9, 10
    if (is_letter(a) && joins_letters(b) && is_letter(point.next)) return true;     // 6
    if (is_letter(before.second) && joins_letters(a) && is_letter(b)) return true;  // 7
    if (a == U_WB_HEBREW_LETTER && b == U_WB_SINGLE_QUOTE) return true;             // 7a
    if (a == U_WB_HEBREW_LETTER && b == U_WB_DOUBLE_QUOTE && point.next == U_WB_HEBREW_LETTER)
        return true;  // 7b
    if (before.second == U_WB_HEBREW_LETTER && a == U_WB_DOUBLE_QUOTE && b == U_WB_HEBREW_LETTER)
        return true;                                                                 // 7c
    if (before.second == U_WB_NUMERIC && joins_numbers(a) && number_b) return true;  // 11
    if (number_a && joins_numbers(b) && point.next == U_WB_NUMERIC) return true;     // 12
    if (a == U_WB_KATAKANA && b == U_WB_KATAKANA) return true;                       // 13
    const bool word_a = is_letter(a) || number_a || a == U_WB_KATAKANA,
               word_b = is_letter(b) || number_b || b == U_WB_KATAKANA;
    if ((word_a || a == U_WB_EXTENDNUMLET) && b == U_WB_EXTENDNUMLET) return true;  // 13a
    if (a == U_WB_EXTENDNUMLET && word_b) return true;                              // 13b
    return a == U_WB_REGIONAL_INDICATOR && b == a && before.flags % 2 == 1;         // 15, 16
}

}  // namespace

void word_segments(std::string_view utf8, std::vector<std::string_view>& out) {
    out.clear();
    const auto points = points_of(utf8);
    std::size_t begin = 0;
    Before before;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto& point = points[i];
        const int raw = i ? points[i - 1].wb : U_WB_CR;  // of the beginning as of a line's
        const bool line_end = is_line_end(raw) || is_line_end(point.wb);
        const bool skipped = !line_end && is_skipped(point.wb);
        const bool stays = (i && raw == U_WB_CR && point.wb == U_WB_LF) ||  // 3
                           skipped ||                                       // 4
                           (!line_end && raw == U_WB_ZWJ &&
                            u_hasBinaryProperty(point.value, UCHAR_EXTENDED_PICTOGRAPHIC)) ||  // 3c
                           (raw == U_WB_WSEGSPACE && point.wb == raw) ||                       // 3d
                           (!line_end && joined(before, point));
        if (i && !stays) {
            out.push_back(utf8.substr(begin, point.begin - begin));
            begin = point.begin;
        }
        if (!skipped) before.add(point.wb);
    }
    if (begin < utf8.size()) out.push_back(utf8.substr(begin));
}

}  // namespace contrechamp::coordination
