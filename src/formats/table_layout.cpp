// Guessing how a table is written: its encoding, its separator, its header.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/escape.h"
#include "formats/table_number.h"
#include "formats/table_parts.h"

namespace contrechamp {
namespace {

using rows::Arena;

constexpr std::size_t kSample = std::size_t{1} << 20, kSampleRows = 200;
constexpr std::array<char, 4> kSeparators = {'\t', ';', '|', ','};  // of two that cut alike, the first
constexpr std::array<std::string_view, 4> kEncodings = {"utf-8", "windows-1252", "utf-16le", "utf-16be"};
constexpr std::array<std::string_view, 2> kForms = {"delimited", "json-lines"};

// ---- What is no table

struct Foreign {
    std::string_view magic;
    Text what, todo;
};

const Foreign* foreign(std::string_view bytes) {
    static const Text save = {"open it in a spreadsheet and save the sheet as CSV (UTF-8)",
                              "ouvrez-le dans un tableur et enregistrez la feuille en CSV (UTF-8)"};
    static const Text unpack = {"unpack it first", "décompressez-le d’abord"};
    static const std::array<Foreign, 6> kinds = {{
        {"PK\x03\x04",
         {"a workbook or archive, not a table", "un classeur ou une archive, pas une table"},
         save},
        {"\xd0\xcf\x11\xe0", {"an old workbook, not a table", "un ancien classeur, pas une table"}, save},
        {"%PDF",
         {"a PDF, not a table", "un PDF, pas une table"},
         {"ask for the data behind it, as CSV", "demandez les données qu’il présente, en CSV"}},
        {"\x1f\x8b", {"a compressed file", "un fichier compressé"}, unpack},
        {"\x28\xb5\x2f\xfd", {"a compressed file", "un fichier compressé"}, unpack},
        {"<", {"HTML or XML, not a table", "du HTML ou du XML, pas une table"}, save},
    }};
    for (const auto& kind : kinds)
        if (bytes.substr(0, kind.magic.size()) == kind.magic) return &kind;
    return nullptr;
}

tl::unexpected<Error> nothing(const std::string& where) {
    return fail({"there is nothing in this table", "cette table est vide"}, where,
                {"ask for the file again", "redemandez le fichier"});
}

tl::unexpected<Error> no_lines(const std::string& where) {
    return fail(
        {"a JSON document, not one object a line", "un document JSON, pas un objet par ligne"}, where,
        {"write one flat object a line (jq -c '.[]')", "écrivez un objet simple par ligne (jq -c '.[]')"});
}

// ---- Encoding

// UTF-16 of mostly ASCII has a zero in every other byte.
std::optional<TableEncoding> zeros(std::string_view bytes) {
    const auto head = bytes.substr(0, 4096);
    std::array<std::size_t, 2> count{};
    for (std::size_t i = 0; i < head.size(); ++i) count[i % 2] += head[i] == 0;
    const std::size_t pairs = head.size() / 2;
    if (pairs == 0) return std::nullopt;
    if (count[1] * 5 >= pairs * 2 && count[0] * 20 <= pairs) return TableEncoding::utf16_le;
    if (count[0] * 5 >= pairs * 2 && count[1] * 20 <= pairs) return TableEncoding::utf16_be;
    return std::nullopt;
}

// Whether something here is UTF-8 beyond ASCII.
bool some_utf8(std::string_view bytes) {
    const auto byte = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
    };
    const auto goes_on = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto lead = byte(i);
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
        if (more == 0 || lead > 0xf4 || !goes_on(i + 1)) continue;
        if (is_valid_utf8(bytes.substr(i, more + 1))) return true;
    }
    return false;
}

TableEncoding eight_bits(std::string_view bytes, std::uint64_t start) {
    auto sample = bytes.substr(start, kSample);
    // The sample may end inside of a character.
    for (int i = 0; i < 3 && start + sample.size() < bytes.size() && !sample.empty(); ++i)
        sample.remove_suffix((static_cast<unsigned char>(sample.back()) & 0x80) ? 1 : 0);
    if (simdjson::validate_utf8(sample.data(), sample.size()) || some_utf8(sample))
        return TableEncoding::utf8;
    return TableEncoding::windows_1252;
}

struct Beginning {
    TableEncoding encoding = TableEncoding::utf8;
    std::uint64_t start = 0;  // behind a BOM
    std::string sample;       // UTF-8, of whole characters
    bool whole = false;       // the sample is all there is
};

