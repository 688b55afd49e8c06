// contrechamp observations, findings, coverage, exhibits, table: what a case holds, for people and for
// programs.
#include <unistd.h>

#include <algorithm>

#include "analyze/analyzer.h"
#include "base/escape.h"
#include "cli/common.h"
#include "report/model.h"
#include "report/words.h"

namespace contrechamp::cli {
namespace {

Index::Filter filter_of(const Arguments& arguments) {
    return {arguments.get("--kind"), arguments.get("--subject"), arguments.get("--search")};
}

// One line for a person.
Result<std::string> line_of(std::string_view what, const json::Value& item, const std::string& id, Lang lang,
                            const Knowledge* knowledge) {
    std::string out = id.substr(0, 12) + "  ";
    if (what == "observations") {
        out += std::string(item["kind"].string_or()) + "  " +
               std::string(item["subject"]["label"].string_or()) + "  " + json::canonical(item["fields"]);
    } else if (what == "findings") {
        const auto& statement = item["statement"];
        out += (item["lead"].bool_or(false)
                    ? std::string(lang == Lang::fr ? "piste" : "lead")
                    : describe(TRY(strength_from(item["strength"].string_or()))).in(lang)) +
               "  " + std::string(statement[lang == Lang::fr ? "fr" : "en"].string_or());
    } else {
        const auto* check = knowledge ? knowledge->check(item["check"].string_or()) : nullptr;
        const auto* reason = knowledge ? knowledge->reason(item["reason"].string_or()) : nullptr;
        out += describe(TRY(Coverage::from_json(item)).state).in(lang) + "  " +
               (check ? check->name.in(lang) : std::string(item["check"].string_or()));
        if (reason)
            out += (lang == Lang::fr ? "\u00a0: " : ": ") +
                   filled_text(reason->why, item["fields"].object_or_empty(), *knowledge).in(lang);
    }
    return for_terminal(out) + "\n";
}

// A kind that no row can ever be of is a slip, and not an empty answer.
Status check_kind(std::string_view what, const std::string& kind, const Knowledge& knowledge) {
    const auto& rules = knowledge.rules();
    const bool known = what == "observations" ? knowledge.has_kind(kind)
                       : what == "coverage"
                           ? knowledge.check(kind) != nullptr
                           : std::any_of(rules.begin(), rules.end(), [&](const json::Value& rule) {
                                 return rule["id"].string_or() == kind;
                             });
    if (known) return {};
    const Text where = what == "observations" ? Text{"knowledge/words.yaml", "knowledge/words.yaml"}
                       : what == "coverage"   ? Text{"knowledge/checks.yaml", "knowledge/checks.yaml"}
                                              : Text{"knowledge/rules", "knowledge/rules"};
    return misuse({"no kind has this name", "aucun genre ne porte ce nom"}, kind,
                  {"they are named in " + where.en, "ils sont nommés dans " + where.fr});
}

Result<int> list(const Arguments& arguments, std::string_view what) {
    const auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::read));
    const auto index = TRY(index_of(opened, progress_line(arguments, {"deriving", "déduction"})));
    const auto record = last_analysis(opened);
    const auto knowledge = record ? knowledge_of(opened, *record) : tl::unexpected(Error{});
    const auto documents = TRY(index.documents(what, filter_of(arguments)));
    if (documents.empty() && knowledge && arguments.has("--kind"))
        TRY(check_kind(what, arguments.get("--kind"), *knowledge));
    for (const auto& document : documents) {
        auto item = TRY(json::parse(document.json, "index.sqlite"));
        if (arguments.has("--json")) {
            (*item.if_object())["id"] = document.id;
            TRY(print(json::canonical(item) + "\n"));
        } else {
            TRY(print(
                TRY(line_of(what, item, document.id, arguments.lang, knowledge ? &*knowledge : nullptr))));
        }
    }
    return 0;
}

Result<int> run_exhibits(const Arguments& arguments) {
    const auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::read));
    const auto knowledge = TRY(words_for(opened));
    for (const auto& exhibit : opened.exhibits())
        TRY(print(arguments.has("--json")
                      ? json::canonical(exhibit.to_json()) + "\n"
                      : exhibit.sha256.substr(0, 12) + "  " + std::to_string(exhibit.size) + "  " +
                            exhibit.acquired + "  " + for_terminal(exhibit.type) + "  " +
                            for_terminal(origin_of(exhibit, knowledge, arguments.lang)) + "\n"));
    return 0;
}

Result<int> describe_tables(const Arguments& arguments) {
    for (const auto* analyzer : analyzers()) {
        for (const auto& table : analyzer->tables) {
            if (arguments.has("--json") || arguments.has("--jsonl")) {
                json::Array columns;
                for (const auto& column : table.columns)
                    columns.push_back(
                        json::Object{{"name", column.name},
                                     {"type", column.type},
                                     {"unit", column.unit},
                                     {"about", json::Object{{"en", column.en}, {"fr", column.fr}}}});
                TRY(print(
                    json::canonical(json::Object{{"table", table.name},
                                                 {"analyzer", analyzer->name},
                                                 {"about", json::Object{{"en", table.en}, {"fr", table.fr}}},
                                                 {"columns", std::move(columns)}}) +
                    "\n"));
                continue;
            }
            TRY(print(std::string(table.name) + "  (" + std::string(analyzer->name) + ")  " +
                      std::string(arguments.lang == Lang::fr ? table.fr : table.en) + "\n"));
            for (const auto& column : table.columns)
                TRY(print("    " + std::string(column.name) + "  " + std::string(column.type) +
                          (column.unit.empty() ? "" : ", " + std::string(column.unit)) + "  " +
                          std::string(arguments.lang == Lang::fr ? column.fr : column.en) + "\n"));
        }
    }
    if (!arguments.has("--json") && !arguments.has("--jsonl"))
        TRY(print(arguments.lang == Lang::fr
                      ? "\nChaque ligne se termine par exhibit, offset, length : où elle a été lue.\n"
                      : "\nEvery row ends with exhibit, offset, length: where it was read.\n"));
    return 0;
}

