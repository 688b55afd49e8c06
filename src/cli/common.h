// What verbs share: opening cases, choosing the knowledge, signing, printing.
#pragma once

#include <functional>
#include <string>

#include "cli/arguments.h"
#include "conclude/derive.h"
#include "evidence/case.h"
#include "knowledge/knowledge.h"

namespace contrechamp::cli {

// How the terminal may be written to.
struct Terminal {
    bool colour = false;
    bool unicode = true;
    int width = 100;
    static Terminal of(const Arguments& arguments, int fd);
    std::string bold(const std::string& text) const { return colour ? "\033[1m" + text + "\033[0m" : text; }
    std::string dim(const std::string& text) const { return colour ? "\033[2m" + text + "\033[0m" : text; }
    std::string red(const std::string& text) const { return colour ? "\033[31;1m" + text + "\033[0m" : text; }
    std::string yellow(const std::string& text) const {
        return colour ? "\033[33m" + text + "\033[0m" : text;
    }
    std::string green(const std::string& text) const { return colour ? "\033[32m" + text + "\033[0m" : text; }
};

const Option& case_option();
const Option& note_option();
const Option& knowledge_option();
const Option& json_option();

// The case folder named by --case; without it the newest dated one in the current folder, which is said on
// stderr. Run by root on somebody else's case, the process becomes that person from here on.
Result<fs::path> case_folder(const Arguments& arguments);
// Opens the case named by --case for writing, or makes one: at --case when nothing is there, else in a new
// dated folder of the current one, whose path is printed on stderr. Root becomes the case's owner, or whoever
// called sudo, first: what needs root's rights must be done before.
Result<Case> open_or_create_case(const Arguments& arguments);

// Our knowledge, with the folders of --knowledge on top.
Result<Knowledge> choose_knowledge(const Arguments& arguments);

// The knowledge a case was analysed with, for its words; ours where it was not.
Result<Knowledge> words_for(const Case& opened);

// Closes a case, signed with the user's key where there is one to be had; says on stderr why not otherwise.
Status close_signed(Case& opened, const Arguments& arguments);

// Prints on stderr unless --quiet; one line that rewrites itself on a terminal, nothing elsewhere.
Progress progress_line(const Arguments& arguments, Text what);
void say(const Arguments& arguments, const Text& text);
// A further line of what was just said, such as a command to type.
void say_also(const Arguments& arguments, const std::string& line);

// Makes Ctrl-C end the process the ordinary way (the case recovers what was cut off) and a closed pipe an
// error value.
void set_up_process();

// One verb a file.
Verb scan_verb();
Verb coordination_verb();
Verb disparity_verb();
Verb case_verb();
Verb add_verb();
Verb analyze_verb();
Verb verify_verb();
Verb observations_verb();
Verb findings_verb();
Verb coverage_verb();
Verb exhibits_verb();
Verb table_verb();
Verb explain_verb();
Verb report_verb();
Verb knowledge_verb();
Verb key_verb();

}  // namespace contrechamp::cli
