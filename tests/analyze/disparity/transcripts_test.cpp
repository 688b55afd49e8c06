// Error rates by person and group: sums, pairing, what is missing, and the same whatever the number of
// threads.
#include "analyze/disparity/transcripts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/files.h"

namespace contrechamp::disparity {
namespace {

TranscriptFile file(std::string_view bytes, const std::map<std::string, std::string>& columns = {}) {
    const auto layout = guess_transcript_layout(bytes, columns, std::nullopt, "test");
    EXPECT_TRUE(layout);
    auto out = TranscriptFile::read(bytes, *layout, "test");
    EXPECT_TRUE(out);
    return std::move(*out);
}

TranscriptSettings settings(std::uint32_t groups = 2) {
    TranscriptSettings out;
    out.profiles = {Profile::raw};
    out.costs = {CostMode::sclite};
    out.groups = groups;
    return out;
}

// Persons a…: group 0, n…: group 1; z: no group.
Speaker by_letter(std::string_view speaker, std::string_view) {
    return {"", speaker.starts_with('z') ? kNoGroup : speaker.starts_with('a') ? 0u : 1u};
}

EditCounts made(std::uint64_t c, std::uint64_t s, std::uint64_t d, std::uint64_t i) { return {c, s, d, i}; }

TEST(Scores, ByHand) {
    const auto reference =
        file("the cat sat (anna-1)\nthe dog (nora-1)\nthe cat (anna-2)\nmissing here (zoe-1)\n(nora-2)\n");
    const auto hypothesis =
        file("the cat sat down (anna-1)\na dog (NORA-1)\nthe (anna-2)\nwhat (extra-1)\noh (nora-2)\n");
    const auto result = score_transcripts(reference, {{"s", &hypothesis}}, by_letter, settings());
    ASSERT_TRUE(result);
    ASSERT_EQ(result->scores.size(), 1u);
    const auto& score = result->scores[0];
    EXPECT_EQ(score.total.words, made(5, 1, 3, 2));
    EXPECT_EQ(score.total.utterances, 5u);
    EXPECT_EQ(score.total.missing, 1u);
    EXPECT_EQ(score.total.empty, 1u);
    EXPECT_EQ(result->pairing[0].missing, (std::vector<std::size_t>{3}));
    EXPECT_EQ(result->pairing[0].extra, (std::vector<std::size_t>{3}));
    ASSERT_EQ(score.people.size(), 3u);
    EXPECT_EQ(score.people[0].person, "anna");
    EXPECT_EQ(score.people[0].tally.words, made(4, 0, 1, 1));
    EXPECT_EQ(score.people[1].person, "nora");
    EXPECT_EQ(score.people[1].tally.words, made(1, 1, 0, 1));
    EXPECT_EQ(score.people[2].group, kNoGroup);
    EXPECT_EQ(score.people[2].tally.words, made(0, 0, 2, 0));
    // "the cat sat" / "the cat sat down": 5 letters more; "the cat" / "the": 4 less
    EXPECT_EQ(score.people[0].tally.characters, 11u + 7u);
    EXPECT_EQ(score.people[0].tally.character_errors, 5u + 4u);
    ASSERT_EQ(score.lost.size(), 2u);
    ASSERT_EQ(score.lost[0].size(), 1u);
    EXPECT_EQ(score.lost[0][0].word, "cat");
    EXPECT_EQ(score.lost[0][0].said, 2u);
    EXPECT_EQ(score.lost[0][0].deleted, 1u);
    ASSERT_EQ(score.lost[1].size(), 1u);
    EXPECT_EQ(score.lost[1][0].word, "the");
    EXPECT_EQ(score.lost[1][0].substituted, 1u);
    EXPECT_EQ(score.lost[1][0].word_class, WordClass::function);
    ASSERT_EQ(score.classes.size(), 3u);
    const auto& function = score.classes[0][static_cast<std::size_t>(WordClass::function)];
    EXPECT_EQ(function.said, 2u);
    const auto& other = score.classes[0][static_cast<std::size_t>(WordClass::other)];
    EXPECT_EQ(other, (ClassTally{3, 0, 1}));
}

TEST(Scores, MissingMayBeLeftOut) {
    const auto reference = file("a b (x-1)\nc (x-2)\n"), hypothesis = file("a b (x-1)\n");
    auto left_out = settings();
    left_out.skip_missing = true;
    const auto result = score_transcripts(reference, {{"s", &hypothesis}}, by_letter, left_out);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->scores[0].total.words, made(2, 0, 0, 0));
    EXPECT_EQ(result->scores[0].total.utterances, 1u);
    EXPECT_EQ(result->pairing[0].missing.size(), 1u);
}

TEST(Scores, PersonsOfTheTable) {
    const auto reference = file("a (u-1)\nb (u-2)\nc (u-3)\n"),
               hypothesis = file("a (u-1)\nx (u-2)\nc (u-3)\n");
    const auto table = [](std::string_view speaker, std::string_view utterance) -> Speaker {
        EXPECT_EQ(speaker, "u");
        return {utterance == "u-2" ? "Bo" : "Al", utterance == "u-3" ? 1u : 0u};
    };
    const auto result = score_transcripts(reference, {{"s", &hypothesis}}, table, settings());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->torn, (std::vector<std::string>{"Al"})) << "one person, two groups";
    ASSERT_EQ(result->scores[0].people.size(), 2u);
    EXPECT_EQ(result->scores[0].people[1].person, "Bo");
    EXPECT_EQ(result->scores[0].people[1].tally.words, made(0, 1, 0, 0));
    const auto beyond = [](std::string_view, std::string_view) { return Speaker{"", 9}; };
    EXPECT_FALSE(score_transcripts(reference, {{"s", &hypothesis}}, beyond, settings()));
}

