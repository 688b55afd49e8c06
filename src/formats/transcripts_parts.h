// What the readers of transcripts share, and nobody else includes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/transcripts.h"

namespace contrechamp::transcripts {

inline constexpr std::size_t kLongestRow = std::size_t{1} << 20;

inline bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::string_view trimmed(std::string_view text);
// The next word between white space, taken off `rest`; empty at its end.
std::string_view next_field(std::string_view& rest);
std::optional<double> number(std::string_view text);  // seconds: digits, point, exponent; finite

// A byte that Windows-1252 does not use makes it fail.
bool windows_1252_to_utf8(std::string_view bytes, std::string& out);

std::string_view speaker_of(std::string_view id, SpeakerRule rule);

// Cells of one row of a delimited file: at most kMostColumns are kept.
inline constexpr std::size_t kMostColumns = 4096;
struct Cell {
    std::string_view text;  // between the quotes, if any
    bool doubled = false;   // holds "" for a quote, or text behind the closing quote
};
// Where the row that begins at `at` ends (before its line end), and where the next begins. `open`: a quote
// that nothing closes within kLongestRow; the row then ends with its line.
struct RowEnd {
    std::size_t end = 0, next = 0;
    bool open = false;
};
RowEnd delimited_row(std::string_view bytes, std::size_t at, char delimiter);
void split_cells(std::string_view row, char delimiter, std::vector<Cell>& cells);
std::string unquoted(const Cell& cell);

// Which cells of a row are wanted.
struct Columns {
    static constexpr std::size_t kNone = ~std::size_t{0};
    std::size_t id = kNone, speaker = kNone, text = kNone, count = 0;
};
// The columns' names: the header's, or "1", "2" … as many as the first row has.
std::vector<std::string> column_names(std::string_view bytes, const TranscriptLayout& layout,
                                      std::size_t& rows_begin);

// Reads one row (UTF-8, without its line end) of any format but ctm. `line` is its number. Nothing when it
// was read.
std::optional<TranscriptRefusal> read_row(std::string_view row, const TranscriptLayout& layout,
                                          const Columns& columns, Utterance& out, UtteranceScratch& scratch);

// A word of a ctm file. Marks are <ALT_BEGIN>, <ALT> and <ALT_END>.
enum class CtmKind : std::uint32_t { word, begin, next, end };
struct CtmWord {
    double middle = 0;         // seconds
    std::uint64_t offset = 0;  // of the word in the file
    std::uint32_t length : 28 = 0;
    std::uint32_t kind : 4 = 0;
    std::uint32_t entry = 0;
};
struct CtmRow {
    std::string_view name;  // "file channel" as written
    CtmWord word;           // offset counts from the row
};
std::optional<TranscriptRefusal> read_ctm_row(std::string_view row, CtmRow& out);

}  // namespace contrechamp::transcripts
