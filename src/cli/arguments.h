// Verbs and their options, described once: the same description parses the command line, prints help in two
// languages and feeds shell completion. Only arguments.cpp knows the parsing library.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp::cli {

struct Option {
    std::string name;   // "--case", "-o,--output"; without dashes: an argument by position
    std::string value;  // what it takes, for help ("DIR"); empty: a switch
    Text about;
    bool many = false;  // may be given several times, or takes several arguments
    bool required = false;
};

class Arguments {
  public:
    bool has(std::string_view name) const { return values_.contains(name); }
    std::string get(std::string_view name, std::string_view fallback = {}) const;
    std::vector<std::string> all(std::string_view name) const;

    // Filled by parse(); names are the long form, or the position's name.
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    Lang lang = Lang::en;
};

struct Verb {
    std::string name;
    Text about;                // one line
    Text more = {};            // a paragraph, and examples that need words
    std::string example = {};  // one command, the same in every language
    std::vector<Option> options = {};
    std::function<Result<int>(const Arguments&)> run = {};
    std::vector<Verb> verbs = {};  // "case new", "knowledge check"
};

// Options every verb has.
const std::vector<Option>& common_options();

// Parses, runs and returns the exit code: 0 done, 1 failed, 2 usage. Errors go to stderr.
int dispatch(const Verb& program, int count, char** arguments);

std::string help(const Verb& program, const std::vector<const Verb*>& path, Lang lang);

// "contrechamp: what: where: what to do", one line, safe on a terminal.
std::string error_line(const Error& error, Lang lang);

// How the program was called, for commands that a person may type: "contrechamp", or what `run` says.
std::string called();
// A text of ours with its commands as they are to be typed here: "contrechamp scan" may be "./run scan".
std::string as_called(std::string text);

bool locale_is_utf8();

// Text for a person, in ASCII when --plain or the locale asks for it.
std::string shown(std::string text);

// Writes to stdout, as shown() does unless the answer is JSON. A reader that went away is an error without
// words.
Status print(std::string_view text);
// The same for documents and paths, which are not changed.
Status print_exact(std::string_view text);

// How many letters must be added, left out or changed to make one word of the other.
std::size_t letters_apart(std::string_view a, std::string_view b);

}  // namespace contrechamp::cli
