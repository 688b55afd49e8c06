#include "cli/common.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/escape.h"
#include "base/privilege.h"
#include "collect/linux/collectors.h"

namespace contrechamp::cli {
namespace {

std::optional<std::string> ask_password() {
    if (const char* given = std::getenv("CONTRECHAMP_KEY_PASSWORD")) return given;
    if (!::isatty(STDIN_FILENO)) return std::nullopt;
    termios before{};
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // Before the question: what is typed at once must neither show nor get lost.
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::fputs(shown("contrechamp: password of the signing key / mot de passe de la clé : ").c_str(), stderr);
    std::string password;
    std::getline(std::cin, password);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputc('\n', stderr);
    return password;
}

}  // namespace

Terminal Terminal::of(const Arguments& arguments, int fd) {
    Terminal out;
    const bool terminal = ::isatty(fd);
    const char* kind = std::getenv("TERM");
    out.colour = terminal && !arguments.has("--plain") && !std::getenv("NO_COLOR") && kind &&
                 std::string_view(kind) != "dumb";
    out.unicode = !arguments.has("--plain") && locale_is_utf8();
    winsize size{};
    if (terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        out.width = std::min<int>(size.ws_col, 120);
    return out;
}

const Option& case_option() {
    static const Option option{"--case",
                               "DIR",
                               {"the case folder (default: for scan, add and case new a new dated one, else "
                                "the case you are in, or the newest here)",
                                "le dossier d’enquête (par défaut : nouveau et daté pour scan, add et case "
                                "new, sinon celui où vous êtes, ou le "
                                "plus récent ici)"}};
    return option;
}

const Option& note_option() {
    static const Option option{"--note",
                               "TEXT",
                               {"who agreed to this being taken, and why: kept with each exhibit",
                                "qui a accepté ce recueil, et pourquoi : gardé avec chaque pièce"}};
    return option;
}

const Option& knowledge_option() {
    static const Option option{
        "--knowledge",
        "DIR",
        {"a folder of your own, on top of the built-in knowledge (docs/schema/knowledge.md)",
         "un dossier à vous, en plus des connaissances intégrées (docs/schema/knowledge.md)"},
        true};
    return option;
}

const Option& json_option() {
    static const Option option{"--json", "", {"print JSON (docs/schema)", "afficher en JSON (docs/schema)"}};
    return option;
}

Result<fs::path> case_folder(const Arguments& arguments) {
    const auto as_owner = [](fs::path folder) -> Result<fs::path> {
        if (const auto user = served_user(folder)) TRY(become_user(*user));
        return folder;
    };
    if (arguments.has("--case")) return as_owner(arguments.get("--case"));
    // Somebody who stands in a case means that one.
    if (Case::is_case(".")) return as_owner(".");
    // The dated folders that scan makes sort by age; the newest here is what a person means who names none.
    fs::path newest;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(".", error)) {
        const auto name = entry.path().filename();
        if (name.string().starts_with(kDefaultCasePrefix) && Case::is_case(entry.path()) && name > newest)
            newest = name;
    }
    if (newest.empty())
        return misuse({"which case?", "quel dossier d’enquête ?"}, "",
                      {"name its folder with --case DIR", "indiquez son dossier avec --case DIR"});
    say(arguments, {"case: " + newest.string(), "dossier d’enquête : " + newest.string()});
    return as_owner(newest);
}

Result<Case> open_or_create_case(const Arguments& arguments) {
    const fs::path folder = arguments.get("--case", default_case_name());
    if (!arguments.has("--case") && Case::is_case("."))
        return misuse(
            {"this folder is a case, and a new one does not belong into it",
             "ce dossier est un dossier d’enquête, un nouveau n’y a pas sa place"},
            "", {"add to it with --case . or go elsewhere", "complétez-le avec --case . ou allez ailleurs"});
    if (const auto user = served_user(folder)) TRY(become_user(*user));
    if (Case::is_case(folder)) {
        if (Case::was_interrupted(folder))
            say(arguments,
                {"an earlier run was cut off here: finishing its work first",
                 "une exécution précédente a été interrompue ici : son travail est d’abord terminé"});
        return Case::open(folder, Case::Mode::write);
    }
    auto created = Case::create(folder);
    // Made by somebody else meanwhile: it is the same case.
    if (!created && Case::is_case(folder)) return Case::open(folder, Case::Mode::write);
    if (created)
        say(arguments, {"new case: " + folder.string(), "nouveau dossier d’enquête : " + folder.string()});
    return created;
}

Result<Knowledge> choose_knowledge(const Arguments& arguments) {
    const auto bundle = Knowledge::built_in_bundle();
    auto known = TRY(Knowledge::from_bundle(bundle, "built-in knowledge"));
    const auto folders = arguments.all("--knowledge");
    if (folders.empty()) return known;
    return Knowledge::on_top_of(known, {folders.begin(), folders.end()});
}

Result<Knowledge> words_for(const Case& opened) {
    if (const auto record = last_analysis(opened))
        if (auto knowledge = knowledge_of(opened, *record)) return knowledge;
    return Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in knowledge");
}

Status close_signed(Case& opened, const Arguments& arguments) {
    const auto path = Signer::default_path();
    const bool fresh = path && !fs::exists(*path);
    const auto signer = path ? Signer::open_or_create(*path, ask_password) : tl::unexpected(path.error());
    if (!signer) {
        const auto& error = signer.error();
        say(arguments, {"the custody log is not signed: " + error.what.en + " (" + error.where + ")",
                        "le journal de garde n’est pas signé : " + error.what.fr + " (" + error.where + ")"});
        return opened.close(nullptr);
    }
    if (fresh)
        say(arguments,
            {"made a signing key: " + path->string() + " (public key " + signer->public_key().encoded() +
                 "). It signs the logs of your cases, so that others can tell that they are yours: keep it, "
                 "and "
                 "give them the public key",
             "clé de signature créée : " + path->string() + " (clé publique " +
                 signer->public_key().encoded() +
                 "). Elle signe les journaux de vos dossiers, pour que d’autres voient qu’ils sont de vous : "
                 "gardez-la, et donnez-leur la clé publique"});
    return opened.close(&*signer);
}

Progress progress_line(const Arguments& arguments, Text what) {
    if (arguments.has("--quiet") || !::isatty(STDERR_FILENO)) return {};
    return [text = what.in(arguments.lang), lang = arguments.lang](std::size_t done, std::size_t total,
                                                                   std::string_view item) {
        // Stored origins are English.
        for (const auto& collector : linux_machine::collectors())
            if (item.ends_with(collector.en)) item = lang == Lang::fr ? collector.fr : collector.en;
        std::fprintf(stderr, "\r\033[K%s %zu/%zu %s", shown(text).c_str(), done, total,
                     shown(for_terminal(item).substr(0, 60)).c_str());
        if (done == total) std::fputs("\r\033[K", stderr);
        std::fflush(stderr);
    };
}

void say(const Arguments& arguments, const Text& text) {
    if (!arguments.has("--quiet"))
        std::fprintf(stderr, "contrechamp: %s\n",
                     shown(as_called(for_terminal(text.in(arguments.lang)))).c_str());
}

void say_also(const Arguments& arguments, const std::string& line) {
    if (!arguments.has("--quiet"))
        std::fprintf(stderr, "  %s\n", shown(as_called(for_terminal(line))).c_str());
}

void set_up_process() {
    ::signal(SIGPIPE, SIG_IGN);
    // A terminal closed or Ctrl-C ends us at once: a case is built so that this loses nothing that was
    // logged.
    ::umask(077);
}

}  // namespace contrechamp::cli
