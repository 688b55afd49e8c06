// knowledge/folder.h: YAML, bounded, gives values that are JSON.
#include "fuzz.h"
#include "knowledge/folder.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::view(data, size));
    const auto value = parse_yaml(text, "fuzz");
    if (!value) {
        CHECK(value.error().where.starts_with("fuzz"));
        return 0;
    }
    const std::string written = json::canonical(*value);
    CHECK(is_valid_utf8(written));
    const auto again = json::parse(written, "again");
    CHECK(again && json::canonical(*again) == written);
    return 0;
}
