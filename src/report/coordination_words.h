// How the report words what the coordination analyzer measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/sections.h"

namespace contrechamp {

// 12 → "12 s", 95 → "1 min 35 s", 7300 → "2 h 1 min", 200000 → "2 d 7 h".
std::string duration_in_words(std::int64_t seconds, Lang lang);

// -7.3 → "less than one chance in ten million"; empty when nothing can be said (0 and above, or no number).
std::string chance_in_words(std::string_view log10_p, Lang lang);

// "0.4 % (at most 1.1 %) of 1,946" in the reader's language; "unknown" with what that means.
std::string false_flag_in_words(std::string_view rate, Lang lang);

// How many independent behaviours agree.
Text tier_in_words(std::int64_t tier);

// What a community is called: the letters of its key, "A-3f9c21d0" → "A", as in its accounts' pseudonyms.
std::string letter_of(std::string_view key);

// "2026-03-01T08:00:12Z" → "2026-03-01 08:00:12", with spaces no line breaks at; anything else as it is.
std::string moment_in_words(std::string_view time);

// A template's pattern in its parts, "{}" being the slots.
struct PatternPart {
    bool slot = false;
    std::string text;
};
std::vector<PatternPart> pattern_parts(std::string_view pattern);

}  // namespace contrechamp
