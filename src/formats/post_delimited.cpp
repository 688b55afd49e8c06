// CSV and its kin.
#include <simdjson.h>

#include <algorithm>

#include "base/escape.h"
#include "formats/post_parts.h"

namespace contrechamp::posts {
namespace {

constexpr std::size_t kMostColumns = 4096;

using rows::Cell;
using rows::unquote;
using rows::view;
using RowScanner = rows::RowScanner<rows::Bytes>;

rows::Marks marks_of(const PostLayout& layout) { return {layout.delimiter, layout.quotes, '\n'}; }

std::string_view content(const Cell& cell, Arena& arena) {
    const auto whole = view(cell.begin, cell.end);
    return cell.quoted ? unquote(whole, arena) : whole;
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
    RowScanner scanner(marks_of(layout), kMostColumns);
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
    RowScanner scanner(marks_of(layout), kMostColumns);
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
    RowScanner scanner(marks_of(layout), width);
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
    RowScanner scanner(marks_of(layout), 0);
    scanner.scan(bytes.data() + begin, bytes.data() + bytes.size());
    return static_cast<std::uint64_t>(scanner.stop() - bytes.data());
}

std::vector<RowRange> split_delimited(std::string_view bytes, const PostLayout& layout, std::size_t pieces,
                                      const std::function<void(std::uint64_t)>& scanned) {
    const std::uint64_t first = read_header(bytes, layout).rows;
    if (first >= bytes.size()) return {};
    std::vector<RowRange> out;
    std::uint64_t begin = first;
    for (const auto end : rows::cuts<rows::Bytes>(bytes, first, marks_of(layout), pieces, scanned)) {
        out.push_back({begin, end});
        begin = end;
    }
    return out;
}

}  // namespace contrechamp::posts
