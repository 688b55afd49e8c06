#include "knowledge/knowledge.h"

#include <algorithm>

#include "base/hash.h"
#include "knowledge/certificate_pattern.h"
#include "knowledge/folder.h"

namespace contrechamp {
namespace {

std::vector<std::string> words(const json::Value& list) {
    std::vector<std::string> out;
    for (const auto& item : list.array_or_empty()) out.emplace_back(item.string_or());
    return out;
}

Text text(const json::Value& value) {
    return typeset({std::string(value["en"].string_or()), std::string(value["fr"].string_or())});
}

Confidence confidence(const json::Value& value) {
    const auto word = value.string_or("low");
    return word == "high" ? Confidence::high : word == "medium" ? Confidence::medium : Confidence::low;
}

Indicator read_indicator(const json::Value& row) {
    Indicator out;
    out.type = row["type"].string_or();
    out.value = row["value"].string_or();
    out.match = out.type == "certificate" ? "regex" : row["match"].string_or("exact");
    out.role = row["role"].string_or();
    out.manager = row["manager"].string_or();
    out.browser = row["browser"].string_or();
    out.controller = row["side"].string_or() == "controller";
    out.confidence = confidence(row["confidence"]);
    out.platforms = words(row["platforms"]);
    out.sources = words(row["sources"]);
    return out;
}

Product read_product(const json::Value& item) {
    Product out;
    out.id = item["id"].string_or();
    out.name = item["name"].string_or();
    out.vendor = item["vendor"].string_or();
    out.product_class = item["class"].string_or();
    out.category = item["category"].string_or();
    out.homepage = item["homepage"].string_or();
    out.updated = item["updated"].string_or();
    out.platforms = words(item["platforms"]);
    out.note = text(item["note"]);
    out.innocent = text(item["innocent"]);
    out.dormant = item["dormant"].bool_or(false);
    for (const auto& [id, source] : item["sources"].object_or_empty())
        out.sources[id] = {std::string(source["ref"].string_or()), std::string(source["kind"].string_or()),
                           std::string(source["licence"].string_or()),
                           std::string(source["date"].string_or()), source["unidentified"].bool_or(false)};
    for (const auto& row : item["capabilities"].array_or_empty())
        out.capabilities.push_back({std::string(row["id"].string_or()),
                                    std::string(row["status"].string_or()), confidence(row["confidence"]),
                                    words(row["sources"])});
    for (const auto& row : item["indicators"].array_or_empty()) out.indicators.push_back(read_indicator(row));
    for (const auto& group : item["groups"].array_or_empty())
        out.groups.push_back({words(group["all_of"]), confidence(group["confidence"])});
    return out;
}

std::string folded(std::string_view value) {
    std::string out(value);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// Names that Windows, DNS or the browsers compare without case.
bool folds(std::string_view type, std::string_view value) {
    return type == "domain" || type == "service" || type == "driver" || type == "registry" ||
           type == "extension" ||
           (type == "process" && value.size() > 4 && folded(value).ends_with(".exe")) ||
           (type == "path" && (value.find('\\') != std::string_view::npos));
}

std::string key(std::string_view type, std::string_view value) {
    return std::string(type) + '\x1f' + looked_up_as(type, value);
}

template <class Item>
const Item* find(const std::vector<Item>& list, std::string_view id) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const Item& item) { return item.id == id; });
    return it == list.end() ? nullptr : &*it;
}

}  // namespace

std::string looked_up_as(std::string_view type, std::string_view value) {
    return folds(type, value) ? folded(value) : std::string(value);
}

std::string_view to_string(Confidence value) {
    return value == Confidence::high ? "high" : value == Confidence::medium ? "medium" : "low";
}

bool glob_match(std::string_view pattern, std::string_view text, bool fold) {
    // Backtracks to the last star only, so the time is at most pattern times text.
    const auto same = [&](char a, char b) {
        if (fold && a >= 'A' && a <= 'Z') a = static_cast<char>(a - 'A' + 'a');
        if (fold && b >= 'A' && b <= 'Z') b = static_cast<char>(b - 'A' + 'a');
        return a == b;
    };
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || same(pattern[p], text[t]))) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Result<Knowledge> Knowledge::from_folders(const std::vector<std::filesystem::path>& folders) {
    return from_read(TRY(read_knowledge_folders(folders)), folders);
}

