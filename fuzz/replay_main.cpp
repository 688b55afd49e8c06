// Stands in for libFuzzer where there is none: runs a fuzz target once over each file named, or found below
// the folders named. A property that fails ends the program; an input that takes longer than any sane one
// fails at the end.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

// Processor seconds for one input, with room for sanitizers on a slow machine.
constexpr double kLimit = 30;

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::vector<fs::path> inputs(int count, char** arguments) {
    std::vector<fs::path> out;
    for (int i = 1; i < count; ++i) {
        if (!fs::is_directory(arguments[i])) out.emplace_back(arguments[i]);
        else
            for (const auto& entry : fs::recursive_directory_iterator(arguments[i]))
                if (entry.is_regular_file()) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

int main(int count, char** arguments) {
    const auto files = inputs(count, arguments);
    if (files.empty()) {
        std::fprintf(stderr, "usage: %s FILE|FOLDER…\n", arguments[0]);
        return 2;
    }
    double slowest = 0;
    fs::path slowest_file;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        std::fprintf(stderr, "%s\n", file.c_str());  // the last one printed is the one that crashed
        const double start = processor_seconds();
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        const double took = processor_seconds() - start;
        if (took > slowest) slowest = took, slowest_file = file;
    }
    std::printf("%zu inputs, slowest %.3f s: %s\n", files.size(), slowest, slowest_file.c_str());
    return slowest > kLimit ? 1 : 0;
}
