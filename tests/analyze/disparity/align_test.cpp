// Alignments against brute force. That they equal sclite's one by one is tests/e2e/disparity_sclite_test.py.
#include "analyze/disparity/align.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "analyze/disparity/normalise.h"

namespace contrechamp::disparity {
namespace {

Speech speech(std::string_view text, Words& words, bool reference) {
    Speech out;
    normalise(text, {}, out);
    if (reference) number(out, words);
    else number_known(out, words);
    return out;
}

EditCounts counts(std::string_view reference, std::string_view hypothesis, CostMode mode = CostMode::sclite,
                  std::vector<AlignedPair>* pairs = nullptr) {
    Words words;
    const auto a = speech(reference, words, true), b = speech(hypothesis, words, false);
    EditCounts out;
    Aligner aligner;
    EXPECT_TRUE(aligner.align(a, b, mode, out, pairs));
    return out;
}

EditCounts made(std::uint64_t c, std::uint64_t s, std::uint64_t d, std::uint64_t i) { return {c, s, d, i}; }

TEST(Align, ByHand) {
    EXPECT_EQ(counts("a b c", "a b c"), made(3, 0, 0, 0));
    EXPECT_EQ(counts("a b c", ""), made(0, 0, 3, 0));
    EXPECT_EQ(counts("", "a b"), made(0, 0, 0, 2));
    EXPECT_EQ(counts("", ""), made(0, 0, 0, 0));
    EXPECT_EQ(counts("a b c", "a x c"), made(2, 1, 0, 0));
    EXPECT_EQ(counts("a b c d", "a c d e"), made(3, 0, 1, 1));
    // A word that no reference has equals no other, not even itself elsewhere.
    EXPECT_EQ(counts("a", "x x"), made(0, 1, 0, 1));
}

TEST(Align, ByHandLattices) {
    EXPECT_EQ(counts("a { b / c d / @ } e", "a e"), made(2, 0, 0, 0));
    EXPECT_EQ(counts("a { b / c d / @ } e", "a c d e"), made(4, 0, 0, 0));
    EXPECT_EQ(counts("a { b / c d / @ } e", "a c e").errors(), 1);
    EXPECT_EQ(counts("a (b) c", "a c"), made(3, 0, 0, 0))
        << "a missing optional word counts as correct, as in sclite -D";
    EXPECT_EQ(counts("a (b) c", "a b c"), made(3, 0, 0, 0));
    EXPECT_EQ(counts("{ { a / b } c / d }", "b c"), made(2, 0, 0, 0));
    EXPECT_EQ(counts("{ a / @ }", "{ b / @ }"), made(0, 0, 0, 0));
    EXPECT_EQ(counts("a @ b", "a b"), made(2, 0, 0, 0));
}

// Words on the sides of the pairs, in order.
TEST(Align, PairsAreAnAlignment) {
    std::mt19937 dice(3);
    for (int round = 0; round < 500; ++round) {
        std::string texts[2];
        for (auto& text : texts)
            for (auto n = dice() % 12; n > 0; --n) text += std::string(1, "abcd"[dice() % 4]) + " ";
        Words words;
        const auto a = speech(texts[0], words, true), b = speech(texts[1], words, false);
        for (const auto mode : {CostMode::sclite, CostMode::levenshtein}) {
            Aligner aligner;
            EditCounts found, told;
            std::vector<AlignedPair> pairs;
            ASSERT_TRUE(aligner.align(a, b, mode, found, &pairs));
            std::uint32_t i = 0, j = 0;
            for (const auto& pair : pairs) {
                if (pair.reference != kNoPiece) ASSERT_EQ(pair.reference, i++);
                if (pair.hypothesis != kNoPiece) ASSERT_EQ(pair.hypothesis, j++);
                const bool both = pair.reference != kNoPiece && pair.hypothesis != kNoPiece;
                const bool same = both && a.pieces[pair.reference].word == b.pieces[pair.hypothesis].word;
                const auto edit = same                         ? Edit::correct
                                  : both                       ? Edit::substituted
                                  : pair.reference == kNoPiece ? Edit::inserted
                                                               : Edit::deleted;
                ASSERT_EQ(pair.edit, edit);
                ++(edit == Edit::correct       ? told.correct
                   : edit == Edit::substituted ? told.substituted
                   : edit == Edit::deleted     ? told.deleted
                                               : told.inserted);
            }
            ASSERT_EQ(i, a.pieces.size());
            ASSERT_EQ(j, b.pieces.size());
            ASSERT_EQ(told, found);
        }
    }
}

// The least cost over all alignments, by recursion.
struct Brute {
    std::string a, b;
    int substitution, gap;
    std::map<std::pair<std::size_t, std::size_t>, int> known;
    int least(std::size_t i, std::size_t j) {
        if (i == a.size()) return static_cast<int>(b.size() - j) * gap;
        if (j == b.size()) return static_cast<int>(a.size() - i) * gap;
        const auto key = std::pair(i, j);
        if (const auto it = known.find(key); it != known.end()) return it->second;
        return known[key] = std::min({least(i + 1, j + 1) + (a[i] == b[j] ? 0 : substitution),
                                      least(i + 1, j) + gap, least(i, j + 1) + gap});
    }
};

std::string spaced(const std::string& letters) {
    std::string out;
    for (const char c : letters) out += std::string(1, c) + " ";
    return out;
}

TEST(Align, LeastCost) {
    std::mt19937 dice(4);
    for (int round = 0; round < 700; ++round) {
        std::string a, b;
        for (auto n = dice() % 9; n > 0; --n) a += "abc"[dice() % 3];
        for (auto n = dice() % 9; n > 0; --n) b += "abc"[dice() % 3];
        const auto four = counts(spaced(a), spaced(b)),
                   one = counts(spaced(a), spaced(b), CostMode::levenshtein);
        Brute brute{a, b, 4, 3, {}}, plain{a, b, 1, 1, {}};
        EXPECT_EQ(four.substituted * 4 + (four.deleted + four.inserted) * 3, brute.least(0, 0))
            << a << " " << b;
        EXPECT_EQ(one.errors(), plain.least(0, 0)) << a << " " << b;
        for (const auto& found : {four, one}) {
            EXPECT_EQ(found.words(), a.size());
            EXPECT_EQ(found.correct + found.substituted + found.inserted, b.size());
        }
    }
}

// All ways through a lattice written without @ and optional words.
std::set<std::string> ways(const Speech& speech, std::size_t& at) {
    std::set<std::string> before{""};
    while (at < speech.pieces.size()) {
        const auto& piece = speech.pieces[at];
        if (piece.kind == PieceKind::next || piece.kind == PieceKind::close) break;
        std::set<std::string> here;
        if (piece.kind == PieceKind::word) {
            here.insert(std::string(speech.text(piece)));
        } else {
            do {
                ++at;
                for (const auto& way : ways(speech, at)) here.insert(way);
            } while (speech.pieces[at].kind == PieceKind::next);
        }
        ++at;
        std::set<std::string> longer;
        for (const auto& a : before)
            for (const auto& b : here) longer.insert(a + b);
        before = longer;
    }
    return before;
}

std::string lattice(std::mt19937& dice, int depth) {
    std::string out;
    for (auto n = 1 + dice() % 4; n > 0; --n) {
        if (depth < 2 && dice() % 4 == 0) {
            out += "{ " + lattice(dice, depth + 1);
            for (auto k = 1 + dice() % 2; k > 0; --k) out += "/ " + lattice(dice, depth + 1);
            out += "} ";
        } else {
            out += std::string(1, "abc"[dice() % 3]) + " ";
        }
    }
    return out;
}

TEST(Align, LatticesTakeTheCheapestWay) {
    std::mt19937 dice(5);
    for (int round = 0; round < 150; ++round) {
        const auto reference = lattice(dice, 0),
                   hypothesis = dice() % 2 ? lattice(dice, 0) : lattice(dice, 2);
        Speech a, b;
        normalise(reference, {}, a);
        normalise(hypothesis, {}, b);
        std::size_t at = 0, other = 0;
        int best = 1 << 20, best_plain = 1 << 20;
        const auto hypotheses = ways(b, other);
        for (const auto& x : ways(a, at))
            for (const auto& y : hypotheses) {
                Brute brute{x, y, 4, 3, {}}, plain{x, y, 1, 1, {}};
                best = std::min(best, brute.least(0, 0));
                best_plain = std::min(best_plain, plain.least(0, 0));
            }
        const auto found = counts(reference, hypothesis);
        EXPECT_EQ(found.substituted * 4 + (found.deleted + found.inserted) * 3, best)
            << reference << " / " << hypothesis;
        EXPECT_EQ(counts(reference, hypothesis, CostMode::levenshtein).errors(), best_plain);
    }
}

// A lattice of one way gives what words give: two programs of ours.
TEST(Align, LatticesAndWordsAgree) {
    std::mt19937 dice(6);
    for (int round = 0; round < 300; ++round) {
        std::string a, b;
        for (auto n = dice() % (round % 20 ? 15 : 400); n > 0; --n)
            a += std::string(1, "abc"[dice() % 3]) + " ";
        for (auto n = dice() % (round % 20 ? 15 : 400); n > 0; --n)
            b += std::string(1, "abc"[dice() % 3]) + " ";
        for (const auto mode : {CostMode::sclite, CostMode::levenshtein}) {
            Words words;
            auto x = speech(a, words, true), y = speech(b, words, false);
            EditCounts plain, drawn;
            std::vector<AlignedPair> pairs, other;
            Aligner aligner;
            ASSERT_TRUE(aligner.align(x, y, mode, plain, &pairs));
            x.plain = false;
            ASSERT_TRUE(aligner.align(x, y, mode, drawn, &other));
            ASSERT_EQ(plain, drawn) << a << " / " << b;
            ASSERT_EQ(pairs.size(), other.size());
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                ASSERT_EQ(pairs[i].reference, other[i].reference);
                ASSERT_EQ(pairs[i].hypothesis, other[i].hypothesis);
            }
        }
    }
}

TEST(Align, FragmentsMatchByLetters) {
    const auto fragments = [](std::string_view reference, std::string_view hypothesis) {
        Words words;
        Speech a, b;
        NormaliseSettings settings;
        settings.fragments = true;
        normalise(reference, settings, a);
        normalise(hypothesis, settings, b);
        number(a, words);
        number_known(b, words);
        EditCounts out;
        Aligner aligner;
        EXPECT_TRUE(aligner.align(a, b, CostMode::sclite, out));
        return out;
    };
    EXPECT_EQ(fragments("fi-", "fish"), made(1, 0, 0, 0));
    EXPECT_EQ(fragments("-icks", "ticks"), made(1, 0, 0, 0));
    EXPECT_EQ(fragments("fish", "fi-"), made(1, 0, 0, 0));
    EXPECT_EQ(fragments("fi-", "tick"), made(0, 1, 0, 0));
    EXPECT_EQ(counts("fi-", "fish"), made(0, 1, 0, 0)) << "only where asked for";
}

TEST(Align, TooMuchWorkIsRefused) {
    Words words;
    Speech a;
    for (int i = 0; i < 40000; ++i) a.word("w");
    number(a, words);
    Speech b = a;
    Aligner aligner;
    EditCounts out{1, 1, 1, 1};
    EXPECT_FALSE(aligner.align(a, b, CostMode::sclite, out));
    EXPECT_EQ(out, EditCounts{});
    // Alternatives multiply the ways: bounded too.
    std::string text = "{ a";
    for (int i = 0; i < 3000; ++i) text += " / a";
    text += " } ";
    const auto wide = speech(text + text + text, words, true);
    EXPECT_FALSE(aligner.align(wide, wide, CostMode::sclite, out));
    // Many alternatives beside few words: within the bound, and done.
    std::string many = "{ a";
    for (int i = 0; i < 5000; ++i) many += " / a";
    many += " } ";
    EXPECT_TRUE(
        aligner.align(speech(many + many, words, true), speech("a a", words, true), CostMode::sclite, out));
    EXPECT_EQ(out, made(2, 0, 0, 0));
    Speech deep = speech("a", words, true);
    deep.too_deep = true;
    EXPECT_FALSE(aligner.align(deep, deep, CostMode::sclite, out));
}

TEST(Align, DistanceByBruteForce) {
    std::mt19937 dice(8);
    for (int round = 0; round < 2000; ++round) {
        const auto most = round % 40 ? 12u : round % 80 ? 300u : 1400u;
        std::vector<std::uint32_t> a(dice() % most), b(dice() % most);
        const auto letters = 1 + dice() % 5;
        const auto step = round % 3 == 0 ? 100000u : 61u;  // beyond and below U+0100
        for (auto& letter : a) letter = static_cast<std::uint32_t>(dice() % letters) * step;
        for (auto& letter : b) letter = static_cast<std::uint32_t>(dice() % letters) * step;
        std::vector<std::uint64_t> row(b.size() + 1);
        for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= a.size(); ++i) {
            auto diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= b.size(); ++j) {
                const auto up = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
                diagonal = up;
            }
        }
        ASSERT_EQ(distance(a, b), row[b.size()]);
        ASSERT_EQ(distance(b, a), row[b.size()]);
    }
}

TEST(Align, WordsAreNumberedInOrder) {
    Words words;
    for (int round = 0; round < 2; ++round)
        for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(words.add("w" + std::to_string(i)), i);
    EXPECT_EQ(words.find("w4999"), 4999u);
    EXPECT_EQ(words.find("other"), kNoWord);
    EXPECT_EQ(words[17], "w17");
    EXPECT_EQ(words.add(""), 5000u);
    EXPECT_EQ(words[5000], "");
    EXPECT_EQ(words[4999], "w4999");
}

}  // namespace
}  // namespace contrechamp::disparity
