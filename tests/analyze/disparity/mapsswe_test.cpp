#include "analyze/disparity/mapsswe.h"

#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

struct System {
    std::vector<Mark> marks;
    std::vector<std::uint32_t> insertions{0};
    SystemMarks view() const { return {marks, insertions}; }
};

void say(System& system, char what) {
    if (what == 'I') {
        ++system.insertions.back();
        return;
    }
    system.marks.push_back(what == 'C' ? Mark::correct : what == 'S' ? Mark::substituted : Mark::deleted);
    system.insertions.push_back(0);
}

System system_of(const std::string& said) {
    System out;
    for (const char what : said) say(out, what);
    return out;
}

Mapsswe compared(const std::string& first, const std::string& second, unsigned good = 2) {
    MatchedPairs pairs(good);
    EXPECT_TRUE(pairs.add(system_of(first).view(), system_of(second).view()));
    return pairs.result();
}

// The utterances of an sclite SGML file, each a line after its <PATH …>: letters of each word, "C,…:D,…:I,…",
// maybe none.
std::vector<std::string> sgml(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("<PATH ")) continue;
        std::getline(file, line);
        std::string said;
        std::istringstream words(line);
        for (std::string word; std::getline(words, word, ':');) said += word[0];
        out.push_back(said);
    }
    return out;
}

// Another way to the same: one letter a word (c: both right) and one for insertions, cut where enough c
// follow each other.
struct Segments {
    double words = 0, first = 0, second = 0;
    std::vector<double> differences;
};
void cut(Segments& out, const System& first, const System& second, std::size_t good) {
    struct Piece {
        double words = 0, first = 0, second = 0;
    };
    std::vector<std::pair<char, Piece>> tokens;
    for (std::size_t i = 0; i <= first.marks.size(); ++i) {
        const double in_first = first.insertions[i], in_second = second.insertions[i];
        if (in_first + in_second > 0) tokens.push_back({'e', {0, in_first, in_second}});
        if (i == first.marks.size()) break;
        const double wrong = first.marks[i] != Mark::correct, other = second.marks[i] != Mark::correct;
        tokens.push_back({wrong + other > 0 ? 'e' : 'c', {1, wrong, other}});
    }
    std::string letters;
    for (const auto& token : tokens) letters += token.first;
    const std::regex run("c{" + std::to_string(good) + ",}");
    std::size_t from = 0;
    double before = 0;
    const auto piece = [&](std::size_t to, double after) {
        if (letters.substr(from, to - from).find('e') == std::string::npos) return;
        Piece sum{before + after, 0, 0};
        for (auto i = from; i < to; ++i) {
            sum.words += tokens[i].second.words;
            sum.first += tokens[i].second.first;
            sum.second += tokens[i].second.second;
        }
        out.words += sum.words;
        out.first += sum.first;
        out.second += sum.second;
        out.differences.push_back(sum.first - sum.second);
    };
    for (std::sregex_iterator at(letters.begin(), letters.end(), run), end; at != end; ++at) {
        piece(static_cast<std::size_t>(at->position()), double(good));
        from = static_cast<std::size_t>(at->position() + at->length());
        before = double(good);
    }
    piece(letters.size(), 0);
}

}  // namespace

TEST(Mapsswe, nists_golden_files) {
    const std::string folder = SHARED_DATA "/disparity/sctk_golden/";
    const auto mono = sgml(folder + "file1.sgml"), word = sgml(folder + "file2.sgml");
    if (mono.empty()) GTEST_SKIP() << "shared data are not here";
    ASSERT_EQ(mono.size(), 2);
    ASSERT_EQ(word.size(), 2);
    MatchedPairs pairs, turned;
    for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(pairs.add(system_of(mono[i]).view(), system_of(word[i]).view()));
        ASSERT_TRUE(turned.add(system_of(word[i]).view(), system_of(mono[i]).view()));
    }
    // base_sc_stats/test1a.stats.mapsswe: 3 segments, 1.500 a sentence, 13 words, 9 and 7 errors,
    // mean 0.667, std dev 0.577, Z 2.000, different.
    const auto got = pairs.result();
    EXPECT_EQ(got.utterances, 2);
    EXPECT_EQ(got.segments, 3);
    EXPECT_EQ(got.words, 13);
    EXPECT_EQ(got.errors_first, 9);
    EXPECT_EQ(got.errors_second, 7);
    EXPECT_NEAR(got.mean, 2.0 / 3, 1e-12);
    EXPECT_NEAR(std::sqrt(got.variance), 0.577, 5e-4);
    EXPECT_NEAR(got.z, 2, 1e-12);
    EXPECT_NEAR(got.p, 0.0455, 5e-5);
    EXPECT_TRUE(got.different);
    EXPECT_EQ(got.refused, "few-segments");
    EXPECT_NEAR(turned.result().z, -2, 1e-12);
    EXPECT_NEAR(turned.result().mean, -2.0 / 3, 1e-12);
}

