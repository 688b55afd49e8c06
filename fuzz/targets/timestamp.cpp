// evidence/timestamp.h: an authority's answer (.tsr), which anybody may have written.
#include "evidence/timestamp.h"
#include "base/hash.h"
#include "base/time.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto der = fuzz::view(data, size);
    const auto token = read_timestamp(der, "fuzz", std::nullopt);
    if (!token) {
        CHECK(!token.error().what.en.empty() && !token.error().what.fr.empty());
        return 0;
    }
    CHECK(is_sha256(token->sha256) && !token->trusted);  // nobody was named to be trusted
    CHECK(token->time.empty() || from_rfc3339(token->time));
    CHECK(is_valid_utf8(token->authority));  // it ends up in JSON
    return 0;
}
