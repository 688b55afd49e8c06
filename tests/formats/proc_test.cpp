// Texts of /proc: programs choose their own names, so names hold anything.
#include "formats/proc.h"

#include <unistd.h>

#include <algorithm>

#include "kit/hostile.h"

namespace contrechamp::proc {
namespace {

using contrechamp::testing::for_every_damage;
using contrechamp::testing::get;
using contrechamp::testing::run;
using contrechamp::testing::sample;
using Words = std::vector<std::string>;

TEST(Proc, StatOfAHostileName) {
    const auto stat = parse_stat(sample("proc/stat"));
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->comm, "a) b (c");
    EXPECT_EQ(stat->parent, 1);
    EXPECT_EQ(stat->state, 'S');
    EXPECT_EQ(stat->start_ticks, 8675309u);
    EXPECT_FALSE(stat->kernel_thread());
    EXPECT_TRUE(parse_stat(sample("proc/kstat"))->kernel_thread());
    for (const char* text : {"", "1", "1 (a", "1 a) S", "1 (a) S 1 2 3", ")(",
                             "1 (a) S x 1 1 0 -1 1 1 0 0 0 1 2 0 0 20 0 1 0 8 1"})
        EXPECT_FALSE(parse_stat(text)) << text;
}

TEST(Proc, OwnStatAndStatus) {
    const auto stat = parse_stat(get("/proc/self/stat"));
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->parent, ::getppid());
    const auto status = parse_status(get("/proc/self/status"));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->uid, ::geteuid());
    EXPECT_EQ(parse_status(sample("proc/status"))->tracer, 30);
    EXPECT_FALSE(parse_status("Name:\tx\n"));
    EXPECT_FALSE(parse_status("Uid:\tx\n"));
}

// As the kernel writes it (drivers/input/input.c); whose names come from the devices.
TEST(Proc, InputDevices) {
    // 0: a power button; 16: a game controller; 40: keyboard and mouse in one.
    const std::map<int, std::string> expected = {{0, "other"},  {3, "keyboard"},  {7, "pointer"},
                                                 {16, "other"}, {40, "keyboard"}, {41, "keyboard"}};
    EXPECT_EQ(input_devices(sample("proc/input-devices")), expected);
    EXPECT_TRUE(input_devices("").empty());
    EXPECT_TRUE(input_devices("H: Handlers=eventx event\nB: KEY=zz\n").empty());
    EXPECT_EQ(input_devices("H: Handlers=event99999999999999999999 event5").size(), 1u);
}

TEST(Proc, SplitNul) {
    EXPECT_EQ(split_nul(std::string("a\0\0b\0", 5)), (Words{"a", "", "b"}));
    EXPECT_EQ(split_nul("no end"), Words{"no end"});
    EXPECT_EQ(split_nul(std::string("\0", 1)), Words{""});
    EXPECT_TRUE(split_nul("").empty());
}

TEST(Proc, UnitOfAControlGroup) {
    EXPECT_EQ(unit_of_cgroup("0::/system.slice/veyon.service\n"), "veyon.service");
    EXPECT_EQ(unit_of_cgroup("0::/user.slice/user@1000.service/app.slice/app-x@1.service\n"),
              "app-x@1.service");
    EXPECT_EQ(unit_of_cgroup("0::/user.slice/session-2.scope\n"), "session-2.scope");
    EXPECT_EQ(unit_of_cgroup("0::/system.slice/a.service/inner\n"), "a.service");
    EXPECT_EQ(unit_of_cgroup("0::/\n"), "");
    EXPECT_EQ(unit_of_cgroup(""), "");
}

