// The files a person names for `contrechamp coordination`: opened, decompressed, and how each is read.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "analyze/coordination/corpus.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "formats/compressed.h"

namespace contrechamp::cli {

struct NamedInput {
    fs::path path;
    Fd file;                           // open, so that what is analysed is what is added to the case
    MappedFile stored;                 // as it is
    std::optional<MappedFile> inside;  // decompressed
    coordination::Input input;
    std::uint64_t sampled = 0;  // rows of the beginning that were tried, and how many of them would be used
    std::uint64_t usable = 0;
    std::array<std::uint64_t, kPostFields> filled{};  // and in how many of them each field stands
};

// Opens INPUT… and --profiles…, guesses their layouts with --map and --map-profiles, and tries the first rows
// of each.
Result<std::vector<NamedInput>> open_inputs(const Arguments& arguments);

// How a file is read, for a person: one line for the kind, one a field.
std::string describe(const NamedInput& input, Lang lang);

// The same of all, on stderr.
void say_inputs(const std::vector<NamedInput>& inputs, const Arguments& arguments);

// "a,b" → a and b. As many as there are commas, and one: "" is one empty one.
std::vector<std::string> between(const std::string& text, char separator);

// "text=content,time=created_at" → pairs; without "=" the second is empty. Of nothing, none.
std::vector<std::pair<std::string, std::string>> mapped(const std::string& text);

// "4G", "500M": bytes.
Result<std::uint64_t> parse_memory(const std::string& text);

// Accounts listed by a person: one a line in a file, or separated by commas on the command line. Lines that
// begin with # are notes.
Result<std::vector<std::string>> listed_accounts(const std::string& value);

}  // namespace contrechamp::cli