Beginning begin(std::string_view bytes, const TableWishes& wishes) {
    Beginning out;
    if (bytes.substr(0, 3) == "\xef\xbb\xbf") out.start = 3;
    else if (bytes.substr(0, 2) == "\xff\xfe") out = {TableEncoding::utf16_le, 2};
    else if (bytes.substr(0, 2) == "\xfe\xff") out = {TableEncoding::utf16_be, 2};
    else if (const auto wide = zeros(bytes)) out.encoding = *wide;
    if (wishes.encoding) out.encoding = *wishes.encoding;
    else if (!tables::is_utf16(out.encoding) && out.start == 0) out.encoding = eight_bits(bytes, 0);
    const auto sample = bytes.substr(out.start, kSample);
    out.whole = out.start + sample.size() == bytes.size();
    Arena arena;
    bool zero = false;
    if (tables::is_utf16(out.encoding))
        out.sample = tables::from_utf16(sample, out.encoding == TableEncoding::utf16_be, arena, zero);
    else out.sample = sample;
    return out;
}

// ---- Rows

// Rows end with \r only where no \n stands outside of quotes.
char line_end(std::string_view text) {
    bool inside = false, carriage = false;
    for (const char c : text) {
        if (c == '"') inside = !inside;
        if (inside) continue;
        if (c == '\n') return '\n';
        carriage = carriage || c == '\r';
    }
    return carriage ? '\r' : '\n';
}

// How many of the first rows have as many cells as the first, which has at least two.
struct Fit {
    std::size_t width = 0, rows = 0, like = 0;
    bool open = false;
    bool better_than(const Fit& other) const {
        if ((width > 1) != (other.width > 1)) return width > 1;
        if (like * other.rows != other.like * rows) return like * other.rows > other.like * rows;
        return width > other.width;
    }
};

Fit fit(std::string_view text, bool whole, const rows::Marks& marks) {
    Fit out;
    rows::RowScanner<rows::Bytes> scanner(marks, 0);
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at < end && out.rows < kSampleRows;) {
        const char* const from = at;
        at = scanner.scan(at, end);
        if (scanner.stop() == from) continue;
        if (at == end && !scanner.ended() && !whole && out.rows > 0) break;
        if (scanner.open()) {  // as the reader does
            const char* const stop = rows::find_one(scanner.opened(), end, marks.line_end);
            at = stop < end ? stop + 1 : end;
        }
        if (out.rows++ == 0) out.width = scanner.count();
        out.like += !scanner.open() && scanner.count() == out.width;
        out.open = out.open || scanner.open();
    }
    out.rows = std::max<std::size_t>(out.rows, 1);
    return out;
}

void guess_marks(std::string_view text, bool whole, std::optional<char> separator, TableLayout& layout) {
    Fit best;
    bool first = true;
    for (const bool quotes : {true, false})
        for (const char one : kSeparators) {
            if (separator && *separator != one) continue;
            const auto found = fit(text, whole, {one, quotes, layout.line_end});
            // Without quotes only where a quote that never closes shows that they are text.
            if (!quotes && !best.open) continue;
            if (!first && !found.better_than(best)) continue;
            first = false;
            best = found;
            layout.separator = one;
            layout.quotes = quotes;
        }
}

// Excel's first line: `sep=;`. How many characters it has, without its line end.
std::size_t sep_line(std::string_view text, std::optional<char>& separator) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    auto inner = line;
    if (inner.size() > 1 && inner.front() == '"' && inner.back() == '"')
        inner = inner.substr(1, inner.size() - 2);
    if (inner.size() != 5 || (inner.substr(0, 4) != "sep=" && inner.substr(0, 4) != "SEP=")) return 0;
    const char found = inner[4];
    if (std::find(kSeparators.begin(), kSeparators.end(), found) == kSeparators.end()) return 0;
    if (!separator) separator = found;
    return line.size();
}

// ---- The header

tl::unexpected<Error> one_name_twice(const std::string& name, std::size_t a, std::size_t b,
                                     const std::string& where) {
    const auto both = [&](const std::string& word) {
        return std::to_string(a + 1) + word + std::to_string(b + 1);
    };
    return fail({"columns " + both(" and ") + " are both called \"" + name + "\"",
                 "les colonnes " + both(" et ") + " s’appellent toutes deux « " + name + " »"},
                where, {"rename one of them in a copy", "renommez l’une d’elles dans une copie"});
}

