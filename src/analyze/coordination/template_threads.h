// Inside the search for templates: work in pieces of a fixed size, so that results do not depend on how many
// threads share it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace contrechamp::coordination {

// Calls work(begin, end, piece) for every piece of [0, count), from several threads at once.
template <typename Work>
void in_pieces(std::size_t count, std::size_t piece, unsigned threads, const Work& work) {
    std::size_t pieces = (count + piece - 1) / piece;
    std::atomic<std::size_t> next{0};
    auto run = [&] {
        for (std::size_t i; (i = next.fetch_add(1)) < pieces;)
            work(i * piece, std::min(count, (i + 1) * piece), i);
    };
    std::size_t helpers = std::min<std::size_t>(std::clamp(threads, 1U, 64U), pieces);
    std::vector<std::jthread> crew;
    for (std::size_t t = 1; t < helpers; ++t) crew.emplace_back(run);
    run();
}

}  // namespace contrechamp::coordination
