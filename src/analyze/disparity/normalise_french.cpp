// French: README.md, "Profiles".
#include <algorithm>
#include <array>

#include "analyze/disparity/normalise_letters.h"
#include "analyze/disparity/normalise_parts.h"

namespace contrechamp::disparity {
namespace {

bool digit_at(std::string_view word, std::size_t at) { return at < word.size() && is_digit(word[at]); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

// The circumflex on i and u, which the spelling of 1990 leaves out but where it tells words or tenses apart
// (Journal officiel, 6 December 1990, II.4).
std::string spelling_of_1990(std::string word) {
    if (word.find("î") == word.npos && word.find("û") == word.npos) return word;
    if (among(word, {"sûr", "sûre", "sûrs", "sûres", "dû", "mûr", "mûre", "mûrs", "mûres", "jeûne", "jeûnes",
                     "jeûner", "crû", "croît"}))
        return word;
    const auto ends = [&](std::string_view ending) { return word.ends_with(ending); };
    if (ends("îmes") || ends("îtes") || ends("ûmes") || ends("ûtes") || ends("înt")) return word;
    if (ends("ît") && !ends("aît") && !ends("oît")) return word;
    if (ends("ût") && !ends("oût")) return word;
    return replaced(replaced(std::move(word), "î", "i"), "û", "u");
}

class Cutter {
  public:
    Cutter(bool proper, Tokens& out) : proper_(proper), out_(out) {}
    void take(std::int32_t c) { append_character(c, token_); }
    void cut() {
        if (!token_.empty()) out_.push_back({spelling_of_1990(std::move(token_)), proper_, false});
        token_.clear();
    }
    void alone(std::string_view word) {
        cut();
        out_.push_back({std::string(word), false, false});
    }
    const std::string& token() const { return token_; }
    bool ends_with_digit() const { return !token_.empty() && is_digit(token_.back()); }

  private:
    bool proper_;
    Tokens& out_;
    std::string token_;
};

}  // namespace

void cut_koenecke_french(std::string_view word, bool proper, Tokens& out) {
    Cutter cutter(proper, out);
    for (std::size_t at = 0; at < word.size();) {
        if (const auto length = apostrophe(word, at)) {
            at += length;
            // Where the apostrophe is inside a word and not behind an elided one.
            if (!among(cutter.token(), {"aujourd", "prud", "entr", "presqu"})) cutter.cut();
            continue;
        }
        const auto c = next_character(word, at);
        const auto sign = sign_of(c);
        if (c == 0x153) cutter.take('o'), cutter.take('e');
        else if (c == 0xE6) cutter.take('a'), cutter.take('e');
        else if (sign == Sign::digit && !cutter.token().empty() && !cutter.ends_with_digit() &&
                 cutter.token().back() != ',')
            cutter.cut(), cutter.take(c);
        else if (sign == Sign::letter || sign == Sign::digit || sign == Sign::mark) cutter.take(c);
        else if ((c == ',' || c == '.') && cutter.ends_with_digit() && digit_at(word, at)) cutter.take(',');
        else if (c == '%') cutter.alone("%");
        else if (c == 0x20AC) cutter.alone("€");
        else if (c == '$') cutter.alone("$");
        else if (c == 0xA3) cutter.alone("£");
        else cutter.cut();
    }
    cutter.cut();
}

namespace {

constexpr Replacement kForms[] = {
    {"clef", "clé"},     {"clefs", "clés"},          {"dr", "docteur"},           {"euro", "euros"},
    {"heure", "heures"}, {"mlle", "mademoiselle"},   {"mme", "madame"},           {"mr", "monsieur"},
    {"ok", "okay"},      {"évènement", "événement"}, {"évènements", "événements"}};
static_assert(std::ranges::is_sorted(kForms, {}, &Replacement::from));

// One writing for the hesitations that have several.
std::string_view filler(std::string_view word) {
    if (among(word, {"euh", "heu", "euhh", "heuu", "euuh"})) return "euh";
    if (among(word, {"hum", "hm", "hmm", "mm", "mmh", "mhm", "mmm"})) return "hum";
    if (among(word, {"ben", "bah", "beh"})) return "ben";
    if (word == "hein") return "hein";
    return {};
}

bool is_negation(std::string_view word) {
    return among(word, {"pas", "plus", "jamais", "rien", "personne", "aucun", "aucune", "guère", "point",
                        "ni", "que", "qu", "nulle"});
}

// "aujourd hui" and "week end" are one word; digits in groups of three are one number ("1 000").
void join(Tokens& tokens) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (kept != i) tokens[kept] = std::move(tokens[i]);
        auto& text = tokens[kept].text;
        if (i + 1 < tokens.size() && text == "aujourd" && tokens[i + 1].text == "hui")
            text += tokens[++i].text;
        else if (i + 1 < tokens.size() && text == "week" && tokens[i + 1].text == "end")
            text += tokens[++i].text;
        else if (all_digits(text) && text.size() <= 3 && text[0] != '0')
            while (i + 1 < tokens.size() && tokens[i + 1].text.size() == 3 && all_digits(tokens[i + 1].text))
                text += tokens[++i].text;
        ++kept;
    }
    tokens.resize(kept);
}

// "5 €", "€5", "5 %", "14h30": the unit as a word behind the number.
void place_units(Tokens& tokens) {
    Tokens out;
    const auto unit_of = [](std::string_view sign) -> std::string_view {
        return sign == "€"   ? "euros"
               : sign == "$" ? "dollars"
               : sign == "£" ? "livres"
               : sign == "%" ? "pourcent"
                             : "";
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto& text = tokens[i].text;
        if (const auto unit = unit_of(text); !unit.empty()) {
            const bool before = i + 1 < tokens.size() && is_digit(tokens[i + 1].text[0]) &&
                                (out.empty() || !is_digit(out.back().text[0]));
            if (before) out.push_back(std::move(tokens[++i]));
            out.push_back({std::string(unit), false, false});
            continue;
        }
        if (text == "h" && !out.empty() && all_digits(out.back().text)) text = "heures";
        const auto digits =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
        const auto rest = std::string_view(text).substr(digits);
        if (digits && among(rest, {"h", "km", "kg", "cm", "m"})) {
            out.push_back({text.substr(0, digits), false, false});
            out.push_back({std::string(rest == "h" ? "heures" : rest), false, false});
            continue;
        }
        out.push_back(std::move(tokens[i]));
    }
    tokens = std::move(out);
}

// je (ne) sais pas: what speech leaves out and some transcribers write.
void mark_alternatives(Tokens& tokens) {
    constexpr std::size_t kReach = 6;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto& token = tokens[i];
        if (const auto one = filler(token.text); !one.empty()) {
            token.text = one;
            token.may_miss = true;
        }
        if (token.text != "ne" && token.text != "n") continue;
        for (auto k = i + 1; k < std::min(tokens.size(), i + 1 + kReach); ++k)
            if (is_negation(tokens[k].text)) token.may_miss = true;
        token.text = "ne";
    }
}

}  // namespace

void finish_koenecke_french(Tokens& tokens) {
    join(tokens);
    place_units(tokens);
    french_words_to_numbers(tokens);
    replace_words(tokens, kForms);
    mark_alternatives(tokens);
}

// Whisper's BasicTextNormalizer: marks, symbols and punctuation become spaces.
void cut_whisper_french(std::string_view word, bool proper, Tokens& out) {
    std::string token;
    const auto cut = [&] {
        if (!token.empty()) out.push_back({token, proper, false});
        token.clear();
    };
    for (std::size_t at = 0; at < word.size();) {
        const auto c = next_character(word, at);
        const auto sign = sign_of(c);
        if (sign == Sign::letter || sign == Sign::digit) append_character(c, token);
        else cut();
    }
    cut();
}

}  // namespace contrechamp::disparity
