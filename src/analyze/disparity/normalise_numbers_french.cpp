// Numbers in French words, in France, Belgium and Switzerland, as digits.
#include <algorithm>
#include <optional>

#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {
namespace {

struct Named {
    std::string_view name;
    std::uint64_t value;
};

std::optional<std::uint64_t> named(std::string_view word, std::span<const Named> list) {
    for (const auto& entry : list)
        if (entry.name == word) return entry.value;
    return std::nullopt;
}

constexpr Named kSmall[] = {{"zéro", 0},      {"un", 1},      {"une", 1},   {"deux", 2},   {"trois", 3},
                            {"quatre", 4},    {"cinq", 5},    {"six", 6},   {"sept", 7},   {"huit", 8},
                            {"neuf", 9},      {"dix", 10},    {"onze", 11}, {"douze", 12}, {"treize", 13},
                            {"quatorze", 14}, {"quinze", 15}, {"seize", 16}};
constexpr Named kTens[] = {{"vingt", 20},     {"trente", 30},   {"quarante", 40},
                           {"cinquante", 50}, {"soixante", 60}, {"septante", 70},
                           {"huitante", 80},  {"octante", 80},  {"nonante", 90}};
constexpr Named kMany[] = {{"mille", 1000},
                           {"million", 1000000},
                           {"millions", 1000000},
                           {"milliard", 1000000000},
                           {"milliards", 1000000000}};
// "premier" and "second" have other meanings and stay.
constexpr Named kOrdinals[] = {
    {"unième", 1},       {"deuxième", 2},     {"troisième", 3},   {"quatrième", 4},    {"cinquième", 5},
    {"sixième", 6},      {"septième", 7},     {"huitième", 8},    {"neuvième", 9},     {"dixième", 10},
    {"onzième", 11},     {"douzième", 12},    {"treizième", 13},  {"quatorzième", 14}, {"quinzième", 15},
    {"seizième", 16},    {"vingtième", 20},   {"trentième", 30},  {"quarantième", 40}, {"cinquantième", 50},
    {"soixantième", 60}, {"septantième", 70}, {"nonantième", 90}, {"centième", 100},   {"millième", 1000}};

constexpr std::uint64_t kLargest = 1'000'000'000'000'000;

class Parser {
  public:
    explicit Parser(Tokens& tokens) : tokens_(tokens) {}
    Tokens run() {
        while (at_ < tokens_.size())
            if (!number()) keep();
        return std::move(out_);
    }

  private:
    std::string_view word(std::size_t ahead = 0) const {
        return at_ + ahead < tokens_.size() ? std::string_view(tokens_[at_ + ahead].text)
                                            : std::string_view();
    }
    void keep() { out_.push_back(std::move(tokens_[at_++])); }
    void put(std::string text) { out_.push_back({std::move(text), false, false}); }

    // What a word counts as at its place: cardinal, or an ordinal that ends the number.
    std::optional<std::uint64_t> small(std::uint64_t least, std::uint64_t most) {
        auto value = named(word(), kSmall);
        bool ordinal = false;
        if (!value) {
            value = named(word(), kOrdinals);
            ordinal = value.has_value();
        }
        if (!value || *value < least || *value > most) return std::nullopt;
        ordinal_ = ordinal;
        ++at_;
        return value;
    }
    // 1 to 19 behind soixante and quatre-vingt, 1 to 9 behind the others.
    std::uint64_t behind_tens(std::uint64_t most) {
        if (ordinal_) return 0;
        const auto unit = small(1, most);
        if (!unit) return 0;
        if (*unit != 10 || ordinal_) return *unit;
        const auto more = small(7, 9);
        return more ? 10 + *more : 10;
    }
    std::optional<std::uint64_t> below_hundred() {
        if (word() == "quatre" && among(word(1), {"vingt", "vingts", "vingtième"})) {
            ordinal_ = word(1) == "vingtième";
            at_ += 2;
            return 80 + behind_tens(19);
        }
        auto tens = named(word(), kTens);
        if (!tens) {
            const auto ordinal = named(word(), kOrdinals);
            if (ordinal && *ordinal >= 20 && *ordinal < 100) {
                ++at_;
                ordinal_ = true;
                return ordinal;
            }
            const auto value = small(0, 19);
            if (value && *value == 10 && !ordinal_)
                if (const auto more = small(7, 9)) return 10 + *more;
            return value;
        }
        ++at_;
        if (word() == "et" && among(word(1), {"un", "une", "unième", "onze", "onzième", "dix"})) {
            ++at_;
            return *tens + behind_tens(*tens == 60 ? 19 : 1);
        }
        return *tens + behind_tens(*tens == 60 ? 19 : 9);
    }
    bool hundred() const { return among(word(), {"cent", "cents", "centième"}); }
    std::optional<std::uint64_t> below_thousand() {
        std::uint64_t hundreds = 1;
        if (!hundred()) {
            const auto value = below_hundred();
            if (!value || ordinal_ || !hundred() || *value < 2 || pour_cent()) return value;
            hundreds = *value;
        } else if (pour_cent()) {
            return std::nullopt;
        }
        ordinal_ = word() == "centième";
        ++at_;
        if (ordinal_) return hundreds * 100;
        const auto rest = pour_cent() || word() == "zéro" ? std::nullopt : below_hundred();
        return hundreds * 100 + rest.value_or(0);
    }
    // "cinq pour cent": the hundred of a percentage.
    bool pour_cent() const { return at_ > 0 && hundred() && tokens_[at_ - 1].text == "pour"; }

