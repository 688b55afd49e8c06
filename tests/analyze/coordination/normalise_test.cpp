// normalise_text and words_of: what people would call the same words come out as the same bytes.
#include <gtest/gtest.h>

#include <random>

#include "analyze/coordination/characters.h"
#include "analyze/coordination/near_text.h"
#include "base/escape.h"

namespace contrechamp::coordination {
namespace {

const std::string kLink = "\xee\x80\x80", kMention = "\xee\x80\x81", kNumber = "\xee\x80\x82";

std::string normal(std::string_view text) {
    std::string out = "what was there before";
    normalise_text(text, out);
    return out;
}

std::vector<std::string> words(std::string_view text) {
    const auto normalised = normal(text);
    std::vector<std::string_view> views;
    words_of(normalised, views);
    return {views.begin(), views.end()};
}

TEST(Normalise, PlainWords) {
    EXPECT_EQ(normal(""), "");
    EXPECT_EQ(normal("  \t\n "), "");
    EXPECT_EQ(normal("Hello World"), "hello world");
    EXPECT_EQ(normal("  Hello   World \n again"), "hello world again");
    EXPECT_EQ(normal("A sentence of more than sixteen letters, And another ONE"),
              "a sentence of more than sixteen letters and another one");
    EXPECT_EQ(normal(std::string_view("nul\0is\x7fspace", 13)), "nul is space");
}

TEST(Normalise, ComposedAndDecomposedAreOne) {
    EXPECT_EQ(normal("\xc3\xa9t\xc3\xa9"), normal("e\xcc\x81te\xcc\x81"));
    EXPECT_EQ(normal("ÉTÉ"), "été");
    EXPECT_EQ(normal("가"), normal("\xe1\x84\x80\xe1\x85\xa1"));  // Hangul syllable and its letters
    EXPECT_EQ(normal("각"), normal("가\xe1\x86\xa8"));
    EXPECT_EQ(normal("क\xe0\xa4\xbc"), normal("\xe0\xa5\x98"));  // Devanagari qa
    EXPECT_EQ(normal("q\xcc\xa3\xcc\x87"), normal("q\xcc\x87\xcc\xa3"));
}

TEST(Normalise, FullWidthAndLigaturesAreAscii) {
    EXPECT_EQ(normal("Ｆｕｌｌ　Ｗｉｄｔｈ！"), "full width");
    EXPECT_EQ(normal("ﬁne oﬃce"), "fine office");
    EXPECT_EQ(normal("ｶﾞ"), "ガ");
    EXPECT_EQ(normal("x² ℌ"), "x2 h");
}

TEST(Normalise, CaseFolding) {
    EXPECT_EQ(normal("Straße"), normal("STRASSE"));
    EXPECT_EQ(normal("ΣΊΣΥΦΟΣ"), normal("σίσυφος"));
    EXPECT_EQ(normal("МОСКВА Ёлка"), "москва ёлка");
    // Turkish is not told apart: I is i, and İ keeps its dot as a mark.
    EXPECT_EQ(normal("I"), "i");
    EXPECT_EQ(normal("ı"), "ı");
    EXPECT_EQ(normal("İstanbul"), "i\xcc\x87stanbul");
    EXPECT_EQ(normal("i\xcc\x87stanbul"), "i\xcc\x87stanbul");
}

TEST(Normalise, WhatNobodySeesIsLeftOut) {
    EXPECT_EQ(normal("in\xe2\x80\x8bvis\xc2\xadi\xe2\x80\x8d"
                     "ble\xef\xbb\xbf"),
              "invisible");
    EXPECT_EQ(normal("a ❤\xef\xb8\x8f b"), normal("a ❤ b"));
    EXPECT_EQ(normal("I❤\xef\xb8\x8fNY"), "i❤ny");
    EXPECT_EQ(normal("\xe2\x80\xaetext\xe2\x80\xac"), "text");
    EXPECT_EQ(normal("می\xe2\x80\x8cروم"), "میروم");
}

TEST(Normalise, PunctuationAndEmojiAtEdgesOnly) {
    EXPECT_EQ(normal("«Don’t!» (he said) -- well-known… #Tag 👍🏽 👨‍👩‍👧 ok"),
              "don't he said well-known tag ok");
    EXPECT_EQ(normal("a.b.c. ...x"), "a.b.c x");
    EXPECT_EQ(normal("!!! ?? 👍"), "");
    EXPECT_EQ(normal("mail bob@example.org now"), "mail bob@example.org now");
}

TEST(Normalise, LinksMentionsNumbersAreSigns) {
    EXPECT_EQ(normal("see https://t.co/aBc, (http://x.org/a_(b)) www.x.org."),
              "see " + kLink + " " + kLink + " " + kLink);
    EXPECT_EQ(normal("endhttps://t.co/x"), "end" + kLink);
    EXPECT_EQ(normal("@Bob: hi @a_b@mastodon.social! .@c"), kMention + " hi " + kMention + " " + kMention);
    EXPECT_EQ(
        normal("12 1,000.50 10:30 50% $15 3rd covid19 ٣٤"),
        kNumber + " " + kNumber + " " + kNumber + " " + kNumber + " " + kNumber + " 3rd covid19 " + kNumber);
    EXPECT_EQ(normal("1\xef\xb8\x8f\xe2\x83\xa3 first"), kNumber + " first");  // keycap
    EXPECT_EQ(normal("http:// www. @ @! x://y"), "http www x://y");
    EXPECT_EQ(normal("我有3个"), "我有" + kNumber + "个");
    EXPECT_EQ(normal("看https://t.co/x你"), "看" + kLink + "你");
}

TEST(Normalise, ScriptsWithoutSpaces) {
    EXPECT_EQ(normal("你好，世界！"), "你好世界");
    EXPECT_EQ(words("你好，世界 ok"), (std::vector<std::string>{"你", "好", "世", "界", "ok"}));
    EXPECT_EQ(words("カタカナとkanji"), (std::vector<std::string>{"カ", "タ", "カ", "ナ", "と", "kanji"}));
    // A letter keeps its marks: tho thahan with its vowel and tone.
    EXPECT_EQ(words("ที่นี่"), (std::vector<std::string>{"ที่", "นี่"}));
    EXPECT_EQ(words("Привет, мир"), (std::vector<std::string>{"привет", "мир"}));
    EXPECT_EQ(words("अच्छा है"), (std::vector<std::string>{"अच्छा", "है"}));
    EXPECT_EQ(words("안녕 세계"), (std::vector<std::string>{"안녕", "세계"}));
    EXPECT_EQ(normal("น้ำ"), normal("น\xe0\xb9\x89\xe0\xb9\x8d\xe0\xb8\xb2"));  // sara am and its parts
}

TEST(Normalise, NoLetterIsDropped) {
    // Every letter of every script, by itself and between others, leaves something.
    int letters = 0;
    for (char32_t c = 'a'; c < 0x20000; ++c) {
        if (!(kind_of(c) & (kLetter | kUnspaced | kDigit)) || (c >= 0xd800 && c <= 0xdfff)) continue;
        std::string text;
        append_character(c, text);
        // Presentation forms of Arabic vowels and kana's sound marks are marks, whatever their category.
        std::string folded;
        fold_text(text, folded);
        const auto stays = [](char32_t x) { return (kind_of(x) & kWordKinds) != 0; };
        if (!stays(character_at(folded, 0).value) && !stays(character_before(folded, folded.size())))
            continue;
        ++letters;
        EXPECT_NE(normal(text), "") << std::hex << static_cast<unsigned>(c);
        EXPECT_NE(normal("x" + text + "y"), "xy") << std::hex << static_cast<unsigned>(c);
    }
    EXPECT_GT(letters, 90000);
}

// Anything people or an enemy may write, from pieces that are known to be awkward.
std::string random_text(std::mt19937_64& random) {
    static const std::vector<std::string> kPieces = {"a",
                                                     "B",
                                                     "é",
                                                     "e\xcc\x81",
                                                     "ß",
                                                     "İ",
                                                     "1",
                                                     "٣",
                                                     " ",
                                                     "  ",
                                                     "\n",
                                                     "\xc2\xa0",
                                                     "世",
                                                     "界",
                                                     "，",
                                                     "。",
                                                     "！",
                                                     "น",
                                                     "\xe0\xb9\x89",
                                                     "\xe0\xb8\xb3",
                                                     "\xe0\xb8\xb4",
                                                     "@",
                                                     "＠",
                                                     "#",
                                                     "http://",
                                                     "HTTPS://",
                                                     "www.",
                                                     ".",
                                                     ":",
                                                     "/",
                                                     "-",
                                                     "_",
                                                     "'",
                                                     "’",
                                                     "…",
                                                     "(",
                                                     ")",
                                                     "\xcc\x81",
                                                     "\xcc\xa3",
                                                     "\xcd\x85",
                                                     "\xd9\x8b",
                                                     "\xd9\x90",
                                                     "ع",
                                                     "क",
                                                     "\xe0\xa4\xbc",
                                                     "\xe0\xa5\x8d",
                                                     "\xe2\x80\x8d",
                                                     "\xef\xb8\x8f",
                                                     "👍",
                                                     "🏽",
                                                     "\xe1\x84\x80",
                                                     "\xe1\x85\xa1",
                                                     "\xe1\x86\xa8",
                                                     "가",
                                                     "ﷺ",
                                                     "¨",
                                                     "½",
                                                     "⑴",
                                                     "ŀ",
                                                     "㎏",
                                                     "\xee\x80\x80",
                                                     "\xee\x80\x82",
                                                     "\xff",
                                                     "\xc3",
                                                     "\xe4\xb8",
                                                     "\xf0\x9f",
                                                     "Ω",
                                                     "ΐ",
                                                     "ᾳ",
                                                     "ŉ",
                                                     "ǰ",
                                                     "ſ",
                                                     "ẞ",
                                                     "ﬃ",
                                                     "٪",
                                                     "€"};
    std::string text;
    for (auto left = random() % 24; left > 0; --left) {
        if (random() % 16 == 0) {
            append_character(static_cast<char32_t>(random() % 0x20000), text);
            continue;
        }
        text += kPieces[random() % kPieces.size()];
    }
    return text;
}

TEST(Normalise, AgainChangesNothing) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 100000; ++i) {
        const auto text = random_text(random);
        const auto once = normal(text);
        ASSERT_TRUE(is_valid_utf8(once));
        ASSERT_EQ(normal(once), once) << for_terminal(text);
        ASSERT_TRUE(once.empty() || (once.front() != ' ' && once.back() != ' '));
        ASSERT_EQ(once.find("  "), std::string::npos);
    }
}

