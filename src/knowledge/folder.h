// Reading a knowledge folder and refusing what breaks its rules (docs/schema/knowledge.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

struct KnowledgeProblem {
    std::string where;  // file, and the row inside it
    Text what;
};

struct KnowledgeFolder {
    json::Value document;  // the bundle's content
    std::vector<KnowledgeProblem> problems;
};

// Reads every YAML file of the folders, later ones adding to and, for the same id, replacing what earlier
// ones say. Fails only when a folder cannot be read; problems inside files are listed. `base`: a bundle's
// content to start from.
Result<KnowledgeFolder> read_knowledge_folders(const std::vector<std::filesystem::path>& folders,
                                               const json::Value& base = {});

// YAML to JSON values. Bounded: 2 million nodes (aliases counted each time), 32 levels.
Result<json::Value> parse_yaml(const std::string& text, const std::string& where);

}  // namespace contrechamp
