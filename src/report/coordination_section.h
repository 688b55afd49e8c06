// Accounts that act together, in the report: the network of the case, and for each community what it did in
// plain words, when, by which template, and its posts side by side.
#pragma once

#include "report/sections.h"

namespace contrechamp {

Section coordination_section();

}  // namespace contrechamp
