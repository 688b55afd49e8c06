// Tables of people, decisions and scores, as employers and vendors export them: cells between commas,
// semicolons, tabs or bars, with or without quotes (RFC 4180), in UTF-8, UTF-16 or Windows-1252; or flat JSON
// objects, one a line. Bytes in, rows of cells with their byte range and line out; nothing is concluded.
//
// A file is first given a TableLayout, guessed from its beginning and shown to the person; written down
// beside the file, it lets anybody read it the same way again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

inline constexpr std::size_t kMostTableColumns = 10'000;
inline constexpr std::size_t kLongestTableRow = std::size_t{16} << 20;  // bytes

enum class TableForm : std::uint8_t { delimited, json_lines };
// windows-1252 as the web reads it: https://encoding.spec.whatwg.org/#windows-1252
enum class TableEncoding : std::uint8_t { utf8, windows_1252, utf16_le, utf16_be };
std::string_view to_string(TableEncoding encoding);  // "utf-8", "windows-1252", "utf-16le", "utf-16be"
std::optional<TableEncoding> table_encoding(std::string_view name);

struct TableLayout {
    TableForm form = TableForm::delimited;
    TableEncoding encoding = TableEncoding::utf8;
    char separator = ',';    // delimited: , ; tab or |
    bool quotes = true;      // delimited: a cell may stand in double quotes; else they are text
    char line_end = '\n';    // delimited: what ends a row; \r only in files that have no \n
    std::uint64_t rows = 0;  // byte where rows begin: behind the header, the BOM, `sep=;`
    std::uint64_t line = 1;  // the line that stands there, from 1
    // Names as the header has them, UTF-8, without space around; "#3" where the third is empty. JSON lines:
    // the members met in the first MiB, in the order in which they come.
    std::vector<std::string> columns;

    // The column called so: exactly, else the only one that differs but in case, else by number ("#3", from
    // 1).
    std::optional<std::size_t> column(std::string_view name) const;

    json::Object to_json() const;
    static Result<TableLayout> from_json(const json::Value& value, const std::string& where);
};

// What the person says of the file; the rest is guessed.
struct TableWishes {
    std::optional<char> separator;
    std::optional<TableEncoding> encoding;
    std::uint64_t header_line = 0;  // the line that names the columns, from 1; 0: the first that is not empty
};

// From the first MiB. UTF-16 is known by its BOM or its zeros; bytes that are not UTF-8 are Windows-1252 when
// nothing else there is UTF-8 beyond ASCII. Excel's first line `sep=;` is obeyed. The separator is the one
// that cuts most rows like the header. Errors, each saying what to do: nothing in the file; a workbook, PDF
// or JSON document instead of a table; two columns of one name (both named); over 10,000 columns; a first
// line of numbers only, which names nothing.
Result<TableLayout> guess_table_layout(std::string_view bytes, const TableWishes& wishes,
                                       const std::string& where);

// Why a row has no cells. The ids are to_string()'s.
enum class TableRefusal : std::uint8_t {
    too_few_cells,    // fewer than the header
    too_many_cells,   // more than the header
    unclosed_quote,   // a cell's quote is not closed before the file ends; reading goes on at the next line
    too_long,         // over 16 MiB
    nul_byte,         // a zero among the text
    cut_off,          // the file ends inside of a character
    not_an_object,    // JSON lines: not a JSON object
    nested,           // JSON lines: an object or array inside of the object
    repeated_member,  // JSON lines: one name twice
};
inline constexpr std::size_t kTableRefusals = 9;
std::string_view to_string(TableRefusal refusal);  // "too-few-cells", …

struct TableRow {
    std::uint64_t offset = 0, length = 0;  // its bytes in the file, without the line end
    std::uint64_t line = 0, lines = 1;     // its first line, from 1, and how many it goes over
    std::optional<TableRefusal> refused;   // then there are no cells
    bool recoded = false;                  // not UTF-8 as the layout says: read as Windows-1252
    // One a column of the layout, UTF-8, unquoted and unescaped; white space is kept. JSON: numbers as they
    // are written, true and false, nothing for null and for members that are not there. Bytes that are
    // nothing in the encoding are U+FFFD. Views into the file where the cell stands there as it is, else good
    // until next().
    std::vector<std::string_view> cells;
};

// Cuts the rows into at most `pieces` ranges that begin and end between rows, to be read side by side;
// reading them gives the same rows as reading the one range of `pieces` = 1. One search of the file for
// quotes and line ends.
struct TableRange {
    std::uint64_t begin = 0, end = 0;  // bytes
    std::uint64_t line = 1;            // of the first row
};
std::vector<TableRange> split_table(std::string_view bytes, const TableLayout& layout, std::size_t pieces);

// The lines on which the bytes at `offsets` stand, which come in ascending order and not before the rows.
std::vector<std::uint64_t> lines_at(std::string_view bytes, const TableLayout& layout,
                                    const std::vector<std::uint64_t>& offsets);

// Reads the rows of one range, in order; lines that are empty are no rows. Any bytes are safe. Memory: the
// longest row, a few times. `bytes` and `layout` must outlive the reader.
class TableReader {
  public:
    TableReader(std::string_view bytes, const TableLayout& layout, const TableRange& range);
    ~TableReader();
    TableReader(TableReader&&) noexcept;
    TableReader& operator=(TableReader&&) noexcept;

    // Whether there was a row: row() holds it, with cells or the reason why not.
    bool next();
    const TableRow& row() const;

    // Reads one row again, which a range gave at that byte; its `line` is 1. next() goes on from there.
    bool at(std::uint64_t offset);

    class Source;  // how one kind of file is read

  private:
    std::unique_ptr<Source> source_;
};

}  // namespace contrechamp
