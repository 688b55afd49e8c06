#include "collect/linux/reduce.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace contrechamp::linux_machine {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "--long-name" keeps its name when it is made of lower-case letters and dashes and is no longer than any
// real option:
// "--password=x" loses its value, "--S3cret" is dropped whole. "-psecret" keeps "-p".
std::optional<std::string> option_name(std::string_view argument) {
    constexpr std::size_t kLongest = 32;
    if (argument.starts_with("--")) {
        const auto name = argument.substr(0, argument.find('='));
        const auto letters = name.substr(2);
        const bool plain = !letters.empty() && name.size() <= kLongest && letters.front() != '-' &&
                           std::all_of(letters.begin(), letters.end(),
                                       [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
        if (plain) return std::string(name);
        return std::nullopt;
    }
    if (argument.size() >= 2 && argument[0] == '-' && is_letter(argument[1]))
        return std::string(argument.substr(0, 2));
    return std::nullopt;
}

// "/usr/bin/python3.11" → "python"; empty for a program that runs no scripts of others.
std::string_view interpreter_of(std::string_view exe) {
    static constexpr std::array<std::string_view, 16> kNames = {
        "python", "perl", "ruby", "bash", "sh",    "dash", "zsh", "fish",
        "node",   "java", "mono", "lua",  "tclsh", "wish", "php", "gjs"};
    std::string_view name = base_name(exe);
    // python3.11, perl5.36, lua5.4, tclsh8.6 …
    while (!name.empty() &&
           (name.back() == '.' || (name.back() >= '0' && name.back() <= '9') || name.back() == '-'))
        name.remove_suffix(1);
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ? name : std::string_view();
}

// What an interpreter's option makes of the words after it. The text of a program is the person's, and so is
// all that follows it.
enum class After { script, value, text, module };

// One-letter options: those that bring the program's text (or say that it comes from elsewhere), those that
// take a value, those whose value is the rest of the word.
struct Letters {
    std::string_view interpreters, text, valued, attached;
};
constexpr std::array kLetters = {
    Letters{"bash dash sh zsh", "cs", "oO", ""},
    Letters{"fish", "c", "CdDfo", ""},
    Letters{"python", "c", "WX", ""},
    Letters{"perl", "eE", "I", "MmFxDi"},
    Letters{"ruby", "e", "rICE", "FxKTWi"},
    Letters{"node", "ep", "rC", ""},
    Letters{"php", "rRBEF", "cdztS", ""},
    Letters{"lua", "e", "l", ""},
    Letters{"gjs", "c", "I", ""},
};

After after_option(std::string_view interpreter, std::string_view argument) {
    if (argument == "-") return After::text;  // standard input
    if (interpreter == "java")
        return argument == "-cp" || argument == "-classpath" || argument == "--class-path" ||
                       argument == "--module-path"
                   ? After::value
                   : After::script;
    if (argument.starts_with("--")) {
        static constexpr std::array<std::string_view, 12> kValued = {
            "--rcfile",       "--init-file",
            "--init-command", "--require",
            "--import",       "--loader",
            "--conditions",   "--env-file",
            "--include-path", "--experimental-loader",
            "--input-type",   "--check-hash-based-pycs"};
        const auto name = argument.substr(0, argument.find('='));
        if (name == "--eval" || name == "--print" || name == "--command") return After::text;
        return std::find(kValued.begin(), kValued.end(), argument) != kValued.end() ? After::value
                                                                                    : After::script;
    }
    const auto letters = std::find_if(kLetters.begin(), kLetters.end(), [&](const Letters& l) {
        const auto at = l.interpreters.find(interpreter);
        return at != std::string_view::npos && (at == 0 || l.interpreters[at - 1] == ' ') &&
               (at + interpreter.size() == l.interpreters.size() ||
                l.interpreters[at + interpreter.size()] == ' ');
    });
    // Letters may be joined: "-lc", "-pe".
    for (std::size_t i = 1; letters != kLetters.end() && i < argument.size(); ++i) {
        const auto among = [&](std::string_view set) {
            return set.find(argument[i]) != std::string_view::npos;
        };
        if (interpreter == "python" && argument[i] == 'm') return After::module;
        if (among(letters->text)) return After::text;
        if (among(letters->valued)) return i + 1 == argument.size() ? After::value : After::script;
        if (among(letters->attached)) return After::script;
    }
    return After::script;
}

// A file's name as programs have it. Text that a person wrote for an interpreter has other characters, nearly
// always.
bool plain_path(std::string_view path) {
    return std::all_of(path.begin(), path.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("._+-@:/~%").find(c) != std::string_view::npos;
    });
}

// A word without a folder is a script's name only when it looks like one ("manage.py", "./start"): it may be
// the value of an option not known here.
bool names_script(std::string_view word) {
    if (word.starts_with('/') || word.starts_with("./") || word.starts_with("../")) return true;
    const auto dot = word.rfind('.');
    return dot != std::string_view::npos && dot > 0 && word.size() - dot >= 2 && word.size() - dot <= 5 &&
           std::all_of(word.begin() + static_cast<std::ptrdiff_t>(dot) + 1, word.end(), is_letter);
}

// A module's name, in the same sense.
bool plain_module(std::string_view name) {
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || c == '.' || c == '_' || (c >= '0' && c <= '9');
    });
}

}  // namespace

