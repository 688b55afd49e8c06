// contrechamp scan: collect from this computer, analyse, conclude, show.
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/escape.h"
#include "cli/common.h"
#include "collect/linux/collectors.h"
#include "formats/recognise.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/terminal.h"

namespace contrechamp::cli {
namespace {

// Paths on Linux that the knowledge wants looked up.
std::vector<std::string> known_paths(const Knowledge& knowledge) {
    std::vector<std::string> out;
    for (const auto& product : knowledge.products()) {
        for (const auto& indicator : product.indicators) {
            const auto& platforms = indicator.platforms;
            const bool linux_row = platforms.empty() ||
                                   std::find(platforms.begin(), platforms.end(), "linux") != platforms.end();
            const bool linux_path = indicator.value.starts_with('/') ||
                                    (indicator.value.starts_with("~/") && indicator.value.size() > 3);
            if (indicator.type == "path" && linux_row && linux_path &&
                !indicator.value.starts_with("/Applications") && !indicator.value.starts_with("/Library"))
                out.push_back(indicator.value);
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Result<std::vector<linux_machine::Collected>> collect(const Knowledge& knowledge,
                                                      const Arguments& arguments) {
    const auto progress = progress_line(arguments, {"looking", "examen"});
    linux_machine::MachineOptions options;
    options.users = arguments.all("--user");
    for (const auto& product : knowledge.products())
        for (const auto& indicator : product.indicators)
            if (indicator.type == "dbus") options.known_bus_names.insert(indicator.value);
    options.known_paths = known_paths(knowledge);
    const std::size_t total = linux_machine::collectors().size();
    if (progress) progress(0, total, arguments.lang == Lang::fr ? "programmes" : "programs");
    const auto machine = TRY(linux_machine::look_at_machine(options));
    std::size_t done = 0;
    const unsigned parallel = std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
    return linux_machine::run_collectors(machine, parallel, [&](const linux_machine::Collector& collector) {
        ++done;
        if (progress)
            progress(std::min(done, total), total, arguments.lang == Lang::fr ? collector.fr : collector.en);
    });
}

Status store(Case& opened, const std::vector<linux_machine::Collected>& collected,
             const Arguments& arguments) {
    for (const auto& item : collected) {
        Exhibit about;
        about.type = recognise(item.bytes);
        about.origin = "this computer: " + std::string(item.collector->en);
        about.collector = "linux/" + std::string(item.collector->name);
        about.uid = static_cast<std::int64_t>(item.uid);
        about.note = arguments.get("--note");
        TRY(opened.add_bytes(item.bytes, std::move(about)));
    }
    return {};
}

std::optional<Strength> fail_threshold(const Arguments& arguments, Error& error) {
    if (!arguments.has("--fail-on")) return std::nullopt;
    const auto strength = strength_from(arguments.get("--fail-on"));
    if (strength) return *strength;
    error = strength.error();
    error.misuse = true;
    return std::nullopt;
}

Result<int> run(const Arguments& arguments) {
    Error bad{};
    const auto threshold = fail_threshold(arguments, bad);
    if (!bad.what.empty()) return tl::unexpected(bad);
    const auto knowledge = TRY(choose_knowledge(arguments));
    if (::geteuid() != 0)
        say(arguments, {"looking as an ordinary user; root would see more, and the report says what",
                        "examen en simple utilisateur ; root verrait davantage, le rapport dit quoi"});
    // Looking may need root's rights; the case is then written as the person it is for.
    const auto collected = TRY(collect(knowledge, arguments));
    auto opened = TRY(open_or_create_case(arguments));
    const fs::path folder = opened.directory();
    TRY(store(opened, collected, arguments));
    TRY(analyze_case(opened, knowledge, progress_line(arguments, {"analysing", "analyse"})));
    const auto index = TRY(index_of(opened));
    const auto model = TRY(build_report(opened, index, knowledge));
    const std::string html = report_html(model, knowledge, arguments.lang);
    TRY(write_report(opened, "report.html", html));
    TRY(close_signed(opened, arguments));

    if (arguments.has("--json")) {
        TRY(print(json::canonical(report_json(model)) + "\n"));
    } else {
        const auto terminal = Terminal::of(arguments, STDOUT_FILENO);
        const std::string where = for_terminal(folder.string());
        TRY(print(terminal_summary(model, knowledge,
                                   {terminal.colour, terminal.unicode, terminal.width, arguments.lang,
                                    called(), " --case " + for_terminal(for_shell(folder.string())),
                                    for_terminal(for_shell((folder / "report.html").string()))})));
        TRY(print(arguments.lang == Lang::fr
                      ? french("\nDossier d’enquête : ") + where + french("\nRapport :           ") + where +
                            "/report.html\n"
                      : "\nCase:   " + where + "\nReport: " + where + "/report.html\n"));
    }
    if (threshold) {
        const bool reached = std::any_of(model.findings.begin(), model.findings.end(), [&](const Finding& f) {
            return !f.lead && !f.managed && f.strength <= *threshold;
        });
        if (reached) return 1;
    }
    return 0;
}

}  // namespace

Verb scan_verb() {
    Verb verb;
    verb.name = "scan";
    verb.about = {"look at this computer: what is watching it?",
                  "examiner cet ordinateur : qu’est-ce qui le surveille ?"};
    verb.more = {
        "Needs no special rights; as root it sees more, and it always says what it could not look at.\n"
        "Leaves a case folder with everything it read, already reduced to what matters, and a report.\n\n"
        "  contrechamp scan                      look, into a new dated folder\n"
        "  sudo contrechamp scan --case DIR      look again as root, into the same case\n"
        "  contrechamp scan --json | jq .summary",
        "Aucun droit particulier n’est requis ; en root il voit davantage, et il dit toujours ce qu’il n’a "
        "pas pu examiner.\n"
        "Laisse un dossier d’enquête avec tout ce qu’il a lu, déjà réduit à l’utile, et un rapport.\n\n"
        "  contrechamp scan                      examiner, dans un nouveau dossier daté\n"
        "  sudo contrechamp scan --case DIR      examiner encore, en root, dans le même dossier\n"
        "  contrechamp scan --json | jq .summary"};
    verb.options = {
        case_option(),
        note_option(),
        {"--user",
         "NAME",
         {"also look into this person's files, with their consent (root only)",
          "examiner aussi les fichiers de cette personne, avec son accord (root seulement)"},
         true},
        knowledge_option(),
        json_option(),
        {"--fail-on",
         "STRENGTH",
         {"exit 1 when a finding about watching is at least this strong (observed … contacted), for scripts",
          "sortir avec 1 si un constat de surveillance est au moins aussi fort (observed … contacted), pour "
          "les scripts"}}};
    verb.run = run;
    return verb;
}

}  // namespace contrechamp::cli
