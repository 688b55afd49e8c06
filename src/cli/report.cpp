// contrechamp report: the case as a document.
#include <unistd.h>

#include "base/escape.h"
#include "cli/common.h"
#include "report/html.h"
#include "report/machine_readable.h"
#include "report/pdf.h"

namespace contrechamp::cli {
namespace {

Result<int> run(const Arguments& arguments) {
    const auto folder = TRY(case_folder(arguments));
    const fs::path output = arguments.get("--output");
    const std::string name = output.filename().string();
    const auto opened = TRY(Case::open(folder, Case::Mode::read));
    const auto index = TRY(index_of(opened, progress_line(arguments, {"deriving", "déduction"})));
    const auto record = last_analysis(opened);
    const auto knowledge = TRY(knowledge_of(opened, *record));
    const auto model = TRY(build_report(opened, index, knowledge));
    if (name.ends_with(".stix.json"))
        TRY(replace_file(output, for_json(json::pretty(report_stix(model, knowledge))) + "\n"));
    else if (name.ends_with(".json"))
        TRY(replace_file(output, for_json(json::canonical(report_json(model))) + "\n"));
    else if (name.ends_with(".csv")) TRY(replace_file(output, report_csv(model, knowledge, arguments.lang)));
    else if (name.ends_with(".html"))
        TRY(replace_file(output, report_html(model, knowledge, arguments.lang)));
    else if (name.ends_with(".pdf")) {
        if (::isatty(STDERR_FILENO)) say(arguments, {"making the PDF …", "mise en page du PDF …"});
        TRY(write_pdf(output, model, knowledge, arguments.lang));
    } else
        return misuse(
            {"what kind of report? The name's ending decides",
             "quel genre de rapport ? La fin du nom décide"},
            output.string(),
            {"one of .html .pdf .json .csv .stix.json", "au choix .html .pdf .json .csv .stix.json"});
    TRY(print_exact(output.string() + "\n"));
    return 0;
}

}  // namespace

Verb report_verb() {
    Verb verb;
    verb.name = "report";
    verb.about = {"write the report of a case: HTML, PDF, JSON, CSV or STIX 2.1",
                  "écrire le rapport d’un dossier : HTML, PDF, JSON, CSV ou STIX 2.1"};
    verb.more = {"  contrechamp report --case DIR -o report.pdf --lang fr",
                 "  contrechamp report --case DIR -o rapport.pdf --lang fr"};
    verb.options = {case_option(),
                    {"-o,--output",
                     "FILE",
                     {"where to; the ending says which kind", "où ; la fin du nom dit quel genre"},
                     false,
                     true}};
    verb.run = run;
    return verb;
}

}  // namespace contrechamp::cli
