// Inside the search for templates: how a template and its values are shown.
#pragma once

#include <string>
#include <vector>

#include "analyze/coordination/template_align.h"
#include "analyze/coordination/templates.h"

namespace contrechamp::coordination {

// What stands in the slots of one text, as written, without punctuation at its ends; empty: nothing.
std::vector<std::string> slot_values(std::string_view text, std::span<const Token> tokens,
                                     std::span<const Column> columns, const Fitting& fit);

// Fixed parts as most members write them, with the spaces that most put around them.
std::vector<TemplatePart> parts_of(const Ground& ground, const Draft& draft);

}  // namespace contrechamp::coordination
