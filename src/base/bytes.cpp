#include "base/bytes.h"

namespace contrechamp {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (unsigned char c : bytes) {
        out += kHexDigits[c >> 4];
        out += kHexDigits[c & 15];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.size() % 2) return std::nullopt;
    std::string out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_value(hex[i]), low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < have ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j) out += j <= have ? kBase64[group >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string out;
    std::uint32_t group = 0;
    int have = 0, padding = 0;
    for (char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        if (c == '=') {
            ++padding;
            group <<= 6;
        } else {
            if (padding) return std::nullopt;
            const auto* digit = std::string_view(kBase64).find(c) == std::string_view::npos
                                    ? nullptr
                                    : kBase64 + std::string_view(kBase64).find(c);
            if (!digit) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit - kBase64);
        }
        if (++have == 4) {
            // Bits that no byte takes are zero: one text for the same bytes.
            if (padding > 2 || (group & ((1u << 8 * padding) - 1))) return std::nullopt;
            for (int j = 0; j < 3 - padding; ++j) out += static_cast<char>(group >> (16 - 8 * j) & 0xff);
            have = 0;
            group = 0;
            if (padding) padding = 3;  // nothing may follow
        } else if (padding > 2) {
            return std::nullopt;
        }
    }
    return have == 0 ? std::optional(out) : std::nullopt;
}

std::optional<Line> LineReader::next() {
    if (offset_ >= bytes_.size()) return std::nullopt;
    const auto end = bytes_.find('\n', offset_);
    Line line;
    line.number = ++number_;
    line.offset = offset_;
    line.ended = end != std::string_view::npos;
    line.text = bytes_.substr(offset_, line.ended ? end - offset_ : std::string_view::npos);
    offset_ = line.ended ? end + 1 : bytes_.size();
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    return line;
}

}  // namespace contrechamp