Result<std::vector<std::string>> named(std::vector<std::string> cells, const std::string& where) {
    if (cells.size() > kMostTableColumns)
        return fail({"over 10,000 columns", "plus de 10 000 colonnes"}, where,
                    {"check the separator (--separator)", "vérifiez le séparateur (--separator)"});
    std::map<std::string, std::size_t> seen;
    bool numbers = true;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        auto name = to_valid_utf8(trimmed_cell(cells[i]));
        if (name.empty()) name = "#" + std::to_string(i + 1);
        else
            numbers = numbers && (parse_table_number(name, DecimalMark::point) ||
                                  parse_table_number(name, DecimalMark::comma));
        const auto [at, is_new] = seen.emplace(name, i);
        if (!is_new) return one_name_twice(name, at->second, i, where);
        cells[i] = std::move(name);
    }
    if (numbers)
        return fail({"the first line holds numbers only: it does not name the columns",
                     "la première ligne ne contient que des nombres : elle ne nomme pas les colonnes"},
                    where,
                    {"put a line of names first, or say which line has them (--header-line)",
                     "mettez d’abord une ligne de noms, ou dites quelle ligne les contient (--header-line)"});
    return cells;
}

template <class Units>
Status read_header(std::string_view bytes, const TableWishes& wishes, TableLayout& layout,
                   const std::string& where) {
    rows::RowScanner<Units> scanner(tables::marks_of(layout), kMostTableColumns + 1);
    const char* const base = bytes.data();
    const auto rest = (bytes.size() - layout.rows) / Units::kSize * Units::kSize;
    const char* const end = base + layout.rows + std::min<std::uint64_t>(rest, kLongestTableRow);
    for (const char* at = base + layout.rows; at < end;) {
        const char* const from = at;
        const auto line = layout.line;
        at = scanner.scan(at, end);
        for (const char* p = from; (p = Units::one(p, at, layout.line_end)) < at; p += Units::kSize)
            ++layout.line;
        layout.rows = static_cast<std::uint64_t>(at - base);
        if (scanner.stop() == from || line < wishes.header_line) continue;
        if (scanner.open())
            return fail({"a quote in the first line is never closed",
                         "un guillemet de la première ligne n’est jamais fermé"},
                        where, {"ask for the file again", "redemandez le fichier"});
        std::vector<std::string> cells;
        Arena arena;
        for (const auto& cell : scanner.cells()) {
            auto text = rows::view(cell.begin, cell.end);
            bool zero = false;
            if (Units::kSize == 2)
                text = tables::from_utf16(text, layout.encoding == TableEncoding::utf16_be, arena, zero);
            else if (!simdjson::validate_utf8(text.data(), text.size()) ||
                     layout.encoding == TableEncoding::windows_1252)
                text = tables::from_windows_1252(text, arena);
            cells.emplace_back(cell.quoted ? rows::unquote(text, arena) : text);
        }
        layout.columns = TRY(named(std::move(cells), where));
        return {};
    }
    return nothing(where);
}

Result<TableLayout> json_layout(const Beginning& beginning, const std::string& where) {
    TableLayout layout;
    layout.form = TableForm::json_lines;
    layout.encoding = beginning.encoding;
    layout.rows = beginning.start;
    if (tables::is_utf16(layout.encoding))
        return fail({"JSON lines in UTF-16", "des lignes JSON en UTF-16"}, where,
                    {"convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)",
                     "convertissez-le en UTF-8 (iconv -f UTF-16 -t UTF-8)"});
    tables::FlatObject object;
    std::map<std::string, std::size_t, std::less<>> seen;
    bool any = false;
    const std::string_view sample = beginning.sample;
    for (std::size_t at = 0; at < sample.size();) {
        const auto stop = std::min(sample.find('\n', at), sample.size());
        if (stop == sample.size() && !beginning.whole && any) break;
        const auto why = object.read(to_valid_utf8(sample.substr(at, stop - at)));
        at = stop + 1;
        if (why == TableRefusal::not_an_object) continue;
        any = true;
        for (const auto& member : object.members()) {
            const auto name = std::string(member.name);
            if (seen.size() >= kMostTableColumns || name.empty()) continue;
            if (seen.emplace(name, seen.size()).second) layout.columns.push_back(name);
        }
    }
    if (!any || layout.columns.empty()) return no_lines(where);
    return layout;
}

tl::unexpected<Error> bad_layout(const std::string& what, const std::string& where) {
    return fail({"this description of a table cannot be used: \"" + what + "\"",
                 "cette description d’une table est inutilisable : « " + what + " »"},
                where, {"remove it and run the command again", "supprimez-la et relancez la commande"});
}

// A name without its case, enough for headers in English and French.
std::string folded(std::string_view name) {
    std::string out(name);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        const bool latin = i > 0 && out[i - 1] == '\xc3' && c >= 0x80 && c <= 0x9e && c != 0x97;
        if ((c >= 'A' && c <= 'Z') || latin) out[i] = static_cast<char>(c + 32);
    }
    return out;
}

}  // namespace

std::string_view to_string(TableEncoding encoding) { return kEncodings[static_cast<std::size_t>(encoding)]; }