// The quick ways (sixteen bytes at a time, the table) say what the whole mapping says.
TEST(Normalise, QuickAndSlowAgree) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 50000; ++i) {
        const auto text = random_text(random);
        std::string folded;
        fold_text(text, folded);
        // Folding lets a few spaces appear where there were none; words are the same otherwise.
        ASSERT_EQ(normal(folded), normal(text)) << for_terminal(text);
    }
}

// A soft hyphen, which nobody sees, at the start of each word sends it the slow way.
TEST(Normalise, RunsOfPlainWordsAndSingleWordsAgree) {
    static const std::vector<std::string> kPieces = {
        "a", "le", "Www", "HTTP", "é",  "École", "’",  "'", "-", "—", ".", ",", "!",  ":", ";",        "?",
        "é", "и",  "n",   "jour", "’é", "-b",    "'ç", " ", " ", " ", " ", "1", "@a", "#", "\xcc\x81", "世"};
    std::mt19937_64 random(5);
    for (int i = 0; i < 60000; ++i) {
        const auto awkward = i % 3 ? 5 : 0;  // without the last ones, most words are plain
        std::string text, slow = "\xc2\xad";
        for (auto left = random() % 40; left > 0; --left) {
            const auto& piece = kPieces[random() % (kPieces.size() - static_cast<std::size_t>(awkward))];
            text += piece;
            slow += piece;
            if (piece == " ") slow += "\xc2\xad";
        }
        ASSERT_EQ(normal(text), normal(slow)) << for_terminal(text);
    }
    EXPECT_EQ(normal("L’Été, d'abord: rendez-vous (là)."), "l'été d'abord rendez-vous là");
    EXPECT_EQ(normal("aujourd’hui’"), "aujourd'hui");
    EXPECT_EQ(normal("l’e\xcc\x81t\xc3\xa9 l’x\xc3"), "l'été l'x");
}

