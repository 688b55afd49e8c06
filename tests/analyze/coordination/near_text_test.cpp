// Near-same texts against brute force: sets of words compared one with another, without hashes.
#include "analyze/coordination/near_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <utility>

namespace contrechamp::coordination {
namespace {

using Random = std::mt19937_64;

std::string joined(const std::vector<std::string>& words, bool spaces) {
    std::string text;
    for (const auto& word : words) text += (text.empty() || !spaces ? "" : " ") + word;
    return text;
}

// Scripts with spaces and without, and emoji, which stand as words only between letters.
struct Script {
    const char* name;
    std::vector<std::string> letters;
    bool spaces;
};
const std::vector<Script>& scripts() {
    static const std::vector<Script> all = {
        {"Latin", {"a", "b", "c", "é", "ß", "E", "o", "t", "n"}, true},
        {"Cyrillic", {"а", "Б", "в", "ё", "ж", "И", "к"}, true},
        {"Arabic", {"ا", "ب", "ت", "ع", "م", "ن", "\xd9\x8b"}, true},
        {"Chinese",
         {"你", "好", "世", "界", "人", "们", "工", "作", "很", "开",
          "心", "在", "这", "里", "我", "是", "的", "一", "有", "了"},
         false},
        {"Thai", {"ก", "ข", "ค", "ง", "จ", "ที่", "นี้", "อ", "เ", "แ", "มั", "ร", "ล", "ว", "ส"}, false},
        {"Emoji", {"a❤", "b😀", "c👍🏽", "d🎉", "e", "f"}, true},
    };
    return all;
}

std::string random_word(const Script& script, Random& random) {
    std::string word;
    const std::size_t letters = script.spaces ? 2 + random() % 5 : 1;
    for (std::size_t i = 0; i < letters; ++i) word += script.letters[random() % script.letters.size()];
    return script.spaces ? "x" + word + "x" : word;
}

std::vector<std::string> random_words(const Script& script, Random& random) {
    std::vector<std::string> words(8 + random() % 30);
    for (auto& word : words) word = random_word(script, random);
    return words;
}

void edit(std::vector<std::string>& words, const Script& script, Random& random) {
    for (auto edits = random() % 4; edits > 0 && words.size() > 3; --edits) {
        const auto at = static_cast<std::ptrdiff_t>(random() % words.size());
        switch (random() % 3) {
            case 0: words.erase(words.begin() + at); break;
            case 1: words.insert(words.begin() + at, random_word(script, random)); break;
            default: words[static_cast<std::size_t>(at)] = random_word(script, random);
        }
    }
}

std::string normal(std::string_view text) {
    std::string out;
    normalise_text(text, out);
    return out;
}

// Some texts by themselves, some edited from others; all normalised.
std::vector<std::string> corpus(std::size_t size, Random& random) {
    std::vector<std::vector<std::string>> words;
    std::vector<const Script*> of;
    std::vector<std::string> texts;
    while (texts.size() < size) {
        if (!words.empty() && random() % 2) {
            const auto from = random() % words.size();
            auto copy = words[from];
            const auto* script = of[from];
            edit(copy, *script, random);
            words.push_back(copy), of.push_back(script);
        } else {
            of.push_back(&scripts()[random() % scripts().size()]);
            words.push_back(random_words(*of.back(), random));
        }
        texts.push_back(normal(joined(words.back(), of.back()->spaces)));
    }
    return texts;
}

using Shingles = std::set<std::string>;
Shingles shingle_words(const std::string& normalised) {
    std::vector<std::string_view> words;
    words_of(normalised, words);
    Shingles set;
    if (words.size() < kFewestWords) return set;
    for (std::size_t i = 0; i + kShingle <= words.size(); ++i) {
        std::string shingle;
        for (std::size_t k = 0; k < kShingle; ++k) shingle += std::string(words[i + k]) + '|';
        set.insert(shingle);
    }
    return set;
}

double slow_similarity(const Shingles& x, const Shingles& y) {
    if (x.empty() || y.empty()) return 0;
    std::size_t both = 0;
    for (const auto& shingle : x) both += y.count(shingle);
    return static_cast<double>(both) / static_cast<double>(x.size() + y.size() - both);
}
double slow_similarity(const std::string& a, const std::string& b) {
    return slow_similarity(shingle_words(a), shingle_words(b));
}

std::vector<std::uint64_t> shingles(std::string_view text) {
    std::vector<std::uint64_t> out = {1, 2, 3};
    shingles_of(text, out);
    return out;
}

std::vector<BandKeys> keys_of(const std::vector<std::string>& texts) {
    std::vector<BandKeys> keys;
    for (const auto& text : texts) keys.push_back(band_keys(shingles(text)));
    return keys;
}

NearGroups groups_of(const std::vector<std::string>& texts, unsigned threads = 1) {
    return group_near_texts(
        keys_of(texts), [&](std::uint32_t i) { return std::string_view(texts[i]); }, threads);
}

TEST(Shingles, AreTheSetsOfWords) {
    EXPECT_TRUE(shingles("").empty());
    EXPECT_TRUE(shingles("one two three four five").empty());
    EXPECT_EQ(shingles("one two three four five six").size(), 5);
    EXPECT_EQ(shingles("ha ha ha ha ha ha ha").size(), 1);
    EXPECT_EQ(shingles("你好世界人们").size(), 5);
    EXPECT_NE(shingles("a b c a b c"), shingles("c b a c b a"));
    // A word is told from its parts and its neighbours, long or short.
    EXPECT_EQ(jaccard(shingles("ab c d e f g"), shingles("a bc d e f g")), 3.0 / 7);
    const std::string longer(40, 'q');
    EXPECT_NE(shingles(longer + " b c d e f"), shingles(longer + "q b c d e f"));
    Random random(1);
    for (int i = 0; i < 300; ++i) {
        const auto texts = corpus(6, random);
        for (const auto& text : texts) {
            const auto set = shingles(text);
            ASSERT_EQ(set.size(), shingle_words(text).size());
            ASSERT_TRUE(std::is_sorted(set.begin(), set.end()));
            // The same words where they stand at the end of the memory, and where they do not.
            ASSERT_EQ(shingles((text + " and more of it").substr(0, text.size())), set);
        }
    }
}

TEST(Shingles, ManyAreSortedToo) {
    for (const std::size_t words : {250, 257, 258, 259, 5000}) {
        std::string text;
        for (std::size_t i = 0; i < words; ++i) text += "w" + std::to_string(i * 7919 % 100003) + "x ";
        const auto set = shingles(text);
        EXPECT_EQ(set.size(), words - 1);
        EXPECT_TRUE(std::is_sorted(set.begin(), set.end()));
    }
}

TEST(Jaccard, IsWhatItSays) {
    using Set = std::vector<std::uint64_t>;
    EXPECT_EQ(jaccard(Set{}, Set{}), 0);
    EXPECT_EQ(jaccard(Set{1}, Set{}), 0);
    EXPECT_EQ(jaccard(Set{1, 2, 3}, Set{1, 2, 3}), 1);
    EXPECT_EQ(jaccard(Set{1, 2, 3}, Set{3, 4}), 0.25);
    EXPECT_EQ(jaccard(Set{1, 2}, Set{3, 4}), 0);
    Random random(2);
    for (int i = 0; i < 200; ++i) {
        const auto texts = corpus(4, random);
        for (const auto& a : texts)
            for (const auto& b : texts)
                ASSERT_DOUBLE_EQ(jaccard(shingles(a), shingles(b)), slow_similarity(a, b));
    }
}

TEST(Near, IsTheThreshold) {
    Random random(3);
    int found = 0;
    for (int i = 0; i < 200; ++i) {
        const auto texts = corpus(5, random);
        for (const auto& a : texts) {
            for (const auto& b : texts) {
                ASSERT_EQ(near(a, b), slow_similarity(a, b) >= kNearThreshold);
                found += &a != &b && near(a, b);
            }
        }
    }
    EXPECT_GT(found, 100);
    EXPECT_FALSE(near("good morning", "good morning"));  // agree by chance
    EXPECT_FALSE(near("", ""));
}

TEST(BandKeys, OfNothingAndOfOne) {
    EXPECT_EQ(band_keys({}), BandKeys{});
    const auto one = band_keys(std::vector<std::uint64_t>{42});
    for (const auto key : one) EXPECT_NE(key, 0);
    EXPECT_EQ(one, band_keys(std::vector<std::uint64_t>{42}));
}

// A band of three rows agrees with probability J^3: measured over random sets of several sizes.
TEST(BandKeys, AgreeAsOftenAsTheory) {
    Random random(4);
    for (const std::size_t size : {12, 60, 400}) {
        for (const double similarity : {0.5, 0.8}) {
            std::size_t agree = 0, bands = 0;
            for (int round = 0; round < 1500; ++round) {
                std::vector<std::uint64_t> a, b;
                const auto shared = static_cast<std::size_t>(similarity * static_cast<double>(size));
                for (std::size_t i = 0; i < size; ++i) {
                    const auto value = random();
                    if (i < shared || i % 2) a.push_back(value);
                    if (i < shared || !(i % 2)) b.push_back(value);
                }
                std::sort(a.begin(), a.end());
                std::sort(b.begin(), b.end());
                const auto x = band_keys(a), y = band_keys(b);
                for (std::size_t band = 0; band < kBands; ++band) agree += x[band] == y[band];
                bands += kBands;
            }
            const double exact =
                std::floor(similarity * static_cast<double>(size)) / static_cast<double>(size);
            const double rate = static_cast<double>(agree) / static_cast<double>(bands);
            EXPECT_NEAR(rate, std::pow(exact, kRows), 0.035) << size << ' ' << similarity;
        }
    }
}

// Members of a group are joined by a chain of near pairs, by the numbers of brute force; and of near pairs
// at most as many are missed as 16 bands of 3 rows let through.
TEST(NearGroups, AgainstBruteForce) {
    std::size_t pairs_60 = 0, found_60 = 0, pairs_70 = 0, found_70 = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        Random random(100 + seed);
        const auto texts = corpus(60, random);
        const auto result = groups_of(texts);
        std::vector<Shingles> sets;
        for (const auto& text : texts) sets.push_back(shingle_words(text));
        // Components of the graph of truly near pairs, kept within the groups: each must be whole.
        std::vector<std::size_t> component(texts.size());
        std::iota(component.begin(), component.end(), 0);
        for (std::size_t j = 0; j < texts.size(); ++j) {
            ASSERT_LE(result.group[j], j);
            ASSERT_EQ(result.group[result.group[j]], result.group[j]);
            for (std::size_t i = 0; i < j; ++i) {
                const auto similarity = slow_similarity(sets[i], sets[j]);
                const bool together = result.group[i] == result.group[j];
                if (similarity >= 0.6) ++pairs_60, found_60 += together;
                if (similarity >= 0.7) ++pairs_70, found_70 += together;
                if (similarity < kNearThreshold || !together) continue;
                const auto from = component[j], to = component[i];
                std::replace(component.begin(), component.end(), from, to);
            }
        }
        for (std::size_t j = 0; j < texts.size(); ++j)
            ASSERT_EQ(component[j], component[result.group[j]]) << "no chain of near pairs: " << texts[j];
    }
    RecordProperty("recall_60", std::to_string(double(found_60) / double(pairs_60)));
    RecordProperty("recall_70", std::to_string(double(found_70) / double(pairs_70)));
    EXPECT_GT(pairs_70, 500);
    EXPECT_GE(double(found_70), 0.97 * double(pairs_70)) << found_70 << " of " << pairs_70;
    EXPECT_GE(double(found_60), 0.93 * double(pairs_60)) << found_60 << " of " << pairs_60;
}

// Pairs by themselves, so that no chain helps: the banding alone.
TEST(NearGroups, RecallOfLonePairs) {
    std::size_t pairs = 0, found = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        Random random(5000 + seed);
        const auto& script = scripts()[seed % scripts().size()];
        auto words = random_words(script, random);
        std::vector<std::string> texts = {normal(joined(words, script.spaces))};
        edit(words, script, random);
        texts.push_back(normal(joined(words, script.spaces)));
        const auto similarity = slow_similarity(texts[0], texts[1]);
        if (similarity < 0.7 || similarity == 1) continue;
        ++pairs;
        found += groups_of(texts).group[1] == 0;
    }
    RecordProperty("recall", std::to_string(double(found) / double(pairs)));
    EXPECT_GT(pairs, 500);
    EXPECT_GE(double(found), 0.97 * double(pairs)) << found << " of " << pairs;
}

