// collect/linux/machine.h: the snapshot of this computer, with real processes that are made to be awkward.
#include "collect/linux/machine.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "base/escape.h"
#include "base/hash.h"
#include "collect/linux/collectors.h"
#include "kit/children.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;
using namespace contrechamp::testing;

namespace {

// The real file behind `sleep`, copied under another name.
fs::path copy_of_sleep(const fs::path& to) {
    fs::copy_file(fs::canonical("/bin/sleep"), to);
    return to;
}

Machine looked_at() {
    auto machine = look_at_machine({});
    EXPECT_OK(machine);
    return std::move(*machine);
}

const Process& of(const Machine& machine, const Child& child) {
    static const Process none;
    const auto it = machine.processes.find(child.pid());
    EXPECT_NE(it, machine.processes.end()) << child.pid();
    return it == machine.processes.end() ? none : it->second;
}

// The record of a process as the collector writes it.
json::Value record_of(const std::string& exhibit, pid_t pid) {
    const auto file = read_record_file(exhibit, "processes");
    EXPECT_OK(file);
    for (const auto& record : file->records)
        if (record.is == "process" && record.value["pid"].int_or(0) == pid) return record.value;
    ADD_FAILURE() << "no record of " << pid;
    return {};
}

std::string processes_exhibit(const Machine& machine) {
    auto writer = exhibit(machine, "processes");
    collect_processes(machine, writer);
    return writer.finish();
}

}  // namespace

TEST(Machine, SeesAnOrdinaryProgram) {
    const Child child("/bin/sleep", {"sleep", "1000"});
    const auto machine = looked_at();
    const auto& process = of(machine, child);
    EXPECT_EQ(process.parent, ::getpid());
    EXPECT_EQ(process.comm, "sleep");
    EXPECT_EQ(process.exe, fs::canonical("/bin/sleep"));
    EXPECT_EQ(process.uid, ::getuid());
    EXPECT_TRUE(process.descriptors_readable && process.environment_readable);
    EXPECT_FALSE(process.kernel || process.exe_deleted || process.exe_elsewhere || process.script_hidden);
    EXPECT_FALSE(process.started.empty());
    EXPECT_GT(process.start_ticks, 0u);
    const auto record = record_of(processes_exhibit(machine), child.pid());
    EXPECT_EQ(record["user"].string_or(), "self");
    EXPECT_EQ(record["exe_sha256"].string_or(), sha256_hex(get("/bin/sleep")));
    if (have("dpkg")) {
        EXPECT_EQ(record["exe_package"].string_or(), "coreutils");
        EXPECT_EQ(record["exe_state"].string_or(), "as-delivered");
    }
    // The one who looks is not looked at; a copy of it is.
    EXPECT_FALSE(machine.processes.contains(::getpid()));
    EXPECT_FALSE(machine.header.at("host").string_or().find_first_not_of("0123456789abcdef") !=
                 std::string::npos);
}

TEST(Machine, NothingPersonalOfAProgramIsKept) {
    const Child child("/bin/sleep", {"S3cr3tName", "1000"},
                      {"SSLKEYLOGFILE=/home/S3cr3tFolder/keys", "HTTPS_PROXY=http://anna:S3cr3tWord@proxy",
                       "S3cr3tVariable=1", "PROMPT_COMMAND=echo S3cr3t", "PATH=/S3cr3t"});
    const TemporaryFolder folder;
    put(folder / "S3cr3tFile", "");
    const Child reader("/usr/bin/tail", {"tail", "-f", "--lines=1", folder / "S3cr3tFile"});
    put(folder / "S3cr3tScript.sh",
        "kill -STOP $$\nexit 0\n");  // it waits, and starts nothing that outlives it
    const Child script("/bin/sh", {"sh", folder / "S3cr3tScript.sh", "--S3cr3t"});
    const auto machine = looked_at();
    const auto bytes = processes_exhibit(machine);
    EXPECT_EQ(bytes.find("S3cr3t"), std::string::npos);
    EXPECT_EQ(of(machine, child).environment,
              (std::vector<std::string>{"HTTPS_PROXY", "PROMPT_COMMAND", "SSLKEYLOGFILE"}));
    EXPECT_EQ(of(machine, reader).options, (std::vector<std::string>{"-f", "--lines"}));
    EXPECT_TRUE(of(machine, script).script_hidden);
    EXPECT_TRUE(record_of(bytes, script.pid())["script_hidden"].bool_or(false));
}

