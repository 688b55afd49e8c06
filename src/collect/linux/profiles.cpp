#include "collect/linux/profiles.h"

#include <algorithm>
#include <array>

namespace contrechamp::linux_machine {
namespace {

struct Home {
    std::string_view browser, path;
    bool firefox = false;
};

// Plain packages, Flatpak (~/.var/app) and Snap (~/snap).
constexpr std::array kHomes = {
    Home{"chromium", ".config/chromium"},
    Home{"chrome", ".config/google-chrome"},
    Home{"chrome", ".config/google-chrome-beta"},
    Home{"chrome", ".config/google-chrome-unstable"},
    Home{"edge", ".config/microsoft-edge"},
    Home{"edge", ".config/microsoft-edge-beta"},
    Home{"brave", ".config/BraveSoftware/Brave-Browser"},
    Home{"vivaldi", ".config/vivaldi"},
    Home{"opera", ".config/opera"},
    Home{"chromium", ".var/app/org.chromium.Chromium/config/chromium"},
    Home{"chrome", ".var/app/com.google.Chrome/config/google-chrome"},
    Home{"edge", ".var/app/com.microsoft.Edge/config/microsoft-edge"},
    Home{"brave", ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"},
    Home{"chromium", "snap/chromium/common/chromium"},
    Home{"brave", "snap/brave/current/.config/BraveSoftware/Brave-Browser"},
    Home{"firefox", ".mozilla/firefox", true},
    Home{"firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox", true},
    Home{"firefox", "snap/firefox/common/.mozilla/firefox", true},
};

constexpr std::array kPolicies = {
    PolicyFolder{"chromium", "/etc/chromium/policies/managed"},
    PolicyFolder{"chromium", "/etc/chromium/policies/recommended"},
    PolicyFolder{"chromium", "/etc/chromium-browser/policies/managed"},
    PolicyFolder{"chrome", "/etc/opt/chrome/policies/managed"},
    PolicyFolder{"chrome", "/etc/opt/chrome/policies/recommended"},
    PolicyFolder{"edge", "/etc/opt/edge/policies/managed"},
    PolicyFolder{"edge", "/etc/opt/edge/policies/recommended"},
    PolicyFolder{"brave", "/etc/brave/policies/managed"},
    PolicyFolder{"brave", "/etc/opt/brave/policies/managed"},
    PolicyFolder{"firefox", "/etc/firefox/policies", true},
    PolicyFolder{"firefox", "/etc/firefox-esr/policies", true},
    PolicyFolder{"firefox", "/usr/lib/firefox/distribution", true},
    PolicyFolder{"firefox", "/usr/lib/firefox-esr/distribution", true},
    PolicyFolder{"firefox", "/usr/share/firefox/distribution", true},
    PolicyFolder{"firefox", "/usr/share/firefox-esr/distribution", true},
    PolicyFolder{"firefox", "/opt/firefox/distribution", true},
};

}  // namespace

std::vector<BrowserProfile> browser_profiles(const Machine& machine) {
    std::vector<BrowserProfile> out;
    for (const auto& person : machine.people) {
        for (const auto& home : kHomes) {
            const char* mark = home.firefox ? "extensions.json" : "Preferences";
            std::vector<fs::path> folders;
            std::error_code error;
            const fs::path root = person.home / home.path;
            // Opera keeps one profile right in its folder.
            if (fs::exists(root / mark, error)) folders.push_back(root);
            for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
                std::error_code ignored;
                if (fs::exists(it->path() / mark, ignored) ||
                    (home.firefox && fs::exists(it->path() / "cert9.db", ignored)))
                    folders.push_back(it->path());
            }
            std::sort(folders.begin(), folders.end());
            int number = 0;
            for (auto& folder : folders)
                out.push_back({home.browser, home.firefox, std::move(folder),
                               std::string(home.browser) + " profile " + std::to_string(++number)});
        }
    }
    return out;
}

std::span<const PolicyFolder> policy_folders() { return kPolicies; }

}  // namespace contrechamp::linux_machine
