// formats/browser.h: every reader on the same bytes.
#include <algorithm>
#include <set>

#include "formats/browser.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

void check_text(const std::string& text) { CHECK(is_valid_utf8(text)); }

void check_extension(std::string_view bytes, const browser::Extension& extension) {
    static const std::set<std::string> kCame = {
        "", "policy", "user", "built-in", "default", "sideloaded", "unpacked", "command-line", "unknown"};
    CHECK(kCame.contains(extension.came));
    CHECK(fuzz::inside(bytes, extension.offset, extension.length));
    for (const auto* text : {&extension.id, &extension.name, &extension.version, &extension.update_host})
        check_text(*text);
    // Of an address the host is kept, and never a password in it.
    CHECK(extension.update_host.find_first_of("/?#@") == std::string::npos);
    CHECK(std::is_sorted(extension.permissions.begin(), extension.permissions.end()));
    CHECK(std::adjacent_find(extension.permissions.begin(), extension.permissions.end()) ==
          extension.permissions.end());
    for (const auto& permission : extension.permissions) check_text(permission);
    CHECK(extension.sites >= 0 && static_cast<std::size_t>(extension.sites) <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    for (const bool firefox : {false, true}) {
        const auto extensions = firefox ? browser::firefox_extensions(bytes, "fuzz")
                                        : browser::chromium_extensions(bytes, "fuzz");
        if (!extensions) continue;
        std::uint64_t end = 0;
        for (const auto& extension : *extensions) {
            check_extension(bytes, extension);
            CHECK(extension.length > 0 && bytes[extension.offset] == '{' && extension.offset >= end);
            end = extension.offset + extension.length;
        }
    }
    if (const auto manifest = browser::manifest(bytes)) check_extension(bytes, *manifest);
    if (const auto policies = browser::policies(bytes, "fuzz")) {
        for (const auto& name : policies->names) {
            CHECK(!name.empty() && name.size() <= 80);
            CHECK(std::all_of(name.begin(), name.end(),
                              [](unsigned char c) { return std::isalnum(c) || c == '_'; }));
        }
        for (const auto& forced : policies->forced) {
            check_text(forced.id);
            check_text(forced.update_host);
            CHECK(!forced.id.empty() && forced.update_host.find_first_of("/?#@") == std::string::npos);
        }
        for (const auto* text : {&policies->proxy_mode, &policies->proxy_server, &policies->pac_url})
            check_text(*text);
        CHECK(policies->certificates >= 0);
    }
    if (const auto host = browser::native_host(bytes)) {
        CHECK(!host->name.empty());
        check_text(host->program);
        for (const auto& id : host->extensions) check_text(id);
    }
    return 0;
}
