// What the readers of delimited files share, and nobody else includes: finding characters, room for unescaped
// text, and cells between separators (RFC 4180, with the freedoms of real files: a quote opens a cell only at
// its beginning; one elsewhere is text).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace contrechamp::rows {

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

inline std::string_view view(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

// Writes a character; returns the place behind it.
char* put_utf8(char* out, std::uint32_t code);

// What a cell that begins with a quote says.
std::string_view unquote(std::string_view cell, Arena& arena);

// What a character is: a byte, or two. The ASCII ones are what rows are cut at; `end` never splits one.
struct Bytes {
    static constexpr std::ptrdiff_t kSize = 1;
    static bool is(const char* at, char c) { return *at == c; }
    static const char* one(const char* at, const char* end, char c) { return find_one(at, end, c); }
    static const char* two(const char* at, const char* end, char a, char b) {
        return find_two(at, end, a, b);
    }
};

template <bool kBigEndian>
struct Utf16 {
    static constexpr std::ptrdiff_t kSize = 2;
    static bool is(const char* at, char c) { return at[kBigEndian] == c && at[!kBigEndian] == 0; }
    static const char* one(const char* at, const char* end, char c) { return two(at, end, c, c); }
    static const char* two(const char* at, const char* end, char a, char b) {
        while (at < end && !is(at, a) && !is(at, b)) at += kSize;
        return at;
    }
};

struct Cell {
    const char* begin;
    const char* end;
    bool quoted;  // begins with a quote: to be unquoted
};

// How rows are cut.
struct Marks {
    char separator = ',';
    bool quotes = true;
    char line_end = '\n';
};

// One row, cell by cell. Cells beyond `most` are counted and not kept.
template <class Units>
class RowScanner {
  public:
    RowScanner(Marks marks, std::size_t most) : marks_(marks), most_(most) { cells_.reserve(most); }
    // Reads from `at`; returns where the next row begins.
    const char* scan(const char* at, const char* end) {
        cells_.clear();
        count_ = 0;
        opened_ = nullptr;
        ended_ = quoted_ = false;
        for (;;) {
            const char* begin = at;
            const bool quoted = marks_.quotes && at < end && Units::is(at, '"');
            if (quoted) at = skip_quotes(at, end);
            at = Units::two(at, end, marks_.separator, marks_.line_end);
            ended_ = at < end && Units::is(at, marks_.line_end);
            const bool last = at == end || ended_;
            const bool carriage = last && at > begin && Units::is(at - Units::kSize, '\r');
            const char* stop = carriage ? at - Units::kSize : at;
            if (++count_ <= most_) cells_.push_back({begin, stop, quoted});
            if (last) {
                stop_ = stop;
                return at < end ? at + Units::kSize : at;
            }
            at += Units::kSize;
        }
    }
    const std::vector<Cell>& cells() const { return cells_; }
    std::size_t count() const { return count_; }
    bool open() const { return opened_ != nullptr; }  // a quote was not closed:
    const char* opened() const { return opened_; }
    bool quoted() const { return quoted_; }  // some cell was
    bool ended() const { return ended_; }    // by a line end
    const char* stop() const { return stop_; }

  private:
    // From the opening quote of a cell to behind its closing quote.
    const char* skip_quotes(const char* open, const char* end) {
        quoted_ = true;
        for (const char* at = open + Units::kSize;;) {
            at = Units::one(at, end, '"');
            if (at == end) {
                opened_ = open;
                return end;
            }
            at += Units::kSize;
            if (at == end || !Units::is(at, '"')) return at;
            at += Units::kSize;
        }
    }

    Marks marks_;
    std::size_t most_;
    std::vector<Cell> cells_;
    std::size_t count_ = 0;
    const char* opened_ = nullptr;
    bool ended_ = false, quoted_ = false;
    const char* stop_ = nullptr;
};

// Cuts rows that begin at `first` into at most `pieces` stretches outside of quotes; returns where each ends.
// `scanned` is told now and then up to which byte was read.
template <class Units>
std::vector<std::uint64_t> cuts(std::string_view bytes, std::uint64_t first, const Marks& marks,
                                std::size_t pieces, const std::function<void(std::uint64_t)>& scanned) {
    const char* const base = bytes.data() + first;
    const auto whole = static_cast<std::ptrdiff_t>(bytes.size() - first) / Units::kSize * Units::kSize;
    const char* const end = base + whole;
    const std::ptrdiff_t step =
        (whole / static_cast<std::ptrdiff_t>(pieces) / Units::kSize + 1) * Units::kSize;
    std::vector<std::uint64_t> out;
    std::ptrdiff_t begin = 0, wanted = step;
    const auto place = [&](std::ptrdiff_t at) { return first + static_cast<std::uint64_t>(at); };
    // Cuts in [at, stop), which lies outside of quotes.
    const auto cut = [&](const char* at, const char* stop) {
        while (out.size() + 1 < pieces && base + wanted < stop) {
            at = Units::one(std::max(at, base + wanted), stop, marks.line_end);
            if (at == stop) return;
            at += Units::kSize;
            begin = at - base;
            out.push_back(place(begin));
            wanted = std::max(wanted + step, begin);
        }
    };
    const auto next_quote = [&](const char* at) {
        constexpr std::ptrdiff_t kStretch = 32 << 20;
        for (;;) {
            const char* const stop = end - at > kStretch ? at + kStretch : end;
            const char* const quote = Units::one(at, stop, '"');
            if (quote != stop || stop == end) return quote;
            if (scanned) scanned(place(stop - base));
            at = stop;
        }
    };
    const char* outside = base;
    for (const char* at = outside; at < end && out.size() + 1 < pieces;) {
        const char* quote = marks.quotes ? next_quote(at) : end;
        if (quote == end) break;
        const bool opens = quote == base || Units::is(quote - Units::kSize, marks.separator) ||
                           Units::is(quote - Units::kSize, marks.line_end);
        at = quote + Units::kSize;
        if (!opens) continue;
        cut(outside, quote);
        for (;; at += 2 * Units::kSize) {  // to the quote that closes
            at = Units::one(at, end, '"');
            if (end - at < 2 * Units::kSize || !Units::is(at + Units::kSize, '"')) break;
        }
        outside = at = at == end ? end : at + Units::kSize;
    }
    cut(outside, end);
    if (place(begin) < bytes.size()) out.push_back(bytes.size());
    return out;
}

}  // namespace contrechamp::rows
