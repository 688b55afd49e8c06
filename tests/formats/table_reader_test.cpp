// Tables: any table that is written, however it is quoted, cut or encoded, reads back cell by cell; what
// cannot be read is refused with its place, and reading goes on.
#include "formats/table_reader.h"

#include <random>

#include <gtest/gtest.h>

#include "formats/table_number.h"

namespace contrechamp {
namespace {

using Cells = std::vector<std::string>;

// One line a row: "line+lines offset+length cells|…" or the reason.
std::string said(const TableRow& row) {
    std::string out = std::to_string(row.line) + "+" + std::to_string(row.lines) + " " +
                      std::to_string(row.offset) + "+" + std::to_string(row.length) + " ";
    if (row.refused) return out + std::string(to_string(*row.refused));
    if (row.recoded) out += "recoded ";
    for (std::size_t i = 0; i < row.cells.size(); ++i) out += (i ? "|" : "") + std::string(row.cells[i]);
    return out;
}

std::vector<std::string> read(std::string_view bytes, const TableLayout& layout, std::size_t pieces = 1) {
    std::vector<std::string> out;
    for (const auto& range : split_table(bytes, layout, pieces)) {
        TableReader reader(bytes, layout, range);
        while (reader.next()) out.push_back(said(reader.row()));
    }
    return out;
}

TableLayout layout_of(std::string_view bytes, const TableWishes& wishes = {}) {
    const auto layout = guess_table_layout(bytes, wishes, "test.csv");
    if (!layout) ADD_FAILURE() << layout.error().what.en;
    return layout ? *layout : TableLayout{};
}

std::vector<std::string> read_guessed(std::string_view bytes) { return read(bytes, layout_of(bytes)); }

std::string why_not(std::string_view bytes) {
    const auto layout = guess_table_layout(bytes, {}, "test.csv");
    return layout ? "read" : layout.error().what.en;
}

TEST(TableReader, WhereRowsStand) {
    EXPECT_EQ(read_guessed("a,b\r\n1,x\r\n\r\n\"2\",\"y\r\nz\"\r\n3,w"),
              (Cells{"2+1 5+3 1|x", "4+2 12+10 2|y\r\nz", "6+1 24+3 3|w"}));
}

TEST(TableReader, SeparatorsAreGuessed) {
    const std::string_view rows[] = {"n,s\n\"Martin, J.\",1\n\"Roy; P.\",2\n",
                                     "n;s\nMartin, J.;1,5\nRoy, P.;2,5\n",
                                     "n\ts\nMartin, J.\t1\nRoy; P.\t2\n", "n|s\nMartin, J.|1\nRoy; P.|2\n"};
    const std::string_view marks = ",;\t|";
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(layout_of(rows[i]).separator, marks[i]) << rows[i];
    EXPECT_EQ(read_guessed(rows[0]), (Cells{"2+1 4+14 Martin, J.|1", "3+1 19+11 Roy; P.|2"}));
    TableWishes wishes;
    wishes.separator = ',';
    EXPECT_EQ(layout_of("a;b\n1;2\n", wishes).columns, Cells{"a;b"});
    EXPECT_EQ(layout_of("only\n1\n2\n").columns, Cells{"only"});
}

TEST(TableReader, ExcelsFirstLine) {
    EXPECT_EQ(read_guessed("sep=;\r\na;b\r\n1,2;3,4\r\n"), (Cells{"3+1 12+7 1,2|3,4"}));
    EXPECT_EQ(read_guessed("\xef\xbb\xbf\"sep=|\"\na|b\n1|2\n"), (Cells{"3+1 15+3 1|2"}));
}

TEST(TableReader, QuotesThatAreText) {
    const std::string tsv = "a\tb\n\"x\t1\ny\t2\nz\"\t3\n\"w\t4\n";
    EXPECT_FALSE(layout_of(tsv + "v\t5\n").quotes);
    EXPECT_EQ(read_guessed("a,b\n5\" disk,1\n\"x\"y,2\n"), (Cells{"2+1 4+9 5\" disk|1", "3+1 14+6 xy|2"}));
}

TEST(TableReader, AQuoteThatNeverClosesCostsOneLine) {
    std::string csv = "a,b\n1,\"x,y\"\n2,z\n";
    csv += "3,\"open\n4,w\n5,\"\"\n";
    EXPECT_EQ(read_guessed(csv), (Cells{"2+1 4+7 1|x,y", "3+1 12+3 2|z", "4+1 16+7 unclosed-quote",
                                        "5+1 24+3 4|w", "6+1 28+4 5|"}));
}

TEST(TableReader, TooFewAndTooManyCells) {
    EXPECT_EQ(read_guessed("a,b\n1\n1,2,3\n1,2\n"),
              (Cells{"2+1 4+1 too-few-cells", "3+1 6+5 too-many-cells", "4+1 12+3 1|2"}));
}

TEST(TableReader, LoneCarriageReturns) {
    EXPECT_EQ(read_guessed("a,b\r1,2\r\"3\n\",4\r"), (Cells{"2+1 4+3 1|2", "3+1 8+6 3\n|4"}));
}

TEST(TableReader, Encodings) {
    const auto latin = layout_of("nom;s\nH\xe9l\xe8ne;F\nJos\xe9 \x80;M\n");
    EXPECT_EQ(latin.encoding, TableEncoding::windows_1252);
    EXPECT_EQ(read_guessed("nom;s\nH\xe9l\xe8ne;F\nJos\xe9 \x80;M\n"),
              (Cells{"2+1 6+8 Hélène|F", "3+1 15+8 José €|M"}));
    // Some rows of each: the file is UTF-8, the others are said.
    EXPECT_EQ(read_guessed("nom;s\nHélène;F\nJos\xe9;M\nAnne;F\n"),
              (Cells{"2+1 6+10 Hélène|F", "3+1 17+6 recoded José|M", "4+1 24+6 Anne|F"}));
    const std::string_view wide(
        "\xff\xfe"
        "a\0;\0b\0\n\0"
        "\xe9\0;\0\x3d\xd8\x00\xde\n\0",
        20);
    EXPECT_EQ(layout_of(wide).encoding, TableEncoding::utf16_le);
    EXPECT_EQ(read_guessed(wide), (Cells{"2+1 10+8 é|\U0001f600"}));
    const std::string_view big(
        "\0a\0,\0b\0\n\0"
        "1\0,\0"
        "2",
        14);  // no BOM, no line end
    EXPECT_EQ(layout_of(big).encoding, TableEncoding::utf16_be);
    EXPECT_EQ(read_guessed(big), (Cells{"2+1 8+6 1|2"}));
    EXPECT_EQ(read(std::string(big) + '\0', layout_of(big)), (Cells{"2+1 8+7 cut-off"}));
}

TEST(TableReader, ZerosAmongText) {
    using namespace std::string_view_literals;
    EXPECT_EQ(read_guessed("a,b\n1,M\0\n2,F\n"sv), (Cells{"2+1 4+4 nul-byte", "3+1 9+3 2|F"}));
}

TEST(TableReader, JsonLines) {
    const std::string_view json =
        "{\"id\":1,\"nom\":\"H\\u00e9l\\u00e8ne, dite \\\"Nell\\\"\",\"promu\":true}\n\n"
        "{\"id\": 2.50 , \"promu\":null,\"new\":\"x\"}\r\n"
        "{\"id\":3,\"nom\":{\"a\":1}}\n"
        "{\"id\":4,\"id\":5}\n"
        "[1]\n{\"id\":6} x\n{\"id\":7}";
    EXPECT_EQ(layout_of(json).columns, (Cells{"id", "nom", "promu", "new"}));
    EXPECT_EQ(read_guessed(json),
              (Cells{"1+1 0+61 1|Hélène, dite \"Nell\"|true|", "3+1 63+37 2.50|||x", "4+1 102+22 nested",
                     "5+1 125+15 repeated-member", "6+1 141+3 not-an-object", "7+1 145+10 not-an-object",
                     "8+1 156+8 7|||"}));
}

TEST(TableReader, WhatIsNoTable) {
    EXPECT_EQ(why_not(""), "there is nothing in this table");
    EXPECT_EQ(why_not("\xef\xbb\xbf \r\n\r\n"), "there is nothing in this table");
    EXPECT_EQ(why_not("PK\x03\x04zzzz"), "a workbook or archive, not a table");
    EXPECT_EQ(why_not("[{\"a\":1}]"), "a JSON document, not one object a line");
    EXPECT_EQ(why_not("{\n \"a\": 1\n}"), "a JSON document, not one object a line");
    EXPECT_EQ(why_not("id,Sex, id \n1,F,2\n"), "columns 1 and 3 are both called \"id\"");
    EXPECT_EQ(why_not("1,2\n3,4\n"), "the first line holds numbers only: it does not name the columns");
    TableWishes late;
    late.header_line = 600'001;
    std::string far;
    for (int i = 0; i < 600'000; ++i) far += "x\n";
    const auto open = guess_table_layout(far + "\"b\n1\n", late, "t");
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().what.en, "a quote in the first line is never closed");
    std::string wide = "c0";
    for (int i = 1; i <= 10'000; ++i) wide += ",c" + std::to_string(i);
    EXPECT_EQ(why_not(wide), "over 10,000 columns");
    EXPECT_EQ(why_not("a,b\n"), "read");
    EXPECT_TRUE(read_guessed("a,b\n").empty());
}

TEST(TableReader, NamesOfColumns) {
    const auto layout = layout_of("\xef\xbb\xbf Sexe ;;Âge;=x\n1;2;3;4\n");
    EXPECT_EQ(layout.columns, (Cells{"Sexe", "#2", "Âge", "=x"}));
    EXPECT_EQ(layout.column("sexe"), 0u);
    EXPECT_EQ(layout.column("âge"), 2u);
    EXPECT_EQ(layout.column("#4"), 3u);
    EXPECT_EQ(layout.column("#5"), std::nullopt);
    EXPECT_EQ(layout_of("X;x\na;b\n").column("x"), 1u);
    TableWishes wishes;
    wishes.header_line = 3;
    EXPECT_EQ(read("Export of 2026\n\nid;sex\n1;F\n", layout_of("Export of 2026\n\nid;sex\n1;F\n", wishes)),
              (Cells{"4+1 23+3 1|F"}));
}

TEST(TableReader, TooLong) {
    const std::string csv = "a,b\n1,2\n" + std::string(kLongestTableRow, 'x') + ",2\n3,4\n";
    EXPECT_EQ(read_guessed(csv), (Cells{"2+1 4+3 1|2", "3+1 8+16777218 too-long", "4+1 16777227+3 3|4"}));
}

TEST(TableReader, LayoutsAreWrittenDown) {
    const auto layout = layout_of("sep=;\r\na;b\r\n1;2\r\n");
    const auto again = TableLayout::from_json(json::Value(layout.to_json()), "again");
    ASSERT_TRUE(again);
    EXPECT_EQ(json::canonical(json::Value(again->to_json())), json::canonical(json::Value(layout.to_json())));
    EXPECT_FALSE(TableLayout::from_json(*json::parse(R"({"columns":["a"],"separator":"x"})", "t"), "t"));
    EXPECT_FALSE(TableLayout::from_json(*json::parse(R"({"columns":["a"],"rows":-1})", "t"), "t"));
    EXPECT_FALSE(TableLayout::from_json(*json::parse("{}", "t"), "t"));
}

// ---- Any table

class Writer {
  public:
    explicit Writer(std::mt19937& random) : random_(random) {}

    struct Written {
        std::string bytes;
        TableWishes wishes;
        std::vector<Cells> cells;
    };
    Written write() {
        Written out;
        separator_ = ",;\t|"[draw(4)];
        const auto encoding = static_cast<TableEncoding>(draw(4));
        line_end_ = std::array<const char32_t*, 3>{U"\n", U"\r\n", U"\r"}[draw(3)];
        latin_ = encoding == TableEncoding::windows_1252;
        out.wishes = {separator_, encoding, 0};
        const std::size_t width = 2 + draw(4), rows = draw(30);
        std::u32string text;
        for (std::size_t c = 0; c < width; ++c)
            text += (c ? std::u32string(1, separator_) : U"") + U"name" + U"abcdef"[c];
        text += line_end_;
        for (std::size_t r = 0; r < rows; ++r) {
            out.cells.emplace_back();
            for (std::size_t c = 0; c < width; ++c) {
                const auto cell = word();
                if (c) text += separator_;
                text += quoted(cell);
                out.cells.back().push_back(utf8(cell));
            }
            if (r + 1 < rows || draw(2)) text += line_end_;
            if (r + 1 < rows && draw(8) == 0) text += line_end_;
        }
        out.bytes = encoded(text, encoding);
        return out;
    }

  private:
    std::size_t draw(std::size_t below) { return random_() % below; }

    std::u32string word() {
        static const std::u32string wide = U"ab \",;\t|\n\r'éŒ€’=日\U0001f600\u00a0";
        static const std::u32string narrow = U"ab \",;\t|\n\r'éŒ€’=";
        const auto& letters = latin_ ? narrow : wide;
        std::u32string out;
        for (std::size_t i = draw(9); i > 0; --i) out += letters[draw(letters.size())];
        return out;
    }

    std::u32string quoted(const std::u32string& cell) {
        const bool must =
            cell.find_first_of(std::u32string(U"\"\r\n") + static_cast<char32_t>(separator_)) != cell.npos;
        if (!must && draw(4)) return cell;
        std::u32string out = U"\"";
        for (const auto c : cell) out += c == U'"' ? U"\"\"" : std::u32string(1, c);
        return out + U"\"";
    }

    static std::string utf8(const std::u32string& text) {
        std::string out;
        for (const char32_t c : text) {
            if (c < 0x80) {
                out += static_cast<char>(c);
                continue;
            }
            const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
            constexpr int kLead[] = {0, 0xc0, 0xe0, 0xf0};
            out += static_cast<char>(kLead[more] | static_cast<int>(c >> (6 * more)));
            for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
        }
        return out;
    }

    static std::string encoded(const std::u32string& text, TableEncoding encoding) {
        if (encoding == TableEncoding::utf8) return utf8(text);
        std::string out;
        for (const char32_t c : text) {
            if (encoding == TableEncoding::windows_1252) {
                out += c == U'Œ' ? '\x8c' : c == U'€' ? '\x80' : c == U'’' ? '\x92' : static_cast<char>(c);
                continue;
            }
            std::u16string units;
            if (c < 0x10000) units += static_cast<char16_t>(c);
            else
                units = {static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10)),
                         static_cast<char16_t>(0xdc00 + (c & 0x3ff))};
            for (const auto unit : units) {
                const char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
                out += encoding == TableEncoding::utf16_le ? std::string{low, high} : std::string{high, low};
            }
        }
        return out;
    }

