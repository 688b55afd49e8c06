// contrechamp coordination: which accounts of an export of posts act together.
#include <unistd.h>

#include <algorithm>

#include "analyze/coordination/network.h"
#include "analyze/coordination/request.h"
#include "base/escape.h"
#include "cli/common.h"
#include "cli/coordination_engine.h"
#include "cli/coordination_network.h"
#include "cli/coordination_shards.h"
#include "formats/recognise.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/terminal.h"

namespace contrechamp::cli {
namespace {

using coordination::Request;

// Options that one way of working knows and the others would pass over in silence.
struct Way {
    const char* name;  // the option that chooses it; empty: a case
    std::vector<std::string_view> knows;
};
const std::vector<Way>& ways() {
    static const std::vector<Way> kWays = {
        {"--plan", {"--map", "--window", "--min", "--dialect", "--time-as", "--shards"}},
        {"--compat", {"--map", "--show-map", "--window", "--min", "--edges"}},
        {"--merge", {"--edges"}},
        {"--edges",
         {"--profiles", "--map", "--map-profiles", "--show-map", "--window", "--min", "--evidence", "--layer",
          "--all-pairs", "--no-chance", "--memory", "--timings"}},
        {"--shard",
         {"--run", "--map", "--show-map", "--window", "--min", "--layer", "--all-pairs", "--memory"}},
        {"",
         {"--profiles", "--map", "--map-profiles", "--show-map", "--window", "--min", "--fdr", "--null",
          "--public", "--ordinary", "--disclosed", "--gexf", "--graphml", "--case", "--note", "--knowledge",
          "--json"}}};
    return kWays;
}

const Way& way_of(const Arguments& arguments) {
    return *std::find_if(ways().begin(), ways().end(),
                         [&](const Way& way) { return !*way.name || arguments.has(way.name); });
}

Status check_options(const Arguments& arguments) {
    const auto& way = way_of(arguments);
    const auto knows = [](const Way& which, std::string_view option) {
        return option == which.name ||
               std::find(which.knows.begin(), which.knows.end(), option) != which.knows.end();
    };
    for (const auto& [option, values] : arguments.values_) {
        const bool ours =
            std::any_of(ways().begin(), ways().end(), [&](const Way& which) { return knows(which, option); });
        if (!ours || knows(way, option)) continue;
        if (*way.name)
            return misuse({"this option means nothing with " + std::string(way.name),
                           "cette option ne veut rien dire avec " + std::string(way.name)},
                          option);
        const auto needs = std::find_if(ways().begin(), ways().end(),
                                        [&](const Way& which) { return knows(which, option); });
        return misuse({"this option goes with " + std::string(needs->name),
                       "cette option va avec " + std::string(needs->name)},
                      option);
    }
    return {};
}

Result<double> alpha_of(const Arguments& arguments) {
    const auto text = arguments.get("--fdr", "0.01");
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !(value >= 0.001 && value <= 0.5))
        return misuse({"this is no false-discovery rate", "ceci n’est pas un taux de fausses découvertes"},
                      text, {"write 0.001 to 0.5", "écrivez de 0.001 à 0.5"});
    return value;
}

Result<Request> request_of(const Arguments& arguments) {
    Request out;
    out.windows = TRY(windows_of(arguments, "60s,1h"));
    out.fewest_objects = TRY(fewest_objects_of(arguments));
    out.alpha = TRY(alpha_of(arguments));
    const auto null = arguments.get("--null", "shift");
    if (null != "shift" && null != "bicm")
        return misuse({"no such null model", "ce modèle nul n’existe pas"}, null,
                      {"write shift or bicm", "écrivez shift ou bicm"});
    out.null = null == "bicm" ? coordination::Null::bicm : coordination::Null::shift;
    out.of_public_interest = TRY(listed_accounts(arguments.get("--public")));
    out.ordinary = TRY(listed_accounts(arguments.get("--ordinary")));
    out.disclosed = TRY(listed_accounts(arguments.get("--disclosed")));
    return out;
}

// The files, then the question that names them, as exhibits.
Status store(Case& opened, const std::vector<NamedInput>& named, Request request,
             const Arguments& arguments) {
    for (const auto& one : named) {
        std::error_code ignored;
        Exhibit about;
        about.origin = to_valid_utf8(fs::absolute(one.path, ignored).string());
        about.collector = "coordination";
        about.note = arguments.get("--note");
        const auto exhibit = TRY(opened.add_opened(one.file, one.path, std::move(about), recognise));
        request.inputs.push_back({exhibit.sha256, one.input.kind == PostKind::profiles ? "profiles" : "posts",
                                  to_valid_utf8(one.path.filename().string()), one.input.layout});
    }
    const auto bytes = request.to_bytes();
    Exhibit about;
    about.type = recognise(bytes);
    about.origin = "contrechamp coordination";
    about.collector = "coordination";
    about.note = arguments.get("--note");
    TRY(opened.add_bytes(bytes, std::move(about)));
    return {};
}

Status show(const Case& opened, const ReportModel& model, const Knowledge& knowledge,
            const Arguments& arguments) {
    if (arguments.has("--json")) return print(json::canonical(report_json(model)) + "\n");
    const auto terminal = Terminal::of(arguments, STDOUT_FILENO);
    const fs::path folder = opened.directory();
    const std::string where = for_terminal(folder.string());
    TRY(print(terminal_summary(model, knowledge,
                               {terminal.colour, terminal.unicode, terminal.width, arguments.lang, called(),
                                " --case " + for_terminal(for_shell(folder.string())),
                                for_terminal(for_shell((folder / "report.html").string()))})));
    return print(arguments.lang == Lang::fr ? french("\nDossier d’enquête : ") + where +
                                                  french("\nRapport :           ") + where + "/report.html\n"
                                            : "\nCase:   " + where + "\nReport: " + where + "/report.html\n");
}

// How many of the accounts that somebody listed are in the posts: a list of other names would go unnoticed.
Status say_listed(const Index& index, const Request& request, const Arguments& arguments) {
    const auto present = TRY(accounts_in(index));
    const std::pair<const char*, const std::vector<std::string>*> kLists[] = {
        {"--public", &request.of_public_interest},
        {"--ordinary", &request.ordinary},
        {"--disclosed", &request.disclosed}};
    for (const auto& [option, list] : kLists) {
        if (list->empty()) continue;
        const auto found = static_cast<std::size_t>(std::count_if(
            list->begin(), list->end(), [&](const std::string& name) { return present.contains(name); }));
        const auto of = std::to_string(found) + "/" + std::to_string(list->size());
        const std::string name(option);
        if (found == 0)
            say(arguments, {name + ": none of the " + std::to_string(list->size()) +
                                " listed accounts is in the posts (ids and handles count)",
                            name + " : aucun des " + std::to_string(list->size()) +
                                " comptes listés n’est dans les messages (identifiants et noms comptent)"});
        else
            say(arguments, {name + ": " + of + " listed accounts are in the posts",
                            name + " : " + of + " comptes listés sont dans les messages"});
    }
    return {};
}

Result<int> run(const Arguments& arguments) {
    TRY(check_options(arguments));
    if (arguments.has("--plan")) return run_plan(arguments);
    if (arguments.has("--show-map")) {
        for (const auto& one : TRY(open_inputs(arguments))) TRY(print(describe(one, arguments.lang)));
        return 0;
    }
    if (arguments.has("--compat")) return run_compat(arguments);
    if (arguments.has("--merge")) return run_merge(arguments);
    if (arguments.has("--shard") || arguments.has("--run")) return run_shard(arguments);
    if (arguments.has("--edges")) return run_edges(arguments);
    const auto request = TRY(request_of(arguments));
    TRY(check_networks(arguments));
    const auto named = TRY(open_inputs(arguments));
    say_inputs(named, arguments);
    const auto knowledge = TRY(choose_knowledge(arguments));
    auto opened = TRY(open_or_create_case(arguments));
    TRY(store(opened, named, request, arguments));
    TRY(analyze_case(opened, knowledge, progress_line(arguments, {"analysing", "analyse"})));
    const auto index = TRY(index_of(opened));
    const auto model = TRY(build_report(opened, index, knowledge));
    TRY(write_report(opened, "report.html", report_html(model, knowledge, arguments.lang)));
    TRY(close_signed(opened, arguments));
    TRY(say_listed(index, request, arguments));
    TRY(write_networks(index, arguments));
    TRY(show(opened, model, knowledge, arguments));
    return 0;
}

}  // namespace

