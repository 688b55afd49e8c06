#include "collect/linux/machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>

#include "base/hash.h"
#include "base/time.h"
#include "collect/linux/reduce.h"
#include "formats/proc.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::uint64_t kSmallText = 1 << 20, kLongestMaps = 64 << 20;
constexpr uid_t kFirstPerson = 1000, kFirstNotPerson = 60000;

std::string read_proc(pid_t pid, const char* name) {
    return read_file("/proc/" + std::to_string(pid) + "/" + name, kSmallText).value_or("");
}

std::string read_link(const std::string& path) {
    char buffer[4096];
    const ssize_t length = ::readlink(path.c_str(), buffer, sizeof buffer);
    return length > 0 ? std::string(buffer, static_cast<std::size_t>(length)) : std::string();
}

bool same_file(const std::string& a, const std::string& b) {
    struct stat one {
    }, other{};
    return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

// An event device is a keyboard, a pointer or something harmless; "input-events" when the kernel does not
// say.
std::string event_device_kind(unsigned minor) {
    static const auto known =
        proc::input_devices(read_file("/proc/bus/input/devices", std::uint64_t{1} << 20).value_or(""));
    // drivers/input/evdev.c: 32 numbers from 64, the others from 256.
    const auto it = known.find(static_cast<int>(minor < 256 ? minor - 64 : minor - 256 + 32));
    return it == known.end() ? "input-events" : "input-" + it->second;
}

// Hardware that decodes, encodes or scales video has the major number of cameras; its name tells.
bool video_codec(unsigned minor) {
    std::string name = read_file("/sys/dev/char/81:" + std::to_string(minor) + "/name", 4096).value_or("");
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view kWords[] = {"codec", "-dec", "_dec", "-enc", "_enc",  "-isp",
                                           "vpu",   "hevc", "jpeg", "m2m",  "scaler"};
    return std::any_of(std::begin(kWords), std::end(kWords),
                       [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

// What kind of device an open descriptor stands for, by its numbers wherever it lies; empty for those that
// watch nobody.
std::string device_kind(unsigned major, unsigned minor, std::string_view path) {
    // Documentation/admin-guide/devices.txt of the kernel.
    if (major == 13) return minor >= 64 ? event_device_kind(minor) : minor >= 32 ? "mouse" : "joystick";
    if (major == 81) return video_codec(minor) ? "video-codec" : "video";
    if (major == 116) {
        if (path.find("/pcm") == std::string_view::npos) return {};  // mixers, timers, sequencers
        return path.ends_with('c') ? "sound-capture" : std::string();
    }
    if (major == 14) return path.find("dsp") != std::string_view::npos ? "sound-capture" : std::string();
    if (major == 10 && minor == 223) return "uinput";
    if (major == 10 && minor == 239) return "uhid";
    if (major == 7) return "console-screen";
    if (major == 29) return "framebuffer";
    if (path.starts_with("/dev/hidraw")) return "hidraw";
    if (path.starts_with("/dev/usbmon")) return "usb-traffic";
    return {};
}

void read_descriptors(Process& process) {
    const std::string folder = "/proc/" + std::to_string(process.pid) + "/fd/";
    DIR* directory = ::opendir(folder.c_str());
    if (!directory) return;
    process.descriptors_readable = true;
    while (const dirent* entry = ::readdir(directory)) {
        if (entry->d_name[0] == '.') continue;
        const std::string path = folder + entry->d_name;
        const std::string target = read_link(path);
        if (target.starts_with("socket:[")) {
            std::uint64_t inode = 0;
            std::from_chars(target.data() + 8, target.data() + target.size() - 1, inode);
            process.sockets.push_back(inode);
        } else if (target == "anon_inode:[fanotify]") {
            ++process.fanotify;
        } else if (target == "anon_inode:bpf-prog") {
            const auto info = read_proc(process.pid, (std::string("fdinfo/") + entry->d_name).c_str());
            process.bpf_programs.push_back(
                proc::bpf_program_type(proc::field(info, "prog_type").value_or(0)));
        } else if (target.starts_with('/') && !target.starts_with("/dev/pts/") && target != "/dev/null") {
            // Wherever it lies: device nodes can be made elsewhere. Without asking the disk or the network.
            struct statx info {};
            struct stat link {};
            if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &info) !=
                    0 ||
                !S_ISCHR(info.stx_mode) || ::lstat(path.c_str(), &link) != 0)
                continue;
            Device device{device_kind(info.stx_rdev_major, info.stx_rdev_minor, target), target,
                          (link.st_mode & S_IRUSR) != 0, (link.st_mode & S_IWUSR) != 0};
            if (device.kind.empty()) continue;
            const auto same = std::find(process.devices.begin(), process.devices.end(), device);
            if (same == process.devices.end()) process.devices.push_back(std::move(device));
            else ++same->count;
        }
    }
    ::closedir(directory);
    std::sort(process.bpf_programs.begin(), process.bpf_programs.end());
}

// Whether `file` is mapped under one of the names; "libx.so" may be a link to libx.so.1.2.
bool goes_by(const std::set<std::string, std::less<>>& names, std::string_view file) {
    auto name = file.substr(file.rfind('/') + 1);
    for (;;) {
        if (names.contains(name)) return true;
        const auto dot = name.rfind('.');
        if (dot == std::string_view::npos || dot + 1 == name.size() ||
            name.find_first_not_of("0123456789", dot + 1) != std::string_view::npos)
            return false;
        name = name.substr(0, dot);
    }
}

// Libraries that LD_PRELOAD or LD_AUDIT name and that are truly mapped: so that what is kept is a loaded
// library's path and not just the value of a variable.
void read_preloads(Process& process, const std::vector<std::string>& environment) {
    // By file name: what is mapped may stand elsewhere than where the variable says.
    std::set<std::string, std::less<>> named;
    for (const auto& variable : environment) {
        if (!variable.starts_with("LD_PRELOAD=") && !variable.starts_with("LD_AUDIT=")) continue;
        const std::string value = variable.substr(variable.find('=') + 1);
        for (std::size_t at = 0; at < value.size();) {
            const auto end = std::min(value.find_first_of(": \t", at), value.size());
            const auto path = value.substr(at, end - at);
            if (const auto name = path.substr(path.rfind('/') + 1); !name.empty()) named.insert(name);
            at = end + 1;
        }
    }
    if (named.empty()) return;
    const auto maps = read_file("/proc/" + std::to_string(process.pid) + "/maps", kLongestMaps).value_or("");
    for (const auto& file : proc::mapped_files(maps))
        if (goes_by(named, file)) process.preloads.push_back(file);
    process.mapped_preloads = true;
}

struct Clock {
    UnixTime boot = 0;
    long ticks = ::sysconf(_SC_CLK_TCK);
};

std::optional<Process> read_process(pid_t pid, const Clock& clock) {
    const auto stat = proc::parse_stat(read_proc(pid, "stat"));
    const auto status = proc::parse_status(read_proc(pid, "status"));
    if (!stat || !status || stat->state == 'Z') return std::nullopt;  // it ended
    Process out;
    out.pid = pid;
    out.parent = static_cast<pid_t>(stat->parent);
    out.comm = stat->comm;
    out.kernel = stat->kernel_thread();
    out.start_ticks = stat->start_ticks;
    out.started = to_rfc3339(
        clock.boot + static_cast<UnixTime>(stat->start_ticks / static_cast<std::uint64_t>(clock.ticks)));
    out.uid = status->uid;
    out.tracer = static_cast<pid_t>(status->tracer);
    if (out.kernel) return out;
    out.exe = read_link("/proc/" + std::to_string(pid) + "/exe");
    constexpr std::string_view kDeleted = " (deleted)";
    // A program's file may truly have that name.
    if (out.exe.ends_with(kDeleted) && !same_file("/proc/" + std::to_string(pid) + "/exe", out.exe)) {
        out.exe.resize(out.exe.size() - kDeleted.size());
        out.exe_deleted = true;
    }
    if (!out.exe.empty() && !out.exe_deleted) {
        struct stat runs {};
        const std::string link = "/proc/" + std::to_string(pid) + "/exe";
        out.exe_elsewhere = ::stat(link.c_str(), &runs) == 0 && !same_file(link, out.exe);
    }
    out.unit = proc::unit_of_cgroup(read_proc(pid, "cgroup"));
    auto arguments = proc::split_nul(read_proc(pid, "cmdline"));
    // Without the right to read the link, the command's own word is all there is.
    const std::string program = !out.exe.empty() ? out.exe : arguments.empty() ? out.comm : arguments.front();
    if (!arguments.empty()) arguments.erase(arguments.begin());
    auto command = reduce_command(program, arguments, read_link("/proc/" + std::to_string(pid) + "/cwd"));
    out.options = std::move(command.options);
    out.literals = std::move(command.literals);
    out.script = std::move(command.script);
    out.script_hidden = command.script_hidden;
    // A script started by its own name gives that name to the process.
    if (out.script_hidden && out.exe.substr(out.exe.rfind('/') + 1).substr(0, 15) != out.comm)
        out.comm.clear();
    const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ", kSmallText);
    if (environment) {
        out.environment_readable = true;
        const auto variables = proc::split_nul(*environment);
        for (const auto& variable : variables) {
            const std::string name = variable.substr(0, variable.find('='));
            if (allowed_environment().contains(name) &&
                std::find(out.environment.begin(), out.environment.end(), name) == out.environment.end())
                out.environment.push_back(name);
        }
        std::sort(out.environment.begin(), out.environment.end());
        read_preloads(out, variables);
    }
    read_descriptors(out);
    return out;
}

void read_processes(Machine& machine, const Clock& clock) {
    DIR* directory = ::opendir("/proc");
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory)) {
        pid_t pid = 0;
        const auto [end, error] =
            std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), pid);
        if (error != std::errc() || *end != '\0' || pid == ::getpid()) continue;
        if (auto process = read_process(pid, clock)) machine.processes.emplace(pid, std::move(*process));
    }
    ::closedir(directory);
}