TEST(Normalise, NeighboursDoNotDisturb) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 30000; ++i) {
        const auto a = random_text(random), b = random_text(random);
        const auto left = normal(a), right = normal(b);
        const auto joint = left.empty() || right.empty() ? "" : " ";
        // A broken character at the end is not completed by what follows the space.
        ASSERT_EQ(normal(a + " " + b), left + joint + right) << for_terminal(a) << '|' << for_terminal(b);
    }
}

TEST(Normalise, HostileSizes) {
    EXPECT_EQ(normal(std::string(1 << 20, 'A')), std::string(1 << 20, 'a'));
    EXPECT_EQ(normal(std::string(1 << 20, '!')), "");
    std::string marks = "a";
    for (int i = 0; i < 1 << 17; ++i) marks += i % 2 ? "\xcc\x81" : "\xcc\xa3";  // quadratic to put in order
    EXPECT_LT(normal(marks).size(), 100);
    std::string phrase;
    for (int i = 0; i < 10000; ++i) phrase += "ﷺ";
    EXPECT_EQ(normal(normal(phrase)), normal(phrase));
    std::string numbers;
    for (int i = 0; i < 10000; ++i) numbers += "1 ";
    EXPECT_EQ(words(numbers).size(), 10000);
}

TEST(Words, OfAnything) {
    std::vector<std::string_view> out;
    words_of("", out);
    EXPECT_TRUE(out.empty());
    words_of("  a  b ", out);
    EXPECT_EQ(out, (std::vector<std::string_view>{"a", "b"}));
    words_of("x" + kLink + "y", out);
    EXPECT_EQ(out.size(), 3);
    std::mt19937_64 random(4);
    for (int i = 0; i < 20000; ++i) {
        const auto text = random_text(random);
        words_of(text, out);
        std::string joined, without_spaces = text;
        for (const auto word : out) joined += word;
        std::erase(without_spaces, ' ');
        ASSERT_EQ(joined, without_spaces);
    }
}

}  // namespace
}  // namespace contrechamp::coordination
