// The collectors that talk to servers (display, sound, message buses), against servers that are silent, rude
// or lying, and against real ones where they are installed. Whatever a server does, the collectors end within
// their limit, and what could not be seen is said: never "nothing there".
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "collect/linux/collectors.h"
#include "kit/children.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;
using namespace contrechamp::testing;

namespace {

// A bound and listening Unix socket; a name that starts with "@" is abstract.
Fd listener(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof address.sun_path));
    if (name[0] == '@') address.sun_path[0] = '\0';
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0) << name;
    EXPECT_EQ(::listen(fd.get(), 16), 0);
    return fd;
}

// How a server behaves: it sends `bytes`, then the same without end, nothing more, or closes.
enum class Then { closes, waits, goes_on };
struct Manners {
    std::string bytes;
    Then then = Then::closes;
};

[[noreturn]] void serve(const Fd& listening, const Manners& manners) {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_IGN);
    for (;;) {
        const Fd peer(::accept(listening.get(), nullptr, nullptr));
        if (::fork() != 0) continue;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        do {
            if (::write(peer.get(), manners.bytes.data(), manners.bytes.size()) < 0) ::_exit(0);
        } while (manners.then == Then::goes_on);
        char drain[4096];
        while (manners.then == Then::waits && ::read(peer.get(), drain, sizeof drain) > 0) {
        }
        ::_exit(0);
    }
}

// Three servers of the same manners, where the collectors look for them, and what was collected there.
class World {
  public:
    World() {
        for (const char* name : {"SUDO_UID", "PULSE_SERVER", "DBUS_SYSTEM_BUS_ADDRESS", "XAUTHORITY"})
            ::unsetenv(name);
        ::setenv("HOME", folder_.path().c_str(), 1);
        ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
        ::setenv("PATH", "/usr/bin:/bin", 1);
        // Displays are also found by their sockets in /tmp; this one is told from them by its number.
        display_ = ":" + std::to_string(20000 + ::getpid() % 1000 * 10 + worlds++);
        ::setenv("DISPLAY", display_.c_str(), 1);
        ::setenv("PULSE_SERVER", ("unix:" + sound()).c_str(), 1);
        ::setenv("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + bus()).c_str(), 1);
        ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + system_bus()).c_str(), 1);
        machine_.header = {{"host", "0123456789ab"}};
        machine_.uid = ::getuid();
        machine_.root = ::geteuid() == 0;
    }
    const std::string& display() const { return display_; }
    std::string x11() const { return "@/tmp/.X11-unix/X" + display_.substr(1); }
    std::string sound() const { return folder_ / "sound"; }
    std::string bus() const { return folder_ / "bus"; }
    std::string system_bus() const { return folder_ / "system-bus"; }
    Machine& machine() { return machine_; }

    // The records of one collector.
    std::vector<json::Value> collected(std::string_view name) {
        std::vector<Collector> which;
        for (const auto& collector : collectors())
            if (collector.name == name) which.push_back(collector);
        return records(run_collectors(machine_, 1, {}, which));
    }
    // Of all three, at the same time.
    std::vector<json::Value> collected() {
        std::vector<Collector> which;
        for (const auto& collector : collectors())
            if (collector.name == "x11" || collector.name == "audio" || collector.name == "dbus")
                which.push_back(collector);
        EXPECT_EQ(which.size(), 3u);
        return records(run_collectors(machine_, 3, {}, which));
    }

  private:
    static inline int worlds = 0;
    static std::vector<json::Value> records(const std::vector<Collected>& collected) {
        std::vector<json::Value> out;
        for (const auto& one : collected) {
            const auto file = read_record_file(one.bytes, one.collector->name);
            EXPECT_OK(file);
            EXPECT_TRUE(file->whole && file->problems.empty());
            for (const auto& record : file->records) out.push_back(record.value);
        }
        return out;
    }
    TemporaryFolder folder_;
    std::string display_;
    Machine machine_;
};

// What was said of a check: "looked", or its state and reason. `part` is the display or the bus.
std::string said(const std::vector<json::Value>& records, std::string_view check,
                 std::string_view part = {}) {
    std::string out;
    for (const auto& record : records) {
        const auto is = record["is"].string_or();
        const auto& fields = record["fields"];
        if ((is != "looked" && is != "coverage") || record["check"].string_or() != check) continue;
        if (!part.empty() && fields["display"].string_or() != part && fields["bus"].string_or() != part)
            continue;
        if (!out.empty()) out += ", ";
        out += is == "looked" ? "looked"
                              : std::string(record["state"].string_or()) + " " +
                                    std::string(record["reason"].string_or());
    }
    return out;
}

