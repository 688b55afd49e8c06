#include "analyze/coordination/word_breaks.h"

#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <random>

namespace contrechamp::coordination {
namespace {

using Segments = std::vector<std::string>;

Segments segments_of(const std::string& text) {
    std::vector<std::string_view> out;
    word_segments(text, out);
    return {out.begin(), out.end()};
}

TEST(WordBreaks, AreThoseOfTheStandardsExamples) {
    EXPECT_EQ(segments_of("The quick (\"brown\") fox can't jump 32.3 feet, right?"),
              (Segments{"The",   " ", "quick", " ", "(",    "\"", "brown", "\"", ")", " ",     "fox", " ",
                        "can't", " ", "jump",  " ", "32.3", " ",  "feet",  ",",  " ", "right", "?"}));
    EXPECT_EQ(segments_of("日本 テスト ก"), (Segments{"日", "本", " ", "テスト", " ", "ก"}));
    EXPECT_EQ(segments_of(""), Segments{});
    EXPECT_EQ(segments_of("\xff\xff"), (Segments{"\xff", "\xff"}));
    EXPECT_EQ(segments_of("a\r\nb"), (Segments{"a", "\r\n", "b"}));
}

// ICU's own iterator, on scripts for which it has no dictionary and without the colon and @, where CLDR
// differs from the standard.
TEST(WordBreaks, AreThoseOfIcu) {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> icu(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
    ASSERT_TRUE(U_SUCCESS(error));
    const char* const alphabet[] = {
        "a",  "Z",    "é",      "e\u0301", "\u0301", "\u00ad", "\u200d", "1",      "٣",      ".",     ",",
        ";",  "'",    "’",      "\"",      "_",      "-",      " ",      "\u3000", "\u00a0", "\t",    "\r",
        "\n", "\r\n", "א",      "ב",       "я",      "ア",     "ー",     "\u2028", "🇫",      "🇷",     "❤",
        "👩",  "👨",    "\ufe0f", "#",       "\u0600", "\u0bcd", "\u2060", "़",       "क",      "\u180e"};
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto n = random() % 9; n > 0; --n) text += alphabet[random() % std::size(alphabet)];
        const auto utf16 = icu::UnicodeString::fromUTF8(text);
        icu->setText(utf16);
        Segments want;
        for (auto from = icu->first(), to = icu->next(); to != icu::BreakIterator::DONE;
             from = to, to = icu->next())
            utf16.tempSubStringBetween(from, to).toUTF8String(want.emplace_back());
        ASSERT_EQ(segments_of(text), want) << text;
    }
}

}  // namespace
}  // namespace contrechamp::coordination
