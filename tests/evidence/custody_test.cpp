#include "evidence/custody.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace contrechamp {
namespace {

// A log of `count` entries, as text.
std::string make_log(int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += next_log_line(read_custody_log(text), i ? "exhibit-added" : "case-created", {{"n", i}});
    return text;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    LineReader lines(text);
    while (const auto line = lines.next()) out.emplace_back(line->text);
    return out;
}

std::string join(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
}

TEST(Custody, EachLineNamesTheOneBefore) {
    const std::string text = make_log(5);
    const auto log = read_custody_log(text);
    EXPECT_TRUE(log.problems.empty());
    EXPECT_FALSE(log.torn);
    EXPECT_EQ(log.whole_bytes, text.size());
    ASSERT_EQ(log.entries.size(), 5u);
    EXPECT_EQ(log.entries[0].body["prev"].string_or(), kNoPrevious);
    EXPECT_EQ(log.entries[0].action, "case-created");
    const auto lines = split(text);
    for (std::size_t i = 1; i < 5; ++i) {
        EXPECT_EQ(log.entries[i].body["prev"].string_or(), sha256_hex(lines[i - 1]));
        EXPECT_EQ(log.entries[i].body["seq"].int_or(-1), static_cast<std::int64_t>(i));
    }
    EXPECT_EQ(log.head(), sha256_hex(lines[4]));
    // A line is canonical, so a sceptic can rebuild it from its values.
    for (const auto& line : lines) EXPECT_EQ(json::canonical(json::parse(line, "").value()), line);
    for (const char* member : {"time", "tool", "uid", "action", "prev", "seq"})
        EXPECT_FALSE(log.entries[2].body[member].is_null()) << member;
}

TEST(Custody, EmptyLog) {
    const auto log = read_custody_log("");
    EXPECT_TRUE(log.entries.empty());
    EXPECT_EQ(log.head(), kNoPrevious);
    EXPECT_FALSE(log.torn);
}

TEST(Custody, AChangedLineBreaksTheNext) {
    for (std::size_t changed = 0; changed < 4; ++changed) {
        auto lines = split(make_log(5));
        lines[changed].replace(lines[changed].find("\"n\":"), 4, "\"m\":");
        const auto log = read_custody_log(join(lines));
        ASSERT_EQ(log.problems.size(), 1u) << changed;
        EXPECT_EQ(log.problems[0].line, changed + 2);
    }
}

TEST(Custody, ARemovedLineIsSeen) {
    for (std::size_t removed = 0; removed < 4; ++removed) {
        auto lines = split(make_log(5));
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(removed));
        const auto log = read_custody_log(join(lines));
        ASSERT_FALSE(log.problems.empty()) << removed;
        EXPECT_EQ(log.problems[0].line, removed + 1);
    }
}

TEST(Custody, SwappedLinesAreSeen) {
    for (std::size_t first = 0; first + 1 < 5; ++first) {
        auto lines = split(make_log(5));
        std::swap(lines[first], lines[first + 1]);
        const auto log = read_custody_log(join(lines));
        ASSERT_FALSE(log.problems.empty()) << first;
        EXPECT_EQ(log.problems[0].line, first + 1);
    }
}

TEST(Custody, InsertedAndRepeatedLinesAreSeen) {
    auto lines = split(make_log(4));
    auto repeated = lines;
    repeated.insert(repeated.begin() + 2, lines[1]);
    EXPECT_EQ(read_custody_log(join(repeated)).problems.front().line, 3u);
    auto inserted = lines;
    inserted.insert(inserted.begin() + 2, "{}");
    EXPECT_EQ(read_custody_log(join(inserted)).problems.front().line, 3u);
    auto blank = lines;
    blank.insert(blank.begin() + 1, "");
    EXPECT_EQ(read_custody_log(join(blank)).problems.front().line, 2u);
}

TEST(Custody, ANumberThatIsNotTheLines) {
    const std::string line =
        json::canonical(json::Object{{"action", "case-created"}, {"prev", kNoPrevious}, {"seq", 7}}) + "\n";
    const auto log = read_custody_log(line);
    ASSERT_EQ(log.problems.size(), 1u);
    EXPECT_NE(log.problems[0].what.en.find("sequence"), std::string::npos);
}

TEST(Custody, DamagedLinesAreSaidAndTheRestIsRead) {
    auto lines = split(make_log(5));
    lines[2] = "\xff\xfe not json";
    const auto log = read_custody_log(join(lines));
    ASSERT_EQ(log.entries.size(), 5u);
    EXPECT_EQ(log.entries[2].action, "unreadable");
    EXPECT_EQ(log.entries[4].action, "exhibit-added");
    ASSERT_EQ(log.problems.size(), 2u);
    EXPECT_EQ(log.problems[0].line, 3u);
    EXPECT_EQ(log.problems[1].line, 4u);
}

TEST(Custody, ACarriageReturnIsAChange) {
    auto text = make_log(3);
    text.insert(text.find('\n'), "\r");
    const auto log = read_custody_log(text);
    ASSERT_EQ(log.problems.size(), 1u);
    EXPECT_EQ(log.problems[0].line, 2u);
}

TEST(Custody, CutAnywhereTheWholeLinesStay) {
    const std::string text = make_log(3);
    const auto lines = split(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto log = read_custody_log(std::string_view(text).substr(0, cut));
        const auto whole = static_cast<std::size_t>(
            std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
        ASSERT_EQ(log.entries.size(), whole);
        ASSERT_TRUE(log.problems.empty());
        ASSERT_EQ(log.torn, cut > log.whole_bytes);
        ASSERT_TRUE(log.whole_bytes == 0 || text[log.whole_bytes - 1] == '\n');
    }
}

TEST(Custody, OurOwnMembersCannotBeOverridden) {
    const auto line =
        next_log_line({}, "case-created", {{"seq", 99}, {"prev", "x"}, {"action", "y"}, {"time", "z"}});
    const auto log = read_custody_log(line);
    EXPECT_TRUE(log.problems.empty());
    EXPECT_EQ(log.entries[0].action, "case-created");
}

}  // namespace
}  // namespace contrechamp
