// Giving up root's rights for good. What belongs to a person is written as that person: root that writes into
// a folder somebody else controls can be led astray by links put there meanwhile.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace contrechamp {

// From now on this process is `uid`: its groups, HOME and runtime folder too. Only root can; there is no way
// back.
Status become_user(uid_t uid);

// Acts as `uid` for as long as the object lives, for files; root's rights come back with its end. `nothing`
// acts as nobody else.
class ActingAs {
  public:
    // Nobody, or not root: changes nothing.
    static Result<ActingAs> user(std::optional<uid_t> uid);
    ActingAs(ActingAs&& other) noexcept;
    ActingAs& operator=(ActingAs&&) = delete;
    ~ActingAs();

  private:
    ActingAs() = default;
    bool changed_ = false;
    std::string home_;  // to be set again
    std::vector<gid_t> groups_;
};

// For whom root works here: the owner of `folder` when it is there, else whoever called sudo. Nothing when
// that is root itself, or when we are not root.
std::optional<uid_t> served_user(const fs::path& folder);

}  // namespace contrechamp
