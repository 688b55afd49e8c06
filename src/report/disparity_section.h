// Groups of people compared, in the report: what the judgements show and do not show, who was left out, and
// the drawings behind it.
#pragma once

#include "report/sections.h"

namespace contrechamp {

Section disparity_section();

}  // namespace contrechamp
