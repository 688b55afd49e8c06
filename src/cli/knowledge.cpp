// contrechamp knowledge: check, list, show, export; import of other people's lists; the attribution file.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/escape.h"
#include "cli/common.h"
#include "conclude/conclude.h"
#include "knowledge/folder.h"
#include "knowledge/import.h"
#include "report/stix.h"

namespace contrechamp::cli {
namespace {

Result<int> run_check(const Arguments& arguments) {
    const auto names = arguments.all("DIR");
    std::vector<fs::path> folders(names.begin(), names.end());
    std::size_t problems = 0;
    const auto report = [&](const std::string& where, const Text& what) {
        ++problems;
        // What a rule's test got instead takes several lines.
        std::string text = for_terminal(where) + ": ";
        std::istringstream lines(what.in(arguments.lang));
        for (std::string line, between; std::getline(lines, line); between = "\n")
            text += between + for_terminal(line);
        return print(text + "\n");
    };
    // A folder of the user's own stands on top of ours; ours stands alone.
    const auto base = TRY(json::parse(Knowledge::built_in_bundle(), "knowledge"));
    const bool whole = folders.empty() || fs::exists(folders.front() / "capabilities.yaml");
    json::Value document = base;
    if (!folders.empty()) {
        const auto read = TRY(read_knowledge_folders(folders, whole ? json::Value() : base));
        for (const auto& problem : read.problems) TRY(report(problem.where, problem.what));
        document = read.document;
    }
    const auto knowledge = TRY(Knowledge::from_bundle(json::canonical(document), "knowledge"));
    std::vector<Rule> rules;
    for (const auto& value : knowledge.rules()) {
        auto rule = Rule::from_json(value);
        if (rule) rules.push_back(std::move(*rule));
        else TRY(report(rule.error().where, rule.error().what));
    }
    std::size_t tests = 0, indicators = 0;
    for (const auto& rule : rules) {
        tests += rule.tests.size();
        for (const auto& failure : run_rule_tests(rule, rules, knowledge))
            TRY(report(failure.where, failure.what));
    }
    for (const auto& product : knowledge.products()) indicators += product.indicators.size();
    const auto n = [](std::size_t count) { return std::to_string(count); };
    TRY(print(arguments.lang == Lang::fr
                  ? n(knowledge.products().size()) + " produits, " + n(indicators) + " marques, " +
                        n(knowledge.capabilities().size()) + " capacités, " + n(rules.size()) + " règles, " +
                        n(tests) + " essais : " + n(problems) + " défaut(s)\n"
                  : n(knowledge.products().size()) + " products, " + n(indicators) + " indicators, " +
                        n(knowledge.capabilities().size()) + " capabilities, " + n(rules.size()) +
                        " rules, " + n(tests) + " tests: " + n(problems) + " problem(s)\n"));
    return problems ? 1 : 0;
}

Result<int> run_list(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    for (const auto& product : knowledge.products()) {
        if (arguments.has("--json")) {
            TRY(print(json::canonical(json::Object{{"id", product.id},
                                                   {"name", product.name},
                                                   {"vendor", product.vendor},
                                                   {"class", product.product_class},
                                                   {"category", product.category},
                                                   {"indicators", product.indicators.size()}}) +
                      "\n"));
            continue;
        }
        const auto* product_class = knowledge.product_class(product.product_class);
        TRY(print(for_terminal(product.id + "  " + product.name + "  (" + product.vendor + ")  ") +
                  (product_class ? product_class->name.in(arguments.lang) : "") + "\n"));
    }
    return 0;
}

Result<int> run_show(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    const auto document = TRY(json::parse(knowledge.bundle(), "knowledge"));
    for (const auto& product : document["products"].array_or_empty()) {
        if (product["id"].string_or() != arguments.get("ID")) continue;
        TRY(print_exact(for_json(json::pretty(product)) + "\n"));
        return 0;
    }
    return fail({"there is no such product", "ce produit n’existe pas"}, arguments.get("ID"),
                {"`contrechamp knowledge list` names them", "`contrechamp knowledge list` les énumère"});
}

// Who is owed thanks for what: one line a source, by licence.
Result<int> run_attribution(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    std::map<std::string, std::map<std::string, std::set<std::string>>> by_licence;
    for (const auto& product : knowledge.products())
        for (const auto& [id, source] : product.sources)
            by_licence[source.licence][source.ref].insert(product.id);
    std::string out =
        "# Sources of the knowledge in this folder\n\nGenerated by `contrechamp knowledge attribution`; do "
        "not edit. Each source with its licence and the products it speaks of.\n"
        "Facts are cited, no text is copied. CC-BY-4.0 and other licences that ask for attribution are "
        "satisfied by this list.\n";
    for (const auto& [licence, refs] : by_licence) {
        out += "\n## " + licence + "\n\n";
        for (const auto& [ref, products] : refs) {
            out += "- " + for_terminal(ref) + ":";
            for (const auto& product : products) out += " " + product;
            out += "\n";
        }
    }
    TRY(print_exact(out));
    return 0;
}

Result<int> run_bundle(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    TRY(print_exact(knowledge.bundle()));
    return 0;
}

Result<int> run_export(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    const std::string text = json::pretty(stix::bundle_of(knowledge)) + "\n";
    if (arguments.has("--output")) TRY(replace_file(arguments.get("--output"), text));
    else TRY(print_exact(text));
    return 0;
}

Result<int> run_import(const Arguments& arguments) {
    const std::string kind = arguments.get("KIND");
    const fs::path output = arguments.get("--output");
    if (kind != "lolrmm" && kind != "stalkerware")
        return misuse({"unknown kind of list", "genre de liste inconnu"}, kind,
                      {"lolrmm or stalkerware", "lolrmm ou stalkerware"});
    const auto known = TRY(choose_knowledge(arguments));
    const auto imported = TRY(kind == "lolrmm" ? import_lolrmm(arguments.get("PATH"), known)
                                               : import_stalkerware(arguments.get("PATH"), known));
    std::error_code error;
    fs::create_directories(output / "products", error);
    for (const auto& product : imported.products)
        TRY(replace_file(output / "products" / (product.id + ".yaml"), product.yaml));
    for (const auto& refused : imported.refused)
        TRY(print(for_terminal(refused.where) + ": " + refused.what.in(arguments.lang) + "\n"));
    const auto n = [](std::size_t count) { return std::to_string(count); };
    TRY(print(arguments.lang == Lang::fr ? n(imported.products.size()) + " produits écrits, " +
                                               n(imported.refused.size()) + " lignes refusées\n"
                                         : n(imported.products.size()) + " products written, " +
                                               n(imported.refused.size()) + " rows refused\n"));
    return 0;
}

}  // namespace

Verb knowledge_verb() {
    const auto verb = [](const char* name, Text about, const char* example, std::vector<Option> options,
                         Result<int> (*run)(const Arguments&)) {
        Verb out;
        out.name = name;
        out.about = std::move(about);
        out.example = example;
        out.options = std::move(options);
        out.run = run;
        return out;
    };
    Verb out;
    out.name = "knowledge";
    out.about = {"what is known beforehand: products, capabilities, rules",
                 "ce que l’on sait d’avance : produits, capacités, règles"};
    out.example = "contrechamp knowledge show veyon";
    out.verbs = {
        verb("check",
             {"check a knowledge folder and run its rules' tests (alone: the built-in one)",
              "contrôler un dossier de connaissances et passer les essais de ses règles (seul : l’intégré)"},
             "contrechamp knowledge check my-knowledge", {{"DIR", "", {"folders", "dossiers"}, true}},
             run_check),
        verb("list", {"list the products", "lister les produits"},
             "contrechamp knowledge list --json | jq -r .name", {knowledge_option(), json_option()},
             run_list),
        verb("show", {"print one product with its sources", "afficher un produit et ses sources"},
             "contrechamp knowledge show veyon",
             {{"ID", "", {"its id", "son identifiant"}, false, true}, knowledge_option()}, run_show),
        verb("attribution",
             {"print the list of sources and licences", "afficher la liste des sources et licences"},
             "contrechamp knowledge attribution > ATTRIBUTION.md", {knowledge_option()}, run_attribution),
        verb("bundle", {"print everything as one JSON document", "afficher le tout en un document JSON"},
             "contrechamp knowledge bundle | jq .capabilities", {knowledge_option()}, run_bundle),
        verb("export",
             {"export the indicators as STIX 2.1 (for MVT and others)",
              "exporter les marques en STIX 2.1 (pour MVT et d’autres)"},
             "contrechamp knowledge export -o indicators.stix2",
             {knowledge_option(),
              {"-o,--output", "FILE", {"where to (default: print)", "où (par défaut : afficher)"}}},
             run_export),
        verb("import",
             {"turn a public list into a folder for --knowledge",
              "convertir une liste publique en dossier pour --knowledge"},
             "contrechamp knowledge import stalkerware ioc.yaml -o stalkerware",
             {{"KIND",
               "",
               {"lolrmm (a folder of YAML files) or stalkerware (ioc.yaml)",
                "lolrmm (un dossier de fichiers YAML) ou stalkerware (ioc.yaml)"},
               false,
               true},
              {"PATH", "", {"the list", "la liste"}, false, true},
              {"-o,--output", "DIR", {"folder to write", "dossier à écrire"}, false, true}},
             run_import),
    };
    return out;
}

}  // namespace contrechamp::cli
