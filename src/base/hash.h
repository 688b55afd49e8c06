// SHA-256 (FIPS 180-4), by OpenSSL. Digests travel as 64 lower-case hexadecimal characters.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace contrechamp {

class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(std::string_view bytes);
    // Ends the computation; call once.
    std::string hex();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

// True for 64 lower-case hexadecimal characters.
bool is_sha256(std::string_view text);

// Random bytes from the system, for identifiers. Not for keys (libsodium makes those).
std::string random_bytes(std::size_t count);

}  // namespace contrechamp
