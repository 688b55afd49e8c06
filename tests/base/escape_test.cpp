// Text from evidence comes out inert: on a terminal, in HTML, in a spreadsheet, as a file name.
#include "base/escape.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace contrechamp {
namespace {

std::string utf8(char32_t c) {
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    if (c < 0x10000)
        return {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                static_cast<char>(0x80 | (c & 63))};
    return {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
            static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
}

std::string shown(char32_t c) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\u{%x}", static_cast<unsigned>(c));
    return buffer;
}

// Each range acts on a display or hides: controls (C0, DEL, C1), soft hyphen, bidirectional controls,
// zero-width and invisible characters, fillers that show nothing, line and paragraph separators, variation
// selectors, tags.
struct Range {
    char32_t first, last;
    const char* what;
};
constexpr Range kDangerous[] = {{0x00, 0x1f, "C0"},
                                {0x7f, 0x9f, "DEL and C1"},
                                {0xad, 0xad, "soft hyphen"},
                                {0x34f, 0x34f, "combining grapheme joiner"},
                                {0x61c, 0x61c, "Arabic letter mark"},
                                {0x115f, 0x1160, "Hangul fillers"},
                                {0x17b4, 0x17b5, "Khmer inherent vowels"},
                                {0x180b, 0x180f, "Mongolian selectors"},
                                {0x200b, 0x200f, "zero-width and marks"},
                                {0x2028, 0x202e, "separators, embeddings, overrides"},
                                {0x2060, 0x206f, "word joiner, invisible operators, isolates"},
                                {0x3164, 0x3164, "Hangul filler"},
                                {0xfe00, 0xfe0f, "variation selectors"},
                                {0xfeff, 0xfeff, "byte-order mark"},
                                {0xffa0, 0xffa0, "half-width Hangul filler"},
                                {0xfff0, 0xfffb, "specials"},
                                {0x1bca0, 0x1bca3, "shorthand controls"},
                                {0x1d173, 0x1d17a, "musical controls"},
                                {0xe0000, 0xe0fff, "tags and variation selectors"}};

TEST(ForTerminal, EveryActingOrHidingCharacterIsMadeVisible) {
    for (const auto& range : kDangerous)
        for (char32_t c = range.first; c <= range.last; ++c)
            EXPECT_EQ(for_terminal("a" + utf8(c) + "b"), "a" + shown(c) + "b")
                << range.what << " U+" << std::hex << static_cast<unsigned>(c);
}

TEST(ForTerminal, OrdinaryTextStays) {
    const std::string text = "Été à Malmö, “citation”, 日本語, עברית, العربية, 😀 ½ – € \xc2\xa0 x\xcc\x81";
    EXPECT_EQ(for_terminal(text), text);
    EXPECT_EQ(for_html("Été 日本語"), "Été 日本語");
}

TEST(ForTerminal, KnownAttacks) {
    EXPECT_EQ(for_terminal("\033]0;owned\007\033[2J\033[31m"), "\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{1b}[31m");
    EXPECT_EQ(for_terminal("line\r\nforged: ok"), "line\\u{d}\\u{a}forged: ok");
    EXPECT_EQ(for_terminal("\xc2\x9b"
                           "31m"),
              "\\u{9b}31m");                                                     // C1 CSI
    EXPECT_EQ(for_terminal("user\xe2\x80\xaegpj.exe"), "user\\u{202e}gpj.exe");  // right-to-left override
    EXPECT_EQ(for_terminal("pay\xe2\x80\x8bpal"), "pay\\u{200b}pal");            // zero-width space
    EXPECT_EQ(for_terminal("\xf3\xa0\x81\xa1"), "\\u{e0061}");                   // a tag letter
}

TEST(Utf8, InvalidBytesBecomeReplacementCharacters) {
    const std::string r = "\xef\xbf\xbd";
    const std::pair<std::string, std::string> cases[] = {{"\xff", r},
                                                         {"a\x80z", "a" + r + "z"},
                                                         {"\xc0\xaf", r + r},
                                                         {"\xc1\xbf", r + r},
                                                         {"\xe0\x80\xaf", r + r + r},
                                                         {"\xed\xa0\x80", r + r + r},
                                                         {"\xf4\x90\x80\x80", r + r + r + r},
                                                         {"\xf0\x80\x80\x80", r + r + r + r},
                                                         {"\xe2\x82", r + r},
                                                         {"\xe2\x82"
                                                          "a",
                                                          r + r + "a"},
                                                         {"\xc3", r},
                                                         {"\xf8\x88\x80\x80\x80", r + r + r + r + r}};
    for (const auto& [bytes, expected] : cases) {
        EXPECT_EQ(to_valid_utf8(bytes), expected);
        EXPECT_FALSE(is_valid_utf8(bytes));
        EXPECT_EQ(for_terminal(bytes), expected);
        EXPECT_TRUE(is_valid_utf8(for_html(bytes)));
        EXPECT_TRUE(is_valid_utf8(for_csv(bytes)));
    }
    EXPECT_TRUE(is_valid_utf8("\xf4\x8f\xbf\xbf"));
    EXPECT_TRUE(is_valid_utf8("\xed\x9f\xbf\xee\x80\x80"));
    EXPECT_TRUE(is_valid_utf8(""));
    // An escape sequence's byte cannot hide inside a broken sequence.
    EXPECT_EQ(for_terminal("\xe2\x1b[31m"), r + "\\u{1b}[31m");
}

TEST(Utf8, EveryPairOfBytesComesOutValid) {
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            const std::string bytes{static_cast<char>(a), static_cast<char>(b)};
            ASSERT_TRUE(is_valid_utf8(to_valid_utf8(bytes)));
            ASSERT_EQ(to_valid_utf8(to_valid_utf8(bytes)), to_valid_utf8(bytes));
            const auto terminal = for_terminal(bytes);
            ASSERT_TRUE(is_valid_utf8(terminal));
            for (unsigned char c : terminal) ASSERT_TRUE(c >= 0x20 && c != 0x7f);
        }
    }
}

