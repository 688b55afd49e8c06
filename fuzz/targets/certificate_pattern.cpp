// knowledge/certificate_pattern.h: line 1 the pattern, line 2 a common name, line 3 an organisation.
#include "knowledge/certificate_pattern.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = fuzz::pieces(fuzz::view(data, size), 3, '\n');
    const auto pattern = CertificatePattern::parse(parts[0]);
    if (!pattern) return 0;
    CHECK(!pattern->sha256.empty() || pattern->common_name || pattern->organisation);
    const std::string fingerprint(64, 'a');
    const bool fits = pattern->fits(fingerprint, parts[1], parts[2]);
    CHECK(pattern->fits(fingerprint, parts[1], parts[2]) == fits);
    if (!pattern->sha256.empty()) CHECK(fits == (pattern->sha256 == fingerprint));
    return 0;
}