// SQLite keeps booleans as numbers; the table's own types are given back.
json::Value typed(const json::Value& cell, std::string_view type) {
    if (type == "boolean" && cell.if_int()) return *cell.if_int() != 0;
    return cell;
}

Result<int> run_table(const Arguments& arguments) {
    if (!arguments.has("NAME")) return describe_tables(arguments);
    const std::string name = arguments.get("NAME");
    const auto* spec = find_table(name);
    if (!spec)
        return fail({"there is no such table", "cette table n’existe pas"}, name,
                    {"`contrechamp table` lists them", "`contrechamp table` les énumère"});
    const auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::read));
    const auto index =
        TRY(index_of(opened, progress_line(arguments, {"deriving", "déduction"}), Index::Depth::rows));
    std::vector<std::pair<std::string, std::string>> columns;
    for (const auto& column : spec->columns) columns.emplace_back(column.name, column.type);
    columns.insert(columns.end(), {{"exhibit", "text"}, {"offset", "integer"}, {"length", "integer"}});
    const bool lines = arguments.has("--jsonl") || arguments.has("--json");
    if (!lines) {
        std::string header;
        for (const auto& [column, type] : columns) header += (header.empty() ? "" : ",") + column;
        TRY(print(header + "\r\n"));
    }
    TRY(index.rows(name, [&](const std::vector<json::Value>& cells) -> Status {
        std::string out;
        if (lines) {
            json::Object row;
            for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i)
                row[columns[i].first] = typed(cells[i], columns[i].second);
            out = json::canonical(row) + "\n";
        } else {
            for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) {
                const auto cell = typed(cells[i], columns[i].second);
                out += (i ? "," : "") + (cell.is_null()     ? ""
                                         : cell.if_string() ? for_csv(*cell.if_string())
                                                            : json::canonical(cell));
            }
            out += "\r\n";
        }
        return print(out);
    }));
    return 0;
}

const std::vector<Option>& listing_options() {
    static const std::vector<Option> options = {
        case_option(),
        json_option(),
        {"--kind",
         "KIND",
         {"only this kind (or all below it: x11 takes x11.records-input)",
          "seulement ce genre (ou ce qui en dépend : x11 prend x11.records-input)"}},
        {"--subject",
         "TEXT",
         {"only subjects whose name or key holds this",
          "seulement les sujets dont le nom ou la clé contient ceci"}},
        {"--search",
         "QUERY",
         {"full-text search (SQLite FTS5 syntax)", "recherche en plein texte (syntaxe SQLite FTS5)"}}};
    return options;
}

Verb listing(const char* name, Text about, const char* example) {
    Verb verb;
    verb.name = name;
    verb.about = std::move(about);
    verb.example = example;
    verb.options = listing_options();
    verb.run = [what = std::string(name)](const Arguments& arguments) { return list(arguments, what); };
    return verb;
}

}  // namespace

Verb observations_verb() {
    return listing("observations",
                   {"list the facts read from the exhibits", "lister les faits lus dans les pièces"},
                   "contrechamp observations --case DIR --kind trust --json | jq .subject.label");
}
Verb findings_verb() {
    return listing("findings", {"list the findings and leads", "lister les constats et les pistes"},
                   "contrechamp findings --case DIR --kind added-authority");
}
Verb coverage_verb() {
    return listing("coverage",
                   {"list what was looked at, what was not, and why",
                    "lister ce qui a été examiné, ce qui ne l’a pas été, et pourquoi"},
                   "contrechamp coverage --case DIR --json | jq 'select(.state == \"unreadable\")'");
}

Verb exhibits_verb() {
    Verb verb;
    verb.name = "exhibits";
    verb.about = {"list a case's exhibits", "lister les pièces d’un dossier"};
    verb.example = "contrechamp exhibits --case DIR";
    verb.options = {case_option(), json_option()};
    verb.run = run_exhibits;
    return verb;
}

Verb table_verb() {
    Verb verb;
    verb.name = "table";
    verb.about = {"print an analyzer's own table; alone, list the tables",
                  "afficher la table d’un analyseur ; seul, énumère les tables"};
    verb.example = "contrechamp table processes --case DIR --csv > processes.csv";
    verb.options = {{"NAME", "", {"the table", "la table"}},
                    case_option(),
                    {"--csv",
                     "",
                     {"comma-separated, safe to open in a spreadsheet (the default)",
                      "séparé par des virgules, sans danger dans un tableur (par défaut)"}},
                    {"--jsonl", "", {"one JSON object a line", "un objet JSON par ligne"}},
                    json_option()};
    verb.run = run_table;
    return verb;
}

}  // namespace contrechamp::cli
