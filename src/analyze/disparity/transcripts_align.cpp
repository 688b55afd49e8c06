#include <algorithm>
#include <atomic>
#include <thread>

#include "analyze/disparity/normalise_letters.h"
#include "analyze/disparity/transcripts_parts.h"

namespace contrechamp::disparity {
namespace {

void spell(std::string_view word, std::vector<std::uint32_t>& out) {
    if (!out.empty()) out.push_back(' ');
    for (std::size_t at = 0; at < word.size();) {
        const auto byte = static_cast<unsigned char>(word[at]);
        if (byte < 0x80) out.push_back(byte), ++at;
        else out.push_back(static_cast<std::uint32_t>(next_character(word, at)));
    }
}

}  // namespace

void align_one(const Speech& reference, const Speech& hypothesis, CostMode mode, bool characters,
               Worker& worker, Aligned& out) {
    out.characters = out.character_errors = 0;
    out.done = worker.aligner.align(reference, hypothesis, mode, out.counts, &out.pairs);
    if (!out.done || !characters) return;
    worker.reference.clear();
    worker.hypothesis.clear();
    for (const auto& pair : out.pairs) {
        // An optional word that one side lacks is no error, and its letters are none.
        const bool one_sided = pair.reference == kNoPiece || pair.hypothesis == kNoPiece;
        if (one_sided && pair.edit == Edit::correct) continue;
        if (pair.reference != kNoPiece)
            spell(reference.text(reference.pieces[pair.reference]), worker.reference);
        if (pair.hypothesis != kNoPiece)
            spell(hypothesis.text(hypothesis.pieces[pair.hypothesis]), worker.hypothesis);
    }
    out.characters = worker.reference.size();
    if (out.counts.errors() == 0 && worker.reference == worker.hypothesis) return;
    if (std::uint64_t{worker.reference.size()} * worker.hypothesis.size() / 64 > kMostSteps) {
        out = {};
        return;
    }
    out.character_errors = distance(worker.reference, worker.hypothesis);
}

void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t, Worker&)>& work) {
    constexpr std::size_t kAtOnce = 16;
    const auto wanted = std::min<std::size_t>(threads, (count + kAtOnce - 1) / kAtOnce);
    if (wanted <= 1) {
        thread_local Worker worker;
        for (std::size_t i = 0; i < count; ++i) work(i, worker);
        return;
    }
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < wanted; ++t)
        running.emplace_back([&] {
            Worker worker;
            for (;;) {
                const auto begin = next.fetch_add(kAtOnce);
                if (begin >= count) return;
                for (auto i = begin; i < std::min(count, begin + kAtOnce); ++i) work(i, worker);
            }
        });
}

}  // namespace contrechamp::disparity
