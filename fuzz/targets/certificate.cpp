// formats/certificate.h: DER and PEM. (The NSS database has a target of its own.)
#include "formats/certificate.h"
#include "base/hash.h"
#include "base/time.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

void check(std::string_view der) {
    const auto certificate = parse_certificate(der);
    if (!certificate) return;
    CHECK(is_sha256(certificate->sha256));
    for (const auto* text : {&certificate->subject, &certificate->issuer, &certificate->subject_cn,
                             &certificate->subject_o, &certificate->issuer_cn, &certificate->issuer_o})
        CHECK(is_valid_utf8(*text));  // they end up in JSON
    for (const auto* time : {&certificate->not_before, &certificate->not_after})
        CHECK(time->empty() || from_rfc3339(*time));
    for (const auto& purpose : certificate->purposes) CHECK(is_valid_utf8(purpose) && !purpose.empty());
    certificate->can_vouch_for_sites();
    // What follows a certificate is no part of it: it keeps its fingerprint, or is not read at all.
    const auto longer = parse_certificate(std::string(der) + "x");
    CHECK(!longer || longer->sha256 == certificate->sha256);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    check(bytes);
    std::uint64_t end = 0;
    for (const auto& stored : pem_certificates(bytes)) {
        CHECK(fuzz::inside(bytes, stored.offset, stored.length) && stored.offset >= end);
        end = stored.offset + stored.length;
        const auto block = bytes.substr(stored.offset, stored.length);
        CHECK(block.starts_with("-----BEGIN CERTIFICATE-----") &&
              block.ends_with("-----END CERTIFICATE-----"));
        check(stored.der);
    }
    return 0;
}
