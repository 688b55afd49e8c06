#include "formats/linux_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/bytes.h"

namespace contrechamp::config {
namespace {

constexpr std::size_t kLongestLine = 64 << 10;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> words(std::string_view text, std::string_view separators = " \t") {
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(separators, at), text.size());
        out.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

// Lines joined over a trailing backslash; comments and empty lines left out. The number is the first line's.
void logical_lines(std::string_view text, std::string_view comment_marks,
                   const std::function<void(std::string_view, std::uint64_t)>& use) {
    LineReader lines(text);
    std::string joined;
    std::uint64_t first = 0;
    while (const auto line = lines.next()) {
        auto piece = trimmed(line->text);
        const bool comment = !piece.empty() && comment_marks.find(piece.front()) != std::string_view::npos;
        if (comment || piece.size() > kLongestLine) continue;
        if (!first) first = line->number;
        const bool goes_on = piece.ends_with('\\');
        if (goes_on) piece.remove_suffix(1);
        joined += piece;
        if (goes_on && joined.size() <= kLongestLine) {
            joined += ' ';
            continue;
        }
        if (!trimmed(joined).empty()) use(trimmed(joined), first);
        joined.clear();
        first = 0;
    }
    if (!trimmed(joined).empty()) use(trimmed(joined), first);
}

bool contains_word(std::string_view text, std::string_view word) {
    const auto part_of_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) {
        const bool left = at == 0 || !part_of_word(text[at - 1]);
        const bool right = at + word.size() >= text.size() || !part_of_word(text[at + word.size()]);
        if (left && right) return true;
    }
    return false;
}

}  // namespace

std::vector<Setting> parse_ini(std::string_view text) {
    std::vector<Setting> out;
    std::string section;
    logical_lines(text, "#;", [&](std::string_view line, std::uint64_t number) {
        if (line.starts_with('[')) {
            section = line.substr(1, std::min(line.find(']'), line.size()) - 1);
            return;
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) return;
        out.push_back({section, std::string(trimmed(line.substr(0, equals))),
                       std::string(trimmed(line.substr(equals + 1))), number});
    });
    return out;
}

std::vector<Setting> parse_keywords(std::string_view text) {
    std::vector<Setting> out;
    std::string section;  // sshd's Match blocks
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        const auto end = std::min(line.find_first_of(" \t="), line.size());
        auto value = trimmed(line.substr(end));
        if (value.starts_with('=')) value = trimmed(value.substr(1));
        const std::string key(line.substr(0, end));
        if (key == "Match" || key == "match") section = "Match";
        out.push_back({section, key, std::string(value), number});
    });
    return out;
}

std::vector<CronLine> parse_crontab(std::string_view text, bool with_user) {
    std::vector<CronLine> out;
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        const std::size_t fields = line.starts_with('@') ? 1 : 5;
        CronLine entry;
        entry.line = number;
        std::size_t at = 0;
        for (std::size_t i = 0; i < fields + (with_user ? 1 : 0); ++i) {
            at = line.find_first_not_of(" \t", at);
            if (at == std::string_view::npos) return;
            const auto end = line.find_first_of(" \t", at);
            if (end == std::string_view::npos) return;
            const auto word = line.substr(at, end - at);
            if (i < fields) {
                // "NAME = value" settings have an equals sign before five fields are over.
                if (word.find('=') != std::string_view::npos) return;
                entry.schedule += (i ? " " : "") + std::string(word);
            } else {
                entry.user = word;
            }
            at = end;
        }
        // What follows an unescaped '%' is not the command but its standard input (crontab(5)).
        auto command = line.substr(at);
        for (std::size_t i = 0; i < command.size(); ++i) {
            if (command[i] != '%' || (i > 0 && command[i - 1] == '\\')) continue;
            command = command.substr(0, i);
        }
        entry.command = trimmed(command);
        if (!entry.command.empty()) out.push_back(std::move(entry));
    });
    return out;
}

