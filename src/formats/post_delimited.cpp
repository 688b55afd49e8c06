// CSV and its kin: RFC 4180, with the freedoms of real files. A quote opens a cell only at its beginning; one
// elsewhere is text.
#include <simdjson.h>

#include <algorithm>

#include "base/escape.h"
#include "formats/post_parts.h"

namespace contrechamp::posts {
namespace {

constexpr std::size_t kMostColumns = 4096;

struct Cell {
    const char* begin;
    const char* end;
    bool quoted;  // begins with a quote: to be unquoted
};

// One row, cell by cell. Columns beyond `most` are counted and not kept.
class RowScanner {
  public:
    RowScanner(char delimiter, bool quotes, std::size_t most)
        : delimiter_(delimiter), quotes_(quotes), most_(most) {
        cells_.reserve(most);
    }
    // Reads from `at`; returns where the next row begins.
    const char* scan(const char* at, const char* end) {
        cells_.clear();
        count_ = 0;
        open_ = ended_ = false;
        for (;;) {
            const char* begin = at;
            const bool quoted = quotes_ && at < end && *at == '"';
            if (quoted) at = skip_quotes(at + 1, end);
            at = find_two(at, end, delimiter_, '\n');
            ended_ = at < end && *at == '\n';
            const bool last = at == end || ended_;
            const char* stop = last && at > begin && at[-1] == '\r' ? at - 1 : at;
            if (++count_ <= most_) cells_.push_back({begin, stop, quoted});
            if (last) {
                stop_ = stop;
                return at < end ? at + 1 : at;
            }
            ++at;
        }
    }
    const std::vector<Cell>& cells() const { return cells_; }
    std::size_t count() const { return count_; }
    bool open() const { return open_; }    // a quote was not closed
    bool ended() const { return ended_; }  // by a line feed
    const char* stop() const { return stop_; }

  private:
    // From inside a quoted cell to behind its closing quote.
    const char* skip_quotes(const char* at, const char* end) {
        for (;;) {
            at = find_one(at, end, '"');
            if (at == end) {
                open_ = true;
                return end;
            }
            if (at + 1 < end && at[1] == '"') at += 2;
            else return at + 1;
        }
    }

