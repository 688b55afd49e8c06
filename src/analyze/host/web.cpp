#include "analyze/host/web.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "formats/endpoint.h"

namespace contrechamp::host {
namespace {

bool firefox_like(std::string_view name) { return name == "firefox"; }

// What an extension's rights let it do to a person, by the knowledge's table.
std::vector<std::string> capabilities_of(const Knowledge& knowledge, const browser::Extension& extension) {
    std::set<std::string> out;
    for (const auto& permission : extension.permissions)
        for (const auto& id : knowledge.permission_capabilities(permission, extension.all_sites))
            out.insert(id);
    if (extension.all_sites)
        for (const auto& id : knowledge.permission_capabilities("<all_urls>", true)) out.insert(id);
    return {out.begin(), out.end()};
}

std::vector<std::string> words(const json::Value& list) {
    std::vector<std::string> out;
    for (const auto& item : list.array_or_empty()) out.emplace_back(item.string_or());
    return out;
}

}  // namespace

void observe_extension(Context& context, std::string_view browser_name, std::string_view profile,
                       const browser::Extension& extension, const Locator& locator) {
    const std::string label =
        extension.name.empty() || extension.name.starts_with("__MSG_") ? extension.id : extension.name;
    const auto subject = context.subject("extension", extension.id, label);
    const auto capabilities = capabilities_of(context.knowledge, extension);
    json::Object fields{
        {"browser", browser_name},          {"profile", profile},
        {"came", extension.came},           {"enabled", extension.enabled},
        {"version", extension.version},     {"permissions", json::strings(extension.permissions)},
        {"all_sites", extension.all_sites}, {"capabilities", json::strings(capabilities)}};
    // Built-in parts of the browser are the browser, and what came with it is no news, unless it is known.
    const bool delivered = extension.came == "built-in" || extension.came == "default";
    const bool forced = extension.came == "policy";
    if (!delivered && (forced || !capabilities.empty()))
        context.observe("browser-extensions", forced ? "extension.forced" : "extension.installed", subject,
                        std::move(fields), locator);
    const auto strength = extension.enabled ? Strength::granted : Strength::installed;
    context.marks("browser-extensions",
                  linux_marks(context.knowledge, "extension", extension.id,
                              firefox_like(browser_name) ? "firefox" : "chromium"),
                  {"extension", true, false, strength}, subject, locator);
}

void observe_policies(Context& context, std::string_view browser_name, const browser::Policies& policies,
                      const Locator& locator) {
    for (const auto& forced : policies.forced) {
        const auto subject = context.subject("extension", forced.id, forced.id);
        context.observe("browser-policies",
                        forced.locked ? "policy.forces-extension" : "policy.installs-extension", subject,
                        {{"browser", browser_name}, {"update_host", forced.update_host}}, locator);
        context.marks("browser-policies",
                      linux_marks(context.knowledge, "extension", forced.id,
                                  firefox_like(browser_name) ? "firefox" : "chromium"),
                      {"policy", true, false, Strength::configured}, subject, locator);
    }
    for (const auto& name : policies.names) {
        const auto capabilities = context.knowledge.policy_capabilities(name);
        if (capabilities.empty()) continue;
        context.observe("browser-policies", "policy.set", context.subject("policy", name, name),
                        {{"browser", browser_name}, {"capabilities", json::strings(capabilities)}}, locator);
    }
    // A server may be named and yet not used.
    const std::string_view mode = policies.proxy_mode;
    const bool used = mode != "direct" && mode != "none" && mode != "system";
    if (used && (!policies.proxy_server.empty() || !policies.pac_url.empty())) {
        const std::string host = !policies.proxy_server.empty() ? policies.proxy_server : policies.pac_url;
        const bool local = host == "localhost" || host.starts_with("127.") || host == "::1";
        context.observe("browser-policies", "proxy.configured", context.subject("proxy", host, host),
                        {{"where", browser_name},
                         {"kind", policies.pac_url.empty() ? "all" : "pac"},
                         {"local", local},
                         {"by_policy", true}},
                        locator);
    }
    if (policies.certificates > 0)
        context.observe("browser-policies", "policy.adds-authorities",
                        context.subject("policy", "CACertificates", "CACertificates"),
                        {{"browser", browser_name}, {"count", policies.certificates}}, locator);
}

void observe_native_host(Context& context, const browser::NativeHost& host, const Locator& locator) {
    const auto subject = context.subject("native-host", host.name, host.name);
    context.marks("browser-extensions", linux_marks(context.knowledge, "native-host", host.name),
                  {"native-host", true, false, Strength::installed}, subject, locator);
}

void observe_certificate(Context& context, std::string_view store, bool trusted, std::string_view der,
                         json::Object source, const Locator& locator) {
    const auto certificate = parse_certificate(der);
    if (!certificate)
        return context.defect({"a certificate here cannot be read", "un certificat est illisible ici"},
                              locator);
    const std::string label =
        !certificate->subject_cn.empty() ? certificate->subject_cn : certificate->subject;
    const auto subject = context.subject("certificate", certificate->sha256, label);
    json::Object fields = std::move(source);
    fields["store"] = store;
    fields["subject"] = certificate->subject;
    fields["issuer"] = certificate->issuer;
    fields["not_after"] = certificate->not_after;
    fields["ca"] = certificate->ca;
    fields["trusted"] = trusted;
    if (!certificate->purposes.empty()) fields["purposes"] = json::strings(certificate->purposes);
    const std::string_view check = store == "nss" || store == "firefox" ? "browser-trust" : "trust-store";
    const bool vouches = certificate->can_vouch_for_sites();
    context.observe(check, trusted && vouches ? "trust.added-authority" : "trust.added-certificate", subject,
                    std::move(fields), locator);
    auto marks = context.knowledge.certificate_marks(certificate->sha256,
                                                     {certificate->issuer_cn, certificate->issuer_o},
                                                     {certificate->subject_cn, certificate->subject_o});
    for (const auto& mark : marks) {
        // A fingerprint cannot be forged; a name in a certificate can be anybody's.
        const bool fingerprint = mark.indicator->value.starts_with("sha256 ");
        context.marks(check, {mark},
                      {"certificate", true, fingerprint, trusted ? Strength::granted : Strength::installed},
                      subject, locator);
    }
}

void read_extensions(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        const auto& value = record.value;
        if (record.is == "extension") {
            browser::Extension extension;
            extension.id = value["extension"].string_or();
            extension.name = value["name"].string_or();
            extension.version = value["version"].string_or();
            extension.came = value["came"].string_or();
            extension.enabled = value["enabled"].bool_or(true);
            extension.permissions = words(value["permissions"]);
            extension.all_sites = value["all_sites"].bool_or(false);
            observe_extension(context, value["browser"].string_or(), value["profile"].string_or(), extension,
                              context.locate(record));
        } else if (record.is == "native-host") {
            observe_native_host(context,
                                {std::string(value["native_host"].string_or()),
                                 std::string(value["program"].string_or()), words(value["extensions"])},
                                context.locate(record));
        }
    }
}

