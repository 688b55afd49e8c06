// contrechamp verify: everything that can be checked is checked again, and what differs is named.
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/escape.h"
#include "base/hash.h"
#include "cli/common.h"
#include "evidence/verify.h"
#include "report/words.h"

namespace contrechamp::cli {
namespace {

using State = VerifyItem::State;

void note(VerifyItem& item, Text text, State state) {
    item.details.push_back(std::move(text));
    item.state = std::max(item.state, state);
}

// Rows have no ids: one that is not among the others is named by its number.
void compare_rows(const std::string& table, const std::vector<std::string>& stored,
                  const std::vector<std::string>& fresh, VerifyItem& item) {
    if (stored == fresh) return;
    const auto not_among = [&](const std::vector<std::string>& rows, const std::vector<std::string>& others,
                               const char* en, const char* fr) {
        std::map<std::string, int> left;
        for (const auto& row : others) ++left[row];
        bool any = false;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (left[rows[i]]-- > 0) continue;
            const std::string number = std::to_string(i + 1);
            note(item,
                 {"index.sqlite: table " + table + ", row " + number + " " + en,
                  "index.sqlite : table " + table + ", ligne " + number + " " + fr},
                 State::different);
            any = true;
        }
        return any;
    };
    const bool missing = not_among(fresh, stored, "is missing or was altered", "manque ou a été modifiée");
    const bool added =
        not_among(stored, fresh, "cannot be derived from the exhibits", "ne se déduit pas des pièces");
    if (!missing && !added)
        note(item,
             {"index.sqlite: the rows of table " + table + " are in another order",
              "index.sqlite : les lignes de la table " + table + " sont dans un autre ordre"},
             State::different);
}

void compare_documents(const char* what, const std::vector<Index::Document>& stored,
                       const std::vector<Index::Document>& fresh, VerifyItem& item) {
    if (stored == fresh) return;
    bool named = false;
    const auto name = [&](const std::string& id, const char* en, const char* fr) {
        named = true;
        const std::string head = std::string(what) + " " + for_terminal(id) + " ";
        note(item, {"index.sqlite: " + head + en, "index.sqlite : " + head + fr}, State::different);
    };
    std::map<std::string, const Index::Document*> have, expected;
    for (const auto& document : fresh) expected.emplace(document.id, &document);
    for (const auto& document : stored) {
        const auto it = expected.find(document.id);
        if (it == expected.end())
            name(document.id, "cannot be derived from the exhibits", "ne se déduit pas des pièces");
        else if (!have.emplace(document.id, &document).second)
            name(document.id, "stands there twice", "y figure deux fois");
        else if (document != *it->second) name(document.id, "was altered", "a été modifié");
    }
    for (const auto& document : fresh)
        if (!have.contains(document.id)) name(document.id, "is missing", "manque");
    if (!named)
        note(item,
             {std::string("index.sqlite: ") + what + " are in another order",
              std::string("index.sqlite : ") + what + " dans un autre ordre"},
             State::different);
}

// Compares what the index holds with what is derived now, row by row.
Status compare_index(const Index& index, const Derivation& derivation, VerifyItem& item) {
    // Kept as an index too, so that both have gone through SQLite's types.
    const auto expected = TRY(Index::in_memory(derivation, ""));
    for (const char* what : {"observations", "coverage", "findings"})
        compare_documents(what, TRY(index.documents(what)), TRY(expected.documents(what)), item);
    const auto rows_of = [](const Index& from, std::string_view table) -> Result<std::vector<std::string>> {
        std::vector<std::string> out;
        TRY(from.rows(table, [&](const std::vector<json::Value>& cells) -> Status {
            out.push_back(json::canonical(cells));
            return {};
        }));
        return out;
    };
    for (const auto& table : derivation.tables)
        compare_rows(std::string(table.spec->name), TRY(rows_of(index, table.spec->name)),
                     TRY(rows_of(expected, table.spec->name)), item);
    return {};
}

void check_index(const fs::path& path, const AnalysisRecord& record, const Derivation& derivation,
                 VerifyItem& item) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return;  // it is made again when needed
    const auto index = Index::open(path);
    const auto stamp = index ? index->stamp() : tl::unexpected(index.error());
    if (stamp && *stamp != record.entry_hash)
        return note(item,
                    {"index.sqlite is of another analysis; it is made again when needed",
                     "index.sqlite est d’une autre analyse ; il est refait au besoin"},
                    State::note);
    if (!stamp || !compare_index(*index, derivation, item))
        note(item,
             {"index.sqlite cannot be read; it can be deleted and is made again",
              "index.sqlite est illisible ; on peut le supprimer, il est refait"},
             State::different);
}