TEST(Machine, ThreadsAreOfOneProgram) {
    // Two copies of this very program, one of them with three more threads.
    const Child plain([] {});
    const Child threads([] {
        for (int i = 0; i < 3; ++i) std::thread([] { ::pause(); }).detach();
    });
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, plain).exe, fs::canonical("/proc/self/exe"));
    EXPECT_EQ(of(machine, threads).exe, of(machine, plain).exe);
    std::size_t tasks = 0;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(threads.pid()) + "/task")) {
        const pid_t tid = std::stoi(task.path().filename());
        EXPECT_EQ(machine.processes.contains(tid), tid == threads.pid());
        ++tasks;
    }
    EXPECT_EQ(tasks, 4u);
}

TEST(Machine, ADeletedProgramIsKnownByItsBytes) {
    const TemporaryFolder folder;
    const auto path = copy_of_sleep(folder / "agent");
    const Child child(path, {"agent", "1000"});
    fs::remove(path);
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, child).exe, path.string());
    EXPECT_TRUE(of(machine, child).exe_deleted);
    const auto record = record_of(processes_exhibit(machine), child.pid());
    EXPECT_TRUE(record["exe_deleted"].bool_or(false));
    EXPECT_EQ(record["exe_sha256"].string_or(), sha256_hex(get("/bin/sleep")));
    EXPECT_TRUE(record["exe_package"].is_null());
}

// A file put where the running one stood is not what runs.
TEST(Machine, AnotherFileInItsPlace) {
    const TemporaryFolder folder;
    const auto path = copy_of_sleep(folder / "agent");
    const Child child(path, {"agent", "1000"});
    fs::remove(path);
    put(path, "#!/bin/true\n");
    const auto machine = looked_at();
    EXPECT_TRUE(of(machine, child).exe_deleted);
    EXPECT_EQ(record_of(processes_exhibit(machine), child.pid())["exe_sha256"].string_or(),
              sha256_hex(get("/bin/sleep")));
}

TEST(Machine, AFileTrulyCalledDeleted) {
    const TemporaryFolder folder;
    const auto path = copy_of_sleep(folder / "agent (deleted)");
    const Child child(path, {"agent", "1000"});
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, child).exe, path.string());
    EXPECT_FALSE(of(machine, child).exe_deleted);
}

TEST(Machine, NamesThatAreNoText) {
    const TemporaryFolder folder;
    const std::string name = "\xff\xfe) R 1 (\n\x1b[2J";
    const auto path = copy_of_sleep(folder / name);
    const Child child(path, {"\xff", "1000"});
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, child).exe, path.string());
    EXPECT_EQ(of(machine, child).parent, ::getpid());  // the name did not pass for a field of stat
    const auto bytes = processes_exhibit(machine);
    EXPECT_TRUE(is_valid_utf8(bytes));
    const auto record = record_of(bytes, child.pid());
    EXPECT_EQ(record["exe_hex"].string_or(), to_hex(path.string()));
    EXPECT_EQ(record["name_hex"].string_or(), to_hex(name.substr(0, 15)));
}

TEST(Machine, WhatAProgramHoldsOpen) {
    const Child child([] {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
        (void)::open("/dev/null", O_RDWR);
        (void)::open("/dev/zero", O_RDWR);  // a character device that watches nobody
    });
    const auto machine = looked_at();
    const auto& process = of(machine, child);
    EXPECT_GE(process.sockets.size(), 2u);
    EXPECT_TRUE(
        std::all_of(process.sockets.begin(), process.sockets.end(), [](auto inode) { return inode > 0; }));
    EXPECT_TRUE(process.devices.empty());
    EXPECT_EQ(process.fanotify, 0);
}

