#include "knowledge/folder.h"

#include <algorithm>
#include <set>

#include "base/files.h"
#include "knowledge/lint.h"

namespace contrechamp {
namespace {

// Sections of the bundle, and the files that feed each.
struct Section {
    const char* name;
    const char* file;  // nullptr: a folder of this name, one item a file
};
constexpr Section kSections[] = {{"groups", "capabilities.yaml"}, {"capabilities", "capabilities.yaml"},
                                 {"classes", "classes.yaml"},     {"checks", "checks.yaml"},
                                 {"reasons", "checks.yaml"},      {"permissions", "browser.yaml"},
                                 {"policies", "browser.yaml"},    {"kinds", "words.yaml"},
                                 {"fields", "words.yaml"},        {"values", "words.yaml"},
                                 {"products", nullptr},           {"rules", nullptr}};

// Puts `item` into the list, in place of one with the same id.
void put(json::Array& list, json::Value item) {
    const char* name = item["id"].is_null() ? "name" : "id";
    for (auto& existing : list) {
        if (existing[name] == item[name]) {
            existing = std::move(item);
            return;
        }
    }
    list.push_back(std::move(item));
}

Result<std::vector<fs::path>> yaml_files(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    if (!fs::exists(folder, error)) return out;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".yaml") out.push_back(entry.path());
    if (error)
        return tl::unexpected(
            system_error({"cannot read the folder", "impossible de lire le dossier"}, folder, error.value()));
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

Result<KnowledgeFolder> read_knowledge_folders(const std::vector<fs::path>& folders,
                                               const json::Value& base) {
    KnowledgeFolder out;
    json::Object document;
    for (const auto& section : kSections) document[section.name] = base[section.name].array_or_empty();
    for (const auto& folder : folders) {
        std::error_code error;
        if (!fs::is_directory(folder, error))
            return fail({"there is no knowledge folder here", "il n’y a pas de dossier de connaissances ici"},
                        folder.string());
        for (const auto& section : kSections) {
            auto& list = *document[section.name].if_array();
            const auto files = section.file ? std::vector<fs::path>{folder / section.file}
                                            : TRY(yaml_files(folder / section.name));
            for (const auto& file : files) {
                if (section.file && !fs::exists(file, error))
                    continue;  // a user's folder may hold products only
                const auto text = read_file(file);
                const auto parsed = text ? parse_yaml(*text, file.string()) : tl::unexpected(text.error());
                if (!parsed) {
                    out.problems.push_back({parsed.error().where, parsed.error().what});
                    continue;
                }
                if (section.file) {
                    std::set<std::string_view> ids;
                    for (const auto& item : (*parsed)[section.name].array_or_empty()) {
                        const auto id = item[item["id"].is_null() ? "name" : "id"].string_or();
                        if (!ids.insert(id).second)
                            out.problems.push_back({file.string() + ": " + std::string(id),
                                                    {"stands twice", "figure deux fois"}});
                        put(list, item);
                    }
                } else {
                    if ((*parsed)["id"].string_or() != file.stem().string())
                        out.problems.push_back(
                            {file.string(),
                             {"its id is not its file name", "son id n’est pas son nom de fichier"}});
                    put(list, *parsed);
                }
            }
        }
    }
    for (const char* section : {"products", "rules"}) {
        auto& list = *document[section].if_array();
        std::stable_sort(list.begin(), list.end(), [](const json::Value& a, const json::Value& b) {
            return a["id"].string_or() < b["id"].string_or();
        });
    }
    out.document = std::move(document);
    lint_knowledge(out.document, out.problems);
    return out;
}

}  // namespace contrechamp
