// RFC 3161 timestamps over the head of a custody log, with OpenSSL. We write the request and read the answer;
// the authority is the user's choice, reached by the user's own means. What is stamped is the SHA-256 of the
// log's last line without its line feed, which is also the value the next line's `prev` would have.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace contrechamp {

// DER of a TimeStampReq asking for the authority's certificate, with a random nonce. `sha256` is hexadecimal.
Result<std::string> timestamp_request(std::string_view sha256);

struct TimestampToken {
    std::string sha256;     // the digest that was stamped
    std::string time;       // RFC 3339, as the authority states it
    std::string authority;  // the signer's subject, as text; empty when the token carries no certificate
    bool intact = false;    // the token's own signature holds with the certificate it carries
    bool trusted = false;   // and that certificate chains to one of `authorities`
};

// Reads a TimeStampResp (.tsr). An answer that is a refusal, or no SHA-256 stamp, is an error.
// `authorities`: a PEM file of trusted roots; without it `trusted` stays false, which is no fault of the
// token.
Result<TimestampToken> read_timestamp(std::string_view der, std::string_view where,
                                      const std::optional<std::filesystem::path>& authorities);

}  // namespace contrechamp
