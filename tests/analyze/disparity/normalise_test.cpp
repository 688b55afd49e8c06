// Which writings count as the same words: each rule of README.md's "Profiles", in both languages.
#include "analyze/disparity/normalise.h"

#include <gtest/gtest.h>

#include <random>

#include "analyze/disparity/align.h"
#include "base/escape.h"

namespace contrechamp::disparity {
namespace {

constexpr auto kEnglish = SpeechLanguage::english, kFrench = SpeechLanguage::french;

// Pieces as SCTK would write them.
std::string shown(const Speech& speech) {
    std::string out;
    for (const auto& piece : speech.pieces) {
        if (!out.empty()) out += ' ';
        switch (piece.kind) {
            case PieceKind::open: out += '{'; break;
            case PieceKind::next: out += '/'; break;
            case PieceKind::close: out += '}'; break;
            case PieceKind::word: {
                const auto text = piece.nothing ? std::string("@") : std::string(speech.text(piece));
                out += piece.optional ? "(" + text + ")" : text;
                if (piece.proper) out += "^";
            }
        }
    }
    return out;
}

std::string under(Profile profile, SpeechLanguage language, std::string_view text, bool markup = false) {
    Speech speech;
    normalise(text, {profile, language, markup, true, false}, speech);
    auto out = shown(speech);
    std::erase(out, '^');
    return out;
}
std::string raw(std::string_view text) { return under(Profile::raw, kEnglish, text); }
std::string koenecke(std::string_view text) { return under(Profile::koenecke, kEnglish, text); }
std::string whisper(std::string_view text) { return under(Profile::whisper, kEnglish, text); }
std::string koenecke_fr(std::string_view text) { return under(Profile::koenecke, kFrench, text); }
std::string whisper_fr(std::string_view text) { return under(Profile::whisper, kFrench, text); }

#define SAME(profile, ...)                            \
    for (const std::string_view text : {__VA_ARGS__}) \
    EXPECT_EQ(profile(text), profile(*std::begin({__VA_ARGS__}))) << text

// ---- marks

TEST(Normalise, MarksOfSctk) {
    const auto marked = [](std::string_view text) { return under(Profile::raw, kEnglish, text, true); };
    EXPECT_EQ(marked("a { b / c d / @ } e"), "a { b / c d / @ } e");
    EXPECT_EQ(marked("{a/b}c { d / { e / f g } h }"), "{ a / b } c { d / { e / f g } h }");
    EXPECT_EQ(marked("{ / a / } { } b"), "{ a } b");
    EXPECT_EQ(marked("x (y) (z"), "x (y) (z");
    EXPECT_EQ(marked("a;tag b\\;c;t d* * @"), "a b;c d * @");
    EXPECT_EQ(marked("a { b"), "a { b") << "a brace that nothing closes is a letter";
    EXPECT_EQ(raw("a { b / c } (d) e;f @"), "a { b / c } (d) e;f @") << "without markup all are letters";
    Speech speech;
    normalise("(a)", {Profile::raw, kEnglish, true, false, false}, speech);
    EXPECT_EQ(speech.text(speech.pieces[0]), "(a)");
    EXPECT_FALSE(speech.pieces[0].optional);
}

TEST(Normalise, MarksUnderOtherProfiles) {
    EXPECT_EQ(under(Profile::koenecke, kEnglish, "Well, { um / you know } (yes!) 5", true),
              "well { @ / you know } (yes) five");
    EXPECT_EQ(under(Profile::koenecke, kFrench, "{ l'eau / euh } (70)", true),
              "{ l eau / { euh / @ } } (70)");
    EXPECT_EQ(under(Profile::whisper, kEnglish, "{ twenty one / 22 } (ok)", true), "{ 21 / 22 } (ok)");
}

TEST(Normalise, TooDeepIsSaid) {
    std::string text;
    for (int i = 0; i < 65; ++i) text += "{ a / ";
    for (int i = 0; i < 65; ++i) text += " b }";
    Speech speech;
    normalise(text, {}, speech);
    EXPECT_TRUE(speech.too_deep);
}

// ---- raw

TEST(Normalise, Raw) {
    EXPECT_EQ(raw("  The CAT, sat.\tÉté  "), "the cat, sat. été");
    EXPECT_EQ(raw("E\u0301te\u0301 \u212B"), "été å") << "composed (NFC)";
    EXPECT_EQ(raw("oui\u00A0! non\u202F?"), "oui ! non ?") << "spaces before French punctuation divide words";
    EXPECT_EQ(raw("a\xff b"), "a\uFFFD b");
    EXPECT_EQ(raw("\xC3"), "\uFFFD");
    EXPECT_EQ(raw("so\u00ADft zero\u200Bwidth"), "soft zerowidth");
}

TEST(Normalise, CapitalsInsideASentence) {
    const auto proper = [](std::string_view text) {
        Speech speech;
        normalise(text, {}, speech);
        std::string out;
        for (const auto& piece : speech.pieces)
            if (piece.proper) out += std::string(speech.text(piece)) + " ";
        return out;
    };
    EXPECT_EQ(proper("Yesterday Marie and I went to Paris. Then we left; I'm sure Émile knows"),
              "marie paris. émile ");
    EXPECT_EQ(proper("YESTERDAY MARIE WENT"), "") << "all capitals say nothing";
    EXPECT_EQ(proper("the \"Louvre\" in (Paris)"), "\"louvre\" paris ");
}

// ---- koenecke, English

TEST(Normalise, KoeneckeEnglish) {
    EXPECT_EQ(koenecke("Well, I don\u2019t know -- it's \"fine\"!"), "well i dont know its fine");
    EXPECT_EQ(koenecke("so <laugh> we [door slams] went (inaudible) home"), "so we went home");
    EXPECT_EQ(koenecke("we(BR) went < home"), "we went home");
    EXPECT_EQ(koenecke("um uh hmm Mhm yes ha"), "yes");
    EXPECT_EQ(koenecke("gonna wanna gotta tryna imma cuz ok yup till"),
              "going to want to got to trying to ima cause okay yep til");
    EXPECT_EQ(koenecke("a well-known north east theatre, all right"),
              "a well known northeast theater alright");
    EXPECT_EQ(koenecke("Mister Smith on Main Street"), "mr smith on main st");
}

TEST(Normalise, KoeneckeEnglishNumbers) {
    EXPECT_EQ(koenecke("0 7 13 40 85 100 1,000 2,345,678"),
              "zero seven thirteen forty eighty five one hundred one thousand two million three hundred "
              "forty five thousand six hundred seventy eight");
    EXPECT_EQ(koenecke("1984 2015 1100 1905 2005"),
              "nineteen eighty four twenty fifteen eleven hundred nineteen oh five two thousand five");
    EXPECT_EQ(
        koenecke("3.14 1st 2nd 3rd 12th 21st 40th 80s 1960s"),
        "three point one four first second third twelfth twenty first fortieth eighties nineteen sixties");
    EXPECT_EQ(
        koenecke("$5 $1 5% 5 percent 5 per cent £3 $3 million"),
        "five dollars one dollar five percent five percent five percent three pounds three million dollars");
    EXPECT_EQ(koenecke("007 5km"), "zero zero seven five km");
    SAME(koenecke, "two hundred and five", "two hundred five", "two oh five", "205");
    SAME(koenecke, "two thousand and ten", "two thousand ten", "twenty ten", "2010");
    SAME(koenecke, "four hundred and ninety five", "495");
    EXPECT_EQ(koenecke("99999999999999999999").substr(0, 14), "nine nine nine");
}

// ---- whisper, English

TEST(Normalise, WhisperEnglish) {
    EXPECT_EQ(whisper("Well, hmm, I don't know: they're uh here."), "well i do not know they are here");
    EXPECT_EQ(whisper("won't can't let's ain't y'all ma'am I'ma"),
              "will not can not let us aint you all madam i am going to");
    EXPECT_EQ(
        whisper("he's gone he's here she'd been she'd go it's got I've we'll I'm who'd've"),
        "he has gone he is here she had been she would go it has got i have we will i am who would have");
    EXPECT_EQ(whisper("Mr. Jones, Dr. Who and St. Paul Jr."),
              "mister jones doctor who and saint paul junior");
    EXPECT_EQ(whisper("gonna woulda coulda"), "going to would have could have");
    EXPECT_EQ(whisper("the café's naïve œuvre [noise] (cough) colour"), "the cafe is naive oeuvre color");
    EXPECT_EQ(whisper("don\u2019t they 're ﬁne"), "do not they are fine");
}

TEST(Normalise, WhisperEnglishNumbers) {
    SAME(whisper, "twenty one", "twenty-one", "21");
    SAME(whisper, "one hundred and five", "one hundred five", "105");
    SAME(whisper, "nineteen sixty five", "1965");
    SAME(whisper, "twenty twenty", "2020");
    SAME(whisper, "two thousand and ten", "2010", "2,010");
    SAME(whisper, "one oh one", "101");
    SAME(whisper, "two point five million", "2.5 million", "2500000");
    SAME(whisper, "twenty first", "21st");
    SAME(whisper, "third", "3rd");
    SAME(whisper, "nineteen sixties", "1960s");
    SAME(whisper, "three point one four", "3.14");
    SAME(whisper, "five dollars", "$5");
    SAME(whisper, "twenty million dollars", "$20 million", "$20000000");
    SAME(whisper, "five percent", "five per cent", "5%", "5 %");
    SAME(whisper, "double seven", "77");
    SAME(whisper, "three and a half", "3.5");
    SAME(whisper, "six hundred thousand", "600 thousand", "600,000");
    EXPECT_EQ(whisper("one of the ones and two"), "one of the ones and 2");
    EXPECT_EQ(whisper("oh no, the point is and per se"), "oh no the point is and per se");
    EXPECT_EQ(whisper("3 3"), "3 3");
}

// ---- koenecke, French

TEST(Normalise, KoeneckeFrench) {
    SAME(koenecke_fr, "l'homme d'aujourd'hui", "l’homme d’aujourd’hui", "L homme d aujourd hui");
    EXPECT_EQ(koenecke_fr("C'est-à-dire qu'il s'en va, là-bas !"), "c est à dire qu il s en va là bas");
    SAME(koenecke_fr, "le cœur et l'œuf", "le coeur et l'oeuf", "le CŒUR et l'ŒUF");
    EXPECT_EQ(koenecke_fr("ex æquo"), "ex aequo");
    SAME(koenecke_fr, "rendez-vous", "rendez vous");
    SAME(koenecke_fr, "week-end", "weekend", "week end");
    SAME(koenecke_fr, "l'e\u0301te\u0301", "l'été");
    SAME(koenecke_fr, "il connaît l'île en août, ça coûte", "il connait l'ile en aout ça coute");
    EXPECT_EQ(koenecke_fr("sûr dû mûr qu'il fût nous fîmes"), "sûr dû mûr qu il fût nous fîmes");
    SAME(koenecke_fr, "l'événement", "l'évènement");
    SAME(koenecke_fr, "Mme Dupont", "madame Dupont");
    EXPECT_EQ(koenecke_fr("bon [rires] (inaudible) <bruit> voilà"), "bon voilà");
    EXPECT_EQ(koenecke_fr("prud'hommes presqu'île quelqu'un"), "prudhommes presquile quelqu un");
}

TEST(Normalise, KoeneckeFrenchFillersAndNe) {
    EXPECT_EQ(koenecke_fr("euh oui heu hum ben hein"),
              "{ euh / @ } oui { euh / @ } { hum / @ } { ben / @ } { hein / @ }");
    EXPECT_EQ(koenecke_fr("je ne sais pas"), "je { ne / @ } sais pas");
    EXPECT_EQ(koenecke_fr("je n'ai jamais dit"), "je { ne / @ } ai jamais dit");
    EXPECT_EQ(koenecke_fr("avant qu'il ne parte"), "avant qu il ne parte") << "no negation follows";
}

TEST(Normalise, FrenchNumbers) {
    SAME(koenecke_fr, "soixante-dix", "septante", "70");
    SAME(koenecke_fr, "soixante et onze", "septante et un", "71");
    SAME(koenecke_fr, "soixante-dix-sept", "septante-sept", "77");
    SAME(koenecke_fr, "quatre-vingts", "huitante", "octante", "80");
    SAME(koenecke_fr, "quatre-vingt-un", "huitante et un", "81");
    SAME(koenecke_fr, "quatre-vingt-dix", "nonante", "90");
    SAME(koenecke_fr, "quatre-vingt-dix-neuf", "nonante-neuf", "99");
    SAME(koenecke_fr, "vingt et un", "21");
    SAME(koenecke_fr, "trente-six", "36");
    SAME(koenecke_fr, "deux cent trois", "203");
    SAME(koenecke_fr, "deux cents", "200");
    SAME(koenecke_fr, "mille neuf cent quatre-vingt-quatre", "dix-neuf cent quatre-vingt-quatre", "1984");
    SAME(koenecke_fr, "deux mille vingt-trois", "2023");
    SAME(koenecke_fr, "trois millions cinq cent mille", "3 500 000", "3\u202F500\u202F000", "3,5 millions");
    SAME(koenecke_fr, "deux milliards", "2 milliards", "2 000 000 000");
    SAME(koenecke_fr, "trois virgule cinq", "3,5", "3.5");
    SAME(koenecke_fr, "trois virgule zéro cinq", "3,05");
    SAME(koenecke_fr, "cinq euros", "5 €", "5€", "5 euros");
    SAME(koenecke_fr, "cinq pour cent", "5 %", "5%", "5 pour cent");
    SAME(koenecke_fr, "cinquante pour cent des gens", "50 % des gens");
    SAME(koenecke_fr, "le premier", "le 1er");
    SAME(koenecke_fr, "deuxième", "2e", "2ème");
    SAME(koenecke_fr, "vingt et unième", "21e");
    SAME(koenecke_fr, "dix-septième", "17e");
    SAME(koenecke_fr, "quatorze heures trente", "14h30", "14 h 30");
    SAME(koenecke_fr, "un homme", "1 homme");
    EXPECT_EQ(koenecke_fr("un homme et une femme"), "un homme et une femme");
    EXPECT_EQ(koenecke_fr("zéro six douze"), "0 6 12");
    SAME(koenecke_fr, "zéro six douze", "06 12");
}

// Every number, written as the grammar of French has it, in both ways, gives its digits.
std::string french_below_hundred(int n, bool swiss) {
    static const char* small[] = {"zéro",     "un",     "deux",  "trois",    "quatre",   "cinq",    "six",
                                  "sept",     "huit",   "neuf",  "dix",      "onze",     "douze",   "treize",
                                  "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"};
    static const char* tens[] = {"",          "",         "vingt",    "trente",   "quarante",
                                 "cinquante", "soixante", "septante", "huitante", "nonante"};
    if (n < 20) return small[n];
    if (swiss || n < 70) {
        const std::string base = tens[n / 10];
        return n % 10 == 0 ? base : n % 10 == 1 ? base + " et un" : base + "-" + small[n % 10];
    }
    if (n < 80) return n == 71 ? "soixante et onze" : std::string("soixante-") + small[n - 60];
    return n == 80 ? "quatre-vingts" : std::string("quatre-vingt-") + small[n - 80];
}
std::string french(int n, bool swiss) {
    std::string out;
    const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
    if (n >= 1000) {
        if (n / 1000 > 1) add(french(n / 1000, swiss));
        add("mille");
        n %= 1000;
        if (n == 0) return out;
    }
    if (n >= 100) {
        if (n / 100 > 1) add(french_below_hundred(n / 100, swiss));
        add(n / 100 > 1 && n % 100 == 0 ? "cents" : "cent");
        n %= 100;
        if (n == 0) return out;
    }
    add(french_below_hundred(n, swiss));
    return out;
}
TEST(Normalise, EveryFrenchNumber) {
    for (int n = 2; n < 20000; n += n < 2200 ? 1 : 37)
        for (const bool swiss : {false, true})
            EXPECT_EQ(koenecke_fr(french(n, swiss)), std::to_string(n)) << french(n, swiss);
}

// English: digits to words and back is the same number under both profiles.
TEST(Normalise, EveryEnglishNumber) {
    for (int n = 2; n < 100000; n += n < 2200 ? 1 : 41) {
        const auto digits = std::to_string(n), words = koenecke(digits);
        EXPECT_EQ(koenecke(words), words);
        EXPECT_EQ(whisper(words), digits) << words;
    }
}

// ---- whisper, French

TEST(Normalise, WhisperFrench) {
    EXPECT_EQ(whisper_fr("L'homme, c’est [rires] là-bas (oui) : 50 % !"), "l homme c est là bas 50");
    EXPECT_EQ(whisper_fr("Cœur ½ ﬁn"), "cœur 1 2 fin") << "compatibility forms (NFKC)";
    EXPECT_EQ(whisper_fr("euh soixante-dix"), "euh soixante dix") << "nothing else is made one";
}

// ---- properties

TEST(Normalise, AnyBytes) {
    std::mt19937 dice(7);
    const std::string alphabet = "ab 0159,.'-{}/()[]<>%$@;\\*\xC3\xA9\xE2\x82\xAC\xFF\xF0\x9F\x98\x80 n't h";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto i = dice() % 60; i > 0; --i) text += alphabet[dice() % alphabet.size()];
        for (const auto profile : {Profile::raw, Profile::koenecke, Profile::whisper})
            for (const auto language : {kEnglish, kFrench})
                for (const bool markup : {false, true}) {
                    Speech one, again;
                    normalise(text, {profile, language, markup, true, true}, one);
                    again.word("left over");
                    normalise(text, {profile, language, markup, true, true}, again);
                    ASSERT_EQ(shown(one), shown(again)) << text;
                    ASSERT_TRUE(is_valid_utf8(one.letters)) << text;
                    int depth = 0;
                    for (const auto& piece : one.pieces) {
                        depth += piece.kind == PieceKind::open ? 1 : piece.kind == PieceKind::close ? -1 : 0;
                        ASSERT_GE(depth, 0);
                        if (piece.kind == PieceKind::word && !piece.nothing && profile != Profile::raw) {
                            ASSERT_GT(piece.length, 0u) << text;
                        }
                    }
                    ASSERT_EQ(depth, 0);
                }
    }
}

// What a profile made, it leaves alone: else two writings of one text would depend on how often they passed.
TEST(Normalise, TwiceIsOnce) {
    for (const std::string_view text : {"Well, I don't know 21 of the 1960s", "five dollars and $5",
                                        "je n'ai pas 77 euros", "Mr. Jones paid 3.5 million"})
        for (const auto profile : {Profile::raw, Profile::koenecke})
            for (const auto language : {kEnglish, kFrench}) {
                const auto once = under(profile, language, text);
                if (once.find('{') == once.npos) EXPECT_EQ(under(profile, language, once), once);
            }
}

}  // namespace
}  // namespace contrechamp::disparity
