// The BagIt side of a case: manifests and their check. RFC 8493.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/files.h"

namespace contrechamp {

// Writes manifest-sha256.txt over the exhibits named by their digests, then tagmanifest-sha256.txt. The
// custody log and its signature are left out of the tag manifest (RFC 8493 section 2.2.1 lets them be): the
// log grows line by line and carries its own chain, so listing it would make the bag invalid for a moment at
// every entry.
Status write_manifests(const fs::path& directory, const std::set<std::string>& exhibits, bool durable);

// Copies an open file, from its start, to `target` (made new, synced) and says what was copied. `source` is
// for messages.
Result<FileDigest> copy_and_digest(const Fd& opened, const fs::path& source, const fs::path& target);

// One line of a manifest.
struct ManifestLine {
    std::string sha256;
    std::string path;  // relative to the bag, percent-decoded
};
// Refuses lines that are not "HASH  PATH" and paths that leave the bag.
Result<std::vector<ManifestLine>> read_manifest(const fs::path& file);

}  // namespace contrechamp
