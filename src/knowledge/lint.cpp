#include "knowledge/lint.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "base/time.h"
#include "knowledge/certificate_pattern.h"
#include "knowledge/knowledge.h"

namespace contrechamp {
namespace {

using Words = std::set<std::string_view>;
const Words kRealms = {"computer", "posts", "judgements"};
const Words kClasses = {"monitoring",   "remote-control", "dlp",       "edr",      "mdm",   "inspection",
                        "self-tracker", "assistive",      "user-tool", "recorder", "system"};
const Words kPlatforms = {"linux",  "windows", "macos",   "android", "ios",
                          "chrome", "edge",    "firefox", "saas",    "appliance"};
const Words kConfidences = {"high", "medium", "low"};
const Words kStatuses = {"documented", "optional-add-on", "vendor-denied"};
const Words kSourceKinds = {
    "vendor-doc", "package-manifest",     "official-registry", "ioc-list", "upstream-source", "vendor-script",
    "press",      "third-party-analysis", "community-code",    "issue",    "own-observation"};
const Words kTypes = {"process",  "path",         "package",   "unit",       "autostart",    "dbus",
                      "port",     "service",      "domain",    "extension",  "native-host",  "certificate",
                      "driver",   "altitude",     "launchd",   "bundle-id",  "team-id",      "publisher",
                      "registry", "upgrade-code", "uninstall", "url-scheme", "kernel-module"};
const Words kRoles = {"agent-endpoint", "download", "vendor-site", "self-hosted"};
const Words kManagers = {"dpkg", "rpm", "flatpak", "snap", "android", "macos", "winget"};
const Words kBrowsers = {"chromium", "firefox"};
const Words kMatches = {"exact", "suffix", "glob", "regex"};
constexpr std::size_t kFewestGlobCharacters = 4;

class Linter {
  public:
    Linter(const json::Value& document, std::vector<KnowledgeProblem>& problems)
        : document_(document), problems_(problems) {}

    void run() {
        for (const auto& item : document_["groups"].array_or_empty()) {
            at_ = "capabilities.yaml: group " + std::string(item["id"].string_or());
            need_id(item);
            need_text(item, "name");
            if (!item["realm"].is_null()) one_of(item["realm"], kRealms, "realm");
            groups_.emplace(item["id"].string_or());
        }
        for (const auto& item : document_["capabilities"].array_or_empty()) capability(item);
        for (const auto& item : document_["classes"].array_or_empty()) {
            at_ = "classes.yaml: " + std::string(item["id"].string_or());
            one_of(item["id"], kClasses, "id");
            need_text(item, "name");
            need_text(item, "innocent");
            optional_text(item, "question");
        }
        for (const char* section : {"permissions", "policies"}) {
            for (const auto& item : document_[section].array_or_empty()) {
                at_ = "browser.yaml: " + std::string(item["name"].string_or());
                if (item["name"].string_or().empty()) problem_with("name", "missing", "manque");
                optional_text(item, "words");
                known_capabilities(item["capabilities"]);
            }
        }
        for (const char* section : {"kinds", "fields", "values"}) {
            for (const auto& item : document_[section].array_or_empty()) {
                at_ = "words.yaml: " + std::string(item["id"].string_or());
                need_text(item, "name");
            }
        }
        for (const auto& item : document_["checks"].array_or_empty()) {
            at_ = "checks.yaml: check " + std::string(item["id"].string_or());
            need_text(item, "name");
            known_capabilities(item["capabilities"]);
        }
        for (const auto& item : document_["reasons"].array_or_empty()) {
            at_ = "checks.yaml: reason " + std::string(item["id"].string_or());
            need_text(item, "why");
            optional_text(item, "many");
            optional_text(item, "remedy");
        }
        for (const auto& item : document_["products"].array_or_empty()) product(item);
        for (const auto& item : document_["rules"].array_or_empty()) rule(item);
    }

  private:
    void problem(Text what) { problems_.push_back({at_, std::move(what)}); }
    void problem_with(std::string_view name, const char* en, const char* fr) {
        problem({std::string(name) + ": " + en, std::string(name) + " : " + fr});
    }

    void need_id(const json::Value& item) {
        const auto id = item["id"].string_or();
        if (id.empty() ||
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos)
            problem_with("id", "missing, or not of [a-z0-9-]", "manque, ou n’est pas fait de [a-z0-9-]");
    }

