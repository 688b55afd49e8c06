#include "knowledge/certificate_pattern.h"

#include <re2/re2.h>

#include "base/hash.h"

namespace contrechamp {

std::optional<CertificatePattern> CertificatePattern::parse(std::string_view value) {
    CertificatePattern out;
    const auto eat = [&](std::string_view prefix) {
        if (!value.starts_with(prefix)) return false;
        value.remove_prefix(prefix.size());
        return true;
    };
    if (eat("sha256 ")) {
        if (!is_sha256(value)) return std::nullopt;
        out.sha256 = value;
        return out;
    }
    if (eat("issuer ")) out.issuer = true;
    else if (!eat("subject ")) return std::nullopt;
    while (!value.empty()) {
        auto* target = eat("CN ~ ") ? &out.common_name : eat("O ~ ") ? &out.organisation : nullptr;
        if (!target || *target) return std::nullopt;
        const auto end = std::min(value.find("; "), value.size());
        re2::RE2::Options options;
        options.set_log_errors(false);  // the linter says it, in two languages
        options.set_max_mem(1 << 20);
        *target = std::make_shared<re2::RE2>(re2::StringPiece(value.data(), end), options);
        if (!(*target)->ok()) return std::nullopt;
        value.remove_prefix(end);
        eat("; ");
    }
    if (!out.common_name && !out.organisation) return std::nullopt;
    return out;
}

bool CertificatePattern::fits(std::string_view fingerprint, std::string_view cn, std::string_view o) const {
    if (!sha256.empty()) return fingerprint == sha256;
    const auto whole = [](const Regex& pattern, std::string_view text) {
        return !pattern || re2::RE2::FullMatch({text.data(), text.size()}, *pattern);
    };
    return whole(common_name, cn) && whole(organisation, o);
}

}  // namespace contrechamp
