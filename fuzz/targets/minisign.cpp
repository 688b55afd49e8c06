// evidence/sign.h: other people's public keys, signatures and secret-key files.
#include "base/bytes.h"
#include "evidence/sign.h"
#include "memory_file.h"

using namespace contrechamp;

namespace {

// A key nobody has the secret of: no signature may ever hold under it.
const PublicKey& nobody() {
    static const PublicKey key{"0123456789ABCDEF",
                               std::string("\x3d\x40\x17\xc3\xe8\x43\x89\x5a\x92\xb7\x0a\xa7\x4d\x1b\x7e\xbc"
                                           "\x9c\x98\x2c\xcf\x2e\xc4\x96\x8c\xc0\xcd\x55\xf1\x2a\xf4\x66\x0c",
                                           32)};
    return key;
}

// Unlocking may take seconds and a gigabyte, as the file asks: only cheap ones are unlocked here.
bool cheap(std::string_view text) {
    LineReader lines(text);
    lines.next();
    const auto second = lines.next();
    const auto blob = second ? from_base64(second->text) : std::nullopt;
    if (!blob) return true;
    ByteReader reader(*blob);
    if (!reader.take(2 + 2 + 2 + 32)) return true;
    const auto ops = reader.u64le(), memory = reader.u64le();
    return !memory || (*ops <= 1 << 15 && *memory <= 1 << 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::view(data, size);
    if (const auto key = PublicKey::parse(text, "fuzz")) {
        CHECK(key->key.size() == 32 && key->id.size() == 16);
        const auto again = PublicKey::parse(key->file_text(), "again");
        CHECK(again && again->key == key->key && again->id == key->id);
    }
    const auto peeked = peek_signature(text, "fuzz");
    if (peeked) CHECK(peeked->key_id.size() == 16 && peeked->trusted_comment.find('\n') == std::string::npos);
    CHECK(!check_signature(text, "message", nobody(), "fuzz"));
    const bool open = cheap(text);
    const fuzz::MemoryFile file(text);
    const auto signer = Signer::open_or_create(
        file.path(), [&] { return open ? std::optional<std::string>("password") : std::nullopt; });
    if (signer) {
        const auto& key = signer->public_key();
        CHECK(key.key.size() == 32 && key.id.size() == 16);
        const std::string signature = signer->sign("message", "comment");
        CHECK(peek_signature(signature, "own"));
    }
    return 0;
}