    char delimiter_;
    bool quotes_;
    std::size_t most_;
    std::vector<Cell> cells_;
    std::size_t count_ = 0;
    bool open_ = false, ended_ = false;
    const char* stop_ = nullptr;
};

std::string_view view(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view content(const Cell& cell, Arena& arena) {
    const auto whole = view(cell.begin, cell.end);
    if (!cell.quoted) return whole;
    const auto inside = whole.substr(1);
    const auto quote = inside.find('"');
    if (quote == std::string_view::npos) return inside;  // not closed
    if (quote + 1 == inside.size()) return inside.substr(0, quote);
    char* const begin = arena.room(inside.size());
    char* out = begin;
    bool open = true;  // behind the closing quote, quotes are text
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (open && inside[i] == '"') {
            if (i + 1 < inside.size() && inside[i + 1] == '"') ++i;
            else {
                open = false;
                continue;
            }
        }
        *out++ = inside[i];
    }
    return arena.keep(begin, out);
}

// One place a field is read from.
struct Source {
    std::size_t field;
    bool list, sparse;       // sparse: NA and its kin stand for nothing
    std::size_t column = 0;  // or:
    std::string constant;
    bool is_constant = false;
};

Result<std::vector<Source>> sources(const PostLayout& layout, const std::vector<std::string>& columns) {
    std::vector<Source> out;
    for (const auto& [field, paths] : layout.map)
        for (const auto& path : paths) {
            const bool words = field == PostField::account || field == PostField::name ||
                               field == PostField::display || field == PostField::bio ||
                               field == PostField::text;
            Source source{static_cast<std::size_t>(field), is_list(field), !words, 0, {}, false};
            if (path.substr(0, 1) == "=") {
                source.is_constant = true;
                source.constant = path.substr(1);
            } else {
                const auto found = std::find(columns.begin(), columns.end(), path);
                if (found == columns.end())
                    return fail({"the file has no column \"" + path + "\"",
                                 "le fichier n’a pas de colonne « " + path + " »"},
                                std::string(contrechamp::to_string(field)),
                                {"map the field to a column that is there (--map)",
                                 "associez ce champ à une colonne présente (--map)"});
                source.column = static_cast<std::size_t>(found - columns.begin());
            }
            out.push_back(std::move(source));
        }
    return out;
}

void fill(PostRow& row, const std::vector<Source>& from, const std::vector<Cell>& cells, Arena& arena) {
    for (const auto& source : from) {
        auto& one = row.one[source.field];
        auto& many = row.many[source.field];
        if (source.list ? !many.empty() : !one.empty()) continue;
        const auto value =
            source.is_constant ? std::string_view(source.constant) : content(cells[source.column], arena);
        if (source.list) split_list(value, arena, many);
        else if (!source.sparse || !means_nothing(value)) one = value;
    }
}

// The bytes of the first row and all its cells. The limit keeps a file without line ends from being all
// header.
std::vector<std::string> header_cells(std::string_view bytes, const PostLayout& layout, std::uint64_t& next) {
    const auto head = bytes.substr(layout.start, kLongestRow);
    RowScanner scanner(layout.delimiter, layout.quotes, kMostColumns);
    const char* end = scanner.scan(head.data(), head.data() + head.size());
    next = layout.start + static_cast<std::uint64_t>(end - head.data());
    std::vector<std::string> out;
    Arena arena;
    for (const auto& cell : scanner.cells()) {
        const std::string name = to_valid_utf8(content(cell, arena));
        const auto from = name.find_first_not_of(" \t"), to = name.find_last_not_of(" \t");
        out.push_back(from == std::string::npos ? "" : name.substr(from, to - from + 1));
    }
    return out;
}

}  // namespace

Header read_header(std::string_view bytes, const PostLayout& layout) {
    Header header;
    header.columns = header_cells(bytes, layout, header.rows);
    if (!layout.header) {
        header.rows = layout.start;
        for (std::size_t i = 0; i < header.columns.size(); ++i) header.columns[i] = std::to_string(i + 1);
    }
    return header;
}

std::vector<std::vector<std::string>> first_rows(std::string_view sample, bool whole,
                                                 const PostLayout& layout, std::size_t most) {
    constexpr std::ptrdiff_t kLongForACell = 1 << 16;
    std::vector<std::vector<std::string>> out;
    RowScanner scanner(layout.delimiter, layout.quotes, kMostColumns);
    const char* end = sample.data() + sample.size();
    Arena arena;
    for (const char* at = sample.data() + layout.start; at < end && out.size() < most;) {
        const char* begin = at;
        at = scanner.scan(at, end);
        if (scanner.stop() == begin) continue;
        const bool unclosed = scanner.open() && (whole || at - begin > kLongForACell);
        if (at == end && !scanner.ended() && !whole && !unclosed) break;
        out.emplace_back();
        if (unclosed) break;
        for (const auto& cell : scanner.cells()) out.back().emplace_back(content(cell, arena));
        arena.start();
    }
    return out;
}

Status read_delimited(std::string_view bytes, const PostLayout& layout, RowRange range,
                      const PostSinks& sinks) {
    const auto header = read_header(bytes, layout);
    const auto from = TRY(sources(layout, header.columns));
    const std::size_t width = header.columns.size();
    RowScanner scanner(layout.delimiter, layout.quotes, width);
    const char* at = bytes.data() + std::min<std::uint64_t>(std::max(range.begin, header.rows), range.end);
    const char* const end = bytes.data() + range.end;
    const bool to_the_end = range.end == bytes.size();
    Arena arena;
    PostRow row;
    std::string repaired;
    while (at < end) {
        const char* begin = at;
        at = scanner.scan(at, end);
        const auto whole = view(begin, scanner.stop());
        if (whole.empty()) continue;
        row.offset = static_cast<std::uint64_t>(begin - bytes.data());
        row.length = whole.size();
        std::optional<Refusal> why;
        if (scanner.open() || (scanner.count() < width && to_the_end && !scanner.ended()))
            why = Refusal::cut_off;
        else if (whole.size() > kLongestRow) why = Refusal::too_long;
        else if (scanner.count() != width) why = Refusal::columns;
        else {
            if (!all_ascii(whole) && !simdjson::validate_utf8(whole.data(), whole.size())) {
                repaired = to_valid_utf8(whole);
                scanner.scan(repaired.data(), repaired.data() + repaired.size());
            }
            clear(row);
            arena.start();
            fill(row, from, scanner.cells(), arena);
            why = finish(row, layout, arena);
        }
        if (why) sinks.refused({row.offset, row.length, *why});
        else sinks.row(row);
    }
    return {};
}

std::uint64_t end_of_delimited_row(std::string_view bytes, const PostLayout& layout, std::uint64_t begin) {
    RowScanner scanner(layout.delimiter, layout.quotes, 0);
    scanner.scan(bytes.data() + begin, bytes.data() + bytes.size());
    return static_cast<std::uint64_t>(scanner.stop() - bytes.data());
}

std::vector<RowRange> split_delimited(std::string_view bytes, const PostLayout& layout, std::size_t pieces,
                                      const std::function<void(std::uint64_t)>& scanned) {
    const std::uint64_t first = read_header(bytes, layout).rows;
    if (first >= bytes.size()) return {};
    const char* const base = bytes.data();
    const char* const end = base + bytes.size();
    const std::uint64_t step = (bytes.size() - first) / pieces + 1;
    std::vector<RowRange> out;
    std::uint64_t begin = first, wanted = first + step;
    // Cuts in [at, stop), which lies outside of quotes.
    const auto cut = [&](const char* at, const char* stop) {
        while (out.size() + 1 < pieces && base + wanted < stop) {
            at = find_one(std::max(at, base + wanted), stop, '\n');
            if (at == stop) return;
            ++at;
            out.push_back({begin, static_cast<std::uint64_t>(at - base)});
            begin = out.back().end;
            wanted = std::max(wanted + step, begin);
        }
    };
    const auto next_quote = [&](const char* at) {
        constexpr std::ptrdiff_t kStretch = 32 << 20;
        for (;;) {
            const char* const stop = end - at > kStretch ? at + kStretch : end;
            const char* const quote = find_one(at, stop, '"');
            if (quote != stop || stop == end) return quote;
            if (scanned) scanned(static_cast<std::uint64_t>(stop - base));
            at = stop;
        }
    };
    const char* outside = base + first;
    for (const char* at = outside; at < end && out.size() + 1 < pieces;) {
        const char* quote = layout.quotes ? next_quote(at) : end;
        if (quote == end) break;
        const bool opens = quote == base + first || quote[-1] == layout.delimiter || quote[-1] == '\n';
        at = quote + 1;
        if (!opens) continue;
        cut(outside, quote);
        for (;; at += 2) {  // to the quote that closes
            at = find_one(at, end, '"');
            if (end - at < 2 || at[1] != '"') break;
        }
        outside = at = at == end ? end : at + 1;
    }
    cut(outside, end);
    if (begin < bytes.size()) out.push_back({begin, bytes.size()});
    return out;
}

}  // namespace contrechamp::posts
