// Sentences that a person reads exist in both languages from the moment they are written:
// a Text cannot be made with one of them missing.
#pragma once

#include <string>
#include <string_view>

namespace contrechamp {

enum class Lang { en, fr };

struct Text {
    std::string en;
    std::string fr;

    const std::string& in(Lang lang) const { return lang == Lang::fr ? fr : en; }
    bool empty() const { return en.empty() && fr.empty(); }
    bool operator==(const Text&) const = default;
};

// French as it is set: spaces that no line may break at before : ; ? ! » and after «. For sentences of ours;
// text from evidence stays as it is.
std::string french(std::string text);
// The same for a pair; the English is left alone.
Text typeset(Text text);

// The language asked for: `requested` ("en", "fr", a locale such as "fr_FR.UTF-8") or, when empty, the first
// of LC_ALL, LC_MESSAGES and LANG that is set. English for anything that is not French.
Lang language_of(std::string_view requested);

}  // namespace contrechamp