    void need_text(const json::Value& item, const char* name) {
        if (item[name]["en"].string_or().empty() || item[name]["fr"].string_or().empty())
            problem_with(name, "must be there in English and in French",
                         "doit exister en anglais et en français");
    }

    void optional_text(const json::Value& item, const char* name) {
        if (!item[name].is_null()) need_text(item, name);
    }

    void one_of(const json::Value& value, const Words& words, std::string_view name) {
        if (!words.contains(value.string_or()))
            problem_with(std::string(name) + " “" + std::string(value.string_or()) + "”",
                         "is not one of the allowed words", "n’est pas un des mots admis");
    }

    void known_capabilities(const json::Value& list) {
        for (const auto& id : list.array_or_empty())
            if (!capabilities_.contains(id.string_or()))
                problem_with(id.string_or("?"), "unknown capability", "capacité inconnue");
    }

    void capability(const json::Value& item) {
        at_ = "capabilities.yaml: " + std::string(item["id"].string_or());
        need_id(item);
        need_text(item, "name");
        need_text(item, "means");
        if (!groups_.contains(item["group"].string_or())) problem_with("group", "unknown", "inconnu");
        if (!capabilities_.emplace(item["id"].string_or()).second)
            problem_with("id", "stands twice", "figure deux fois");
    }

    void source(std::string_view id, const json::Value& item) {
        const std::string keep = at_;
        at_ += ": source " + std::string(id);
        for (const char* field : {"ref", "licence", "date"})
            if (item[field].string_or().empty()) problem_with(field, "missing", "manque");
        one_of(item["kind"], kSourceKinds, "kind");
        if (!from_rfc3339(std::string(item["date"].string_or()) + "T00:00:00Z"))
            problem_with("date", "not a date (2026-11-23)", "pas une date (2026-11-23)");
        at_ = keep;
    }

    // Sources and confidence, for indicators and capabilities alike.
    void sourced(const json::Value& item, const json::Object& sources) {
        const auto& cited = item["sources"].array_or_empty();
        if (cited.empty())
            problem_with("sources", "none: every row needs one", "aucune : chaque ligne en exige une");
        bool identified = false;
        for (const auto& id : cited) {
            const auto it = sources.find(id.string_or());
            if (it == sources.end()) problem_with(id.string_or("?"), "unknown source", "source inconnue");
            else identified |= !it->second["unidentified"].bool_or(false);
        }
        one_of(item["confidence"], kConfidences, "confidence");
        if (!cited.empty() && !identified && item["confidence"].string_or() != "low")
            problem_with("confidence", "must be low: no identified source",
                         "doit être low : aucune source identifiée");
    }

    void product(const json::Value& item) {
        const std::string id(item["id"].string_or());
        at_ = "products/" + id + ".yaml";
        need_id(item);
        for (const char* field : {"name", "vendor", "category", "updated"})
            if (item[field].string_or().empty()) problem_with(field, "missing", "manque");
        if (!from_rfc3339(std::string(item["updated"].string_or()) + "T00:00:00Z"))
            problem_with("updated", "not a date (2026-11-23)", "pas une date (2026-11-23)");
        one_of(item["class"], kClasses, "class");
        for (const auto& platform : item["platforms"].array_or_empty())
            one_of(platform, kPlatforms, "platform");
        optional_text(item, "note");
        optional_text(item, "innocent");
        const auto& sources = item["sources"].object_or_empty();
        for (const auto& [source_id, value] : sources) source(source_id, value);
        for (const auto& capability : item["capabilities"].array_or_empty()) {
            at_ = "products/" + id + ".yaml: capability " + std::string(capability["id"].string_or());
            if (!capabilities_.contains(capability["id"].string_or()))
                problem_with("id", "unknown capability", "capacité inconnue");
            one_of(capability["status"], kStatuses, "status");
            sourced(capability, sources);
        }
        std::set<std::string> marks;
        for (const auto& row : item["indicators"].array_or_empty()) {
            const auto type = row["type"].string_or();
            const std::string value(row["value"].string_or());
            at_ = "products/" + id + ".yaml: " + std::string(type) + " " + value;
            indicator(row, type, value);
            sourced(row, sources);
            marks.insert(std::string(type) + ":" + value);
            std::string key = std::string(type) + "|" + looked_up_as(type, value) + "|" +
                              std::string(row["manager"].string_or()) +
                              std::string(row["browser"].string_or()) + "|" +
                              json::canonical(row["platforms"]);
            const bool shared = row["shared"].bool_or(false);
            const auto [it, fresh] = rows_.emplace(std::move(key), Row{at_, id, shared});
            if (!fresh && (it->second.product == id || (!shared && !it->second.shared)))
                problem_with("duplicate", ("the same row stands at " + it->second.where).c_str(),
                             ("la même ligne figure à " + it->second.where).c_str());
        }
        for (const auto& group : item["groups"].array_or_empty()) {
            at_ = "products/" + id + ".yaml: group";
            if (group["all_of"].array_or_empty().size() < 2)
                problem_with("all_of", "needs two marks", "demande deux marques");
            for (const auto& mark : group["all_of"].array_or_empty())
                if (!marks.contains(std::string(mark.string_or())))
                    problem_with(mark.string_or("?"), "is no indicator of this product",
                                 "n’est pas une marque de ce produit");
            sourced(group, sources);
        }
    }

