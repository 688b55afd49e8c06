// What may be kept of what is read. Everything personal is dropped here, before it can reach an exhibit: an
// exhibit holds names of programs, of options and of environment variables, never arguments, values or a
// person's file names.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formats/endpoint.h"

namespace contrechamp::linux_machine {

// Folders whose content comes from packages or administrators, not from a person.
bool is_system_path(std::string_view path);

// Programs that run other people's scripts (python3.11, bash, node …).
bool is_interpreter(std::string_view exe_path);

struct ReducedCommand {
    std::vector<std::string> options;   // "--display", "-f": names only; a short option keeps one letter
    std::vector<std::string> literals;  // arguments that are exactly one of allowed_literals()
    std::string script;                 // for an interpreter: its script, when on a system path
    bool script_hidden = false;         // it has a script elsewhere, whose name is not kept
};
// `arguments` without the program's own name. `working_directory` resolves a relative script; may be empty.
ReducedCommand reduce_command(std::string_view exe, const std::vector<std::string>& arguments,
                              std::string_view working_directory);

// Arguments that say what a program does and can be nothing personal: capture back ends and modes, such as
// x11grab.
const std::set<std::string_view>& allowed_literals();
// Environment variables whose presence matters. Values are never kept.
const std::set<std::string_view>& allowed_environment();

// Addresses: reduce_url() of formats/endpoint.h.

// The program of a command line as systemd, cron, udev and desktop files write it: first word, quotes and
// systemd's prefixes (-@:+!) removed, "env" and variable assignments skipped. Empty when there is none.
struct CommandLine {
    std::string program;
    std::vector<std::string> arguments;
};
CommandLine split_command(std::string_view text);

}  // namespace contrechamp::linux_machine