TEST(Scores, NothingToCompare) {
    const auto reference = file("a (u-1)\n"), empty = file("id,text\n");
    EXPECT_FALSE(score_transcripts(reference, {}, by_letter, settings()));
    EXPECT_FALSE(score_transcripts(empty, {{"s", &reference}}, by_letter, settings()));
    auto none = settings();
    none.profiles.clear();
    EXPECT_FALSE(score_transcripts(reference, {{"s", &reference}}, by_letter, none));
}

TEST(Scores, NormalisationCanTurnTheOrder) {
    const auto reference = file("I don't have twenty one dollars (a-1)\n");
    const auto one = file("i do not have 21 dollars (a-1)\n"),
               two = file("I don't have twenty two dollars (a-1)\n");
    auto all = settings();
    all.profiles = {Profile::raw, Profile::whisper};
    const auto result = score_transcripts(reference, {{"one", &one}, {"two", &two}}, by_letter, all);
    ASSERT_TRUE(result);
    ASSERT_EQ(result->scores.size(), 4u);
    EXPECT_GT(result->scores[0].total.words.errors(), result->scores[1].total.words.errors());
    EXPECT_EQ(result->scores[2].total.words.errors(), 0u);
    EXPECT_EQ(result->scores[3].total.words.errors(), 1u);
}

std::string made_up(std::mt19937& dice, int utterances, bool marks) {
    std::string out;
    for (int u = 0; u < utterances; ++u) {
        for (auto n = dice() % 15; n > 0; --n) {
            const std::string word = "w" + std::to_string(dice() % 12);
            out += marks && dice() % 8 == 0   ? "{ " + word + " / @ } "
                   : marks && dice() % 9 == 0 ? "(" + word + ") "
                                              : word + " ";
        }
        out += "(" + std::string(1, "anz"[u % 3]) + std::to_string(u % 11) + "-" + std::to_string(u) + ")\n";
    }
    return out;
}

// Everything that is told, as text.
std::string told(const TranscriptFile& reference, const std::vector<TranscriptSystem>& systems,
                 TranscriptSettings settings) {
    std::string out;
    const auto line = [&](const TranscriptTally& t) {
        for (const auto n : {t.words.correct, t.words.substituted, t.words.deleted, t.words.inserted,
                             t.characters, t.character_errors, t.utterances, t.missing, t.empty})
            out += std::to_string(n) + " ";
        out += "\n";
    };
    const auto result =
        score_transcripts(reference, systems, by_letter, settings, [&](const ScoredUtterance& u) {
            out += std::string(to_string(u.profile)) + " " + std::string(to_string(u.cost)) + " " +
                   std::to_string(u.system) + " " + std::string(u.id) + " " + std::string(u.person) + " " +
                   std::to_string(u.counts.errors()) + " " + std::to_string(u.pairs.size()) + " " +
                   std::to_string(u.reference_offset) + " " + std::to_string(u.hypothesis_offset) + "\n";
        });
    EXPECT_TRUE(result);
    for (const auto& score : result->scores) {
        line(score.total);
        for (const auto& person : score.people) out += person.person + " ", line(person.tally);
        for (const auto& group : score.lost)
            for (const auto& word : group)
                out += word.word + " " + std::to_string(word.said) + " " + std::to_string(word.lost()) + "\n";
    }
    return out;
}

TEST(Scores, ThreadsChangeNothing) {
    std::mt19937 dice(11);
    const auto a = made_up(dice, 2500, true), b = made_up(dice, 2400, false), c = made_up(dice, 2600, false);
    const auto reference = file(a), one = file(b), two = file(c);
    auto all = settings();
    all.profiles = {Profile::raw, Profile::koenecke};
    all.costs = {CostMode::sclite, CostMode::levenshtein};
    const auto alone = told(reference, {{"1", &one}, {"2", &two}}, all);
    for (const unsigned threads : {2u, 5u}) {
        all.threads = threads;
        EXPECT_EQ(told(reference, {{"1", &one}, {"2", &two}}, all), alone) << threads;
    }
}

