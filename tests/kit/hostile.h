// Ways to spoil a good file, and samples to spoil. A reader of evidence must come out of each with a value or
// an error.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "kit/temporary.h"

#ifndef PROJECT_ROOT
#error "PROJECT_ROOT is set by tests/CMakeLists.txt"
#endif

namespace contrechamp::testing {

// A seed of the fuzzer, e.g. sample("gvdb/dconf-user"); they were made with the real tools
// (fuzz/make-corpus).
inline std::string sample(const std::string& name) {
    const fs::path path = fs::path(PROJECT_ROOT) / "fuzz/corpus" / name;
    EXPECT_TRUE(fs::is_regular_file(path)) << path;
    return get(path);
}

// A real file that nobody here made (../shared/data), or nothing: the test is to be skipped.
inline fs::path shared_data(const std::string& name) { return fs::path(SHARED_DATA) / name; }

#define SKIP_WITHOUT(path)                         \
    if (!::contrechamp::testing::fs::exists(path)) \
    GTEST_SKIP() << "real file not on this computer: " << (path)

// The bytes cut off at every length.
inline void for_every_truncation(std::string_view bytes, const std::function<void(std::string_view)>& read) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        // An exact allocation, so that AddressSanitizer sees a read past the end.
        const std::string cut(bytes.substr(0, length));
        read(cut);
    }
}

// Every byte changed in turn, by one bit at either end and to the extremes.
inline void for_every_flip(std::string_view bytes, const std::function<void(std::string_view)>& read) {
    std::string changed(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto was = static_cast<unsigned char>(bytes[i]);
        for (const unsigned now : {was ^ 0x01u, was ^ 0x80u, 0x00u, 0xffu}) {
            if (now == was) continue;
            changed[i] = static_cast<char>(now);
            read(changed);
        }
        changed[i] = bytes[i];
    }
}

inline void for_every_damage(std::string_view bytes, const std::function<void(std::string_view)>& read) {
    for_every_truncation(bytes, read);
    for_every_flip(bytes, read);
}

inline std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string out;
    out.reserve(bytes + piece.size());
    while (out.size() < bytes) out += piece;
    return out;
}

}  // namespace contrechamp::testing
