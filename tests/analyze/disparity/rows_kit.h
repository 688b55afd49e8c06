// What the tests of rows share.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/intake.h"
#include "base/files.h"

namespace contrechamp::disparity::testing {

inline TableLayout layout_of(std::string_view bytes) {
    const auto layout = guess_table_layout(bytes, {}, "test.csv");
    if (!layout) ADD_FAILURE() << layout.error().what.en;
    return layout ? *layout : TableLayout{};
}

inline BoundColumns bound(const TableLayout& layout, TableKind kind, std::vector<AskedColumn> asked) {
    BindWishes wishes;
    wishes.kind = kind;
    wishes.asked = std::move(asked);
    wishes.needs_group = wishes.needs_outcome = false;
    const auto columns = bind_columns(layout, wishes, "test.csv");
    if (!columns) ADD_FAILURE() << columns.error().what.en;
    return columns ? *columns : BoundColumns{};
}

// "7 = 4 + missing-group 2 @3,5 + duplicate-id 1 @7": rows in, used, refused with their first lines.
inline std::string said(const Account& account) {
    EXPECT_TRUE(account.holds());
    std::ostringstream out;
    out << account.rows_in << " = " << account.used;
    for (const auto& one : account.refused) {
        out << " + " << to_string(one.why) << " " << one.rows << " @";
        for (std::size_t i = 0; i < one.first.size(); ++i) out << (i ? "," : "") << one.first[i].line;
        EXPECT_LE(one.first.size(), kPlacesKept);
    }
    return out.str();
}

}  // namespace contrechamp::disparity::testing
