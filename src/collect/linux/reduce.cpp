#include "collect/linux/reduce.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace contrechamp::linux_machine {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "--long-name" keeps its name when it is made of lower-case letters and dashes and is no longer than any real option:
// "--password=x" loses its value, "--S3cret" is dropped whole. "-psecret" keeps "-p".
std::optional<std::string> option_name(std::string_view argument) {
    constexpr std::size_t kLongest = 32;
    if (argument.starts_with("--")) {
        const auto name = argument.substr(0, argument.find('='));
        const auto letters = name.substr(2);
        const bool plain = !letters.empty() && name.size() <= kLongest && letters.front() != '-' &&
                           std::all_of(letters.begin(), letters.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
        if (plain) return std::string(name);
        return std::nullopt;
    }
    if (argument.size() >= 2 && argument[0] == '-' && is_letter(argument[1])) return std::string(argument.substr(0, 2));
    return std::nullopt;
}

}  // namespace

bool is_system_path(std::string_view path) {
    static constexpr std::array<std::string_view, 11> kRoots = {"/usr/", "/opt/", "/etc/", "/bin/", "/sbin/", "/lib/",
                                                                "/lib64/", "/snap/", "/nix/store/", "/var/lib/flatpak/", "/app/"};
    // /usr/local and /opt belong to administrators: what runs from there is a program, not somebody's document.
    return std::any_of(kRoots.begin(), kRoots.end(), [&](std::string_view root) { return path.starts_with(root); }) &&
           path.find("/../") == std::string_view::npos;
}

bool is_interpreter(std::string_view exe) {
    static constexpr std::array<std::string_view, 16> kNames = {"python", "perl", "ruby", "bash", "sh",    "dash", "zsh", "fish",
                                                                "node",   "java", "mono", "lua",  "tclsh", "wish", "php", "gjs"};
    std::string_view name = base_name(exe);
    // python3.11, perl5.36, lua5.4, tclsh8.6 …
    while (!name.empty() && (name.back() == '.' || (name.back() >= '0' && name.back() <= '9') || name.back() == '-')) name.remove_suffix(1);
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

const std::set<std::string_view>& allowed_literals() {
    // ffmpeg and GStreamer capture back ends and elements; recorders' modes.
    static const std::set<std::string_view> kLiterals = {"x11grab",  "kmsgrab",     "xcbgrab",      "fbdev",    "v4l2",      "pulse",     "alsa",
                                                         "pipewire", "ximagesrc",   "pipewiresrc",  "v4l2src",  "pulsesrc",  "alsasrc",   "jack",
                                                         "fbdevsrc", "xshmgrabber", "xtest",        "evdev",    "kmsdrm"};
    return kLiterals;
}

const std::set<std::string_view>& allowed_environment() {
    static const std::set<std::string_view> kNames = {
        "LD_PRELOAD", "LD_AUDIT",    "PROMPT_COMMAND",    "BASH_ENV",     "PYTHONSTARTUP", "GTK_MODULES", "GTK3_MODULES",
        "SSLKEYLOGFILE", "JAVA_TOOL_OPTIONS", "NODE_OPTIONS", "http_proxy", "https_proxy",   "HTTP_PROXY",  "HTTPS_PROXY",
        "all_proxy",  "ALL_PROXY",   "APPIMAGE",          "SNAP_NAME",    "FLATPAK_ID",    "TLOG_REC_SESSION_SHELL"};
    return kNames;
}

ReducedCommand reduce_command(std::string_view exe, const std::vector<std::string>& arguments, std::string_view working_directory) {
    ReducedCommand out;
    const bool interpreter = is_interpreter(exe);
    bool looking_for_script = interpreter;
    const auto keep = [](std::vector<std::string>& list, std::string item) {
        if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
    };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (allowed_literals().contains(argument)) keep(out.literals, argument);
        if (argument.starts_with('-')) {
            if (auto name = option_name(argument)) keep(out.options, *name);
            if (!looking_for_script) continue;
            // `sh -c TEXT`, `perl -e TEXT`, `node -e TEXT`: the text is the person's, not a script's name.
            if (argument == "-c" || argument == "-e" || argument == "-E" || argument == "--eval") looking_for_script = false;
            if (argument == "-m" && i + 1 < arguments.size()) {
                // python -m module: a module's name is a program's name, if it looks like one.
                const std::string& module = arguments[++i];
                const bool plain = !module.empty() && module.size() <= 40 && std::all_of(module.begin(), module.end(), [](char c) { return is_letter(c) || c == '.' || c == '_' || (c >= '0' && c <= '9'); });
                if (plain) out.script = "module:" + module;
                looking_for_script = false;
            }
            if (argument == "-jar" || argument == "-W" || argument == "-X" || argument == "-r" || argument == "--require" || argument == "-cp")
                if (argument != "-jar") ++i;  // its value is not the script
            continue;
        }
        if (looking_for_script) {
            looking_for_script = false;
            std::filesystem::path script(argument);
            if (script.is_relative() && !working_directory.empty()) script = std::filesystem::path(working_directory) / script;
            const std::string full = script.lexically_normal().string();
            if (is_system_path(full)) out.script = full;
            else out.script_hidden = true;
        }
    }
    return out;
}

std::optional<Endpoint> reduce_url(std::string_view url) {
    Endpoint out;
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
        out.scheme = url.substr(0, scheme);
        url.remove_prefix(scheme + 3);
    }
    url = url.substr(0, url.find_first_of("/?# \t\r\n"));
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    std::string_view host = url, port;
    if (url.starts_with('[')) {  // IPv6
        const auto close = url.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        host = url.substr(1, close - 1);
        if (close + 1 < url.size() && url[close + 1] == ':') port = url.substr(close + 2);
    } else if (const auto colon = url.rfind(':'); colon != std::string_view::npos) {
        host = url.substr(0, colon);
        port = url.substr(colon + 1);
    }
    if (!port.empty()) {
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc() || end != port.data() + port.size() || out.port < 1 || out.port > 65535) return std::nullopt;
    }
    const bool plain = !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
    });
    const bool plain_scheme = out.scheme.size() <= 16 && std::all_of(out.scheme.begin(), out.scheme.end(), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    if (!plain || !plain_scheme) return std::nullopt;
    out.host = host;
    return out;
}

CommandLine split_command(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote) {
            if (c == quote) quote = 0;
            else if (c == '\\' && quote == '"' && i + 1 < text.size()) word += text[++i];
            else word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            in_word = true;
        } else if (c == '\\' && i + 1 < text.size()) {
            word += text[++i];
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (in_word) words.push_back(std::move(word));
            word.clear();
            in_word = false;
        } else if ((c == ';' || c == '|' || c == '&' || c == '>' || c == '<') && (!in_word || c != '&')) {
            // Cron lines are shell: what follows belongs to another command, or is a file of the person's.
            break;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));

    CommandLine out;
    for (auto& item : words) {
        if (out.program.empty()) {
            while (!item.empty() && std::string_view("-@:+!").find(item.front()) != std::string_view::npos) item.erase(0, 1);
            const auto equals = item.find('=');
            const bool assignment = equals != std::string::npos && equals > 0 && item.find('/') > equals;
            if (item.empty() || assignment || item == "env" || item == "/usr/bin/env") continue;
            out.program = std::move(item);
        } else {
            out.arguments.push_back(std::move(item));
        }
    }
    return out;
}

}  // namespace contrechamp::linux_machine
