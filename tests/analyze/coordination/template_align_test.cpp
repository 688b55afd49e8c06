#include "analyze/coordination/template_align.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "analyze/coordination/bios.h"
#include "analyze/coordination/template_chance.h"

namespace contrechamp::coordination {
namespace {

struct Workshop {
    explicit Workshop(std::vector<std::string> lines)
        : texts(std::move(lines)), seen(texts.begin(), texts.end()) {
        corpus = make_corpus(seen, vocabulary, true, 1);
        std::vector<double> counts(vocabulary.size());
        double all = 0;
        for (std::uint32_t text = 0; text < corpus.size(); ++text)
            for (const Token& token : corpus.of(text))
                counts[token.id] += corpus.weight[text], all += corpus.weight[text];
        for (double count : counts)
            bits.push_back(
                static_cast<float>(-std::log2((count + 1) / (all + static_cast<double>(counts.size())))));
    }
    Ground ground() const { return {corpus, seen, bits}; }

    std::vector<std::string> texts;
    std::vector<std::string_view> seen;
    Vocabulary vocabulary;
    Corpus corpus;
    std::vector<float> bits;
};

// The code of template_align.h written again, from its description, over every way to lay a text along
// columns.
class BruteForce {
  public:
    explicit BruteForce(const Workshop& shop) : shop_(shop) {}

    static double gamma(std::size_t n) { return 2 * std::floor(std::log2(static_cast<double>(n) + 1)) + 1; }
    static double choose(double n, double k) {
        double ways = 1;
        for (double i = 0; i < k; ++i) ways = ways * (n - i) / (i + 1);
        return std::log2(ways);
    }

    double alone(std::uint32_t text) const {
        double sum = gamma(shop_.corpus.of(text).size());
        for (const Token& token : shop_.corpus.of(text)) sum += shop_.bits[token.id];
        return sum;
    }

    // Fewest bits of slots and of what stands outside, for each set of held fixed columns.
    std::map<unsigned, double> rests(const std::vector<Column>& columns, std::uint32_t text) const {
        std::map<unsigned, double> best;
        auto tokens = shop_.corpus.of(text);
        std::function<void(std::size_t, std::size_t, unsigned, std::size_t, double)> lay =
            [&](std::size_t c, std::size_t t, unsigned held, std::size_t outside, double sum) {
                double place = std::log2(static_cast<double>(columns.size()) + 1);
                if (c == columns.size()) {
                    for (; t < tokens.size(); ++t) ++outside, sum += place + shop_.bits[tokens[t].id];
                    sum += gamma(outside);
                    auto [at, fresh] = best.try_emplace(held, sum);
                    if (!fresh) at->second = std::min(at->second, sum);
                    return;
                }
                if (t < tokens.size())
                    lay(c, t + 1, held, outside + 1, sum + place + shop_.bits[tokens[t].id]);
                if (!columns[c].slot) {
                    lay(c + 1, t, held, outside, sum);
                    if (t < tokens.size() && tokens[t].id == columns[c].id)
                        lay(c + 1, t + 1, held | 1U << c, outside, sum);
                    return;
                }
                double inside = 0;
                for (std::size_t end = t; end <= tokens.size(); ++end) {
                    lay(c + 1, end, held, outside, sum + gamma(end - t) + inside);
                    if (end < tokens.size()) inside += shop_.bits[tokens[end].id];
                }
            };
        lay(0, 0, 0, 0, 0);
        return best;
    }

    // Fewest bits of these texts by these columns.
    double coded(const std::vector<Column>& columns, const std::vector<std::uint32_t>& members) const {
        std::vector<std::map<unsigned, double>> each;
        for (std::uint32_t text : members) each.push_back(rests(columns, text));
        double best = std::numeric_limits<double>::infinity();
        std::vector<unsigned> held(columns.size());
        std::function<void(std::size_t, double)> combine = [&](std::size_t i, double sum) {
            if (sum >= best) return;
            if (i < each.size()) {
                for (auto [mask, bits] : each[i]) {
                    for (std::size_t c = 0; c < columns.size(); ++c) held[c] += mask >> c & 1;
                    combine(i + 1, sum + bits);
                    for (std::size_t c = 0; c < columns.size(); ++c) held[c] -= mask >> c & 1;
                }
                return;
            }
            auto m = static_cast<double>(members.size());
            for (std::size_t c = 0; c < columns.size(); ++c)
                if (!columns[c].slot) sum += std::log2(m + 1) + choose(m, held[c]);
            best = std::min(best, sum);
        };
        double sum = gamma(columns.size()) + static_cast<double>(columns.size());
        for (const Column& column : columns)
            if (!column.slot) sum += shop_.bits[column.id];
        combine(0,
                sum + choose(static_cast<double>(shop_.corpus.texts), static_cast<double>(members.size())));
        return best;
    }

