#include "base/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/hash.h"

namespace contrechamp {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

Text cannot(const char* en, const char* fr) {
    return {std::string("cannot ") + en, std::string("impossible ") + fr};
}

Result<ssize_t> read_some(int fd, char* buffer, std::size_t size, const fs::path& path) {
    for (;;) {
        const ssize_t got = ::read(fd, buffer, size);
        if (got >= 0) return got;
        if (errno != EINTR) return tl::unexpected(system_error(cannot("read", "de lire"), path));
    }
}

Result<Fd> regular(Fd fd, const fs::path& path) {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return tl::unexpected(system_error(cannot("read", "de lire"), path));
    if (!S_ISREG(info.st_mode))
        return fail({"this is not a regular file", "ce n’est pas un fichier ordinaire"}, path.string());
    return fd;
}

}  // namespace

Result<Fd> open_regular(const fs::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd.valid()) return tl::unexpected(system_error(cannot("open", "d’ouvrir"), path));
    return regular(std::move(fd), path);
}

Result<Fd> open_below(const fs::path& folder, const fs::path& path) {
    const Fd base(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!base.valid()) return tl::unexpected(system_error(cannot("open", "d’ouvrir"), folder));
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const std::string name = path.lexically_relative(folder).string();
    Fd fd(static_cast<int>(::syscall(SYS_openat2, base.get(), name.c_str(), &how, sizeof how)));
    // Kernels before 5.6, and sandboxes that do not know the call: the last step at least is no link.
    if (!fd.valid() && (errno == ENOSYS || errno == EPERM))
        fd =
            Fd(::openat(base.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
    if (!fd.valid()) return tl::unexpected(system_error(cannot("open", "d’ouvrir"), path));
    return regular(std::move(fd), path);
}

Fd::~Fd() {
    if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

Result<MappedFile> MappedFile::open(const fs::path& path) { return of(TRY(open_regular(path)), path); }

Result<MappedFile> MappedFile::of(const Fd& fd, const fs::path& path) {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return tl::unexpected(system_error(cannot("read", "de lire"), path));
    MappedFile file;
    if (info.st_size == 0) return file;
    void* data = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED)
        return tl::unexpected(system_error(cannot("map", "de projeter en mémoire"), path));
    file.data_ = static_cast<const char*>(data);
    file.size_ = static_cast<std::size_t>(info.st_size);
    return file;
}

MappedFile::~MappedFile() {
    if (data_) ::munmap(const_cast<char*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

Text errno_text(int code) {
    switch (code) {
        case EACCES: return {"permission denied", "accès refusé"};
        case EPERM: return {"operation not permitted", "opération non permise"};
        case ENOENT: return {"no such file or folder", "fichier ou dossier inexistant"};
        case EEXIST: return {"it exists already", "existe déjà"};
        case ENOTDIR:
            return {"a part of the path is not a folder", "une partie du chemin n’est pas un dossier"};
        case EISDIR: return {"it is a folder", "c’est un dossier"};
        case ENOSPC: return {"no space left on the disk", "plus de place sur le disque"};
        case EDQUOT: return {"disk quota reached", "quota de disque atteint"};
        case EROFS: return {"read-only file system", "système de fichiers en lecture seule"};
        case EMFILE:
        case ENFILE: return {"too many open files", "trop de fichiers ouverts"};
        case EIO: return {"input/output error of the disk", "erreur d’entrée-sortie du disque"};
        case ENOMEM: return {"not enough memory", "mémoire insuffisante"};
        case ELOOP: return {"too many symbolic links", "trop de liens symboliques"};
        case ENXIO: return {"no such device", "périphérique absent"};
        case ETIMEDOUT: return {"no answer in time", "pas de réponse à temps"};
        case ECONNREFUSED: return {"connection refused", "connexion refusée"};
        default: {
            const std::string reason = std::strerror(code);
            return {reason, reason};
        }
    }
}

Error system_error(Text what, const fs::path& where, int code) {
    if (code == 0) code = errno;
    const Text reason = errno_text(code);
    Error error{{what.en + " (" + reason.en + ")", what.fr + " (" + reason.fr + ")"}, where.string(), {}};
    error.system = true;
    if (code == ENOSPC || code == EDQUOT)
        error.todo = {
            "free some space on that disk and run the command again; nothing already logged is lost",
            "libérez de la place sur ce disque et relancez la commande ; rien de ce qui est consigné n’est "
            "perdu"};
    else if (code == EROFS)
        error.todo = {"choose a place that can be written to, or copy the case to one",
                      "choisissez un emplacement accessible en écriture, ou copiez-y le dossier d’enquête"};
    else if (code == EACCES || code == EPERM)
        error.todo = {
            "check the permissions of this path, or run as its owner",
            "vérifiez les droits sur ce chemin, ou lancez la commande sous le compte de son propriétaire"};
    return error;
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit) {
    const Fd fd = TRY(open_regular(path));
    std::string out;
    char buffer[16384];
    for (;;) {
        const ssize_t got = TRY(read_some(fd.get(), buffer, sizeof buffer, path));
        if (got == 0) return out;
        if (out.size() + static_cast<std::size_t>(got) > limit)
            return fail(
                {"the file is larger than expected here (over " + std::to_string(limit) + " bytes)",
                 "le fichier est plus grand que prévu ici (plus de " + std::to_string(limit) + " octets)"},
                path.string());
        out.append(buffer, static_cast<std::size_t>(got));
    }
}

Status write_all(int fd, std::string_view bytes, const fs::path& where) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0) {
            if (errno == EINTR) continue;
            return tl::unexpected(system_error(cannot("write", "d’écrire"), where));
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Status sync(int fd, const fs::path& where) {
    if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        return tl::unexpected(system_error(cannot("write to disk", "d’écrire sur le disque"), where));
    return {};
}

Status sync_directory(const fs::path& directory) {
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return tl::unexpected(system_error(cannot("open", "d’ouvrir"), directory));
    return sync(fd.get(), directory);
}

Status replace_file(const fs::path& path, std::string_view bytes, unsigned mode, bool durable) {
    // "-o /dev/stdout" given by root must not put a file in the device's place.
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
        return fail({"this is not a regular file", "ce n’est pas un fichier ordinaire"}, path.string());
    const fs::path temporary = path.parent_path() / ("." + path.filename().string() + ".part");
    ::unlink(temporary.c_str());
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd.valid()) return tl::unexpected(system_error(cannot("create", "de créer"), path));
    auto written = write_all(fd.get(), bytes, path);
    if (written && durable) written = sync(fd.get(), path);
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        auto error = system_error(cannot("replace", "de remplacer"), path);
        ::unlink(temporary.c_str());
        return tl::unexpected(std::move(error));
    }
    if (!durable) return {};
    return sync_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

bool is_half_written(std::string_view name) { return name.starts_with('.') && name.ends_with(".part"); }

Result<FileDigest> digest_file(const fs::path& path) {
    const Fd fd = TRY(open_regular(path));
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    std::vector<char> buffer(kChunk);
    Sha256 hash;
    FileDigest digest;
    for (;;) {
        const ssize_t got = TRY(read_some(fd.get(), buffer.data(), buffer.size(), path));
        if (got == 0) break;
        hash.update({buffer.data(), static_cast<std::size_t>(got)});
        digest.size += static_cast<std::uint64_t>(got);
    }
    digest.sha256 = hash.hex();
    return digest;
}

}  // namespace contrechamp