void read_policies(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "policy-file") continue;
        const auto& value = record.value;
        browser::Policies policies;
        policies.names = words(value["names"]);
        for (const auto& item : value["forced"].array_or_empty())
            policies.forced.push_back({std::string(item["extension"].string_or()),
                                       std::string(item["update_host"].string_or()),
                                       item["locked"].bool_or(true)});
        policies.proxy_mode = value["proxy_mode"].string_or();
        policies.proxy_server = value["proxy_server"].string_or();
        policies.pac_url = value["pac_host"].string_or();
        policies.certificates = value["certificates"].int_or(0);
        observe_policies(context, value["browser"].string_or(), policies, context.locate(record));
    }
}

void read_trust(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "certificate") continue;
        // What is no base64 is no certificate either.
        const auto der = from_base64(record.value["der"].string_or());
        observe_certificate(context, record.value["store"].string_or(),
                            record.value["trusted_for_servers"].bool_or(false), der.value_or(""),
                            {{"path", record.value["source"]["path"]}}, context.locate(record));
    }
}

namespace {

// Of a file that a person added, only what a collector would have kept of it goes on: of a proxy's address
// the host, never the password that may stand before it.
browser::Policies reduced(browser::Policies policies) {
    const auto host = [](const std::optional<Endpoint>& endpoint) {
        return endpoint ? endpoint->host : std::string();
    };
    policies.proxy_server = host(reduce_proxy(policies.proxy_server));
    policies.pac_url = host(reduce_url(policies.pac_url));
    return policies;
}

}  // namespace

Status read_raw(Context& context, std::string_view type, std::string_view bytes) {
    const std::string where(context.exhibit().sha256);
    const auto whole = context.locate(0, bytes.size());
    // These files are all there is of a check here, as far as anybody said.
    const auto cover = [&](std::string_view check, json::Object fields) {
        context.out().cover({"", std::string(check), "",
                             context.found(check) ? CoverageState::present : CoverageState::absent, "",
                             std::move(fields), whole});
    };
    if (type == "chromium-preferences" || type == "firefox-extensions") {
        const bool firefox = type == "firefox-extensions";
        const auto extensions = TRY(firefox ? browser::firefox_extensions(bytes, where)
                                            : browser::chromium_extensions(bytes, where));
        for (const auto& extension : extensions)
            observe_extension(context, firefox ? "firefox" : "chromium", "", extension,
                              context.locate(extension.offset, extension.length));
        cover("browser-extensions", {{"profiles", 1}, {"extensions", extensions.size()}});
    } else if (type == "chromium-policies" || type == "firefox-policies") {
        observe_policies(context, type == "firefox-policies" ? "firefox" : "chromium",
                         reduced(TRY(browser::policies(bytes, where))), whole);
        cover("browser-policies", {{"files", 1}});
    } else if (type == "native-messaging-host") {
        if (const auto host = browser::native_host(bytes)) observe_native_host(context, *host, whole);
    } else if (type == "nss-cert9") {
        for (const auto& stored : TRY(nss_certificates(bytes, where)))
            observe_certificate(context, "nss", stored.trusted_for_servers, stored.der, {},
                                context.locate(stored.offset, stored.length, stored.path));
        cover("browser-trust", {{"databases", 1}});
    } else if (type == "x509-pem") {
        for (const auto& stored : pem_certificates(bytes))
            observe_certificate(context, "file", false, stored.der, {},
                                context.locate(stored.offset, stored.length));
    } else if (type == "x509-der") {
        observe_certificate(context, "file", false, bytes, {}, whole);
    }
    return {};
}

}  // namespace contrechamp::host
