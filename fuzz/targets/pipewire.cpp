// formats/pipewire.h: what pw-dump prints. Nodes and clients are linked by ids that a program may choose.
#include "formats/pipewire.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto dump = fuzz::view(data, size);
    const auto recorders = pipewire::recorders(dump, "fuzz");
    if (!recorders) return 0;
    CHECK(recorders->size() <= dump.size());
    for (const auto& recorder : *recorders) CHECK(is_valid_utf8(recorder.binary));
    return 0;
}
