// formats/posts.h: rows lie inside the file, one after another; text is UTF-8; each row reaches one sink;
// cutting the file changes nothing; a layout that was written down reads the same.
#include "formats/posts.h"

#include "fuzz.h"

using namespace contrechamp;

namespace {

struct Read {
    std::string said;
    std::uint64_t end = 0;
};

void note(Read& read, std::string_view bytes, const PostLayout& layout, std::uint64_t offset,
          std::uint64_t length) {
    CHECK(fuzz::inside(bytes, offset, length) && length > 0 && offset >= read.end);
    CHECK(end_of_row(bytes, layout, offset) == offset + length);
    read.end = offset + length;
    read.said += std::to_string(offset) + "+" + std::to_string(length) + " ";
}

void note_row(Read& read, std::string_view bytes, const PostLayout& layout, const PostRow& row) {
    note(read, bytes, layout, row.offset, row.length);
    CHECK(!row[PostField::account].empty());
    for (std::size_t i = 0; i < kPostFields; ++i) {
        CHECK(is_valid_utf8(row.one[i]));
        CHECK(row.many[i].empty() || is_list(static_cast<PostField>(i)));
        read.said += std::string(row.one[i]) + "\x1f";
        for (const auto item : row.many[i]) {
            CHECK(is_valid_utf8(item) && !item.empty());
            read.said += std::string(item) + "\x1e";
        }
    }
    read.said += std::to_string(row.time) + " " + std::to_string(row.created) + "\n";
}

std::string read_all(std::string_view bytes, const PostLayout& layout, std::size_t pieces) {
    Read read;
    const PostSinks sinks{[&](const PostRow& row) { note_row(read, bytes, layout, row); },
                          [&](const RefusedRow& row) {
                              note(read, bytes, layout, row.offset, row.length);
                              read.said += std::string(to_string(row.why)) + "\n";
                          }};
    if (pieces == 0) {
        if (!read_post_rows(bytes, layout, {0, bytes.size()}, sinks)) read.said += "failed";
        return read.said;
    }
    std::uint64_t last = 0;
    for (const auto& range : split_rows(bytes, layout, pieces)) {
        CHECK(range.begin >= last && range.begin < range.end && range.end <= bytes.size());
        last = range.end;
        CHECK(read_post_rows(bytes, layout, range, sinks));
    }
    return read.said;
}

void check(std::string_view bytes, const PostLayout& layout) {
    const auto whole = read_all(bytes, layout, 0);
    for (const std::size_t pieces : {2, 5}) CHECK(read_all(bytes, layout, pieces) == whole);
    fuzz::check_canonical(json::Value(layout.to_json()));
    const auto again = PostLayout::from_json(json::Value(layout.to_json()), "again");
    CHECK(again);
    CHECK(read_all(bytes, *again, 0) == whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // An exact copy, so that a sanitizer sees a read past the end.
    const std::vector<char> copy(data, data + size);
    const std::string_view bytes(copy.data(), copy.size());
    for (const auto kind : {PostKind::posts, PostKind::profiles})
        for (const auto& map :
             {std::map<PostField, std::string>{},
              {{PostField::account, "=A"}, {PostField::text, "1"}},
              {{PostField::account, "=A"}, {PostField::links, "a[t=x].u"}, {PostField::text, "b if c"}}})
            if (const auto layout = guess_post_layout(bytes, kind, map, "fuzz")) check(bytes, *layout);
    PostLayout fixed;
    fixed.map = {{PostField::account, {"a.b", "a", "=A"}},
                 {PostField::text, {"t", "t[]", "b if c=d"}},
                 {PostField::links, {"l[x=y].u", "l[].u", "l"}}};
    for (const auto container : {PostContainer::json_lines, PostContainer::json_array}) {
        fixed.container = container;
        check(bytes, fixed);
    }
    if (const auto value = json::parse(bytes, "fuzz"))
        if (const auto layout = PostLayout::from_json(*value, "fuzz"))
            fuzz::check_canonical(json::Value(layout->to_json()));
    return 0;
}
