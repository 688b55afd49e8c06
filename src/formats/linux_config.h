// Small text formats of Linux configuration files. All keep line numbers, so that a reader can find the line;
// all take any bytes. Lines over 64 KiB are passed over (nothing real is that long).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::config {

// Sections and keys: systemd units (systemd.syntax(7), with continuation lines), desktop entries, xrdp.ini,
// krfbrc …
struct Setting {
    std::string section, key, value;
    std::uint64_t line = 0;
};
std::vector<Setting> parse_ini(std::string_view text);

// "Keyword value" or "Keyword=value", '#' comments: sshd_config(5), sudo.conf.
std::vector<Setting> parse_keywords(std::string_view text);

struct CronLine {
    std::string schedule;  // the time fields, or "@reboot" …
    std::string user;      // system crontabs only
    std::string command;
    std::uint64_t line = 0;
};
// `with_user`: /etc/crontab and /etc/cron.d have a user column, a person's crontab has none.
std::vector<CronLine> parse_crontab(std::string_view text, bool with_user);

struct PamLine {
    std::string service;  // /etc/pam.conf only
    std::string type, control, module;
    std::vector<std::string> arguments;
    std::uint64_t line = 0;
};
std::vector<PamLine> parse_pam(std::string_view text);

// A rule of auditctl(8): what it watches, in its own options.
struct AuditRule {
    bool logs_commands = false;        // -S execve or execveat, always,exit
    std::vector<std::string> watched;  // -w paths
    bool enabled_zero = false;         // -e 0
    std::uint64_t line = 0;
};
std::vector<AuditRule> parse_audit_rules(std::string_view text);

// What sudoers(5) says of recording: I/O logging and where its output goes.
struct SudoLogging {
    bool log_input = false, log_output = false;
    std::uint64_t line = 0;
};
std::vector<SudoLogging> parse_sudoers(std::string_view text);

struct PasswdLine {
    std::string name, home, shell;
    std::uint32_t uid = 0;
    std::uint64_t line = 0;
};
std::vector<PasswdLine> parse_passwd(std::string_view text);

// ld.so.preload(5): libraries separated by white space or colons; comments after '#'.
struct PreloadEntry {
    std::string library;
    std::uint64_t line = 0;
};
std::vector<PreloadEntry> parse_preload(std::string_view text);

// A shell start-up file's lines that hook every command: PROMPT_COMMAND, a DEBUG trap, zsh's preexec, or
// `script` and loggers started from it. Only names from a fixed list are kept.
struct ShellHook {
    std::string hook;  // PROMPT_COMMAND, trap-DEBUG, preexec, script
    std::vector<std::string>
        sends;  // logger, curl, wget, nc, ncat, socat, /dev/tcp, script, tlog-rec, history
    std::uint64_t line = 0;
};
std::vector<ShellHook> parse_shell_hooks(std::string_view text);

// Programs that udev(7) rules run.
struct UdevRun {
    std::string command;
    std::uint64_t line = 0;
};
std::vector<UdevRun> parse_udev(std::string_view text);

// /etc/environment and shell exports of proxy settings: NAME=value.
struct Assignment {
    std::string name, value;
    std::uint64_t line = 0;
};
std::vector<Assignment> parse_assignments(std::string_view text);

// Installed packages of /var/lib/dpkg/status.
struct DpkgPackage {
    std::string name, version, architecture;
    std::uint64_t line = 0;
};
std::vector<DpkgPackage> parse_dpkg_status(std::string_view text);

}  // namespace contrechamp::config
