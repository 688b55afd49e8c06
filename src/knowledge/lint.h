// The rules of docs/schema/knowledge.md, checked one by one.
#pragma once

#include <vector>

#include "knowledge/folder.h"

namespace contrechamp {

// Adds every breach found in a bundle's content to `problems`.
void lint_knowledge(const json::Value& document, std::vector<KnowledgeProblem>& problems);

}  // namespace contrechamp
