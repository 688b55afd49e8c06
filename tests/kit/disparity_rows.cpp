// Decisions by the million, and how long it takes to count them (bench/disparity_rows):
//     disparity_rows write ROWS > FILE     id,sex,grade,age_band,promoted; the same bytes each time
//     disparity_rows count FILE [THREADS]  counts by sex within grade × age_band, ids checked; one JSON
//     object:
//                                          wall and CPU seconds, peak memory, the account and the counts
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "analyze/disparity/decisions.h"
#include "base/files.h"

using namespace contrechamp;

namespace {

// https://prng.di.unimi.it/splitmix64.c
std::uint64_t next(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

int write(std::uint64_t rows) {
    constexpr std::array<const char*, 4> kBands = {"18-29", "30-44", "45-54", "55+"};
    std::uint64_t state = 1;
    std::puts("id,sex,grade,age_band,promoted");
    for (std::uint64_t i = 0; i < rows; ++i) {
        const auto random = next(state);
        const bool woman = random & 1;
        const auto grade = 1 + (random >> 1) % 6;
        const bool promoted = (random >> 20) % 1000 < (woman ? 90 : 120);
        std::printf("E%09llu,%c,G%llu,%s,%s\n", static_cast<unsigned long long>(i), woman ? 'F' : 'M',
                    static_cast<unsigned long long>(grade), kBands[(random >> 40) % 4],
                    promoted ? "yes" : "no");
    }
    return 0;
}

int failed(const Error& error) {
    std::fprintf(stderr, "%s: %s: %s\n", error.what.en.c_str(), error.where.c_str(), error.todo.en.c_str());
    return 1;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Result<disparity::Decisions> count(std::string_view bytes, const std::string& where, unsigned threads) {
    using disparity::Role;
    const auto layout = TRY(guess_table_layout(bytes, {}, where));
    disparity::BindWishes wishes;
    wishes.asked = {{Role::id, "id"},
                    {Role::group, "sex"},
                    {Role::stratum, "grade"},
                    {Role::stratum, "age_band"},
                    {Role::outcome, "promoted"}};
    disparity::DecisionsWish wish;
    wish.columns = TRY(disparity::bind_columns(layout, wishes, where));
    wish.threads = threads;
    return disparity::count_decisions(bytes, layout, wish, where);
}

int time_count(const std::string& path, unsigned threads) {
    const auto file = MappedFile::open(path);
    if (!file) return failed(file.error());
    const auto began = std::chrono::steady_clock::now();
    const auto decisions = count(file->bytes(), path, threads);
    if (!decisions) return failed(decisions.error());
    const auto wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const std::array<std::size_t, 1> sex = {0};
    const auto table = disparity::by_group(*decisions, sex, true);
    if (!table) return failed(table.error());
    json::Object counts;
    for (std::size_t s = 0; s < table->strata.size(); ++s)
        for (std::size_t g = 0; g < table->values.size(); ++g) {
            const auto& one = table->counts[s * table->values.size() + g];
            counts[table->strata[s] + " " + table->values[g]] = json::Array{one.events, one.of};
        }
    const json::Object out = {{"wall_s", wall},
                              {"cpu_s", seconds(usage.ru_utime) + seconds(usage.ru_stime)},
                              {"peak_mb", static_cast<double>(usage.ru_maxrss) / 1024},
                              {"rows_in", table->account.rows_in},
                              {"used", table->account.used},
                              {"counts", counts}};
    std::puts(json::canonical(json::Value(out)).c_str());
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const std::string mode = count > 2 ? words[1] : "";
    if (mode == "write") return write(std::strtoull(words[2], nullptr, 10));
    if (mode == "count")
        return time_count(words[2], count > 3 ? static_cast<unsigned>(std::atoi(words[3])) : 2);
    std::fputs("disparity_rows write ROWS | count FILE [THREADS]\n", stderr);
    return 2;
}
