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
    if (text.front() == '-') text.replace(0, 1, "−");
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
    const auto digits = shown(value, std::fabs(value) >= 100 ? 0 : std::fabs(value) >= 10 ? 1 : 3, lang);
    return std::fabs(value) >= 1000 ? grouped(digits, lang) : digits;
}

// Settings that hold what the person typed: "matched on seniority", "at FMR 0.01", "at 0.6"; the others are
// words of the knowledge.
std::string setting_part(const std::string& part, const Knowledge& knowledge, Lang lang) {
    const auto known = knowledge.value_name("setting", part);
    if (known.en != part) return known.in(lang);
    for (const auto& [begins, name] :
         {std::pair{"matched on ", "matched"}, {"at FMR ", "at FMR"}, {"at ", "at"}})
        if (part.starts_with(begins)) {
            auto typed = part.substr(std::string_view(begins).size());
            if (lang == Lang::fr && typed.find_first_not_of("0123456789.") == std::string::npos)
                std::replace(typed.begin(), typed.end(), '.', ',');
            return knowledge.value_name("setting", name).in(lang) + " " + typed;
        }
    return part;
}

// "1 of 6 settings shows one", "2 of 6 settings show one".
bool one(std::int64_t count) { return count == 1; }

std::string unit(const std::string& measure) { return is_share(measure) ? "\u00a0%" : ""; }

}  // namespace

std::string grouped(std::string digits, Lang lang) {
    const auto first = digits.find_first_of("0123456789");
    if (first == std::string::npos) return digits;
    for (auto at = std::min(digits.find_first_not_of("0123456789", first), digits.size()); at > first + 3;) {
        at -= 3;
        digits.insert(at, lang == Lang::fr ? "\u202f" : ",");
    }
    return digits;
}

std::string amount_in_words(const std::string& measure, double value, Lang lang) {
    return is_share(measure) ? percent(value, lang) + unit(measure) : plain(value, lang);
}

std::string difference_in_words(const std::string& measure, double value, Lang lang) {
    if (!is_share(measure)) return plain(value, lang);
    const auto number = percent(value, lang);
    const bool one = std::fabs(value * 100) < (lang == Lang::fr ? 2.0 : 1.05) &&
                     (lang == Lang::fr || number == "1" || number == "−1");
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
        return fr ? (one(conclusion.settings) ? "Indice d’un écart, robuste au seul réglage essayé."
                                              : "Indice d’un écart, robuste aux " + settings + " réglages.")
                  : (one(conclusion.settings)
                         ? "Evidence of a difference, robust to the one setting tried."
                         : "Evidence of a difference, robust to all " + settings + " settings.");
    if (conclusion.verdict == "evidence")
        return fr ? "Indice d’un écart dans le calcul principal ; " + agreeing +
                        (one(conclusion.agreeing) ? " réglage" : " réglages") + " sur " + settings +
                        (one(conclusion.agreeing) ? " le dit." : " le disent.")
                  : "Evidence of a difference in the main computation; " + agreeing + " of " + settings +
                        (one(conclusion.agreeing) ? " settings says so." : " settings say so.");
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
        if (const auto others = conclusion.settings - conclusion.agreeing; others > 0)
            out += fr ? " Mais " + std::to_string(others) +
                            (one(others) ? " réglage sur " : " réglages sur ") + settings +
                            (one(others) ? " en montre un." : " en montrent un.")
                      : " Yet " + std::to_string(others) + " of " + settings +
                            (one(others) ? " settings shows one." : " settings show one.");
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

std::string latest_in_words(const CareerYears& career, Lang lang) {
    const auto it = std::find_if(career.rbegin(), career.rend(),
                                 [](const CareerYear& year) { return year.own && year.mean && year.median; });
    if (it == career.rend()) return {};
    const auto in_words = [&](double value) { return plain(value, lang); };
    const auto year = std::to_string(it->year), own = in_words(*it->own), mean = in_words(*it->mean),
               median = in_words(*it->median), people = std::to_string(it->people),
               gap = in_words(std::fabs(*it->mean - *it->own));
    const bool below = *it->own < *it->mean;
    if (lang == Lang::fr)
        return year + "\u00a0: la personne " + own + ", le panel " + mean + " en moyenne et " + median +
               " en médiane, sur " + people + (it->people > 1 ? " personnes" : " personne") +
               "\u202f; soit " + gap + (below ? " sous" : " au-dessus de") + " la moyenne.";
    return year + ": the person " + own + ", the panel " + mean + " in the mean and " + median +
           " in the median, of " + people + (it->people > 1 ? " people" : " person") + "; the person is " +
           gap + (below ? " below" : " above") + " the mean.";
}

}  // namespace contrechamp
