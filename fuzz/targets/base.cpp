// base/bytes.h and base/time.h: hexadecimal, base64, lines, numbers, times.
#include "base/bytes.h"
#include "base/time.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);

    CHECK(from_hex(to_hex(bytes)) == bytes);
    CHECK(from_base64(to_base64(bytes)) == bytes);
    if (const auto decoded = from_hex(bytes)) CHECK(decoded->size() == bytes.size() / 2);
    if (const auto decoded = from_base64(bytes))
        CHECK(decoded->size() <= bytes.size() / 4 * 3 && from_base64(to_base64(*decoded)) == *decoded);

    // Lines and what stands between them are the whole text.
    LineReader lines(bytes);
    std::uint64_t number = 0, next = 0;
    while (const auto line = lines.next()) {
        CHECK(line->number == ++number && line->offset == next &&
              fuzz::inside(bytes, line->offset, line->text.size()));
        CHECK(line->text.find('\n') == std::string_view::npos);
        next = line->offset + line->text.size();
        if (bytes.substr(next).starts_with("\r") && (next + 1 == bytes.size() || bytes[next + 1] == '\n'))
            ++next;
        if (line->ended) CHECK(bytes[next++] == '\n');
    }
    CHECK(next == bytes.size());

    // A read that fails moves nowhere.
    ByteReader reader(bytes);
    for (;;) {
        const auto before = reader.offset();
        const auto length = reader.u8();
        if (!length) break;
        const auto piece = reader.take(*length);
        CHECK(reader.offset() == before + 1 + (piece ? *length : 0));
        if (!piece) CHECK(reader.remaining() < *length);
    }
    CHECK(!reader.seek(bytes.size() + 1) && reader.seek(bytes.size()) && reader.remaining() == 0);

    if (const auto time = from_rfc3339(bytes.substr(0, bytes.find('\0'))))
        CHECK(from_rfc3339(to_rfc3339(*time)) == *time);
    return 0;
}
