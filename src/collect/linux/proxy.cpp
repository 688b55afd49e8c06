// Through whom web traffic is sent: proxy settings of the environment, the desktop and the browsers. Of an
// address only scheme, host and port are kept: user names, passwords and paths are dropped.
#include <array>
#include <cstdlib>

#include "base/bytes.h"
#include "base/json.h"
#include "collect/linux/collectors.h"
#include "collect/linux/profiles.h"
#include "collect/linux/reduce.h"
#include "formats/gvdb.h"
#include "formats/json_spans.h"
#include "formats/linux_config.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "proxy";

struct Found {
    std::string where;  // environment, desktop, chromium, firefox …
    std::string kind;   // http, https, all, pac
    std::string address;
};

void add(const Machine& machine, RecordWriter& out, const Found& found, const fs::path& file,
         std::uint64_t line, std::int64_t& count) {
    const auto endpoint = reduce_url(found.address);
    if (!endpoint) return;
    json::Object record{{"where", found.where}, {"kind", found.kind}};
    put_text(record, "host", endpoint->host);
    if (endpoint->port) record["port"] = endpoint->port;
    if (!endpoint->scheme.empty()) put_text(record, "scheme", endpoint->scheme);
    if (!file.empty()) record["source"] = source_of(machine, file, line);
    out.add("proxy", std::move(record));
    ++count;
}

// "http_proxy" → "http"; empty for other names.
std::string proxy_kind(std::string name) {
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (name == "http_proxy" || name == "https_proxy" || name == "all_proxy")
        return name.substr(0, name.find('_'));
    return {};
}

void from_environment(const Machine& machine, RecordWriter& out, std::int64_t& count) {
    for (const char* name :
         {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
        if (const char* value = std::getenv(name))
            add(machine, out, {"environment", proxy_kind(name), value}, {}, 0, count);
    static constexpr std::array<std::string_view, 1> kScripts = {".sh"};
    std::vector<fs::path> files = {"/etc/environment", "/etc/profile", "/etc/bash.bashrc"};
    for (auto& file : files_in("/etc/profile.d", kScripts, kCheck, out)) files.push_back(std::move(file));
    for (const auto& file : files) {
        const auto text = read_config(file, kCheck, out);
        if (!text) continue;
        for (const auto& assignment : config::parse_assignments(*text))
            if (const auto kind = proxy_kind(assignment.name); !kind.empty())
                add(machine, out, {"environment", kind, assignment.value}, file, assignment.line, count);
    }
}

void from_desktop(const Machine& machine, const fs::path& file, RecordWriter& out, std::int64_t& count) {
    const auto bytes = read_config(file, kCheck, out);
    if (!bytes) return;
    const auto items = gvdb::read_root(*bytes, file.string());
    if (!items) return damaged(machine, kCheck, file, out);
    std::string mode, pac, host[2], port[2];
    for (const auto& item : *items) {
        const auto value = [&] { return gvdb::scalar(*bytes, item).value_or(""); };
        if (item.key == "/system/proxy/mode") mode = value();
        else if (item.key == "/system/proxy/autoconfig-url") pac = value();
        else if (item.key == "/system/proxy/http/host") host[0] = value();
        else if (item.key == "/system/proxy/http/port") port[0] = value();
        else if (item.key == "/system/proxy/https/host") host[1] = value();
        else if (item.key == "/system/proxy/https/port") port[1] = value();
    }
    if (mode == "auto" && !pac.empty()) add(machine, out, {"desktop", "pac", pac}, file, 0, count);
    if (mode != "manual") return;
    for (int i = 0; i < 2; ++i)
        if (!host[i].empty())
            add(machine, out,
                {"desktop", i ? "https" : "http",
                 host[i] + (port[i].empty() || port[i] == "0" ? "" : ":" + port[i])},
                file, 0, count);
}

// user_pref("network.proxy.http", "proxy.example"); only the four names below are looked at.
void from_firefox(const Machine& machine, const fs::path& file, RecordWriter& out, std::int64_t& count) {
    const auto text = read_config(file, kCheck, out);
    if (!text) return;
    std::string type, pac, http, http_port;
    LineReader lines(*text);
    while (const auto line = lines.next()) {
        const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
            const std::string start = "user_pref(\"" + std::string(name) + "\", ";
            if (!line->text.starts_with(start)) return std::nullopt;
            auto value = line->text.substr(start.size());
            value = value.substr(0, value.rfind(")"));
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return std::string(value);
        };
        if (auto value = value_of("network.proxy.type")) type = *value;
        else if (auto url = value_of("network.proxy.autoconfig_url")) pac = *url;
        else if (auto host = value_of("network.proxy.http")) http = *host;
        else if (auto port = value_of("network.proxy.http_port")) http_port = *port;
    }
    if (type == "1" && !http.empty())
        add(machine, out, {"firefox", "http", http + (http_port.empty() ? "" : ":" + http_port)}, file, 0,
            count);
    if (type == "2" && !pac.empty()) add(machine, out, {"firefox", "pac", pac}, file, 0, count);
}

void from_chromium(const Machine& machine, const BrowserProfile& profile, RecordWriter& out,
                   std::int64_t& count) {
    const fs::path file = profile.path / "Preferences";
    const auto text = read_config(file, kCheck, out);
    if (!text) return;
    const auto spans = json_spans(*text, {"proxy"}, file.string());
    if (!spans) return damaged(machine, kCheck, file, out);
    std::string mode, server, pac;
    for (const auto& span : *spans) {
        const auto value = json::parse(text->substr(span.offset, span.length), file.string());
        if (!value) continue;
        if (span.key == "mode") mode = value->string_or();
        if (span.key == "server") server = value->string_or();
        if (span.key == "pac_url") pac = value->string_or();
    }
    if (mode == "fixed_servers" && !server.empty())
        add(machine, out, {std::string(profile.browser), "all", server.substr(0, server.find_first_of(";,"))},
            file, 0, count);
    if (mode == "pac_script" && !pac.empty())
        add(machine, out, {std::string(profile.browser), "pac", pac}, file, 0, count);
}

}  // namespace

void collect_proxy(const Machine& machine, RecordWriter& out) {
    std::int64_t count = 0;
    from_environment(machine, out, count);
    for (const auto& person : machine.people)
        from_desktop(machine, person.home / ".config/dconf/user", out, count);
    for (const auto& file : files_in("/etc/dconf/db", {}, kCheck, out))
        from_desktop(machine, file, out, count);
    for (const auto& profile : browser_profiles(machine)) {
        if (profile.firefox) from_firefox(machine, profile.path / "prefs.js", out, count);
        else from_chromium(machine, profile, out, count);
    }
    out.looked(kCheck, {{"settings", count}});
}

}  // namespace contrechamp::linux_machine
