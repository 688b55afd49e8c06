// The coordination analyzer's tables. Their columns are part of the contract (docs/schema/tables.md).
#pragma once

#include <span>

#include "evidence/table.h"

namespace contrechamp::coordination {

std::span<const TableSpec> tables();

}  // namespace contrechamp::coordination