bool same(const NearGroups& a, const NearGroups& b) {
    return a.group == b.group && a.candidates == b.candidates && a.verified == b.verified &&
           a.crowded == b.crowded;
}

TEST(NearGroups, AnyNumberOfThreads) {
    Random random(7);
    // Enough that threads are used at all, and few enough different ones to crowd some buckets.
    const auto some = corpus(500, random);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 20000; ++i)
        texts.push_back(i % 40 ? some[random() % some.size()] + " t" + std::to_string(random() % 300)
                               : some[0]);
    const auto one = groups_of(texts, 1);
    EXPECT_GT(one.verified, 1000);
    EXPECT_GT(one.crowded, 0);
    for (const unsigned threads : {2, 3, 7, 1000})
        EXPECT_TRUE(same(one, groups_of(texts, threads))) << threads;
    EXPECT_TRUE(same(one, groups_of(texts, 0)));
}

TEST(NearGroups, OrderOfTextsDoesNotMatter) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        Random random(200 + seed);
        const auto texts = corpus(16, random);  // so few that no bucket is crowded
        const auto straight = groups_of(texts);
        ASSERT_EQ(straight.crowded, 0);
        std::vector<std::size_t> order(texts.size());
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        std::vector<std::string> shuffled;
        for (const auto i : order) shuffled.push_back(texts[i]);
        const auto other = groups_of(shuffled);
        std::map<std::uint32_t, std::uint32_t> names;
        std::set<std::uint32_t> used;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto [found, fresh] = names.try_emplace(other.group[i], straight.group[order[i]]);
            ASSERT_EQ(found->second, straight.group[order[i]]);
            if (fresh) ASSERT_TRUE(used.insert(found->second).second);
        }
    }
}

