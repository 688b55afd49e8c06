#include "formats/row_parts.h"

namespace contrechamp::rows {

bool all_ascii(std::string_view bytes) {
    const char* at = bytes.data();
    const char* end = at + bytes.size();
#ifdef __SSE2__
    __m128i any = _mm_setzero_si128();
    for (; end - at >= 16; at += 16)
        any = _mm_or_si128(any, _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    if (_mm_movemask_epi8(any)) return false;
#endif
    for (; at < end; ++at)
        if (static_cast<unsigned char>(*at) >= 0x80) return false;
    return true;
}

void Arena::start() {
    chunk_ = used_ = 0;
    if (chunks_.size() < 2) return;
    // One piece for what the last row took, so that rows like it allocate nothing; a giant's room is given
    // back.
    std::size_t total = 0;
    for (const auto& chunk : chunks_) total += chunk.size;
    chunks_.clear();
    if (total <= kKept) add(total);
}

void Arena::add(std::size_t size) { chunks_.push_back({std::make_unique<char[]>(size), size}); }

char* Arena::room(std::size_t size) {
    while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < size) {
        ++chunk_;
        used_ = 0;
    }
    if (chunk_ == chunks_.size()) add(std::max(size, kSmallest));
    return chunks_[chunk_].bytes.get() + used_;
}

std::string_view Arena::keep(const char* begin, const char* end) {
    used_ += static_cast<std::size_t>(end - begin);
    return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view unquote(std::string_view cell, Arena& arena) {
    const auto inside = cell.substr(1);
    const auto quote = inside.find('"');
    if (quote == std::string_view::npos) return inside;  // not closed
    if (quote + 1 == inside.size()) return inside.substr(0, quote);
    char* const begin = arena.room(inside.size());
    char* out = begin;
    bool open = true;  // behind the closing quote, quotes are text
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (open && inside[i] == '"') {
            if (i + 1 < inside.size() && inside[i + 1] == '"') ++i;
            else {
                open = false;
                continue;
            }
        }
        *out++ = inside[i];
    }
    return arena.keep(begin, out);
}

char* put_utf8(char* out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
    return out;
}

}  // namespace contrechamp::rows
