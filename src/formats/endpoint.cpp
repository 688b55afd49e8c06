#include "formats/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace contrechamp {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::optional<Endpoint> reduce_url(std::string_view url) {
    Endpoint out;
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
        out.scheme = url.substr(0, scheme);
        url.remove_prefix(scheme + 3);
    }
    url = url.substr(0, url.find_first_of("/?# \t\r\n"));
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    std::string_view host = url, port;
    const bool bracketed = url.starts_with('[');  // IPv6
    if (bracketed) {
        const auto close = url.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        host = url.substr(1, close - 1);
        if (close + 1 < url.size() && url[close + 1] == ':') port = url.substr(close + 2);
    } else if (const auto colon = url.rfind(':'); colon != std::string_view::npos) {
        host = url.substr(0, colon);
        port = url.substr(colon + 1);
    }
    if (!port.empty()) {
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc() || end != port.data() + port.size() || out.port < 1 || out.port > 65535)
            return std::nullopt;
    }
    const bool plain =
        !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
            return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':' ||
                   c == '%';
        });
    // Brackets and colons belong to IPv6 addresses; "host:port:user:password" is no address.
    in6_addr six{};
    const std::string bare(host.substr(0, host.find('%')));
    if ((bracketed || host.find_first_of(":%") != std::string_view::npos) &&
        ::inet_pton(AF_INET6, bare.c_str(), &six) != 1)
        return std::nullopt;
    const bool plain_scheme =
        out.scheme.size() <= 16 && std::all_of(out.scheme.begin(), out.scheme.end(),
                                               [](char c) { return letter(c) || (c >= '0' && c <= '9'); });
    if (!plain || !plain_scheme) return std::nullopt;
    out.host = bare;  // without an IPv6 zone: which interface is nobody's business
    return out;
}

std::optional<Endpoint> reduce_proxy(std::string_view servers) {
    auto first = servers.substr(0, servers.find_first_of(";,"));
    // "https=host:port" says for which addresses; a password may hold a "=" too.
    static constexpr std::string_view kFor[] = {"http=", "https=", "ftp=", "socks="};
    for (const auto scheme : kFor)
        if (first.starts_with(scheme)) first.remove_prefix(scheme.size());
    return reduce_url(first);
}

}  // namespace contrechamp
