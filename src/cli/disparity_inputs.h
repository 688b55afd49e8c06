// The files a person names for `contrechamp disparity`: opened, decompressed, checked, and told how they are
// read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/disparity/request.h"
#include "base/files.h"
#include "cli/arguments.h"

namespace contrechamp::cli {

struct JudgedInput {
    disparity::RequestInput asked;  // without its digest
    fs::path path;
    Fd file;                           // open, so that what is analysed is what is added to the case
    MappedFile stored;                 // as it is
    std::optional<MappedFile> inside;  // decompressed
    std::string_view bytes() const { return inside ? inside->bytes() : stored.bytes(); }
};

Result<JudgedInput> open_judged(const std::string& name, std::string role, std::string called,
                                std::string format);

// The question as it was typed: columns, groups, settings; inputs stay empty.
Result<disparity::Request> disparity_request(const Arguments& arguments, disparity::Mode mode);

// Opens the files of that mode, in the request's order.
Result<std::vector<JudgedInput>> open_judged_inputs(const Arguments& arguments, disparity::Mode mode);

// Whether each file can be read as the question needs it, before anything is stored; how, in lines for a
// person. What was guessed, and the names of columns as the tables have them, are put into the question.
Result<std::vector<std::string>> check_judged(std::vector<JudgedInput>& inputs, disparity::Request& request,
                                              const Arguments& arguments);

}  // namespace contrechamp::cli
