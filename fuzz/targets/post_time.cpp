// parse_post_time: any bytes are safe; what RFC 3339 says is read so; white space around changes nothing.
#include "base/time.h"
#include "formats/posts.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> copy(data, data + size);
    const std::string_view text(copy.data(), copy.size());
    const auto parsed = parse_post_time(text);
    const auto spaced = parse_post_time(" " + std::string(text) + "\t");
    CHECK(parsed.has_value() == spaced.has_value());
    if (parsed)
        CHECK(parsed->time == spaced->time && parsed->to_the_minute == spaced->to_the_minute &&
              parsed->zone_assumed == spaced->zone_assumed);
    // The house's own reader takes years that posts do not have.
    if (const auto exact = from_rfc3339(text); exact && text.substr(0, 4) != "0000")
        CHECK(parsed && parsed->time == *exact && !parsed->zone_assumed);
    // strftime does not fill years before 1000 with zeros.
    if (parsed && parsed->time >= -30610224000 && parsed->time <= 253402300799) {
        const auto again = parse_post_time(to_rfc3339(parsed->time));
        CHECK(again && again->time == parsed->time);
    }
    return 0;
}
