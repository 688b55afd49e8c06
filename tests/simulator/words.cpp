#include "simulator/words.h"

#include <array>

namespace contrechamp::simulator {
namespace {

constexpr std::uint32_t kWords = 12000;

constexpr std::array<std::string_view, 80> kEnglish = {
    "the",   "to",   "and",  "a",     "of",    "is",    "in",    "I",      "it",   "you",  "for",   "on",
    "that",  "this", "so",   "my",    "be",    "at",    "with",  "are",    "have", "not",  "but",   "we",
    "just",  "was",  "me",   "all",   "like",  "what",  "out",   "get",    "they", "no",   "good",  "do",
    "can",   "up",   "now",  "when",  "about", "one",   "if",    "from",   "your", "will", "day",   "time",
    "how",   "love", "as",   "new",   "know",  "who",   "today", "people", "go",   "see",  "more",  "work",
    "there", "he",   "she",  "think", "back",  "why",   "great", "really", "an",   "or",   "never", "by",
    "need",  "some", "want", "here",  "got",   "still", "make",  "right"};
constexpr std::array<std::string_view, 80> kFrench = {
    "de",       "la",    "le",    "et",   "les",   "je",      "à",        "est",   "pas",    "que",
    "un",       "en",    "des",   "une",  "pour",  "c’est",   "qui",      "on",    "du",     "il",
    "tu",       "ça",    "dans",  "plus", "ce",    "mais",    "au",       "me",    "sur",    "avec",
    "moi",      "tout",  "fait",  "ne",   "si",    "j’ai",    "se",       "nous",  "vous",   "quand",
    "bien",     "même",  "elle",  "son",  "par",   "mon",     "comme",    "faire", "va",     "être",
    "trop",     "rien",  "aussi", "jour", "ils",   "encore",  "sans",     "merci", "temps",  "monde",
    "suis",     "était", "bon",   "vie",  "après", "travail", "déjà",     "gens",  "deux",   "alors",
    "vraiment", "ai",    "peut",  "aux",  "ma",    "non",     "toujours", "où",    "demain", "soir"};
constexpr std::array<std::string_view, 40> kEnglishSyllables = {
    "an",  "ber", "con", "der",  "ed", "er",  "est", "fi",   "gra", "hou", "ing", "ish", "ket", "lan",
    "ly",  "mar", "men", "ness", "on", "or",  "pa",  "pres", "ra",  "ri",  "sa",  "ser", "sta", "tal",
    "ter", "ti",  "ton", "tra",  "un", "ver", "wa",  "wor",  "bri", "clo", "dle", "ough"};
constexpr std::array<std::string_view, 40> kFrenchSyllables = {
    "ai",  "an", "bou", "cha",  "con", "dé", "eau",  "é",  "euse", "eur", "fi",  "gra", "ier", "in",
    "ine", "ja", "la",  "lle",  "lu",  "ma", "ment", "mi", "nou",  "oi",  "on",  "pa",  "pré", "que",
    "ra",  "ré", "sa",  "sion", "sou", "ta", "té",   "ti", "tion", "tou", "ver", "vi"};

}  // namespace

Language::Language(std::span<const std::string_view> common, std::span<const std::string_view> syllables,
                   std::uint64_t seed) {
    Random random(seed);
    words_.reserve(kWords);
    for (const std::string_view word : common) words_.emplace_back(word);
    while (words_.size() < kWords) {
        std::string word;
        const unsigned count = 2 + random.below(2) + (words_.size() > kWords / 4 ? random.below(2) : 0);
        for (unsigned i = 0; i < count; ++i) word += syllables[random.below(syllables.size())];
        words_.push_back(std::move(word));
    }
    table_.resize(65536);
    for (std::uint32_t& rank : table_) rank = random.zipf(kWords, 1.05);
}

std::uint32_t Language::after(std::uint32_t rank, Random& random) const {
    const std::uint64_t draw = random.next();
    if ((draw & 1) != 0) return table_[draw >> 48];
    // The better liked of twelve twice as often as the others.
    const std::uint64_t which = (draw >> 1) % 18 % 12;
    return table_[mix(rank, which) >> 48];
}

std::uint32_t Language::instead_of(std::uint32_t rank, std::uint32_t which) const {
    return static_cast<std::uint32_t>(mix(rank, 1000 + which) % words_.size());
}

void Language::sentence(Random& random, std::size_t bytes, std::vector<std::uint32_t>& ranks) const {
    ranks.clear();
    std::uint32_t rank = any(random);
    for (std::size_t length = 0;;) {
        ranks.push_back(rank);
        length += words_[rank].size() + 1;
        if (length >= bytes) break;
        rank = after(rank, random);
    }
}

void Language::write(std::span<const std::uint32_t> ranks, std::string& out) const {
    bool capital = true;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const std::string& word = words_[ranks[i]];
        if (i > 0) out += ' ';
        const std::size_t at = out.size();
        out += word;
        if (capital && word[0] >= 'a' && word[0] <= 'z') out[at] = static_cast<char>(word[0] - 'a' + 'A');
        // By the two words, so that the same words are punctuated alike.
        const std::uint64_t mark = i + 1 < ranks.size() ? mix(ranks[i], ranks[i + 1]) % 16 : 0;
        capital = mark == 1;
        if (mark == 1) out += '.';
        else if (mark == 2) out += ',';
    }
}

std::string Language::text(Random& random, std::size_t bytes) const {
    std::vector<std::uint32_t> ranks;
    sentence(random, bytes, ranks);
    std::string out;
    write(ranks, out);
    return out;
}

const Language& english() {
    static const Language language(kEnglish, kEnglishSyllables, 11);
    return language;
}

const Language& french() {
    static const Language language(kFrench, kFrenchSyllables, 12);
    return language;
}

}  // namespace contrechamp::simulator
