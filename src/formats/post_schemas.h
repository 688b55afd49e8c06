// What the exports of platforms and tools look like: their own names for a post's parts.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "formats/posts.h"

namespace contrechamp::posts {

struct Schema {
    std::string_view name;
    PostKind kind = PostKind::posts;
    bool html = false;
    // All must be there; "a|b" is either.
    std::vector<std::string_view> needs;
    struct Entry {
        PostField field;
        std::vector<std::string_view> paths;
    };
    std::vector<Entry> map;
};
// The same for each caller; made once. Sources: the platforms' documentation, named at each.
std::span<const Schema> schemas();

// What a row of each kind may be wrapped in: {"tweet": {…}}, {"user": {…}}.
std::span<const std::string_view> wrappers(PostKind kind);

// Names that people give, in English and French: lower case, no accents, one underscore for anything else.
struct CommonNames {
    PostField field;
    std::vector<std::string_view> names;  // best first
};
std::span<const CommonNames> common_names(PostKind kind);

}  // namespace contrechamp::posts
