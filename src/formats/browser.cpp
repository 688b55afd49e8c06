#include "formats/browser.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "formats/json_spans.h"

namespace contrechamp::browser {
namespace {

std::string host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    auto host = url.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    return std::string(host.substr(host.rfind('@') + 1));
}

bool means_all_sites(std::string_view pattern) {
    return pattern == "<all_urls>" || pattern == "*://*/*" || pattern == "http://*/*" ||
           pattern == "https://*/*" || pattern == "*://*";
}

bool is_site_pattern(std::string_view text) {
    return text == "<all_urls>" || text.find("://") != std::string_view::npos;
}

class Rights {
  public:
    void add_permissions(const json::Value& list) {
        for (const auto& item : list.array_or_empty()) {
            // A few permissions are objects ({"fileSystem": ["write"]}): their name is what matters.
            if (const auto* object = item.if_object())
                for (const auto& [name, value] : *object) permissions_.insert(name);
            else if (is_site_pattern(item.string_or())) add_site(item.string_or());
            else if (!item.string_or().empty()) permissions_.emplace(item.string_or());
        }
    }
    void add_sites(const json::Value& list) {
        for (const auto& item : list.array_or_empty()) add_site(item.string_or());
    }
    void add_manifest(const json::Value& manifest) {
        add_permissions(manifest["permissions"]);
        add_sites(manifest["host_permissions"]);
        for (const auto& script : manifest["content_scripts"].array_or_empty()) add_sites(script["matches"]);
    }
    void give_to(Extension& extension) const {
        extension.permissions.assign(permissions_.begin(), permissions_.end());
        extension.all_sites = all_;
        extension.sites = static_cast<std::int64_t>(sites_.size());
    }

