// formats/table_reader.h: rows lie inside the file, one after another; cells are UTF-8 without zeros and as
// many as there are columns; a row read again is the same; cutting the file changes nothing; a layout that
// was written down reads the same. formats/table_number.h: what is a number is finite, and with its sign
// turned the opposite.
#include <cmath>

#include "formats/table_number.h"
#include "formats/table_reader.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

std::string cells_of(const TableRow& row) {
    std::string out;
    for (const auto cell : row.cells) out += std::string(cell) + "\x1f";
    return out;
}

void check_number(std::string_view cell) {
    for (const auto mark : {DecimalMark::point, DecimalMark::comma}) {
        const auto number = parse_table_number(cell, mark);
        if (!number) continue;
        CHECK(std::isfinite(*number));
        const auto trimmed = trimmed_cell(cell);
        if (trimmed[0] == '-') CHECK(parse_table_number(trimmed.substr(1), mark) == -*number);
    }
}

std::string read_all(std::string_view bytes, const TableLayout& layout, std::size_t pieces) {
    std::string said;
    std::uint64_t end = layout.rows, line = 0, last = 0;
    TableReader again(bytes, layout, {});
    for (const auto& range : split_table(bytes, layout, pieces)) {
        CHECK(range.begin >= last && range.begin < range.end && range.end <= bytes.size());
        last = range.end;
        TableReader reader(bytes, layout, range);
        while (reader.next()) {
            const auto& row = reader.row();
            CHECK(fuzz::inside(bytes, row.offset, row.length) && row.length > 0 && row.offset >= end);
            CHECK(row.line > line && row.lines > 0);
            CHECK(lines_at(bytes, layout, {row.offset})[0] == row.line);
            CHECK(row.cells.size() == (row.refused ? 0 : layout.columns.size()));
            end = row.offset + row.length;
            line = row.line + row.lines - 1;
            said += std::to_string(row.offset) + "+" + std::to_string(row.length) + " " +
                    std::to_string(line) + (row.recoded ? "r" : "") + cells_of(row) + "\n";
            if (row.refused) {
                said += to_string(*row.refused);
                continue;
            }
            for (const auto cell : row.cells) {
                CHECK(is_valid_utf8(cell) && cell.find('\0') == cell.npos);
                check_number(cell);
            }
            CHECK(again.at(row.offset) && !again.row().refused && cells_of(again.row()) == cells_of(row));
        }
    }
    return said;
}

void check(std::string_view bytes, const TableLayout& layout) {
    const auto whole = read_all(bytes, layout, 1);
    for (const std::size_t pieces : {2, 5}) CHECK(read_all(bytes, layout, pieces) == whole);
    fuzz::check_canonical(json::Value(layout.to_json()));
    const auto again = TableLayout::from_json(json::Value(layout.to_json()), "again");
    CHECK(again);
    CHECK(read_all(bytes, *again, 1) == whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // An exact copy, so that a sanitizer sees a read past the end.
    const std::vector<char> copy(data, data + size);
    const std::string_view bytes(copy.data(), copy.size());
    for (const auto encoding : {std::optional<TableEncoding>(), std::optional(TableEncoding::utf16_be)}) {
        TableWishes wishes;
        wishes.encoding = encoding;
        if (const auto layout = guess_table_layout(bytes, wishes, "fuzz")) check(bytes, *layout);
    }
    TableLayout fixed;
    fixed.columns = {"a", "b"};
    for (const auto encoding : {TableEncoding::utf8, TableEncoding::windows_1252, TableEncoding::utf16_le}) {
        fixed.encoding = encoding;
        fixed.line_end = encoding == TableEncoding::windows_1252 ? '\r' : '\n';
        check(bytes, fixed);
    }
    fixed.form = TableForm::json_lines;
    fixed.encoding = TableEncoding::utf8;
    check(bytes, fixed);
    check_number(bytes);
    if (const auto value = json::parse(bytes, "fuzz"))
        if (const auto layout = TableLayout::from_json(*value, "fuzz"))
            fuzz::check_canonical(json::Value(layout->to_json()));
    return 0;
}
