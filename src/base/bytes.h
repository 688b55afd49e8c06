// Checked reads of bytes that may lie. This is the only place with offset arithmetic on evidence:
// parsers take a ByteReader and never index a buffer themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace contrechamp {

// A cursor over bytes it does not own. Every read either succeeds whole or returns nothing and moves nowhere.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

    std::size_t offset() const { return offset_; }
    std::size_t remaining() const { return bytes_.size() - offset_; }
    std::string_view all() const { return bytes_; }

    bool seek(std::uint64_t offset) {
        if (offset > bytes_.size()) return false;
        offset_ = static_cast<std::size_t>(offset);
        return true;
    }

    std::optional<std::string_view> take(std::uint64_t length) {
        if (length > remaining()) return std::nullopt;
        const auto piece = bytes_.substr(offset_, static_cast<std::size_t>(length));
        offset_ += piece.size();
        return piece;
    }

    std::optional<std::uint8_t> u8() { return little<std::uint8_t>(); }
    std::optional<std::uint16_t> u16le() { return little<std::uint16_t>(); }
    std::optional<std::uint32_t> u32le() { return little<std::uint32_t>(); }
    std::optional<std::uint64_t> u64le() { return little<std::uint64_t>(); }

  private:
    template <class Unsigned>
    std::optional<Unsigned> little() {
        const auto piece = take(sizeof(Unsigned));
        if (!piece) return std::nullopt;
        Unsigned value = 0;
        for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
            value =
                static_cast<Unsigned>(value | Unsigned{static_cast<unsigned char>((*piece)[i])} << (8 * i));
        return value;
    }

    std::string_view bytes_;
    std::size_t offset_ = 0;
};

// The part [offset, offset+length) of `bytes`, or nothing when it is not all there.
inline std::optional<std::string_view> slice(std::string_view bytes, std::uint64_t offset,
                                             std::uint64_t length) {
    ByteReader reader(bytes);
    if (!reader.seek(offset)) return std::nullopt;
    return reader.take(length);
}

std::string to_hex(std::string_view bytes);
// Nothing when `hex` has an odd length or another character.
std::optional<std::string> from_hex(std::string_view hex);

std::string to_base64(std::string_view bytes);
// Standard alphabet with padding, white space ignored; nothing for anything else.
std::optional<std::string> from_base64(std::string_view text);

// Walks text line by line and says where each line stands, so that an observation can cite it.
// A line's `length` leaves out its end (LF or CRLF); the last line may lack one.
struct Line {
    std::uint64_t number = 0;  // from 1
    std::uint64_t offset = 0;
    std::string_view text;
    bool ended = false;  // whether a line feed followed
};

class LineReader {
  public:
    explicit LineReader(std::string_view bytes) : bytes_(bytes) {}
    std::optional<Line> next();

  private:
    std::string_view bytes_;
    std::size_t offset_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace contrechamp