// Sums of persons are the total, sums of what the callback is told too, and each word of the reference is in
// one class.
TEST(Scores, SumsAgree) {
    std::mt19937 dice(12);
    const auto a = made_up(dice, 900, true), b = made_up(dice, 800, false);
    const auto reference = file(a), one = file(b);
    EditCounts heard;
    std::uint64_t last = 0;
    const auto result =
        score_transcripts(reference, {{"1", &one}}, by_letter, settings(), [&](const ScoredUtterance& u) {
            heard += u.counts;
            EXPECT_GE(u.reference, last);
            last = u.reference;
            EXPECT_LE(u.reference_offset + u.reference_length, a.size());
            EXPECT_LE(u.hypothesis_offset + u.hypothesis_length, b.size());
        });
    ASSERT_TRUE(result);
    const auto& score = result->scores[0];
    EXPECT_EQ(heard, score.total.words);
    TranscriptTally people;
    for (const auto& person : score.people) people += person.tally;
    EXPECT_EQ(people, score.total);
    ClassTally classes;
    for (const auto& group : score.classes)
        for (const auto& one_class : group)
            classes.said += one_class.said, classes.substituted += one_class.substituted,
                classes.deleted += one_class.deleted;
    EXPECT_EQ(classes.substituted, score.total.words.substituted);
    EXPECT_EQ(classes.deleted, score.total.words.deleted);
    EXPECT_LE(classes.said, score.total.words.words());
}

TEST(Scores, TooLongAndTooDeepAreNamed) {
    std::string long_words;
    for (int i = 0; i < 40000; ++i) long_words += "w ";
    const auto bytes = "a (x-1)\n" + long_words + "(x-2)\n";
    const auto other_bytes = "a (x-1)\n" + long_words + "v (x-2)\n";
    const auto reference = file(bytes), other = file(other_bytes);
    const auto result = score_transcripts(reference, {{"1", &other}}, by_letter, settings());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->scores[0].not_aligned, (std::vector<std::size_t>{1}));
    EXPECT_EQ(result->scores[0].total.words, made(1, 0, 0, 0));
}

TEST(Scores, WordClasses) {
    const auto en = SpeechLanguage::english, fr = SpeechLanguage::french;
    EXPECT_EQ(class_of("21st", false, en), WordClass::number);
    EXPECT_EQ(class_of("twenty-two", false, en), WordClass::number);
    EXPECT_EQ(class_of("soixante-dix-sept", false, fr), WordClass::number);
    EXPECT_EQ(class_of("vingt-et-un", true, fr), WordClass::number);
    EXPECT_EQ(class_of("twenty-fold", false, en), WordClass::other);
    EXPECT_EQ(class_of("may", true, en), WordClass::proper);
    EXPECT_EQ(class_of("may", false, en), WordClass::function);
    EXPECT_EQ(class_of("dans", false, fr), WordClass::function);
    EXPECT_EQ(class_of("dans", false, en), WordClass::other);
    EXPECT_EQ(class_of("", false, en), WordClass::other);
}

// NIST's figures for its own files (base/test1.raw; tests.ref: sclite -F -D).
TEST(Scores, NistFiles) {
    const fs::path folder = fs::path(SHARED_DATA) / "disparity/sctk_golden";
    if (!fs::exists(folder)) GTEST_SKIP() << "no shared data";
    const auto total = [&](const std::string& name, bool fragments, const char* rule) {
        const auto a = MappedFile::open(folder / (name + ".ref")),
                   b = MappedFile::open(folder / (name + ".hyp"));
        EXPECT_TRUE(a && b);
        const auto reference = file(a->bytes(), {{"speakers", rule}}), hypothesis = file(b->bytes());
        auto asked = settings();
        asked.fragments = fragments;
        auto result = score_transcripts(reference, {{"nist", &hypothesis}}, by_letter, asked);
        EXPECT_TRUE(result);
        return std::move(result->scores[0]);
    };
    const auto csr = total("csrnab", false, "wsj");
    EXPECT_EQ(csr.total.utterances, 51u);
    EXPECT_EQ(csr.total.words, made(1263, 131, 12, 26));
    ASSERT_EQ(csr.people.size(), 3u);
    EXPECT_EQ(csr.people[0].tally.words.words(), 458u);
    EXPECT_EQ(csr.people[1].tally.words.words(), 544u);
    EXPECT_EQ(csr.people[2].tally.words.words(), 404u);
    const auto tests = total("tests", true, "spu_id");
    EXPECT_EQ(tests.total.utterances, 58u);
    EXPECT_EQ(tests.total.words, made(178, 75, 13, 33));
}

}  // namespace
}  // namespace contrechamp::disparity