std::optional<Person> person_of(uid_t uid) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return std::nullopt;
    return Person{uid, entry.pw_name, entry.pw_dir};
}

Result<std::vector<Person>> choose_people(const MachineOptions& options, bool root) {
    std::vector<Person> out;
    uid_t uid = ::getuid();
    // `sudo contrechamp scan`: the person is the one who called sudo.
    if (const char* caller = std::getenv("SUDO_UID"); caller && root)
        uid = static_cast<uid_t>(std::strtoul(caller, nullptr, 10));
    if (const auto person = person_of(uid)) out.push_back(*person);
    else if (const char* home = std::getenv("HOME")) out.push_back({uid, "", home});
    if (!options.users.empty() && !root) {
        Error error{{"only root can look into another person's files",
                     "seul root peut examiner les fichiers d’une autre personne"},
                    "--user",
                    {"sudo contrechamp scan --user " + options.users.front(),
                     "sudo contrechamp scan --user " + options.users.front()}};
        error.misuse = true;
        return tl::unexpected(std::move(error));
    }
    for (const auto& name : options.users) {
        const passwd* entry = ::getpwnam(name.c_str());
        if (!entry) return fail({"there is no such user", "cet utilisateur n’existe pas"}, name);
        if (std::none_of(out.begin(), out.end(), [&](const Person& p) { return p.uid == entry->pw_uid; }))
            out.push_back({entry->pw_uid, entry->pw_name, entry->pw_dir});
    }
    return out;
}

