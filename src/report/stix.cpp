#include "report/stix.h"

#include <openssl/evp.h>

#include "base/bytes.h"

namespace contrechamp::stix {
namespace {

// Our namespace for UUIDv5; drawn once at random.
constexpr std::string_view kNamespace = "6f1d0c52-7c0a-4a5b-9d0e-2c8b1f6a4e37";
// STIX wants times; knowledge has dates.
std::string day(std::string_view date) { return std::string(date) + "T00:00:00Z"; }

// STIX patterning 9.2: a string literal escapes backslash and quote.
std::string literal(std::string_view text) {
    std::string out = "'";
    for (char c : text) {
        if (c == '\\' || c == '\'') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string comparison(const char* path, std::string_view value) {
    return std::string("[") + path + "=" + literal(value) + "]";
}

bool is_tool(std::string_view product_class) { return product_class != "monitoring"; }

}  // namespace

std::string id(std::string_view type, std::string_view name) {
    std::string compact;
    for (char c : kNamespace)
        if (c != '-') compact += c;
    const std::string input = from_hex(compact).value_or("") + std::string(type) + "|" + std::string(name);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_Digest(input.data(), input.size(), digest, &length, EVP_sha1(), nullptr);
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
    std::string hex = to_hex({reinterpret_cast<char*>(digest), 16});
    for (std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, "-");
    return std::string(type) + "--" + hex;
}

std::optional<std::string> pattern(const Indicator& indicator) {
    const auto& value = indicator.value;
    if (indicator.match == "glob" || indicator.match == "regex")
        return std::nullopt;  // MVT compares whole values
    if (indicator.type == "domain") return comparison("domain-name:value", value);
    if (indicator.type == "process" || indicator.type == "service" || indicator.type == "launchd" ||
        indicator.type == "unit")
        return comparison("process:name", value);
    if (indicator.type == "path") return comparison("file:path", value);
    if (indicator.type == "driver" || indicator.type == "autostart") return comparison("file:name", value);
    if (indicator.type == "bundle-id" || (indicator.type == "package" && indicator.manager == "android"))
        return comparison("app:id", value);
    if (indicator.type == "registry") return comparison("windows-registry-key:key", value);
    if (indicator.type == "extension") return comparison("x-contrechamp-extension:id", value);
    if (indicator.type == "package") return comparison("x-contrechamp-package:name", value);
    return std::nullopt;
}

json::Value identity() {
    return json::Object{{"type", "identity"},
                        {"spec_version", "2.1"},
                        {"id", id("identity", "contrechamp")},
                        {"created", "2026-11-23T00:00:00Z"},
                        {"modified", "2026-11-23T00:00:00Z"},
                        {"name", "Contrechamp"},
                        {"identity_class", "system"}};
}

json::Value bundle_of(const Knowledge& knowledge) {
    json::Array objects;
    objects.push_back(identity());
    const auto author = id("identity", "contrechamp");
    for (const auto& product : knowledge.products()) {
        const std::string type = is_tool(product.product_class) ? "tool" : "malware";
        const auto product_id = id(type, product.id);
        json::Object described{{"type", type},
                               {"spec_version", "2.1"},
                               {"id", product_id},
                               {"created", day(product.updated)},
                               {"modified", day(product.updated)},
                               {"created_by_ref", author},
                               {"name", product.name},
                               {"labels", json::Array{product.product_class, product.category}}};
        if (type == "malware") described["is_family"] = true;
        bool any = false;
        json::Array indicators;
        for (const auto& indicator : product.indicators) {
            const auto text = pattern(indicator);
            // A row from one unidentified list is a lead for us; others would take it for more.
            if (!text || indicator.confidence == Confidence::low || indicator.controller ||
                indicator.role == "vendor-site" || indicator.role == "download")
                continue;
            const auto name = product.id + "|" + indicator.type + "|" + indicator.manager +
                              indicator.browser + "|" + indicator.value;
            const auto indicator_id = id("indicator", name);
            json::Array references;
            for (const auto& source : indicator.sources)
                if (const auto it = product.sources.find(source); it != product.sources.end())
                    references.push_back(
                        json::Object{{"source_name", source},
                                     {"description", it->second.ref + " (" + it->second.licence + ")"}});
            indicators.push_back(
                json::Object{{"type", "indicator"},
                             {"spec_version", "2.1"},
                             {"id", indicator_id},
                             {"created", day(product.updated)},
                             {"modified", day(product.updated)},
                             {"created_by_ref", author},
                             {"name", product.name},
                             {"indicator_types", json::Array{"unknown"}},
                             {"pattern", *text},
                             {"pattern_type", "stix"},
                             {"valid_from", day(product.updated)},
                             {"confidence", indicator.confidence == Confidence::high ? 85 : 50},
                             {"external_references", references}});
            indicators.push_back(json::Object{{"type", "relationship"},
                                              {"spec_version", "2.1"},
                                              {"id", id("relationship", name)},
                                              {"created", day(product.updated)},
                                              {"modified", day(product.updated)},
                                              {"created_by_ref", author},
                                              {"relationship_type", "indicates"},
                                              {"source_ref", indicator_id},
                                              {"target_ref", product_id}});
            any = true;
        }
        if (!any) continue;
        objects.push_back(std::move(described));
        for (auto& item : indicators) objects.push_back(std::move(item));
    }
    return json::Object{{"type", "bundle"},
                        {"id", id("bundle", "knowledge|" + knowledge.sha256())},
                        {"objects", std::move(objects)}};
}

}  // namespace contrechamp::stix
