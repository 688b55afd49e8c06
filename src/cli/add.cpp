// contrechamp add, analyze: files given by a person become exhibits and are analysed.
#include <algorithm>
#include <set>

#include "analyze/analyzer.h"
#include "base/escape.h"
#include "base/privilege.h"
#include "cli/common.h"
#include "formats/recognise.h"
#include "report/words.h"

namespace contrechamp::cli {
namespace {

// A file to add: named by the person (links are followed, as they would expect), or found below a folder they
// named.
struct Source {
    fs::path path;
    fs::path below;  // the folder; empty for a file named
};

// What was found to add, and how much of what was named could not be.
struct Sources {
    std::vector<Source> files;
    std::size_t failed = 0;
};

class Finder {
  public:
    Finder(const fs::path& own_case, const Arguments& arguments) : arguments_(arguments) {
        std::error_code error;
        // A case that is new, in a folder of its own, holds none of what is named.
        if (!own_case.empty()) case_ = fs::canonical(own_case, error);
    }

    // Regular files named or below the folders named, sorted; what is skipped is said, and stops nothing.
    Sources find(const std::vector<std::string>& names) {
        for (const auto& name : names) {
            std::error_code error;
            const auto status = fs::status(name, error);
            if (in_case(name)) {
                failed({{"a case is not added to itself", "un dossier d’enquête ne se verse pas à lui-même"},
                        name,
                        {}});
            } else if (status.type() == fs::file_type::regular) {
                found_.files.push_back({name, {}});
            } else if (status.type() == fs::file_type::directory) {
                below_.clear();
                walk(name);
                std::sort(below_.begin(), below_.end());
                for (auto& path : below_) found_.files.push_back({std::move(path), name});
            } else if (status.type() == fs::file_type::not_found) {
                failed({{"there is nothing here", "il n’y a rien ici"}, name, {}});
            } else if (error) {
                failed(system_error({"cannot look here", "impossible de regarder ici"}, name, error.value()));
            } else {
                failed({{"neither a file nor a folder", "ni un fichier ni un dossier"}, name, {}});
            }
        }
        return std::move(found_);
    }

  private:
    void walk(const fs::path& folder) {
        std::error_code error;
        fs::directory_iterator it(folder, error);
        for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
            std::error_code ignored;
            const auto& path = it->path();
            const auto type = it->symlink_status(ignored).type();
            if (type == fs::file_type::regular) below_.push_back(path);
            else if (type == fs::file_type::symlink) left_out(path, {"a symbolic link", "lien symbolique"});
            else if (type != fs::file_type::directory)
                left_out(path, {"a pipe, socket or device", "tube, prise ou périphérique"});
            else if (in_case(path)) left_out(path, {"the case itself", "le dossier d’enquête lui-même"});
            else walk(path);
        }
        if (error)
            failed(system_error({"cannot read the folder", "impossible de lire le dossier"}, folder,
                                error.value()));
    }

    bool in_case(const fs::path& path) const {
        std::error_code error;
        const auto real = fs::weakly_canonical(path, error);
        return !error && !case_.empty() &&
               std::mismatch(case_.begin(), case_.end(), real.begin(), real.end()).first == case_.end();
    }

    void left_out(const fs::path& path, const Text& what) {
        say(arguments_, {"left out (" + what.en + "): " + path.string(),
                         "laissé de côté (" + what.fr + ") : " + path.string()});
    }

    void failed(const Error& error) {
        std::fprintf(stderr, "%s\n", error_line(error, arguments_.lang).c_str());
        ++found_.failed;
    }

    const Arguments& arguments_;
    fs::path case_;
    std::vector<fs::path> below_;
    Sources found_;
};

// A file may be added by mistake: whoever gets the case would get the key.
void warn_of_keys(const Case& opened, const Exhibit& exhibit, const fs::path& path,
                  const Arguments& arguments) {
    const auto file = opened.read(exhibit);
    if (!file || file->bytes().find("-----BEGIN ") == std::string_view::npos ||
        file->bytes().find("PRIVATE KEY-----") == std::string_view::npos)
        return;
    say(arguments,
        {"this looks like a private key, and is now in the case, whole: " + path.string() +
             " (whoever gets the case gets the key; begin a new case if it should not be there)",
         "ceci ressemble à une clé privée, et se trouve maintenant entière au dossier : " + path.string() +
             " (qui reçoit le dossier reçoit la clé ; commencez un autre dossier si elle n’a rien à y "
             "faire)"});
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
    auto [sources, failed] = Finder(arguments.get("--case"), arguments).find(arguments.all("PATH"));
    if (sources.empty() && failed) return 1;  // nothing to begin a case for
    const auto owner = served_user(arguments.get("--case", "."));
    auto opened = [&]() -> Result<Case> {
        const ActingAs acting = TRY(ActingAs::user(owner));
        return open_or_create_case(arguments);
    }();
    if (!opened) return tl::unexpected(opened.error());
    std::set<std::string> known;
    for (const auto& exhibit : opened->exhibits()) known.insert(exhibit.sha256);
    const auto progress = progress_line(arguments, {"adding", "ajout"});
    std::string out;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto& path = sources[i].path;
        if (progress) progress(i, sources.size(), path.filename().string());
        const auto added = add_one(*opened, sources[i], owner, arguments);
        if (!added) {
            // One bad file does not stop the others.
            std::fprintf(stderr, "%s\n", error_line(added.error(), arguments.lang).c_str());
            ++failed;
            continue;
        }
        if (!known.insert(added->sha256).second)
            say(arguments, {"already in the case, noted again: " + path.string(),
                            "déjà au dossier, noté à nouveau : " + path.string()});
        warn_of_keys(*opened, *added, path, arguments);
        out += arguments.has("--json")
                   ? json::canonical(added->to_json()) + "\n"
                   : added->sha256 + "  " + added->type + "  " + for_terminal(path.string()) + "\n";
    }
    if (progress) progress(sources.size(), sources.size(), "");
    const ActingAs acting = TRY(ActingAs::user(owner));
    TRY(close_signed(*opened, arguments));
    TRY(print(out));
    if (failed) return 1;
    const std::string which = " --case " + for_shell(opened->directory().string());
    say(arguments, {"next: contrechamp analyze" + which, "ensuite : contrechamp analyze" + which});
    return 0;
}

Result<int> run_analyze(const Arguments& arguments) {
    const auto knowledge = TRY(choose_knowledge(arguments));
    auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::write));
    const auto derivation =
        TRY(analyze_case(opened, knowledge, progress_line(arguments, {"analysing", "analyse"})));
    TRY(close_signed(opened, arguments));
    if (arguments.has("--json")) {
        TRY(print(json::canonical(derivation.summary()) + "\n"));
    } else {
        Counts counts;
        for (const auto& finding : derivation.findings) counts.add(finding);
        TRY(print(counted(derivation.observations.size(), {"observation", "observation"},
                          {"observations", "observations"}, arguments.lang) +
                  ", " + in_words(counts, arguments.lang) + "\n"));
    }
    const std::string which = " --case " + for_shell(opened.directory().string());
    say(arguments, {"next: contrechamp report" + which + " -o report.html",
                    "ensuite : contrechamp report" + which + " -o rapport.html"});
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
