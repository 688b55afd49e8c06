#include "cli/arguments.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/escape.h"
#include "base/files.h"
#include "evidence/custody.h"

namespace contrechamp::cli {
namespace {

// "-o,--output" is looked up as "--output".
std::string long_name(const std::string& name) {
    const auto comma = name.rfind(',');
    return comma == std::string::npos ? name : name.substr(comma + 1);
}

bool is_switch(const Option& option) { return option.value.empty() && option.name.starts_with('-'); }

struct Parser {
    std::map<std::string, std::vector<std::string>> values;
    std::map<std::string, bool> switches;
    const Verb* chosen = nullptr;
    std::vector<const Verb*> path;

    void add(CLI::App& app, const Verb& verb, std::vector<const Verb*> here) {
        here.push_back(&verb);
        app.set_help_flag();
        app.add_flag("-h,--help", switches["--help"]);
        const auto add_option = [&](const Option& option) {
            const auto name = long_name(option.name);
            if (is_switch(option)) {
                app.add_flag(option.name, switches[name]);
                return;
            }
            auto* added = app.add_option(option.name, values[name]);
            added->required(option.required);
            added->expected(option.many ? -1 : 1);
            if (option.many && option.name.starts_with('-')) added->expected(1)->take_all();
            // One word each: what follows `--case DIR` is the verb's own argument again.
            added->allow_extra_args(option.many && !option.name.starts_with('-'));
        };
        for (const auto& option : verb.options) add_option(option);
        for (const auto& option : common_options()) add_option(option);
        for (const auto& inner : verb.verbs)
            add(*app.add_subcommand(inner.name, inner.about.en), inner, here);
        // Before the options are read: `VERB --help` must be known to be about VERB even when something else
        // is missing.
        app.preparse_callback([this, &verb, here](std::size_t) {
            if (!chosen || here.size() > path.size()) {
                chosen = &verb;
                path = here;
            }
        });
    }
};

// CLI11 takes "[a,b]" for a list of two; here it is the name of one file. Such words are marked before it
// reads them, and the mark is taken off again.
constexpr char kMark = '\x1f';

bool looks_like_list(std::string_view word) {
    const auto first = word.find_first_not_of(kMark);
    return first != std::string_view::npos && word[first] == '[' && word.back() == ']';
}

std::vector<std::string> marked(int count, char** arguments) {
    std::vector<std::string> out;
    for (int i = count - 1; i > 0; --i)  // last word first, as CLI11 wants them
        out.push_back((looks_like_list(arguments[i]) ? std::string(1, kMark) : "") + arguments[i]);
    return out;
}

// "help scan" is "scan --help". Words stand last first.
bool help_asked_as_verb(std::vector<std::string>& words) {
    for (auto it = words.rbegin(); it != words.rend(); ++it) {
        if (*it == "--lang" && std::next(it) != words.rend()) ++it;
        else if (!it->starts_with('-')) {
            if (*it != "help") return false;
            *it = "--help";
            return true;
        }
    }
    return false;
}

std::string unmarked(std::string text) {
    std::erase(text, kMark);
    return text;
}

// The verb or option of `verb` that somebody who typed `word` may have meant; empty when none comes near.
std::string meant(const Verb& verb, const std::string& word) {
    std::vector<std::string> known;
    for (const auto& inner : verb.verbs) known.push_back(inner.name);
    for (const auto* options : {&verb.options, &common_options()})
        for (const auto& option : *options)
            if (option.name.starts_with('-')) known.push_back(long_name(option.name));
    std::string best;
    std::size_t nearest = word.size() / 3 + 2;  // one slip in a short word, more in a long one
    for (const auto& name : known) {
        const auto d = name.starts_with(word) && word.size() > 2 ? 0 : letters_apart(word, name);
        if (d < nearest) nearest = d, best = name;
    }
    return best;
}

// What was wrong, which word was meant, and where to read more: one sentence each.
Text usage_problem(const Verb& program, const std::vector<const Verb*>& path, const CLI::ParseError& error) {
    std::string help = program.name;
    for (std::size_t i = 1; i < path.size(); ++i) help += " " + path[i]->name;
    help += " --help";
    const Text see{"see " + help, "voir " + help};
    // CLI11 speaks English only; the kinds of mistake people make are put in both languages, with the word
    // concerned.
    const std::string what = unmarked(error.what());
    if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
        std::string words = what.substr(what.rfind(':') + 1), likely;
        words.erase(0, words.find_first_not_of(' '));
        std::istringstream one_by_one(words);
        for (std::string one; likely.empty() && one_by_one >> one;)
            likely = meant(*path.back(), one.substr(0, one.find('=')));
        Text out{"“" + words + "” is unknown to me; ", "« " + words + " » m’est inconnu ; "};
        if (!likely.empty()) {
            out.en += "did you mean " + likely + "? ";
            out.fr += "vouliez-vous dire " + likely + " ? ";
        }
        return {out.en + see.en, out.fr + see.fr};
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error)) {
        const std::string word = what.substr(0, what.find(' '));
        return {word + " is missing; " + see.en, "il manque " + word + " ; " + see.fr};
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
        const std::string word = what.substr(0, what.find(':'));
        return {word + " needs a value; " + see.en, word + " attend une valeur ; " + see.fr};
    }
    return {what + "; " + see.en, what + " ; " + see.fr};
}

