// Numbers in English: digits to words (koenecke) and words to digits (whisper).
#include <algorithm>
#include <array>
#include <optional>

#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {
namespace {

constexpr std::array<std::string_view, 20> kOnes = {
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 20> kOrdinals = {
    "zeroth",     "first",     "second",    "third",       "fourth",     "fifth",     "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",   "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
constexpr std::array<std::string_view, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                                    "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 5> kMany = {"", "thousand", "million", "billion", "trillion"};
constexpr std::size_t kMostDigits = 15;

template <std::size_t N>
std::optional<std::uint64_t> place(std::string_view word, const std::array<std::string_view, N>& list,
                                   std::size_t from = 0) {
    for (auto i = from; i < N; ++i)
        if (list[i] == word) return i;
    return std::nullopt;
}

// ---- digits to words

using Spoken = std::vector<std::string>;

void below_thousand(std::uint64_t value, Spoken& out) {
    if (value >= 100) {
        out.emplace_back(kOnes[value / 100]);
        out.emplace_back("hundred");
        value %= 100;
        if (value == 0) return;
    }
    if (value >= 20) {
        out.emplace_back(kTens[value / 10]);
        value %= 10;
        if (value == 0) return;
    }
    out.emplace_back(kOnes[value]);
}

void cardinal(std::uint64_t value, Spoken& out) {
    if (value == 0) out.emplace_back(kOnes[0]);
    std::uint64_t unit = 1'000'000'000'000;
    for (std::size_t i = kMany.size(); i-- > 0; unit /= 1000) {
        const auto part = value / unit;
        value %= unit;
        if (part == 0) continue;
        below_thousand(part, out);
        if (i) out.emplace_back(kMany[i]);
    }
}

void digit_by_digit(std::string_view digits, Spoken& out) {
    for (const char c : digits) out.emplace_back(kOnes[static_cast<std::size_t>(c - '0')]);
}

std::uint64_t value_of(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return value;
}

// Years are said in two halves, as in Koenecke et al.: 1984, nineteen eighty four; 2015, twenty fifteen.
void say_digits(std::string_view digits, Spoken& out) {
    if (digits.size() > kMostDigits || (digits.size() > 1 && digits[0] == '0'))
        return digit_by_digit(digits, out);
    const auto value = value_of(digits);
    if ((value >= 1100 && value < 2000) || (value >= 2010 && value < 2100)) {
        below_thousand(value / 100, out);
        if (value % 100 == 0) out.emplace_back("hundred");
        else if (value % 100 < 10) out.emplace_back("oh");
        if (value % 100) below_thousand(value % 100, out);
        return;
    }
    cardinal(value, out);
}

void make_ordinal(std::string& last) {
    if (const auto one = place(last, kOnes)) last = kOrdinals[*one];
    else if (last.ends_with('y')) last.replace(last.size() - 1, 1, "ieth");
    else last += "th";
}

void make_plural(std::string& last) {
    if (last.ends_with('y')) last.replace(last.size() - 1, 1, "ies");
    else last += last == "six" ? "es" : "s";
}

// One token that begins with a digit.
void say(std::string_view text, Spoken& out) {
    const auto end =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    const auto digits = text.substr(0, end), rest = text.substr(end);
    say_digits(digits, out);
    if (rest.empty()) return;
    if (rest[0] == '.' && all_digits(rest.substr(1))) {
        out.emplace_back("point");
        digit_by_digit(rest.substr(1), out);
    } else if (among(rest, {"st", "nd", "rd", "th"})) {
        make_ordinal(out.back());
    } else if (rest == "s") {
        make_plural(out.back());
    } else if (is_digit(rest[rest[0] == '.' ? 1 : 0])) {
        say(rest.substr(1), out);  // 1.2.3: said one after another
    } else {
        out.emplace_back(rest[0] == '.' ? rest.substr(1) : rest);
    }
}

bool is_multiple(std::string_view word) { return word == "hundred" || place(word, kMany, 1); }
bool is_number_word(std::string_view word) {
    return place(word, kOnes) || place(word, kTens, 2) || place(word, kOrdinals, 1);
}

// Ways of saying the same number: "two hundred and five", "two hundred five" and "two oh five"; "two thousand
// (and) ten" and "twenty ten".
void one_way(Tokens& tokens) {
    std::size_t kept = 0;
    const auto text = [&](std::size_t i) {
        return i < tokens.size() ? std::string_view(tokens[i].text) : std::string_view();
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (text(i) == "and" && kept && is_multiple(tokens[kept - 1].text) && is_number_word(text(i + 1)))
            continue;
        if (kept != i) tokens[kept] = std::move(tokens[i]);
        ++kept;
    }
    tokens.resize(kept);
    kept = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool alone = i == 0 || !(is_number_word(tokens[i - 1].text) || is_multiple(tokens[i - 1].text));
        const auto tens = place(text(i + 2), kTens, 2), ones = place(text(i + 2), kOnes, 10);
        if (alone && text(i) == "two" && text(i + 1) == "thousand" && (tens || ones) &&
            !is_multiple(text(i + 3))) {
            tokens[i].text = "twenty";
            tokens[i + 1].text.clear();
        }
        const auto before = place(text(i), kOnes, 1), after = place(text(i + 2), kOnes, 1);
        if (before && *before < 10 && alone && text(i + 1) == "hundred" && after && *after < 10 &&
            !is_multiple(text(i + 3)))
            tokens[i + 1].text = "oh";
    }
    std::erase_if(tokens, [](const Token& token) { return token.text.empty(); });
}

}  // namespace

void english_numbers_to_words(Tokens& tokens) {
    Tokens out;
    Spoken spoken;
    for (auto& token : tokens) {
        if (token.text.empty() || !is_digit(token.text[0])) {
            out.push_back(std::move(token));
            continue;
        }
        spoken.clear();
        say(token.text, spoken);
        for (auto& word : spoken) out.push_back({std::move(word), token.proper, false});
    }
    tokens = std::move(out);
    one_way(tokens);
}

// ---- words to digits

namespace {

// Digits being put together. "open" numbers take more: 19 and sixty make 1960, "one oh one" makes 101.
class Number {
  public:
    bool any() const { return !digits_.empty(); }
    bool joined() const { return joined_; }
    const std::string& digits() const { return digits_; }
    bool integer() const { return digits_.find('.') == digits_.npos && digits_.size() <= kMostDigits; }
    std::uint64_t value() const { return value_of(digits_); }
    void set(std::uint64_t value) { digits_ = std::to_string(value), joined_ = false; }
    void set(std::string digits, bool joined) { digits_ = std::move(digits), joined_ = joined; }
    void append(std::string_view more) { digits_ += more, joined_ = true; }
    void clear() { digits_.clear(), joined_ = false; }