std::vector<PamLine> parse_pam(std::string_view text) {
    std::vector<PamLine> out;
    static constexpr std::array<std::string_view, 4> kTypes = {"auth", "account", "password", "session"};
    logical_lines(text, "#@", [&](std::string_view line, std::uint64_t number) {
        PamLine entry;
        entry.line = number;
        // A control in brackets holds spaces: [success=1 default=ignore]
        std::vector<std::string> parts;
        for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
            const auto end = std::min(line[at] == '[' ? std::min(line.find(']', at), line.size() - 1) + 1
                                                      : line.find_first_of(" \t", at),
                                      line.size());
            parts.emplace_back(line.substr(at, end - at));
            at = end;
        }
        const auto type_of = [](std::string_view word) {
            return word.starts_with('-') ? word.substr(1) : word;
        };
        std::size_t first = 0;
        if (!parts.empty() && std::find(kTypes.begin(), kTypes.end(), type_of(parts[0])) == kTypes.end())
            entry.service = parts[first++];
        if (parts.size() < first + 3 ||
            std::find(kTypes.begin(), kTypes.end(), type_of(parts[first])) == kTypes.end())
            return;
        entry.type = type_of(parts[first]);
        entry.control = parts[first + 1];
        entry.module = parts[first + 2];
        entry.arguments.assign(parts.begin() + static_cast<std::ptrdiff_t>(first + 3), parts.end());
        out.push_back(std::move(entry));
    });
    return out;
}

std::vector<AuditRule> parse_audit_rules(std::string_view text) {
    std::vector<AuditRule> out;
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        AuditRule rule;
        rule.line = number;
        bool exit_list = false, always = false, command_call = false;
        const auto parts = words(line);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::string_view next =
                i + 1 < parts.size() ? std::string_view(parts[i + 1]) : std::string_view();
            if (parts[i] == "-a" || parts[i] == "-A") {
                exit_list |= next.find("exit") != std::string_view::npos;
                always |= next.find("always") != std::string_view::npos;
            } else if (parts[i] == "-S") {
                for (const auto& call : words(next, ","))
                    command_call |= call == "execve" || call == "execveat" || call == "all";
            } else if (parts[i] == "-w") {
                rule.watched.emplace_back(next);
            } else if (parts[i] == "-e") {
                rule.enabled_zero = next == "0";
            }
        }
        rule.logs_commands = exit_list && always && command_call;
        if (rule.logs_commands || !rule.watched.empty() || rule.enabled_zero) out.push_back(std::move(rule));
    });
    return out;
}

std::vector<SudoLogging> parse_sudoers(std::string_view text) {
    std::vector<SudoLogging> out;
    logical_lines(text, "", [&](std::string_view line, std::uint64_t number) {
        if (line.starts_with('#')) return;  // #include and #uid lines record nothing
        const bool defaults = line.starts_with("Defaults");
        SudoLogging entry;
        entry.line = number;
        for (auto word : words(line, defaults ? " \t,=" : " \t,:=")) {
            const bool off = word.starts_with('!');
            if (off) word.erase(0, 1);
            const bool input = word == "log_input" || word == "LOG_INPUT",
                       output = word == "log_output" || word == "LOG_OUTPUT";
            if (!input && !output) continue;
            if (off) continue;
            entry.log_input |= input;
            entry.log_output |= output;
        }
        if (entry.log_input || entry.log_output) out.push_back(std::move(entry));
    });
    return out;
}

std::vector<PasswdLine> parse_passwd(std::string_view text) {
    std::vector<PasswdLine> out;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        std::vector<std::string_view> fields;
        for (std::size_t at = 0; at <= line->text.size() && fields.size() < 8;) {
            const auto end = std::min(line->text.find(':', at), line->text.size());
            fields.push_back(line->text.substr(at, end - at));
            at = end + 1;
        }
        if (fields.size() != 7) continue;
        PasswdLine entry{std::string(fields[0]), std::string(fields[5]), std::string(fields[6]), 0,
                         line->number};
        const auto [end, error] =
            std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), entry.uid);
        if (error == std::errc() && end == fields[2].data() + fields[2].size())
            out.push_back(std::move(entry));
    }
    return out;
}