TEST(Mapsswe, two_right_words_part_segments_one_does_not) {
    EXPECT_EQ(compared("CCSCCDCC", "CCCCCCCC").segments, 2);
    EXPECT_EQ(compared("CCSCDCC", "CCCCCCC").segments, 1);
    EXPECT_EQ(compared("CCSCCDCC", "CCCCCCCC", 3).segments, 1);
    EXPECT_EQ(compared("CSCSC", "CCCCC", 1).segments, 2);
    // A word inserted between them is an error too.
    EXPECT_EQ(compared("CCSCICSCC", "CCCCCCCC").segments, 1);
    // Neighbours share the words between them.
    EXPECT_EQ(compared("SCCS", "CCCC").words, 6);
    EXPECT_EQ(compared("CCCCSCCCC", "CCCCCCCCC").words, 5);
}

TEST(Mapsswe, ends_of_utterances_part_segments) {
    EXPECT_EQ(compared("S", "S").segments, 1);
    EXPECT_EQ(compared("SC", "CC").segments, 1);
    EXPECT_EQ(compared("CCI", "CC").segments, 1);
    EXPECT_EQ(compared("CC", "CCI").segments, 1);
    EXPECT_EQ(compared("II", "").errors_first, 2);
    EXPECT_EQ(compared("", "I").errors_second, 1);
}

TEST(Mapsswe, nothing_wrong_nothing_said) {
    const auto got = compared("CCCC", "CCCC");
    EXPECT_EQ(got.refused, "no-events");
    EXPECT_TRUE(std::isnan(got.z) && std::isnan(got.p));
    EXPECT_FALSE(got.different);
    // As NIST: no two segments differ, so Z is 0, however much worse the first is.
    const auto same = compared("SCCS", "CCCC");
    EXPECT_EQ(same.z, 0);
    EXPECT_EQ(same.p, 1);
}

TEST(Mapsswe, other_references_are_an_error) {
    MatchedPairs pairs;
    EXPECT_FALSE(pairs.add(system_of("CC").view(), system_of("C").view()));
    auto system = system_of("CC");
    system.insertions.pop_back();
    EXPECT_FALSE(pairs.add(system.view(), system.view()));
    system.insertions.clear();  // none anywhere
    EXPECT_TRUE(pairs.add(system.view(), system_of("CI"
                                                   "C")
                                             .view()));
    EXPECT_EQ(pairs.result().utterances, 1);
}

TEST(Mapsswe, as_cut_by_regular_expressions) {
    Random random(1);
    for (unsigned good = 1; good <= 4; ++good) {
        MatchedPairs pairs(good);
        Segments expected;
        for (int utterance = 0; utterance < 400; ++utterance) {
            System one, other;
            const auto words = random.below(25), wrong = 1 + random.below(6);
            for (std::uint32_t word = 0; word <= words; ++word)
                for (auto* system : {&one, &other}) {
                    while (random.below(3 * wrong) == 0) say(*system, 'I');
                    if (word < words) say(*system, random.below(wrong) ? 'C' : random.below(2) ? 'S' : 'D');
                }
            ASSERT_TRUE(pairs.add(one.view(), other.view()));
            cut(expected, one, other, good);
        }
        const auto got = pairs.result();
        ASSERT_EQ(got.segments, expected.differences.size());
        EXPECT_EQ(got.words, expected.words);
        EXPECT_EQ(got.errors_first, expected.first);
        EXPECT_EQ(got.errors_second, expected.second);
        double squares = 0;
        for (const double d : expected.differences) squares += (d - got.mean) * (d - got.mean);
        EXPECT_NEAR(got.variance, squares / double(got.segments - 1), 1e-9);
        EXPECT_EQ(got.refused, "");
    }
}

}  // namespace contrechamp::disparity