TEST(NearGroups, HotBucketStaysLinear) {
    constexpr std::uint32_t kTexts = 50000;
    // All keys agree and no two texts are near: the worst that can be.
    BandKeys keys;
    keys.fill(7);
    const std::vector<BandKeys> all(kTexts, keys);
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < kTexts; ++i) {
        const auto n = std::to_string(i);
        texts.push_back("a" + n + " b c" + n + " d e" + n + " f g" + n);
    }
    const auto text_of = [&](std::uint32_t i) { return std::string_view(texts[i]); };
    const auto apart = group_near_texts(all, text_of, 2);
    EXPECT_EQ(apart.crowded, kBands);
    EXPECT_EQ(apart.verified, 0);
    EXPECT_LE(apart.candidates, std::uint64_t{12} * kTexts * kBands);
    EXPECT_GT(apart.candidates, std::uint64_t{11} * kTexts * kBands);
    for (std::uint32_t i = 0; i < kTexts; ++i) ASSERT_EQ(apart.group[i], i);
    // All the same: one comparison each is enough.
    const std::string one = "the very same words in every one of them";
    const auto together = group_near_texts(
        all, [&](std::uint32_t) { return std::string_view(one); }, 2);
    EXPECT_EQ(together.candidates, kTexts - 1);
    EXPECT_EQ(together.verified, kTexts - 1);
    EXPECT_EQ(std::count(together.group.begin(), together.group.end(), 0), kTexts);
}

