#include "collect/linux/packages.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace contrechamp::linux_machine {
namespace {

// A package's md5 sum of a larger program is not compared: reading it twice would cost more than it tells.
// The state says so.
constexpr std::uint64_t kLargestCompared = std::uint64_t{64} << 20;
constexpr std::uint64_t kLargestList = std::uint64_t{32} << 20;

// Debian's merged /usr: /bin, /sbin and /lib* are links into /usr, and lists name files by either.
std::string_view normal(std::string_view path) {
    if (path.starts_with("/usr/bin/") || path.starts_with("/usr/sbin/") || path.starts_with("/usr/lib"))
        path.remove_prefix(4);
    return path;
}

std::uint64_t hash_of(std::string_view path) { return std::hash<std::string_view>{}(normal(path)); }

std::string md5_hex(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_md5(), nullptr);
    return to_hex({reinterpret_cast<char*>(digest), length});
}

}  // namespace

PackageIndex PackageIndex::read(const fs::path& root) {
    PackageIndex out;
    out.info_ = root / "var/lib/dpkg/info";
    std::error_code error;
    for (fs::directory_iterator it(out.info_, error), end; !error && it != end; it.increment(error)) {
        const auto& path = it->path();
        if (path.extension() != ".list") continue;
        const auto text = read_file(path, kLargestList);
        if (!text) continue;
        const auto package = static_cast<std::uint32_t>(out.packages_.size());
        out.packages_.push_back(path.stem().string());
        LineReader lines(*text);
        while (const auto line = lines.next()) out.entries_.push_back({hash_of(line->text), package});
    }
    std::sort(out.entries_.begin(), out.entries_.end());
    return out;
}

bool PackageIndex::lists(std::uint32_t package, std::string_view normal_path) const {
    const auto text = read_file(info_ / (packages_[package] + ".list"), kLargestList);
    if (!text) return false;
    LineReader lines(*text);
    while (const auto line = lines.next())
        if (normal(line->text) == normal_path) return true;
    return false;
}

std::string PackageIndex::owner(std::string_view path) const {
    const auto hash = hash_of(path);
    const auto [first, last] = std::equal_range(entries_.begin(), entries_.end(), Entry{hash, 0});
    for (auto it = first; it != last; ++it) {
        if (!lists(it->package, normal(path))) continue;
        const auto& name = packages_[it->package];
        return name.substr(0, name.find(':'));  // libc6:amd64 → libc6
    }
    return {};
}

ProgramFile PackageIndex::examine(const std::string& path) const {
    ProgramFile out;
    out.package = owner(path);
    struct stat info {};
    const bool small =
        ::stat(path.c_str(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) <= kLargestCompared;
    if (!small || out.package.empty()) {
        if (const auto digest = digest_file(path)) out.sha256 = digest->sha256;
        if (!out.package.empty() && !out.sha256.empty()) out.state = "not-checked";
        return out;
    }
    const auto bytes = read_file(path, kLargestCompared);
    if (!bytes) return out;
    out.sha256 = sha256_hex(*bytes);
    out.state = "no-sum";
    for (const auto& name : packages_) {
        if (name.substr(0, name.find(':')) != out.package) continue;
        const auto sums = read_file(info_ / (name + ".md5sums"), kLargestList);
        if (!sums) continue;
        LineReader lines(*sums);
        while (const auto line = lines.next()) {
            const auto space = line->text.find("  ");
            if (space == std::string_view::npos ||
                normal("/" + std::string(line->text.substr(space + 2))) != normal(path))
                continue;
            out.state = md5_hex(*bytes) == line->text.substr(0, space) ? "as-delivered" : "modified";
            return out;
        }
    }
    return out;
}

}  // namespace contrechamp::linux_machine