Result<Knowledge> Knowledge::on_top_of(const Knowledge& base,
                                       const std::vector<std::filesystem::path>& folders) {
    return from_read(TRY(read_knowledge_folders(folders, TRY(json::parse(base.bundle(), "knowledge")))),
                     folders);
}

Result<Knowledge> Knowledge::from_read(const KnowledgeFolder& folder,
                                       const std::vector<std::filesystem::path>& folders) {
    if (!folder.problems.empty()) {
        const auto& first = folder.problems.front();
        const std::string more =
            folder.problems.size() > 1 ? " (+" + std::to_string(folder.problems.size() - 1) + ")" : "";
        return fail({first.what.en + more, first.what.fr + more}, first.where,
                    {"run `contrechamp knowledge check DIR` for the whole list",
                     "lancez `contrechamp knowledge check DIR` pour la liste entière"});
    }
    Knowledge out;
    TRY(out.load(folder.document, folders.empty() ? "" : folders.front().string()));
    return out;
}

Result<Knowledge> Knowledge::from_bundle(std::string_view bundle, std::string_view where) {
    const auto document = TRY(json::parse(bundle, where));
    Knowledge out;
    TRY(out.load(document, where));
    return out;
}

Status Knowledge::load(const json::Value& document, std::string_view where) {
    if (!document["capabilities"].if_array() || !document["rules"].if_array())
        return fail({"this is not a knowledge bundle", "ce n’est pas un recueil de connaissances"},
                    std::string(where));
    bundle_ = json::canonical(document);
    sha256_ = sha256_hex(bundle_);
    for (const auto& item : document["groups"].array_or_empty())
        groups_.push_back({std::string(item["id"].string_or()), text(item["name"]),
                           std::string(item["realm"].string_or("computer"))});
    for (const auto& item : document["capabilities"].array_or_empty())
        capabilities_.push_back({std::string(item["id"].string_or()), std::string(item["group"].string_or()),
                                 text(item["name"]), text(item["means"])});
    for (const auto& item : document["classes"].array_or_empty())
        classes_.push_back({std::string(item["id"].string_or()), text(item["name"]), text(item["innocent"]),
                            item["managed"].bool_or(false), text(item["question"])});
    for (const auto& item : document["checks"].array_or_empty())
        checks_.push_back(
            {std::string(item["id"].string_or()), words(item["capabilities"]), text(item["name"])});
    for (const auto& item : document["reasons"].array_or_empty())
        reasons_.push_back({std::string(item["id"].string_or()), text(item["why"]), text(item["many"]),
                            text(item["remedy"])});
    for (const auto& item : document["products"].array_or_empty()) products_.push_back(read_product(item));
    for (auto [section, list] : {std::pair{"permissions", &permissions_}, std::pair{"policies", &policies_}})
        for (const auto& item : document[section].array_or_empty())
            list->push_back({std::string(item["name"].string_or()), item["needs_all_sites"].bool_or(false),
                             words(item["capabilities"])});
    for (auto [section, names] : {std::pair{"kinds", &kind_names_}, std::pair{"fields", &field_names_},
                                  std::pair{"values", &value_names_}})
        for (const auto& item : document[section].array_or_empty())
            names->emplace(item["id"].string_or(), text(item["name"]));
    for (const auto& item : document["permissions"].array_or_empty())
        if (auto words = text(item["words"]); !words.empty())
            value_names_.emplace("permissions/" + std::string(item["name"].string_or()), std::move(words));
    rules_ = document["rules"].array_or_empty();
    build_look_ups();
    return {};
}

