// Rows of an export as text, so that tests compare them at a glance.
#pragma once

#include "formats/posts.h"
#include "kit/hostile.h"

namespace contrechamp::testing {

inline std::string shown(const PostRow& row) {
    std::string out = std::to_string(row.offset) + "+" + std::to_string(row.length);
    for (std::size_t i = 0; i < kPostFields; ++i) {
        const auto field = static_cast<PostField>(i);
        if (!row.one[i].empty()) out += " " + std::string(to_string(field)) + "=" + std::string(row.one[i]);
        if (row.many[i].empty()) continue;
        out += " " + std::string(to_string(field)) + "=[";
        for (std::size_t k = 0; k < row.many[i].size(); ++k)
            out += (k ? "," : "") + std::string(row.many[i][k]);
        out += "]";
    }
    if (row.has_time) out += " at " + std::to_string(row.time);
    if (row.to_the_minute) out += " to-the-minute";
    if (row.zone_assumed) out += " zone-assumed";
    if (row.has_created) out += " opened " + std::to_string(row.created);
    return out;
}

// All rows and refusals, in the order of the file.
inline std::vector<std::string> rows_of(std::string_view bytes, const PostLayout& layout,
                                        std::size_t pieces = 0) {
    std::vector<std::string> out;
    const auto ends = [&](std::uint64_t offset, std::uint64_t length) {
        EXPECT_EQ(end_of_row(bytes, layout, offset), offset + length);
    };
    PostSinks sinks{[&](const PostRow& row) {
                        ends(row.offset, row.length);
                        out.push_back(shown(row));
                    },
                    [&](const RefusedRow& row) {
                        ends(row.offset, row.length);
                        out.push_back(std::to_string(row.offset) + "+" + std::to_string(row.length) +
                                      " refused " + std::string(to_string(row.why)));
                    }};
    const auto ranges = pieces ? split_rows(bytes, layout, pieces) : std::vector<RowRange>{{0, bytes.size()}};
    EXPECT_LE(ranges.size(), std::max<std::size_t>(pieces, 1));
    for (const auto& range : ranges) EXPECT_OK(read_post_rows(bytes, layout, range, sinks));
    return out;
}

inline PostLayout guessed(std::string_view bytes, PostKind kind = PostKind::posts,
                          const std::map<PostField, std::string>& overrides = {}) {
    const auto layout = guess_post_layout(bytes, kind, overrides, "F");
    EXPECT_OK(layout);
    return layout.value_or(PostLayout{});
}

// The rows without their places.
inline std::vector<std::string> said(std::string_view bytes, PostKind kind = PostKind::posts,
                                     const std::map<PostField, std::string>& overrides = {}) {
    auto rows = rows_of(bytes, guessed(bytes, kind, overrides));
    for (auto& row : rows) row.erase(0, row.find(' ') + 1);
    return rows;
}

}  // namespace contrechamp::testing
