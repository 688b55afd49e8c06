// formats/recognise.h: a type is a plain word, whatever the bytes.
#include "formats/recognise.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    const std::string type = recognise(bytes);
    CHECK(!type.empty() &&
          type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-/") == std::string::npos);
    CHECK(std::string_view(type).find('/') == std::string_view::npos || type.starts_with("contrechamp/"));
    CHECK(recognise(bytes) == type);
    return 0;
}