  private:
    std::string digits_;
    bool joined_ = false;  // put together digit by digit, and not a value to add to
};

class Reader {
  public:
    explicit Reader(Tokens& tokens) : tokens_(tokens) {}
    Tokens run() {
        for (at_ = 0; at_ < tokens_.size(); ++at_) step(tokens_[at_].text);
        flush();
        return std::move(out_);
    }

  private:
    std::string_view word(std::ptrdiff_t ahead) const {
        const auto i = static_cast<std::ptrdiff_t>(at_) + ahead;
        return i >= 0 && i < static_cast<std::ptrdiff_t>(tokens_.size())
                   ? std::string_view(tokens_[static_cast<std::size_t>(i)].text)
                   : std::string_view();
    }
    static bool zero(std::string_view word) { return among(word, {"o", "oh", "zero"}); }
    static std::optional<std::uint64_t> one(std::string_view word) { return place(word, kOnes, 1); }
    static std::optional<std::uint64_t> tens(std::string_view word) {
        const auto at = place(word, kTens, 2);
        return at ? std::optional(*at * 10) : std::nullopt;
    }
    static std::optional<std::uint64_t> multiple(std::string_view word) {
        if (word == "hundred") return 100;
        const auto at = place(word, kMany, 1);
        if (!at) return std::nullopt;
        std::uint64_t value = 1;
        for (std::uint64_t i = 0; i < *at; ++i) value *= 1000;
        return value;
    }
    static bool numeric(std::string_view word) { return !word.empty() && is_digit(word[0]); }
    static bool countable(std::string_view word) {
        return zero(word) || one(word) || tens(word) || multiple(word) || numeric(word);
    }
    // The value of "third", "sixes", "twentieth", "nineties", "hundredth" … with its ending.
    static std::optional<std::pair<std::uint64_t, std::string_view>> ended(std::string_view word) {
        if (const auto at = place(word, kOrdinals, 1)) {
            const auto ending = *at == 1 ? "st" : *at == 2 ? "nd" : *at == 3 ? "rd" : "th";
            return std::pair{*at, std::string_view(ending)};
        }
        const auto base = [&](std::string_view ending,
                              std::string_view instead) -> std::optional<std::uint64_t> {
            if (!word.ends_with(ending)) return std::nullopt;
            const auto stem = std::string(word.substr(0, word.size() - ending.size())) + std::string(instead);
            if (const auto value = tens(stem)) return value;
            if (const auto value = multiple(stem)) return value;
            return ending == "s" || ending == "es" ? one(stem) : std::nullopt;
        };
        if (const auto value = base("ieth", "y")) return std::pair{*value, std::string_view("th")};
        if (const auto value = base("ies", "y")) return std::pair{*value, std::string_view("s")};
        if (const auto value = base("th", "")) return std::pair{*value, std::string_view("th")};
        if (const auto value = base("es", "")) return std::pair{*value, std::string_view("s")};
        if (const auto value = base("s", "")) return std::pair{*value, std::string_view("s")};
        return std::nullopt;
    }