    std::optional<std::uint64_t> whole() {
        std::uint64_t total = 0;
        bool any = false;
        for (;;) {
            const auto before = at_;
            auto part =
                among(word(), {"mille", "millième"}) ? std::optional<std::uint64_t>(1) : below_thousand();
            if (!part) break;
            const auto many =
                word() == "millième" ? std::optional<std::uint64_t>(1000) : named(word(), kMany);
            if (any && total % 1000 != 0) {  // another number begins
                at_ = before;
                break;
            }
            if (many && !ordinal_) {
                ordinal_ = word() == "millième";
                ++at_;
                // deux cent mille millions does not exist; a larger multiple ends the number before.
                total += std::max<std::uint64_t>(*part, 1) * *many;
                any = true;
                if (ordinal_ || total > kLargest) break;
                continue;
            }
            total += *part;
            any = true;
            break;
        }
        return any ? std::optional(total) : std::nullopt;
    }

    // Digits as they stand, with "mille", "millions" … behind them.
    bool written() {
        const auto text = word();
        if (text.empty() || !is_digit(text[0])) return false;
        if (text.size() > 1 && text[0] == '0' && all_digits(text)) {  // 06: zero six
            const std::string digits(text);
            ++at_;
            std::size_t zeros = 0;
            while (zeros + 1 < digits.size() && digits[zeros] == '0') ++zeros, put("0");
            put(digits.substr(zeros));
            return true;
        }
        if (among(text, {"1er"})) return replace("premier");
        if (among(text, {"1re", "1ère", "1ere"})) return replace("première");
        const auto digits =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
        if (digits < text.size() &&
            among(text.substr(digits), {"e", "ème", "eme", "ième", "ieme", "è", "nd", "nde"}))
            return replace(std::string(text.substr(0, digits)) + "e");
        const auto many = named(word(1), kMany);
        if (many && scaled(std::string(text), *many)) return true;
        if (text == "1") return replace("un");
        return false;
    }
    bool replace(std::string text) {
        put(std::move(text));
        ++at_;
        return true;
    }
    // "2,5 millions"
    bool scaled(std::string text, std::uint64_t many) {
        const auto comma = text.find(',');
        auto zeros = std::to_string(many).size() - 1;
        if (comma != text.npos) {
            const auto decimals = text.size() - comma - 1;
            if (decimals > zeros) return false;
            text.erase(comma, 1);
            zeros -= decimals;
        }
        if (!all_digits(text) || text.size() + zeros > 15) return false;
        at_ += 2;
        put(text.append(zeros, '0'));
        return true;
    }

    bool number() {
        if (word() == "pour" && word(1) == "cent" && !out_.empty() && is_digit(out_.back().text[0])) {
            at_ += 2;
            put("pourcent");
            return true;
        }
        if (written()) return true;
        ordinal_ = false;
        const auto begin = at_;
        const auto value = whole();
        if (!value) {
            at_ = begin;
            return false;
        }
        // "un" and "une" alone are mostly articles.
        if (*value == 1 && at_ == begin + 1 && word() != "virgule" && !ordinal_ &&
            among(tokens_[begin].text, {"un", "une"})) {
            at_ = begin;
            return false;
        }
        auto text = std::to_string(*value);
        if (ordinal_) {
            put(text + "e");
            return true;
        }
        decimals(text);
        put(std::move(text));
        return true;
    }
    // "trois virgule zéro cinq"
    void decimals(std::string& text) {
        if (word() != "virgule") return;
        const auto before = at_++;
        std::string digits;
        while (word() == "zéro") digits += '0', ++at_;
        const auto rest = whole();
        if (rest && !ordinal_) digits += std::to_string(*rest);
        if (digits.empty() || ordinal_) {
            at_ = before;
            ordinal_ = false;
            return;
        }
        text += "," + digits;
    }

    Tokens& tokens_;
    Tokens out_;
    std::size_t at_ = 0;
    bool ordinal_ = false;
};

}  // namespace

void french_words_to_numbers(Tokens& tokens) { tokens = Parser(tokens).run(); }

}  // namespace contrechamp::disparity
