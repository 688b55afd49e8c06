// Our alignments, for tests/e2e/disparity_sclite_test.py and bench/disparity.
//
//     disparity_align [lev] [noopt] [frag] [koenecke|whisper] [fr]
// reads lines "reference TAB hypothesis" (with SCTK's marks) and answers each with a line "correct
// substituted deleted inserted". lev: costs 1/1/1; noopt: brackets are letters; frag: fragments match.
//
//     disparity_align files REFERENCE HYPOTHESIS [lev] … [threads=N] [characters]
// scores two files and prints the counts of each person and of all.
#include <cstdlib>
#include <iostream>
#include <string>

#include "analyze/disparity/transcripts.h"
#include "base/files.h"

using namespace contrechamp;
using namespace contrechamp::disparity;

namespace {

struct Options {
    NormaliseSettings normal;
    CostMode mode = CostMode::sclite;
    unsigned threads = 1;
    bool characters = false;
};

bool set(Options& options, std::string_view option) {
    if (option == "lev") options.mode = CostMode::levenshtein;
    else if (option == "noopt") options.normal.optional = false;
    else if (option == "frag") options.normal.fragments = true;
    else if (option == "fr") options.normal.language = SpeechLanguage::french;
    else if (option == "characters") options.characters = true;
    else if (option.starts_with("threads="))
        options.threads = static_cast<unsigned>(std::atoi(option.data() + 8));
    else if (const auto profile = profile_of(option)) options.normal.profile = *profile;
    else return false;
    return true;
}

std::string shown(const EditCounts& counts) {
    return std::to_string(counts.correct) + " " + std::to_string(counts.substituted) + " " +
           std::to_string(counts.deleted) + " " + std::to_string(counts.inserted);
}

int align_lines(const Options& options) {
    std::ios::sync_with_stdio(false);
    Words words;
    Aligner aligner;
    Speech reference, hypothesis;
    EditCounts counts;
    for (std::string line; std::getline(std::cin, line);) {
        const auto tab = line.find('\t');
        if (tab == line.npos) return 2;
        normalise(std::string_view(line).substr(0, tab), options.normal, reference);
        normalise(std::string_view(line).substr(tab + 1), options.normal, hypothesis);
        number(reference, words);
        number_known(hypothesis, words);
        const bool done = aligner.align(reference, hypothesis, options.mode, counts);
        std::cout << (done ? shown(counts) : "refused") << '\n';
    }
    return 0;
}

Result<TranscriptFile> read(const MappedFile& file, const std::string& where) {
    const auto layout = TRY(guess_transcript_layout(file.bytes(), {}, std::nullopt, where));
    return TranscriptFile::read(file.bytes(), layout, where);
}

Result<TranscriptResult> score(const std::string& reference, const std::string& hypothesis,
                               const Options& options) {
    const auto reference_bytes = TRY(MappedFile::open(reference)),
               hypothesis_bytes = TRY(MappedFile::open(hypothesis));
    const auto a = TRY(read(reference_bytes, reference));
    auto b = TRY(read(hypothesis_bytes, hypothesis));
    if (a.layout().format == TranscriptFormat::stm && b.layout().format == TranscriptFormat::ctm)
        b = TRY(TranscriptFile::cut(b, a));
    TranscriptSettings settings;
    settings.profiles = {options.normal.profile};
    settings.costs = {options.mode};
    settings.language = options.normal.language;
    settings.optional = options.normal.optional;
    settings.fragments = options.normal.fragments;
    settings.characters = options.characters;
    settings.groups = 1;
    settings.threads = options.threads;
    return score_transcripts(
        a, {{"system", &b}},
        [](std::string_view, std::string_view) {
            return Speaker{"", 0};
        },
        settings);
}

}  // namespace

int main(int count, char** words) {
    const bool files = count > 3 && std::string_view(words[1]) == "files";
    Options options;
    for (int i = files ? 4 : 1; i < count; ++i)
        if (!set(options, words[i])) return 2;
    if (!files) return align_lines(options);
    const auto result = score(words[2], words[3], options);
    if (!result) {
        std::cerr << result.error().what.en << '\n';
        return 1;
    }
    const auto& all = result->scores.front();
    for (const auto& person : all.people)
        std::cout << person.person << ' ' << shown(person.tally.words) << '\n';
    std::cout << "all " << shown(all.total.words) << ' ' << all.total.characters << ' '
              << all.total.character_errors << " missing " << all.total.missing << " extra "
              << result->pairing.front().extra.size() << '\n';
    return 0;
}
