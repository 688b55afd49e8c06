// Browser extensions: what they are, how they came, what they may do; the native programs they may talk to;
// managed policies. Histories, bookmarks, site lists and settings of a person's are not read out.
#include <algorithm>
#include <array>
#include <map>

#include "collect/linux/collectors.h"
#include "collect/linux/profiles.h"
#include "collect/linux/reduce.h"
#include "formats/browser.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kExtensions = "browser-extensions", kPolicies = "browser-policies";
constexpr std::array<std::string_view, 1> kJson = {".json"};

// The name and rights in an installed extension's own folder, where the profile does not repeat them.
void complete_from_folder(const fs::path& profile, browser::Extension& extension) {
    std::error_code error;
    if (extension.id.find_first_not_of("abcdefghijklmnop") != std::string::npos) return;
    std::vector<fs::path> versions;
    for (const auto& entry : fs::directory_iterator(profile / "Extensions" / extension.id, error))
        versions.push_back(entry.path());
    if (versions.empty()) return;
    const auto text =
        read_file(std::max_element(versions.begin(), versions.end())->string() + "/manifest.json", 4 << 20);
    const auto manifest = text ? browser::manifest(*text) : std::nullopt;
    if (!manifest) return;
    if (extension.name.empty()) extension.name = manifest->name;
    if (extension.version.empty()) extension.version = manifest->version;
    if (extension.update_host.empty()) extension.update_host = manifest->update_host;
    if (extension.permissions.empty() && !extension.all_sites && !extension.sites) {
        extension.permissions = manifest->permissions;
        extension.all_sites = manifest->all_sites;
        extension.sites = manifest->sites;
    }
}

void add_extension(const Machine& machine, const BrowserProfile& profile, const browser::Extension& extension,
                   const fs::path& file, RecordWriter& out) {
    json::Object record{{"browser", profile.browser},
                        {"profile", profile.label},
                        {"came", extension.came},
                        {"enabled", extension.enabled},
                        {"permissions", json::strings(extension.permissions)},
                        {"all_sites", extension.all_sites},
                        {"sites", extension.sites}};
    put_text(record, "extension", extension.id);
    put_text(record, "name", extension.name);
    put_text(record, "version", extension.version);
    if (!extension.update_host.empty()) put_text(record, "update_host", extension.update_host);
    if (extension.location >= 0) record["location"] = extension.location;
    record["source"] = source_of(machine, file, 0);
    out.add("extension", std::move(record));
}

void look_at_profile(const Machine& machine, const BrowserProfile& profile, RecordWriter& out,
                     std::int64_t& count) {
    // Chromium keeps the settings of extensions in one file or the other; where both have an entry, the
    // protected one wins.
    std::map<std::string, std::pair<browser::Extension, fs::path>> found;
    const std::array<const char*, 2> files = profile.firefox
                                                 ? std::array{"extensions.json", "extensions.json"}
                                                 : std::array{"Preferences", "Secure Preferences"};
    for (std::size_t i = 0; i < (profile.firefox ? 1u : 2u); ++i) {
        const fs::path file = profile.path / files[i];
        const auto text = read_config(file, kExtensions, out);
        if (!text) continue;
        auto extensions = profile.firefox ? browser::firefox_extensions(*text, file.string())
                                          : browser::chromium_extensions(*text, file.string());
        if (!extensions) {
            damaged(machine, kExtensions, file, out);
            continue;
        }
        for (auto& extension : *extensions) found.insert_or_assign(extension.id, std::pair{extension, file});
    }
    for (auto& [id, entry] : found) {
        if (!profile.firefox) complete_from_folder(profile.path, entry.first);
        add_extension(machine, profile, entry.first, entry.second, out);
        ++count;
    }
}

void look_at_native_hosts(const Machine& machine, RecordWriter& out) {
    std::vector<fs::path> folders = {
        "/etc/chromium/native-messaging-hosts",      "/etc/opt/chrome/native-messaging-hosts",
        "/etc/opt/edge/native-messaging-hosts",      "/etc/brave/native-messaging-hosts",
        "/usr/lib/mozilla/native-messaging-hosts",   "/usr/lib64/mozilla/native-messaging-hosts",
        "/usr/share/mozilla/native-messaging-hosts", "/etc/chromium-browser/native-messaging-hosts"};
    for (const auto& person : machine.people)
        for (const char* name :
             {".config/chromium/NativeMessagingHosts", ".config/google-chrome/NativeMessagingHosts",
              ".config/microsoft-edge/NativeMessagingHosts",
              ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts", ".mozilla/native-messaging-hosts"})
            folders.push_back(person.home / name);
    for (const auto& folder : folders) {
        for (const auto& file : files_in(folder, kJson, kExtensions, out)) {
            const auto text = read_config(file, kExtensions, out);
            const auto host = text ? browser::native_host(*text) : std::nullopt;
            if (!host) continue;
            json::Object record;
            put_text(record, "native_host", host->name);
            put_text(record, "program", machine.shown_path(host->program));
            json::Array ids;
            for (const auto& id : host->extensions) ids.push_back(id);
            record["extensions"] = std::move(ids);
            record["source"] = source_of(machine, file, 0);
            out.add("native-host", std::move(record));
        }
    }
}

// A server as written may carry a user name and a password.
void put_endpoint(json::Object& record, const std::string& name, const std::string& text) {
    const auto endpoint = reduce_proxy(text);
    if (!endpoint) return;
    put_text(record, name, endpoint->host);
    if (endpoint->port) record[name + "_port"] = endpoint->port;
}

}  // namespace

void collect_browsers(const Machine& machine, RecordWriter& out) {
    std::int64_t count = 0;
    const auto profiles = browser_profiles(machine);
    for (const auto& profile : profiles) look_at_profile(machine, profile, out, count);
    look_at_native_hosts(machine, out);
    out.looked(kExtensions, {{"profiles", profiles.size()}, {"extensions", count}});
    leave_others(machine, kExtensions, out);
}

void collect_policies(const Machine& machine, RecordWriter& out) {
    std::int64_t count = 0;
    for (const auto& folder : policy_folders()) {
        for (const auto& file : files_in(folder.path, kJson, kPolicies, out)) {
            const auto text = read_config(file, kPolicies, out);
            if (!text) continue;
            const auto policies = browser::policies(*text, file.string());
            if (!policies) {
                damaged(machine, kPolicies, file, out);
                continue;
            }
            json::Object record{{"browser", folder.browser},
                                {"names", json::strings(policies->names)},
                                {"certificates", policies->certificates}};
            json::Array forced;
            for (const auto& extension : policies->forced) {
                json::Object item;
                put_text(item, "extension", extension.id);
                put_text(item, "update_host", extension.update_host);
                item["locked"] = extension.locked;
                forced.push_back(std::move(item));
            }
            record["forced"] = std::move(forced);
            if (!policies->proxy_mode.empty()) put_text(record, "proxy_mode", policies->proxy_mode);
            put_endpoint(record, "proxy_server", policies->proxy_server);
            put_endpoint(record, "pac_host", policies->pac_url);
            record["source"] = source_of(machine, file, 0);
            out.add("policy-file", std::move(record));
            ++count;
        }
    }
    out.looked(kPolicies, {{"files", count}});
}

}  // namespace contrechamp::linux_machine
