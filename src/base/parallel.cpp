#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace contrechamp {

Status in_parallel(std::size_t count, unsigned threads, const std::function<Status(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::optional<std::pair<std::size_t, Error>> failed;
    const auto loop = [&] {
        for (std::size_t i; (i = next++) < count;) {
            auto done = work(i);
            if (done) continue;
            const std::lock_guard lock(mutex);
            if (!failed || i < failed->first) failed.emplace(i, std::move(done).error());
            next = count;
        }
    };
    std::vector<std::thread> others;
    for (unsigned t = 1; t < std::min<std::size_t>(threads, count); ++t) others.emplace_back(loop);
    loop();
    for (auto& thread : others) thread.join();
    if (failed) return tl::unexpected(std::move(failed->second));
    return {};
}

}  // namespace contrechamp
