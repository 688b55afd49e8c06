#include "base/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

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

Result<ActingAs> ActingAs::user(std::optional<uid_t> uid) {
    ActingAs out;
    if (!uid || ::geteuid() != 0) return out;
    const passwd* entry = ::getpwuid(*uid);
    const gid_t group = entry ? entry->pw_gid : static_cast<gid_t>(*uid);
    out.groups_.resize(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    const int have = ::getgroups(static_cast<int>(out.groups_.size()), out.groups_.data());
    const char* home = std::getenv("HOME");
    out.home_ = home ? home : "";
    out.changed_ = have >= 0;
    const int groups = entry ? ::initgroups(entry->pw_name, group) : ::setgroups(0, nullptr);
    if (have < 0 || groups != 0 || ::setegid(group) != 0 || ::seteuid(*uid) != 0)
        return tl::unexpected(
            system_error({"cannot act for this person", "impossible d’agir pour cette personne"},
                         "uid " + std::to_string(*uid)));
    if (entry) ::setenv("HOME", entry->pw_dir, 1);
    return out;
}

ActingAs::ActingAs(ActingAs&& other) noexcept
    : changed_(std::exchange(other.changed_, false)),
      home_(std::move(other.home_)),
      groups_(std::move(other.groups_)) {}

ActingAs::~ActingAs() {
    if (!changed_) return;
    // Root's saved id lets this succeed. To go on as half of two people would be worse than to end.
    if (::seteuid(0) != 0 || ::setegid(0) != 0 || ::setgroups(groups_.size(), groups_.data()) != 0)
        std::abort();
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
