// What starts by itself: systemd units and timers, desktop autostart entries, cron, udev rules. Of each, the
// program it starts, never its arguments.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "collect/linux/collectors.h"
#include "collect/linux/reduce.h"
#include "formats/linux_config.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "autostart";
constexpr std::array<std::string_view, 4> kUnitTypes = {".service", ".timer", ".socket", ".path"};
constexpr std::array<std::string_view, 1> kDesktop = {".desktop"}, kRules = {".rules"};

struct UnitFolder {
    fs::path path;
    bool user = false;
};

std::vector<UnitFolder> unit_folders(const Machine& machine) {
    // systemd.unit(5), in order of precedence.
    std::vector<UnitFolder> out = {{"/etc/systemd/system"},
                                   {"/run/systemd/system"},
                                   {"/usr/local/lib/systemd/system"},
                                   {"/usr/lib/systemd/system"},
                                   {"/etc/systemd/user", true},
                                   {"/run/systemd/user", true},
                                   {"/usr/local/lib/systemd/user", true},
                                   {"/usr/lib/systemd/user", true}};
    for (const auto& person : machine.people) {
        out.push_back({person.home / ".config/systemd/user", true});
        out.push_back({person.home / ".local/share/systemd/user", true});
    }
    return out;
}

// Names of units that some *.wants or *.requires folder pulls in: what "systemctl enable" makes.
std::set<std::string> wanted_units(const std::vector<UnitFolder>& folders, bool user) {
    std::set<std::string> out;
    for (const auto& folder : folders) {
        if (folder.user != user) continue;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder.path, error)) {
            const auto extension = entry.path().extension();
            if (extension != ".wants" && extension != ".requires" && extension != ".upholds") continue;
            std::error_code ignored;
            for (const auto& link : fs::directory_iterator(entry.path(), ignored))
                out.insert(link.path().filename().string());
        }
    }
    return out;
}

// "tlog@alice.service" is an instance of the template "tlog@.service".
std::string template_of(const std::string& name) {
    const auto at = name.find('@');
    return at == std::string::npos ? name : name.substr(0, at + 1) + name.substr(name.rfind('.'));
}

