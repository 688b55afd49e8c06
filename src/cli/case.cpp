// contrechamp case: new, show, timestamp. contrechamp key: the signing key.
#include "base/escape.h"
#include "cli/common.h"
#include "evidence/timestamp.h"
#include "report/words.h"

namespace contrechamp::cli {
namespace {

Result<int> run_new(const Arguments& arguments) {
    const std::string name = arguments.get("DIR", arguments.get("--case", default_case_name()));
    auto opened = TRY(Case::create(name));
    TRY(close_signed(opened, arguments));
    TRY(print_exact(name + "\n"));
    return 0;
}

Result<int> run_show(const Arguments& arguments) {
    const auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::read));
    const auto& entries = opened.log().entries;
    if (arguments.has("--json")) {
        for (const auto& entry : entries) TRY(print(json::canonical(entry.body) + "\n"));
        return 0;
    }
    TRY(print("case " + opened.id() + "\nhead " + opened.log().head() + "\n"));
    const auto knowledge = TRY(words_for(opened));
    for (const auto& entry : entries) {
        std::string detail(
            entry.action == "exhibit-added"
                ? origin_of(Exhibit::from_json(entry.body["exhibit"]), knowledge, arguments.lang)
                : std::string(entry.body["path"].string_or()));
        TRY(print(std::to_string(entry.sequence) + "  " + std::string(entry.body["time"].string_or()) + "  " +
                  entry.action + "  " + for_terminal(detail) + "\n"));
    }
    return 0;
}

// The entry whose hash a token stamps, or nothing.
const LogEntry* stamped_entry(const Case& opened, const std::string& sha256) {
    for (const auto& entry : opened.log().entries)
        if (entry.hash == sha256) return &entry;
    return nullptr;
}

Result<int> request_timestamp(Case& opened, const Arguments& arguments) {
    const std::string head = opened.log().head();
    const std::string sequence = std::to_string(opened.log().entries.size() - 1);
    const std::string path = "timestamps/" + sequence + ".tsq";
    TRY(opened.write_tag_file(path, TRY(timestamp_request(head))));
    const std::string full = (opened.directory() / path).string();
    TRY(close_signed(opened, arguments));
    TRY(print_exact(full + "\n"));
    say(arguments, {"send this file to any timestamping authority, for example:",
                    "envoyez ce fichier à une autorité d’horodatage de votre choix, par exemple :"});
    say_also(arguments, "curl -H 'Content-Type: application/timestamp-query' --data-binary @" +
                            for_shell(full) + " URL > answer.tsr");
    say(arguments, {"then:", "puis :"});
    say_also(arguments, "contrechamp case timestamp --import answer.tsr --case " +
                            for_shell(opened.directory().string()));
    return 0;
}

Result<int> import_timestamp(Case& opened, const Arguments& arguments) {
    const std::string file = arguments.get("--import");
    const std::string der = TRY(read_file(file, 1 << 20));
    std::optional<fs::path> authorities;
    if (arguments.has("--tsa-ca")) authorities = arguments.get("--tsa-ca");
    const auto token = TRY(read_timestamp(der, file, authorities));
    const auto* entry = stamped_entry(opened, token.sha256);
    if (!entry)
        return fail({"this answer stamps " + token.sha256 + ", which no entry of this case's log has",
                     "cette réponse horodate " + token.sha256 +
                         ", qu’aucune entrée du journal de ce dossier ne porte"},
                    file,
                    {"import it into the case whose request you sent",
                     "importez-la dans le dossier dont vous avez envoyé la demande"});
    if (!token.intact)
        return fail({"the answer's own signature does not hold", "la signature de la réponse ne tient pas"},
                    file);
    if (authorities && !token.trusted)
        return fail({"the authority's certificate does not lead to the given roots",
                     "le certificat de l’autorité ne mène pas aux racines données"},
                    file);
    const std::string sequence = std::to_string(entry->sequence), path = "timestamps/" + sequence + ".tsr";
    TRY(opened.write_tag_file(path, der));
    TRY(opened.record("timestamp-imported", {{"path", path},
                                             {"entry", static_cast<std::int64_t>(entry->sequence)},
                                             {"head", token.sha256},
                                             {"time", token.time},
                                             {"authority", to_valid_utf8(token.authority)}}));
    TRY(close_signed(opened, arguments));
    TRY(print(arguments.lang == Lang::fr
                  ? "l’entrée " + sequence + " existait le " + token.time + ", selon " +
                        for_terminal(token.authority) +
                        (token.trusted ? "" : " (autorité non vérifiée : donnez --tsa-ca)") + "\n"
                  : "entry " + sequence + " existed at " + token.time + ", says " +
                        for_terminal(token.authority) +
                        (token.trusted ? "" : " (authority not checked: give --tsa-ca)") + "\n"));
    return 0;
}

