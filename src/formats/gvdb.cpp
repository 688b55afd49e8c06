#include "formats/gvdb.h"

#include <cstring>
#include <memory>
#include <optional>

#include <glib.h>

#include "base/bytes.h"

namespace contrechamp::gvdb {
namespace {

constexpr std::string_view kSignature = "GVariant";
constexpr std::size_t kHeaderBytes = 24, kItemBytes = 24;
constexpr std::uint32_t kNoParent = 0xffffffff;
constexpr std::size_t kMaxItems = 1'000'000, kMaxDepth = 64;
// Values of a table do not overlap, and whole keys are little longer than their parts: items that claim more
// are made to multiply a small file into gigabytes.
constexpr std::size_t kKeyBytesPerByte = 16, kKeyBytesAtLeast = 64 << 10;

struct RawItem {
    std::uint32_t parent = 0;
    std::string_view key;
    Item item;
};

tl::unexpected<Error> damaged(std::string_view where, std::uint64_t offset) {
    return fail({"the database is damaged", "la base est endommagée"},
                std::string(where) + " (offset " + std::to_string(offset) + ")");
}

Result<std::vector<Item>> read(std::string_view bytes, std::uint64_t start, std::uint64_t end,
                               std::string_view where) {
    if (end < start || end > bytes.size()) return damaged(where, start);
    ByteReader reader(bytes.substr(0, static_cast<std::size_t>(end)));
    if (!reader.seek(start)) return damaged(where, start);
    const auto bloom = reader.u32le(), buckets = reader.u32le();
    if (!bloom || !buckets) return damaged(where, start);
    // The upper five bits of the bloom count are a shift.
    const std::uint64_t skip = (std::uint64_t{*bloom & 0x07ffffff} + *buckets) * 4;
    if (!reader.take(skip)) return damaged(where, start);
    const std::size_t count = reader.remaining() / kItemBytes;
    if (count > kMaxItems) return damaged(where, start);

    std::vector<RawItem> raw;
    raw.reserve(count);
    std::uint64_t value_bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = reader.offset();
        reader.u32le();  // hash
        const auto parent = reader.u32le(), key_start = reader.u32le();
        const auto key_size = reader.u16le();
        const auto type = reader.u8();
        reader.u8();
        const auto value_start = reader.u32le(), value_end = reader.u32le();
        const auto key = value_end ? slice(bytes, *key_start, *key_size) : std::nullopt;
        if (!key || *value_end < *value_start || *value_end > bytes.size()) return damaged(where, at);
        value_bytes += *value_end - *value_start;
        if (value_bytes > bytes.size()) return damaged(where, at);
        raw.push_back(
            {*parent, *key, {"", static_cast<char>(*type), *value_start, *value_end - *value_start}});
    }
    std::vector<Item> out;
    std::uint64_t key_bytes = 0;
    for (auto& entry : raw) {
        std::string key(entry.key);
        std::size_t depth = 0;
        for (auto parent = entry.parent; parent != kNoParent; parent = raw[parent].parent) {
            if (parent >= raw.size() || ++depth > kMaxDepth) return damaged(where, start);
            key_bytes += raw[parent].key.size();
            if (key_bytes > kKeyBytesAtLeast + kKeyBytesPerByte * bytes.size()) return damaged(where, start);
            key.insert(0, raw[parent].key);
        }
        entry.item.key = std::move(key);
        out.push_back(std::move(entry.item));
    }
    return out;
}

using Variant = std::unique_ptr<GVariant, decltype(&g_variant_unref)>;

// The value inside an item: GVDB stores every value wrapped as a 'v'. `trusted` false makes GLib check
// everything.
Variant value_of(std::string_view bytes, const Item& item) {
    const auto data = slice(bytes, item.offset, item.length);
    if (!data || item.type != 'v') return {nullptr, g_variant_unref};
    // GLib wants aligned data and keeps a reference to it: give it a copy.
    GBytes* copy = g_bytes_new(data->data(), data->size());
    GVariant* wrapped = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE_VARIANT, copy, FALSE));
    g_bytes_unref(copy);
    GVariant* normal = g_variant_get_normal_form(wrapped);
    g_variant_unref(wrapped);
    GVariant* inner = g_variant_get_variant(normal);
    g_variant_unref(normal);
    return {inner, g_variant_unref};
}

}  // namespace

Result<std::vector<Item>> read_root(std::string_view bytes, std::string_view where) {
    ByteReader reader(bytes);
    if (reader.take(kSignature.size()) != kSignature)
        return fail({"this is not a GVDB database", "ce n’est pas une base GVDB"}, std::string(where));
    const auto version = reader.u32le();
    reader.u32le();  // options
    const auto start = reader.u32le(), end = reader.u32le();
    if (!end || *version != 0 || *start < kHeaderBytes) return damaged(where, kSignature.size());
    return read(bytes, *start, *end, where);
}

Result<std::vector<Item>> read_table(std::string_view bytes, const Item& table, std::string_view where) {
    if (table.type != 'H') return damaged(where, table.offset);
    return read(bytes, table.offset, table.offset + table.length, where);
}

std::optional<std::string> scalar(std::string_view bytes, const Item& item) {
    const auto value = value_of(bytes, item);
    if (!value) return std::nullopt;
    if (g_variant_is_of_type(value.get(), G_VARIANT_TYPE_STRING))
        return std::string(g_variant_get_string(value.get(), nullptr));
    if (g_variant_is_of_type(value.get(), G_VARIANT_TYPE_BOOLEAN))
        return std::string(g_variant_get_boolean(value.get()) ? "true" : "false");
    if (g_variant_is_of_type(value.get(), G_VARIANT_TYPE_INT32))
        return std::to_string(g_variant_get_int32(value.get()));
    if (g_variant_is_of_type(value.get(), G_VARIANT_TYPE_UINT32))
        return std::to_string(g_variant_get_uint32(value.get()));
    if (g_variant_is_of_type(value.get(), G_VARIANT_TYPE_UINT16))
        return std::to_string(g_variant_get_uint16(value.get()));
    return std::nullopt;
}

std::vector<Permission> permissions(std::string_view bytes, const Item& item) {
    std::vector<Permission> out;
    const auto value = value_of(bytes, item);
    if (!value || !g_variant_is_of_type(value.get(), G_VARIANT_TYPE("(va{sas})"))) return out;
    const Variant map(g_variant_get_child_value(value.get(), 1), g_variant_unref);
    for (gsize i = 0; i < g_variant_n_children(map.get()); ++i) {
        const Variant entry(g_variant_get_child_value(map.get(), i), g_variant_unref);
        const Variant key(g_variant_get_child_value(entry.get(), 0), g_variant_unref),
            list(g_variant_get_child_value(entry.get(), 1), g_variant_unref);
        Permission permission;
        permission.application = g_variant_get_string(key.get(), nullptr);
        for (gsize j = 0; j < g_variant_n_children(list.get()); ++j) {
            const Variant word(g_variant_get_child_value(list.get(), j), g_variant_unref);
            permission.permissions.emplace_back(g_variant_get_string(word.get(), nullptr));
        }
        out.push_back(std::move(permission));
    }
    return out;
}

}  // namespace contrechamp::gvdb