// Of "/folder/folder/file" below a home: the file, and the folders that programs make (".config/app").
std::string without_own_names(const std::string& path) {
    constexpr std::size_t kProgramFolders = 2;  // ".config/chromium", but no profile's name
    std::vector<std::string> parts;
    for (const auto& part : fs::path(path).relative_path()) parts.push_back(part.string());
    if (parts.empty()) return path;
    const bool program_folder = parts.front().starts_with('.') || parts.front() == "snap";
    const std::size_t kept = program_folder ? std::min(kProgramFolders, parts.size() - 1) : 0;
    std::string out;
    for (std::size_t i = 0; i < kept; ++i) out += "/" + parts[i];
    if (kept + 1 < parts.size()) out += "/…";
    // Programs give plain names; what has spaces or accents is somebody's own wording.
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@:+-";
    const bool plain = parts.back().find_first_not_of(kPlain) == std::string::npos;
    return out + "/" + (plain ? parts.back() : "…" + fs::path(parts.back()).extension().string());
}

std::string pseudonym(std::string_view kind, const fs::path& file) {
    auto text = read_file(file, 4096).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.empty()) return {};
    return sha256_hex("contrechamp " + std::string(kind) + " " + text).substr(0, 12);
}

}  // namespace

std::string Machine::shown_path(const std::string& path) const {
    const auto below = [&](const std::string& home) {
        return home.size() > 1 && path.starts_with(home) &&
               (path.size() == home.size() || path[home.size()] == '/');
    };
    for (const auto& person : people)
        if (below(person.home.string()))
            return "~" + without_own_names(path.substr(person.home.string().size()));
    for (const auto& home : other_homes)
        if (below(home)) return "~other" + without_own_names(path.substr(home.size()));
    if (path.starts_with("/home/")) {
        const auto slash = path.find('/', 6);
        return "~other" + (slash == std::string::npos ? "" : without_own_names(path.substr(slash)));
    }
    return path;
}

