// What the readers of tables share, and nobody else includes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/row_parts.h"
#include "formats/table_reader.h"

namespace contrechamp::tables {

// What a quick look at bytes says of them.
struct Look {
    bool ascii = true;
    bool zero = false;  // there is a zero byte
};
Look look(std::string_view bytes);

// As UTF-8. Windows-1252's five unused bytes are the control characters of their number, as on the web.
std::string_view from_windows_1252(std::string_view bytes, rows::Arena& arena);

// As UTF-8; lone surrogates become U+FFFD. `zero` is set when there is a U+0000. An odd last byte is left
// out.
std::string_view from_utf16(std::string_view bytes, bool big_endian, rows::Arena& arena, bool& zero);

inline rows::Marks marks_of(const TableLayout& layout) {
    return {layout.separator, layout.quotes, layout.line_end};
}

inline bool is_utf16(TableEncoding encoding) {
    return encoding == TableEncoding::utf16_le || encoding == TableEncoding::utf16_be;
}

// Reads JSON objects without objects or arrays inside, one after another.
class FlatObject {
  public:
    FlatObject();
    ~FlatObject();
    struct Member {
        std::string_view name, value;
    };
    // Why the row cannot be used, if so; else members() has what it holds, nothing for null. Views are good
    // until the next call. `row` is UTF-8.
    std::optional<TableRefusal> read(std::string_view row);
    const std::vector<Member>& members() const { return members_; }

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::vector<Member> members_;
};

}  // namespace contrechamp::tables
