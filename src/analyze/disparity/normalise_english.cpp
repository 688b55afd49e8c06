// English: README.md, "Profiles".
#include <algorithm>
#include <array>

#include "analyze/disparity/normalise_letters.h"
#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {
namespace {

// Collects characters into tokens.
class Cutter {
  public:
    Cutter(bool proper, Tokens& out) : proper_(proper), out_(out) {}
    ~Cutter() { cut(); }
    void take(std::int32_t character) { append_character(character, token_); }
    void take(std::string_view text) { token_ += text; }
    void cut() {
        if (!token_.empty()) out_.push_back({std::move(token_), proper_, false});
        token_.clear();
    }
    void alone(std::string_view sign) {
        cut();
        out_.push_back({std::string(sign), false, false});
    }
    bool ends_with_digit() const { return !token_.empty() && is_digit(token_.back()); }

  private:
    bool proper_;
    Tokens& out_;
    std::string token_;
};

bool digit_at(std::string_view word, std::size_t at) { return at < word.size() && is_digit(word[at]); }

}  // namespace

// ---- koenecke

void cut_koenecke_english(std::string_view word, bool proper, Tokens& out) {
    Cutter cutter(proper, out);
    for (std::size_t at = 0; at < word.size();) {
        if (const auto length = apostrophe(word, at)) {
            at += length;
            continue;
        }
        const auto c = next_character(word, at);
        const auto sign = sign_of(c);
        if (sign == Sign::letter || sign == Sign::digit || sign == Sign::mark) cutter.take(c);
        else if (c == ',' && cutter.ends_with_digit() && digit_at(word, at)) continue;
        else if (c == '.' && cutter.ends_with_digit() && digit_at(word, at)) cutter.take(c);
        else if (c == '$') cutter.alone("$");
        else if (c == '%') cutter.alone("%");
        else if (c == 0xA3) cutter.alone("£");
        else if (c == 0x20AC) cutter.alone("€");
        else cutter.cut();
    }
}

namespace {

// Koenecke et al.'s list and its kin: one form of what is written in several ways.
constexpr Replacement kForms[] = {{"avenue", "ave"},
                                  {"boulevard", "blvd"},
                                  {"carryout", "carry out"},
                                  {"cuz", "cause"},
                                  {"doctor", "dr"},
                                  {"gonna", "going to"},
                                  {"gotta", "got to"},
                                  {"highschool", "high school"},
                                  {"imma", "ima"},
                                  {"missus", "mrs"},
                                  {"mister", "mr"},
                                  {"o", "oh"},
                                  {"ok", "okay"},
                                  {"road", "rd"},
                                  {"saint", "st"},
                                  {"sawmill", "saw mill"},
                                  {"state", "st"},
                                  {"street", "st"},
                                  {"till", "til"},
                                  {"tryna", "trying to"},
                                  {"wanna", "want to"},
                                  {"worldclass", "world class"},
                                  {"yup", "yep"}};
static_assert(std::ranges::is_sorted(kForms, {}, &Replacement::from));

bool is_filler(std::string_view word) {
    return among(word, {"um", "umm", "uh", "uhh", "mm", "hm", "hmm", "ooh", "woo", "mhm", "huh", "ha", "er",
                        "erm", "uhm"});
}

// Two words written as one.
void join_pairs(Tokens& tokens) {
    static constexpr std::array<std::array<std::string_view, 3>, 6> kPairs = {{{"north", "east", "northeast"},
                                                                               {"north", "west", "northwest"},
                                                                               {"south", "east", "southeast"},
                                                                               {"south", "west", "southwest"},
                                                                               {"all", "right", "alright"},
                                                                               {"per", "cent", "percent"}}};
    std::size_t kept = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (kept != i) tokens[kept] = std::move(tokens[i]);
        for (const auto& pair : kPairs)
            if (i + 1 < tokens.size() && tokens[kept].text == pair[0] && tokens[i + 1].text == pair[1]) {
                tokens[kept].text = pair[2];
                ++i;
                break;
            }
        ++kept;
    }
    tokens.resize(kept);
}

// "$ 5" and "5 %": the unit is said behind the number.
void place_units(Tokens& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto& text = tokens[i].text;
        if (text == "%") {
            text = "percent";
            continue;
        }
        const std::string_view unit = text == "$"   ? "dollar"
                                      : text == "£" ? "pound"
                                      : text == "€" ? "euro"
                                                    : "";
        if (unit.empty()) continue;
        const bool number = i + 1 < tokens.size() && is_digit(tokens[i + 1].text[0]);
        const bool one = number && tokens[i + 1].text == "1";
        text = std::string(unit) + (one ? "" : "s");
        if (!number) continue;
        std::swap(tokens[i], tokens[i + 1]);
        ++i;
        // $3 million: three million dollars
        if (i + 1 < tokens.size() &&
            among(tokens[i + 1].text, {"thousand", "million", "billion", "trillion"})) {
            std::swap(tokens[i], tokens[i + 1]);
            ++i;
        }
    }
}

}  // namespace

void finish_koenecke_english(Tokens& tokens) {
    place_units(tokens);
    english_numbers_to_words(tokens);
    replace_words(tokens, kForms);
    join_pairs(tokens);
    std::erase_if(tokens, [](const Token& token) { return is_filler(token.text); });
    for (auto& token : tokens) token.text = american(token.text);
}

// ---- whisper