    std::mt19937& random_;
    char separator_ = ',';
    const char32_t* line_end_ = U"\n";
    bool latin_ = false;
};

TEST(TableReader, AnyTableReadsBackInAnyPieces) {
    std::mt19937 random(7);
    Writer writer(random);
    for (int round = 0; round < 1500; ++round) {
        const auto written = writer.write();
        const auto layout = guess_table_layout(written.bytes, written.wishes, "t");
        ASSERT_TRUE(layout) << layout.error().what.en;
        std::vector<Cells> cells;
        TableReader reader(written.bytes, *layout, {layout->rows, written.bytes.size(), layout->line});
        TableReader again(written.bytes, *layout, {});
        std::vector<std::uint64_t> offsets, lines;
        while (reader.next()) {
            const auto& row = reader.row();
            ASSERT_FALSE(row.refused) << round << " " << said(row) << "\n" << written.bytes;
            ASSERT_FALSE(row.recoded);
            cells.emplace_back(row.cells.begin(), row.cells.end());
            offsets.push_back(row.offset);
            lines.push_back(row.line);
            ASSERT_TRUE(again.at(row.offset));
            ASSERT_EQ(again.row().cells, row.cells);
            ASSERT_EQ(again.row().length, row.length);
        }
        ASSERT_EQ(cells, written.cells) << round << "\n" << written.bytes;
        ASSERT_EQ(lines_at(written.bytes, *layout, offsets), lines);
        const auto whole = read(written.bytes, *layout);
        for (const std::size_t pieces : {2, 3, 5, 50}) ASSERT_EQ(read(written.bytes, *layout, pieces), whole);
    }
}

TEST(TableReader, AnyBytesInAnyPieces) {
    std::mt19937 random(11);
    const std::string_view letters = "ab,;\"\"\n\r\xe9\xc3\xa9{}:1";
    for (int round = 0; round < 4000; ++round) {
        std::string bytes = "x,y\n";
        for (std::size_t i = random() % 60; i > 0; --i) bytes += letters[random() % letters.size()];
        TableLayout layout;
        layout.columns = {"x", "y"};
        layout.rows = 4;
        layout.line = 2;
        layout.encoding = static_cast<TableEncoding>(round % 4);
        layout.quotes = round % 8 < 6;
        layout.line_end = round % 3 ? '\n' : '\r';
        if (round % 5 == 0 && round % 4 < 2) layout.form = TableForm::json_lines;
        const auto whole = read(bytes, layout);
        for (const std::size_t pieces : {2, 5, 64}) ASSERT_EQ(read(bytes, layout, pieces), whole) << bytes;
    }
}

// ---- Numbers

std::optional<double> point(std::string_view cell) { return parse_table_number(cell, DecimalMark::point); }
std::optional<double> comma(std::string_view cell) { return parse_table_number(cell, DecimalMark::comma); }

TEST(TableNumber, BothMarks) {
    EXPECT_EQ(point("12.5"), 12.5);
    EXPECT_EQ(point(" -3 "), -3);
    EXPECT_EQ(point("1,234,567.5"), 1234567.5);
    EXPECT_EQ(point("1e-5"), 1e-5);
    EXPECT_EQ(point(".5"), 0.5);
    EXPECT_EQ(point("+7"), 7);
    EXPECT_EQ(comma("12,5"), 12.5);
    EXPECT_EQ(comma("1.234,5"), 1234.5);
    EXPECT_EQ(comma("1 234,5"), 1234.5);
    EXPECT_EQ(comma("1\u00a0234\u00a0567"), 1234567);
    EXPECT_EQ(comma("1\u202f234,25"), 1234.25);
    EXPECT_EQ(comma("\u2212"
                    "3,5"),
              -3.5);
    EXPECT_EQ(comma("12,5 %"), 0.125);
    EXPECT_EQ(comma("12,5\u00a0%"), 0.125);
    EXPECT_EQ(point("1'234.5"), 1234.5);
    for (const auto* cell : {"", "-", ".", "e5", "1e", "abc", "1.2.3", "12 34", "1 2345", "0x10", "inf",
                             "nan", "1,23", "0,500", "1,234 567", "5%%", "1-2", "2026-01-02", "1e999"})
        EXPECT_EQ(point(cell), std::nullopt) << cell;
    for (const auto* cell : {"0.5", "1.5", "12,5,5", "1,5.5", "0.512"})
        EXPECT_EQ(comma(cell), std::nullopt) << cell;
}

TEST(TableNumber, TheMarkOfAColumn) {
    const auto guess = [](std::vector<std::string_view> cells) {
        const auto out = guess_decimal_mark(cells);
        return std::string(out.mark == DecimalMark::comma ? "comma" : "point") + (out.certain ? "" : "?");
    };
    EXPECT_EQ(guess({"0.5", "1.25"}), "point");
    EXPECT_EQ(guess({"0,5", "1,25", "x"}), "comma");
    EXPECT_EQ(guess({"1,234", "2,345"}), "point?");
    EXPECT_EQ(guess({"1,234", "0,5"}), "comma");
    EXPECT_EQ(guess({"1", "2"}), "point");
    EXPECT_EQ(guess({}), "point");
}

TEST(TableNumber, CellsThatSayNothing) {
    for (const auto* cell :
         {"", " ", "NA", "n/a", "NaN", "None", "NULL", "<NA>", "\\N", "#N/A", "#N/D", "-", "—", "\u00a0"})
        EXPECT_TRUE(is_missing_cell(cell)) << cell;
    for (const auto* cell : {"0", "F", "inconnu", "unknown", "Nina", "no", "N", "-1", "#1"})
        EXPECT_FALSE(is_missing_cell(cell)) << cell;
}

}  // namespace
}  // namespace contrechamp