bool is_system_path(std::string_view path) {
    static constexpr std::array<std::string_view, 11> kRoots = {
        "/usr/", "/opt/",   "/etc/",  "/bin/",       "/sbin/",
        "/lib/", "/lib64/", "/snap/", "/nix/store/", "/var/lib/flatpak/",
        "/app/"};
    // /usr/local and /opt belong to administrators: what runs from there is a program, not somebody's
    // document.
    return std::any_of(kRoots.begin(), kRoots.end(),
                       [&](std::string_view root) { return path.starts_with(root); }) &&
           path.find("/../") == std::string_view::npos;
}

bool is_interpreter(std::string_view exe) { return !interpreter_of(exe).empty(); }

const std::set<std::string_view>& allowed_literals() {
    // ffmpeg and GStreamer capture back ends and elements; recorders' modes.
    static const std::set<std::string_view> kLiterals = {
        "x11grab",  "kmsgrab",     "xcbgrab",     "fbdev",   "v4l2",     "pulse",   "alsa",
        "pipewire", "ximagesrc",   "pipewiresrc", "v4l2src", "pulsesrc", "alsasrc", "jack",
        "fbdevsrc", "xshmgrabber", "xtest",       "evdev",   "kmsdrm"};
    return kLiterals;
}

const std::set<std::string_view>& allowed_environment() {
    static const std::set<std::string_view> kNames = {
        "LD_PRELOAD",  "LD_AUDIT",     "PROMPT_COMMAND", "BASH_ENV",          "PYTHONSTARTUP",
        "GTK_MODULES", "GTK3_MODULES", "SSLKEYLOGFILE",  "JAVA_TOOL_OPTIONS", "NODE_OPTIONS",
        "http_proxy",  "https_proxy",  "HTTP_PROXY",     "HTTPS_PROXY",       "all_proxy",
        "ALL_PROXY",   "APPIMAGE",     "SNAP_NAME",      "FLATPAK_ID",        "TLOG_REC_SESSION_SHELL"};
    return kNames;
}

ReducedCommand reduce_command(std::string_view exe, const std::vector<std::string>& arguments,
                              std::string_view working_directory) {
    ReducedCommand out;
    const auto interpreter = interpreter_of(exe);
    bool looking_for_script = !interpreter.empty(), jar = false;
    constexpr std::size_t kMost = 64;  // no real command has more, and a hostile one must not cost more
    const auto keep = [](std::vector<std::string>& list, std::string item) {
        if (list.size() < kMost && std::find(list.begin(), list.end(), item) == list.end())
            list.push_back(std::move(item));
    };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (allowed_literals().contains(argument)) keep(out.literals, argument);
        if (argument.starts_with('-')) {
            if (auto name = option_name(argument)) keep(out.options, *name);
            if (!looking_for_script) continue;
            jar |= argument == "-jar";
            switch (after_option(interpreter, argument)) {
                case After::script: break;
                case After::value: ++i; break;
                case After::text: looking_for_script = false; break;
                case After::module:
                    // python -m module: a module's name is a program's name, if it looks like one.
                    looking_for_script = false;
                    if (argument.find('m') + 1 == argument.size() && i + 1 < arguments.size() &&
                        plain_module(arguments[i + 1]))
                        out.script = "module:" + arguments[++i];
                    break;
            }
            continue;
        }
        if (looking_for_script) {
            looking_for_script = false;
            std::filesystem::path script(argument);
            if (script.is_relative() && !working_directory.empty())
                script = std::filesystem::path(working_directory) / script;
            const std::string full = script.lexically_normal().string();
            const bool a_class = interpreter == "java" && !jar;
            if (is_system_path(full) && plain_path(full) && names_script(argument) && !a_class)
                out.script = full;
            else out.script_hidden = true;
        }
    }
    return out;
}

namespace {

// Where a command substitution that begins at `start` ("$(…)" or "`…`") ends: one past it.
std::size_t end_of_substitution(std::string_view text, std::size_t start) {
    if (text[start] == '`') {
        std::size_t at = start + 1;
        while (at < text.size() && text[at] != '`') at += text[at] == '\\' ? 2 : 1;
        return std::min(at + 1, text.size());
    }
    int depth = 0;
    for (std::size_t at = start + 1; at < text.size(); ++at) {
        depth += text[at] == '(';
        depth -= text[at] == ')';
        if (depth == 0) return at + 1;
    }
    return text.size();
}

// The words of a command line up to the first operator of the shell. What a substitution runs is not kept:
// "$" stands for it.
std::vector<std::string> words_of_command(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\'' && (c == '`' || (c == '$' && text.substr(i + 1).starts_with('(')))) {
            word += '$';
            in_word = true;
            i = end_of_substitution(text, i) - 1;
        } else if (quote) {
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
    return words;
}

}  // namespace

CommandLine split_command(std::string_view text) {
    CommandLine out;
    bool environment = false;  // after `env`
    for (auto& item : words_of_command(text)) {
        if (out.program.empty()) {
            if (environment && item.starts_with('-')) {
                if (item == "-" || item == "-i" || item == "--ignore-environment") continue;
                return {};  // its other options take words of their own: what it runs is not guessed
            }
            while (!item.empty() && std::string_view("-@:+!").find(item.front()) != std::string_view::npos)
                item.erase(0, 1);
            const auto equals = item.find('=');
            const bool assignment = equals != std::string::npos && equals > 0 && item.find('/') > equals;
            const bool is_env = item == "env" || item == "/usr/bin/env" || item == "/bin/env";
            environment |= is_env;
            if (item.empty() || assignment || is_env) continue;
            out.program = std::move(item);
        } else {
            out.arguments.push_back(std::move(item));
        }
    }
    return out;
}

}  // namespace contrechamp::linux_machine