TEST(ForHtml, MarkupIsText) {
    EXPECT_EQ(for_html("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    EXPECT_EQ(for_html("\" onload=\"x"), "&quot; onload=&quot;x");
    EXPECT_EQ(for_html("a & b &amp; &lt;"), "a &amp; b &amp;amp; &amp;lt;");
    EXPECT_EQ(for_html("\033[31m\n\xe2\x80\xae"), "\\u{1b}[31m\\u{a}\\u{202e}");
    for (int c = 0; c < 256; ++c) {
        const auto out = for_html(std::string(1, static_cast<char>(c)));
        EXPECT_EQ(out.find_first_of("<>\"'\0\r\n\t"), std::string::npos) << c;
    }
}

TEST(ForCsv, FormulasAreText) {
    const std::pair<const char*, const char*> cases[] = {
        {"=1+1", "'=1+1"},
        {"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
        {"-2+3", "'-2+3"},
        {"@SUM(1)", "'@SUM(1)"},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"-", "'-"},
        {"+", "'+"},
        {"=", "'="},
        {"-x", "'-x"}};
    for (const auto& [text, expected] : cases) EXPECT_EQ(for_csv(text), expected) << text;
    // Tab or line ends first could hide a formula behind them.
    for (const char* text : {"\t=1+1", "\r=1+1", "\n=1+1"}) {
        const auto out = for_csv(text);
        EXPECT_EQ(out.find_first_of("=+-@\t\r\n\""), out.find('=')) << out;
        EXPECT_NE(out.front(), '=');
    }
    // The full-width forms, which some spreadsheets take for the plain ones.
    for (const char* text : {"\xef\xbc\x9d"
                             "1+1",
                             "\xef\xbc\x8b"
                             "1",
                             "\xef\xbc\x8d"
                             "1",
                             "\xef\xbc\xa0"
                             "x"})
        EXPECT_EQ(for_csv(text).front(), '\'') << text;
}

TEST(ForCsv, NumbersAndPlainTextStay) {
    for (const char* text :
         {"-3", "+1.5", "0", "42", "", "a=b", "x-y", "user@host", "path/with space", "l’été"})
        EXPECT_EQ(for_csv(text), text);
}

TEST(ForCsv, QuotesAsRfc4180) {
    EXPECT_EQ(for_csv("a,b"), "\"a,b\"");
    EXPECT_EQ(for_csv("say \"hi\""), "\"say \"\"hi\"\"\"");
}

TEST(ForCsv, ControlsAreVisible) {
    for (const auto& range : kDangerous)
        for (char32_t c = range.first; c <= range.last; ++c)
            EXPECT_EQ(for_csv("a" + utf8(c) + "b"), "a" + shown(c) + "b") << range.what;
}

TEST(ForJson, MeansTheSameAndShowsNothingThatActs) {
    const std::string text = "a\x7f\u009b\u202e\ufeff\U000e0041é日😀";
    const std::string written = json::canonical(json::Object{{"k", text}});
    const std::string safe = for_json(written);
    EXPECT_EQ(safe, "{\"k\":\"a\\u007f\\u009b\\u202e\\ufeff\\udb40\\udc41é日😀\"}");
    EXPECT_EQ((*json::parse(safe, ""))["k"].string_or(), text);
    EXPECT_EQ(for_json("{\n  \"a\": 1\n}\n"), "{\n  \"a\": 1\n}\n");
    EXPECT_TRUE(is_valid_utf8(for_json("\"\xff\"")));
}

TEST(ForFileName, OnlyPlainCharacters) {
    EXPECT_EQ(for_file_name("../../etc/passwd"), "_.._etc_passwd");
    EXPECT_EQ(for_file_name("..."), "unnamed");
    EXPECT_EQ(for_file_name(""), "unnamed");
    EXPECT_EQ(for_file_name(".bashrc"), "bashrc");
    EXPECT_EQ(for_file_name("a b\nc\033é"), "a_b_c___");
    EXPECT_EQ(for_file_name("report-1.2_x.html"), "report-1.2_x.html");
    for (int c = 0; c < 256; ++c) {
        const auto out = for_file_name(std::string(1, static_cast<char>(c)) + "x");
        EXPECT_EQ(out.find_first_of("/\\ \n\t\0:*?\"<>|"), std::string::npos) << c;
        EXPECT_FALSE(out.empty());
    }
}

TEST(DisplayWidth, CountsColumns) {
    EXPECT_EQ(display_width("abc"), 3u);
    EXPECT_EQ(display_width("été"), 3u);
    EXPECT_EQ(display_width("e\xcc\x81"), 1u);
    EXPECT_EQ(display_width("日本"), 4u);
    EXPECT_EQ(display_width("😀"), 2u);
    EXPECT_EQ(display_width(""), 0u);
}

}  // namespace
}  // namespace contrechamp