void Knowledge::build_look_ups() {
    for (const auto& product : products_) {
        for (const auto& indicator : product.indicators) {
            const Mark mark{&product, &indicator};
            // "/opt/agent/" names a folder and all that is in it.
            const bool folder = indicator.type == "path" &&
                                (indicator.value.ends_with('/') || indicator.value.ends_with('\\'));
            if (indicator.match == "exact" && !folder)
                exact_[key(indicator.type, indicator.value)].push_back(mark);
            else wild_[indicator.type].push_back(mark);
        }
    }
}

const Capability* Knowledge::capability(std::string_view id) const { return find(capabilities_, id); }
const Product* Knowledge::product(std::string_view id) const { return find(products_, id); }
const ProductClass* Knowledge::product_class(std::string_view id) const { return find(classes_, id); }
const Check* Knowledge::check(std::string_view id) const { return find(checks_, id); }
const Reason* Knowledge::reason(std::string_view id) const { return find(reasons_, id); }

Text Knowledge::kind_name(std::string_view id) const {
    const auto it = kind_names_.find(id);
    return it == kind_names_.end() ? Text{std::string(id), std::string(id)} : it->second;
}

Text Knowledge::field_name(std::string_view id) const {
    const auto it = field_names_.find(id);
    return it == field_names_.end() ? Text{std::string(id), std::string(id)} : it->second;
}

bool Knowledge::has_kind(std::string_view id) const {
    return std::any_of(kind_names_.begin(), kind_names_.end(), [&](const auto& entry) {
        return entry.first == id || entry.first.starts_with(std::string(id) + ".");
    });
}

Text Knowledge::value_name(std::string_view field, std::string_view value) const {
    const auto it = value_names_.find(std::string(field) + "/" + std::string(value));
    return it == value_names_.end() ? Text{std::string(value), std::string(value)} : it->second;
}

std::vector<std::string> Knowledge::permission_capabilities(std::string_view permission,
                                                            bool all_sites) const {
    for (const auto& right : permissions_)
        if (right.name == permission && (all_sites || !right.needs_all_sites)) return right.capabilities;
    return {};
}

std::vector<std::string> Knowledge::policy_capabilities(std::string_view policy) const {
    for (const auto& right : policies_)
        if (right.name == policy) return right.capabilities;
    return {};
}

std::vector<Mark> Knowledge::marks(std::string_view type, std::string_view value,
                                   std::string_view qualifier) const {
    std::vector<Mark> out;
    const auto qualified = [&](const Mark& mark) {
        return qualifier.empty() || mark.indicator->manager == qualifier ||
               mark.indicator->browser == qualifier;
    };
    if (const auto it = exact_.find(key(type, value)); it != exact_.end())
        for (const auto& mark : it->second)
            if (qualified(mark)) out.push_back(mark);
    if (const auto it = wild_.find(std::string(type)); it != wild_.end()) {
        const bool fold = folds(type, value);
        for (const auto& mark : it->second) {
            const auto& pattern = mark.indicator->value;
            bool fits = false;
            if (mark.indicator->match == "exact") {
                const std::string path = looked_up_as(type, value), folder = looked_up_as(type, pattern);
                fits = path.starts_with(folder) || path == folder.substr(0, folder.size() - 1);
            } else if (mark.indicator->match == "glob") fits = glob_match(pattern, value, fold);
            else if (mark.indicator->match == "suffix") {
                const std::string name = folded(value), suffix = folded(pattern);
                fits = name == suffix || name.ends_with("." + suffix);
            }
            if (fits && qualified(mark)) out.push_back(mark);
        }
    }
    return out;
}

std::vector<Mark> Knowledge::certificate_marks(std::string_view sha256, const CertificateNames& issuer,
                                               const CertificateNames& subject) const {
    std::vector<Mark> out;
    const auto it = wild_.find("certificate");
    if (it == wild_.end()) return out;
    for (const auto& mark : it->second) {
        const auto pattern = CertificatePattern::parse(mark.indicator->value);
        if (!pattern) continue;
        const auto& names = pattern->issuer ? issuer : subject;
        if (pattern->fits(sha256, names.common_name, names.organisation)) out.push_back(mark);
    }
    return out;
}

}  // namespace contrechamp
