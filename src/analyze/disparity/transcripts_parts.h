// One utterance aligned, and work shared by threads. Only transcripts*.cpp include this.
#pragma once

#include <functional>
#include <vector>

#include "analyze/disparity/align.h"
#include "formats/transcripts.h"

namespace contrechamp::disparity {

struct Aligned {
    bool done = false;  // false: not aligned (kMostSteps, kDeepest)
    EditCounts counts;
    std::uint64_t characters = 0, character_errors = 0;
    std::vector<AlignedPair> pairs;
};

// A thread's own.
struct Worker {
    Aligner aligner;
    UtteranceScratch scratch;
    std::vector<std::uint32_t> reference, hypothesis;  // characters
};

void align_one(const Speech& reference, const Speech& hypothesis, CostMode mode, bool characters,
               Worker& worker, Aligned& out);

// work(i) for 0 ≤ i < count, on so many threads; what it writes must depend on i alone.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t, Worker&)>& work);

}  // namespace contrechamp::disparity