namespace {

// Letters that are one with their mark but do not come apart (Whisper's table).
std::string_view plain_letter(std::int32_t c) {
    switch (c) {
        case 0x153: return "oe";
        case 0xE6: return "ae";
        case 0xF8: return "o";
        case 0xDF: return "ss";
        case 0x111: return "d";
        case 0xF0: return "d";
        case 0xFE: return "th";
        case 0x142: return "l";
        default: return {};
    }
}

constexpr Replacement kTitles[] = {
    {"ald", "alderman"},       {"assoc", "associate"},    {"asst", "assistant"}, {"capt", "captain"},
    {"col", "colonel"},        {"coulda", "could have"},  {"dr", "doctor"},      {"esq", "esquire"},
    {"gen", "general"},        {"gonna", "going to"},     {"gotta", "got to"},   {"gov", "governor"},
    {"hon", "honorable"},      {"imma", "i am going to"}, {"jr", "junior"},      {"lt", "lieutenant"},
    {"mr", "mister"},          {"mrs", "missus"},         {"pres", "president"}, {"prof", "professor"},
    {"rep", "representative"}, {"rev", "reverend"},       {"sen", "senator"},    {"shoulda", "should have"},
    {"sr", "senior"},          {"st", "saint"},           {"wanna", "want to"},  {"woulda", "would have"}};
static_assert(std::ranges::is_sorted(kTitles, {}, &Replacement::from));

// Whole words, then endings; what follows decides 's and 'd. The apostrophe is "'" here.
void expand(std::string_view word, std::string_view following, std::vector<std::string>& out) {
    static constexpr Replacement kWhole[] = {
        {"ain't", "aint"},  {"can't", "can not"},  {"i'ma", "i am going to"}, {"let's", "let us"},
        {"ma'am", "madam"}, {"won't", "will not"}, {"y'all", "you all"}};
    static constexpr Replacement kEndings[] = {{"n't", "not"},  {"'re", "are"},  {"'s", "is"},
                                               {"'d", "would"}, {"'ll", "will"}, {"'t", "not"},
                                               {"'ve", "have"}, {"'m", "am"}};
    for (const auto& entry : kWhole)
        if (word == entry.from) {
            out.emplace_back(entry.to);
            return;
        }
    std::vector<std::string_view> endings;
    for (bool found = true; found;) {
        found = false;
        for (const auto& entry : kEndings) {
            if (word.size() <= entry.from.size() || !word.ends_with(entry.from)) continue;
            word.remove_suffix(entry.from.size());
            auto meaning = entry.to;
            const bool past = endings.empty() && among(following, {"been", "gone"});
            if (entry.from == "'s" && (past || (endings.empty() && following == "got"))) meaning = "has";
            if (entry.from == "'d" && (past || (endings.empty() && following == "done"))) meaning = "had";
            endings.push_back(meaning);
            found = true;
            break;
        }
    }
    out.emplace_back(word);
    for (auto ending = endings.rbegin(); ending != endings.rend(); ++ending) out.emplace_back(*ending);
}

// Letters without their marks, digits, and the signs that numbers need; the rest divides.
void cut_letters(std::string_view word, bool proper, Tokens& out) {
    Cutter cutter(proper, out);
    for (std::size_t at = 0; at < word.size();) {
        const auto c = next_character(word, at);
        const auto sign = sign_of(c);
        if (const auto letters = plain_letter(c); !letters.empty()) cutter.take(letters);
        else if (sign == Sign::letter || sign == Sign::digit) cutter.take(without_marks(c));
        else if (sign == Sign::mark) continue;
        else if (c == ',' && cutter.ends_with_digit() && digit_at(word, at)) continue;
        else if (c == '.' && digit_at(word, at)) cutter.take(c);
        else if (c == '%' || c == '$' || c == 0xA2 || c == 0x20AC || c == 0xA3) cutter.take(c);
        else cutter.cut();
    }
}

}  // namespace

// Apostrophes stay until the whole run is there.
void cut_whisper_english(std::string_view word, bool proper, Tokens& out) {
    std::string straight;
    for (std::size_t at = 0; at < word.size();) {
        if (const auto length = apostrophe(word, at)) {
            straight += '\'';
            at += length;
        } else {
            straight += word[at++];
        }
    }
    // Punctuation around it does not belong to a word ("don't," before a comma).
    std::size_t begin = 0, end = straight.size();
    const auto outer = [](char c) {
        return std::string_view(".,;:!?\"*_~").find(c) != std::string_view::npos;
    };
    while (begin < end && outer(straight[begin]) &&
           !(straight[begin] == '.' && digit_at(straight, begin + 1)))
        ++begin;
    while (end > begin && outer(straight[end - 1])) --end;
    straight = straight.substr(begin, end - begin);
    if (straight.empty() || among(straight, {"hmm", "mm", "mhm", "mmm", "uh", "um"})) return;
    // "they 're" is "they're"
    if (straight[0] == '\'' && straight.size() > 1 && !out.empty() &&
        among(straight, {"'re", "'s", "'d", "'ll", "'t", "'ve", "'m"}))
        out.back().text += straight;
    else out.push_back({straight, proper, false});
}

void finish_whisper_english(Tokens& tokens) {
    Tokens cut;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        words.clear();
        expand(tokens[i].text, i + 1 < tokens.size() ? std::string_view(tokens[i + 1].text) : "", words);
        for (const auto& word : words) cut_letters(word, tokens[i].proper, cut);
    }
    tokens = std::move(cut);
    replace_words(tokens, kTitles);
    english_words_to_numbers(tokens);
    for (auto& token : tokens) token.text = american(token.text);
}

}  // namespace contrechamp::disparity
