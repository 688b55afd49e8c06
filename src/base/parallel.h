// Work shared by threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace contrechamp {

// Runs `work(i)` for 0 ≤ i < count on so many threads; the error of the smallest i wins.
Status in_parallel(std::size_t count, unsigned threads, const std::function<Status(std::size_t)>& work);

}  // namespace contrechamp
