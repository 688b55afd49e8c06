// The value of a `certificate` indicator: "sha256 HEX", or "issuer CN ~ REGEX; O ~ REGEX" ("subject …"
// likewise).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace contrechamp {

struct CertificatePattern {
    using Regex =
        std::shared_ptr<const re2::RE2>;  // RE2: time linear in the input, whoever wrote the pattern

    std::string sha256;               // when not empty, the rest is unused
    bool issuer = false;              // match the issuer's names; else the subject's
    Regex common_name, organisation;  // the whole value must match; both, when both are given

    static std::optional<CertificatePattern> parse(std::string_view value);
    bool fits(std::string_view fingerprint, std::string_view cn, std::string_view o) const;
};

}  // namespace contrechamp
