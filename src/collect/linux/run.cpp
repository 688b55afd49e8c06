#include <unistd.h>

#include <algorithm>
#include <array>

#include "collect/linux/apart.h"
#include "collect/linux/collectors.h"
#include "collect/linux/reduce.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::array<std::string_view, 9> kProcessChecks = {
    "programs",      "input-devices", "video-devices",   "sound-devices",  "input-injection",
    "file-watchers", "preloads",      "traced-programs", "kernel-programs"};
constexpr std::array<std::string_view, 1> kX11 = {"x11-clients"}, kAudio = {"audio-recorders"},
                                          kDbus = {"bus-names"}, kPortals = {"portal-permissions"},
                                          kPersistence = {"autostart"}, kPolicies = {"browser-policies"},
                                          kProxy = {"proxy"}, kSockets = {"network-sockets"},
                                          kPackages = {"packages"}, kFiles = {"known-files"},
                                          kRemote = {"remote-access"};
constexpr std::array<std::string_view, 6> kLogging = {"system-preload", "login-logging",   "audit-rules",
                                                      "sudo-logging",   "recorded-shells", "shell-hooks"};
constexpr std::array<std::string_view, 2> kKernel = {"kernel-modules", "kernel-programs"};
constexpr std::array<std::string_view, 1> kBrowsers = {"browser-extensions"};
constexpr std::array<std::string_view, 3> kSession = {"wayland-session", "clipboard-readers",
                                                      "location-lookups"};
constexpr std::array<std::string_view, 2> kTrust = {"trust-store", "browser-trust"};

constexpr std::array kCollectors = {
    Collector{"processes", "running programs and the devices they hold",
              "les programmes en marche et les périphériques qu’ils tiennent", kProcessChecks,
              collect_processes},
    Collector{"x11", "programs connected to the screen (X11)", "les programmes reliés à l’écran (X11)", kX11,
              collect_x11},
    Collector{"session", "the kind of desktop session", "le type de session graphique", kSession,
              collect_session},
    Collector{"audio", "programs recording sound", "les programmes qui enregistrent le son", kAudio,
              collect_audio, true},
    Collector{"dbus", "services on the message buses", "les services des bus de messages", kDbus,
              collect_dbus, true},
    Collector{"portals", "permissions given to applications", "les autorisations données aux applications",
              kPortals, collect_portals},
    Collector{"persistence", "what starts by itself", "ce qui démarre tout seul", kPersistence,
              collect_persistence},
    Collector{"logging", "recording of commands and sessions",
              "l’enregistrement des commandes et des sessions", kLogging, collect_logging},
    Collector{"kernel", "the kernel's modules and programs", "les modules et programmes du noyau", kKernel,
              collect_kernel},
    Collector{"browsers", "browser extensions", "les extensions des navigateurs", kBrowsers,
              collect_browsers},
    Collector{"policies", "browser policies", "les règles imposées aux navigateurs", kPolicies,
              collect_policies},
    Collector{"trust", "certificates that were added", "les certificats ajoutés", kTrust, collect_trust},
    Collector{"proxy", "proxy settings", "les réglages de proxy", kProxy, collect_proxy},
    Collector{"sockets", "network connections", "les connexions réseau", kSockets, collect_sockets},
    Collector{"packages", "installed packages", "les paquets installés", kPackages, collect_packages},
    Collector{"files", "files that known products leave", "les fichiers laissés par les produits connus",
              kFiles, collect_files},
    Collector{"remote-access", "remote-access settings", "les réglages d’accès à distance", kRemote,
              collect_remote_access},
};

// What stands in the case when a collector did not come to its end.
std::string failed_exhibit(const Machine& machine, const Collector& collector, std::string_view reason) {
    RecordWriter writer = exhibit(machine, collector.name);
    for (auto check : collector.checks) writer.not_looked(check, "unreadable", reason);
    return writer.finish();
}

}  // namespace

std::span<const Collector> collectors() { return kCollectors; }

