// The disparity analyzer: does an automated judgement treat groups of people unequally, and how surely? Reads
// a request (request.h), which names the exhibits.
#include <algorithm>
#include <thread>

#include "analyze/analyzer.h"
#include "analyze/disparity/mode.h"
#include "analyze/disparity/tables.h"
#include "formats/compressed.h"

namespace contrechamp {
namespace disparity {
namespace {

constexpr std::uint64_t kLargestInput = std::uint64_t{1} << 40;  // decompressed

bool reads(std::string_view type) { return type == kRequestType; }

Status analyze(const ExhibitView& exhibit, const Knowledge&, const Exhibits& others, Output& out) {
    const auto request = TRY(Request::from_bytes(exhibit.bytes, std::string(exhibit.sha256)));
    Report report(request, exhibit, out);
    Asked asked{request, {}, report, std::clamp(std::thread::hardware_concurrency(), 1u, 8u)};
    std::vector<MappedFile> decompressed;
    for (const auto& input : request.inputs) {
        auto bytes = TRY(others(input.sha256));
        const auto size = bytes.size();
        const auto compression = compression_of(bytes);
        if (compression != Compression::none) {
            decompressed.push_back(TRY(decompress(bytes, compression, kLargestInput, input.name)));
            bytes = decompressed.back().bytes();
        }
        report.add_input(compression, size, bytes.size());
        asked.bytes.push_back(bytes);
    }
    switch (request.mode) {
        case Mode::transcripts: return compare_transcripts(asked);
        case Mode::decisions: return compare_decisions(asked);
        case Mode::scores: return compare_scores(asked);
        case Mode::faces: return compare_faces(asked);
        case Mode::career: return compare_careers(asked);
    }
    return {};
}

}  // namespace
}  // namespace disparity

const Analyzer& disparity_analyzer() {
    static const Analyzer analyzer{"disparity",
                                   "automated judgements compared between groups of people: word errors, "
                                   "decisions, scores, face matches",
                                   "jugements automatisés comparés entre groupes de personnes : erreurs de "
                                   "mots, décisions, notes, visages reconnus",
                                   disparity::tables(),
                                   disparity::reads,
                                   disparity::analyze};
    return analyzer;
}

}  // namespace contrechamp
