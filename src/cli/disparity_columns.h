// Before anything is stored: whether what a person typed about a table is in it. Answers name the option,
// what is there instead, and what was probably meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/table_reader.h"

namespace contrechamp::cli {

// As guess_table_layout; where the first line is a title (one cell, or mostly empty ones) and one of the next
// ten names the columns, `wishes.header_line` is set to that.
Result<TableLayout> table_under_title(std::string_view bytes, TableWishes& wishes, const std::string& where);

// Makes `name` the column's name as the table has it: also without case, accents and signs, when one column
// alone is called so. Else an error.
Status settle_column(const TableLayout& layout, const char* option, std::string& name,
                     const std::string& where);

// Whether some row has this value in that column, which must be there; the file is read until one does.
// `value` is what was typed after `option`.
Status check_value(std::string_view bytes, const TableLayout& layout, const char* option,
                   const std::string& column, const std::string& value, const std::string& where);

// The least and the greatest number of the column's first rows, an error where none of them is a number;
// reading goes on until `among` lies between them.
struct NumbersSeen {
    double least = 0, greatest = 0;
};
Result<NumbersSeen> numbers_seen(std::string_view bytes, const TableLayout& layout, const char* option,
                                 const std::string& column, const std::string& where,
                                 std::optional<double> among = {});

}  // namespace contrechamp::cli
