#include "cli/disparity_columns.h"

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "cli/arguments.h"
#include "formats/table_number.h"

namespace contrechamp::cli {
namespace {

constexpr std::uint64_t kTitleLines = 10;
constexpr std::size_t kNumbersTried = 10'000, kNamesShown = 40, kValuesShown = 12;
constexpr std::size_t kLongestCompared = 200;  // letters of a name

// Letters and digits alone, without case and accents: "Promu(e)" → "promue", "Tranche d’âge" → "tranchedage".
std::string bare(std::string_view name) {
    std::string out;
    for (const char c : to_ascii(to_valid_utf8(name.substr(0, kLongestCompared)))) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + 32);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    return out;
}

// What was probably meant: a name that begins so, or that differs by a slip or two. Empty when none comes
// near.
template <class Names>
std::string meant(const Names& names, const std::string& typed) {
    const auto wanted = bare(typed);
    if (wanted.empty()) return {};
    std::string best;
    std::size_t nearest = wanted.size() / 4 + 2;
    for (const auto& name : names) {
        const auto known = bare(name);
        if (known.empty()) continue;
        const bool begins =
            wanted.size() > 2 && known.size() > 2 && (known.starts_with(wanted) || wanted.starts_with(known));
        const auto apart = begins ? 0 : letters_apart(wanted, known);
        if (apart < nearest && apart < wanted.size()) nearest = apart, best = name;
    }
    return best;
}

template <class Names>
std::string listed(const Names& names, std::size_t most) {
    std::string out;
    std::size_t count = 0;
    for (const auto& name : names) {
        if (count == most) return out + ", …";
        out += (count++ ? ", " : "") + for_terminal(name);
    }
    return out;
}

Text did_you_mean(const char* option, const std::string& name, const std::string& rest_en,
                  const std::string& rest_fr) {
    if (name.empty()) return {rest_en, rest_fr};
    const auto typed = std::string(option) + " " + for_terminal(for_shell(name));
    return {"did you mean " + typed + "? " + rest_en, "vouliez-vous dire " + typed + " ? " + rest_fr};
}

std::size_t names_given(const TableLayout& layout) {
    std::size_t given = 0;
    for (std::size_t i = 0; i < layout.columns.size(); ++i)
        given += layout.columns[i] != "#" + std::to_string(i + 1);
    return given;
}

}  // namespace

Result<TableLayout> table_under_title(std::string_view bytes, TableWishes& wishes, const std::string& where) {
    auto first = guess_table_layout(bytes, wishes, where);
    if (wishes.header_line != 0) return first;
    if (first && (first->form != TableForm::delimited ||
                  (first->columns.size() > 1 && 2 * names_given(*first) > first->columns.size())))
        return first;
    auto tried = wishes;
    std::optional<TableLayout> found;
    for (tried.header_line = 2; tried.header_line <= kTitleLines; ++tried.header_line) {
        auto below = guess_table_layout(bytes, tried, where);
        // Empty lines before the names are skipped: the last line from which the same names are met is
        // theirs.
        if (found && (!below || below->rows != found->rows)) break;
        // A line of names has one for each column; a table of one column has no other line to look for.
        if (!below || below->columns.size() < 2 || names_given(*below) < below->columns.size()) continue;
        wishes.header_line = tried.header_line;
        found = std::move(*below);
    }
    if (found) return *std::move(found);
    return first;
}

Status settle_column(const TableLayout& layout, const char* option, std::string& name,
                     const std::string& where) {
    if (const auto at = layout.column(name)) {
        name = layout.columns[*at];
        return {};
    }
    std::vector<std::string> alike;
    const auto wanted = bare(name);
    for (const auto& column : layout.columns)
        if (!wanted.empty() && bare(column) == wanted) alike.push_back(column);
    if (alike.size() == 1) {
        name = alike.front();
        return {};
    }
    const auto all = listed(layout.columns, kNamesShown);
    return misuse({"the table has no column “" + for_terminal(name) + "” (" + option + ")",
                   "le tableau n’a pas de colonne « " + for_terminal(name) + " » (" + option + ")"},
                  where,
                  did_you_mean(option, meant(layout.columns, name), "the columns are: " + all,
                               "les colonnes sont : " + all));
}

Status check_value(std::string_view bytes, const TableLayout& layout, const char* option,
                   const std::string& column, const std::string& value, const std::string& where) {
    const auto at = layout.column(column);
    std::set<std::string> seen;  // the first few hundred: for the answer
    TableReader reader(bytes, layout, {layout.rows, bytes.size(), layout.line});
    while (at && reader.next()) {
        if (reader.row().refused) continue;
        const auto cell = trimmed_cell(reader.row().cells[*at]);
        if (cell == value) return {};
        if (seen.size() < 500 && !is_missing_cell(cell)) seen.emplace(cell.substr(0, kLongestCompared));
    }
    const auto near = meant(seen, value);
    const auto holds = listed(seen, kValuesShown);
    return misuse({"no row has “" + for_terminal(value) + "” in the column “" + for_terminal(column) + "” (" +
                       option + ")",
                   "aucune ligne n’a « " + for_terminal(value) + " » dans la colonne « " +
                       for_terminal(column) + " » (" + option + ")"},
                  where,
                  {(near.empty() ? "" : "did you mean “" + for_terminal(near) + "”? ") + "it holds: " + holds,
                   (near.empty() ? "" : "vouliez-vous dire « " + for_terminal(near) + " » ? ") +
                       "elle contient : " + holds});
}

Result<NumbersSeen> numbers_seen(std::string_view bytes, const TableLayout& layout, const char* option,
                                 const std::string& column, const std::string& where,
                                 std::optional<double> among) {
    const auto at = layout.column(column);
    std::vector<std::string> kept;
    TableReader reader(bytes, layout, {layout.rows, bytes.size(), layout.line});
    while (at && kept.size() < kNumbersTried && reader.next())
        if (!reader.row().refused && !is_missing_cell(reader.row().cells[*at]))
            kept.emplace_back(trimmed_cell(reader.row().cells[*at]));
    const std::vector<std::string_view> cells(kept.begin(), kept.end());
    const auto mark = guess_decimal_mark(cells).mark;
    std::optional<NumbersSeen> seen;
    const auto take = [&](std::string_view cell) {
        const auto number = parse_table_number(cell, mark);
        if (!number) return;
        seen = seen ? NumbersSeen{std::min(seen->least, *number), std::max(seen->greatest, *number)}
                    : NumbersSeen{*number, *number};
    };
    for (const auto cell : cells) take(cell);
    while (seen && among && (*among < seen->least || *among > seen->greatest) && reader.next())
        if (!reader.row().refused) take(reader.row().cells[*at]);
    if (seen) return *seen;
    const std::set<std::string> shown(kept.begin(), kept.end());
    const auto holds = listed(shown, kValuesShown);
    return misuse({"the column “" + for_terminal(column) + "” holds no numbers (" + option + ")",
                   "la colonne « " + for_terminal(column) + " » ne contient pas de nombres (" + option + ")"},
                  where, {"it holds: " + holds, "elle contient : " + holds});
}

}  // namespace contrechamp::cli
