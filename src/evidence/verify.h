// The checks of a case that need no analyzer: bytes, manifests, chain, signature, timestamps. All of them can
// be repeated without this program (docs/verify-without-us.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace contrechamp {

struct VerifyItem {
    enum class State { ok, note, different };
    std::string check;  // bag, manifest, tag-manifest, chain, exhibits, signature, timestamps, derivation
    State state = State::ok;
    Text summary;
    std::vector<Text> details;  // each names exactly what differs, or what the note is about
};

struct VerifyOptions {
    // A public key file got by another way than the case: the signature must be by this key.
    std::optional<std::filesystem::path> key;
    // Trusted roots of timestamping authorities, PEM.
    std::optional<std::filesystem::path> authorities;
};

// Fails only when nothing can be checked at all (no case there); every defect is an item.
Result<std::vector<VerifyItem>> verify_bytes(const std::filesystem::path& directory,
                                             const VerifyOptions& options);

}  // namespace contrechamp
