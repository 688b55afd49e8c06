#include "base/text.h"

#include <cstdlib>

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

}  // namespace contrechamp