    // The most that any columns made of at most three tokens of a member save.
    double most_saved(const std::vector<std::uint32_t>& members) const {
        double before = 0, best = 0;
        for (std::uint32_t text : members) before += alone(text);
        auto tokens = shop_.corpus.of(members[0]);
        for (unsigned chosen = 1; chosen < 1U << tokens.size(); ++chosen) {
            if (__builtin_popcount(chosen) > 3) continue;
            std::vector<Column> fixed;
            for (std::size_t i = 0; i < tokens.size(); ++i)
                if (chosen >> i & 1)
                    fixed.push_back({false, tokens[i].id, tokens[i].kind, shop_.bits[tokens[i].id]});
            for (unsigned gaps = 0; gaps < 1U << (fixed.size() + 1); ++gaps) {
                std::vector<Column> columns;
                for (std::size_t i = 0; i <= fixed.size(); ++i) {
                    if (gaps >> i & 1) columns.push_back({true, 0, TokenKind::word, 0});
                    if (i < fixed.size()) columns.push_back(fixed[i]);
                }
                best = std::max(best, before - coded(columns, members));
            }
        }
        return best;
    }

  private:
    const Workshop& shop_;
};

std::vector<std::string> small_scene(std::uint64_t seed) {
    bios::Dice dice(seed);
    auto word = [&] { return bios::made_up_word(100 + dice.below(900)); };
    std::vector<std::string> lines;
    for (int i = 0; i < 4; ++i)
        lines.push_back(dice.chance(0.5)
                            ? word() + " marzipan over " + word() + " giraffe"
                            : "marzipan over " + word() + (dice.chance(0.7) ? " giraffe" : " zebra"));
    for (int i = 0; i < 30; ++i) lines.push_back(word() + " " + word() + " over " + word() + " " + word());
    return lines;
}

TEST(TemplateAlign, SavesWhatTheFormulaSaysAndNearlyTheMostPossible) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Workshop shop(small_scene(seed));
        std::vector<std::uint32_t> alike;
        for (std::uint32_t text = 0; text < shop.corpus.size(); ++text)
            if (shop.seen[shop.corpus.source[shop.corpus.source_first[text]]].find("marzipan") !=
                std::string_view::npos)
                alike.push_back(text);
        ASSERT_EQ(alike.size(), 4);
        Draft draft = draft_template(shop.ground(), alike);
        ASSERT_EQ(draft.members, alike) << seed;
        BruteForce brute(shop);
        double before = 0;
        for (std::uint32_t text : alike) before += brute.alone(text);
        // Its own columns laid out in the best way cannot be beaten by its layout, and are met.
        double own = before - brute.coded(draft.columns, draft.members);
        EXPECT_LE(draft.saved_bits, own + 1e-3) << seed;
        EXPECT_GE(draft.saved_bits, own - 6) << seed;
        double most = brute.most_saved(alike);
        EXPECT_LE(draft.saved_bits, most + 1e-3) << seed;
        EXPECT_GE(std::max(0.0, draft.saved_bits), most - 8)
            << seed;  // a token's worth: shares, not bits, choose what is tried
    }
}

TEST(TemplateAlign, WhoSavesNothingLeaves) {
    auto lines = small_scene(3);
    lines.push_back("over and over the hills of nowhere in particular my dear friend");
    Workshop shop(lines);
    std::vector<std::uint32_t> some;
    std::string_view stranger = shop.seen.back();
    for (std::uint32_t text = 0; text < shop.corpus.size(); ++text) {
        auto line = shop.seen[shop.corpus.source[shop.corpus.source_first[text]]];
        if (line.find("marzipan") != std::string_view::npos || line == stranger) some.push_back(text);
    }
    Draft draft = draft_template(shop.ground(), some);
    EXPECT_EQ(some.size(), 5);
    EXPECT_EQ(draft.members.size(), 4);
}

std::string kinds(std::string_view text) {
    std::vector<RawToken> raw;
    tokenise(text, raw);
    std::string all;
    for (const RawToken& one : raw) {
        all += "wsnclme,."[static_cast<int>(one.token.kind)];
        EXPECT_LT(one.token.begin, one.token.end);
        EXPECT_LE(one.token.end, text.size());
    }
    return all;
}

TEST(TemplateText, KindsOfTokens) {
    EXPECT_EQ(kinds("Picker @ CVG2. Amazonian for 3 years."), "w,c.wwnw.");
    EXPECT_EQ(kinds("@amazon @BFI4 l'usine 1,234.5 24/7 3rd"), ",m,cwnn,nc");
    EXPECT_EQ(kinds("see https://t.co/a?b=c and t.co/x www.x.y"), "wlwll");
    EXPECT_EQ(kinds("📦📦 👩🏽‍🚒 🇫🇷🇧🇪 ❤️"), "eeeeee");
    EXPECT_EQ(kinds("仓库。ไทย"), "ss.sss");
    EXPECT_EQ(kinds("أحب القهوة؟ نعم"), "ww.w");
    EXPECT_EQ(kinds("a - b a-b a — b"), "w.ww,ww.w");
    EXPECT_EQ(kinds("\xFF\xFE\xFF ok"), ",w");
    EXPECT_EQ(kinds(""), "");
    EXPECT_EQ(kinds(std::string(5000, '!')), ".");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "a ";
    EXPECT_EQ(kinds(many).size(), kMostTokens);
}