    void put(std::string text) {
        if (!prefix_.empty()) text.insert(0, prefix_);
        prefix_.clear();
        if (text == "1") text = "one";
        if (text == "1s") text = "ones";
        out_.push_back({std::move(text), false, false});
    }
    void flush() {
        if (number_.any()) put(number_.digits());
        number_.clear();
        prefix_.clear();
    }
    void keep() {
        flush();
        out_.push_back(std::move(tokens_[at_]));
    }

    void add(std::uint64_t value, std::uint64_t room) {  // `room`: 10 for a digit, 100 for tens and teens
        if (!number_.any()) return number_.set(value);
        const bool fits = !number_.joined() && number_.integer() && number_.value() % room == 0;
        if (fits && !one(word(-1))) return number_.set(number_.value() + value);
        if (value < 10 && number_.joined() && tens(word(-1)) && number_.digits().ends_with('0')) {
            auto digits = number_.digits();  // nineteen sixty | five
            digits.back() = static_cast<char>('0' + value);
            return number_.set(std::move(digits), true);
        }
        number_.append(std::to_string(value));
    }
    void multiply(std::uint64_t by) {
        if (!number_.any()) return number_.set(by);
        if (number_.digits().find('.') != std::string::npos) return scale(by);
        if (!number_.integer() || number_.digits().size() + std::to_string(by).size() > kMostDigits + 1) {
            flush();
            return number_.set(by);
        }
        const auto value = number_.value();
        if (number_.joined()) return number_.set(value * by);
        number_.set(value / 1000 * 1000 + std::max<std::uint64_t>(value % 1000, 1) * by);
    }
    // 2.5 million
    void scale(std::uint64_t by) {
        auto digits = number_.digits();
        const auto point = digits.find('.');
        const auto decimals = digits.size() - point - 1;
        const auto zeros = std::to_string(by).size() - 1;
        if (decimals > zeros || digits.size() + zeros > kMostDigits) {
            flush();
            return number_.set(by);
        }
        digits.erase(point, 1);
        number_.set(value_of(digits.append(zeros - decimals, '0')));
    }

