// What the readers of posts share, and nobody else includes: scanning, unescaping, lists in a cell, HTML, and
// the end of a row.
#pragma once

#include <functional>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "formats/posts.h"

namespace contrechamp {

// A time as parse_post_time reads it, or a day alone (at midnight, UTC): enough for when an account was
// opened, not for when something was posted.
std::optional<UnixTime> parse_post_day(std::string_view text);

namespace posts {

inline constexpr std::size_t kLongestRow = std::size_t{16} << 20;

// The first of two characters in [at, end), or end.
inline const char* find_two(const char* at, const char* end, char a, char b) {
#ifdef __SSE2__
    const __m128i first = _mm_set1_epi8(a), second = _mm_set1_epi8(b);
    for (; end - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const int mask =
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, first), _mm_cmpeq_epi8(block, second)));
        if (mask) return at + __builtin_ctz(static_cast<unsigned>(mask));
    }
#endif
    while (at < end && *at != a && *at != b) ++at;
    return at;
}

inline const char* find_one(const char* at, const char* end, char c) {
    if (at == end) return end;
    const void* found = std::memchr(at, c, static_cast<std::size_t>(end - at));
    return found ? static_cast<const char*>(found) : end;
}

bool all_ascii(std::string_view bytes);
bool blank(std::string_view bytes);  // white space only

// Room for what a row's text becomes when it is unescaped; kept from row to row. Views stay good until
// start().
class Arena {
  public:
    void start();                  // forgets the row before
    char* room(std::size_t size);  // at least that many bytes, of which keep() takes those that were written
    std::string_view keep(const char* begin, const char* end);

  private:
    static constexpr std::size_t kSmallest = 4096, kKept = std::size_t{1} << 20;
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };
    void add(std::size_t size);
    std::vector<Chunk> chunks_;
    std::size_t chunk_ = 0, used_ = 0;
};

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
