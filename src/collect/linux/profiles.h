// Where browsers keep their profiles and settings on Linux.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collect/linux/machine.h"

namespace contrechamp::linux_machine {

struct BrowserProfile {
    std::string_view browser;  // chromium, chrome, edge, brave, vivaldi, opera, firefox
    bool firefox = false;
    fs::path path;
    std::string label;  // "chromium profile 1": a profile's own name may be a person's
};

// Profiles of the people looked at, in a stable order.
std::vector<BrowserProfile> browser_profiles(const Machine& machine);

struct PolicyFolder {
    std::string_view browser;
    std::string_view path;
    bool firefox = false;
};
// System folders and files for managed policies.
std::span<const PolicyFolder> policy_folders();

}  // namespace contrechamp::linux_machine
