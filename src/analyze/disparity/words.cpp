#include "analyze/disparity/words.h"

#include <algorithm>
#include <array>
#include <span>

namespace contrechamp::disparity {
namespace {

// Closed lists, sorted by their bytes. Contractions as the profiles leave them (don't, dont).
constexpr std::string_view kEnglish[] = {
    "a",      "about",   "above",   "after",   "against", "ain't",      "all",     "am",      "an",
    "and",    "any",     "are",     "aren't",  "as",      "at",         "be",      "because", "been",
    "before", "being",   "below",   "between", "both",    "but",        "by",      "can",     "can't",
    "cannot", "could",   "did",     "didn't",  "do",      "does",       "doesn't", "doing",   "don't",
    "dont",   "down",    "during",  "each",    "for",     "from",       "had",     "has",     "have",
    "having", "he",      "he's",    "her",     "hers",    "herself",    "him",     "himself", "his",
    "how",    "i",       "i'd",     "i'll",    "i'm",     "i've",       "if",      "im",      "in",
    "into",   "is",      "isn't",   "it",      "it's",    "its",        "itself",  "may",     "me",
    "might",  "mine",    "must",    "my",      "myself",  "no",         "nor",     "not",     "of",
    "off",    "on",      "onto",    "or",      "our",     "ours",       "out",     "over",    "shall",
    "she",    "she's",   "should",  "since",   "so",      "some",       "such",    "than",    "that",
    "that's", "the",     "their",   "theirs",  "them",    "themselves", "then",    "there",   "these",
    "they",   "they're", "this",    "those",   "through", "till",       "to",      "too",     "under",
    "until",  "up",      "upon",    "us",      "very",    "was",        "wasn't",  "we",      "we're",
    "were",   "what",    "when",    "where",   "whether", "which",      "while",   "who",     "whom",
    "whose",  "why",     "will",    "with",    "without", "won't",      "would",   "you",     "you're",
    "your",   "yours",   "yourself"};
constexpr std::string_view kFrench[] = {
    "a",       "ai",     "aie",     "ait",     "alors",  "après",   "as",     "au",    "aucun",    "aucune",
    "auquel",  "aura",   "aurait",  "aussi",   "aux",    "avaient", "avais",  "avait", "avant",    "avec",
    "avez",    "avoir",  "avons",   "c",       "c'",     "car",     "ce",     "ceci",  "cela",     "celle",
    "celles",  "celui",  "ces",     "cet",     "cette",  "ceux",    "chaque", "chez",  "comme",    "contre",
    "d",       "d'",     "dans",    "de",      "depuis", "des",     "donc",   "dont",  "du",       "elle",
    "elles",   "en",     "entre",   "es",      "est",    "et",      "eu",     "eux",   "fut",      "il",
    "ils",     "j",      "j'",      "je",      "jusque", "l",       "l'",     "la",    "laquelle", "le",
    "lequel",  "les",    "leur",    "leurs",   "lors",   "lorsque", "lui",    "m",     "m'",       "ma",
    "mais",    "me",     "mes",     "moi",     "mon",    "n",       "n'",     "ne",    "ni",       "nos",
    "notre",   "nous",   "on",      "ont",     "or",     "ou",      "où",     "par",   "pas",      "pendant",
    "plus",    "pour",   "puis",    "puisque", "qu",     "qu'",     "quand",  "que",   "quel",     "quelle",
    "quelles", "quels",  "qui",     "quoi",    "s",      "s'",      "sa",     "sans",  "se",       "selon",
    "sera",    "serait", "ses",     "si",      "soi",    "soit",    "sommes", "son",   "sont",     "sous",
    "suis",    "sur",    "t",       "t'",      "ta",     "te",      "tes",    "toi",   "ton",      "tous",
    "tout",    "toute",  "toutes",  "tu",      "un",     "une",     "vers",   "vos",   "votre",    "vous",
    "y",       "à",      "étaient", "étais",   "était",  "été",     "êtes",   "être"};
constexpr std::string_view kEnglishNumbers[] = {
    "billion", "eight",    "eighteen", "eighth",  "eighty", "eleven",   "eleventh", "fifteen",   "fifth",
    "fifty",   "first",    "five",     "forty",   "four",   "fourteen", "fourth",   "hundred",   "million",
    "nine",    "nineteen", "ninety",   "ninth",   "one",    "second",   "seven",    "seventeen", "seventh",
    "seventy", "six",      "sixteen",  "sixth",   "sixty",  "ten",      "tenth",    "third",     "thirteen",
    "thirty",  "thousand", "three",    "twelfth", "twelve", "twenty",   "two",      "zero"};
// "un" and "une" are mostly articles, and stand among the function words.
constexpr std::string_view kFrenchNumbers[] = {
    "cent",   "cents",     "cinq",     "cinquante", "deux",     "deuxième", "dix",          "douze",
    "huit",   "huitante",  "mille",    "milliard",  "million",  "neuf",     "nonante",      "octante",
    "onze",   "premier",   "première", "quarante",  "quatorze", "quatre",   "quatre-vingt", "quatre-vingts",
    "quinze", "seize",     "sept",     "septante",  "six",      "soixante", "treize",       "trente",
    "trois",  "troisième", "vingt",    "vingts",    "zéro"};

static_assert(std::ranges::is_sorted(kEnglish) && std::ranges::is_sorted(kFrench));
static_assert(std::ranges::is_sorted(kEnglishNumbers) && std::ranges::is_sorted(kFrenchNumbers));

bool among(std::span<const std::string_view> list, std::string_view word) {
    return std::binary_search(list.begin(), list.end(), word);
}

bool is_number(std::string_view word, SpeechLanguage language) {
    if (std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) return true;
    const auto numbers = language == SpeechLanguage::french
                             ? std::span<const std::string_view>(kFrenchNumbers)
                             : std::span<const std::string_view>(kEnglishNumbers);
    if (among(numbers, word)) return true;
    // twenty-two, soixante-dix-sept: every part is one.
    const auto hyphen = word.find('-');
    if (hyphen == word.npos || hyphen == 0) return false;
    const auto rest = word.substr(hyphen + 1);
    return among(numbers, word.substr(0, hyphen)) &&
           (rest == "un" || rest == "et-un" || rest == "et-une" || is_number(rest, language));
}

}  // namespace

std::string_view to_string(WordClass word_class) {
    switch (word_class) {
        case WordClass::number: return "number";
        case WordClass::proper: return "proper";
        case WordClass::function: return "function";
        case WordClass::other: return "other";
    }
    return "";
}

WordClass class_of(std::string_view word, bool proper, SpeechLanguage language) {
    if (is_number(word, language)) return WordClass::number;
    if (proper) return WordClass::proper;
    const auto list = language == SpeechLanguage::french ? std::span<const std::string_view>(kFrench)
                                                         : std::span<const std::string_view>(kEnglish);
    return among(list, word) ? WordClass::function : WordClass::other;
}

}  // namespace contrechamp::disparity
