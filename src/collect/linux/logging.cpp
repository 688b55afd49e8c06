// What records the commands people type and the sessions they open: libraries loaded into every program, PAM,
// the audit system, sudo, recording shells, shell start-up hooks.
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "collect/linux/audit_kernel.h"
#include "collect/linux/collectors.h"
#include "collect/linux/reduce.h"
#include "formats/json_spans.h"
#include "formats/linux_config.h"
#include "formats/proc.h"

namespace contrechamp::linux_machine {
namespace {

void collect_preload(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "system-preload";
    const fs::path path = "/etc/ld.so.preload";
    const auto text = read_config(path, kCheck, out);
    const auto entries = text ? config::parse_preload(*text) : std::vector<config::PreloadEntry>();
    // In how many programs each library truly is, of those whose maps may be read.
    std::map<std::string, std::int64_t> mapped;
    std::int64_t readable = 0;
    // The kernel shows the file behind the links: /lib/x.so is mapped as /usr/lib/x.so.0.0.0.
    std::map<std::string, std::string> real_paths;
    for (const auto& entry : entries) {
        std::error_code error;
        const auto real = fs::canonical(entry.library, error);
        real_paths[entry.library] = error ? entry.library : real.string();
    }
    if (!entries.empty()) {
        for (const auto& [pid, process] : machine.processes) {
            if (process.kernel) continue;
            const auto maps = read_file("/proc/" + std::to_string(pid) + "/maps", 16 << 20);
            if (!maps || maps->empty()) continue;
            ++readable;
            for (const auto& file : proc::mapped_files(*maps)) {
                for (const auto& [library, real] : real_paths)
                    if (file == real) ++mapped[library];
            }
        }
    }
    for (const auto& entry : entries) {
        json::Object record{{"programs", mapped[entry.library]}, {"of", readable}};
        put_text(record, "library", entry.library);
        // "$LIB" and bare names are resolved by the loader; an owner is only known for full paths.
        if (auto owner = machine.packages.owner(entry.library); !owner.empty()) record["package"] = owner;
        record["source"] = source_of(machine, path, entry.line);
        out.add("preload", std::move(record));
    }
    out.looked(kCheck, {{"libraries", entries.size()}});
}

void collect_pam(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "login-logging";
    // Modules that record or run something; their options that say what. "enable=" and "disable=" name
    // accounts, so only whether they name everybody is kept.
    static constexpr std::array<std::string_view, 4> kModules = {
        "pam_tty_audit.so", "pam_exec.so", "pam_script.so", "pam_sss_session_recording.so"};
    for (const auto& path : files_in("/etc/pam.d", {}, kCheck, out)) {
        const auto text = read_config(path, kCheck, out);
        if (!text) continue;
        for (const auto& line : config::parse_pam(*text)) {
            const std::string module = line.module.substr(line.module.rfind('/') + 1);
            if (std::find(kModules.begin(), kModules.end(), module) == kModules.end()) continue;
            json::Object record{{"type", line.type}};
            put_text(record, "service", path.filename().string());
            put_text(record, "module", module);
            bool enables = false, everybody = false, passwords = false;
            for (const auto& argument : line.arguments) {
                if (argument.starts_with("enable=")) {
                    enables = true;
                    everybody |= argument == "enable=*";
                }
                passwords |= argument == "log_passwd";
                if (module == "pam_exec.so" && argument.starts_with('/') && is_system_path(argument))
                    put_text(record, "program", argument);
            }
            record["enables"] = enables;
            record["everybody"] = everybody;
            record["passwords"] = passwords;
            record["source"] = source_of(machine, path, line.line);
            out.add("pam", std::move(record));
        }
    }
    out.looked(kCheck);
}

// Files say what is meant to be recorded; the kernel may have been told more by whoever loads rules without
// them.
void ask_kernel(const Machine& machine, std::string_view check, RecordWriter& out) {
    if (!machine.root) return out.not_looked(check, "unreadable", "root-only-audit");
    bool refused = false;
    const auto kernel = ask_kernel_audit(refused);
    if (!kernel && refused) return out.not_looked(check, "unreadable", "audit-refused");
    // What they record is not taken apart here: that they are there is said, and the files are read.
    if (kernel && kernel->enabled && kernel->rules > 0)
        out.not_looked(check, "unreadable", "audit-rules-loaded", {{"rules", kernel->rules}});
}

void collect_audit(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "audit-rules";
    static constexpr std::array<std::string_view, 1> kRules = {".rules"};
    std::error_code error;
    ask_kernel(machine, kCheck, out);
    if (!fs::exists("/etc/audit", error)) return out.looked(kCheck, {{"installed", false}});
    std::vector<fs::path> files = files_in("/etc/audit/rules.d", kRules, kCheck, out);
    files.push_back("/etc/audit/audit.rules");
    for (const auto& path : files) {
        const auto text = read_config(path, kCheck, out);
        if (!text) continue;
        const auto rules = config::parse_audit_rules(*text);
        // auditctl -e 0: nothing of this is carried out.
        if (std::any_of(rules.begin(), rules.end(), [](const auto& rule) { return rule.enabled_zero; }))
            continue;
        for (const auto& rule : rules) {
            const auto homes =
                std::count_if(rule.watched.begin(), rule.watched.end(),
                              [](const std::string& watched) { return watched.starts_with("/home"); });
            json::Object record{
                {"commands", rule.logs_commands}, {"watches", rule.watched.size()}, {"watches_homes", homes}};
            record["source"] = source_of(machine, path, rule.line);
            out.add("audit-rule", std::move(record));
        }
    }
    out.looked(kCheck, {{"installed", true}});
}

void collect_sudo(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "sudo-logging";
    std::error_code error;
    if (!fs::exists("/etc/sudoers", error) && !error) return out.looked(kCheck, {{"installed", false}});
    std::vector<fs::path> files = files_in("/etc/sudoers.d", {}, kCheck, out);
    files.insert(files.begin(), "/etc/sudoers");
    for (const auto& path : files) {
        const auto text = read_config(path, kCheck, out);
        if (!text) continue;
        for (const auto& line : config::parse_sudoers(*text)) {
            json::Object record{{"input", line.log_input}, {"output", line.log_output}};
            record["source"] = source_of(machine, path, line.line);
            out.add("sudo-log", std::move(record));
        }
    }
    out.looked(kCheck, {{"installed", true}});
}

void collect_shells(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "recorded-shells";
    const auto text = read_config("/etc/passwd", kCheck, out);
    struct Use {
        std::int64_t accounts = 0;
        bool self = false;
        std::uint64_t line = 0;
    };
    std::map<std::string, Use> shells;
    if (text) {
        for (const auto& line : config::parse_passwd(*text)) {
            auto& use = shells[line.shell];
            ++use.accounts;
            use.self |= machine.user_class(line.uid) == "self";
            if (!use.line) use.line = line.line;
        }
    }
    for (const auto& [shell, use] : shells) {
        json::Object record{{"accounts", use.accounts}, {"self", use.self}};
        put_text(record, "shell", shell);
        if (auto owner = machine.packages.owner(shell); !owner.empty()) record["package"] = owner;
        record["source"] = source_of(machine, "/etc/passwd", use.line);
        out.add("shell", std::move(record));
    }
    // tlog's own settings: whether what is typed is recorded, not only what is shown.
    if (const auto config = read_config("/etc/tlog/tlog-rec-session.conf", kCheck, out)) {
        const auto settings = json::parse(without_json_comments(*config), "tlog-rec-session.conf");
        if (!settings) damaged(machine, kCheck, "/etc/tlog/tlog-rec-session.conf", out);
        json::Object record{{"input", settings && (*settings)["log"]["input"].bool_or(false)}};
        record["source"] = source_of(machine, "/etc/tlog/tlog-rec-session.conf", 0);
        out.add("tlog-settings", std::move(record));
    }
    out.looked(kCheck);
}

void collect_hooks(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "shell-hooks";
    static constexpr std::array<std::string_view, 2> kScripts = {".sh", ".zsh"};
    std::vector<fs::path> files = {"/etc/profile",   "/etc/bash.bashrc", "/etc/bashrc",
                                   "/etc/zsh/zshrc", "/etc/zsh/zshenv",  "/etc/zsh/zprofile"};
    for (auto& path : files_in("/etc/profile.d", kScripts, kCheck, out)) files.push_back(path);
    const auto system_files = files.size();
    for (const auto& person : machine.people)
        for (const char* name : {".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".bash_login"})
            files.push_back(person.home / name);
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto text = read_config(files[i], kCheck, out);
        if (!text) continue;
        for (const auto& hook : config::parse_shell_hooks(*text)) {
            json::Object record{
                {"hook", hook.hook}, {"personal", i >= system_files}, {"sends", json::strings(hook.sends)}};
            record["source"] = source_of(machine, files[i], hook.line);
            out.add("shell-hook", std::move(record));
        }
    }
    out.looked(kCheck);
    leave_others(machine, kCheck, out);
}

// eBPF programs that are loaded, whoever holds them (bpf(2), BPF_PROG_GET_NEXT_ID). Only root may ask.
void collect_bpf(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "kernel-programs";
    if (!machine.root) return out.not_looked(kCheck, "unreadable", "root-only-kernel");
    std::int64_t count = 0;
    bpf_attr attribute{};
    while (::syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attribute, sizeof attribute) == 0) {
        attribute.start_id = attribute.next_id;
        bpf_attr get{};
        get.prog_id = attribute.next_id;
        const Fd program(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &get, sizeof get)));
        if (!program.valid()) continue;  // unloaded meanwhile
        bpf_prog_info info{};
        bpf_attr ask{};
        ask.info.bpf_fd = static_cast<std::uint32_t>(program.get());
        ask.info.info_len = sizeof info;
        ask.info.info = reinterpret_cast<std::uint64_t>(&info);
        if (::syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof ask) != 0) continue;
        json::Object record{{"id", info.id}, {"type", proc::bpf_program_type(info.type)}};
        put_text(record, "name", std::string(info.name, ::strnlen(info.name, sizeof info.name)));
        out.add("bpf-program", std::move(record));
        ++count;
    }
    if (errno != ENOENT) return out.not_looked(kCheck, "unreadable", "kernel-refused");
    out.looked(kCheck, {{"programs", count}});
}

}  // namespace

void collect_logging(const Machine& machine, RecordWriter& out) {
    collect_preload(machine, out);
    collect_pam(machine, out);
    collect_audit(machine, out);
    collect_sudo(machine, out);
    collect_shells(machine, out);
    collect_hooks(machine, out);
}

void collect_kernel(const Machine& machine, RecordWriter& out) {
    collect_bpf(machine, out);
    const auto text = read_file("/proc/modules", 4 << 20);
    if (!text) return out.not_looked("kernel-modules", "not-recorded", "no-modules");
    std::int64_t count = 0;
    for (const auto& module : proc::parse_modules(*text)) {
        json::Object record;
        put_text(record, "module", module.name);
        if (!module.taint.empty()) put_text(record, "taint", module.taint);
        out.add("module", std::move(record));
        ++count;
    }
    out.looked("kernel-modules", {{"modules", count}});
}

}  // namespace contrechamp::linux_machine
