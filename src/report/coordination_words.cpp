#include "report/coordination_words.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/time.h"

namespace contrechamp {
namespace {

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

}  // namespace

std::string duration_in_words(std::int64_t seconds, Lang lang) {
    const char* day = lang == Lang::fr ? "j" : "d";
    const struct {
        const char* unit;
        std::int64_t size;
    } kUnits[] = {{day, 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    const bool before = seconds < 0;
    auto left = before ? -static_cast<std::uint64_t>(seconds) : static_cast<std::uint64_t>(seconds);
    // The largest unit and the one below it.
    std::string out;
    for (std::size_t i = 0, said = 0; i < 4 && said < 2; ++i) {
        const auto count = left / static_cast<std::uint64_t>(kUnits[i].size);
        left %= static_cast<std::uint64_t>(kUnits[i].size);
        if (said || count || i == 3) {
            ++said;
            if (count || out.empty())
                out += (out.empty() ? "" : "\u00a0") + std::to_string(count) + "\u00a0" + kUnits[i].unit;
        }
    }
    return (before ? "−" : "") + out;
}

std::string chance_in_words(std::string_view log10_p, Lang lang) {
    const auto value = number_of(log10_p);
    if (!value || *value > -1) return {};
    static const Text kOneIn[] = {{"ten", "dix"},
                                  {"a hundred", "cent"},
                                  {"a thousand", "mille"},
                                  {"ten thousand", "dix mille"},
                                  {"a hundred thousand", "cent mille"},
                                  {"a million", "un million"},
                                  {"ten million", "dix millions"},
                                  {"a hundred million", "cent millions"},
                                  {"a thousand million", "un milliard"},
                                  {"ten thousand million", "dix milliards"},
                                  {"a hundred thousand million", "cent milliards"},
                                  {"a million million", "mille milliards"}};
    const auto power =
        std::min<std::size_t>(static_cast<std::size_t>(std::min(-*value, 1e3)), std::size(kOneIn));
    return Text{"less than one chance in ", "moins d’une chance sur "}.in(lang) + kOneIn[power - 1].in(lang);
}

std::string false_flag_in_words(std::string_view rate, Lang lang) {
    if (rate.empty() || rate == "unknown")
        return Text{"unknown: no accounts known to be ordinary were given to measure it on",
                    "inconnu\u00a0: aucun compte connu pour ordinaire n’a été fourni pour le mesurer"}
            .in(lang);
    std::string out(rate);
    if (lang == Lang::en) return out + " ordinary accounts";
    // Decimal points and separators of thousands first: both stand between two digits only.
    for (std::size_t i = 1; i + 1 < out.size(); ++i) {
        const auto digit = [](char c) { return c >= '0' && c <= '9'; };
        if (!digit(out[i - 1]) || !digit(out[i + 1])) continue;
        if (out[i] == '.') out[i] = ',';
        else if (out[i] == ',') out.replace(i, 1, "\u202f");
    }
    replace_all(out, " %", "\u00a0%");
    replace_all(out, "at most", "au plus");
    replace_all(out, " of ", " sur ");
    return out + " comptes ordinaires";
}

std::string letter_of(std::string_view key) { return std::string(key.substr(0, key.find('-'))); }

Text tier_in_words(std::int64_t tier) {
    switch (tier) {
        case 1:
            return {"three or more independent behaviours agree",
                    "trois comportements indépendants ou plus concordent"};
        case 2: return {"two independent behaviours agree", "deux comportements indépendants concordent"};
        default:
            return {"a single behaviour: a lead, which establishes nothing",
                    "un seul comportement\u00a0: une piste, qui n’établit rien"};
    }
}

std::string moment_in_words(std::string_view time) {
    if (!from_rfc3339(time) || time.size() < 19) return std::string(time);
    return std::string(time.substr(0, 10)) + "\u00a0" + std::string(time.substr(11, 8));
}

std::vector<PatternPart> pattern_parts(std::string_view pattern) {
    std::vector<PatternPart> out;
    while (!pattern.empty()) {
        const auto slot = pattern.find("{}");
        if (slot != 0) out.push_back({false, std::string(pattern.substr(0, slot))});
        if (slot == std::string_view::npos) break;
        out.push_back({true, {}});
        pattern.remove_prefix(slot + 2);
    }
    return out;
}

}  // namespace contrechamp