void expect_unreadable(const Manners& x11, const Manners& sound, const Manners& bus) {
    World world;
    const auto display_socket = listener(world.x11()), sound_socket = listener(world.sound()),
               bus_socket = listener(world.bus());
    const auto served_by = [](const Fd& socket, const Manners& manners) {
        return Child::serving([&] { serve(socket, manners); });
    };
    const auto one = served_by(display_socket, x11), two = served_by(sound_socket, sound),
               three = served_by(bus_socket, bus);
    const auto records = world.collected();
    EXPECT_TRUE(said(records, "x11-clients", world.display()).starts_with("unreadable "))
        << said(records, "x11-clients", world.display());
    EXPECT_TRUE(said(records, "audio-recorders").starts_with("unreadable "))
        << said(records, "audio-recorders");
    EXPECT_TRUE(said(records, "bus-names", "session").starts_with("unreadable "))
        << said(records, "bus-names", "session");
    // There is no system bus in this world, and the other bus being bad does not hide that.
    EXPECT_EQ(said(records, "bus-names", "system"), "not-recorded no-bus");
    for (const auto& record : records) {
        EXPECT_TRUE(record["is"].string_or() == "coverage" ||
                    record["display"].string_or() != world.display())
            << json::canonical(record);
        if (record["is"].string_or() == "coverage") EXPECT_FALSE(record["reason"].string_or().empty());
    }
}

std::string repeated_bytes(std::string_view bytes, int times) {
    std::string out;
    while (times-- > 0) out += bytes;
    return out;
}

// An X server's greeting (protocol 11, one screen, no formats), then `after`.
std::string x11_greeting(const std::string& after) {
    using namespace std::string_literals;
    const auto screen =
        "\x01\0\0\0"s
        "\0\0\0\0"s
        "\xff\xff\xff\0"s
        "\0\0\0\0"s
        "\0\0\0\0"s  // root, colours, masks
        "\0\x04\0\x03"s
        "\0\x01\0\x01"s
        "\x01\0\x01\0"s
        "\x02\0\0\0"s   // size, visual
        "\0\0\x18\0"s;  // backing, depth, none
    const auto body =
        "\x01\0\0\0"s
        "\0\0\x20\0"s
        "\xff\xff\x1f\0"s
        "\0\0\0\0"s  // release, ids
        "\0\0\xff\xff"s
        "\x01\0\0\0"s
        "\x20\x20\x08\xff"s
        "\0\0\0\0"s +
        screen;
    return "\x01\0\x0b\0\0\0"s + static_cast<char>(body.size() / 4) + "\0"s + body + after;
}

}  // namespace

TEST(Servers, ThatAcceptAndSayNothing) {
    const Manners silent{"", Then::waits};
    expect_unreadable(silent, silent, silent);
}

TEST(Servers, ThatCloseAtOnce) {
    const Manners rude{"", Then::closes};
    expect_unreadable(rude, rude, rude);
}

TEST(Servers, ThatSendGarbage) {
    const Manners garbage{repeated_bytes("\xde\xad\xbe\xef\r\n OK \x01\x00 garbage", 50), Then::closes};
    expect_unreadable(garbage, garbage, garbage);
}

TEST(Servers, ThatSendWithoutEnd) {
    for (const char byte : {'\0', '\1', '\xff', '\n'}) {
        const Manners endless{std::string(4096, byte), Then::goes_on};
        expect_unreadable(endless, endless, endless);
    }
}

TEST(Servers, ThatClaimHugeLengths) {
    using namespace std::string_literals;
    // X11: a greeting of 256 KiB that does not come; PulseAudio: a frame of 4 GiB; D-Bus: a message of 4 GiB.
    expect_unreadable({"\x01\0\x0b\0\0\0\xff\xff"s, Then::waits},
                      {repeated_bytes("\xff\xff\xff\xff"s, 5), Then::waits},
                      {"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\nl\2\0\1"s +
                           repeated_bytes("\xff\xff\xff\xff"s, 4),
                       Then::waits});
    // X11: a true greeting, then an answer of 4 GiB; and answers with no end to questions nobody asked.
    const auto huge = "\x01\0\x01\0\xff\xff\xff\x3f"s + std::string(24, '\0');
    expect_unreadable({x11_greeting(huge), Then::closes}, {"", Then::closes},
                      {"OK\r\nl\2\0\1"s, Then::closes});
    expect_unreadable({x11_greeting(repeated_bytes(huge, 100)), Then::goes_on}, {"", Then::closes},
                      {"REJECTED EXTERNAL\r\n"s, Then::goes_on});
}

