// Settings of remote-access servers: whether they are on and whether the person in front is asked. Passwords,
// keys and account names in the same files are passed over: only the keys named here are read.
#include <array>

#include "collect/linux/collectors.h"
#include "formats/gvdb.h"
#include "formats/linux_config.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "remote-access";

enum class Form { ini, keywords };

struct KnownFile {
    const char* service;
    const char* path;  // "~/" for each person looked at
    Form form;
    std::array<const char*, 6> keys;  // case as documented; nullptr ends
};

constexpr std::array kFiles = {
    KnownFile{"sshd",
              "/etc/ssh/sshd_config",
              Form::keywords,
              {"PermitRootLogin", "PasswordAuthentication", "X11Forwarding", "PubkeyAuthentication"}},
    KnownFile{"xrdp", "/etc/xrdp/xrdp.ini", Form::ini, {"port", "security_layer", "fork"}},
    KnownFile{"xrdp",
              "/etc/xrdp/sesman.ini",
              Form::ini,
              {"AllowRootLogin", "RestrictOutboundClipboard", "RestrictInboundClipboard"}},
    KnownFile{"tigervnc",
              "/etc/tigervnc/vncserver-config-defaults",
              Form::ini,
              {"localhost", "SecurityTypes", "AlwaysShared"}},
    KnownFile{"tigervnc", "~/.vnc/config", Form::ini, {"localhost", "SecurityTypes", "AlwaysShared"}},
    KnownFile{"krfb",
              "~/.config/krfbrc",
              Form::ini,
              {"allowUnattendedAccess", "allowDesktopControl", "noWallet", "port"}},
    KnownFile{"veyon",
              "/etc/xdg/Veyon Solutions/Veyon.conf",
              Form::ini,
              {"VeyonServerPort", "AutostartService", "HideTrayIcon", "AccessRestrictedToUserGroups",
               "AccessControlRulesProcessingEnabled"}},
    KnownFile{"epoptes", "/etc/default/epoptes-client", Form::keywords, {"SERVER", "WOL", "PORT"}},
};

struct KnownKey {
    const char* service;
    const char* key;
};

// dconf keys of GNOME Remote Desktop and of Vino, its predecessor.
constexpr std::array kDconf = {
    KnownKey{"gnome-remote-desktop", "/org/gnome/desktop/remote-desktop/rdp/enable"},
    KnownKey{"gnome-remote-desktop", "/org/gnome/desktop/remote-desktop/rdp/view-only"},
    KnownKey{"gnome-remote-desktop", "/org/gnome/desktop/remote-desktop/vnc/enable"},
    KnownKey{"gnome-remote-desktop", "/org/gnome/desktop/remote-desktop/vnc/view-only"},
    KnownKey{"gnome-remote-desktop", "/org/gnome/desktop/remote-desktop/vnc/auth-method"},
    KnownKey{"vino", "/org/gnome/desktop/remote-access/enabled"},
    KnownKey{"vino", "/org/gnome/desktop/remote-access/prompt-enabled"},
    KnownKey{"vino", "/org/gnome/desktop/remote-access/view-only"},
};

// Values that are switches, numbers or words; anything longer could be something else.
bool plain_value(std::string_view value) {
    return value.size() <= 32 &&
           value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_,. ") ==
               std::string_view::npos;
}

void add_setting(const Machine& machine, const char* service, std::string_view key, std::string_view value,
                 const fs::path& path, std::uint64_t line, RecordWriter& out) {
    json::Object record{{"service", service}};
    put_text(record, "key", key);
    if (plain_value(value)) put_text(record, "value", value);
    record["source"] = source_of(machine, path, line);
    out.add("remote-setting", std::move(record));
}

void look_at(const Machine& machine, const KnownFile& known, const fs::path& path, RecordWriter& out) {
    const auto text = read_config(path, kCheck, out);
    if (!text) return;
    out.add("remote-file", {{"service", known.service}, {"source", source_of(machine, path, 0)}});
    const auto settings = known.form == Form::ini ? config::parse_ini(*text) : config::parse_keywords(*text);
    for (const auto& setting : settings)
        for (const char* key : known.keys)
            // A server's address says who is in control; nothing else of the kind is kept.
            if (key && setting.key == key && setting.section != "Match")
                add_setting(machine, known.service, setting.key, setting.value, path, setting.line, out);
}

}  // namespace

void collect_remote_access(const Machine& machine, RecordWriter& out) {
    for (const auto& known : kFiles) {
        const std::string_view path = known.path;
        if (!path.starts_with("~/")) look_at(machine, known, path, out);
        else
            for (const auto& person : machine.people)
                look_at(machine, known, person.home / path.substr(2), out);
    }
    for (const auto& person : machine.people) {
        const fs::path path = person.home / ".config/dconf/user";
        const auto bytes = read_config(path, kCheck, out);
        if (!bytes) continue;
        const auto items = gvdb::read_root(*bytes, path.string());
        if (!items) {
            damaged(machine, kCheck, path, out);
            continue;
        }
        for (const auto& item : *items)
            for (const auto& known : kDconf)
                if (item.key == known.key)
                    if (const auto value = gvdb::scalar(*bytes, item))
                        add_setting(machine, known.service, item.key, *value, path, 0, out);
    }
    out.looked(kCheck);
    leave_others(machine, kCheck, out);
}

}  // namespace contrechamp::linux_machine