VerifyItem check_derivation(const Case& opened, const Progress& progress) {
    VerifyItem item{"derivation", State::ok, {}, {}};
    const auto record = last_analysis(opened);
    if (!record) return {"derivation", State::note, {"never analysed", "jamais analysé"}, {}};
    const auto knowledge = knowledge_of(opened, *record);
    const auto derivation = knowledge ? derive(opened, *knowledge, record->exhibits, progress)
                                      : tl::unexpected(knowledge.error());
    if (!derivation) {
        note(item,
             {derivation.error().what.en + ": " + derivation.error().where,
              derivation.error().what.fr + " : " + derivation.error().where},
             State::different);
    } else {
        const auto now = json::Value(derivation->summary());
        for (const char* part : {"observations", "coverage", "findings", "rows"})
            if (now[part] != record->summary[part])
                note(item,
                     {std::string(part) + ": derived now " + json::canonical(now[part]) + ", the log says " +
                          json::canonical(record->summary[part]),
                      std::string(part) + " : déduit maintenant " + json::canonical(now[part]) +
                          ", le journal dit " + json::canonical(record->summary[part])},
                     State::different);
        check_index(opened.directory() / "index.sqlite", *record, *derivation, item);
        const auto count = [&](const char* part, const Text& one, const Text& many, Lang lang) {
            return counted(static_cast<std::size_t>(now[part]["count"].int_or(0)), one, many, lang);
        };
        const auto observations = [&](Lang lang) {
            return count("observations", {"observation", "observation"}, {"observations", "observations"},
                         lang);
        };
        const auto findings = [&](Lang lang) {
            return count("findings", {"finding or lead", "constat ou piste"},
                         {"findings and leads", "constats et pistes"}, lang);
        };
        item.summary = {
            observations(Lang::en) + ", " + findings(Lang::en) + ", derived again from the exhibits",
            observations(Lang::fr) + ", " + findings(Lang::fr) + ", déduits à nouveau des pièces"};
    }
    if (item.state == State::different && record->tool != tool_name()) {
        // Said, not excused: whoever alters a log can write any version into it.
        item.summary = {"analysed by " + record->tool + ", which derives otherwise than " + tool_name() +
                            ": only that version can repeat it",
                        "analysé par " + record->tool + ", qui déduit autrement que " + tool_name() +
                            " : seule cette version peut le refaire"};
    } else if (item.state == State::different) {
        const auto n = item.details.size();
        item.summary = {std::to_string(n) + (n == 1 ? " difference" : " differences"),
                        std::to_string(n) + (n == 1 ? " différence" : " différences")};
    }
    if (record->knowledge != sha256_hex(Knowledge::built_in_bundle()))
        note(item,
             {"analysed with other knowledge than this program brings (another version, or --knowledge): "
              "exhibit " +
                  record->knowledge,
              "analysé avec d’autres connaissances que celles de ce programme (autre version, ou "
              "--knowledge) : "
              "pièce " +
                  record->knowledge},
             State::note);
    const auto later = opened.exhibits().size() - std::min(opened.exhibits().size(), record->exhibits);
    const auto own = std::count_if(
        opened.exhibits().begin() + static_cast<std::ptrdiff_t>(opened.exhibits().size() - later),
        opened.exhibits().end(), is_kept_knowledge);
    if (later > static_cast<std::size_t>(own))
        note(item,
             {"exhibits were added since the last analysis: run contrechamp analyze",
              "des pièces ont été ajoutées depuis la dernière analyse : lancez contrechamp analyze"},
             State::note);
    return item;
}

// Reports written into the case must still be what was written.
VerifyItem check_reports(const Case& opened) {
    VerifyItem item{"reports", State::ok, {}, {}};
    std::map<std::string, std::vector<std::string>> written;
    for (const auto& entry : opened.log().entries)
        if (entry.action == "report-written")
            written[std::string(entry.body["path"].string_or())].emplace_back(
                entry.body["sha256"].string_or());
    std::size_t present = 0;
    // Every scan logs its report: one that no scan logged was put there, or the log was cut.
    std::error_code ignored;
    if (!written.contains("report.html") && fs::exists(opened.directory() / "report.html", ignored))
        note(item,
             {"report.html: no entry of the log speaks of it",
              "report.html : aucune entrée du journal n’en parle"},
             Case::was_interrupted(opened.directory()) ? State::note : State::different);
    for (const auto& [path, digests] : written) {
        if (path.find('/') != std::string::npos) continue;
        const auto digest = digest_file(opened.directory() / path);
        if (!digest) continue;  // a report may be deleted; it can be written again
        ++present;
        if (digest->sha256 == digests.back()) continue;
        if (std::find(digests.begin(), digests.end(), digest->sha256) != digests.end())
            note(item,
                 {path + " is an earlier report than the last one written",
                  path + " est un rapport antérieur au dernier écrit"},
                 State::note);
        else
            note(item,
                 {path + " is not the report that was written",
                  path + " n’est pas le rapport qui a été écrit"},
                 State::different);
    }
    item.summary = item.state == State::different
                       ? Text{"altered", "modifié"}
                       : Text{std::to_string(present) + " unaltered",
                              counted(present, {"", "intact"}, {"", "intacts"}, Lang::fr)};
    return item;
}