TEST(Machine, ALibraryForcedIntoAProgram) {
    const auto library = run("ls /usr/lib/*/libz.so.1 2>/dev/null | head -1").out;
    if (library.empty()) GTEST_SKIP() << "no libz here to preload";
    const auto real = fs::canonical(library.substr(0, library.find('\n'))).string();
    const Child child("/bin/sleep", {"sleep", "1000"}, {"LD_PRELOAD=libz.so.1 /no/such/S3cr3t.so"});
    // Until the loader has mapped it.
    for (int i = 0;
         i < 2000 && get("/proc/" + std::to_string(child.pid()) + "/maps").find("libz") == std::string::npos;
         ++i)
        ::usleep(1000);
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, child).preloads, std::vector<std::string>{real});
    EXPECT_EQ(of(machine, child).environment, std::vector<std::string>{"LD_PRELOAD"});
}

TEST(Machine, ATracedProgramNamesItsTracer) {
    const Child child([] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
    const auto machine = looked_at();
    EXPECT_EQ(of(machine, child).tracer, ::getpid());
    // The tracer is this program, which is not in the snapshot: its number is all that is known.
    const auto record = record_of(processes_exhibit(machine), child.pid());
    EXPECT_EQ(record["tracer"]["pid"].int_or(0), ::getpid());
}

// Programs that begin and end all the time: each is there whole or not at all.
TEST(Machine, ProgramsThatEndWhileTheyAreRead) {
    const Child forks([] {
        for (int worker = 0; worker < 3; ++worker)
            if (::fork() == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;)
                    if (const pid_t pid = ::fork(); pid == 0) ::_exit(0);
                    else if (pid > 0) ::waitpid(pid, nullptr, 0);
            }
    });
    for (int round = 0; round < 3; ++round) {
        const auto machine = looked_at();
        EXPECT_TRUE(machine.processes.contains(forks.pid()));
        const auto bytes = processes_exhibit(machine);
        const auto file = read_record_file(bytes, "processes");
        ASSERT_OK(file);
        EXPECT_TRUE(file->whole && file->problems.empty());
        std::int64_t counted = 0, listed = 0;
        for (const auto& record : file->records) {
            if (record.is == "counts") counted = record.value["programs"].int_or(-1);
            listed += record.is == "process";
        }
        EXPECT_EQ(listed, counted);
    }
}

TEST(Machine, KernelThreadsAreNoPrograms) {
    if (!get("/proc/2/comm").starts_with("kthreadd"))
        GTEST_SKIP() << "no kernel threads to be seen here (a container)";
    const auto machine = looked_at();
    ASSERT_TRUE(machine.processes.contains(2));
    EXPECT_TRUE(machine.processes.at(2).kernel);
    EXPECT_TRUE(machine.processes.at(2).exe.empty());
    for (const auto& line : {processes_exhibit(machine)})
        EXPECT_EQ(line.find("\"kthreadd\""), std::string::npos);
}

TEST(Machine, HomesAreNotNamed) {
    Machine machine;
    machine.people = {{1000, "anna", "/home/anna"}, {1002, "", "/"}};
    EXPECT_EQ(machine.shown_path("/home/anna/x"), "~/x");
    EXPECT_EQ(machine.shown_path("/home/annabel/x"), "~other/x");
    EXPECT_EQ(machine.shown_path("/home/bob"), "~other");
    EXPECT_EQ(machine.shown_path("/usr/bin/x"), "/usr/bin/x");  // "/" is nobody's home
    EXPECT_EQ(machine.user_class(1000), "self");
    EXPECT_EQ(machine.user_class(1001), "other");
    EXPECT_EQ(machine.user_class(0), "root");
    EXPECT_EQ(machine.user_class(65534), "system");
    EXPECT_TRUE(machine.identity(1).empty());
}
