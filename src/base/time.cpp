#include "base/time.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace contrechamp {
namespace {

std::string formatted(UnixTime time, const char* format) {
    const std::time_t seconds = static_cast<std::time_t>(time);
    std::tm parts{};
    if (!gmtime_r(&seconds, &parts)) return {};
    char buffer[64];
    return std::string(buffer, std::strftime(buffer, sizeof buffer, format, &parts));
}

}  // namespace

UnixTime now() {
    if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH")) {
        UnixTime value = 0;
        const auto [end, error] = std::from_chars(fixed, fixed + std::strlen(fixed), value);
        if (error == std::errc() && *end == '\0') return value;
    }
    return static_cast<UnixTime>(std::time(nullptr));
}

std::string to_rfc3339(UnixTime time) { return formatted(time, "%Y-%m-%dT%H:%M:%SZ"); }

std::string to_compact(UnixTime time) { return formatted(time, "%Y%m%dT%H%M%SZ"); }

std::optional<UnixTime> from_rfc3339(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (!end || *end != '\0') return std::nullopt;
    const auto time = static_cast<UnixTime>(timegm(&parts));
    // strptime takes "26-1-2" too, and timegm makes 3 March of 31 February.
    return text.size() == std::strlen("2026-11-23T10:15:00Z") && to_rfc3339(time) == text
               ? std::optional(time)
               : std::nullopt;
}

}  // namespace contrechamp