// ASCII for all that a person reads, and whether the answer is for a program. Set once, before anything is
// printed.
bool plain_words = false, for_programs = false;
// The program's verbs, to know a command in a text.
std::vector<std::string> verb_names;

// Whether a switch is given before any "--".
bool given_before_parsing(std::string_view name, int count, char** arguments) {
    for (int i = 1; i < count && std::string_view(arguments[i]) != "--"; ++i)
        if (arguments[i] == name) return true;
    return false;
}

Lang language_in(int count, char** arguments) {
    for (int i = 1; i < count; ++i) {
        const std::string_view word = arguments[i];
        if (word == "--") break;
        if (word == "--lang" && i + 1 < count) return language_of(arguments[i + 1]);
        if (word.starts_with("--lang=")) return language_of(word.substr(7));
    }
    return language_of("");
}

bool is_language(std::string_view name) {
    const auto language = name.substr(0, name.find_first_of("_-.@"));
    return language == "fr" || language == "en";
}

std::string padded(const std::string& text, std::size_t width) {
    const auto have = display_width(text);
    return text + std::string(have < width ? width - have : 1, ' ');
}

}  // namespace

std::size_t letters_apart(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t i = 0; i <= b.size(); ++i) row[i] = i;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j)
            diagonal =
                std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, diagonal + (a[i] != b[j])}));
    }
    return row.back();
}

bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (!value || !*value) continue;
        const std::string_view locale = value;
        return locale.find("UTF-8") != std::string_view::npos ||
               locale.find("utf8") != std::string_view::npos;
    }
    return false;
}

std::string Arguments::get(std::string_view name, std::string_view fallback) const {
    const auto it = values_.find(name);
    return it == values_.end() || it->second.empty() ? std::string(fallback) : it->second.back();
}

std::vector<std::string> Arguments::all(std::string_view name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? std::vector<std::string>() : it->second;
}

const std::vector<Option>& common_options() {
    static const std::vector<Option> options = {
        {"--lang",
         "fr|en",
         {"language of what is printed (default: the locale's)",
          "langue de l’affichage (par défaut celle du système)"}},
        {"--plain", "", {"no colours, no symbols beyond ASCII", "sans couleurs ni symboles hors ASCII"}},
        {"--quiet", "", {"no progress on stderr", "sans progression sur stderr"}},
    };
    return options;
}

