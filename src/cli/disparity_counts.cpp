#include "cli/disparity_counts.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "analyze/disparity/transcripts.h"
#include "cli/common.h"

namespace contrechamp::cli {
namespace {

using namespace disparity;

Result<TranscriptFile> read(const JudgedInput& input, const Request& request) {
    std::map<std::string, std::string> columns;
    for (const auto* role : {"id", "speaker", "text"})
        if (!request.column(role).empty()) columns[role] = request.column(role);
    const auto where = input.path.string();
    const auto layout =
        TRY(guess_transcript_layout(input.bytes(), columns, transcript_format(input.asked.format), where));
    return TranscriptFile::read(input.bytes(), layout, where);
}

// A cell of CSV by RFC 4180.
std::string cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

}  // namespace

Result<int> write_counts(const Arguments& arguments, const std::vector<JudgedInput>& inputs,
                         const Request& request) {
    std::optional<TranscriptFile> reference;
    std::vector<TranscriptFile> files;
    std::vector<std::string> names;
    files.reserve(inputs.size());
    for (const auto& input : inputs) {
        if (input.asked.role == "reference") reference = TRY(read(input, request));
        if (input.asked.role != "system") continue;
        auto file = TRY(read(input, request));
        if (file.layout().format == TranscriptFormat::ctm &&
            reference->layout().format == TranscriptFormat::stm)
            file = TRY(TranscriptFile::cut(file, *reference));
        files.push_back(std::move(file));
        names.push_back(input.asked.name);
    }
    std::vector<TranscriptSystem> systems;
    for (std::size_t i = 0; i < files.size(); ++i) systems.push_back({names[i], &files[i]});
    TranscriptSettings settings;
    settings.profiles = {Profile::raw};
    settings.costs = {CostMode::sclite};
    settings.characters = false;
    settings.lost_words = 0;
    settings.threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    std::string out = "system,utterance,speaker,words,correct,substituted,deleted,inserted\n";
    const auto who = [](std::string_view speaker, std::string_view utterance) {
        return Speaker{std::string(speaker.empty() ? utterance : speaker), kNoGroup};
    };
    const auto result =
        TRY(score_transcripts(*reference, systems, who, settings, [&](const ScoredUtterance& one) {
            const auto& counts = one.counts;
            out += cell(names[one.system]) + ',' + cell(one.id) + ',' + cell(one.person) + ',' +
                   std::to_string(counts.words()) + ',' + std::to_string(counts.correct) + ',' +
                   std::to_string(counts.substituted) + ',' + std::to_string(counts.deleted) + ',' +
                   std::to_string(counts.inserted) + '\n';
        }));
    const auto refused = reference->refused().size();
    if (refused)
        say(arguments, {std::to_string(refused) + " rows of the reference could not be used",
                        std::to_string(refused) + " lignes de la référence sont inutilisables"});
    for (std::size_t i = 0; i < systems.size(); ++i) {
        const auto& pairing = result.pairing[i];
        if (files[i].refused().size() + pairing.missing.size() + pairing.extra.size() == 0) continue;
        const auto missing = std::to_string(pairing.missing.size()),
                   extra = std::to_string(pairing.extra.size()),
                   bad = std::to_string(files[i].refused().size());
        say(arguments, {names[i] + ": " + missing + " utterances missing (counted as all deleted), " + extra +
                            " without a reference, " + bad + " rows not usable",
                        names[i] + " : " + missing + " énoncés manquants (comptés comme tout perdus), " +
                            extra + " sans référence, " + bad + " lignes inutilisables"});
    }
    if (arguments.get("--counts") == "-") TRY(print_exact(out));
    else TRY(replace_file(arguments.get("--counts"), out));
    return 0;
}

}  // namespace contrechamp::cli
