// formats/gvdb.h: items lie inside the file, tables do not grow beyond it, values are text.
#include "formats/gvdb.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

void check(std::string_view bytes, const std::vector<gvdb::Item>& items, int depth) {
    std::size_t keys = 0, tables = 0;
    for (const auto& item : items) {
        CHECK(fuzz::inside(bytes, item.offset, item.length));
        keys += item.key.size();
        if (const auto text = gvdb::scalar(bytes, item)) CHECK(is_valid_utf8(*text));
        for (const auto& permission : gvdb::permissions(bytes, item)) {
            CHECK(is_valid_utf8(permission.application));
            for (const auto& word : permission.permissions) CHECK(is_valid_utf8(word));
        }
        // Readers look into one table; a few are enough here.
        if (item.type != 'H' || depth > 1 || ++tables > 2) continue;
        if (const auto inner = gvdb::read_table(bytes, item, "fuzz")) check(bytes, *inner, depth + 1);
    }
    CHECK(keys <= 16 * bytes.size() + (1 << 20));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    if (const auto root = gvdb::read_root(bytes, "fuzz")) check(bytes, *root, 0);
    return 0;
}
