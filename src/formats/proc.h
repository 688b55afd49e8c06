// Texts of Linux's /proc (man 5 proc). Process names and control groups are chosen by programs, so they may
// hold parentheses, spaces and line feeds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::proc {

struct Stat {
    std::string comm;
    std::int64_t parent = 0;
    std::uint64_t flags = 0;
    std::uint64_t start_ticks = 0;
    char state = '?';  // R running, S sleeping, Z ended and not yet collected by its parent …
    bool kernel_thread() const { return flags & 0x00200000; }  // PF_KTHREAD
};
// /proc/PID/stat. The name ends at the last closing parenthesis.
std::optional<Stat> parse_stat(std::string_view text);

struct Status {
    std::uint32_t uid = 0;  // effective
    std::int64_t tracer = 0;
};
// /proc/PID/status
std::optional<Status> parse_status(std::string_view text);

// NUL-separated strings of cmdline and environ; empty strings between two NULs are kept.
std::vector<std::string> split_nul(std::string_view text);

// The systemd unit of a /proc/PID/cgroup text: the last path element that ends in .service; else the last
// .scope.
std::string unit_of_cgroup(std::string_view text);

// The number after `name` + ":" in a fdinfo or status text.
std::optional<std::int64_t> field(std::string_view text, std::string_view name);

// Kernel's bpf program types (include/uapi/linux/bpf.h); "type-N" for those without a name here.
std::string bpf_program_type(std::int64_t type);
// Types that watch what programs do, as opposed to filtering packets or devices.
bool bpf_type_traces(std::string_view type);

// Paths of files mapped into a process, each once (/proc/PID/maps).
std::vector<std::string> mapped_files(std::string_view maps);

// One line of /proc/net/{tcp,tcp6,udp,udp6}.
struct Socket {
    std::string local, remote;  // numeric addresses
    int local_port = 0, remote_port = 0;
    int state = 0;  // TCP states of the kernel: 1 established, 10 listening; UDP sockets show 7
    std::uint32_t uid = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0, length = 0;  // of the line
};
std::vector<Socket> parse_sockets(std::string_view text);

// A System V shared-memory segment of /proc/sysvipc/shm.
struct SharedSegment {
    std::int64_t bytes = 0;
    std::int64_t creator = 0;  // process id
};
std::vector<SharedSegment> parse_shared_segments(std::string_view text);

// What the event devices of /proc/bus/input/devices are, by number (/dev/input/eventN): "keyboard" (has
// letter keys), "pointer" (mouse, touchpad, touch screen) or "other" (game controllers, power buttons, lid
// switches …).
std::map<int, std::string> input_devices(std::string_view text);

struct Module {
    std::string name;
    std::string taint;  // e.g. "OE": out of tree, unsigned
};
std::vector<Module> parse_modules(std::string_view text);

}  // namespace contrechamp::proc
