// Which local sockets are connected to which, from the kernel (sock_diag(7), UNIX_DIAG). Needs no privilege.
// Used to check a program's word about itself: a sound server says "process 312 records", and the kernel says
// whether process 312 really holds a connection to that server's socket.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "collect/linux/machine.h"

namespace contrechamp::linux_machine {

class UnixSockets {
  public:
    static UnixSockets read();
    bool available() const { return available_; }
    // Whether `process` holds a socket whose other end is bound to a path ending in `name` ("pulse/native").
    bool connected_to(const Process& process, std::string_view name) const;

  private:
    struct End {
        std::uint64_t peer = 0;
        std::string path;
    };
    bool available_ = false;
    std::unordered_map<std::uint64_t, End> ends_;  // by inode
};

}  // namespace contrechamp::linux_machine
