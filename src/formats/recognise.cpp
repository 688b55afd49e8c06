#include "formats/recognise.h"

#include <array>

#include "base/bytes.h"
#include "base/json.h"

namespace contrechamp {
namespace {

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    const char* type;
};

using namespace std::string_view_literals;

constexpr std::array kMagics = {
    Magic{0, "SQLite format 3\0"sv, "sqlite"},
    Magic{0, "\xd4\xc3\xb2\xa1"sv, "pcap"},
    Magic{0, "\xa1\xb2\xc3\xd4"sv, "pcap"},
    Magic{0, "\x4d\x3c\xb2\xa1"sv, "pcap"},
    Magic{0, "\xa1\xb2\x3c\x4d"sv, "pcap"},
    Magic{0, "\x0a\x0d\x0d\x0a"sv, "pcapng"},
    Magic{0, "account_a,account_b,layer,window,weight,objects,"sv, "coordination-edges"},
    // The same, as ClickHouse writes it: all text in quotes.
    Magic{0, R"("account_a","account_b","layer","window","weight","objects",)"sv, "coordination-edges"},
    Magic{0, "regf"sv, "windows-registry-hive"},
    Magic{0, "ElfFile\0"sv, "windows-event-log"},
    Magic{4, "\xef\xcd\xab\x89"sv, "windows-ese-database"},
    Magic{4, "SCCA"sv, "windows-prefetch"},
    Magic{0, "MAM\x04"sv, "windows-prefetch"},
    Magic{0, "bplist00"sv, "apple-plist"},
    Magic{0, "GVariant"sv, "gvdb"},
    Magic{0, "-----BEGIN CERTIFICATE-----"sv, "x509-pem"},
    Magic{0, "\x1f\x8b"sv, "gzip"},
    Magic{0, "\x28\xb5\x2f\xfd"sv, "zstd"},
    Magic{0,
          "\xfd"
          "7zXZ\0"sv,
          "xz"},
    Magic{0, "PK\x03\x04"sv, "zip"},
    Magic{0, "%PDF-"sv, "pdf"},
};

// A SQLite database's schema stands at its start; a JSON document worth recognising is not enormous.
constexpr std::size_t kSchemaBytes = 64 << 10, kLargestJson = 64 << 20;

// The first line when it is a JSON object that names itself ours.
std::string ours(std::string_view bytes) {
    constexpr std::size_t kLongestHeader = 64 << 10;
    if (!bytes.starts_with("{\"")) return {};
    const auto line = bytes.substr(0, std::min(bytes.find('\n'), kLongestHeader));
    if (line.find("\"contrechamp\"") == std::string_view::npos) return {};
    const auto header = json::parse(line, "");
    if (!header) return {};
    const auto name = (*header)["contrechamp"].string_or();
    const bool plain = !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                                            std::string_view::npos;
    return plain ? "contrechamp/" + std::string(name) : std::string();
}

// JSON documents are told by the members they have at the top, read without building the whole document.
std::string of_json(std::string_view bytes) {
    const auto document = json::parse(bytes, "");
    if (!document || !document->if_object()) return {};
    const auto& top = *document;
    if (top["extensions"]["settings"].if_object() ||
        (top["profile"].if_object() && top["browser"].if_object()))
        return "chromium-preferences";
    if (top["addons"].if_array() && top["schemaVersion"].if_int()) return "firefox-extensions";
    if (top["policies"].if_object()) return "firefox-policies";
    for (const auto& [name, value] : *top.if_object())
        if (name.starts_with("Extension") || name.starts_with("Proxy") || name == "CACertificates")
            return "chromium-policies";
    if (top["name"].if_string() && top["path"].if_string() &&
        (top["allowed_origins"].if_array() || top["allowed_extensions"].if_array()))
        return "native-messaging-host";
    return {};
}

}  // namespace

std::string recognise(std::string_view bytes) {
    if (auto type = ours(bytes); !type.empty()) return type;
    for (const auto& magic : kMagics)
        if (slice(bytes, magic.offset, magic.bytes.size()) == magic.bytes) {
            if (magic.type == std::string_view("sqlite") &&
                bytes.substr(0, kSchemaBytes).find("nssPublic") != std::string_view::npos)
                return "nss-cert9";
            return magic.type;
        }
    // DER: a SEQUENCE whose length is the rest of the file, holding a SEQUENCE (a certificate's
    // tbsCertificate).
    if (bytes.size() > 8 && bytes.starts_with("\x30\x82")) {
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2]) << 8 |
                                                     static_cast<unsigned char>(bytes[3]));
        if (length + 4 == bytes.size() && bytes.substr(4).starts_with("\x30\x82")) return "x509-der";
    }
    const auto first = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    if (first != std::string_view::npos && bytes[first] == '{' && bytes.size() <= kLargestJson)
        if (auto type = of_json(bytes); !type.empty()) return type;
    if (bytes.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos &&
        bytes.find('\0') == std::string_view::npos)
        return "x509-pem";
    return "unknown";
}

}  // namespace contrechamp