  private:
    void add_site(std::string_view pattern) {
        if (pattern.starts_with("chrome://") || pattern.starts_with("chrome-extension://") ||
            pattern.starts_with("moz-extension:"))
            return;
        all_ |= means_all_sites(pattern);
        sites_.emplace(pattern);
    }
    std::set<std::string> permissions_, sites_;
    bool all_ = false;
};

// ManifestLocation in Chromium's source.
std::string came_to_chromium(std::int64_t location, bool by_default) {
    switch (location) {
        case 1: return by_default ? "default" : "user";
        case 2:
        case 3:
        case 6: return by_default ? "default" : "sideloaded";
        case 4: return "unpacked";
        case 5:
        case 10: return "built-in";
        case 7:
        case 9: return "policy";
        case 8: return "command-line";
        default: return "unknown";
    }
}

std::string came_to_firefox(const json::Value& addon) {
    const auto source = addon["installTelemetryInfo"]["source"].string_or();
    const auto location = addon["location"].string_or();
    if (source == "enterprise-policy") return "policy";
    if (location.starts_with("app-builtin") || location == "app-system-defaults" ||
        location == "app-system-addons")
        return "built-in";
    if (location == "app-system-share" || location == "app-system-local" || location == "app-global")
        return "system";
    if (location == "app-temporary") return "unpacked";
    if (addon["foreignInstall"].bool_or(false)) return "sideloaded";
    return location == "app-profile" ? "user" : "unknown";
}

bool plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 80 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

Result<std::vector<Extension>> chromium_extensions(std::string_view bytes, std::string_view where) {
    std::vector<Extension> out;
    for (const auto& span : TRY(json_spans(bytes, {"extensions", "settings"}, where))) {
        const auto entry = TRY(json::parse(bytes.substr(span.offset, span.length), where));
        if (!entry.if_object() || entry["location"].is_null()) continue;  // leftovers of removed extensions
        Extension extension;
        extension.id = span.key;
        extension.offset = span.offset;
        extension.length = span.length;
        extension.location = entry["location"].int_or(-1);
        extension.came =
            came_to_chromium(extension.location, entry["was_installed_by_default"].bool_or(false));
        // state: 0 disabled, 1 enabled (until Chromium 13x); later versions list reasons for being disabled
        // instead.
        extension.enabled = entry["state"].int_or(1) == 1 &&
                            entry["disable_reasons"].array_or_empty().empty() &&
                            entry["disable_reasons"].int_or(0) == 0;
        const auto& manifest = entry["manifest"];
        extension.name = manifest["name"].string_or();
        extension.version = manifest["version"].string_or();
        extension.update_host = host_of(manifest["update_url"].string_or());
        Rights rights;
        rights.add_manifest(manifest);
        for (const char* set : {"granted_permissions", "active_permissions"}) {
            rights.add_permissions(entry[set]["api"]);
            rights.add_sites(entry[set]["explicit_host"]);
            rights.add_sites(entry[set]["scriptable_host"]);
        }
        rights.give_to(extension);
        out.push_back(std::move(extension));
    }
    return out;
}

Result<std::vector<Extension>> firefox_extensions(std::string_view bytes, std::string_view where) {
    std::vector<Extension> out;
    for (const auto& span : TRY(json_spans(bytes, {"addons"}, where))) {
        const auto addon = TRY(json::parse(bytes.substr(span.offset, span.length), where));
        if (addon["type"].string_or() != "extension") continue;
        Extension extension;
        extension.id = addon["id"].string_or();
        extension.name = addon["defaultLocale"]["name"].string_or();
        extension.version = addon["version"].string_or();
        extension.came = came_to_firefox(addon);
        extension.enabled = addon["active"].bool_or(false);
        extension.update_host = host_of(addon["updateURL"].string_or());
        extension.offset = span.offset;
        extension.length = span.length;
        Rights rights;
        rights.add_permissions(addon["userPermissions"]["permissions"]);
        rights.add_sites(addon["userPermissions"]["origins"]);
        rights.give_to(extension);
        out.push_back(std::move(extension));
    }
    return out;
}

std::optional<Extension> manifest(std::string_view bytes) {
    auto document = json::parse(bytes, "manifest.json");
    if (!document) document = json::parse(without_json_comments(bytes), "manifest.json");
    if (!document || !document->if_object()) return std::nullopt;
    Extension out;
    out.name = (*document)["name"].string_or();
    out.version = (*document)["version"].string_or();
    out.update_host = host_of((*document)["update_url"].string_or());
    Rights rights;
    rights.add_manifest(*document);
    rights.give_to(out);
    return out;
}

Result<Policies> policies(std::string_view bytes, std::string_view where) {
    const auto document = TRY(json::parse(without_json_comments(bytes), where));
    if (!document.if_object())
        return fail({"this is not a policy file", "ce n’est pas un fichier de règles"}, std::string(where));
    const bool firefox = document["policies"].if_object() != nullptr;
    const auto& set = firefox ? document["policies"] : document;
    Policies out;
    for (const auto& [name, value] : set.object_or_empty())
        if (plain_name(name)) out.names.push_back(name);
    // One extension may be named by several policies.
    std::set<std::string, std::less<>> known;
    const auto force = [&](std::string_view id, std::string_view url, bool locked = true) {
        if (id.empty() || id == "*" || !known.emplace(id).second) return;
        out.forced.push_back({std::string(id), host_of(url), locked});
    };
    for (const auto& item : set["ExtensionInstallForcelist"].array_or_empty()) {
        const auto text = item.string_or();
        const auto semicolon = std::min(text.find(';'), text.size());
        force(text.substr(0, semicolon), text.substr(std::min(semicolon + 1, text.size())));
    }
    for (const auto& [id, settings] : set["ExtensionSettings"].object_or_empty()) {
        const auto mode = settings["installation_mode"].string_or();
        if (mode == "force_installed" || mode == "normal_installed")
            force(id, settings[firefox ? "install_url" : "update_url"].string_or(),
                  mode == "force_installed");
    }
    // Firefox's older form: a list of addresses; ids are not named there.
    for (const auto& id : set["Extensions"]["Locked"].array_or_empty()) force(id.string_or(), "");
    const auto& chromium = set["ProxySettings"];
    const auto& fox = set["Proxy"];
    out.proxy_mode = !set["ProxyMode"].string_or().empty() ? set["ProxyMode"].string_or()
                     : firefox                             ? fox["Mode"].string_or()
                                                           : chromium["ProxyMode"].string_or();
    out.proxy_server = !set["ProxyServer"].string_or().empty() ? set["ProxyServer"].string_or()
                       : firefox                               ? fox["HTTPProxy"].string_or()
                                                               : chromium["ProxyServer"].string_or();
    out.pac_url = !set["ProxyPacUrl"].string_or().empty() ? set["ProxyPacUrl"].string_or()
                  : firefox                               ? fox["AutoConfigURL"].string_or()
                                                          : chromium["ProxyPacUrl"].string_or();
    out.certificates = static_cast<std::int64_t>(set["CACertificates"].array_or_empty().size() +
                                                 set["Certificates"]["Install"].array_or_empty().size());
    return out;
}

std::optional<NativeHost> native_host(std::string_view bytes) {
    const auto document = json::parse(bytes, "native messaging host");
    if (!document || (*document)["name"].string_or().empty()) return std::nullopt;
    NativeHost out;
    out.name = (*document)["name"].string_or();
    out.program = (*document)["path"].string_or();
    for (const auto& origin : (*document)["allowed_origins"].array_or_empty()) {
        auto id = origin.string_or();
        if (id.starts_with("chrome-extension://")) id.remove_prefix(19);
        out.extensions.emplace_back(id.substr(0, id.find('/')));
    }
    for (const auto& id : (*document)["allowed_extensions"].array_or_empty())
        out.extensions.emplace_back(id.string_or());
    return out;
}

}  // namespace contrechamp::browser