std::string help(const Verb& program, const std::vector<const Verb*>& path, Lang lang) {
    const auto& verb = *path.back();
    const auto t = [&](const char* en, const char* fr) { return std::string(lang == Lang::fr ? fr : en); };
    std::string command = program.name;
    for (std::size_t i = 1; i < path.size(); ++i) command += " " + path[i]->name;
    std::string out = verb.about.in(lang) + "\n\n" + t("Usage: ", "Usage : ") + command;
    if (!verb.verbs.empty()) out += t(" VERB …", " VERBE …");
    if (verb.run && !verb.options.empty()) out += t(" [options]", " [options]");
    for (const auto& option : verb.options)
        if (!option.name.starts_with('-'))
            out += " " + (option.required ? option.name : "[" + option.name + "]") + (option.many ? "…" : "");
    out += "\n";
    if (!verb.more.empty()) out += "\n" + verb.more.in(lang) + "\n";
    if (!verb.example.empty()) out += "\n" + t("Example:", "Exemple :") + "\n  " + verb.example + "\n";
    const auto table = [&](const std::string& title,
                           const std::vector<std::pair<std::string, std::string>>& rows) {
        if (rows.empty()) return;
        std::size_t width = 0;
        for (const auto& [name, text] : rows) width = std::max(width, display_width(name));
        out += "\n" + title + "\n";
        for (const auto& [name, text] : rows) out += "  " + padded(name, width + 2) + text + "\n";
    };
    std::vector<std::pair<std::string, std::string>> verbs, options;
    for (const auto& inner : verb.verbs) verbs.emplace_back(inner.name, inner.about.in(lang));
    const auto add = [&](const Option& option) {
        std::string name = option.name;
        if (const auto comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
        options.emplace_back(
            name + (option.value.empty() || !option.name.starts_with('-') ? "" : " " + option.value),
            option.about.in(lang));
    };
    for (const auto& option : verb.options) add(option);
    for (const auto& option : common_options()) add(option);
    options.emplace_back("-h, --help", t("this text", "ce texte"));
    table(t("Verbs:", "Verbes :"), verbs);
    table(t("Options:", "Options :"), options);
    if (path.size() == 1)
        out += "\n" +
               t("Exit codes: 0 done, 1 failed (for verify: something differs), 2 wrong usage.\n"
                 "Each verb explains itself: contrechamp help VERB, or contrechamp VERB --help.\n",
                 "Codes de sortie : 0 fait, 1 échec (pour verify : quelque chose diffère), 2 mauvais usage.\n"
                 "Chaque verbe s’explique : contrechamp help VERBE, ou contrechamp VERBE --help.\n");
    return out;
}

std::string error_line(const Error& error, Lang lang) {
    std::string out = "contrechamp: " + error.what.in(lang);
    if (!error.where.empty()) out += (lang == Lang::fr ? " : " : ": ") + error.where;
    if (!error.todo.empty()) out += (lang == Lang::fr ? " : " : ": ") + error.todo.in(lang);
    return shown(as_called(for_terminal(out)));
}

std::string called() {
    const char* name = std::getenv("CONTRECHAMP_CALLED");
    return name && *name ? for_terminal(name) : "contrechamp";
}

std::string as_called(std::string text) {
    constexpr std::string_view kName = "contrechamp ";
    const std::string name = called() + " ";
    if (name == kName) return text;
    for (std::size_t at = 0; (at = text.find(kName, at)) != std::string::npos;) {
        const auto start = at + kName.size(), end = text.find_first_of(" \n`”…", start);
        const auto word = std::string_view(text).substr(start, end == std::string::npos ? end : end - start);
        const bool command = word == "VERB" || word == "VERBE" || word == "help" || word == "--help" ||
                             std::find(verb_names.begin(), verb_names.end(), word) != verb_names.end();
        if (command && (at == 0 || text[at - 1] != '/')) text.replace(at, kName.size(), name);
        at += command ? name.size() : kName.size();
    }
    return text;
}

std::string shown(std::string text) { return plain_words ? to_ascii(text) : text; }

int dispatch(const Verb& program, int count, char** arguments) {
    const Lang lang = language_in(count, arguments);
    verb_names.clear();
    for (const auto& verb : program.verbs) verb_names.push_back(verb.name);
    plain_words = given_before_parsing("--plain", count, arguments) || !locale_is_utf8();
    for_programs =
        given_before_parsing("--json", count, arguments) || given_before_parsing("--jsonl", count, arguments);
    const auto complain = [&](const Error& error) {
        // A reader that went away needs no message.
        if (!error.what.empty()) std::fprintf(stderr, "%s\n", error_line(error, lang).c_str());
        return error.misuse ? 2 : 1;
    };
    const auto answer = [&](const std::string& text) {
        const auto printed = print_exact(text);
        return printed ? 0 : complain(printed.error());
    };
    if (given_before_parsing("--version", count, arguments)) return answer(tool_name() + "\n");
    CLI::App app(program.about.en, program.name);
    Parser parser;
    parser.add(app, program, {});
    const auto wants_help = [&] {
        const auto it = parser.switches.find("--help");
        return it != parser.switches.end() && it->second;
    };
    auto words = marked(count, arguments);
    const bool asked = help_asked_as_verb(words);
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        if (!wants_help() || (asked && dynamic_cast<const CLI::ExtrasError*>(&error))) {
            if (parser.path.empty()) parser.path = {&program};
            return complain({usage_problem(program, parser.path, error), "", {}, true});
        }
    }
    if (parser.path.empty()) parser.path = {&program};
    const Verb& verb = *parser.path.back();
    if (wants_help() || !verb.run) {
        const auto text = shown(as_called(help(program, parser.path, lang)));
        // Help that was asked for is an answer; help for a missing verb is an error.
        if (wants_help()) return answer(text);
        std::fputs(text.c_str(), stderr);
        return 2;
    }
    if (const auto& named = parser.values["--lang"]; !named.empty() && !is_language(named.back()))
        return complain({{"this language is not spoken here", "cette langue n’est pas parlée ici"},
                         named.back(),
                         {"--lang fr or --lang en", "--lang fr ou --lang en"},
                         true});
    Arguments given;
    given.lang = lang;
    for (auto& [name, values] : parser.values)
        if (!values.empty()) {
            for (auto& value : values)
                if (value.starts_with(kMark) && looks_like_list(value)) value.erase(0, 1);
            given.values_[name] = values;
        }
    for (const auto& [name, on] : parser.switches)
        if (on) given.values_[name] = {"yes"};
    const auto result = verb.run(given);
    return result ? *result : complain(result.error());
}

Status print(std::string_view text) {
    return print_exact(for_programs ? for_json(text) : shown(std::string(text)));
}

Status print_exact(std::string_view text) {
    errno = 0;
    auto written = write_all(STDOUT_FILENO, text, "stdout");
    if (!written && errno == EPIPE) return tl::unexpected(Error{});
    return written;
}

}  // namespace contrechamp::cli