TEST(Proc, FieldsOfFdinfo) {
    EXPECT_EQ(field(sample("proc/fdinfo"), "prog_type"), 5);
    EXPECT_EQ(field("prog_types:\t5\n", "prog_type"), std::nullopt);
    EXPECT_EQ(field("prog_type:\t\n", "prog_type"), std::nullopt);
    EXPECT_EQ(field("prog_type:\tx\n", "prog_type"), std::nullopt);
    EXPECT_EQ(bpf_program_type(2), "kprobe");
    EXPECT_EQ(bpf_program_type(29), "lsm");
    EXPECT_EQ(bpf_program_type(-1), "type--1");
    EXPECT_EQ(bpf_program_type(INT64_MAX), "type-9223372036854775807");
    EXPECT_TRUE(bpf_type_traces("kprobe") && bpf_type_traces("tracing") && bpf_type_traces("raw_tracepoint"));
    EXPECT_FALSE(bpf_type_traces("cgroup_device") || bpf_type_traces("xdp") || bpf_type_traces(""));
}

TEST(Proc, MappedFiles) {
    EXPECT_EQ(mapped_files(sample("proc/maps")),
              (Words{"/a b (deleted)", "/usr/lib/x86_64-linux-gnu/libsnoopy.so.0.0.0"}));
    const auto own = mapped_files(get("/proc/self/maps"));
    EXPECT_TRUE(std::any_of(own.begin(), own.end(), [](const std::string& file) {
        return file.find("/libc.so.6") != std::string::npos;
    }));
}

TEST(Proc, Sockets) {
    const std::string text = sample("proc/tcp");
    const auto four = parse_sockets(text), six = parse_sockets(sample("proc/tcp6"));
    ASSERT_EQ(four.size(), 1);
    EXPECT_EQ(four[0].local, "127.0.0.1");
    EXPECT_EQ(four[0].local_port, 5900);
    EXPECT_EQ(four[0].remote, "0.0.0.0");
    EXPECT_EQ(four[0].state, 10);
    EXPECT_EQ(four[0].inode, 4242u);
    EXPECT_EQ(four[0].uid, 1000u);
    EXPECT_EQ(text.substr(four[0].offset, 5), "   0:");
    ASSERT_EQ(six.size(), 1);
    EXPECT_EQ(six[0].local, "::ffff:127.0.0.1");
    EXPECT_EQ(six[0].remote, "::1");
    const std::string tail = " 0A 0:0 0:0 0 0 0 7 1\n";
    for (const char* address : {"0100007F", "0100007F:", "0100007F:12345", "0100007:0001", "0100007G:0001",
                                ":0001", "0100007F0100007F:0001", "-100007F:0001"})
        EXPECT_TRUE(parse_sockets("heading\n 0: " + std::string(address) + " 00000000:0000" + tail).empty())
            << address;
}

TEST(Proc, SocketsOfThisMachineAsPythonReadsThem) {
    const auto python = run("/usr/bin/python3 -c \"print(sum(1 for l in open('/proc/net/tcp')) - 1)\"");
    if (python.code == 0) {
        EXPECT_NEAR(static_cast<double>(parse_sockets(get("/proc/net/tcp")).size()), std::stod(python.out),
                    20);
    }
}

TEST(Proc, ModulesAndSegments) {
    const auto modules = parse_modules(sample("proc/modules"));
    ASSERT_EQ(modules.size(), 2);
    EXPECT_EQ(modules[0].name + modules[0].taint, "snd_hda");
    EXPECT_EQ(modules[1].taint, "OE");
    const auto segments = parse_shared_segments(sample("proc/shm"));
    ASSERT_EQ(segments.size(), 1);
    EXPECT_EQ(segments[0].bytes, 3145728);
    EXPECT_EQ(segments[0].creator, 77);
}

TEST(Proc, AnyDamageIsHarmless) {
    for (const char* name :
         {"stat", "status", "cgroup", "fdinfo", "maps", "tcp", "tcp6", "modules", "shm", "cmdline"}) {
        for_every_damage(sample(std::string("proc/") + name), [](std::string_view text) {
            (void)parse_stat(text);
            (void)parse_status(text);
            (void)split_nul(text);
            (void)unit_of_cgroup(text);
            (void)field(text, "prog_type");
            (void)mapped_files(text);
            for (const auto& socket : parse_sockets(text))
                ASSERT_LE(socket.offset + socket.length, text.size());
            (void)parse_modules(text);
            (void)parse_shared_segments(text);
        });
    }
}

}  // namespace
}  // namespace contrechamp::proc
