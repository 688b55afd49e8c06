// The part of an address that may be kept: scheme, host and port. User names, passwords, paths and queries
// are dropped, wherever the address was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace contrechamp {

struct Endpoint {
    std::string scheme, host;
    int port = 0;  // 0: none given
};

// Of a URL or "host:port"; nothing when it is no plain address.
std::optional<Endpoint> reduce_url(std::string_view url);

// Of a list of proxies as Chromium writes it ("http=a:80;https=b:80"): the first.
std::optional<Endpoint> reduce_proxy(std::string_view servers);

}  // namespace contrechamp
