// Time is a property: an input four times as long takes about four times as long. Each parser gets inputs of
// up to a megabyte that are made to be slow. Processor time is measured; a parser that would be quadratic
// takes sixteen times.
#include <time.h>

#include "base/bytes.h"
#include "base/json.h"
#include "formats/browser.h"
#include "formats/certificate.h"
#include "formats/gvdb.h"
#include "formats/json_spans.h"
#include "formats/linux_config.h"
#include "formats/pipewire.h"
#include "formats/proc.h"
#include "formats/recognise.h"
#include "formats/record_file.h"
#include "kit/hostile.h"

namespace contrechamp {
namespace {

using testing::repeated;
#ifdef __OPTIMIZE__
constexpr std::size_t kLarge = 1 << 20;
#else
constexpr std::size_t kLarge = 1 << 18;  // unoptimised code is several times slower, and as linear
#endif
constexpr std::size_t kSmall = kLarge / 4;
// Below this, noise is larger than what is measured.
constexpr double kQuick = 0.25;

double seconds_for(const std::function<void()>& work) {
    timespec start{}, end{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    work();
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return static_cast<double>(end.tv_sec - start.tv_sec) +
           static_cast<double>(end.tv_nsec - start.tv_nsec) / 1e9;
}

using Make = std::function<std::string(std::size_t)>;
using Read = std::function<void(const std::string&)>;

void expect_linear(const char* what, const Make& make, const Read& read) {
    const std::string large = make(kLarge);
    const double took = seconds_for([&] { read(large); });
    if (took < kQuick) return;
    const std::string small = make(kSmall);
    const double quarter = seconds_for([&] { read(small); });
    EXPECT_LT(took, 10 * quarter + kQuick)
        << what << ": " << quarter << " s for a quarter, " << took << " s for the whole";
    EXPECT_LT(took, 20) << what;
}

Make lines(std::string piece) {
    return [piece](std::size_t size) { return repeated(piece, size); };
}

TEST(Scale, LinuxConfig) {
    const Read all = [](const std::string& text) {
        (void)config::parse_ini(text), (void)config::parse_keywords(text),
            (void)config::parse_crontab(text, true), (void)config::parse_pam(text),
            (void)config::parse_audit_rules(text);
        (void)config::parse_sudoers(text), (void)config::parse_passwd(text),
            (void)config::parse_preload(text), (void)config::parse_shell_hooks(text),
            (void)config::parse_udev(text);
        (void)config::parse_assignments(text), (void)config::parse_dpkg_status(text);
    };
    for (const char* piece : {"\n",
                              "\\\n",
                              "x\\\n",
                              " ",
                              "a",
                              ":",
                              "=",
                              "a=b\n",
                              "[x]\n",
                              "[",
                              "RUN",
                              "RUN+=\"",
                              "RUN{program}",
                              "trap DEBUG ",
                              "traptrap",
                              "PROMPT_COMMAND",
                              "* * * * * r c\n",
                              "%",
                              "-S ",
                              "-S a,a,a,",
                              "log_input ",
                              "session [a ",
                              "Package: a\n\n",
                              "Status: x installed\n",
                              "\t",
                              "#\n",
                              "\\ ",
                              "@x ",
                              "-w /home "})
        expect_linear(piece, lines(piece), all);
}

TEST(Scale, Proc) {
    const Read all = [](const std::string& text) {
        (void)proc::parse_stat(text), (void)proc::parse_status(text), (void)proc::split_nul(text),
            (void)proc::unit_of_cgroup(text), (void)proc::field(text, "x"), (void)proc::mapped_files(text);
        (void)proc::parse_sockets(text), (void)proc::parse_modules(text),
            (void)proc::parse_shared_segments(text);
    };
    for (const std::string& piece :
         {std::string("\n"), std::string("\0", 1), std::string(")"), std::string("("), std::string(" "),
          std::string("/"), std::string("/a\n"), std::string("a.scope/"), std::string("x:\n"),
          std::string("Uid: 1 1\n"), std::string(" 0: 0100007F:170C 00000000:0000 0A 0:0 0:0 0 0 0 7 1\n"),
          std::string("a b c d e f (x)\n")})
        expect_linear(piece.c_str(), lines(piece), all);
    expect_linear(
        "different paths",
        [](std::size_t size) {
            std::string out;
            for (int i = 0; out.size() < size; ++i) out += "x /" + std::to_string(i * 7919 % 1000003) + "\n";
            return out;
        },
        all);
}

TEST(Scale, Json) {
    const Read all = [](const std::string& text) {
        if (const auto value = json::parse(text, "F")) (void)json::canonical(*value);
        (void)without_json_comments(text), (void)recognise(text),
            (void)browser::chromium_extensions(text, "F"), (void)browser::firefox_extensions(text, "F"),
            (void)browser::policies(text, "F");
        (void)browser::native_host(text), (void)browser::manifest(text), (void)pipewire::recorders(text, "F"),
            (void)json_spans(text, {}, "F"), (void)json_spans(text, {"a", "b"}, "F");
    };
    const auto object = [](const std::string& open, const std::string& piece, const std::string& close) {
        return [=](std::size_t size) {
            std::string out = open;
            for (int i = 0; out.size() < size; ++i)
                out += (i ? "," : "") + std::string(piece).replace(piece.find('#'), 1, std::to_string(i));
            return out + close;
        };
    };
    expect_linear("brackets", lines("["), all);
    expect_linear("braces", lines("{\"a\":"), all);
    expect_linear("comments", lines("/*"), all);
    expect_linear("commas", lines(","), all);
    expect_linear("quotes", lines("\""), all);
    expect_linear("backslashes", lines("\\"), all);
    expect_linear("long numbers", object("[", "123456789012345678901234567890#", "]"), all);
    expect_linear("members", object("{", "\"k#\":1", "}"), all);
    expect_linear("extensions", object(R"({"extensions":{"settings":{)", R"("k#":{"location":1})", "}}}"),
                  all);
    expect_linear("permissions",
                  object(R"({"extensions":{"settings":{"a":{"location":1,"granted_permissions":{"api":[)",
                         "\"p#\"", "]}}}}}"),
                  all);
    expect_linear("addons", object(R"({"addons":[)", R"({"type":"extension","id":"#"})", "]}"), all);
    expect_linear("forced", object(R"({"ExtensionInstallForcelist":[)", "\"id#;http://x\"", "]}"), all);
    expect_linear(
        "nodes",
        object(
            "[",
            R"({"type":"PipeWire:Interface:Node","id":#,"info":{"props":{"media.class":"Stream/Input/Audio","client.id":#}}})",
            "]"),
        all);
}

TEST(Scale, RecordFile) {
    const Read read = [](const std::string& text) {
        (void)read_record_file("{\"contrechamp\":\"x\"}\n" + text, "F");
    };
    for (const char* piece :
         {"\n", "{}\n", "x\n", "{\"is\":\"a\"}\n", "{\"is\":\"end\",\"records\":0}\n", "\xff"})
        expect_linear(piece, lines(piece), read);
}

TEST(Scale, Certificates) {
    const Read read = [](const std::string& text) {
        (void)pem_certificates(text), (void)parse_certificate(text), (void)recognise(text);
    };
    for (const char* piece :
         {"-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----", "-",
          "-----END CERTIFICATE-----", "\x30\x80", "0\n"})
        expect_linear(piece, lines(piece), read);
}

// A database of many short "certificates", and one whose rows are not in the file as they are.
TEST(Scale, Nss) {
    if (testing::run("/usr/bin/python3 -c 'import sqlite3'").code != 0)
        GTEST_SKIP() << "python3 is not installed";
    const testing::TemporaryFolder folder;
    const auto make = [&](std::size_t size) {
        const std::string path = (folder / std::to_string(size)).string();
        const auto made = testing::run(
            "rm -f " + path + "; /usr/bin/python3 -c \"import sqlite3; d=sqlite3.connect('" + path +
            "'); d.execute('create table nssPublic(id integer primary key,a0,a11,a81,a82,ace536358)'); "
            "d.executemany('insert into nssPublic values(?,?,?,?,?,NULL)', ((i, b'\\x00\\x00\\x00\\x01', "
            "b'0'*20 + str(i).encode(), b'0'*8, b'1') for i in range(" +
            std::to_string(size / 64) + "))); d.commit()\"");
        EXPECT_EQ(made.code, 0) << made.out;
        return testing::get(path);
    };
    expect_linear("many rows", make,
                  [](const std::string& bytes) { EXPECT_OK(nss_certificates(bytes, "F")); });
    // All rows share one overflow chain: what they claim together is thousands of times the file.
    expect_linear(
        "rows from a view",
        [&](std::size_t size) {
            const std::string path = (folder / ("v" + std::to_string(size))).string();
            testing::run("rm -f " + path + "; /usr/bin/python3 -c \"import sqlite3; d=sqlite3.connect('" +
                         path +
                         "'); d.execute('create table t(b)'); d.execute('insert into t values(zeroblob(" +
                         std::to_string(size / 2) +
                         "))'); d.execute('create table n(i)'); "
                         "d.executemany('insert into n values(?)', ((i,) for i in range(" +
                         std::to_string(size / 64) +
                         "))); d.execute('create view nssPublic as select i as id, x\\'00000001\\' as a0, b "
                         "as a11, b as a81, b as a82, b as ace536358 from t, n'); d.commit()\"");
            return testing::get(path);
        },
        [](const std::string& bytes) { EXPECT_FALSE(nss_certificates(bytes, "F")); });
}

std::string little(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
}

TEST(Scale, Gvdb) {
    const auto file = [](std::size_t size, const std::function<std::string(std::uint32_t)>& item) {
        std::string rest = little(0, 4) + little(0, 4);
        for (std::uint32_t i = 0; rest.size() < size; ++i) rest += item(i);
        return "GVariant" + little(0, 4) + little(0, 4) + little(24, 4) + little(24 + rest.size(), 4) + rest;
    };
    const Read read = [](const std::string& bytes) {
        const auto items = gvdb::read_root(bytes, "F");
        if (!items) return;
        for (const auto& item : *items) (void)gvdb::scalar(bytes, item), (void)gvdb::permissions(bytes, item);
    };
    const auto item = [](std::uint32_t parent, std::uint32_t key, std::uint32_t key_size, std::uint32_t start,
                         std::uint32_t end) {
        return little(0, 4) + little(parent, 4) + little(key, 4) + little(key_size, 2) +
               std::string("v\0", 2) + little(start, 4) + little(end, 4);
    };
    const std::uint32_t none = 0xffffffff;
    expect_linear(
        "flat",
        [&](std::size_t size) { return file(size, [&](std::uint32_t) { return item(none, 0, 8, 24, 40); }); },
        read);
    expect_linear(
        "chains",
        [&](std::size_t size) {
            return file(size, [&](std::uint32_t i) { return item(i % 60 ? i - 1 : none, 0, 4, 24, 40); });
        },
        read);
    expect_linear(
        "long keys",
        [&](std::size_t size) {
            return file(size, [&](std::uint32_t i) { return item(i % 60 ? i - 1 : none, 0, 60000, 24, 40); });
        },
        read);
    expect_linear(
        "one value for all",
        [&](std::size_t size) {
            return file(
                size, [&](std::uint32_t) { return item(none, 0, 8, 24, static_cast<std::uint32_t>(size)); });
        },
        read);
}

TEST(Scale, Base64) {
    const Read read = [](const std::string& text) {
        (void)from_base64(text), (void)from_hex(text), (void)to_base64(text);
    };
    for (const char* piece : {"A", "=", "\n", "/"}) expect_linear(piece, lines(piece), read);
}

}  // namespace
}  // namespace contrechamp
