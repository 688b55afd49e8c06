// What STIX 2.1 exports share: deterministic identifiers and the pattern forms that MVT reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "knowledge/knowledge.h"

namespace contrechamp::stix {

// "indicator--" + a version 5 UUID (RFC 4122) of `name` in our own namespace.
std::string id(std::string_view type, std::string_view name);

// A pattern over one indicator, in a form MVT's reader knows (mvt/common/indicators.py): domain-name:value,
// process:name, file:name, file:path, app:id, app:cert.*, configuration-profile:id; ours (x-contrechamp-…)
// for types it does not know. Nothing for types that have no sensible pattern.
std::optional<std::string> pattern(const Indicator& indicator);

// The knowledge's indicators as one bundle: an identity, a malware or tool object a product, an indicator a
// mark, and "indicates" relationships.
json::Value bundle_of(const Knowledge& knowledge);

json::Value identity();

}  // namespace contrechamp::stix
