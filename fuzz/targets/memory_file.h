// A file in memory, for code that takes paths.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

namespace contrechamp::fuzz {

class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes) : fd_(memfd_create("input", MFD_CLOEXEC)) {
        CHECK(fd_ >= 0);
        while (!bytes.empty()) {
            const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
            CHECK(put > 0);
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

  private:
    int fd_ = -1;
};

}  // namespace contrechamp::fuzz
