// base/json.h: anything that parses has one canonical form, which parses to the same.
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = fuzz::view(data, size);
    const auto value = json::parse(document, "fuzz");
    if (!value) {
        CHECK(!value.error().what.en.empty() && !value.error().what.fr.empty() &&
              value.error().where == "fuzz");
        return 0;
    }
    fuzz::check_canonical(*value);
    const auto from_pretty = json::parse(json::pretty(*value), "pretty");
    CHECK(from_pretty && json::canonical(*from_pretty) == json::canonical(*value));
    // Forgiving reads take anything.
    CHECK((*value)["name"]["name"].string_or("?").size() <= document.size() + 1);
    return 0;
}
