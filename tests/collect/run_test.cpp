// run_collectors(): a collector that crashes, hangs or ends in the middle costs its own exhibit and nothing
// else, and the exhibit in its place says so for each of its checks.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <set>

#include "collect/linux/apart.h"
#include "collect/linux/collectors.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;
using namespace contrechamp::testing;

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> kChecks = {"packages", "proxy"};

void works(const Machine&, RecordWriter& out) {
    out.add("thing", {{"pid", ::getpid()}});
    out.looked("packages");
}
void crashes(const Machine&, RecordWriter& out) {
    out.looked("packages");
    ::raise(SIGSEGV);
}
void aborts(const Machine&, RecordWriter&) { std::abort(); }
void hangs(const Machine&, RecordWriter&) {
    for (;;) ::pause();
}
// What a client library does that takes itself for the program.
void exits(const Machine&, RecordWriter& out) {
    out.looked("packages");
    ::_exit(0);
}
void throws(const Machine&, RecordWriter&) { throw 1; }

// Writes into everything that is open for writing: the pipe is among it.
void spill(std::string_view bytes) {
    for (int fd = 3; fd < 256; ++fd) (void)!::write(fd, bytes.data(), bytes.size());
}
void nonsense(const Machine&, RecordWriter&) {
    spill("\xff\x00 nonsense\n{\"is\":\"looked\",\"check\":\"packages\"}\n");
    ::_exit(0);
}
// A header and a record of somebody else's, cut off.
void half(const Machine&, RecordWriter&) {
    spill("{\"contrechamp\":\"linux-works\",\"version\":1}\n{\"is\":\"looked\"");
    ::_exit(0);
}
// Nothing more will come, and it does not end.
void closes_and_hangs(const Machine&, RecordWriter&) {
    for (int fd = 3; fd < 256; ++fd) ::close(fd);
    for (;;) ::pause();
}
void much(const Machine&, RecordWriter& out) {
    for (int i = 0; i < 100000; ++i) out.add("thing", {{"text", std::string(100, 'x')}});
    out.looked("packages");
}

Collector collector(const char* name, void (*collect)(const Machine&, RecordWriter&)) {
    return {name, "a test", "un essai", kChecks, collect};
}

Machine nobodys_machine() {
    Machine machine;
    machine.header = {{"host", "0123456789ab"}};
    return machine;
}

// "check reason" of each check not carried out, or "whole" for an exhibit that says what was seen.
std::set<std::string> said(const Collected& collected) {
    const auto file = read_record_file(collected.bytes, "exhibit");
    EXPECT_OK(file);
    EXPECT_TRUE(file->whole && file->problems.empty());
    EXPECT_EQ(file->name, "linux-" + std::string(collected.collector->name));
    EXPECT_EQ(file->header["host"].string_or(), "0123456789ab");
    std::set<std::string> out;
    for (const auto& record : file->records) {
        if (record.is == "looked") out.insert("whole");
        if (record.is != "coverage") continue;
        EXPECT_EQ(record.value["state"].string_or(), "unreadable");
        out.insert(std::string(record.value["check"].string_or()) + " " +
                   std::string(record.value["reason"].string_or()));
    }
    return out;
}

const std::set<std::string> kFailed = {"packages collector-failed", "proxy collector-failed"},
                            kSilent = {"packages no-answer", "proxy no-answer"}, kWhole = {"whole"};

}  // namespace

TEST(Run, OneFaultCostsOneExhibit) {
    const std::array all = {
        collector("first", works),       collector("crashes", crashes), collector("aborts", aborts),
        collector("hangs", hangs),       collector("exits", exits),     collector("throws", throws),
        collector("nonsense", nonsense), collector("half", half),       collector("closes", closes_and_hangs),
        collector("last", works)};
    const std::vector<std::set<std::string>> expected = {kWhole,  kFailed, kFailed, kSilent, kFailed,
                                                         kFailed, kFailed, kFailed, kSilent, kWhole};
    for (const unsigned parallel : {0u, 1u, 4u, 100u}) {
        std::multiset<std::string_view> finished;
        const auto out = run_collectors(
            nobodys_machine(), parallel, [&](const Collector& one) { finished.insert(one.name); }, all,
            300ms);
        ASSERT_EQ(out.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(out[i].collector, &all[i]);  // in their order, whichever ended first
            EXPECT_EQ(said(out[i]), expected[i]) << all[i].name;
            EXPECT_EQ(finished.count(all[i].name), 1u);
        }
        // No child is left behind.
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    }
}