std::string Machine::user_class(uid_t who) const {
    for (const auto& person : people)
        if (person.uid == who) return "self";
    if (who == 0) return "root";
    return who < kFirstPerson || who >= kFirstNotPerson ? "system" : "other";
}

const ProgramFile& Machine::program_file(const std::string& path) const {
    const auto it = program_files_.find(path);
    return it != program_files_.end() ? it->second
                                      : program_files_.emplace(path, packages.examine(path)).first->second;
}

const std::string& Machine::owner(const std::string& path) const {
    const auto it = owners_.find(path);
    return it != owners_.end() ? it->second : owners_.emplace(path, packages.owner(path)).first->second;
}

json::Object Machine::identity(pid_t pid) const {
    const auto it = processes.find(pid);
    if (it == processes.end()) return {};
    const Process& process = it->second;
    json::Object out{{"pid", process.pid}, {"started", process.started}, {"user", user_class(process.uid)}};
    const auto put_owner = [&](const char* name, const std::string& path) {
        if (const auto& package = owner(path); !package.empty()) out[name] = package;
    };
    if (!process.comm.empty()) put_text(out, "name", process.comm);
    if (!process.exe.empty()) {
        put_text(out, "exe", shown_path(process.exe));
        if (process.exe_deleted) out["exe_deleted"] = true;
        if (process.exe_elsewhere) out["exe_elsewhere"] = true;
        if (!process.exe_deleted && !process.exe_elsewhere) put_owner("exe_package", process.exe);
    }
    if (!process.script.empty()) {
        put_text(out, "script", process.script);
        if (process.script.front() == '/' && !process.exe_elsewhere)
            put_owner("script_package", process.script);
    }
    if (process.script_hidden) out["script_hidden"] = true;
    return out;
}

json::Object Machine::full_identity(pid_t pid) const {
    json::Object out = identity(pid);
    const auto it = processes.find(pid);
    if (it == processes.end()) return out;
    const Process& process = it->second;
    const auto put_file = [&](const std::string& prefix, const ProgramFile& file) {
        if (!file.sha256.empty()) out[prefix + "_sha256"] = file.sha256;
        if (!file.state.empty()) out[prefix + "_state"] = file.state;
    };
    if (process.exe_deleted || process.exe_elsewhere) {
        // The kernel's link leads to the very file that runs, wherever it is.
        if (const auto digest = digest_file("/proc/" + std::to_string(pid) + "/exe"))
            out["exe_sha256"] = digest->sha256;
    } else if (!process.exe.empty()) {
        put_file("exe", program_file(process.exe));
    }
    if (!process.script.empty() && process.script.front() == '/' && !process.exe_elsewhere)
        put_file("script", program_file(process.script));
    return out;
}

Result<Machine> look_at_machine(const MachineOptions& options) {
    Machine machine;
    machine.uid = ::getuid();
    machine.root = ::geteuid() == 0;
    machine.people = TRY(choose_people(options, machine.root));
    machine.known_paths = options.known_paths;
    machine.known_bus_names = options.known_bus_names;
    std::set<std::string> homes;
    ::setpwent();
    while (const passwd* entry = ::getpwent()) {
        const bool person = entry->pw_uid >= kFirstPerson && entry->pw_uid < kFirstNotPerson;
        std::error_code error;
        if (person && fs::is_directory(entry->pw_dir, error) && machine.user_class(entry->pw_uid) != "self")
            homes.insert(entry->pw_dir);
    }
    ::endpwent();
    machine.other_people = homes.size();
    machine.other_homes.assign(homes.begin(), homes.end());
    machine.header = {{"host", pseudonym("host", "/etc/machine-id")},
                      {"boot", pseudonym("boot", "/proc/sys/kernel/random/boot_id")},
                      {"time", to_rfc3339(now())},
                      {"uid", machine.uid},
                      {"root", machine.root}};
    Clock clock;
    const auto stat = read_file("/proc/stat", kSmallText).value_or("");
    if (const auto at = stat.find("btime "); at != std::string::npos)
        clock.boot = std::strtoll(stat.c_str() + at + 6, nullptr, 10);
    machine.packages = PackageIndex::read("/");
    machine.header["dpkg"] = machine.packages.present();
    read_processes(machine, clock);
    return machine;
}

RecordWriter exhibit(const Machine& machine, std::string_view name) {
    return RecordWriter("linux-" + std::string(name), 1, machine.header);
}

}  // namespace contrechamp::linux_machine
