// The HTML report's fixed sentences, by their names in the templates.
#pragma once

#include <span>
#include <utility>

#include "base/text.h"

namespace contrechamp {

std::span<const std::pair<const char*, Text>> report_sentences();

}  // namespace contrechamp