std::vector<Collected> run_collectors(const Machine& machine, unsigned parallel,
                                      const std::function<void(const Collector&)>& finished,
                                      std::span<const Collector> which, std::chrono::milliseconds limit) {
    std::vector<Apart> jobs;
    std::vector<const Collector*> of;  // of each job
    for (const auto& collector : which) {
        const auto look = [&machine, &collector](RecordWriter& out) { collector.collect(machine, out); };
        const bool for_each = collector.as_person && machine.root && !machine.people.empty();
        for (std::size_t i = 0; i < (for_each ? machine.people.size() : 1); ++i) {
            const auto* person = for_each && machine.people[i].uid != 0 ? &machine.people[i] : nullptr;
            jobs.push_back({std::string(collector.name), look, person});
            of.push_back(&collector);
        }
    }
    run_apart(machine, jobs, parallel, limit, [&](std::size_t i) {
        if (finished) finished(*of[i]);
    });
    std::vector<Collected> out;
    for (std::size_t i = 0; i < jobs.size(); ++i)
        out.push_back({of[i],
                       jobs[i].failure.empty() ? std::move(jobs[i].bytes)
                                               : failed_exhibit(machine, *of[i], jobs[i].failure),
                       jobs[i].as ? jobs[i].as->uid : machine.uid});
    return out;
}

std::optional<std::string> read_config(const fs::path& path, std::string_view check, RecordWriter& out) {
    constexpr std::uint64_t kLargest = std::uint64_t{64}
                                       << 20;  // dpkg's status of a desktop has several megabytes
    auto text = read_file(path, kLargest);
    if (text) return std::move(*text);
    std::error_code error;
    const auto status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found && error != std::errc::permission_denied)
        return std::nullopt;
    json::Object fields;
    put_text(fields, "path", path.string());
    const bool refused = ::geteuid() != 0 && ::access(path.c_str(), R_OK) != 0;
    out.not_looked(check, "unreadable", refused ? "root-only-file" : "file-unreadable", std::move(fields));
    return std::nullopt;
}

void damaged(const Machine& machine, std::string_view check, const fs::path& file, RecordWriter& out) {
    json::Object fields;
    put_text(fields, "path", machine.shown_path(file.string()));
    out.not_looked(check, "unreadable", "damaged-file", std::move(fields));
}

void leave_others(const Machine& machine, std::string_view check, RecordWriter& out) {
    if (!machine.other_people) return;
    const bool nobody = std::all_of(machine.people.begin(), machine.people.end(),
                                    [](const Person& person) { return person.uid == 0; });
    out.not_looked(check, "unreadable", nobody ? "nobody-looked-at" : "other-people",
                   {{"people", machine.other_people}});
}

json::Object source_of(const Machine& machine, const fs::path& path, std::uint64_t line) {
    json::Object out;
    put_text(out, "path", machine.shown_path(path.string()));
    if (line) out["line"] = line;
    if (auto owner = machine.packages.owner(path.string()); !owner.empty()) out["package"] = owner;
    return out;
}

std::vector<fs::path> files_in(const fs::path& folder, std::span<const std::string_view> extensions,
                               std::string_view check, RecordWriter& out) {
    std::vector<fs::path> found;
    const auto refused = [&](const fs::path& path, const std::error_code& why) {
        json::Object fields;
        put_text(fields, "path", path.string());
        const bool to_us = why == std::errc::permission_denied && ::geteuid() != 0;
        out.not_looked(check, "unreadable", to_us ? "root-only-file" : "file-unreadable", std::move(fields));
    };
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string extension = it->path().extension().string();
        if (!extensions.empty() &&
            std::find(extensions.begin(), extensions.end(), extension) == extensions.end())
            continue;
        std::error_code why;
        const auto kind = it->status(why).type();
        if (kind == fs::file_type::regular) found.push_back(it->path());
        // A link that leads where we may not look; one that leads nowhere is nothing.
        else if (kind == fs::file_type::none || kind == fs::file_type::unknown) refused(it->path(), why);
    }
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
        refused(folder, error);
    std::sort(found.begin(), found.end());
    return found;
}

json::Object reduced_command(const Machine& machine, std::string_view command) {
    const auto line = split_command(command);
    json::Object out;
    if (line.program.empty()) return out;
    const auto reduced = reduce_command(line.program, line.arguments, "");
    put_text(out, "program", machine.shown_path(line.program));
    if (line.program.starts_with('/')) {
        // Debian's lists name some programs by one of several links: /sbin/udevadm is /bin/udevadm.
        std::error_code error;
        const auto real = fs::canonical(line.program, error);
        auto owner = machine.packages.owner(line.program);
        if (owner.empty() && !error) owner = machine.packages.owner(real.string());
        if (!owner.empty()) out["package"] = owner;
        if (error) out["missing"] = true;
    }
    if (!reduced.script.empty()) put_text(out, "script", reduced.script);
    if (reduced.script_hidden) out["script_hidden"] = true;
    if (!reduced.options.empty()) out["options"] = json::strings(reduced.options);
    if (!reduced.literals.empty()) out["literals"] = json::strings(reduced.literals);
    return out;
}

}  // namespace contrechamp::linux_machine
