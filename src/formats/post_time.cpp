// Times as exports write them (posts.h). Days are counted with Howard Hinnant's days_from_civil
// (https://howardhinnant.github.io/date_algorithms.html).
#include <array>
#include <charconv>

#include "formats/post_parts.h"

namespace contrechamp {
namespace {

constexpr int kUnknown = -1;

bool digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

int two(const char* at) {
    return digit(at[0]) && digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : kUnknown;
}

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = year / 400;  // years are 0 … 9999
    const auto of_era = static_cast<std::int64_t>(year - era * 400);
    const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int days_in(int year, int month) {
    static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// What a written time says; put together by `unix_time`.
struct Clock {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0;
    int offset = 0;  // seconds east of UTC
    bool seconds = false, zone = false, time_of_day = false;
};

std::optional<PostTime> unix_time(const Clock& clock) {
    if (clock.year < 1 || clock.month < 1 || clock.month > 12 || clock.day < 1 ||
        clock.day > days_in(clock.year, clock.month) || clock.hour > 23 || clock.minute > 59 ||
        clock.second > 60)
        return std::nullopt;
    const std::int64_t days = days_from_civil(clock.year, clock.month, clock.day);
    return PostTime{days * 86400 + clock.hour * 3600 + clock.minute * 60 + clock.second - clock.offset,
                    !clock.seconds, !clock.zone};
}

struct Zone {
    std::string_view name;
    int minutes;
};
// RFC 2822's names, and those of CrowdTangle's exports that mean one thing in the places they come from. IST
// (India, Ireland, Israel) is left out: it cannot be read without knowing who wrote it.
constexpr std::array kZones = {
    Zone{"z", 0},      Zone{"ut", 0},     Zone{"utc", 0},     Zone{"gmt", 0},     Zone{"wet", 0},
    Zone{"west", 60},  Zone{"bst", 60},   Zone{"cet", 60},    Zone{"cest", 120},  Zone{"eet", 120},
    Zone{"eest", 180}, Zone{"msk", 180},  Zone{"sast", 120},  Zone{"jst", 540},   Zone{"kst", 540},
    Zone{"aest", 600}, Zone{"aedt", 660}, Zone{"nzst", 720},  Zone{"nzdt", 780},  Zone{"est", -300},
    Zone{"edt", -240}, Zone{"cst", -360}, Zone{"cdt", -300},  Zone{"mst", -420},  Zone{"mdt", -360},
    Zone{"pst", -480}, Zone{"pdt", -420}, Zone{"akst", -540}, Zone{"akdt", -480}, Zone{"hst", -600},
};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool same_word(std::string_view a, std::string_view lowered) {
    if (a.size() != lowered.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lowered[i]) return false;
    return true;
}

// Reads left to right; a read that does not fit moves nowhere.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}
    bool done() const { return text_.empty(); }
    char peek() const { return text_.empty() ? '\0' : text_.front(); }
    bool skip(char c) {
        if (peek() != c || text_.empty()) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool spaces() {
        bool any = false;
        while (skip(' ')) any = true;
        return any;
    }
    // A number of `least` to `most` digits.
    int number(std::size_t least, std::size_t most) {
        std::size_t count = 0;
        int value = 0;
        while (count < text_.size() && count < most && digit(text_[count])) {
            value = value * 10 + (text_[count] - '0');
            ++count;
        }
        if (count < least || (count < text_.size() && digit(text_[count]))) return kUnknown;
        text_.remove_prefix(count);
        return value;
    }
    std::string_view word() {
        std::size_t count = 0;
        while (count < text_.size() && letter(text_[count])) ++count;
        const auto found = text_.substr(0, count);
        text_.remove_prefix(count);
        return found;
    }
    std::size_t digits_ahead() const {
        std::size_t count = 0;
        while (count < text_.size() && digit(text_[count])) ++count;
        return count;
    }
    void fraction() {
        if ((peek() == '.' || peek() == ',') && text_.size() > 1 && digit(text_[1])) {
            text_.remove_prefix(1);
            while (digit(peek())) text_.remove_prefix(1);
        }
    }

  private:
    std::string_view text_;
};

bool read_month(Reader& in, Clock& clock) {
    const auto word = in.word();
    for (std::size_t i = 0; i < kMonths.size(); ++i)
        if (same_word(word, kMonths[i])) {
            clock.month = static_cast<int>(i) + 1;
            return true;
        }
    return false;
}

// "20:19", "20:19:24", "20:19:24.123"
bool read_clock(Reader& in, Clock& clock) {
    clock.hour = in.number(1, 2);
    if (clock.hour == kUnknown || !in.skip(':')) return false;
    clock.minute = in.number(2, 2);
    if (clock.minute == kUnknown) return false;
    clock.time_of_day = true;
    if (!in.skip(':')) return true;
    clock.second = in.number(2, 2);
    if (clock.second == kUnknown) return false;
    clock.seconds = true;
    in.fraction();
    return true;
}

// "+02:00", "+0200", "+02"
bool read_offset(Reader& in, Clock& clock) {
    const int sign = in.peek() == '-' ? -1 : 1;
    if (!in.skip('-')) in.skip('+');
    int hours = kUnknown, minutes = 0;
    if (in.digits_ahead() == 4) {
        const int both = in.number(4, 4);
        hours = both / 100;
        minutes = both % 100;
    } else {
        hours = in.number(2, 2);
        if (in.skip(':')) minutes = in.number(2, 2);
    }
    if (hours == kUnknown || hours > 23 || minutes == kUnknown || minutes > 59) return false;
    clock.offset = sign * (hours * 3600 + minutes * 60);
    clock.zone = true;
    return true;
}

// A zone by number or name; "PM" and "AM" change the hour. False when there is something else.
bool read_zone(Reader& in, Clock& clock) {
    in.spaces();
    if (in.done()) return true;
    if (in.peek() == '+' || in.peek() == '-') return read_offset(in, clock);
    const auto word = in.word();
    if (same_word(word, "am") || same_word(word, "pm")) {
        if (clock.hour < 1 || clock.hour > 12) return false;
        clock.hour = clock.hour % 12 + (lower(word[0]) == 'p' ? 12 : 0);
        in.spaces();
        if (in.done()) return true;
        if (in.peek() == '+' || in.peek() == '-') return read_offset(in, clock);
        return read_zone(in, clock) && clock.zone;
    }
    for (const auto& zone : kZones)
        if (same_word(word, zone.name)) {
            clock.offset = zone.minutes * 60;
            clock.zone = true;
            // "UTC+2", "GMT+0200"
            if (zone.minutes == 0 && (in.peek() == '+' || in.peek() == '-')) return read_offset(in, clock);
            return true;
        }
    return false;
}

// "2018-10-10T20:19:24.123+02:00", "2018/10/10 20:19"; the year has been seen to have four digits.
bool read_year_first(Reader& in, Clock& clock) {
    clock.year = in.number(4, 4);
    const char separator = in.peek();
    if (clock.year == kUnknown || (separator != '-' && separator != '/')) return false;
    in.skip(separator);
    clock.month = in.number(1, 2);
    if (clock.month == kUnknown || !in.skip(separator)) return false;
    clock.day = in.number(1, 2);
    if (clock.day == kUnknown) return false;
    if (in.done()) return true;
    if (!in.skip('T') && !in.skip('t') && !in.spaces()) return false;
    return read_clock(in, clock) && read_zone(in, clock);
}

// "25/12/2018 20:19", "12/25/2018 8:19 PM": only where one of the two cannot be a month, or both are equal.
// With dots the day comes first wherever dates are written so.
bool read_year_last(Reader& in, Clock& clock) {
    const int first = in.number(1, 2);
    const char separator = in.peek();
    if (first == kUnknown || (separator != '/' && separator != '-' && separator != '.')) return false;
    in.skip(separator);
    const int second = in.number(1, 2);
    if (second == kUnknown || !in.skip(separator)) return false;
    clock.year = in.number(4, 4);
    if (clock.year == kUnknown) return false;
    if (separator != '.' && first <= 12 && second <= 12 && first != second) return false;
    const bool month_first = separator != '.' && second > 12;
    clock.day = month_first ? second : first;
    clock.month = month_first ? first : second;
    if (in.done()) return true;
    in.skip(',');
    return in.spaces() && read_clock(in, clock) && read_zone(in, clock);
}

// RFC 2822 after its weekday: "10 Oct 2018 20:19:24 +0000".
bool read_day_month_name(Reader& in, Clock& clock) {
    clock.day = in.number(1, 2);
    if (clock.day == kUnknown || (!in.spaces() && !in.skip('-'))) return false;
    if (!read_month(in, clock) || (!in.spaces() && !in.skip('-'))) return false;
    clock.year = in.number(4, 4);
    if (clock.year == kUnknown || !in.spaces()) return false;
    return read_clock(in, clock) && read_zone(in, clock);
}

// Twitter's, after its weekday: "Oct 10 20:19:24 +0000 2018"; ctime's is the same without a zone.
bool read_month_name_day(Reader& in, Clock& clock) {
    if (!read_month(in, clock) || !in.spaces()) return false;
    clock.day = in.number(1, 2);
    if (clock.day == kUnknown || !in.spaces() || !read_clock(in, clock) || !in.spaces()) return false;
    if (!digit(in.peek())) {
        if (in.peek() == '+' || in.peek() == '-') {
            if (!read_offset(in, clock)) return false;
        } else {
            Reader zone(in.word());
            if (zone.done() || !read_zone(zone, clock) || !clock.zone) return false;
        }
        if (!in.spaces()) return false;
    }
    clock.year = in.number(4, 4);
    return clock.year != kUnknown;
}

bool read_words(Reader& in, Clock& clock) {
    if (letter(in.peek())) {
        Reader before = in;
        const auto word = in.word();
        bool weekday = false;
        for (const auto day : kDays) weekday = weekday || same_word(word, day);
        if (!weekday) return read_month_name_day(before, clock) && (in = before, true);
        in.skip(',');
        if (!in.spaces()) return false;
    }
    return letter(in.peek()) ? read_month_name_day(in, clock) : read_day_month_name(in, clock);
}

std::optional<Clock> read_any(std::string_view text) {
    Reader in(text);
    Clock clock;
    bool good = false;
    const auto ahead = in.digits_ahead();
    if (ahead == 4) good = read_year_first(in, clock);
    else if ((ahead == 1 || ahead == 2) && text.size() > ahead && text[ahead] != ' ' &&
             !(text[ahead] == '-' && text.size() > ahead + 1 && letter(text[ahead + 1])))
        good = read_year_last(in, clock);
    else good = read_words(in, clock);
    in.spaces();
    return good && in.done() ? std::optional(clock) : std::nullopt;
}

// Unix seconds, milliseconds or microseconds by their size, with or without a decimal fraction.
std::optional<PostTime> read_number(std::string_view text) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && digit(text[i]); ++i) {
        if (i == 17) return std::nullopt;
        value = value * 10 + static_cast<unsigned>(text[i] - '0');
    }
    if (i == 0) return std::nullopt;
    if (i < text.size()) {
        if (text[i] != '.' || i + 1 == text.size()) return std::nullopt;
        for (std::size_t j = i + 1; j < text.size(); ++j)
            if (!digit(text[j])) return std::nullopt;
    }
    if (value >= 100'000'000'000'000) value /= 1'000'000;
    else if (value >= 100'000'000'000) value /= 1'000;
    return PostTime{static_cast<UnixTime>(value), false, false};
}

// "2018-10-10T20:19:24Z" with any fraction: what nearly every row has.
std::optional<PostTime> read_rfc3339_utc(std::string_view text) {
    if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':')
        return std::nullopt;
    if (text.size() > 20) {
        if (text[19] != '.' || text.size() == 21) return std::nullopt;
        for (std::size_t i = 20; i + 1 < text.size(); ++i)
            if (!digit(text[i])) return std::nullopt;
    }
    const char* at = text.data();
    const int century = two(at), year = two(at + 2), month = two(at + 5), day = two(at + 8);
    const int hour = two(at + 11), minute = two(at + 14), second = two(at + 17);
    if ((century | year | month | day | hour | minute | second) < 0) return std::nullopt;
    return unix_time({century * 100 + year, month, day, hour, minute, second, 0, true, true, true});
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<PostTime> parse_post_time(std::string_view text) {
    text = trimmed(text);
    if (const auto number = read_number(text)) return number;
    if (const auto usual = read_rfc3339_utc(text)) return usual;
    if (text.size() > 64) return std::nullopt;  // no form is as long
    const auto clock = read_any(text);
    return clock && clock->time_of_day ? unix_time(*clock) : std::nullopt;
}

std::optional<UnixTime> parse_post_day(std::string_view text) {
    if (const auto time = parse_post_time(text)) return time->time;
    text = trimmed(text);
    if (text.size() > 64) return std::nullopt;
    const auto clock = read_any(text);
    const auto time = clock ? unix_time(*clock) : std::nullopt;
    return time ? std::optional(time->time) : std::nullopt;
}

}  // namespace contrechamp
