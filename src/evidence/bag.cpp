#include "evidence/bag.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"
#include "base/hash.h"

namespace contrechamp {
namespace {

std::string manifest_line(std::string_view sha256, std::string_view path) {
    return std::string(sha256) + "  " + std::string(path) + "\n";
}

}  // namespace

Status write_manifests(const fs::path& directory, const std::set<std::string>& exhibits, bool durable) {
    std::string payload;
    for (const auto& sha256 : exhibits) payload += manifest_line(sha256, "data/exhibits/" + sha256);
    TRY(replace_file(directory / "manifest-sha256.txt", payload, 0644, durable));

    std::vector<std::string> tags = {"bag-info.txt", "bagit.txt", "manifest-sha256.txt"};
    for (const char* folder : {"keys", "timestamps"}) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(directory / folder, error))
            if (!entry.path().filename().string().starts_with('.'))
                tags.push_back(folder + ("/" + entry.path().filename().string()));
    }
    std::sort(tags.begin(), tags.end());
    std::string listed;
    for (const auto& tag : tags) listed += manifest_line(TRY(digest_file(directory / tag)).sha256, tag);
    return replace_file(directory / "tagmanifest-sha256.txt", listed, 0644, durable);
}

Result<FileDigest> copy_and_digest(const Fd& opened, const fs::path& source, const fs::path& target) {
    if (::lseek(opened.get(), 0, SEEK_SET) < 0)
        return tl::unexpected(system_error({"cannot read", "impossible de lire"}, source));
    Fd out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400));
    if (!out.valid()) return tl::unexpected(system_error({"cannot create", "impossible de créer"}, target));
    std::string buffer(std::size_t{1} << 20, '\0');
    Sha256 hash;
    FileDigest digest;
    for (;;) {
        const ssize_t got = ::read(opened.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            auto error = system_error({"cannot read", "impossible de lire"}, source);
            ::unlink(target.c_str());
            return tl::unexpected(std::move(error));
        }
        if (got == 0) break;
        const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
        hash.update(piece);
        digest.size += piece.size();
        if (auto written = write_all(out.get(), piece, target); !written) {
            ::unlink(target.c_str());
            return tl::unexpected(written.error());
        }
    }
    if (auto synced = sync(out.get(), target); !synced) {
        ::unlink(target.c_str());
        return tl::unexpected(synced.error());
    }
    digest.sha256 = hash.hex();
    return digest;
}

Result<std::vector<ManifestLine>> read_manifest(const fs::path& file) {
    const std::string text = TRY(read_file(file));
    std::vector<ManifestLine> out;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        const auto space = line->text.find(' ');
        ManifestLine entry;
        if (space != std::string_view::npos) {
            entry.sha256 = line->text.substr(0, space);
            entry.path =
                line->text.substr(std::min(line->text.find_first_not_of(" *", space), line->text.size()));
        }
        const fs::path path(entry.path);
        const bool leaves = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
        if (!is_sha256(entry.sha256) || entry.path.empty() || leaves)
            return fail({"this line is not a manifest line", "cette ligne n’est pas une ligne de manifeste"},
                        file.string() + ":" + std::to_string(line->number));
        out.push_back(std::move(entry));
    }
    return out;
}

}  // namespace contrechamp