std::optional<TableEncoding> table_encoding(std::string_view name) {
    const auto lower = folded(name);
    for (std::size_t i = 0; i < kEncodings.size(); ++i)
        if (lower == kEncodings[i]) return static_cast<TableEncoding>(i);
    return std::nullopt;
}

std::optional<std::size_t> TableLayout::column(std::string_view name) const {
    const auto exact = std::find(columns.begin(), columns.end(), name);
    if (exact != columns.end()) return static_cast<std::size_t>(exact - columns.begin());
    std::optional<std::size_t> found;
    const auto wanted = folded(name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (folded(columns[i]) != wanted) continue;
        if (found) return std::nullopt;
        found = i;
    }
    if (found || name.size() < 2 || name.size() > 6 || name[0] != '#') return found;
    std::size_t number = 0;
    for (const char c : name.substr(1)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    if (number == 0 || number > columns.size()) return std::nullopt;
    return number - 1;
}

json::Object TableLayout::to_json() const {
    return {{"form", kForms[static_cast<std::size_t>(form)]},
            {"encoding", to_string(encoding)},
            {"separator", std::string(1, separator)},
            {"quotes", quotes},
            {"line_end", line_end == '\r' ? "cr" : "lf"},
            {"rows", rows},
            {"line", line},
            {"columns", json::strings(columns)}};
}

Result<TableLayout> TableLayout::from_json(const json::Value& value, const std::string& where) {
    TableLayout out;
    const auto form = value["form"].string_or(kForms[0]);
    if (form != kForms[0] && form != kForms[1]) return bad_layout("form", where);
    out.form = form == kForms[1] ? TableForm::json_lines : TableForm::delimited;
    const auto encoding = table_encoding(value["encoding"].string_or(kEncodings[0]));
    if (!encoding || (out.form == TableForm::json_lines && tables::is_utf16(*encoding)))
        return bad_layout("encoding", where);
    out.encoding = *encoding;
    const auto separator = value["separator"].string_or(",");
    if (separator.size() != 1 ||
        std::find(kSeparators.begin(), kSeparators.end(), separator[0]) == kSeparators.end())
        return bad_layout("separator", where);
    out.separator = separator[0];
    out.quotes = value["quotes"].bool_or(true);
    out.line_end = value["line_end"].string_or("lf") == "cr" ? '\r' : '\n';
    const auto rows = value["rows"].int_or(0), line = value["line"].int_or(1);
    if (rows < 0) return bad_layout("rows", where);
    if (line < 1) return bad_layout("line", where);
    out.rows = static_cast<std::uint64_t>(rows);
    out.line = static_cast<std::uint64_t>(line);
    const auto& columns = value["columns"].array_or_empty();
    if (columns.empty() || columns.size() > kMostTableColumns) return bad_layout("columns", where);
    for (const auto& column : columns) {
        if (!column.if_string()) return bad_layout("columns", where);
        out.columns.push_back(*column.if_string());
    }
    return out;
}

Result<TableLayout> guess_table_layout(std::string_view bytes, const TableWishes& wishes,
                                       const std::string& where) {
    if (const auto* kind = foreign(bytes)) return fail(kind->what, where, kind->todo);
    const auto beginning = begin(bytes, wishes);
    std::string_view text = beginning.sample;
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos && beginning.whole) return nothing(where);
    if (first != std::string_view::npos && text[first] == '{') return json_layout(beginning, where);
    const auto second = first == text.npos ? text.npos : text.find_first_not_of(" \t\r\n", first + 1);
    if (second != text.npos && text[first] == '[' && text[second] == '{') return no_lines(where);
    TableLayout layout;
    layout.encoding = beginning.encoding;
    layout.line_end = line_end(text);
    auto separator = wishes.separator;
    const auto skipped = sep_line(text, separator);
    const std::size_t unit = tables::is_utf16(layout.encoding) ? 2 : 1;
    layout.rows = beginning.start + skipped * unit;
    text.remove_prefix(skipped);
    // What stands before the header the person points at does not say how rows are cut.
    for (std::uint64_t line = 1; line < wishes.header_line; ++line)
        text.remove_prefix(std::min(text.find(layout.line_end), text.size() - 1) + 1);
    guess_marks(text, beginning.whole, separator, layout);
    if (layout.encoding == TableEncoding::utf16_le)
        TRY(read_header<rows::Utf16<false>>(bytes, wishes, layout, where));
    else if (layout.encoding == TableEncoding::utf16_be)
        TRY(read_header<rows::Utf16<true>>(bytes, wishes, layout, where));
    else TRY(read_header<rows::Bytes>(bytes, wishes, layout, where));
    return layout;
}

}  // namespace contrechamp
