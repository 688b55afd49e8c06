// Made-up profile texts for the tests of templates: ordinary ones that share idioms, shapes and words, and
// planted ones.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bios {

// splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) { state_ = next() ^ (seed << 32); }
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1p-53 < p; }
    // Zipf-like: rank r about as often as 1 / (r + 1).
    std::size_t zipf(std::size_t n) {
        double u = static_cast<double>(next() >> 11) * 0x1p-53;
        return std::min(n - 1,
                        static_cast<std::size_t>(std::exp(u * std::log(static_cast<double>(n) + 1)) - 1));
    }
    template <typename List>
    auto of(const List& list) {
        return list[below(std::size(list))];
    }
    template <typename List>
    auto often(const List& list) {
        return list[zipf(std::size(list))];
    }

  private:
    std::uint64_t state_;
};

inline constexpr std::string_view kJobs[] = {
    "Nurse",           "Teacher",        "Software engineer", "Picker",        "Stower",
    "Journalist",      "Photographer",   "Student",           "Driver",        "Designer",
    "Writer",          "Chef",           "Researcher",        "Electrician",   "Accountant",
    "Musician",        "Data scientist", "Paramedic",         "Lawyer",        "Carpenter",
    "Project manager", "Packer",         "Youth worker",      "Gardener",      "Librarian",
    "PhD candidate",   "Trade unionist", "Product owner",     "Social worker", "Process assistant"};
inline constexpr std::string_view kCities[] = {
    "London",  "Leeds",   "Paris",  "Lyon",    "Chicago", "Seattle", "Berlin",  "Madrid",
    "Dublin",  "Toronto", "Austin", "Glasgow", "Lille",   "Bristol", "Phoenix", "Nantes",
    "Cardiff", "Tampa",   "Oslo",   "Naples",  "Denver",  "Geneva",  "Ghent",   "Porto"};
inline constexpr std::string_view kHobbies[] = {
    "dogs",    "coffee",   "baking",  "hiking",  "video games", "camping",   "football", "cats",
    "cycling", "books",    "films",   "running", "yoga",        "gardening", "painting", "chess",
    "travel",  "knitting", "fishing", "skiing",  "vinyl",       "anime",     "history",  "politics",
    "wine",    "jazz",     "tennis",  "pottery", "birds",       "rugby"};
inline constexpr std::string_view kIdioms[] = {"opinions my own",
                                               "all opinions are my own",
                                               "she/her",
                                               "he/him",
                                               "they/them",
                                               "mum of two",
                                               "love my dog",
                                               "views my own",
                                               "living the dream",
                                               "RTs are not endorsements",
                                               "work in progress",
                                               "proud dad",
                                               "just here for the memes",
                                               "black lives matter",
                                               "husband and father",
                                               "wife, mother, friend",
                                               "living my best life",
                                               "tweets are my own",
                                               "born and raised in the north",
                                               "dog mum",
                                               "part time human",
                                               "never give up",
                                               "one day at a time"};
inline constexpr std::string_view kEmoji[] = {"😀", "📦", "🏳️‍🌈", "⚽", "🇫🇷", "❤️", "🌍", "☕",
                                              "🐶", "📚", "✊🏽",        "🎮"};
inline constexpr std::string_view kBetween[] = {". ", " | ", ", ", " - ", "\n", " • ", " / ", ". ", ". "};
inline constexpr std::string_view kFew[] = {"1", "2", "3", "4", "5", "6", "7", "8", "10", "12"};

inline std::string made_up_word(std::size_t rank) {
    static constexpr std::string_view kSyllables[] = {"ka", "ro",  "min", "te",  "lus",
                                                      "va", "dor", "ne",  "shi", "bel"};
    std::string word;
    for (std::size_t n = rank + 11; n > 0; n /= 10) word += kSyllables[n % 10];
    return word;
}

inline std::string fragment(Dice& dice) {
    auto hobby = [&] { return std::string(dice.often(kHobbies)); };
    std::string job(dice.often(kJobs)), city(dice.often(kCities)), rare = made_up_word(dice.zipf(20000));
    switch (dice.zipf(24)) {
        case 0: return job + " in " + city;
        case 1: return std::string(dice.often(kIdioms));
        case 2: return job;
        case 3: return "love " + hobby() + " and " + hobby();
        case 4: return job + " at " + rare;
        case 20: return "Likes " + hobby() + ", " + hobby();
        case 6: return "fan of " + rare;
        case 7: return city + " born";
        case 8: return "into " + hobby() + ", " + hobby() + ", " + hobby();
        case 9: return job + " @ " + rare;
        case 10: return "https://" + rare + ".example/" + rare;
        case 11: return "for " + std::string(dice.of(kFew)) + " years";
        case 12: return job + " for " + std::string(dice.of(kFew)) + " years";
        case 13: return "@" + rare;
        case 14: return "ex " + rare + " and " + rare;
        case 15: return "since " + std::to_string(1990 + dice.below(30));
        case 16: return rare + " " + made_up_word(dice.zipf(20000)) + " " + made_up_word(dice.zipf(20000));
        case 17: return "#" + rare;
        case 18: return "lover of " + hobby() + " and " + hobby();
        case 19: return rare + " supporter for " + std::string(dice.of(kFew)) + " years";
        case 5: return "working on " + rare;
        case 21: return "Class of " + std::to_string(1990 + dice.below(30));
        case 22: return city + " -> " + std::string(dice.often(kCities));
        default:
            return std::string(1, static_cast<char>('A' + dice.below(26))) + "B" +
                   std::to_string(dice.below(9)) + " " + rare;
    }
}

inline std::string ordinary(Dice& dice) {
    std::string text;
    for (std::size_t i = 0, count = 1 + dice.below(5); i < count; ++i) {
        if (i) text += dice.often(kBetween);
        text += fragment(dice);
        if (dice.chance(0.15)) text += std::string(" ") + std::string(dice.often(kEmoji));
    }
    return text;
}

struct Planted {
    std::string text;
    std::vector<std::string> values;  // job, site code, number, likes
};

// "Picker @ CVG2. Amazonian for 3 years. Likes dogs, baking, hiking" and what people make of it.
inline Planted ambassador(Dice& dice) {
    Planted planted;
    std::string job(dice.of(kJobs)), n(dice.of(kFew)), likes(dice.of(kHobbies));
    std::string code;
    for (int i = 0; i < 3; ++i) code += static_cast<char>('A' + dice.below(26));
    code += static_cast<char>('1' + dice.below(9));
    std::size_t more = dice.below(3);
    for (std::size_t i = 0; i < more; ++i)
        likes += (i + 1 == more && dice.chance(0.4) ? " and " : ", ") + std::string(dice.of(kHobbies));
    planted.values = {job, code, n, likes};
    planted.text = job + " @ " + code + (dice.chance(0.3) ? " - " : ". ") + "Amazonian for " + n +
                   (n == "1" ? " year" : " years") + ". " + (dice.chance(0.2) ? "likes " : "Likes ") + likes;
    return planted;
}

}  // namespace bios
