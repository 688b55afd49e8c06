#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/privilege.h"
#include "collect/linux/collectors.h"
#include "collect/linux/reduce.h"

namespace contrechamp::linux_machine {
namespace {

using Clock = std::chrono::steady_clock;
// A display or sound server that does not answer within this is reported as not answering.
constexpr auto kTimeLimit = std::chrono::seconds(15);
constexpr std::size_t kLargestExhibit = std::size_t{256} << 20;

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
constexpr std::array<std::string_view, 2> kSession = {"wayland-session", "clipboard-readers"};
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

struct Job {
    const Collector* collector = nullptr;
    const Person* person = nullptr;  // to become, when root
    pid_t pid = 0;
    Fd pipe;
    std::string bytes;
    Clock::time_point deadline;
    bool too_large = false;
};

// In the child: become the person, so that the person's own session services answer.
void become(const Person& person) {
    ::setenv("DBUS_SESSION_BUS_ADDRESS",
             ("unix:path=/run/user/" + std::to_string(person.uid) + "/bus").c_str(), 0);
    if (!become_user(person.uid)) ::_exit(3);
}

[[noreturn]] void run_child(const Machine& machine, const Job& job, int out_fd) {
    ::signal(SIGPIPE, SIG_DFL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);  // a core file would hold what was read before it was reduced
    if (job.person) become(*job.person);
    RecordWriter writer = exhibit(machine, job.collector->name);
    job.collector->collect(machine, writer);
    const bool written = write_all(out_fd, writer.finish(), "pipe").has_value();
    ::_exit(written ? 0 : 2);
}

Result<void> start(const Machine& machine, Job& job) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return tl::unexpected(system_error({"cannot start a collector", "impossible de lancer un collecteur"},
                                           std::string(job.collector->name)));
    Fd read_end(ends[0]), write_end(ends[1]);
    job.pid = ::fork();
    if (job.pid < 0)
        return tl::unexpected(system_error({"cannot start a collector", "impossible de lancer un collecteur"},
                                           std::string(job.collector->name)));
    if (job.pid == 0) run_child(machine, job, write_end.get());
    job.pipe = std::move(read_end);
    job.deadline = Clock::now() + kTimeLimit;
    return {};
}

// What stands in the case when a collector did not come to its end.
std::string failed_exhibit(const Machine& machine, const Collector& collector, std::string_view reason) {
    RecordWriter writer = exhibit(machine, collector.name);
    for (auto check : collector.checks) writer.not_looked(check, "unreadable", reason);
    return writer.finish();
}

// Reads what has come. False when the job is over.
bool drain(Job& job) {
    char buffer[65536];
    const ssize_t got = ::read(job.pipe.get(), buffer, sizeof buffer);
    if (got > 0) {
        job.too_large |= job.bytes.size() + static_cast<std::size_t>(got) > kLargestExhibit;
        if (!job.too_large) job.bytes.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    return got < 0 && errno == EINTR;
}

Collected finish(const Machine& machine, Job& job, bool timed_out) {
    if (timed_out || job.too_large) ::kill(job.pid, SIGKILL);
    int status = 0;
    while (::waitpid(job.pid, &status, 0) < 0 && errno == EINTR) {
    }
    const bool well = !timed_out && !job.too_large && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (well) return {job.collector, std::move(job.bytes)};
    return {job.collector,
            failed_exhibit(machine, *job.collector, timed_out ? "no-answer" : "collector-failed")};
}

}  // namespace

std::span<const Collector> collectors() { return kCollectors; }

std::vector<Collected> run_collectors(const Machine& machine, unsigned parallel,
                                      const std::function<void(const Collector&)>& finished) {
    std::vector<Job> waiting, running;
    for (const auto& collector : kCollectors) {
        if (collector.as_person && machine.root && !machine.people.empty()) {
            for (const auto& person : machine.people)
                waiting.push_back({&collector, person.uid == 0 ? nullptr : &person});
        } else {
            waiting.push_back({&collector, nullptr});
        }
    }
    std::vector<Collected> out;
    std::reverse(waiting.begin(), waiting.end());
    while (!waiting.empty() || !running.empty()) {
        while (!waiting.empty() && running.size() < std::max(parallel, 1u)) {
            Job job = std::move(waiting.back());
            waiting.pop_back();
            if (start(machine, job)) running.push_back(std::move(job));
            else out.push_back({job.collector, failed_exhibit(machine, *job.collector, "collector-failed")});
        }
        std::vector<pollfd> polls;
        for (const auto& job : running) polls.push_back({job.pipe.get(), POLLIN, 0});
        ::poll(polls.data(), polls.size(), 200);
        for (std::size_t i = running.size(); i-- > 0;) {
            const bool over = polls[i].revents && !drain(running[i]);
            const bool timed_out = !over && Clock::now() > running[i].deadline;
            if (!over && !timed_out) continue;
            out.push_back(finish(machine, running[i], timed_out));
            if (finished) finished(*running[i].collector);
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    // In the collectors' order, whichever finished first.
    std::stable_sort(out.begin(), out.end(),
                     [](const Collected& a, const Collected& b) { return a.collector < b.collector; });
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
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        const std::string extension = it->path().extension().string();
        if (!extensions.empty() &&
            std::find(extensions.begin(), extensions.end(), extension) == extensions.end())
            continue;
        std::error_code ignored;
        if (it->is_regular_file(ignored)) found.push_back(it->path());
    }
    if (error == std::errc::permission_denied) {
        json::Object fields;
        put_text(fields, "path", folder.string());
        out.not_looked(check, "unreadable", "root-only-file", std::move(fields));
    }
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
