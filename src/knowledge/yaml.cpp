#include <charconv>

#include <yaml-cpp/yaml.h>

#include "base/escape.h"
#include "knowledge/folder.h"

namespace contrechamp {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 2'000'000;  // an alias inside an alias inside … must not fill the memory

json::Value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;  // quoted: always text
    if (text == "true") return true;
    if (text == "false") return false;
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc() && end == text.data() + text.size() && std::to_string(integer) == text)
        return integer;
    return text;
}

Result<json::Value> convert(const YAML::Node& node, int depth, int& budget, const std::string& where) {
    if (depth > kMaxDepth || --budget < 0)
        return fail({"the file is nested too deeply or refers to itself",
                     "le fichier est trop imbriqué ou se cite lui-même"},
                    where);
    // Escapes and guessed encodings may come to what is no character.
    const auto text = [&](const YAML::Node& word) { return is_valid_utf8(word.Scalar()); };
    const auto not_text = [&](const YAML::Node& word) {
        return fail({"this is not UTF-8 text", "ce n’est pas du texte UTF-8"},
                    where + ":" + std::to_string(word.Mark().line + 1));
    };
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            if (!text(node)) return not_text(node);
            return scalar(node);
        case YAML::NodeType::Sequence: {
            json::Array out;
            for (const auto& item : node) out.push_back(TRY(convert(item, depth + 1, budget, where)));
            return json::Value(std::move(out));
        }
        case YAML::NodeType::Map: {
            json::Object out;
            for (const auto& item : node) {
                if (!item.first.IsScalar())
                    return fail({"a key is not a word", "une clé n’est pas un mot"},
                                where + ":" + std::to_string(item.first.Mark().line + 1));
                if (!text(item.first)) return not_text(item.first);
                if (!out.emplace(item.first.Scalar(), TRY(convert(item.second, depth + 1, budget, where)))
                         .second)
                    return fail({"the key “" + item.first.Scalar() + "” stands twice",
                                 "la clé « " + item.first.Scalar() + " » figure deux fois"},
                                where + ":" + std::to_string(item.first.Mark().line + 1));
            }
            return json::Value(std::move(out));
        }
        default: return json::Value();
    }
}

}  // namespace

Result<json::Value> parse_yaml(const std::string& text, const std::string& where) {
    // yaml-cpp makes bytes of its own of what is no text.
    if (!is_valid_utf8(text)) return fail({"this is not UTF-8 text", "ce n’est pas du texte UTF-8"}, where);
    try {
        int budget = kMaxNodes;
        return convert(YAML::Load(text), 0, budget, where);
    } catch (const YAML::Exception& problem) {
        return fail({"this is not valid YAML (" + problem.msg + ")",
                     "ce n’est pas du YAML valide (" + problem.msg + ")"},
                    where + ":" + std::to_string(problem.mark.line + 1));
    }
}

}  // namespace contrechamp
