// Times are UTC, to the second, written as RFC 3339 ("2026-11-23T10:15:00Z").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace contrechamp {

using UnixTime = std::int64_t;  // seconds since 1970-01-01T00:00:00Z

// The clock, or SOURCE_DATE_EPOCH when that is set (reproducible documents and tests).
UnixTime now();
std::string to_rfc3339(UnixTime time);
std::optional<UnixTime> from_rfc3339(std::string_view text);
// "20261123T101500Z", for names of folders.
std::string to_compact(UnixTime time);

}  // namespace contrechamp
