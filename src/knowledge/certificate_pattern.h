// The value of a `certificate` indicator: "sha256 HEX", or "issuer CN ~ REGEX; O ~ REGEX" ("subject …"
// likewise).
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace contrechamp {

struct CertificatePattern {
    std::string sha256;   // when not empty, the rest is unused
    bool issuer = false;  // match the issuer's names; else the subject's
    std::optional<std::regex> common_name,
        organisation;  // both, when both are given; ECMAScript, whole value

    static std::optional<CertificatePattern> parse(std::string_view value);
    bool fits(std::string_view fingerprint, std::string_view cn, std::string_view o) const;
};

}  // namespace contrechamp
