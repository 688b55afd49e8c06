#include "base/text.h"

#include <cstdlib>
#include <utility>

namespace contrechamp {

Lang language_of(std::string_view requested) {
    std::string_view locale = requested;
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (!locale.empty()) break;
        if (const char* value = std::getenv(name)) locale = value;
    }
    // "frr" is another language.
    return locale.substr(0, locale.find_first_of("_-.@")) == "fr" ? Lang::fr : Lang::en;
}

std::string french(std::string text) {
    constexpr std::string_view kNoBreak = "\u00a0";
    for (std::size_t at = 0; (at = text.find(' ', at)) != std::string::npos; ++at) {
        const std::string_view before = std::string_view(text).substr(0, at),
                               after = std::string_view(text).substr(at + 1);
        const bool sign =
            !after.empty() && std::string_view(":;?!").find(after[0]) != std::string_view::npos &&
            (after.size() == 1 || std::string_view(" \n)").find(after[1]) != std::string_view::npos ||
             after.substr(1).starts_with(kNoBreak) || after.substr(1).starts_with("»"));
        if (sign || after.starts_with("»") || before.ends_with("«")) text.replace(at, 1, kNoBreak);
    }
    return text;
}

Text typeset(Text text) { return {std::move(text.en), french(std::move(text.fr))}; }

}  // namespace contrechamp
