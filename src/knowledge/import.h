// Other people's lists as product files of ours: LOLRMM (one YAML a tool, Apache-2.0) and
// stalkerware-indicators (ioc.yaml, CC-BY-4.0). Formats as read on 2026-11-23 at magicsword-io/LOLRMM
// 0f9b5643 and AssoEchap/stalkerware-indicators b7c0b3a1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "knowledge/folder.h"
#include "knowledge/knowledge.h"

namespace contrechamp {

struct Imported {
    struct ProductFile {
        std::string id, yaml;
    };
    std::vector<ProductFile> products;
    // Rows that fit almost anything, forms we do not have, products we know already: each with its reason.
    std::vector<KnowledgeProblem> refused;
};

// `path`: a folder of LOLRMM's YAML files, or one of them. Products that `known` has by name are left out:
// curated rows weigh more than imported ones.
Result<Imported> import_lolrmm(const std::filesystem::path& path, const Knowledge& known);
// `path`: ioc.yaml.
Result<Imported> import_stalkerware(const std::filesystem::path& path, const Knowledge& known);

}  // namespace contrechamp
