#include "report/disparity_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "report/words.h"

namespace contrechamp {
namespace {

bool is_share(const std::string& measure) {
    static constexpr std::array<std::string_view, 4> kOthers = {"auc", "career", "calibration", "pay"};
    return std::find(kOthers.begin(), kOthers.end(), measure) == kOthers.end();
}

// `digits` after the point at most, without zeros at the end.
std::string shown(double value, int digits, Lang lang) {
    std::array<char, 64> out;
    std::snprintf(out.data(), out.size(), "%.*f", digits, value == 0 ? 0.0 : value);
    std::string text = out.data();
    if (text.find('.') != std::string::npos) {
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
    }
    if (text == "-0") text = "0";
    if (lang == Lang::fr) std::replace(text.begin(), text.end(), '.', ',');
    return text;
}

// Small rates keep a digit that says something.
std::string percent(double value, Lang lang) {
    const double hundredths = std::fabs(value * 100);
    const int digits = hundredths == 0 || hundredths >= 1 ? 1 : hundredths >= 0.01 ? 3 : 5;
    return shown(value * 100, digits, lang);
}

std::string plain(double value, Lang lang) {
    return shown(value, std::fabs(value) >= 100 ? 0 : std::fabs(value) >= 10 ? 1 : 3, lang);
}

// One choice; those that name a threshold or a column begin with words of their own.
std::string setting_part(const std::string& part, const Knowledge& knowledge, Lang lang) {
    auto name = knowledge.value_name("setting", part).in(lang);
    if (name != part || lang == Lang::en) return name;
    for (const auto& [en, fr] : {std::pair{"matched on ", "apparié sur "}, std::pair{"at FMR ", "au FMR de "},
                                 std::pair{"at ", "au seuil de "}})
        if (part.starts_with(en)) {
            auto rest = part.substr(std::string_view(en).size());
            if (en[0] == 'a') std::replace(rest.begin(), rest.end(), '.', ',');
            return fr + rest;
        }
    return name;
}

std::string unit(const std::string& measure) { return is_share(measure) ? "\u00a0%" : ""; }

}  // namespace

std::string amount_in_words(const std::string& measure, double value, Lang lang) {
    return is_share(measure) ? percent(value, lang) + unit(measure) : plain(value, lang);
}

std::string difference_in_words(const std::string& measure, double value, Lang lang) {
    if (!is_share(measure)) return plain(value, lang);
    const auto number = percent(value, lang);
    const bool one = std::fabs(value * 100) < (lang == Lang::fr ? 2.0 : 1.05) &&
                     (lang == Lang::fr || number == "1" || number == "-1");
    return number + "\u00a0" + (one ? "point" : "points");
}

std::string interval_in_words(const std::string& measure, std::optional<double> low,
                              std::optional<double> high, bool of_difference, Lang lang) {
    if (!low || !high) return {};
    const auto ends = is_share(measure) ? std::pair{percent(*low, lang), percent(*high, lang)}
                                        : std::pair{plain(*low, lang), plain(*high, lang)};
    return " (" + ends.first + (lang == Lang::fr ? " à " : " to ") + ends.second +
           (of_difference ? "" : unit(measure)) + ")";
}

std::string p_in_words(double p, Lang lang) {
    if (p < 0.0001) return lang == Lang::fr ? "p < 0,0001" : "p < 0.0001";
    return "p = " + shown(p, p < 0.001 ? 4 : 3, lang);
}

std::string measure_name(const std::string& measure, const Knowledge& knowledge, Lang lang) {
    return knowledge.value_name("measure", measure).in(lang);
}

// "whisper, 1/1/1, pooled": each part in words.
std::string setting_name(const std::string& setting, const Knowledge& knowledge, Lang lang) {
    std::string out;
    for (std::size_t at = 0; at < setting.size();) {
        const auto end = std::min(setting.find(", ", at), setting.size());
        const auto part = setting.substr(at, end - at);
        out += (out.empty() ? "" : ", ") + setting_part(part, knowledge, lang);
        at = end + 2;
    }
    return out;
}

std::string verdict_in_words(const JudgedConclusion& conclusion, const Knowledge& knowledge, Lang lang) {
    const bool fr = lang == Lang::fr;
    const auto agreeing = std::to_string(conclusion.agreeing), settings = std::to_string(conclusion.settings);
    if (conclusion.verdict == "robust")
        return fr ? "Indice d’un écart, robuste aux " + settings + " réglages."
                  : "Evidence of a difference, robust to all " + settings + " settings.";
    if (conclusion.verdict == "evidence")
        return fr ? "Indice d’un écart dans le calcul principal ; " + agreeing + " réglages sur " + settings +
                        " le disent."
                  : "Evidence of a difference in the main computation; " + agreeing + " of " + settings +
                        " settings say so.";
    if (conclusion.verdict == "compatible") {
        std::string out = fr ? "Compatible avec l’absence d’écart" : "Compatible with no difference";
        if (conclusion.detectable)
            out += fr ? " ; ces données ne montreraient quatre fois sur cinq qu’un écart d’au moins " +
                            difference_in_words(conclusion.measure, *conclusion.detectable, lang)
                      : "; four times in five these data would only show a difference of at least " +
                            difference_in_words(conclusion.measure, *conclusion.detectable, lang);
        out += ".";
        if (conclusion.low && conclusion.high && (*conclusion.low > 0 || *conclusion.high < 0))
            out +=
                fr ? " L’intervalle, qui laisse 0 de côté, ne vaut que pour cette comparaison seule ; c’est "
                     "le test corrigé qui juge."
                   : " The interval, which leaves out 0, is of this comparison alone; the adjusted test "
                     "judges.";
        if (conclusion.agreeing < conclusion.settings)
            out += fr ? " Mais " + std::to_string(conclusion.settings - conclusion.agreeing) +
                            " réglages sur " + settings + " en montrent un."
                      : " Yet " + std::to_string(conclusion.settings - conclusion.agreeing) + " of " +
                            settings + " settings show one.";
        return out;
    }
    return (fr ? "Données insuffisantes : " : "Insufficient data: ") +
           knowledge.value_name("reason", conclusion.reason).in(lang) + ".";
}

std::string compared_in_words(const JudgedConclusion& conclusion, const Knowledge& knowledge, Lang lang) {
    std::string out = capitalised(measure_name(conclusion.measure, knowledge, lang));
    if (!conclusion.system.empty()) out += ", " + conclusion.system;
    out += (lang == Lang::fr ? " ; " : "; ") + conclusion.by + (lang == Lang::fr ? " : " : ": ");
    const auto side = [&](const std::string& group, std::optional<double> rate) {
        return group + (rate ? " " + amount_in_words(conclusion.measure, *rate, lang) : "");
    };
    return out + side(conclusion.group, conclusion.rate) + ", " +
           side(conclusion.against, conclusion.rate_against);
}

std::string found_in_words(const JudgedConclusion& conclusion, Lang lang) {
    if (!conclusion.value) return {};
    // Rates are of all rows, this is not: people are compared with those of their own stratum.
    const bool within = conclusion.method.starts_with("mantel-haenszel");
    std::string out = (lang == Lang::fr ? within ? "Écart au sein des strates : " : "Écart : "
                       : within         ? "Difference within strata: "
                                        : "Difference: ") +
                      difference_in_words(conclusion.measure, *conclusion.value, lang) +
                      interval_in_words(conclusion.measure, conclusion.low, conclusion.high, true, lang);
    if (conclusion.p_adjusted) {
        out += ", " + p_in_words(*conclusion.p_adjusted, lang);
        if (conclusion.tests > 1)
            out += lang == Lang::fr ? ", corrigé pour " + std::to_string(conclusion.tests) + " comparaisons"
                                    : ", adjusted for " + std::to_string(conclusion.tests) + " comparisons";
    }
    return out + ".";
}

}  // namespace contrechamp
