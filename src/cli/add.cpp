// contrechamp add, analyze: files given by a person become exhibits and are analysed.
#include <algorithm>

#include "analyze/analyzer.h"
#include "base/escape.h"
#include "base/privilege.h"
#include "cli/common.h"
#include "formats/recognise.h"

namespace contrechamp::cli {
namespace {

// A file to add: named by the person (links are followed, as they would expect), or found below a folder they
// named.
struct Source {
    fs::path path;
    fs::path below;  // the folder; empty for a file named
};

// Regular files named or below the folders named, sorted; what is skipped is said.
Result<std::vector<Source>> sources_of(const std::vector<std::string>& names, const Arguments& arguments) {
    std::vector<Source> out;
    for (const auto& name : names) {
        std::error_code error;
        const auto status = fs::status(name, error);
        if (status.type() == fs::file_type::not_found)
            return fail({"there is nothing here", "il n’y a rien ici"}, name);
        if (status.type() == fs::file_type::regular) {
            out.push_back({name, {}});
            continue;
        }
        if (status.type() != fs::file_type::directory)
            return fail({"neither a file nor a folder", "ni un fichier ni un dossier"}, name);
        std::vector<fs::path> found;
        for (fs::recursive_directory_iterator it(name, error), end; !error && it != end;
             it.increment(error)) {
            std::error_code ignored;
            if (it->is_symlink(ignored))
                say(arguments, {"left out (a symbolic link): " + it->path().string(),
                                "laissé de côté (lien symbolique) : " + it->path().string()});
            else if (it->is_regular_file(ignored)) found.push_back(it->path());
        }
        if (error)
            return tl::unexpected(system_error({"cannot read the folder", "impossible de lire le dossier"},
                                               name, error.value()));
        std::sort(found.begin(), found.end());
        for (auto& path : found) out.push_back({std::move(path), name});
    }
    return out;
}

// Opens a source with all the rights we have and stores it with those of the case's owner.
Result<Exhibit> add_one(Case& opened, const Source& source, std::optional<uid_t> owner,
                        const Arguments& arguments) {
    const Fd fd =
        TRY(source.below.empty() ? open_regular(source.path) : open_below(source.below, source.path));
    std::error_code ignored;
    Exhibit about;
    about.origin = to_valid_utf8(fs::absolute(source.path, ignored).string());
    about.collector = "add";
    about.note = arguments.get("--note");
    const ActingAs acting = TRY(ActingAs::user(owner));
    return opened.add_opened(fd, source.path, std::move(about), recognise);
}

Result<int> run_add(const Arguments& arguments) {
    const auto sources = TRY(sources_of(arguments.all("PATH"), arguments));
    const auto owner = served_user(arguments.get("--case", "."));
    auto opened = [&]() -> Result<Case> {
        const ActingAs acting = TRY(ActingAs::user(owner));
        return open_or_create_case(arguments);
    }();
    if (!opened) return tl::unexpected(opened.error());
    const auto progress = progress_line(arguments, {"adding", "ajout"});
    std::string out;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (progress) progress(i, sources.size(), sources[i].path.filename().string());
        const auto added = add_one(*opened, sources[i], owner, arguments);
        if (!added) {
            // One bad file does not stop the others.
            std::fprintf(stderr, "%s\n", error_line(added.error(), arguments.lang).c_str());
            ++failed;
            continue;
        }
        out += arguments.has("--json") ? json::canonical(added->to_json()) + "\n"
                                       : added->sha256 + "  " + added->type + "  " +
                                             for_terminal(sources[i].path.string()) + "\n";
    }
    if (progress) progress(sources.size(), sources.size(), "");
    const ActingAs acting = TRY(ActingAs::user(owner));
    TRY(close_signed(*opened, arguments));
    TRY(print(out));
    return failed ? 1 : 0;
}

Result<int> run_analyze(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::write));
    const auto derivation =
        TRY(analyze_case(opened, knowledge, progress_line(arguments, {"analysing", "analyse"})));
    TRY(close_signed(opened, arguments));
    const auto leads = std::count_if(derivation.findings.begin(), derivation.findings.end(),
                                     [](const Finding& f) { return f.lead; });
    if (arguments.has("--json")) {
        TRY(print(json::canonical(derivation.summary()) + "\n"));
    } else {
        const auto n = [](auto count) { return std::to_string(count); };
        const auto findings = static_cast<std::ptrdiff_t>(derivation.findings.size()) - leads;
        TRY(print(arguments.lang == Lang::fr ? n(derivation.observations.size()) + " observations, " +
                                                   n(findings) + " constats, " + n(leads) + " pistes\n"
                                             : n(derivation.observations.size()) + " observations, " +
                                                   n(findings) + " findings, " + n(leads) + " leads\n"));
    }
    return 0;
}

}  // namespace

Verb add_verb() {
    Verb verb;
    verb.name = "add";
    verb.about = {"put files into a case as exhibits, unchanged",
                  "verser des fichiers au dossier comme pièces, inchangés"};
    verb.more = {
        "What each file is, is recognised from its content. Folders are taken with all that is below "
        "them.\n\n"
        "  contrechamp add Preferences policies.json --case DIR --note \"given by the works council, 23 "
        "Nov\"",
        "La nature de chaque fichier est reconnue à son contenu. Les dossiers sont pris avec tout ce qu’ils "
        "contiennent.\n\n"
        "  contrechamp add Preferences policies.json --case DIR --note \"remis par le CSE, 23 nov.\""};
    verb.options = {{"PATH", "", {"files and folders", "fichiers et dossiers"}, true, true},
                    case_option(),
                    note_option(),
                    json_option()};
    verb.run = run_add;
    return verb;
}

Verb analyze_verb() {
    Verb verb;
    verb.name = "analyze";
    verb.about = {"analyse a case's exhibits and draw the findings",
                  "analyser les pièces d’un dossier et en tirer les constats"};
    verb.more = {"Analyzers:", "Analyseurs :"};
    for (const auto* analyzer : analyzers()) {
        verb.more.en += "\n  " + std::string(analyzer->name) + "  " + std::string(analyzer->en);
        verb.more.fr += "\n  " + std::string(analyzer->name) + "  " + std::string(analyzer->fr);
    }
    verb.example = "contrechamp analyze --case DIR --knowledge my-knowledge";
    verb.options = {case_option(), knowledge_option(), json_option()};
    verb.run = run_analyze;
    return verb;
}

}  // namespace contrechamp::cli
