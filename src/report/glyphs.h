// Small SVG signs, drawn here so that the report needs no outside file. They never carry meaning alone: a
// word stands beside each, and a title inside.
#pragma once

#include <string>

#include "report/model.h"

namespace contrechamp {

// A disc filled by strength; dashed when the capability is documented but was not seen.
std::string strength_glyph(Strength strength, bool seen, bool in_line = false);
std::string verdict_glyph(const GroupView& group);

}  // namespace contrechamp
