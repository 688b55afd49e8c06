#include "evidence/bag.h"

#include <sys/stat.h>

#include "base/hash.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

TEST(Bag, ManifestsThatSha256sumChecks) {
    const TemporaryFolder bag;
    std::set<std::string> exhibits;
    for (const char* text : {"one", "two", ""}) {
        exhibits.insert(sha256_hex(text));
        put(bag / "data" / "exhibits" / sha256_hex(text), text);
    }
    put(bag / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    put(bag / "bag-info.txt", "Bagging-Date: 2026-11-23\n");
    put(bag / "keys" / "A.pub", "key");
    put(bag / "keys" / ".B.pub.part", "cut off");
    put(bag / "timestamps" / "1.tsr", "stamp");
    ASSERT_OK(write_manifests(bag.path(), exhibits, true));
    const auto checked = run("cd " + bag.path().string() +
                             " && sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt");
    EXPECT_EQ(checked.code, 0) << checked.out;
    const auto lines = read_manifest(bag / "manifest-sha256.txt");
    ASSERT_OK(lines);
    ASSERT_EQ(lines->size(), 3u);
    for (const auto& line : *lines) EXPECT_EQ(line.path, "data/exhibits/" + line.sha256);
    std::vector<std::string> tags;
    const auto tag_lines = read_manifest(bag / "tagmanifest-sha256.txt");
    ASSERT_OK(tag_lines);
    for (const auto& line : *tag_lines) tags.push_back(line.path);
    EXPECT_EQ(tags, (std::vector<std::string>{"bag-info.txt", "bagit.txt", "keys/A.pub",
                                              "manifest-sha256.txt", "timestamps/1.tsr"}));
}

TEST(Bag, ManifestLinesThatAreNone) {
    const TemporaryFolder bag;
    const std::string hash = sha256_hex("x");
    const auto reads = [&](const std::string& text) {
        put(bag / "manifest-sha256.txt", text);
        return read_manifest(bag / "manifest-sha256.txt");
    };
    EXPECT_TRUE(reads(hash + "  data/a\n").has_value());
    EXPECT_TRUE(reads(hash + " *data/a\n").has_value());  // sha256sum's binary mark
    EXPECT_TRUE(reads("").has_value());
    EXPECT_EQ(reads(hash + "  data/with space\n")->front().path, "data/with space");
    for (const std::string& bad :
         {std::string("\n"), hash + "\n", hash + "  \n", hash + "  /etc/passwd\n", hash + "  ../outside\n",
          hash + "  data/../../outside\n", std::string("xyz  data/a\n"), hash.substr(1) + "  data/a\n",
          std::string("  data/a\n")}) {
        const auto lines = reads(bad);
        ASSERT_FALSE(lines.has_value()) << bad;
        EXPECT_EQ(lines.error().where, (bag / "manifest-sha256.txt").string() + ":1");
    }
    EXPECT_EQ(reads(hash + "  data/a\n" + "bad\n").error().where,
              (bag / "manifest-sha256.txt").string() + ":2");
}

TEST(CopyAndDigest, CopiesAndSaysWhat) {
    const TemporaryFolder folder;
    std::string bytes;
    for (int i = 0; i < 2'500'000; ++i) bytes += static_cast<char>(i * 31);
    put(folder / "source", bytes);
    const auto source = open_regular(folder / "source");
    ASSERT_OK(source);
    // From its start, wherever the descriptor stands.
    ASSERT_EQ(::lseek(source->get(), 1000, SEEK_SET), 1000);
    const auto digest = copy_and_digest(*source, folder / "source", folder / "target");
    ASSERT_OK(digest);
    EXPECT_EQ(digest->sha256, sha256_hex(bytes));
    EXPECT_EQ(digest->size, bytes.size());
    EXPECT_EQ(get(folder / "target"), bytes);
    // Never over something that is there.
    EXPECT_FALSE(copy_and_digest(*source, folder / "source", folder / "target").has_value());
    EXPECT_EQ(get(folder / "target"), bytes);
}

}  // namespace
}  // namespace contrechamp
