// Where in a JSON document its parts stand, so that an observation can cite an entry's bytes and not just the
// file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp {

struct JsonSpan {
    std::string key;  // member name, or index for an array
    std::uint64_t offset = 0, length = 0;
};

// The members of the object, or the elements of the array, reached through `path` (member names) from the
// top. A path that leads nowhere gives an empty list; a document that is not JSON, or is cut off, is an
// error.
Result<std::vector<JsonSpan>> json_spans(std::string_view document, const std::vector<std::string_view>& path,
                                         std::string_view where);

// Comments (// and /* */) and trailing commas blanked out, as browsers accept them in policy files. Offsets
// stay true.
std::string without_json_comments(std::string_view document);

}  // namespace contrechamp