TEST(TemplateText, ComparedByFoldedCompatibilityForm) {
    auto key = [](std::string_view text) {
        std::vector<RawToken> raw;
        tokenise(text, raw);
        return raw.empty() ? 0 : raw[0].key;
    };
    EXPECT_EQ(key("AMAZON"), key("amazon"));
    EXPECT_EQ(key("Ａｍａｚｏｎ"), key("amazon"));
    EXPECT_EQ(key("É"), key("e\xCC\x81"));
    EXPECT_EQ(key("straße"), key("STRASSE"));
    EXPECT_EQ(key("👍🏽"), key("👍"));
    EXPECT_EQ(key("12"), key("7"));
    EXPECT_NE(key("été"), key("ete"));
}

TEST(TemplateChance, HoldersByBruteForce) {
    bios::Dice dice(8);
    std::vector<std::string> lines;
    for (int i = 0; i < 400; ++i) {
        std::string line;
        for (std::size_t w = 0, n = 1 + dice.below(9); w < n; ++w)
            line += bios::made_up_word(dice.below(6)) + " ";
        lines.push_back(line);
    }
    Workshop shop(lines);
    for (int trial = 0; trial < 60; ++trial) {
        std::vector<std::uint32_t> words;
        for (std::size_t w = 0, n = 1 + dice.below(5); w < n; ++w)
            words.push_back(4 + static_cast<std::uint32_t>(dice.below(shop.vocabulary.size() - 4)));
        std::size_t miss = dice.below(words.size());
        std::vector<std::uint32_t> expected;
        for (std::uint32_t text = 0; text < shop.corpus.size(); ++text) {
            auto tokens = shop.corpus.of(text);
            std::vector<std::vector<std::size_t>> longest(words.size() + 1,
                                                          std::vector<std::size_t>(tokens.size() + 1));
            for (std::size_t i = 1; i <= words.size(); ++i)
                for (std::size_t j = 1; j <= tokens.size(); ++j)
                    longest[i][j] = words[i - 1] == tokens[j - 1].id
                                        ? longest[i - 1][j - 1] + 1
                                        : std::max(longest[i - 1][j], longest[i][j - 1]);
            if (longest[words.size()][tokens.size()] + miss >= words.size()) expected.push_back(text);
        }
        EXPECT_EQ(holding_in_order(shop.corpus, words, miss, 1'000'000).texts, expected);
    }
}

TEST(TemplateChance, TheFormulaByHand) {
    // 100 texts: 5 hold "alpha" and "beta" and nothing else is shared.
    std::vector<std::string> lines;
    for (int i = 0; i < 100; ++i)
        lines.push_back((i < 5 ? "alpha. beta " : "") + bios::made_up_word(1000 + i));
    Workshop shop(lines);
    auto id = [&](std::string_view word) {
        std::vector<RawToken> raw;
        tokenise(word, raw);
        return shop.vocabulary.find(raw[0].key);
    };
    ChanceQuestion question{{{id("alpha")}, {id("beta")}}, 5, 3};
    // C(99,4) * (4*3*2*1) (8*7*6*5) / (99*98*97*96)^2, times n = 100, T = 3, C(3,2) = 3.
    double all = 99.0 * 98 * 97 * 96;
    double expected = std::log10(all / 24 * 24 * 1680 / all / all * 100 * 3 * 3);
    EXPECT_NEAR(log10_chance(question, shop.corpus, nullptr, 1000), std::min(0.0, expected), 1e-9);
    // One clause explains itself; against others who never write it, it does not.
    ChanceQuestion single{{{id("alpha"), id("beta")}}, 5, 3};
    EXPECT_EQ(log10_chance(single, shop.corpus, nullptr, 1000), 0);
    std::vector<std::string> strangers(999, "gamma");
    for (int i = 0; i < 999; ++i) strangers[static_cast<std::size_t>(i)] += std::to_string(i) + "x";
    std::vector<std::string_view> views(strangers.begin(), strangers.end());
    Corpus other = make_corpus(views, shop.vocabulary, false, 1);
    EXPECT_NEAR(log10_chance(single, shop.corpus, &other, 1000),
                std::log10(all / 24 * std::pow(1.0 / 1000, 4) * 100 * 3 * 3), 1e-9);
}

}  // namespace
}  // namespace contrechamp::coordination