TEST(NearGroups, FirstMembersAndNeighboursInACrowd) {
    // Twenty texts of one bucket, far from each other but for some pairs.
    const auto text_with = [](std::size_t i) {
        const auto n = std::to_string(i);
        return "p" + n + " q" + n + " r" + n + " s" + n + " t" + n + " u" + n;
    };
    BandKeys keys;
    keys.fill(7);
    const std::vector<BandKeys> all(20, keys);
    const auto joined_with = [&](std::size_t a, std::size_t b) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < 20; ++i) texts.push_back(text_with(i == b ? a : i));
        const auto result = group_near_texts(
            all, [&](std::uint32_t i) { return std::string_view(texts[i]); }, 1);
        return result.group[b] == a;
    };
    EXPECT_TRUE(joined_with(0, 19));
    EXPECT_TRUE(joined_with(7, 19));
    EXPECT_FALSE(joined_with(8, 19));  // neither among the first nor beside it
    EXPECT_TRUE(joined_with(15, 19));
    EXPECT_TRUE(joined_with(9, 13));
    EXPECT_FALSE(joined_with(9, 14));
}

TEST(NearGroups, TextsWithoutKeysAreLeftAlone) {
    const std::vector<std::string> texts = {"short", "short", "a b c d e f g", "a b c d e f g"};
    const auto result = groups_of(texts);
    EXPECT_EQ(result.group, (std::vector<std::uint32_t>{0, 1, 2, 2}));
    EXPECT_EQ(result.candidates, 1);
    EXPECT_TRUE(groups_of({}).group.empty());
}

Sketch random_sketch(Random& random) {
    Sketch sketch{};
    for (auto& word : sketch.minima) word = random();
    return sketch;
}

TEST(Sketch, MinimaInCommonByCounting) {
    Random random(8);
    for (int i = 0; i < 2000; ++i) {
        const auto a = random_sketch(random);
        auto b = i % 2 ? a : random_sketch(random);
        for (auto changes = random() % 40; changes > 0; --changes)
            b.minima[random() % 4] ^= std::uint64_t{1} << random() % 64;
        std::size_t same = 0;
        for (std::size_t place = 0; place < kMinHashes; ++place) {
            const auto four = [&](const Sketch& of) { return of.minima[place / 16] >> place % 16 * 4 & 15; };
            same += four(a) == four(b);
        }
        ASSERT_EQ(minima_in_common(a, b), same);
    }
}

