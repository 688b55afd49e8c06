// GVDB: the hash-table file of dconf databases and of the portals' permission store.
// Source of the format: gvdb-format.h and gvdb-reader.c of GNOME's gvdb (little-endian files, the only ones
// seen).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp::gvdb {

struct Item {
    std::string key;                       // whole: the parents' parts are put before it
    char type = 0;                         // 'v' a GVariant value, 'H' a table inside, 'L' a list of children
    std::uint64_t offset = 0, length = 0;  // of the value, in the file
};

// Items of the root table, in file order. Loops among parents, ranges outside the file and counts that do not
// fit are errors naming the offset. At most a million items.
Result<std::vector<Item>> read_root(std::string_view bytes, std::string_view where);
// Items of a table inside (an item of type 'H').
Result<std::vector<Item>> read_table(std::string_view bytes, const Item& table, std::string_view where);

// A value that is a string, a boolean or a number, as text; nothing for other types. GLib reads it, which is
// made for values nobody trusts.
std::optional<std::string> scalar(std::string_view bytes, const Item& item);

// A value of the permission store: application → permissions ("yes", "no", …). Type (va{sas}).
struct Permission {
    std::string application;
    std::vector<std::string> permissions;
};
std::vector<Permission> permissions(std::string_view bytes, const Item& item);

}  // namespace contrechamp::gvdb
