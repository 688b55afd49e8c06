// Work shared by threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "base/result.h"

namespace contrechamp {

// Runs `work(i)` for 0 ≤ i < count on so many threads; the error of the smallest i wins.
Status in_parallel(std::size_t count, unsigned threads, const std::function<Status(std::size_t)>& work);

// Calls work(begin, end, number) for every piece of [0, count). Pieces are of a fixed size, so that results
// do not depend on how many threads share them.
template <class Work>
void in_pieces(std::size_t count, std::size_t piece, unsigned threads, const Work& work) {
    static_cast<void>(in_parallel((count + piece - 1) / piece, threads, [&](std::size_t i) -> Status {
        work(i * piece, std::min(count, (i + 1) * piece), i);
        return {};
    }));
}

}  // namespace contrechamp
