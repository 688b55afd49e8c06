// Text of tables: encodings, and JSON objects of one line.
#include <simdjson.h>

#include <array>

#include "formats/table_parts.h"

namespace contrechamp::tables {
namespace {

using rows::put_utf8;

// 0x80 … 0x9f of https://encoding.spec.whatwg.org/index-windows-1252.txt; the rest is Latin-1.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

}  // namespace

Look look(std::string_view bytes) {
    constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
    std::uint64_t high = 0, zero = 0;
    const auto word = [&](std::uint64_t eight) {
        high |= eight;
        // https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
        zero |= (eight - kOnes) & ~eight;
    };
    std::size_t i = 0;
    for (std::uint64_t eight; i + 8 <= bytes.size(); i += 8) {
        std::memcpy(&eight, bytes.data() + i, 8);
        word(eight);
    }
    if (i < bytes.size()) {
        std::uint64_t rest = kOnes;
        std::memcpy(&rest, bytes.data() + i, bytes.size() - i);
        word(rest);
    }
    return {(high & kHigh) == 0, (zero & kHigh) != 0};
}

std::string_view from_windows_1252(std::string_view bytes, rows::Arena& arena) {
    char* const begin = arena.room(3 * bytes.size());
    char* out = begin;
    for (const char c : bytes) {
        const std::uint32_t byte = static_cast<unsigned char>(c);
        out = put_utf8(out, byte >= 0x80 && byte < 0xa0 ? std::uint32_t{kWindows1252[byte - 0x80]} : byte);
    }
    return arena.keep(begin, out);
}

std::string_view from_utf16(std::string_view bytes, bool big_endian, rows::Arena& arena, bool& zero) {
    const std::size_t count = bytes.size() / 2;
    const auto unit = [&](std::size_t i) {
        const std::uint32_t first = static_cast<unsigned char>(bytes[2 * i]);
        const std::uint32_t second = static_cast<unsigned char>(bytes[2 * i + 1]);
        return big_endian ? first << 8 | second : second << 8 | first;
    };
    char* const begin = arena.room(3 * count);
    char* out = begin;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t code = unit(i);
        zero = zero || code == 0;
        if (code >= 0xd800 && code < 0xdc00 && i + 1 < count && unit(i + 1) >= 0xdc00 && unit(i + 1) < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (unit(++i) - 0xdc00);
        else if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
        out = put_utf8(out, code);
    }
    return arena.keep(begin, out);
}

// ---- JSON

namespace ondemand = simdjson::ondemand;

struct FlatObject::Parser {
    ondemand::parser parser{4 * kLongestTableRow};
    std::string padded;

    // The value as a cell says it, or why not.
    std::optional<TableRefusal> cell(ondemand::value value, std::string_view& out) {
        ondemand::json_type type{};
        if (value.type().get(type)) return TableRefusal::not_an_object;
        double number = 0;
        bool truth = false, null = false;
        switch (type) {
            case ondemand::json_type::string:
                if (value.get_string().get(out)) return TableRefusal::not_an_object;
                return std::nullopt;
            case ondemand::json_type::number:
                out = value.raw_json_token();
                out = out.substr(0, out.find_last_not_of(" \t\r\n") + 1);
                // Whole numbers over 64 bits are numbers too; their digits are kept.
                if (value.get_double().get(number)) return TableRefusal::not_an_object;
                return std::nullopt;
            case ondemand::json_type::boolean:
                if (value.get_bool().get(truth)) return TableRefusal::not_an_object;
                out = truth ? "true" : "false";
                return std::nullopt;
            case ondemand::json_type::null:
                if (value.is_null().get(null) || !null) return TableRefusal::not_an_object;
                out = {};
                return std::nullopt;
            default: return TableRefusal::nested;
        }
    }
};

FlatObject::FlatObject() : parser_(std::make_unique<Parser>()) {}
FlatObject::~FlatObject() = default;

std::optional<TableRefusal> FlatObject::read(std::string_view row) {
    members_.clear();
    auto& padded = parser_->padded;
    padded.assign(row);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    ondemand::document document;
    ondemand::object object;
    // Rows grow: room is made in powers of two, or each longer row would allocate.
    auto& parser = parser_->parser;
    if (parser.capacity() < row.size()) {
        std::size_t room = 4096;
        while (room < row.size()) room *= 2;
        if (parser.allocate(room)) return TableRefusal::too_long;
    }
    if (parser.iterate(padded.data(), row.size(), padded.size()).get(document) ||
        document.get_object().get(object))
        return TableRefusal::not_an_object;
    for (auto field : object) {
        Member member;
        ondemand::value value;
        if (field.unescaped_key().get(member.name) || field.value().get(value))
            return TableRefusal::not_an_object;
        if (const auto why = parser_->cell(value, member.value)) return why;
        if (members_.size() == kMostTableColumns) return TableRefusal::too_many_cells;
        members_.push_back(member);
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) return TableRefusal::not_an_object;
    return std::nullopt;
}

}  // namespace contrechamp::tables