// "chain: ", « chaîne : »; --json keeps the ids.
std::string check_name(const std::string& check, Lang lang) {
    if (lang == Lang::en) return check + ": ";
    static const std::map<std::string, std::string> kFrench = {
        {"bag", "sac"},
        {"manifest", "manifeste"},
        {"tag-manifest", "manifeste des fichiers de service"},
        {"chain", "chaîne"},
        {"exhibits", "pièces"},
        {"signature", "signature"},
        {"timestamps", "horodatages"},
        {"derivation", "déduction"},
        {"reports", "rapports"}};
    const auto it = kFrench.find(check);
    return (it == kFrench.end() ? check : it->second) + "\u00a0: ";
}

Result<int> run(const Arguments& arguments) {
    const auto folder = TRY(case_folder(arguments));
    // Half-way through a writer's work, the log and the manifests do not agree yet.
    TRY(Case::wait_for_writer(folder));
    // Checking changes nothing: what a cut-off run left is judged as it stands.
    if (Case::is_case(folder) && Case::was_interrupted(folder))
        say(arguments,
            {"a run was cut off here; the next one that writes finishes its work",
             "une exécution a été interrompue ici ; la prochaine qui écrira terminera son travail"});
    VerifyOptions options;
    if (arguments.has("--key")) options.key = arguments.get("--key");
    if (arguments.has("--tsa-ca")) options.authorities = arguments.get("--tsa-ca");
    // A slip of the reader's says nothing about the case.
    for (const auto& given : {options.key, options.authorities}) {
        if (!given) continue;
        if (auto read = read_file(*given); !read) {
            read.error().misuse = true;
            return tl::unexpected(read.error());
        }
    }
    auto items = TRY(verify_bytes(folder, options));
    const auto opened = TRY(Case::open(folder, Case::Mode::read));
    items.push_back(
        check_derivation(opened, progress_line(arguments, {"deriving again", "nouvelle déduction"})));
    items.push_back(check_reports(opened));

    const bool different = std::any_of(items.begin(), items.end(),
                                       [](const VerifyItem& item) { return item.state == State::different; });
    const auto terminal = Terminal::of(arguments, STDOUT_FILENO);
    for (const auto& item : items) {
        const char* state = item.state == State::ok ? "ok" : item.state == State::note ? "note" : "different";
        if (arguments.has("--json")) {
            json::Array details;
            for (const auto& detail : item.details) details.push_back(to_json(detail));
            TRY(print(json::canonical(json::Object{{"check", item.check},
                                                   {"state", state},
                                                   {"summary", to_json(item.summary)},
                                                   {"details", std::move(details)}}) +
                      "\n"));
            continue;
        }
        const Text word = item.state == State::ok     ? Text{"ok", "conforme"}
                          : item.state == State::note ? Text{"note", "à noter"}
                                                      : Text{"DIFFERENT", "DIFFÉRENT"};
        std::string shown = word.in(arguments.lang);
        shown.append(11 - std::min<std::size_t>(display_width(shown), 10), ' ');
        shown = item.state == State::ok     ? terminal.green(shown)
                : item.state == State::note ? terminal.yellow(shown)
                                            : terminal.red(shown);
        TRY(print(shown + check_name(item.check, arguments.lang) +
                  for_terminal(item.summary.in(arguments.lang)) + "\n"));
        for (const auto& detail : item.details)
            TRY(print("             " + for_terminal(detail.in(arguments.lang)) + "\n"));
    }
    const bool remarks = std::any_of(items.begin(), items.end(),
                                     [](const VerifyItem& item) { return item.state == State::note; });
    if (!arguments.has("--json"))
        TRY(print(different ? (arguments.lang == Lang::fr ? "Ce dossier diffère de ce qui a été consigné.\n"
                                                          : "This case differs from what was logged.\n")
                            : (arguments.lang == Lang::fr ? "Tout ce qui a été contrôlé est conforme.\n"
                                                          : "Everything checked is as it was logged.\n")));
    if (!arguments.has("--json") && !different && remarks)
        TRY(print(arguments.lang == Lang::fr ? "Les remarques ci-dessus disent ce que cela ne prouve pas.\n"
                                             : "The notes above say what this does not prove.\n"));
    return different ? 1 : 0;
}

}  // namespace

Verb verify_verb() {
    Verb verb;
    verb.name = "verify";
    verb.about = {
        "check a case: bytes, chain, signature, timestamps, and every observation and finding again",
        "contrôler un dossier : octets, chaîne, signature, horodatages, et à nouveau chaque observation et "
        "constat"};
    verb.more = {
        "Exit code 1 and an exact list when anything differs. docs/verify-without-us.md does the same "
        "without this program.",
        "Code de sortie 1 et liste exacte si quoi que ce soit diffère. docs/verify-without-us.md fait de "
        "même sans ce programme."};
    verb.example = "contrechamp verify --case DIR --key author.pub --tsa-ca authority.pem";
    verb.options = {case_option(),
                    json_option(),
                    {"--key",
                     "FILE",
                     {"public key got from the case's author: the signature must be by it",
                      "clé publique reçue de l’auteur du dossier : la signature doit être de celle-ci"}},
                    {"--tsa-ca",
                     "FILE",
                     {"root certificates of the timestamping authority (PEM)",
                      "certificats racine de l’autorité d’horodatage (PEM)"}}};
    verb.run = run;
    return verb;
}

}  // namespace contrechamp::cli