    // A token that begins with a digit, or a sign before it: "3.5", "21st", "$5", "5%".
    void digits(std::string text) {
        flush();
        std::string sign;
        for (const std::string_view known : {"$", "€", "£", "¢"})
            if (text.starts_with(known)) {
                sign = known;
                text.erase(0, known.size());
            }
        const auto end = static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) -
            text.begin());
        const auto rest = text.substr(end);
        text.resize(end);
        while (text.ends_with('.')) text.pop_back();
        if (text.empty()) return;
        const auto significant = text.find_first_not_of('0');
        if (text.find('.') == text.npos && significant != 0 && text.size() > 1)
            text.erase(0, std::min(significant, text.size() - 1));
        prefix_ = sign;
        if (rest == "%" || among(rest, {"st", "nd", "rd", "th", "s"})) return put(text + rest);
        number_.set(text, text.find('.') != text.npos);
        if (rest.empty()) return;
        for (const std::string_view known : {"$", "€", "£", "¢"})
            if (rest == known) {
                prefix_ = known;
                return flush();
            }
        flush();
        out_.push_back({rest, false, false});
    }

    void step(const std::string& text) {
        const bool signed_digit = text.size() > 1 && !std::isalpha(static_cast<unsigned char>(text[0])) &&
                                  std::any_of(text.begin(), text.end(), is_digit);
        if (numeric(text) || signed_digit) return digits(text);
        if (among(text, {"$", "€", "£", "¢"})) {
            if (!numeric(word(1))) return flush();
            tokens_[at_ + 1].text.insert(0, text);
            return flush();
        }
        if (text == "%") return percent();
        // "oh" is a zero only beside other digits.
        if (zero(text) && (text == "zero" || number_.any() || countable(word(1)))) {
            if (!number_.any()) number_.set("0", true);
            else number_.append("0");
            return;
        }
        if (const auto value = one(text)) return add(*value, *value < 10 ? 10 : 100);
        if (const auto value = tens(text)) return add(*value, 100);
        if (const auto value = multiple(text)) return multiply(*value);
        if (const auto value = ended(text)) return finish(*value);
        special(text);
    }
    void finish(std::pair<std::uint64_t, std::string_view> value) {
        const auto [amount, ending] = value;
        if (amount >= 100) multiply(amount);
        else add(amount, amount < 10 ? 10 : 100);
        const auto text = number_.digits() + std::string(ending);
        number_.clear();
        put(text);
    }
    void percent() {
        if (!number_.any()) return flush();
        const auto text = number_.digits() + "%";
        number_.clear();
        put(text);
    }
    void special(const std::string& text) {
        if (text == "percent" && number_.any()) return percent();
        if (text == "per" && word(1) == "cent" && number_.any()) {
            percent();
            ++at_;
            return;
        }
        const std::string_view money = among(text, {"dollar", "dollars"}) ? "$"
                                       : among(text, {"euro", "euros"})   ? "€"
                                       : among(text, {"pound", "pounds"}) ? "£"
                                       : among(text, {"cent", "cents"})   ? "¢"
                                                                          : "";
        if (!money.empty() && number_.any()) {
            prefix_ = money;
            return flush();
        }
        if (text == "and" && number_.any() && multiple(word(-1)) && countable(word(1))) return;
        if (text == "and" && word(1) == "a" && word(2) == "half" && number_.any()) {
            at_ += 2;
            number_.append(".5");
            return;
        }
        if (text == "point" && number_.any() &&
            (zero(word(1)) || one(word(1)) || tens(word(1)) || numeric(word(1)))) {
            number_.append(".");
            if (numeric(word(1)) && all_digits(word(1))) number_.append(word(1)), ++at_;
            return;
        }
        if ((text == "double" || text == "triple") &&
            (zero(word(1)) || (one(word(1)) && *one(word(1)) < 10))) {
            const auto digit = zero(word(1)) ? 0 : *one(word(1));
            number_.append(std::string(text == "double" ? 2 : 3, static_cast<char>('0' + digit)));
            ++at_;
            return;
        }
        keep();
    }

    Tokens& tokens_;
    Tokens out_;
    Number number_;
    std::string prefix_;
    std::size_t at_ = 0;
};

}  // namespace

void english_words_to_numbers(Tokens& tokens) { tokens = Reader(tokens).run(); }

}  // namespace contrechamp::disparity
