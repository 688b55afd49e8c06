// One collector reads one kind of trace and writes one exhibit: records of what it read, already reduced
// (reduce.h), and for each of its checks whether it looked, and if not why. Collectors run in processes of
// their own, so that a hung display server or a crash in a client library costs one exhibit, said as such,
// and nothing else.
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "collect/linux/machine.h"

namespace contrechamp::linux_machine {

struct Collector {
    std::string_view name;                     // exhibit name without "linux-"
    std::string_view en, fr;                   // what it reads, for progress and the exhibit's origin
    std::span<const std::string_view> checks;  // ids of knowledge/checks.yaml
    void (*collect)(const Machine& machine, RecordWriter& out);
    bool as_person = false;  // when root: run as each person, to reach that person's session services
};

// In the order they run.
std::span<const Collector> collectors();

// The collectors, one a file.
void collect_processes(const Machine&, RecordWriter&);
void collect_x11(const Machine&, RecordWriter&);
void collect_session(const Machine&, RecordWriter&);
void collect_audio(const Machine&, RecordWriter&);
void collect_dbus(const Machine&, RecordWriter&);
void collect_portals(const Machine&, RecordWriter&);
void collect_persistence(const Machine&, RecordWriter&);
void collect_logging(const Machine&, RecordWriter&);
void collect_kernel(const Machine&, RecordWriter&);
void collect_browsers(const Machine&, RecordWriter&);
void collect_policies(const Machine&, RecordWriter&);
void collect_trust(const Machine&, RecordWriter&);
void collect_proxy(const Machine&, RecordWriter&);
void collect_sockets(const Machine&, RecordWriter&);
void collect_packages(const Machine&, RecordWriter&);
void collect_files(const Machine&, RecordWriter&);
void collect_remote_access(const Machine&, RecordWriter&);

// A finished exhibit.
struct Collected {
    const Collector* collector = nullptr;
    std::string bytes;
    uid_t uid = 0;  // as whom it looked
};

// A display or sound server that does not answer within this is reported as not answering.
constexpr std::chrono::milliseconds kTimeLimit = std::chrono::seconds(15);

// Runs collectors (each of `which`), at most `parallel` at once, none longer than `limit`. `finished` is
// called as each ends. There is an exhibit for every one of them, whatever became of it.
std::vector<Collected> run_collectors(const Machine& machine, unsigned parallel,
                                      const std::function<void(const Collector&)>& finished,
                                      std::span<const Collector> which = collectors(),
                                      std::chrono::milliseconds limit = kTimeLimit);

// Reads a configuration file for a check. When it is not there, returns nothing and says nothing; when it
// cannot be read, says so in `out`.
std::optional<std::string> read_config(const fs::path& path, std::string_view check, RecordWriter& out);

// Says that a file is there but is not what it should be.
void damaged(const Machine& machine, std::string_view check, const fs::path& file, RecordWriter& out);

// Says that other people's files were left alone; and that nobody's were looked at, when root looked for
// itself.
void leave_others(const Machine& machine, std::string_view check, RecordWriter& out);

// {"path":…,"line":…,"package":…}: where a record comes from on the machine.
json::Object source_of(const Machine& machine, const fs::path& path, std::uint64_t line);

// Files directly in `folder` (sorted) with one of the extensions; none given: all. Symbolic links are
// followed.
std::vector<fs::path> files_in(const fs::path& folder, std::span<const std::string_view> extensions,
                               std::string_view check, RecordWriter& out);

// {"program":…,"package":…,"options":…,"literals":…} of a command line in a configuration file.
json::Object reduced_command(const Machine& machine, std::string_view command);

}  // namespace contrechamp::linux_machine