Result<int> run_timestamp(const Arguments& arguments) {
    if (arguments.has("--request") == arguments.has("--import"))
        return misuse({"either --request or --import FILE", "soit --request, soit --import FICHIER"},
                      "case timestamp");
    auto opened = TRY(Case::open(TRY(case_folder(arguments)), Case::Mode::write));
    return arguments.has("--request") ? request_timestamp(opened, arguments)
                                      : import_timestamp(opened, arguments);
}

Result<int> run_key_show(const Arguments&) {
    const auto path = TRY(Signer::default_path());
    fs::path beside = path;
    const std::string text = TRY(read_file(beside.replace_extension(".pub"), 4096));
    TRY(print(text));
    return 0;
}

Result<int> run_key_new(const Arguments& arguments) {
    const auto path = TRY(Signer::default_path());
    std::string password;
    if (arguments.has("--password-file")) {
        password = TRY(read_file(arguments.get("--password-file"), 4096));
        while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
    }
    const auto signer = TRY(Signer::create(path, password));
    TRY(print(signer.public_key().file_text()));
    return 0;
}

}  // namespace

Verb case_verb() {
    Verb made;
    made.name = "new";
    made.about = {"make an empty case", "créer un dossier d’enquête vide"};
    made.example = "contrechamp case new inquiry";
    made.options = {
        {"DIR",
         "",
         {"its folder (default: a new dated one here)", "son dossier (par défaut : un nouveau, daté, ici)"}},
        case_option()};
    made.run = run_new;
    Verb show;
    show.name = "show";
    show.about = {"print the custody log", "afficher le journal de garde"};
    show.example = "contrechamp case show --case DIR";
    show.options = {case_option(), json_option()};
    show.run = run_show;
    Verb timestamp;
    timestamp.name = "timestamp";
    timestamp.about = {"have the custody log timestamped by an authority (RFC 3161)",
                       "faire horodater le journal de garde par une autorité (RFC 3161)"};
    timestamp.more = {
        "--request writes a .tsq that any authority can answer; --import takes its .tsr. Nothing is sent by "
        "this program.",
        "--request écrit un .tsq auquel toute autorité peut répondre ; --import prend son .tsr. Ce programme "
        "n’envoie rien."};
    timestamp.example =
        "contrechamp case timestamp --request --case DIR\n"
        "  contrechamp case timestamp --import answer.tsr --tsa-ca authority.pem --case DIR";
    timestamp.options = {
        case_option(),
        {"--request",
         "",
         {"write a request for the log's head", "écrire une demande pour la tête du journal"}},
        {"--import", "FILE", {"the authority's answer", "la réponse de l’autorité"}},
        {"--tsa-ca",
         "FILE",
         {"the authority's root certificates (PEM), to check it against",
          "les certificats racine de l’autorité (PEM), pour la vérifier"}}};
    timestamp.run = run_timestamp;
    Verb verb;
    verb.name = "case";
    verb.about = {"make, show and timestamp cases", "créer, montrer et horodater des dossiers d’enquête"};
    verb.example = "contrechamp case show --case DIR";
    verb.verbs = {made, show, timestamp};
    return verb;
}

Verb key_verb() {
    Verb show;
    show.name = "show";
    show.about = {"print the public key, to be given to others",
                  "afficher la clé publique, à donner aux autres"};
    show.example = "contrechamp key show > author.pub";
    show.run = run_key_show;
    Verb made;
    made.name = "new";
    made.about = {"make a signing key, with a password if wanted",
                  "créer une clé de signature, avec mot de passe si voulu"};
    made.example = "contrechamp key new --password-file secret.txt";
    made.options = {
        {"--password-file", "FILE", {"a file holding the password", "un fichier contenant le mot de passe"}}};
    made.run = run_key_new;
    Verb verb;
    verb.name = "key";
    verb.about = {"the key that signs custody logs (minisign's format)",
                  "la clé qui signe les journaux de garde (format de minisign)"};
    verb.example = "contrechamp key show";
    verb.verbs = {show, made};
    return verb;
}

}  // namespace contrechamp::cli
