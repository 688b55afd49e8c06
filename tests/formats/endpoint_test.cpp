// formats/endpoint.h: what of an address may be kept.
#include "formats/endpoint.h"

#include <array>
#include <random>

#include "kit/temporary.h"

using namespace contrechamp;

namespace {

std::string shown(const std::optional<Endpoint>& endpoint) {
    if (!endpoint) return "none";
    return endpoint->scheme + "|" + endpoint->host + "|" + std::to_string(endpoint->port);
}

}  // namespace

TEST(Endpoint, KeepsSchemeHostAndPort) {
    EXPECT_EQ(shown(reduce_url("http://proxy.example:3128/x?y#z")), "http|proxy.example|3128");
    EXPECT_EQ(shown(reduce_url("proxy.example:3128")), "|proxy.example|3128");
    EXPECT_EQ(shown(reduce_url("proxy.example")), "|proxy.example|0");
    EXPECT_EQ(shown(reduce_url("https://anna:pass%40word@proxy.example")), "https|proxy.example|0");
    EXPECT_EQ(shown(reduce_url("socks5://a@b@c.example:1080")), "socks5|c.example|1080");
    EXPECT_EQ(shown(reduce_url("http://[2001:db8::1]:8080/p.pac")), "http|2001:db8::1|8080");
    EXPECT_EQ(shown(reduce_url("http://[fe80::1%secret]:8080/")), "http|fe80::1|8080");
    EXPECT_EQ(shown(reduce_url("http://127.0.0.1:8080 # Anna's own")), "http|127.0.0.1|8080");
}

TEST(Endpoint, WhatIsNoAddressIsNotKept) {
    for (const std::string_view text :
         {"", "/home/anna/x.pac", "http://", "http://:80", "http://host:0", "http://host:65536",
          "http://host:8x", "http://[::1", "http://[anna]", "host:1:anna:secret",
          "data:application/x;base64,AA", "http://anna's secret/", "\xff\xfe", "http://h\xc3\xa9",
          "a-scheme-longer-than-any://host"})
        EXPECT_EQ(shown(reduce_url(text)), "none") << text;
    EXPECT_EQ(shown(reduce_url("http://" + std::string(254, 'a'))), "none");
    EXPECT_EQ(shown(reduce_url("http://" + std::string(253, 'a'))), "http|" + std::string(253, 'a') + "|0");
}

TEST(Endpoint, FirstOfChromiumsList) {
    EXPECT_EQ(shown(reduce_proxy("http=one.example:80;https=two.example:443")), "|one.example|80");
    EXPECT_EQ(shown(reduce_proxy("https=anna:x=y@two.example:443;one.example")), "|two.example|443");
    EXPECT_EQ(shown(reduce_proxy("socks=socks5://s.example")), "socks5|s.example|0");
    EXPECT_EQ(shown(reduce_proxy("plain.example:3128")), "|plain.example|3128");
    EXPECT_EQ(shown(reduce_proxy("")), "none");
}

// Whatever stands around it, a user name, password, path or query never comes out.
TEST(Endpoint, NothingPersonalSurvives) {
    std::mt19937 random(20261123);
    const auto pick = [&](auto& from) { return std::string(from[random() % from.size()]); };
    const std::array<std::string_view, 7> schemes = {"",       "http://", "https://",    "socks5://",
                                                     "ftp://", "HTTP://", "http=http://"};
    const std::array<std::string_view, 6> hosts = {"proxy.example",        "10.0.0.1",  "[2001:db8::7]",
                                                   "[fe80::2%S3cr3tZone]", "localhost", "a_b.example"};
    const std::array<std::string_view, 5> ports = {"", ":80", ":3128", ":S3cr3tPort", ":99999"};
    const std::array<std::string_view, 6> users = {
        "", "S3cr3tName@", "anna:S3cr3tWord@", ":S3cr3tWord@", "a@S3cr3tName@", "S3cr3t:@"};
    const std::array<std::string_view, 6> rests = {"",        "/S3cr3tPath", "?q=S3cr3t",
                                                   "#S3cr3t", " S3cr3t",     "/x;https=S3cr3tHost.example:1"};
    std::size_t kept = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto text = pick(schemes) + pick(users) + pick(hosts) + pick(ports) + pick(rests);
        for (const auto& endpoint : {reduce_url(text), reduce_proxy(text)}) {
            const auto out = shown(endpoint);
            EXPECT_EQ(out.find("S3cr3t"), std::string::npos) << text << " gave " << out;
            kept += endpoint.has_value();
            // Reducing what is reduced changes nothing.
            if (endpoint && endpoint->host.find(':') == std::string::npos)
                EXPECT_EQ(reduce_url(endpoint->host)->host, endpoint->host);
        }
    }
    EXPECT_GT(kept, 2000u);  // it does not pass by keeping nothing
}
