// Browsers' own files about extensions and policies. Only the parts named here are read; a profile's history,
// bookmarks and site lists are passed over.
//
// Sources: Chromium extensions/common/mojom/manifest.mojom (ManifestLocation), extension_prefs.cc; Firefox
// XPIDatabase.sys.mjs (extensions.json); Chrome's and Firefox's policy documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp::browser {

struct Extension {
    std::string id, name, version;
    // How it came: "policy", "user", "built-in", "default" (shipped with the browser), "system" (put there
    // for everybody), "sideloaded" (by another program), "unpacked" (a folder, by a developer),
    // "command-line", "unknown".
    std::string came;
    std::int64_t location = -1;  // Chromium's number; -1: not Chromium
    bool enabled = true;
    std::vector<std::string> permissions;  // API rights, sorted
    bool all_sites = false;                // may act on every web site
    std::int64_t sites = 0;                // else: on how many patterns
    std::string update_host;               // host of its update address
    std::uint64_t offset = 0, length = 0;  // of its entry in the file
};

// "Preferences" or "Secure Preferences" of a Chromium profile.
Result<std::vector<Extension>> chromium_extensions(std::string_view bytes, std::string_view where);
// extensions.json of a Firefox profile; themes and dictionaries are left out.
Result<std::vector<Extension>> firefox_extensions(std::string_view bytes, std::string_view where);

// An extension's own manifest.json: name, permissions, sites (content scripts included).
std::optional<Extension> manifest(std::string_view bytes);

struct ForcedExtension {
    std::string id;
    std::string update_host;
    bool locked = true;  // the person can neither remove it nor switch it off; else it is only put there
};

struct Policies {
    std::vector<std::string> names;  // every policy that is set, by its name (letters and digits only)
    std::vector<ForcedExtension> forced;
    std::string proxy_mode, proxy_server, pac_url;  // as written
    std::int64_t certificates = 0;                  // certificate authorities it adds
};
// A Chromium policy file, or Firefox's policies.json ("policies" at the top).
Result<Policies> policies(std::string_view bytes, std::string_view where);

// A native-messaging host's manifest.
struct NativeHost {
    std::string name, program;
    std::vector<std::string> extensions;  // ids allowed to talk to it
};
std::optional<NativeHost> native_host(std::string_view bytes);

}  // namespace contrechamp::browser
