// formats/compressed.h: never more than the limit, and the same bytes each time.
#include "formats/compressed.h"

#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kLimit = 1 << 20;
    const std::vector<char> copy(data, data + size);
    const std::string_view bytes(copy.data(), copy.size());
    for (const auto kind : {compression_of(bytes), Compression::gzip, Compression::zstd}) {
        const auto out = decompress(bytes, kind, kLimit, "fuzz");
        if (!out) continue;
        CHECK(out->bytes().size() <= kLimit);
        const auto again = decompress(bytes, kind, out->bytes().size(), "fuzz");
        CHECK(again && again->bytes() == out->bytes());
        if (!out->bytes().empty()) CHECK(!decompress(bytes, kind, out->bytes().size() - 1, "fuzz"));
    }
    return 0;
}
