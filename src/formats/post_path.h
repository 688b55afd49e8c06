// The paths of a layout, made into one tree that a row is walked with once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/posts.h"

namespace contrechamp::posts {

inline constexpr std::uint32_t kNone = 0xffffffff;

// Where a value that was met is put down.
struct Slot {
    bool list = false;      // all values count, else the first
    bool per_item = false;  // the path goes through [], so that each value is one item
    // Of this row:
    std::vector<std::string_view> values;
    bool met = false;    // something stands here, if only an object
    bool array = false;  // the values are those of an array
};

// A place in the tree: what to do with the value found here.
struct Node {
    struct Member {
        std::string name;
        std::uint32_t node;
    };
    struct Filter {
        std::string member, value;
        std::uint32_t node;
    };
    std::vector<Member> members;       // of an object
    std::uint32_t items = kNone;       // each item of an array
    std::vector<Filter> filters;       // items that are objects with this member
    std::vector<std::uint32_t> slots;  // the value itself
};

// One of the places a field is read from, in order.
struct JsonSource {
    PostField field;
    std::uint32_t slot = kNone;
    std::string constant;
    std::uint32_t guard = kNone;  // slot that must be met, …
    std::string guard_value;      // … with this value, if it is not empty
};

struct PathTree {
    std::vector<Node> nodes;  // the first is the row
    std::vector<Slot> slots;
    std::vector<JsonSource> sources;
};
Result<PathTree> compile(const PostLayout& layout);

}  // namespace contrechamp::posts
