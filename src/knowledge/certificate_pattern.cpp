#include "knowledge/certificate_pattern.h"

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
        try {
            target->emplace(std::string(value.substr(0, end)), std::regex::ECMAScript);
        } catch (const std::regex_error&) {
            return std::nullopt;
        }
        value.remove_prefix(end);
        eat("; ");
    }
    if (!out.common_name && !out.organisation) return std::nullopt;
    return out;
}

bool CertificatePattern::fits(std::string_view fingerprint, std::string_view cn, std::string_view o) const {
    if (!sha256.empty()) return fingerprint == sha256;
    // std::regex recurses over its input: names longer than any real one are not matched at all.
    constexpr std::size_t kLongestName = 512;
    if (cn.size() > kLongestName || o.size() > kLongestName) return false;
    const auto whole = [](const std::optional<std::regex>& pattern, std::string_view text) {
        return !pattern || std::regex_match(text.begin(), text.end(), *pattern);
    };
    return whole(common_name, cn) && whole(organisation, o);
}

}  // namespace contrechamp
