#include "base/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace contrechamp {

Status become_user(uid_t uid) {
    const passwd* entry = ::getpwuid(uid);
    const gid_t group = entry ? entry->pw_gid : static_cast<gid_t>(uid);
    const std::string home = entry ? entry->pw_dir : "/nonexistent";
    const int groups = entry ? ::initgroups(entry->pw_name, group) : ::setgroups(0, nullptr);
    if (groups != 0 || ::setresgid(group, group, group) != 0 || ::setresuid(uid, uid, uid) != 0)
        return tl::unexpected(
            system_error({"cannot give up root's rights", "impossible d’abandonner les droits de root"},
                         "uid " + std::to_string(uid)));
    ::setenv("HOME", home.c_str(), 1);
    ::setenv("XDG_RUNTIME_DIR", ("/run/user/" + std::to_string(uid)).c_str(), 1);
    ::unsetenv("XDG_CONFIG_HOME");
    return {};
}

ActingAs::ActingAs(std::optional<uid_t> uid) {
    if (!uid || ::geteuid() != 0) return;
    const passwd* entry = ::getpwuid(*uid);
    const gid_t group = entry ? entry->pw_gid : static_cast<gid_t>(*uid);
    changed_ = true;
    const char* home = std::getenv("HOME");
    home_ = home ? home : "";
    if (entry) ::setenv("HOME", entry->pw_dir, 1);
    works_ = ::setegid(group) == 0 && ::seteuid(*uid) == 0;
}

ActingAs::~ActingAs() {
    if (!changed_) return;
    // Only root's saved id lets this succeed; without it there is nothing to go back to.
    [[maybe_unused]] const bool back = ::seteuid(0) == 0 && ::setegid(0) == 0;
    ::setenv("HOME", home_.c_str(), 1);
}

std::optional<uid_t> served_user(const fs::path& folder) {
    if (::geteuid() != 0) return std::nullopt;
    struct stat info {};
    if (::lstat(folder.c_str(), &info) == 0)
        return info.st_uid == 0 ? std::nullopt : std::optional(info.st_uid);
    const char* caller = std::getenv("SUDO_UID");
    if (!caller || !*caller) return std::nullopt;
    const auto uid = static_cast<uid_t>(std::strtoul(caller, nullptr, 10));
    return uid == 0 ? std::nullopt : std::optional(uid);
}

}  // namespace contrechamp
