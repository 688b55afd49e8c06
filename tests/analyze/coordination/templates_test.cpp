#include "analyze/coordination/templates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "analyze/coordination/bios.h"

namespace contrechamp::coordination {
namespace {

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

TemplateResult induce(const std::vector<std::string>& texts, const TemplateSettings& settings = {},
                      const std::vector<std::string>& comparison = {}) {
    auto some = views(texts), others = views(comparison);
    return induce_templates(some, others, settings);
}

struct Scene {
    std::vector<std::string> texts;
    std::vector<std::uint32_t> places;  // of the planted ones, ascending
    std::vector<std::vector<std::string>> values;
};

// `planted` texts in the place of ordinary ones.
template <typename Ordinary, typename Plant>
Scene scene(std::uint64_t seed, std::size_t count, std::size_t planted, const Ordinary& ordinary,
            const Plant& plant) {
    bios::Dice dice(seed);
    Scene result;
    for (std::size_t i = 0; i < count; ++i) result.texts.push_back(ordinary(dice));
    std::set<std::uint32_t> places;
    while (places.size() < planted) places.insert(static_cast<std::uint32_t>(dice.below(count)));
    for (std::uint32_t place : places) {
        bios::Planted one = plant(dice);
        result.texts[place] = one.text;
        result.places.push_back(place);
        result.values.push_back(one.values);
    }
    return result;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += "[" + line + "]";
    return all;
}

TEST(Templates, FifteenAmbassadorsAmongTenThousandBiosWithTheirSlots) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        Scene s = scene(seed, 10'000, 15, bios::ordinary, bios::ambassador);
        TemplateSettings settings;
        settings.threads = 2;
        auto result = induce(s.texts, settings);
        ASSERT_EQ(result.templates.size(), 1) << seed;
        const TextTemplate& found = result.templates[0];
        EXPECT_EQ(found.members, s.places) << seed;
        EXPECT_EQ(found.values, s.values) << seed << " " << found.pattern();
        EXPECT_NE(found.pattern().find("Amazonian for {} years. Likes {}"), std::string::npos)
            << found.pattern();
        EXPECT_EQ(found.pattern().rfind("{} @ {}", 0), 0) << found.pattern();
        EXPECT_EQ(found.fixed_words, 4);
        EXPECT_EQ(found.comparison, 9'985);
        EXPECT_LT(found.log10_p, -10);
        EXPECT_GT(found.saved_bits, 100);
    }
}

struct Tongue {
    const char* name;
    std::vector<std::string> jobs, likes, ordinary;
    // job, code, number, like
    std::string before_code, before_number, before_likes, end;
};

const std::vector<Tongue>& tongues() {
    static const std::vector<Tongue> kTongues = {
        {"fr",
         {"Préparatrice", "Cariste", "Emballeur", "Réceptionnaire"},
         {"le vélo", "les chats", "la randonnée", "l'opéra", "la pâtisserie", "les séries"},
         {"infirmière à Lyon", "j'aime le café et les chats", "mes propos n'engagent que moi",
          "maman de deux enfants", "prof d'histoire depuis 2012", "étudiant à Lille", "passionné de vélo",
          "elle", "fan de l'OL"},
         " @ ",
         ". Amazonien·ne depuis ",
         " ans ! J'adore ",
         ""},
        {"es",
         {"Mozo", "Empaquetadora", "Recepcionista", "Líder de equipo"},
         {"el fútbol", "los perros", "la repostería", "el cine", "el montañismo", "la música"},
         {"enfermera en Madrid", "me gusta el café y el cine", "opiniones propias", "madre de dos",
          "profesor de historia", "estudiante en Sevilla", "amante de los perros", "ella",
          "aficionado del Betis"},
         " @ ",
         ". Amazoniano desde hace ",
         " años. ¡Me encantan ",
         "!"},
        {"ar",
         {"عامل", "سائق", "مشرفة", "محاسب"},
         {"القهوة", "القطط", "كرة القدم", "السفر", "القراءة", "الطبخ"},
         {"ممرضة في بيروت", "أحب القهوة والقطط", "آرائي شخصية", "أم لطفلين", "مدرس تاريخ", "طالب في تونس",
          "عاشق السفر", "مهندس من عمان"},
         " @ ",
         ". أمازوني منذ ",
         " سنوات. هواياتي ",
         ""},
        {"zh",
         {"拣货员", "司机", "包装工", "质检员"},
         {"狗", "烘焙", "电影", "爬山", "咖啡", "篮球"},
         {"北京的护士", "喜欢咖啡和电影", "个人观点", "两个孩子的妈妈", "历史老师", "上海大学学生",
          "热爱旅行", "程序员"},
         " @ ",
         "。在亚马逊仓库工作",
         "年了。平时最爱",
         "。"}};
    return kTongues;
}

TEST(Templates, AnyLanguageAndScript) {
    for (const Tongue& tongue : tongues()) {
        auto ordinary = [&](bios::Dice& dice) {
            std::string text;
            for (std::size_t i = 0, n = 1 + dice.below(4); i < n; ++i) {
                text += i ? std::string(dice.often(bios::kBetween)) : "";
                text += dice.chance(0.5) ? std::string(dice.often(tongue.ordinary)) : bios::fragment(dice);
            }
            return text;
        };
        auto plant = [&](bios::Dice& dice) {
            bios::Planted one;
            one.values = {dice.of(tongue.jobs),
                          "XY" + std::string(1, static_cast<char>('A' + dice.below(26))) +
                              std::to_string(1 + dice.below(9)),
                          std::to_string(2 + dice.below(9)), dice.of(tongue.likes)};
            one.text = one.values[0] + tongue.before_code + one.values[1] + tongue.before_number +
                       one.values[2] + tongue.before_likes + one.values[3] + tongue.end;
            return one;
        };
        Scene s = scene(7, 3'000, 15, ordinary, plant);
        auto result = induce(s.texts);
        ASSERT_EQ(result.templates.size(), 1) << tongue.name;
        EXPECT_EQ(result.templates[0].members, s.places) << tongue.name;
        // An article that most likes share may be fixed: what stands in the slots is compared for the others.
        for (std::size_t i = 0; i < s.values.size(); ++i)
            for (std::size_t slot = 0; slot < 3; ++slot)
                EXPECT_EQ(result.templates[0].values[i][slot], s.values[i][slot])
                    << tongue.name << " " << result.templates[0].pattern();
        EXPECT_EQ(result.templates[0].values[0].back(), s.values[0].back()) << result.templates[0].pattern();
    }
}

TEST(Templates, DisplayNamesWithATagAndAnEmoji) {
    auto name = [](bios::Dice& dice) {
        std::string text = bios::made_up_word(dice.zipf(3000)) + " " + bios::made_up_word(dice.zipf(20000));
        if (dice.chance(0.1)) text += " - " + std::string(dice.often(bios::kJobs));
        if (dice.chance(0.2)) text += " " + std::string(dice.often(bios::kEmoji));
        return text;
    };
    auto ambassador = [](bios::Dice& dice) {
        bios::Planted one;
        one.values = {bios::made_up_word(dice.zipf(3000))};
        one.text = one.values[0] + " - Amazon FC Ambassador 📦";
        return one;
    };
    Scene s = scene(3, 5'000, 15, name, ambassador);
    auto result = induce(s.texts);
    ASSERT_EQ(result.templates.size(), 1);
    EXPECT_EQ(result.templates[0].pattern(), "{} - Amazon FC Ambassador 📦");
    EXPECT_EQ(result.templates[0].members, s.places);
    EXPECT_EQ(result.templates[0].values, s.values);
}

// Random texts: words of a Zipf vocabulary where each word has a few favourite followers.
std::string babble(bios::Dice& dice) {
    std::string text;
    std::size_t word = dice.zipf(5000);
    for (std::size_t i = 0, n = 4 + dice.below(16); i < n; ++i) {
        text += bios::made_up_word(word) + (dice.chance(0.15) ? ". " : " ");
        word = dice.chance(0.4) ? (word * 31 + dice.zipf(6) * 17) % 5000 : dice.zipf(5000);
    }
    return text;
}

TEST(Templates, OrdinaryTextsGiveNoTemplateInNineteenOfTwentySeeds) {
    int reported = 0, seeds = 0;
    for (std::uint64_t seed = 100; seed < 120; ++seed)
        for (std::size_t count : {300, 1500}) {
            seeds += 2;
            reported +=
                !induce(scene(seed, count, 0, bios::ordinary, bios::ambassador).texts).templates.empty();
            reported += !induce(scene(seed, count, 0, babble, bios::ambassador).texts).templates.empty();
        }
    RecordProperty("reported", reported);
    EXPECT_LE(reported * 20, seeds) << reported << " of " << seeds;
}

TEST(Templates, AgainstComparisonTextsOfTheSameKindNothingIsUnlikely) {
    int reported = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        auto texts = scene(seed, 300, 0, bios::ordinary, bios::ambassador).texts;
        auto others = scene(seed + 1000, 2'000, 0, bios::ordinary, bios::ambassador).texts;
        reported += !induce(texts, {}, others).templates.empty();
    }
    EXPECT_EQ(reported, 0);
}

TEST(Templates, ACustomIsNotUnlikely) {
    bios::Dice dice(5);
    std::vector<std::string> texts, others;
    for (int i = 0; i < 40; ++i)
        texts.push_back(bios::fragment(dice) + ". Proud parent of " + bios::made_up_word(dice.below(900)) +
                        ". Views strictly mine");
    for (int i = 0; i < 2000; ++i)
        others.push_back(i % 50 ? bios::ordinary(dice)
                                : "Proud parent of " + bios::made_up_word(dice.below(900)) +
                                      ". Views strictly mine");
    EXPECT_TRUE(induce(texts, {}, others).templates.empty());
    TemplateSettings all;
    all.most_log10_p = 0;
    auto shown = induce(texts, all, others);
    ASSERT_FALSE(shown.templates.empty());
    EXPECT_EQ(shown.templates[0].comparison, 2000);
    EXPECT_GE(shown.templates[0].comparison_fits, 40);
    EXPECT_EQ(shown.templates[0].log10_p, 0);
    // The same where nobody else writes so.
    std::vector<std::string> strangers = scene(9, 2'000, 0, bios::ordinary, bios::ambassador).texts;
    auto unlikely = induce(texts, {}, strangers);
    ASSERT_EQ(unlikely.templates.size(), 1);
    EXPECT_EQ(unlikely.templates[0].members.size(), 40);
    EXPECT_EQ(unlikely.templates[0].comparison_fits, 0);
    EXPECT_LT(unlikely.templates[0].log10_p, -4);
}

TEST(Templates, IdenticalTextsAreMembersAndAShortClauseByItselfSaysNothing) {
    const std::string kText = "My warehouse treats me well. Great benefits since day one! Ask me anything";
    Scene s = scene(11, 2'000, 8, bios::ordinary, [&](bios::Dice&) { return bios::Planted{kText, {}}; });
    auto result = induce(s.texts);
    ASSERT_EQ(result.templates.size(), 1);
    EXPECT_EQ(result.templates[0].members, s.places);
    EXPECT_EQ(result.templates[0].pattern(),
              "My warehouse treats me well. Great benefits since day one! Ask me anything");
    EXPECT_EQ(result.templates[0].values, std::vector<std::vector<std::string>>(8));
    // A phrase of three words may be a custom: only other texts can tell.
    Scene phrase = scene(12, 2'000, 8, bios::ordinary, [&](bios::Dice&) {
        return bios::Planted{"Peccy loves you", {}};
    });
    EXPECT_TRUE(induce(phrase.texts).templates.empty());
}

TEST(Templates, SlotsAtBothEndsAndAtNeither) {
    auto with = [](const std::string& before, const std::string& after) {
        auto plant = [&](bios::Dice& dice) {
            std::string a = before.empty() ? "" : bios::made_up_word(dice.below(5000)) + before;
            std::string b = after.empty() ? "" : after + bios::made_up_word(dice.below(5000));
            return bios::Planted{a + "Tour our building. Meet my robots! Ask about pay" + b, {}};
        };
        Scene s = scene(21, 1'000, 12, bios::ordinary, plant);
        auto result = induce(s.texts);
        EXPECT_EQ(result.templates.size(), 1);
        if (result.templates.empty()) return std::string();
        EXPECT_EQ(result.templates[0].members, s.places);
        return result.templates[0].pattern();
    };
    EXPECT_EQ(with("", ""), "Tour our building. Meet my robots! Ask about pay");
    EXPECT_EQ(with(": ", ""), "{}: Tour our building. Meet my robots! Ask about pay");
    EXPECT_EQ(with("", " with "), "Tour our building. Meet my robots! Ask about pay with {}");
    EXPECT_EQ(with(" says ", " by "), "{} says Tour our building. Meet my robots! Ask about pay by {}");
}

// All that a result says, with texts in place of their indexes.
std::set<std::string> said(const std::vector<std::string>& texts, const TemplateResult& result) {
    std::set<std::string> all;
    for (const TextTemplate& one : result.templates) {
        std::multiset<std::string> members;
        for (std::size_t i = 0; i < one.members.size(); ++i)
            members.insert(texts[one.members[i]] + joined(one.values[i]));
        std::string line =
            one.pattern() + std::to_string(one.log10_p) + " " + std::to_string(one.comparison_fits) + " ";
        for (const auto& member : members) line += member;
        all.insert(line);
    }
    all.insert(std::to_string(result.candidates) + " " + std::to_string(result.crowded));
    return all;
}

TEST(Templates, TheSameWhateverTheThreadsAndTheOrder) {
    Scene s = scene(31, 1'500, 15, bios::ordinary, bios::ambassador);
    TemplateSettings settings;
    settings.most_log10_p = 0;  // customs, too: many templates
    auto one = said(s.texts, induce(s.texts, settings));
    EXPECT_GT(one.size(), 10);
    for (unsigned threads : {2U, 3U}) {
        settings.threads = threads;
        EXPECT_EQ(said(s.texts, induce(s.texts, settings)), one) << threads;
    }
    bios::Dice dice(1);
    std::vector<std::string> other = s.texts;
    for (std::size_t i = other.size(); i > 1; --i) std::swap(other[i - 1], other[dice.below(i)]);
    EXPECT_EQ(said(other, induce(other, settings)), one);
}

TEST(Templates, EachTextIsInOneTemplateAndEmptyOnesInNone) {
    Scene s = scene(41, 1'000, 15, bios::ordinary, bios::ambassador);
    for (std::size_t i = 0; i < 300; ++i) s.texts[i] = i % 3 ? "" : i % 2 ? " \n\t" : "a";
    TemplateSettings settings;
    settings.most_log10_p = 0;
    std::set<std::uint32_t> seen;
    for (const TextTemplate& one : induce(s.texts, settings).templates) {
        EXPECT_TRUE(std::is_sorted(one.members.begin(), one.members.end()));
        EXPECT_EQ(one.values.size(), one.members.size());
        EXPECT_GT(one.saved_bits, 0);
        EXPECT_GE(one.members.size(), settings.fewest_members);
        EXPECT_GE(one.fixed_words, settings.fewest_fixed_words);
        std::size_t slots = 0;
        for (const auto& part : one.parts) slots += part.slot;
        for (std::size_t i = 0; i < one.members.size(); ++i) {
            EXPECT_TRUE(seen.insert(one.members[i]).second);
            EXPECT_FALSE(s.texts[one.members[i]].empty());
            // What is shown can be found again with what is exported alone.
            std::vector<std::string> values;
            EXPECT_EQ(one.values[i].size(), slots);
            EXPECT_TRUE(fits(one, s.texts[one.members[i]], &values))
                << one.pattern() << " <- " << s.texts[one.members[i]];
        }
    }
    EXPECT_TRUE(induce({}).templates.empty());
    EXPECT_TRUE(induce({"", "", " "}).templates.empty());
    EXPECT_TRUE(induce({"a", "b", "?"}).templates.empty());
}

TEST(Templates, WhatFitsAndWhatDoesNot) {
    Scene s = scene(1, 3'000, 15, bios::ordinary, bios::ambassador);
    auto result = induce(s.texts);
    ASSERT_EQ(result.templates.size(), 1);
    const TextTemplate& one = result.templates[0];
    std::vector<std::string> values;
    EXPECT_TRUE(fits(one, "Problem solver @ DTM9. AMAZONIAN for almost 4 years. Likes tea", &values));
    EXPECT_EQ(values, (std::vector<std::string>{"Problem solver", "DTM9", "almost 4", "tea"}));
    EXPECT_TRUE(fits(one, "Ａｍａｚｏｎｉａｎ for 1 year, likes 🐶"));  // compatibility forms
    EXPECT_FALSE(fits(one, "Nurse for 3 years. Likes tea", &values));
    EXPECT_TRUE(values.empty());
    EXPECT_FALSE(fits(one, "years for Amazonian"));
    EXPECT_FALSE(fits(one, ""));
    EXPECT_FALSE(fits(TextTemplate(), "anything"));
}

TEST(Templates, HostileTextsAreBounded) {
    std::vector<std::string> texts = {std::string(100'000, 'x'), std::string(1'000'000, ' '),
                                      std::string(50'000, '\xFF'), "\xE2\x82 half \xF0\x9F\x93 cut \xC0\xAF",
                                      std::string("nul \0 inside", 12)};
    std::string joiners, flags, accents = "a";
    for (int i = 0; i < 20'000; ++i) joiners += "\xE2\x80\x8D", flags += "🇫", accents += "\xCC\x81";
    texts.insert(texts.end(), {joiners, flags, accents});
    for (std::size_t i = 0, n = texts.size(); i < 4 * n; ++i)
        texts.push_back(texts[i % n] + std::to_string(i % 2));
    TemplateSettings settings;
    settings.most_log10_p = 0;
    settings.fewest_fixed_words = 1;
    for (const auto& one : induce(texts, settings).templates) EXPECT_LE(one.members.size(), texts.size());
}

TEST(Templates, ManyTextsOfOneTemplateAreOneClusterAndLittleWork) {
    std::vector<std::string> same(50'000, "I love my job. Great pay and benefits! Come and see"), slotted;
    bios::Dice dice(3);
    for (int i = 0; i < 20'000; ++i)
        slotted.push_back(bios::made_up_word(dice.below(9000)) + " says: I love my job. Great pay at " +
                          bios::made_up_word(dice.below(9000)));
    std::vector<std::string> others = scene(2, 1'000, 0, bios::ordinary, bios::ambassador).texts;
    TemplateSettings settings;
    settings.threads = 2;
    auto equal = induce(same, settings, others);
    ASSERT_EQ(equal.templates.size(), 1);
    EXPECT_EQ(equal.templates[0].members.size(), 50'000);
    EXPECT_EQ(equal.candidates, 1);
    auto varied = induce(slotted, settings, others);
    ASSERT_EQ(varied.templates.size(), 1);
    EXPECT_EQ(varied.templates[0].members.size(), 20'000);
    EXPECT_LE(varied.candidates, 1'000);  // not one a text
    EXPECT_GT(varied.crowded, 0);
}

}  // namespace
}  // namespace contrechamp::coordination
