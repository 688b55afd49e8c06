// Numbers as tables write them: 1234.5, "1 234,5", 1.234,5, 12,5 %, −3, 1e-5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace contrechamp {

enum class DecimalMark : std::uint8_t { point, comma };

// The number, or nothing for anything else (words, infinities, dates, hexadecimal). Thousands may stand apart
// in groups of three, by spaces (also U+00A0, U+202F and U+2009), apostrophes, or the mark that is not the
// decimal one. A sign of percent divides by 100; + and U+2212 are signs. "0.5" is no number where the mark is
// a comma: nothing is guessed here.
std::optional<double> parse_table_number(std::string_view cell, DecimalMark mark);

// Which mark a column uses: the one under which more of its cells are numbers. `certain` is false where
// cells such as "1,234" read either way and nothing decides; the point is answered then.
struct MarkGuess {
    DecimalMark mark = DecimalMark::point;
    bool certain = true;
};
MarkGuess guess_decimal_mark(std::span<const std::string_view> cells);

// Cells that say nothing: empty or blank, -, NA, N/A, NaN, None, NULL, <NA>, \N, #N/A, #N/D and the other
// error words of spreadsheets. Words of people ("unknown", "non renseigné") are values that somebody chose
// and are kept.
bool is_missing_cell(std::string_view cell);

// Without spaces, tabs, line ends, U+00A0 and U+202F around.
std::string_view trimmed_cell(std::string_view cell);

}  // namespace contrechamp
