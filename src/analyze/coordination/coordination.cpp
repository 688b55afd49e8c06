// The coordination analyzer: which accounts of an export of posts act together, how surely, and the posts
// that show it. Reads a request (request.h), which names the exports.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "analyze/analyzer.h"
#include "analyze/coordination/edges_file.h"
#include "analyze/coordination/output.h"
#include "analyze/coordination/tables.h"

namespace contrechamp {
namespace coordination {
namespace {

constexpr std::uint64_t kLargestInput = std::uint64_t{1} << 40;  // decompressed

bool reads(std::string_view type) { return type == kRequestType || type == kEdgesFileType; }

Status analyze(const ExhibitView& exhibit, const Knowledge&, const Exhibits& others, Output& out) {
    if (exhibit.type == kEdgesFileType) return read_edges_file(exhibit, out);
    const auto request = TRY(Request::from_bytes(exhibit.bytes, std::string(exhibit.sha256)));
    std::vector<Input> inputs;
    std::vector<InputExhibit> exhibits;
    std::vector<MappedFile> decompressed;
    for (const auto& asked : request.inputs) {
        Input input;
        input.kind = asked.role == "profiles" ? PostKind::profiles : PostKind::posts;
        input.layout = asked.layout;
        input.bytes = TRY(others(asked.sha256));
        const auto compression = compression_of(input.bytes);
        exhibits.push_back({asked.sha256, asked.name, input.bytes.size(), compression});
        if (compression != Compression::none) {
            decompressed.push_back(TRY(decompress(input.bytes, compression, kLargestInput, asked.name)));
            input.bytes = decompressed.back().bytes();
            input.mapped = true;
        }
        inputs.push_back(std::move(input));
    }
    AnalysisSettings settings;
    settings.threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    std::error_code error;
    settings.scratch = std::filesystem::temp_directory_path(error);
    const auto analysis = TRY(analyse(request, inputs, settings));
    Report(analysis, request, inputs, exhibits, exhibit, out).put_out();
    return {};
}

}  // namespace
}  // namespace coordination

const Analyzer& coordination_analyzer() {
    static const Analyzer analyzer{
        "coordination",
        "accounts that act together: same words, links, times, templated profiles",
        "comptes qui agissent ensemble : mêmes mots, liens, heures, profils sur modèle",
        coordination::tables(),
        coordination::reads,
        coordination::analyze};
    return analyzer;
}

}  // namespace contrechamp
