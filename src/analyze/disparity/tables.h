// The tables of the disparity analyzer.
#pragma once

#include <span>

#include "evidence/table.h"

namespace contrechamp::disparity {

std::span<const TableSpec> tables();

}  // namespace contrechamp::disparity
