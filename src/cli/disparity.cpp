// contrechamp disparity: does an automated judgement treat groups of people unequally?
#include <unistd.h>

#include <algorithm>

#include "base/escape.h"
#include "cli/common.h"
#include "cli/disparity_counts.h"
#include "cli/disparity_inputs.h"
#include "formats/recognise.h"
#include "report/disparity_words.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/terminal.h"

namespace contrechamp::cli {
namespace {

using disparity::Mode;
using disparity::Request;

// The files, then the question that names them, as exhibits.
Status store(Case& opened, const std::vector<JudgedInput>& inputs, Request request,
             const Arguments& arguments) {
    for (const auto& input : inputs) {
        std::error_code ignored;
        Exhibit about;
        about.origin = to_valid_utf8(fs::absolute(input.path, ignored).string());
        about.collector = "disparity";
        about.note = arguments.get("--note");
        auto asked = input.asked;
        asked.sha256 = TRY(opened.add_opened(input.file, input.path, std::move(about), recognise)).sha256;
        asked.name = to_valid_utf8(asked.name);
        request.inputs.push_back(std::move(asked));
    }
    const auto bytes = request.to_bytes();
    Exhibit about;
    about.type = recognise(bytes);
    about.origin = "contrechamp disparity";
    about.collector = "disparity";
    about.note = arguments.get("--note");
    TRY(opened.add_bytes(bytes, std::move(about)));
    return {};
}

// Each comparison with its verdict: what was asked for, findings or not.
Status print_conclusions(const ReportModel& model, const Knowledge& knowledge, const Arguments& arguments) {
    const auto terminal = Terminal::of(arguments, STDOUT_FILENO);
    const auto lang = arguments.lang;
    std::string out = "\n" + terminal.bold(lang == Lang::fr ? "Comparaisons" : "Comparisons") + "\n";
    for (const auto& group : model.disparity.left_out) {
        const auto who = group.by + (group.group.empty() ? "" : ": " + group.group);
        out += "  " + std::string(lang == Lang::fr ? "laissé de côté : " : "left out: ") + for_terminal(who) +
               " (" + knowledge.value_name("reason", group.reason).in(lang) + ", " +
               std::to_string(group.people ? group.people : group.rows) + ")\n";
    }
    for (const auto& conclusion : model.disparity.conclusions) {
        out += "  " + for_terminal(compared_in_words(conclusion, knowledge, lang)) + "\n";
        if (const auto found = found_in_words(conclusion, lang); !found.empty())
            out += "      " + for_terminal(found) + "\n";
        out += "      " + terminal.bold(for_terminal(verdict_in_words(conclusion, knowledge, lang))) + "\n";
    }
    for (const auto& figure : model.disparity.figures)
        if (figure.measure == "career" && figure.value)
            out +=
                "  " + knowledge.value_name("statistic", figure.statistic).in(lang) +
                (figure.setting.empty() ? ""
                                        : ", " + knowledge.value_name("setting", figure.setting).in(lang)) +
                (lang == Lang::fr ? " : " : ": ") + amount_in_words("career", *figure.value, lang) + "\n";
    return print(lang == Lang::fr ? french(out) : out);
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
    TRY(print_conclusions(model, knowledge, arguments));
    return print(arguments.lang == Lang::fr ? french("\nDossier d’enquête : ") + where +
                                                  french("\nRapport :           ") + where + "/report.html\n"
                                            : "\nCase:   " + where + "\nReport: " + where + "/report.html\n");
}

Result<int> run(const Arguments& arguments, Mode mode) {
    auto request = TRY(disparity_request(arguments, mode));
    auto inputs = TRY(open_judged_inputs(arguments, mode));
    for (const auto& line : TRY(check_judged(inputs, request, arguments))) say_also(arguments, line);
    if (arguments.has("--counts")) return write_counts(arguments, inputs, request);
    const auto knowledge = TRY(choose_knowledge(arguments));
    auto opened = TRY(open_or_create_case(arguments));
    TRY(store(opened, inputs, std::move(request), arguments));
    TRY(analyze_case(opened, knowledge, progress_line(arguments, {"analysing", "analyse"})));
    const auto index = TRY(index_of(opened));
    const auto model = TRY(build_report(opened, index, knowledge));
    TRY(write_report(opened, "report.html", report_html(model, knowledge, arguments.lang)));
    TRY(close_signed(opened, arguments));
    TRY(show(opened, model, knowledge, arguments));
    return 0;
}

std::vector<Option> with_common(std::vector<Option> options) {
    std::vector<Option> common = {
        {"--reference",
         "COLUMN=VALUE",
         {"the group others are compared with (else the largest)",
          "le groupe auquel les autres sont comparés (sinon le plus grand)"},
         true},
        {"--hypothesis",
         "COLUMN:A/B",
         {"a difference declared before looking: adjusted by Holm; the others by Benjamini–Hochberg",
          "un écart annoncé avant de regarder : correction de Holm ; les autres, Benjamini–Hochberg"},
         true},
        {"--separator",
         "CHAR",
         {"between cells of the table, when the guess is wrong: , ; | or tab",
          "entre les cellules du tableau, si la lecture devine mal : , ; | ou tab"}},
        {"--encoding",
         "NAME",
         {"of the table: utf-8, windows-1252, utf-16le, utf-16be",
          "du tableau : utf-8, windows-1252, utf-16le, utf-16be"}},
        {"--header-line", "N", {"the line that names the columns", "la ligne qui nomme les colonnes"}},
        {"--alpha", "LEVEL", {"level of the tests (0.05)", "seuil des tests (0.05)"}},
        {"--seed",
         "N",
         {"of shuffling and redrawing people (1)", "graine des permutations et rééchantillonnages (1)"}},
        {"--permutations", "N", {"how many (9999)", "combien (9999)"}},
        {"--replicates", "N", {"of the bootstrap (10000)", "du bootstrap (10000)"}},
        case_option(),
        note_option(),
        knowledge_option(),
        json_option()};
    options.insert(options.end(), common.begin(), common.end());
    return options;
}

Option group_option() {
    return {"--group",
            "COLUMN",
            {"the column that says whom to compare; several times for several",
             "la colonne qui dit qui comparer ; plusieurs fois pour plusieurs"},
            true};
}
Option table_argument() { return {"TABLE", "", {"a CSV file", "un fichier CSV"}}; }
Option id_option() {
    return {"--id", "COLUMN", {"what no two rows may share", "ce que deux lignes ne peuvent partager"}};
}
Option person_option() {
    return {"--person",
            "COLUMN",
            {"whom a row is about, where people have several rows",
             "de qui parle une ligne, quand une personne en a plusieurs"}};
}

Verb mode_verb(Mode mode, Text about, Text more, std::string example, std::vector<Option> options) {
    Verb verb;
    verb.name = std::string(to_string(mode));
    verb.about = std::move(about);
    verb.more = std::move(more);
    verb.example = std::move(example);
    verb.options = with_common(std::move(options));
    verb.run = [mode](const Arguments& arguments) { return run(arguments, mode); };
    return verb;
}

Verb transcripts_verb() {
    return mode_verb(
        Mode::transcripts,
        {"word errors of automatic transcripts, by group", "erreurs de mots de transcriptions, par groupe"},
        {"Reads NIST trn, stm and ctm, CSV, JSON lines and plain text, also .gz and .zst. Every word error "
         "rate is computed with three ways of writing words and two ways of counting, by speaker: sixty "
         "sentences of one person are not sixty witnesses. A second human transcript shows how far two "
         "humans "
         "are apart.",
         "Lit les formats trn, stm et ctm du NIST, CSV, lignes JSON et texte, aussi .gz et .zst. Chaque taux "
         "d’erreur est calculé selon trois façons d’écrire les mots et deux façons de compter, par locuteur "
         ": "
         "soixante phrases d’une personne ne sont pas soixante témoins. Une seconde transcription humaine "
         "montre ce qui sépare deux humains."},
        "contrechamp disparity transcripts --ref ref.trn --hyp vendor.trn --speakers speakers.csv",
        {{"--ref", "FILE", {"what was said, by a human", "ce qui a été dit, par un humain"}, false, true},
         {"--hyp",
          "FILE",
          {"what a system heard; NAME=FILE to name it, several times for several",
           "ce qu’un système a entendu ; NOM=FICHIER pour le nommer, plusieurs fois pour plusieurs"},
          true,
          true},
         {"--second", "FILE", {"a second human's transcript", "la transcription d’un second humain"}},
         {"--speakers",
          "FILE",
          {"a table: speaker (or utterance) and their groups",
           "un tableau : locuteur (ou énoncé) et ses groupes"}},
         {"--person",
          "COLUMN",
          {"the speakers' column in that table (the first)", "la colonne des locuteurs (la première)"}},
         group_option(),
         {"--language", "LANG", {"of the words: en or fr", "des mots : en ou fr"}},
         {"--profile",
          "NAME",
          {"way of writing words of the main figures: raw, koenecke or whisper (the default)",
           "normalisation des chiffres principaux : raw, koenecke ou whisper (par défaut)"}},
         {"--format",
          "NAME",
          {"trn, stm, ctm, csv, jsonl or plain, when not told by content",
           "trn, stm, ctm, csv, jsonl ou plain, si le contenu ne le dit pas"}},
         {"--map",
          "MAP",
          {"columns of CSV and JSON: id=call,text=words", "colonnes de CSV et JSON : id=appel,text=mots"}},
         {"--counts",
          "FILE",
          {"no case: only the counts of each utterance as CSV, words as they stand, costs 4/3/3 as sclite (- "
           "for the terminal)",
           "sans dossier : les seuls décomptes de chaque énoncé en CSV, mots tels quels, coûts 4/3/3 comme "
           "sclite (- pour le terminal)"}}});
}

Verb decisions_verb() {
    return mode_verb(
        Mode::decisions,
        {"who was selected, promoted, dismissed, by group", "qui a été choisi, promu, licencié, par groupe"},
        {"Rates with exact intervals, difference, ratio and odds ratio, Fisher's test; within strata Mantel–"
         "Haenszel; matched on a number with a balance table. The four-fifths ratio is shown as a screen and "
         "concludes nothing.",
         "Taux avec intervalles exacts, écart, rapport et rapport de cotes, test de Fisher ; par strates, "
         "Mantel–Haenszel ; appariement sur un nombre, avec sa table d’équilibre. La règle des quatre "
         "cinquièmes est donnée comme repère et ne conclut rien."},
        "contrechamp disparity decisions decisions.csv --outcome promoted --group sex --stratum grade",
        {table_argument(),
         {"--outcome",
          "COLUMN",
          {"what was decided; COLUMN=VALUE where the words are not plain",
           "ce qui a été décidé ; COLONNE=VALEUR si les mots ne sont pas clairs"}},
         group_option(),
         {"--stratum",
          "COLUMN",
          {"compare within each value of it; several times for several",
           "comparer au sein de chaque valeur ; plusieurs fois pour plusieurs"},
          true},
         {"--match",
          "COLUMN",
          {"a number to match people on", "un nombre pour apparier les personnes"},
          true},
         id_option(),
         person_option()});
}

Verb scores_verb() {
    return mode_verb(
        Mode::scores, {"whom scores get wrong, by group", "sur qui les notes se trompent, par groupe"},
        {"Who is flagged at the threshold, error rates (equalised odds), how well the score ranks (AUC, "
         "DeLong), and whether it means the same for everybody (calibration).",
         "Qui est signalé au seuil, taux d’erreur (égalité des chances), qualité du classement (AUC, "
         "DeLong), "
         "et si la note veut dire la même chose pour tous (calibration)."},
        "contrechamp disparity scores scores.csv --score risk --outcome left --group age_band --threshold "
        "0.7",
        {table_argument(),
         {"--score", "COLUMN", {"the number given by the system", "le nombre donné par le système"}},
         {"--outcome",
          "COLUMN",
          {"what happened; COLUMN=VALUE where the words are not plain",
           "ce qui est arrivé ; COLONNE=VALEUR si les mots ne sont pas clairs"}},
         {"--threshold", "NUMBER", {"flagged from this score on", "signalé à partir de cette note"}},
         group_option(),
         id_option(),
         person_option()});
}

Verb faces_verb() {
    return mode_verb(
        Mode::faces,
        {"who is mistaken for another or not recognised, by group",
         "qui est pris pour un autre ou non reconnu, par groupe"},
        {"False match and false non-match rates (FMR, FNMR) at the threshold in use and at fixed FMR, DET "
         "curves and equal error rate, in the terms of ISO/IEC 19795-10. Fewer than 30 errors are called "
         "imprecise; none at all means at most three in so many.",
         "Taux de fausses correspondances et de faux rejets (FMR, FNMR) au seuil employé et à FMR fixé, "
         "courbes "
         "DET et taux d’égale erreur, dans les termes d’ISO/IEC 19795-10. Moins de 30 erreurs : imprécis ; "
         "aucune : au plus trois sur autant."},
        "contrechamp disparity faces matches.csv --threshold 0.8 --group skin_type",
        {table_argument(),
         {"--score", "COLUMN", {"how alike the system found them", "la ressemblance selon le système"}},
         {"--genuine",
          "COLUMN",
          {"whether both pictures show one person", "si les deux images montrent la même personne"}},
         {"--subject-a", "COLUMN", {"whom the first picture shows", "qui montre la première image"}},
         {"--subject-b", "COLUMN", {"whom the second shows", "qui montre la seconde"}},
         {"--group-b",
          "COLUMN",
          {"the group of the second, when --group is the first's",
           "le groupe de la seconde, si --group est celui de la première"}},
         {"--genuine-scores",
          "FILE",
          {"instead of a table: scores of one person with themselves, one a line",
           "au lieu d’un tableau : notes d’une personne avec elle-même, une par ligne"}},
         {"--impostor-scores", "FILE", {"and of two people", "et de deux personnes"}},
         {"--threshold", "NUMBER", {"a match from this score on", "correspondance à partir de cette note"}},
         {"--distance", "", {"the lower the more alike", "plus c’est bas, plus c’est semblable"}},
         group_option(),
         id_option()});
}

Verb career_verb() {
    return mode_verb(
        Mode::career,
        {"one career beside its panel (méthode Clerc)", "une carrière et son panel (méthode Clerc)"},
        {"The panel is of people hired within two years at the same level. Shows the person's place in it "
         "year by year and, with --since, the steps of the damage by triangulation, each to be checked by "
         "hand. Fewer than five people in the panel: nothing is concluded.",
         "Le panel réunit les personnes embauchées à deux ans près au même niveau. Donne la place de la "
         "personne année par année et, avec --since, les étapes du préjudice par triangulation, chacune "
         "vérifiable à la main. Moins de cinq personnes au panel : rien n’est conclu."},
        "contrechamp disparity career careers.csv --person id --member 1042 --date year --pay monthly_pay "
        "--entry hired --level entry_level --since 2012-01",
        {table_argument(),
         {"--person", "COLUMN", {"who", "qui"}, false, true},
         {"--member", "ID", {"whose career", "de qui est la carrière"}, false, true},
         {"--date",
          "COLUMN",
          {"the year (or date) of a row", "l’année (ou la date) d’une ligne"},
          false,
          true},
         {"--pay", "COLUMN", {"monthly pay, full time", "rémunération mensuelle, temps plein"}},
         {"--coefficient", "COLUMN", {"or the level on the scale", "ou le coefficient"}},
         {"--entry", "COLUMN", {"the year of hiring", "l’année d’embauche"}, false, true},
         {"--level", "COLUMN", {"level or diploma at hiring", "niveau ou diplôme à l’embauche"}},
         {"--group", "COLUMN", {"compare with people of other groups", "comparer aux autres groupes"}, true},
         {"--since", "MONTH", {"when it began: 2012-01", "quand cela a commencé : 2012-01"}},
         {"--until", "MONTH", {"until when (the last year)", "jusqu’à quand (la dernière année)"}}});
}

}  // namespace

Verb disparity_verb() {
    Verb verb;
    verb.name = "disparity";
    verb.about = {
        "does a machine judge people unequally? transcripts, decisions, scores, faces, careers",
        "une machine juge-t-elle inégalement ? transcriptions, décisions, notes, visages, carrières"};
    verb.more = {
        "Groups come from your table only; nothing is inferred about anybody. Every figure can be "
        "computed again by `contrechamp verify`.",
        "Les groupes viennent de votre tableau seul ; rien n’est déduit de personne. Chaque chiffre "
        "peut être recalculé par `contrechamp verify`."};
    verb.example =
        "contrechamp disparity decisions decisions.csv --outcome promoted --group sex --stratum grade";
    verb.verbs = {transcripts_verb(), decisions_verb(), scores_verb(), faces_verb(), career_verb()};
    return verb;
}

}  // namespace contrechamp::cli
