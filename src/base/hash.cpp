#include "base/hash.h"

#include <sys/random.h>

#include <cassert>

#include <openssl/evp.h>

#include "base/bytes.h"

namespace contrechamp {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    // Only memory exhaustion makes these fail; there is no sensible way on from that.
    [[maybe_unused]] const int ok = EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
    assert(ok == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
    [[maybe_unused]] const int ok = EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
    assert(ok == 1);
    return *this;
}

std::string Sha256::hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    [[maybe_unused]] const int ok = EVP_DigestFinal_ex(state_->context, digest, &length);
    assert(ok == 1 && length == 32);
    return to_hex({reinterpret_cast<const char*>(digest), length});
}

std::string sha256_hex(std::string_view bytes) { return Sha256().update(bytes).hex(); }

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const ssize_t got = getrandom(out.data() + have, count - have, 0);
        if (got > 0) have += static_cast<std::size_t>(got);
    }
    return out;
}

}  // namespace contrechamp
