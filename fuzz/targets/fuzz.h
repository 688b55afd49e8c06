// What the fuzz targets share. A target checks properties; CHECK ends the program when one does not hold,
// which is how both libFuzzer and replay_main.cpp learn of it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/escape.h"
#include "base/json.h"

#define CHECK(condition)                                                                        \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                       \
        }                                                                                       \
    } while (false)

namespace contrechamp::fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Whether [offset, offset+length) lies in `bytes`.
inline bool inside(std::string_view bytes, std::uint64_t offset, std::uint64_t length) {
    return offset <= bytes.size() && length <= bytes.size() - offset;
}

// Pieces of an input between NUL bytes; always at least `least` (empty ones are added).
inline std::vector<std::string> pieces(std::string_view bytes, std::size_t least, char separator = '\0') {
    std::vector<std::string> out;
    for (;;) {
        const auto end = bytes.find(separator);
        out.emplace_back(bytes.substr(0, end));
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
    }
    while (out.size() < least) out.emplace_back();
    return out;
}

// What is written canonically is UTF-8, can be read again and gives the same bytes.
inline void check_canonical(const json::Value& value) {
    const std::string text = json::canonical(value);
    CHECK(is_valid_utf8(text));
    const auto again = json::parse(text, "again");
    CHECK(again);
    CHECK(json::canonical(*again) == text);
}

}  // namespace contrechamp::fuzz