// Units switched off for good: links to /dev/null, which hide the unit of the same name in folders of lower
// precedence.
std::vector<fs::path> masked_units(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const bool unit = std::find(kUnitTypes.begin(), kUnitTypes.end(), it->path().extension().string()) !=
                          kUnitTypes.end();
        if (unit && it->is_symlink(ignored) && fs::read_symlink(it->path(), ignored) == "/dev/null")
            out.push_back(it->path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

void collect_units(const Machine& machine, RecordWriter& out) {
    const auto folders = unit_folders(machine);
    std::set<std::string> wanted[2] = {wanted_units(folders, false), wanted_units(folders, true)};
    for (auto& set : wanted) {
        std::set<std::string> templates;
        for (const auto& name : set) templates.insert(template_of(name));
        set.merge(templates);
    }
    std::set<std::pair<bool, std::string>> seen;
    for (const auto& folder : folders) {
        const auto masks = masked_units(folder.path);
        auto paths = files_in(folder.path, kUnitTypes, kCheck, out);
        paths.insert(paths.end(), masks.begin(), masks.end());
        for (const auto& path : paths) {
            const std::string name = path.filename().string();
            if (!seen.emplace(folder.user, name).second) continue;  // a folder of higher precedence has it
            const bool masked = std::find(masks.begin(), masks.end(), path) != masks.end();
            const auto text = masked ? std::string() : read_config(path, kCheck, out);
            if (!text) continue;
            json::Object record{{"scope", folder.user ? "user" : "system"},
                                {"enabled", !masked && wanted[folder.user].contains(name)},
                                {"masked", masked}};
            put_text(record, "unit", machine.shown_name(path));
            json::Array programs;
            bool installable = false;
            for (const auto& setting : config::parse_ini(*text)) {
                if (setting.section == "Service" && setting.key.starts_with("Exec") &&
                    (setting.key == "ExecStart" || setting.key == "ExecStartPre" ||
                     setting.key == "ExecStartPost")) {
                    auto command = reduced_command(machine, setting.value);
                    if (!command.empty()) programs.push_back(std::move(command));
                }
                installable |= setting.section == "Install";
            }
            // A unit without [Install] is started by others or by hand.
            record["static"] = !installable;
            record["programs"] = std::move(programs);
            record["source"] = source_of(machine, path, 0);
            out.add("unit", std::move(record));
        }
    }
}

void collect_autostart(const Machine& machine, RecordWriter& out) {
    std::vector<fs::path> folders = {"/etc/xdg/autostart"};
    for (const auto& person : machine.people)
        folders.insert(folders.begin(), person.home / ".config/autostart");
    std::set<std::string> seen;
    for (const auto& folder : folders) {
        for (const auto& path : files_in(folder, kDesktop, kCheck, out)) {
            const std::string name = path.filename().string();
            if (!seen.insert(name).second) continue;
            const auto text = read_config(path, kCheck, out);
            if (!text) continue;
            json::Object record;
            bool hidden = false;
            for (const auto& setting : config::parse_ini(*text)) {
                if (setting.section != "Desktop Entry") continue;
                if (setting.key == "Exec") record.merge(reduced_command(machine, setting.value));
                if (setting.key == "Hidden" || setting.key == "X-GNOME-Autostart-enabled")
                    hidden |= setting.value == (setting.key == "Hidden" ? "true" : "false");
            }
            record["disabled"] = hidden;
            record["personal"] = folder != folders.back();
            put_text(record, "entry", machine.shown_name(path));
            record["source"] = source_of(machine, path, 0);
            out.add("autostart", std::move(record));
        }
    }
}

void add_cron(const Machine& machine, const fs::path& path, bool with_user, RecordWriter& out) {
    const auto text = read_config(path, kCheck, out);
    if (!text) return;
    for (const auto& line : config::parse_crontab(*text, with_user)) {
        json::Object record = reduced_command(machine, line.command);
        if (record.empty()) continue;
        put_text(record, "schedule", line.schedule);
        record["as_root"] = line.user == "root";
        record["source"] = source_of(machine, path, line.line);
        out.add("cron", std::move(record));
    }
}

void collect_cron(const Machine& machine, RecordWriter& out) {
    add_cron(machine, "/etc/crontab", true, out);
    for (const auto& path : files_in("/etc/cron.d", {}, kCheck, out)) add_cron(machine, path, true, out);
    for (const char* folder :
         {"/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly"}) {
        for (const auto& path : files_in(folder, {}, kCheck, out)) {
            json::Object record;
            put_text(record, "program", path.string());
            if (auto owner = machine.packages.owner(path.string()); !owner.empty()) record["package"] = owner;
            put_text(record, "schedule", std::string(folder).substr(std::string_view("/etc/cron.").size()));
            record["as_root"] = true;
            record["source"] = source_of(machine, path, 0);
            out.add("cron", std::move(record));
        }
    }
    // People's own crontabs: root reads those of the people looked at; others only learn that they may exist.
    for (const auto& person : machine.people)
        if (machine.root && !person.name.empty())
            add_cron(machine, fs::path("/var/spool/cron/crontabs") / person.name, false, out);
    std::error_code error;
    if (!machine.root && fs::exists("/var/spool/cron/crontabs", error)) {
        json::Object fields;
        put_text(fields, "path", "/var/spool/cron/crontabs");
        out.not_looked(kCheck, "unreadable", "root-only-file", std::move(fields));
    }
}

void collect_udev(const Machine& machine, RecordWriter& out) {
    std::set<std::string> seen;
    for (const char* folder :
         {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d"}) {
        for (const auto& path : files_in(folder, kRules, kCheck, out)) {
            if (!seen.insert(path.filename().string()).second) continue;
            const auto text = read_config(path, kCheck, out);
            if (!text) continue;
            for (const auto& run : config::parse_udev(*text)) {
                json::Object record = reduced_command(machine, run.command);
                if (record.empty()) continue;
                record["source"] = source_of(machine, path, run.line);
                out.add("udev-run", std::move(record));
            }
        }
    }
}

}  // namespace

void collect_persistence(const Machine& machine, RecordWriter& out) {
    collect_units(machine, out);
    collect_autostart(machine, out);
    collect_cron(machine, out);
    collect_udev(machine, out);
    out.looked(kCheck);
    leave_others(machine, kCheck, out);
}

}  // namespace contrechamp::linux_machine