std::vector<PreloadEntry> parse_preload(std::string_view text) {
    std::vector<PreloadEntry> out;
    LineReader lines(text);
    while (const auto line = lines.next())
        for (auto& library : words(line->text.substr(0, line->text.find('#')), " \t:"))
            out.push_back({std::move(library), line->number});
    return out;
}

std::vector<ShellHook> parse_shell_hooks(std::string_view text) {
    static constexpr std::array<std::string_view, 11> kSenders = {
        "logger",   "curl",     "wget",   "nc",       "ncat",   "socat",
        "/dev/tcp", "/dev/udp", "script", "tlog-rec", "history"};
    std::vector<ShellHook> out;
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        ShellHook hook;
        hook.line = number;
        const auto assigned = line.find("PROMPT_COMMAND");
        const bool assigns =
            assigned != std::string_view::npos && line.find_first_of("=+(", assigned + 14) == assigned + 14;
        if (assigns) hook.hook = "PROMPT_COMMAND";
        else if (contains_word(line, "trap") && contains_word(line, "DEBUG")) hook.hook = "trap-DEBUG";
        else if (line.find("preexec()") != std::string_view::npos ||
                 line.find("add-zsh-hook preexec") != std::string_view::npos ||
                 line.find("preexec_functions") != std::string_view::npos)
            hook.hook = "preexec";
        else if ((line.starts_with("script ") || line.starts_with("exec script ") ||
                  line.find("/usr/bin/script ") != std::string_view::npos ||
                  contains_word(line, "tlog-rec-session")))
            hook.hook = "script";
        if (hook.hook.empty()) return;
        for (auto sender : kSenders) {
            const bool path = sender.front() == '/';
            if (path ? line.find(sender) != std::string_view::npos : contains_word(line, sender))
                hook.sends.emplace_back(sender);
        }
        out.push_back(std::move(hook));
    });
    return out;
}

std::vector<UdevRun> parse_udev(std::string_view text) {
    std::vector<UdevRun> out;
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        for (std::size_t at = 0; (at = line.find("RUN", at)) != std::string_view::npos; at += 3) {
            auto rest = line.substr(at + 3);
            if (rest.starts_with("{builtin}")) continue;
            if (rest.starts_with("{program}")) rest.remove_prefix(9);
            if (!rest.starts_with("+=\"") && !rest.starts_with("=\"") && !rest.starts_with(":=\"")) continue;
            rest.remove_prefix(rest.find('"') + 1);
            out.push_back({std::string(rest.substr(0, rest.find('"'))), number});
        }
    });
    return out;
}

std::vector<Assignment> parse_assignments(std::string_view text) {
    std::vector<Assignment> out;
    logical_lines(text, "#", [&](std::string_view line, std::uint64_t number) {
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) return;
        const auto name = line.substr(0, equals);
        const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
        if (!plain) return;
        auto value = trimmed(line.substr(equals + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        out.push_back({std::string(name), std::string(value), number});
    });
    return out;
}

std::vector<DpkgPackage> parse_dpkg_status(std::string_view text) {
    std::vector<DpkgPackage> out;
    LineReader lines(text);
    DpkgPackage current;
    bool installed = false;
    const auto end_of_paragraph = [&] {
        if (installed && !current.name.empty()) out.push_back(current);
        current = {};
        installed = false;
    };
    while (const auto line = lines.next()) {
        if (line->text.empty()) {
            end_of_paragraph();
            continue;
        }
        const auto value = [&](std::string_view name) -> std::string_view {
            return line->text.starts_with(name) ? trimmed(line->text.substr(name.size()))
                                                : std::string_view();
        };
        if (const auto name = value("Package:"); !name.empty()) {
            current.name = name;
            current.line = line->number;
        } else if (const auto version = value("Version:"); !version.empty()) {
            current.version = version;
        } else if (const auto architecture = value("Architecture:"); !architecture.empty()) {
            current.architecture = architecture;
        } else if (const auto status = value("Status:"); !status.empty()) {
            installed = status.ends_with(" installed");
        }
    }
    end_of_paragraph();
    return out;
}

}  // namespace contrechamp::config
