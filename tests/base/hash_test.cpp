#include "base/hash.h"

#include <set>

#include <gtest/gtest.h>

namespace contrechamp {
namespace {

TEST(Sha256, VectorsOfFips180) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesAndMoves) {
    Sha256 hash;
    hash.update("a").update("");
    Sha256 moved = std::move(hash);
    moved.update("bc");
    EXPECT_EQ(moved.hex(), sha256_hex("abc"));
}

TEST(Sha256, WhatADigestLooksLike) {
    EXPECT_TRUE(is_sha256(sha256_hex("x")));
    EXPECT_FALSE(is_sha256(""));
    EXPECT_FALSE(is_sha256(std::string(63, 'a')));
    EXPECT_FALSE(is_sha256(std::string(65, 'a')));
    EXPECT_FALSE(is_sha256(std::string(64, 'A')));
    EXPECT_FALSE(is_sha256(std::string(63, 'a') + "g"));
    EXPECT_FALSE(is_sha256("../" + std::string(61, 'a')));
}

TEST(RandomBytes, AreNotTheSameTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto bytes = random_bytes(16);
        EXPECT_EQ(bytes.size(), 16u);
        EXPECT_TRUE(seen.insert(bytes).second);
    }
    EXPECT_EQ(random_bytes(0), "");
}

}  // namespace
}  // namespace contrechamp