Verb coordination_verb() {
    Verb verb;
    verb.name = "coordination";
    verb.about = {"find accounts that act together in an export of posts",
                  "trouver les comptes qui agissent ensemble dans un export de messages"};
    verb.more = {
        "Reads CSV, TSV, JSON lines and JSON arrays (X/Twitter, Mastodon, Bluesky, Reddit, CrowdTangle, "
        "CooRTweet and "
        "others), also .gz and .zst. Says first how it reads each file; --map corrects that.\n"
        "What it finds is that accounts act together more than chance explains, never why: read the innocent "
        "explanations. In the report, accounts of private persons bear pseudonyms.\n\n"
        "  contrechamp coordination posts.jsonl --profiles profiles.csv\n"
        "  contrechamp coordination posts.csv --map text=content,time=created_at --show-map\n"
        "  contrechamp coordination posts.jsonl --ordinary known.txt     measure the rate of false flags\n"
        "  contrechamp coordination posts.jsonl --edges edges.csv        the network alone, no case\n"
        "  contrechamp coordination tweets.csv --compat coortweet        CooRTweet's own definitions\n"
        "  contrechamp coordination *.parquet --plan sql                 the join as SQL, for larger "
        "machines\n\n"
        "Behaviours: same-text, near-text, same-link, same-domain, same-hashtags, same-media, same-repost, "
        "same-reply, "
        "same-mention, same-object.",
        "Lit CSV, TSV, lignes JSON et tableaux JSON (X/Twitter, Mastodon, Bluesky, Reddit, CrowdTangle, "
        "CooRTweet et "
        "d’autres), aussi .gz et .zst. Dit d’abord comment il lit chaque fichier ; --map corrige.\n"
        "Ce qu’il trouve est que des comptes agissent ensemble plus que le hasard ne l’explique, jamais "
        "pourquoi : lisez "
        "les explications innocentes. Dans le rapport, les comptes de particuliers portent des "
        "pseudonymes.\n\n"
        "  contrechamp coordination posts.jsonl --profiles profiles.csv\n"
        "  contrechamp coordination posts.csv --map text=content,time=created_at --show-map\n"
        "  contrechamp coordination posts.jsonl --ordinary connus.txt    mesurer le taux de faux "
        "signalements\n"
        "  contrechamp coordination posts.jsonl --edges liens.csv        le réseau seul, sans dossier\n"
        "  contrechamp coordination tweets.csv --compat coortweet        les définitions de CooRTweet\n"
        "  contrechamp coordination *.parquet --plan sql                 la jointure en SQL, pour de plus "
        "grandes "
        "machines\n\n"
        "Comportements : same-text, near-text, same-link, same-domain, same-hashtags, same-media, "
        "same-repost, "
        "same-reply, same-mention, same-object."};
    verb.options = {
        {"INPUT", "", {"exports of posts", "exports de messages"}, true},
        {"--profiles",
         "FILE",
         {"exports of profiles: bios, names, opening dates",
          "exports de profils : bios, noms, dates d’ouverture"},
         true},
        {"--map",
         "MAP",
         {"which column is what: text=content,time=created_at",
          "quelle colonne est quoi : text=content,time=created_at"}},
        {"--map-profiles", "MAP", {"the same for the profiles", "de même pour les profils"}},
        {"--show-map",
         "",
         {"only say how the files would be read", "dire seulement comment les fichiers seraient lus"}},
        {"--window",
         "TIMES",
         {"how near in time, up to four: 60s,1h (the default)",
          "écart de temps, jusqu’à quatre : 60s,1h (par défaut)"}},
        {"--min",
         "N",
         {"a pair shares at least so many different things (2)",
          "une paire partage au moins autant de choses différentes (2)"}},
        {"--fdr",
         "RATE",
         {"false-discovery rate among the pairs (0.01)",
          "taux de fausses découvertes parmi les paires (0.01)"}},
        {"--null",
         "MODEL",
         {"what chance is: shift (the default) or bicm", "ce qu’est le hasard : shift (par défaut) ou bicm"}},
        {"--public",
         "LIST",
         {"accounts of public interest, named in the report: a file, one a line, or a,b,c",
          "comptes d’intérêt public, nommés au rapport : un fichier, un par ligne, ou a,b,c"}},
        {"--ordinary",
         "LIST",
         {"accounts known to be ordinary: the share of them that is flagged is the measured rate of false "
          "flags",
          "comptes connus comme ordinaires : la part signalée parmi eux est le taux mesuré de faux "
          "signalements"}},
        {"--disclosed",
         "LIST",
         {"accounts that say whom they speak for", "comptes qui disent pour qui ils parlent"}},
        {"--gexf",
         "FILE",
         {"also write the network for Gephi (with the accounts' names)",
          "écrire aussi le réseau pour Gephi (avec les noms des comptes)"}},
        {"--graphml", "FILE", {"the same as GraphML", "de même en GraphML"}},
        {"--edges",
         "FILE",
         {"no case: only the pairs, as CSV (- for the terminal)",
          "sans dossier : les paires seules, en CSV (- pour le terminal)"}},
        {"--evidence",
         "FILE",
         {"with --edges: every pair of posts behind them",
          "avec --edges : chaque paire de messages derrière elles"}},
        {"--layer",
         "NAME",
         {"with --edges: only this behaviour", "avec --edges : ce comportement seulement"},
         true},
        {"--all-pairs",
         "",
         {"with --edges: also every pair of crowded objects",
          "avec --edges : aussi chaque paire d’objets très partagés"}},
        {"--no-chance", "", {"with --edges: leave out p and q", "avec --edges : sans p ni q"}},
        {"--memory",
         "SIZE",
         {"with --edges: work within this much memory, the rest on disk (4G)",
          "avec --edges : travailler dans cette mémoire, le reste sur disque (4G)"}},
        {"--timings",
         "",
         {"with --edges: times of the stages on stderr", "avec --edges : durées des étapes sur stderr"}},
        {"--shard",
         "I/N",
         {"with --run: of all that is shared only the Ith of N parts, for several machines",
          "avec --run : de tout ce qui est partagé, seulement la Ie de N parts, pour plusieurs machines"}},
        {"--run",
         "FILE",
         {"with --shard: where the part's pairs of posts are written",
          "avec --shard : où écrire les paires de messages de la part"}},
        {"--merge",
         "",
         {"INPUT are the run files of all parts: the edges as one run gives them with --no-chance",
          "INPUT sont les fichiers de toutes les parts : les liens tels qu’en une fois avec --no-chance"}},
        {"--compat",
         "TOOL",
         {"the edges by the definitions of coortweet or toolkit",
          "les liens selon les définitions de coortweet ou toolkit"}},
        {"--plan",
         "sql",
         {"print the join as SQL for INPUT (CSV or Parquet)",
          "afficher la jointure en SQL pour INPUT (CSV ou Parquet)"}},
        {"--dialect",
         "NAME",
         {"with --plan: duckdb (the default) or clickhouse",
          "avec --plan : duckdb (par défaut) ou clickhouse"}},
        {"--time-as",
         "UNIT",
         {"with --plan: what the time column holds: seconds, milliseconds, timestamp",
          "avec --plan : ce que tient la colonne des heures : seconds, milliseconds, timestamp"}},
        {"--shards", "N", {"with --plan: how many parts (8)", "avec --plan : combien de parts (8)"}},
        case_option(),
        note_option(),
        knowledge_option(),
        json_option()};
    verb.run = run;
    return verb;
}

}  // namespace contrechamp::cli