TEST(Run, MuchIsNotTooMuch) {
    const std::array all = {collector("much", much)};
    const auto out = run_collectors(nobodys_machine(), 1, {}, all);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(said(out[0]), kWhole);
    EXPECT_GT(out[0].bytes.size(), 10'000'000u);
}

// Whoever started us may ignore the end of children: then the system tells nobody how they ended.
TEST(Run, WhenTheEndOfChildrenIsIgnored) {
    ::signal(SIGCHLD, SIG_IGN);
    const std::array all = {collector("works", works), collector("exits", exits), collector("hangs", hangs)};
    const auto out = run_collectors(nobodys_machine(), 2, {}, all, 300ms);
    ::signal(SIGCHLD, SIG_DFL);
    EXPECT_EQ(said(out[0]), kWhole);
    EXPECT_EQ(said(out[1]), kFailed);
    EXPECT_EQ(said(out[2]), kSilent);
}

TEST(Run, PartsOfACheckAreApart) {
    RecordWriter out("linux-test", 1, {});
    look_apart(nobodys_machine(), "packages",
               {{{{"part", "one"}},
                 [](RecordWriter& part) {
                     part.add("thing", {{"n", 1}});
                     part.looked("packages", {{"part", "one"}});
                 }},
                {{{"part", "two"}}, [](RecordWriter&) { ::raise(SIGSEGV); }},
                {{{"part", "three"}},
                 [](RecordWriter& part) {
                     part.not_looked("packages", "not-recorded", "no-bus", {{"part", "three"}});
                 }}},
               out);
    EXPECT_EQ(
        out.finish(),
        "{\"contrechamp\":\"linux-test\",\"version\":1}\n"
        "{\"is\":\"thing\",\"n\":1}\n"
        "{\"check\":\"packages\",\"fields\":{\"part\":\"one\"},\"is\":\"looked\"}\n"
        "{\"check\":\"packages\",\"fields\":{\"part\":\"two\"},\"is\":\"coverage\",\"reason\":\"collector-"
        "failed\","
        "\"state\":\"unreadable\"}\n"
        "{\"check\":\"packages\",\"fields\":{\"part\":\"three\"},\"is\":\"coverage\",\"reason\":\"no-bus\","
        "\"state\":\"not-recorded\"}\n"
        "{\"is\":\"end\",\"records\":4}\n");
}

// The real ones, on this computer: each writes a whole exhibit under its own name, and says something of each
// of its checks.
TEST(Run, EveryCollectorAnswersForItsChecks) {
    const auto machine = look_at_machine({});
    ASSERT_OK(machine);
    const auto out = run_collectors(*machine, 2, {});
    ASSERT_GE(out.size(), collectors().size());
    for (const auto& collected : out) {
        const auto file = read_record_file(collected.bytes, collected.collector->name);
        ASSERT_OK(file);
        EXPECT_TRUE(file->whole && file->problems.empty()) << collected.collector->name;
        std::set<std::string, std::less<>> checks;
        for (const auto& record : file->records)
            if (record.is == "looked" || record.is == "coverage") {
                checks.emplace(record.value["check"].string_or());
                EXPECT_NE(record.value["reason"].string_or(), "collector-failed")
                    << collected.collector->name;
            }
        for (const auto check : collected.collector->checks)
            EXPECT_TRUE(checks.contains(check)) << collected.collector->name << " says nothing of " << check;
        for (const auto& check : checks) {
            const auto& own = collected.collector->checks;
            EXPECT_NE(std::find(own.begin(), own.end(), check), own.end())
                << collected.collector->name << " speaks of " << check << ", which a failure would not";
        }
    }
}