// Texts of random similarity: no near pair may be held for a far one, and most far ones must be recognised.
TEST(Sketch, NeverDeniesANearPair) {
    std::size_t near_pairs = 0, far = 0, recognised = 0;
    for (unsigned seed = 0; seed < 6000; ++seed) {
        Random random(9000 + seed);
        const auto& script = scripts()[seed % scripts().size()];
        auto words = random_words(script, random);
        // Repetitions: there are fewer different shingles than shingles.
        if (seed % 5 == 0) words.insert(words.end(), words.begin(), words.end());
        const auto a = normal(joined(words, script.spaces));
        for (auto edits = random() % 4; edits > 0; --edits) edit(words, script, random);
        if (seed % 3 == 0) words.resize(words.size() / 2 + 1);
        if (seed % 4 == 1) words = random_words(script, random);
        const auto b = normal(joined(words, script.spaces));
        const auto x = signature(a), y = signature(b);
        if (x.keys == BandKeys{} || y.keys == BandKeys{}) continue;
        EXPECT_EQ(x.keys, band_keys(shingles(a)));
        const auto similarity = slow_similarity(a, b);
        const bool may_be = may_be_near(x.sketch, y.sketch);
        EXPECT_EQ(may_be, may_be_near(y.sketch, x.sketch));
        if (similarity >= kNearThreshold) {
            ++near_pairs;
            ASSERT_TRUE(may_be) << similarity << '\n' << a << '\n' << b;
        } else if (similarity < 0.2) {
            ++far;
            recognised += !may_be;
        }
    }
    EXPECT_GT(near_pairs, 1000);
    EXPECT_GT(far, 300);
    EXPECT_GT(double(recognised), 0.9 * double(far)) << recognised << " of " << far;
}

TEST(Sketch, OfMoreShinglesThanItCounts) {
    std::string text, other;
    for (int i = 0; i < 70000; ++i) text += "a b ";
    for (int i = 0; i < 70000; ++i) other += "c d ";
    text += "one two three four five six";
    other += "one two three four five six";
    EXPECT_GT(slow_similarity(text, other), kNearThreshold);
    EXPECT_TRUE(may_be_near(signature(text).sketch, signature(other).sketch));
    EXPECT_TRUE(may_be_near(signature(text).sketch, signature("one two three four five six").sketch));
}

TEST(NearGroups, SketchesSaveWorkAndChangeNothing) {
    Random random(11);
    const auto texts = corpus(3000, random);
    std::vector<BandKeys> keys;
    std::vector<Sketch> sketches;
    for (const auto& text : texts) {
        const auto of = signature(text);
        keys.push_back(of.keys);
        sketches.push_back(of.sketch);
    }
    std::size_t asked = 0;
    const auto text_of = [&](std::uint32_t i) { return ++asked, std::string_view(texts[i]); };
    const auto with = group_near_texts(keys, text_of, 1, sketches);
    const auto with_sketches = std::exchange(asked, 0);
    const auto without = group_near_texts(keys, text_of, 1);
    EXPECT_TRUE(same(with, without));
    EXPECT_GT(with.verified, 500);
    EXPECT_LT(with_sketches, asked);
}

// Every bucket is found, however its keys lie among those that no other text has: counted by brute force.
TEST(NearGroups, EveryBucketIsFound) {
    const auto far = [](std::uint32_t i) {
        const auto n = std::to_string(i);
        return "p" + n + " q" + n + " r" + n + " s" + n + " t" + n + " u" + n;
    };
    for (const unsigned shift : {0u, 10u, 20u, 24u}) {
        for (const std::uint32_t kinds : {40u, 900u, 4000u, 400000u}) {
            Random random(shift + kinds);
            std::vector<std::string> texts;
            std::vector<BandKeys> keys;
            std::map<std::uint32_t, std::uint64_t> buckets;
            for (std::uint32_t i = 0; i < 3000; ++i) {
                texts.push_back(far(i));
                const auto key = static_cast<std::uint32_t>(random() % kinds << shift) | 1u;
                keys.push_back({key});  // in the other bands it is compared with none
                ++buckets[key];
            }
            std::uint64_t pairs = 0, crowded = 0;
            for (const auto& [key, size] : buckets) {
                if (size > 16) ++crowded;
                else pairs += size * (size - 1) / 2;
            }
            const auto result = group_near_texts(
                keys, [&](std::uint32_t i) { return std::string_view(texts[i]); }, 1);
            EXPECT_EQ(result.crowded, crowded);
            EXPECT_EQ(result.verified, 0);
            if (crowded == 0) EXPECT_EQ(result.candidates, pairs) << shift << ' ' << kinds;
            else EXPECT_GT(result.candidates, pairs);
        }
    }
}

}  // namespace
}  // namespace contrechamp::coordination
