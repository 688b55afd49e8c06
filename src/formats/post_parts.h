// What the readers of posts share, and nobody else includes: scanning, unescaping, lists in a cell, HTML, and
// the end of a row.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/posts.h"
#include "formats/row_parts.h"

namespace contrechamp {

// A time as parse_post_time reads it, or a day alone (at midnight, UTC): enough for when an account was
// opened, not for when something was posted.
std::optional<UnixTime> parse_post_day(std::string_view text);

namespace posts {

using rows::all_ascii;
using rows::Arena;
using rows::find_one;
using rows::find_two;
using rows::kLongestRow;

bool blank(std::string_view bytes);  // white space only

// What stands between the quotes of a JSON string. Lone surrogates become U+FFFD; an escape that JSON does
// not have stands for its character.
std::string_view unescape_json(std::string_view inside, Arena& arena);

// The items of a list written in one cell: a JSON or Python list, else pieces between spaces, | and commas
// (in a list of addresses only commas before another address, since addresses hold commas).
void split_list(std::string_view cell, Arena& arena, std::vector<std::string_view>& out);

// The words of an HTML text: tags left out, line breaks and paragraphs as line feeds, entities decoded.
std::string_view plain_text(std::string_view html, Arena& arena);

// Whether a delimited cell holds a program's word for nothing: NA, nan, None, null …
bool means_nothing(std::string_view cell);

// Empties a row for the next.
void clear(PostRow& row);

// Reads times and HTML, and tells why the row cannot be used, if so.
std::optional<Refusal> finish(PostRow& row, const PostLayout& layout, Arena& arena);

// The columns of the header, and where rows begin. Columns of a file without a header are "1", "2" …
struct Header {
    std::vector<std::string> columns;
    std::uint64_t rows = 0;  // byte where the first row begins
};
Header read_header(std::string_view bytes, const PostLayout& layout);

// The cells of the first rows of a sample, for guessing. A row that is cut by the sample's end is left out;
// one with a quote that nothing closes has no cells.
std::vector<std::vector<std::string>> first_rows(std::string_view sample, bool whole,
                                                 const PostLayout& layout, std::size_t most);

Status read_delimited(std::string_view bytes, const PostLayout& layout, RowRange range,
                      const PostSinks& sinks);
std::vector<RowRange> split_delimited(std::string_view bytes, const PostLayout& layout, std::size_t pieces,
                                      const std::function<void(std::uint64_t)>& scanned);
std::uint64_t end_of_delimited_row(std::string_view bytes, const PostLayout& layout, std::uint64_t begin);
Status read_json(std::string_view bytes, const PostLayout& layout, RowRange range, const PostSinks& sinks);
std::vector<RowRange> split_array(std::string_view bytes, const PostLayout& layout, std::size_t pieces);

// Elements of a JSON array, one after another, to its end; or, when no bracket stands before `start`, objects
// that follow each other to the end of the bytes. Knows strings and nesting, not whether an element is good
// JSON.
class Elements {
  public:
    // From `at`, between two elements of what begins at `start`.
    Elements(std::string_view bytes, std::uint64_t start, std::uint64_t at)
        : bytes_(bytes), at_(at), array_(start > 0 && start <= bytes.size() && bytes[start - 1] == '[') {}
    struct Element {
        std::uint64_t begin = 0, end = 0;
        bool closed = true;  // false: the bytes end inside it
    };
    std::optional<Element> next();  // nothing after the last
    std::uint64_t at() const { return at_; }

  private:
    std::string_view bytes_;
    std::uint64_t at_;
    bool array_;
};

// Checks a path as written in a layout; nothing when it is good.
std::optional<Text> bad_path(std::string_view path);

}  // namespace posts
}  // namespace contrechamp
