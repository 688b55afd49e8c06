// Files: bounded reads, writes that are whole or not at all, and memory maps for evidence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace contrechamp {

namespace fs = std::filesystem;

// An owned file descriptor.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd();
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

// Bytes of a file, mapped read-only for as long as the object lives. If another program shortens the file
// meanwhile, reads past the new end fault: map only files of the case or files just written.
class MappedFile {
  public:
    static Result<MappedFile> open(const fs::path& path);
    // The same of an open descriptor; `path` is for messages.
    static Result<MappedFile> of(const Fd& fd, const fs::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    std::string_view bytes() const { return {data_, size_}; }

  private:
    MappedFile() = default;
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

// What an errno value means, in a few words.
Text errno_text(int code);

// The error for a failed system call, naming the path and the system's reason (`errno` when `code` is 0).
Error system_error(Text what, const fs::path& where, int code = 0);

// Opens a regular file for reading. Never follows into a FIFO or device, which could block or act when
// opened.
Result<Fd> open_regular(const fs::path& path);

// The same for a file found below `folder`, through no symbolic link: whoever owns the folder may have put
// one in its way since.
Result<Fd> open_below(const fs::path& folder, const fs::path& path);

// Reads a whole file of at most `limit` bytes. Works for /proc, where sizes are not known beforehand.
// Never follows into a FIFO or device: anything but a regular file is refused.
Result<std::string> read_file(const fs::path& path, std::uint64_t limit = std::uint64_t{64} << 20);

// Writes all of `bytes` to `fd`, through short writes and interruptions.
Status write_all(int fd, std::string_view bytes, const fs::path& where);

Status sync(int fd, const fs::path& where);
Status sync_directory(const fs::path& directory);

// Replaces `path` by `bytes` so that a reader, or a machine that loses power, sees the old file or the new
// one whole: temporary name beside it, write, fsync, rename, fsync of the directory. `durable` = false leaves
// out both fsyncs, for files that can be derived again. Never replaces a folder, FIFO or device.
Status replace_file(const fs::path& path, std::string_view bytes, unsigned mode = 0644, bool durable = true);

// Whether a name is one that replace_file writes under, so that a cut-off run may have left it.
bool is_half_written(std::string_view name);

// SHA-256 (hex) and size of a file, streamed.
struct FileDigest {
    std::string sha256;
    std::uint64_t size = 0;
};
Result<FileDigest> digest_file(const fs::path& path);

}  // namespace contrechamp
