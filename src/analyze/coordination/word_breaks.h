// Unicode's default word boundaries (UAX #29), for other tools' definitions that rest on them. Our own
// comparisons use words_of() (near_text.h).
#pragma once

#include <string_view>
#include <vector>

namespace contrechamp::coordination {

// Cuts `utf8` at every word boundary: all segments, white space and punctuation too; joined they give `utf8`
// again. Bytes that are not UTF-8 count as U+FFFD each. Characters of scripts without spaces stand alone (no
// dictionary). `out` is cleared first and views `utf8`.
void word_segments(std::string_view utf8, std::vector<std::string_view>& out);

}  // namespace contrechamp::coordination
