// gzip and Zstandard, written by the real tools where they are here and by their libraries' formats else.
#include "formats/compressed.h"

#include "kit/hostile.h"

namespace contrechamp {
namespace {

using testing::run;
using testing::TemporaryFolder;

constexpr std::uint64_t kLimit = 1 << 26;

std::string text_of_lines(std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; out.size() < bytes; ++i)
        out += "row " + std::to_string(i * 2654435761u % 99991) + "\n";
    return out;
}

std::string compressed(const std::string& plain, const std::string& program) {
    const TemporaryFolder folder;
    testing::put(folder / "in", plain);
    EXPECT_EQ(run(program + " < " + (folder / "in").string() + " > " + (folder / "out").string()).code, 0)
        << program;
    return testing::get(folder / "out");
}

void expect_inside(const std::string& packed, Compression kind, const std::string& plain) {
    EXPECT_EQ(compression_of(packed), kind);
    const auto out = decompress(packed, kind, kLimit, "F");
    ASSERT_OK(out);
    EXPECT_EQ(out->bytes().size(), plain.size());
    EXPECT_TRUE(out->bytes() == plain);
}

struct Tool {
    const char* program;
    const char* command;
    Compression kind;
};
const std::vector<Tool> kTools = {{"gzip", "gzip -nc", Compression::gzip},
                                  {"zstd", "zstd -qc", Compression::zstd}};

TEST(Compressed, WhatTheToolsWrite) {
    for (const auto& tool : kTools) {
        if (!testing::have(tool.program)) continue;
        for (const std::size_t size : {0, 1, 1000, 3'000'000}) {
            const auto plain = size ? text_of_lines(size) : std::string();
            expect_inside(compressed(plain, tool.command), tool.kind, plain);
        }
        // A piece of output that ends exactly where a buffer does.
        expect_inside(compressed(std::string(1 << 20, 'x'), tool.command), tool.kind,
                      std::string(1 << 20, 'x'));
        expect_inside(compressed(std::string(1 << 21, '\0'), tool.command), tool.kind,
                      std::string(1 << 21, '\0'));
    }
}

TEST(Compressed, MembersAndFramesAreOneFile) {
    for (const auto& tool : kTools) {
        if (!testing::have(tool.program)) continue;
        const auto a = text_of_lines(5000), b = std::string("second\n");
        expect_inside(compressed(a, tool.command) + compressed(b, tool.command), tool.kind, a + b);
    }
    if (testing::have("gzip"))
        expect_inside(compressed("a\n", "gzip -nc") + std::string(512, '\0'), Compression::gzip, "a\n");
}

TEST(Compressed, CutOffAndDamagedAreErrors) {
    for (const auto& tool : kTools) {
        if (!testing::have(tool.program)) continue;
        const auto packed = compressed(text_of_lines(3000), tool.command);
        testing::for_every_truncation(packed, [&](std::string_view cut) {
            if (!cut.empty())
                EXPECT_FALSE(decompress(cut, tool.kind, kLimit, "F")) << tool.program << " " << cut.size();
        });
        auto changed = packed;
        changed[packed.size() / 2] = static_cast<char>(changed[packed.size() / 2] ^ 0x55);
        const auto out = decompress(changed, tool.kind, kLimit, "F");
        ASSERT_FALSE(out);
        EXPECT_NE(out.error().what.en.find("byte "), std::string::npos);
    }
}

TEST(Compressed, ABombStopsAtTheLimit) {
    for (const auto& tool : kTools) {
        if (!testing::have(tool.program)) continue;
        const auto packed = compressed(std::string(1 << 20, 'x'), tool.command);
        EXPECT_TRUE(decompress(packed, tool.kind, 1 << 20, "F"));
        EXPECT_FALSE(decompress(packed, tool.kind, (1 << 20) - 1, "F"));
    }
}

TEST(Compressed, OtherBytesAreNotCompressed) {
    for (const char* bytes : {"", "\x1f", "\x1f\x8b", "id,text\n", "\x28\xb5\x2f", "PK\x03\x04"})
        EXPECT_EQ(compression_of(bytes), Compression::none);
    const auto out = decompress("plain", Compression::none, 10, "F");
    ASSERT_OK(out);
    EXPECT_EQ(out->bytes(), "plain");
    EXPECT_EQ(to_string(Compression::zstd), "zstd");
}

}  // namespace
}  // namespace contrechamp
