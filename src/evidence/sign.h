// Ed25519 signatures in minisign's own format (https://jedisct1.github.io/minisign/, "Signature format" and
// "Key formats"), made and checked with libsodium, so that `minisign -V` alone can check a case.
//
// The key belongs to the person, not to the case: it lives in the user's configuration folder, is made on
// first use, and may be protected by a password. Only the public key enters a case.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace contrechamp {

// A public key: its file's text and the 16 hexadecimal characters minisign prints as its id.
struct PublicKey {
    std::string id;
    std::string key;  // 32 bytes

    // The two-line file minisign -p reads.
    std::string file_text() const;
    // The "RW…" form, to be printed or published.
    std::string encoded() const;
    static Result<PublicKey> parse(std::string_view file_text, std::string_view where);
};

class Signer {
  public:
    // Asks for the password of a protected key. Returns nothing to give up.
    using AskPassword = std::function<std::optional<std::string>()>;

    // Where the key is kept: $CONTRECHAMP_KEY, else $XDG_CONFIG_HOME or ~/.config, then
    // contrechamp/minisign.key.
    static Result<std::filesystem::path> default_path();

    // Loads the key at `path`; makes one there, without a password, when there is none.
    static Result<Signer> open_or_create(const std::filesystem::path& path, const AskPassword& ask);
    // Makes a new key; refuses to overwrite. An empty password leaves the key unprotected.
    static Result<Signer> create(const std::filesystem::path& path, std::string_view password);

    // The text of a .minisig file over `message`. `comment` becomes the trusted comment, which is signed too.
    std::string sign(std::string_view message, std::string_view comment) const;
    const PublicKey& public_key() const { return public_; }

  private:
    std::string secret_;  // 64 bytes, libsodium's form
    PublicKey public_;
};

struct SignatureFile {
    std::string key_id;
    std::string trusted_comment;
};

// Checks a .minisig over `message` with `key`: both the signature and the trusted comment's.
Result<SignatureFile> check_signature(std::string_view minisig, std::string_view message,
                                      const PublicKey& key, std::string_view where);
// Reads only the parts a person needs to choose the key, without checking anything.
Result<SignatureFile> peek_signature(std::string_view minisig, std::string_view where);

}  // namespace contrechamp