    void indicator(const json::Value& row, std::string_view type, const std::string& value) {
        one_of(row["type"], kTypes, "type");
        if (value.empty()) problem_with("value", "missing", "manque");
        const auto match = row["match"].string_or("exact");
        one_of(json::Value(match), kMatches, "match");
        for (const auto& platform : row["platforms"].array_or_empty())
            one_of(platform, kPlatforms, "platform");
        if (type == "domain") one_of(row["role"], kRoles, "role");
        if (type == "package") one_of(row["manager"], kManagers, "manager");
        if (type == "extension") one_of(row["browser"], kBrowsers, "browser");
        if (!row["side"].is_null()) one_of(row["side"], {"agent", "controller"}, "side");
        if (type == "certificate" && !CertificatePattern::parse(value))
            problem_with("value", "not “sha256 HEX” nor “issuer|subject CN ~ REGEX; O ~ REGEX”",
                         "ni « sha256 HEX » ni « issuer|subject CN ~ REGEX; O ~ REGEX »");
        if (type != "certificate" && match == "regex")
            problem_with("match", "regex is for certificates", "regex est réservé aux certificats");
        if (match == "glob") {
            const auto literal = std::count_if(value.begin(), value.end(), [](char c) {
                return std::string_view("*?\\/.:~%").find(c) == std::string_view::npos;
            });
            if (static_cast<std::size_t>(literal) < kFewestGlobCharacters)
                problem_with("value", "the pattern fits almost anything", "le motif convient à presque tout");
        }
        if (type == "process" && value.find_first_of("/\\") != std::string::npos)
            problem_with("value", "a process is a file name without a folder (use path)",
                         "un processus est un nom de fichier sans dossier (utilisez path)");
    }

    void rule(const json::Value& item) {
        at_ = "rules/" + std::string(item["id"].string_or()) + ".yaml";
        need_id(item);
        if (!item["silent"].bool_or(false)) {
            need_text(item, "title");
            need_text(item, "statement");
            need_text(item, "question");
            for (const char* name : {"lead_title", "lead_statement"}) {
                optional_text(item, name);
                if (!item[name].is_null() && item["lead"].is_null())
                    problem_with(name, "the rule has no lead to say it of",
                                 "la règle n’a pas de piste dont le dire");
            }
            const auto& reasons = item["innocent"].array_or_empty();
            if (reasons.empty())
                problem_with("innocent", "a rule needs at least one innocent explanation",
                             "une règle exige au moins une explication innocente");
            for (const auto& reason : reasons)
                if (reason["en"].string_or().empty() || reason["fr"].string_or().empty())
                    problem_with("innocent", "must be there in English and in French",
                                 "doit exister en anglais et en français");
        }
        if (item["tests"].array_or_empty().empty())
            problem_with("tests", "a rule needs a test", "une règle exige un test");
        known_capabilities(item["capabilities"]);
    }

    struct Row {
        std::string where, product;
        bool shared = false;
    };
    const json::Value& document_;
    std::vector<KnowledgeProblem>& problems_;
    std::string at_;
    std::set<std::string, std::less<>> groups_, capabilities_;
    std::map<std::string, Row> rows_;
};

}  // namespace

void lint_knowledge(const json::Value& document, std::vector<KnowledgeProblem>& problems) {
    Linter(document, problems).run();
}

}  // namespace contrechamp
