// The machine being looked at: who looks, whose files may be looked into, and a snapshot of its programs that
// all collectors share, so that "process 312" means the same one everywhere.
//
// Collectors conclude nothing and keep nothing they do not need: the allow-lists are in reduce.h.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "collect/linux/packages.h"
#include "formats/record_file.h"

namespace contrechamp::linux_machine {

// Somebody whose personal files may be read: the person who runs the scan, or those named with --user.
struct Person {
    uid_t uid = 0;
    std::string name;  // never written to an exhibit
    fs::path home;
};

struct Device {
    std::string kind;  // input-keyboard, input-pointer, video, sound-capture, uinput, hidraw, uhid, …
    std::string path;
    bool reads = false, writes = false;
    int count = 1;
    bool operator==(const Device&) const = default;
};

struct Process {
    pid_t pid = 0, parent = 0;
    std::uint64_t start_ticks = 0;  // since boot; with the pid, the identity of a process
    std::string started;            // RFC 3339
    uid_t uid = 0;
    std::string comm;  // the kernel's name for it: 15 bytes, the process can change it
    std::string exe;   // as the kernel knows it; empty: not readable, or a kernel thread
    bool exe_deleted = false;
    bool exe_elsewhere =
        false;  // the path leads to another file here: the program runs in a container or sandbox
    bool kernel = false;
    std::string script;  // for an interpreter: the script it runs, when that is not a person's own file
    bool script_hidden = false;            // it runs a script of a person's, whose name is not kept
    std::vector<std::string> options;      // option names
    std::vector<std::string> literals;     // arguments on the allow-list, such as x11grab
    std::string unit;                      // systemd unit, from its control group
    std::vector<std::string> environment;  // names on the allow-list that are set
    std::vector<std::string> preloads;     // libraries named by LD_PRELOAD or LD_AUDIT and mapped
    bool environment_readable = false;
    pid_t tracer = 0;
    bool descriptors_readable = false;
    std::vector<Device> devices;
    int fanotify = 0;
    std::vector<std::string> bpf_programs;  // program types
    std::vector<std::uint64_t> sockets;     // inode numbers; not written to exhibits
    bool mapped_preloads = false;           // maps were read to look for /etc/ld.so.preload's libraries
};

struct Machine {
    uid_t uid = 0;
    bool root = false;  // effective uid 0
    std::vector<Person> people;
    std::size_t other_people = 0;  // with a home folder, not looked into
    std::vector<std::string> other_homes;
    json::Object header;  // every exhibit's: host, boot, time, uid
    std::map<pid_t, Process> processes;
    PackageIndex packages;
    // What the knowledge names, to be looked up: paths ("~/…" in each person's home), names on message buses.
    std::vector<std::string> known_paths;
    std::set<std::string, std::less<>> known_bus_names;

    // A path as it may be kept: "~" instead of the home folder of one of `people`, "~other" for other homes,
    // and below a home only where programs keep things: folders that people name are "…".
    std::string shown_path(const std::string& path) const;
    // Its last part, as it may be kept.
    std::string shown_name(const fs::path& path) const {
        return fs::path(shown_path(path.string())).filename().string();
    }
    // {pid, started, name, exe, script, their packages}: who a process is, for any record. Empty when it is
    // gone.
    json::Object identity(pid_t pid) const;
    // The same with digests of the files and whether they are as delivered: reads the files.
    json::Object full_identity(pid_t pid) const;
    std::string user_class(uid_t uid) const;  // self, root, system, other

  private:
    // Remembered: many processes run the same file.
    const ProgramFile& program_file(const std::string& path) const;
    const std::string& owner(const std::string& path) const;
    mutable std::map<std::string, ProgramFile> program_files_;
    mutable std::map<std::string, std::string> owners_;
};

struct MachineOptions {
    std::vector<std::string> users;  // further people whose files may be read (root only)
    std::vector<std::string> known_paths;
    std::set<std::string, std::less<>> known_bus_names;  // see Machine
};

// Takes the snapshot. `self_exe` processes (this program's) are left out.
Result<Machine> look_at_machine(const MachineOptions& options);

// Starts an exhibit named "linux-" + name.
RecordWriter exhibit(const Machine& machine, std::string_view name);

}  // namespace contrechamp::linux_machine