TEST(Servers, ThatAreNotThere) {
    World world;
    const auto records = world.collected();
    EXPECT_EQ(said(records, "audio-recorders"), "not-recorded no-sound-server");
    EXPECT_EQ(said(records, "bus-names", "session"), "not-recorded no-bus");
    // A display that is named and does not answer is not "no display".
    EXPECT_TRUE(said(records, "x11-clients", world.display()).starts_with("unreadable display-refused"));
}

// A silent display beside a real one hides nothing of it.
TEST(Servers, ARealDisplayBesideASilentOne) {
    if (!have("Xvfb")) GTEST_SKIP() << "no Xvfb on this computer";
    World world;
    const auto silent = listener(world.x11());
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Child server("/usr/bin/Xvfb", {"Xvfb", "-displayfd", std::to_string(ends[1]), "-screen", "0",
                                         "640x480x24", "-nolisten", "tcp", "-noreset"});
    ::close(ends[1]);
    std::string number;
    for (char c; ::read(ends[0], &c, 1) == 1 && c != '\n';) number += c;
    ::close(ends[0]);
    ASSERT_FALSE(number.empty());
    const auto records = world.collected("x11");
    // Looked; and what leaves no trace on any display is said beside it.
    EXPECT_EQ(said(records, "x11-clients", ":" + number), "looked, not-recorded x11-untraced");
    EXPECT_EQ(said(records, "x11-clients", world.display()), "unreadable no-answer");
}

TEST(Servers, ARealMessageBusAndWhoOwnsAName) {
    if (!have("dbus-daemon")) GTEST_SKIP() << "no dbus-daemon on this computer";
    World world;
    const TemporaryFolder folder;
    const Child server(
        "/usr/bin/dbus-daemon",
        {"dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path=" + world.bus()},
        {"PATH=/usr/bin:/bin"});
    for (int i = 0; i < 5000 && !fs::exists(world.bus()); ++i) ::usleep(1000);
    const Child owner([] {
        sd_bus* bus = nullptr;
        for (int i = 0; i < 5000 && sd_bus_open_user(&bus) < 0; ++i) ::usleep(1000);
        if (!bus || sd_bus_request_name(bus, "org.contrechamp.Test", 0) < 0 ||
            sd_bus_request_name(bus, "org.example.S3cr3t", 0) < 0)
            std::abort();
    });
    Process process;
    process.pid = owner.pid();
    process.comm = "test";
    process.uid = ::getuid();
    world.machine().processes.emplace(owner.pid(), process);
    world.machine().known_bus_names.insert("org.contrechamp.Test");
    const auto records = world.collected("dbus");
    EXPECT_EQ(said(records, "bus-names", "session"), "looked");
    const auto name = std::find_if(records.begin(), records.end(), [](const json::Value& record) {
        return record["name"].string_or() == "org.contrechamp.Test";
    });
    ASSERT_NE(name, records.end());
    EXPECT_EQ((*name)["process"]["pid"].int_or(0), owner.pid());
    EXPECT_EQ((*name)["bus"].string_or(), "session");
    // Connections without a name of their own are nobody's business.
    for (const auto& record : records) EXPECT_FALSE(record["name"].string_or().starts_with(':'));
    // Neither is a name that the knowledge does not know: programs put what they like into theirs.
    for (const auto& record : records) EXPECT_EQ(json::canonical(record).find("S3cr3t"), std::string::npos);
}

TEST(Servers, ARealSoundServerWithoutRecorders) {
    if (!have("pulseaudio") || ::geteuid() == 0)
        GTEST_SKIP() << "no pulseaudio here, or root, for whom it does not run";
    World world;
    const Child server("/usr/bin/pulseaudio",
                       {"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-null-sink",
                        "-L", "module-native-protocol-unix socket=" + world.sound()},
                       {"HOME=" + std::string(std::getenv("HOME")),
                        "XDG_RUNTIME_DIR=" + std::string(std::getenv("XDG_RUNTIME_DIR"))});
    for (int i = 0; i < 5000 && !fs::exists(world.sound()); ++i) ::usleep(1000);
    const auto records = world.collected("audio");
    EXPECT_EQ(said(records, "audio-recorders"), "looked");
}
