// GVDB files: the desktop's settings and the permissions given to applications.
#include "formats/gvdb.h"

#include <map>

#include "kit/hostile.h"

namespace contrechamp::gvdb {
namespace {

using contrechamp::testing::sample;
using Words = std::vector<std::string>;

std::map<std::string, std::string> scalars(std::string_view bytes) {
    std::map<std::string, std::string> out;
    const auto items = read_root(bytes, "F");
    EXPECT_OK(items);
    if (items)
        for (const auto& item : *items)
            if (const auto value = scalar(bytes, item)) out[item.key] = *value;
    return out;
}

TEST(Gvdb, SettingsAsDconfCompiledThem) {
    const std::map<std::string, std::string> expected = {
        {"/org/gnome/desktop/remote-access/enabled", "true"},
        {"/org/gnome/desktop/remote-desktop/rdp/enable", "true"},
        {"/org/gnome/desktop/remote-desktop/rdp/view-only", "false"},
        {"/system/proxy/autoconfig-url", "http://wpad.example/x.pac"},
        {"/system/proxy/http/host", "proxy.example"},
        {"/system/proxy/http/port", "3128"},
        {"/system/proxy/mode", "manual"}};
    EXPECT_EQ(scalars(sample("gvdb/dconf-user")), expected);
}

std::vector<Permission> main_table(const std::string& bytes,
                                   std::map<std::string, std::vector<Permission>>* by_id = nullptr) {
    std::vector<Permission> out;
    const auto root = read_root(bytes, "F");
    EXPECT_OK(root);
    for (const auto& item : *root) {
        if (item.key != "main") continue;
        const auto entries = read_table(bytes, item, "F");
        EXPECT_OK(entries);
        for (const auto& entry : *entries)
            for (const auto& permission : permissions(bytes, entry)) {
                out.push_back(permission);
                if (by_id) (*by_id)[entry.key].push_back(permission);
            }
    }
    return out;
}

TEST(Gvdb, PermissionsAsTheStoreWroteThem) {
    std::map<std::string, std::vector<Permission>> devices;
    main_table(sample("gvdb/portal-devices"), &devices);
    ASSERT_EQ(devices.size(), 2);
    ASSERT_EQ(devices["camera"].size(), 1);
    EXPECT_EQ(devices["camera"][0].application, "org.example.Meeting");
    EXPECT_EQ(devices["camera"][0].permissions, Words{"yes"});
    ASSERT_EQ(devices["microphone"].size(), 1);
    EXPECT_EQ(devices["microphone"][0].application, "");
    EXPECT_EQ(devices["microphone"][0].permissions, Words{"no"});
    const auto screencast = main_table(sample("gvdb/portal-screencast"));
    ASSERT_EQ(screencast.size(), 1);
    EXPECT_EQ(screencast[0].application, "org.example.Recorder");
}

TEST(Gvdb, WhatLiesIsRefused) {
    for (const char* name : {"loop", "own-parent", "outside", "backwards"})
        EXPECT_FALSE(read_root(sample(std::string("gvdb/") + name), "F")) << name;
    const std::string own = sample("gvdb/table-in-itself");
    const auto root = read_root(own, "F");
    if (root)
        for (const auto& item : *root)
            for (int depth = 0; depth < 3; ++depth)
                if (const auto inner = read_table(own, item, "F")) {
                    EXPECT_LE(inner->size(), 10);
                }
    for (const std::string& bytes :
         {std::string(), std::string("GVariant"), std::string("GVariant") + std::string(16, '\xff'),
          std::string("GVariant") + std::string(16, '\0'), std::string("tnairaVG") + std::string(16, '\0')})
        EXPECT_FALSE(read_root(bytes, "F"));
    EXPECT_FALSE(read_table(own, Item{"x", 'v', 0, 10}, "F"));
    EXPECT_FALSE(read_table(own, Item{"x", 'H', 1ull << 40, 1ull << 40}, "F"));
    EXPECT_FALSE(scalar(own, Item{"x", 'v', 1ull << 40, 8}));
}

std::string table(std::uint32_t bloom, std::uint32_t buckets, const std::string& rest) {
    const auto number = [](std::uint32_t value) {
        std::string out;
        for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i));
        return out;
    };
    const std::string body = number(bloom) + number(buckets) + rest;
    return "GVariant" + number(0) + number(0) + number(24) +
           number(24 + static_cast<std::uint32_t>(body.size())) + body;
}

TEST(Gvdb, HugeCountsAreRefused) {
    EXPECT_FALSE(read_root(table(0xffffffff, 0xffffffff, ""), "F"));
    EXPECT_FALSE(read_root(table(0x07ffffff, 0, ""), "F"));
    EXPECT_FALSE(read_root(table(0, 0x40000000, ""), "F"));
    const auto empty = read_root(table(0xf8000000, 0, ""), "F");  // the shift bits are no count
    ASSERT_OK(empty);
    EXPECT_TRUE(empty->empty());
}

// Items that share one long key, each the parent of the next: a few kilobytes that claim gigabytes of keys.
TEST(Gvdb, KeysThatMultiplyAreRefused) {
    std::string rest;
    const auto number = [](std::uint64_t value, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
        return out;
    };
    constexpr int kItems = 20'000;
    for (int i = 0; i < kItems; ++i)
        rest += number(0, 4) +
                number(i == 0 ? 0xffffffff : static_cast<std::uint64_t>(i % 60 == 0 ? 0 : i - 1), 4) +
                number(0, 4) + number(60000, 2) + "v" + std::string(1, '\0') + number(0, 4) + number(0, 4);
    EXPECT_FALSE(read_root(table(0, 0, rest), "F"));
}

TEST(Gvdb, ValuesThatOverlapAreRefused) {
    std::string rest;
    const auto number = [](std::uint64_t value, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
        return out;
    };
    for (int i = 0; i < 1000; ++i)
        rest += number(0, 4) + number(0xffffffff, 4) + number(0, 4) + number(4, 2) + "v" +
                std::string(1, '\0') + number(0, 4) + number(20000, 4);
    EXPECT_FALSE(read_root(table(0, 0, rest), "F"));
}

TEST(Gvdb, AnyDamageGivesAValueOrAnError) {
    for (const char* name : {"gvdb/dconf-user", "gvdb/portal-devices"}) {
        contrechamp::testing::for_every_damage(sample(name), [](std::string_view bytes) {
            const auto root = read_root(bytes, "F");
            if (!root) return;
            for (const auto& item : *root) {
                EXPECT_LE(item.offset + item.length, bytes.size());
                (void)scalar(bytes, item);
                if (const auto inner = read_table(bytes, item, "F"))
                    for (const auto& entry : *inner) (void)permissions(bytes, entry);
            }
        });
    }
}

}  // namespace
}  // namespace contrechamp::gvdb
