// evidence/bag.h: a bag's manifest. No line may lead out of the bag.
#include <algorithm>

#include "base/hash.h"
#include "evidence/bag.h"
#include "memory_file.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(fuzz::view(data, size));
    const auto lines = read_manifest(file.path());
    if (!lines) {
        CHECK(lines.error().where.starts_with(file.path()));
        return 0;
    }
    for (const auto& line : *lines) {
        const fs::path path(line.path);
        CHECK(is_sha256(line.sha256) && !line.path.empty() && !path.is_absolute());
        CHECK(std::find(path.begin(), path.end(), "..") == path.end());
        CHECK((fs::path("/bag") / path).lexically_normal().string().starts_with("/bag"));
    }
    return 0;
}
