// Certificate authorities that somebody added: to the system, to the NSS database Chromium reads, to Firefox.
// The ones a distribution or browser ships are not listed. Certificates are public documents and are kept
// whole.
#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "collect/linux/collectors.h"
#include "collect/linux/profiles.h"
#include "formats/certificate.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kSystem = "trust-store", kBrowser = "browser-trust";

void add_certificate(const Machine& machine, std::string_view store, const fs::path& file,
                     const StoredCertificate& stored, bool trusted, RecordWriter& out) {
    json::Object record{{"store", store}, {"der", to_base64(stored.der)}, {"trusted_for_servers", trusted}};
    record["source"] = source_of(machine, file, 0);
    if (!stored.path.empty()) record["record"] = stored.path;
    out.add("certificate", std::move(record));
}

std::vector<fs::path> certificates_below(const fs::path& folder, RecordWriter& found) {
    auto out = files_in(folder, {}, kSystem, found);
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!it->is_directory(ignored) || it->is_symlink(ignored)) continue;
        for (auto& path : certificates_below(it->path(), found)) out.push_back(std::move(path));
    }
    std::sort(out.begin(), out.end());
    return out;
}

// A certificate that cannot be read is said, not passed over: it may be the one that matters.
std::vector<StoredCertificate> read_certificates(const Machine& machine, const fs::path& file,
                                                 RecordWriter& out) {
    const auto text = read_config(file, kSystem, out);
    if (!text) return {};
    auto found = pem_certificates(*text);
    if (found.empty() && text->starts_with("\x30\x82")) found.push_back({*text, 0, text->size()});
    const auto broken =
        std::erase_if(found, [](const StoredCertificate& stored) { return !parse_certificate(stored.der); });
    if (broken) damaged(machine, kSystem, file, out);
    return found;
}

void look_at_system(const Machine& machine, RecordWriter& out) {
    // Debian (update-ca-certificates), Red Hat and Arch keep local additions in folders of their own.
    std::set<std::string> delivered, added;
    std::int64_t count = 0;
    for (const char* folder : {"/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors",
                               "/etc/ca-certificates/trust-source/anchors", "/usr/share/ca-certificates"}) {
        // What lies there without being of a package was added; without dpkg nobody knows what is of a
        // package.
        const bool packaged_folder = std::string_view(folder) == "/usr/share/ca-certificates";
        if (packaged_folder && !machine.packages.present()) continue;
        for (const auto& file : certificates_below(folder, out)) {
            const bool packaged = packaged_folder && !machine.packages.owner(file.string()).empty();
            for (const auto& stored : read_certificates(machine, file, out)) {
                const auto digest = sha256_hex(stored.der);
                if (packaged) delivered.insert(digest);
                else if (added.insert(digest).second)
                    add_certificate(machine, "system-source", file, stored, false, out);
            }
        }
    }
    // What programs really trust: the bundle, and single files beside it.
    std::set<std::string> trusted;
    std::vector<fs::path> files = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"};
    std::error_code error;
    for (fs::directory_iterator it("/etc/ssl/certs", error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!it->is_symlink(ignored) && it->is_regular_file(ignored) && it->path() != files[0])
            files.push_back(it->path());
    }
    std::sort(files.begin() + 2, files.end());
    // Only dpkg tells which authorities the system came with. Without it, all of them would look added: what
    // lies in the folders for additions is all that can be told.
    const bool told_apart = !delivered.empty();
    bool others = false;
    for (const auto& file : files) {
        if (!machine.packages.owner(file.string()).empty()) continue;
        for (const auto& stored : read_certificates(machine, file, out)) {
            const auto digest = sha256_hex(stored.der);
            if (delivered.contains(digest) || !trusted.insert(digest).second) continue;
            if (!told_apart && !added.contains(digest)) {
                others = true;
                continue;
            }
            add_certificate(machine, "system", file, stored, true, out);
            ++count;
        }
    }
    if (others) out.not_looked(kSystem, "not-recorded", "delivered-unknown");
    out.looked(kSystem, {{"added", count}});
}

void look_at_database(const Machine& machine, std::string_view store, const fs::path& file, RecordWriter& out,
                      std::int64_t& databases) {
    const auto bytes = read_config(file, kBrowser, out);
    if (!bytes) return;
    ++databases;
    const auto certificates = nss_certificates(*bytes, file.string());
    if (!certificates) return damaged(machine, kBrowser, file, out);
    // Only what can vouch for web sites is kept: the rest are correspondents' and one's own certificates, and
    // those met on the way to sites that were visited.
    for (const auto& stored : *certificates)
        if (stored.trusted_for_servers) add_certificate(machine, store, file, stored, true, out);
}

}  // namespace

void collect_trust(const Machine& machine, RecordWriter& out) {
    look_at_system(machine, out);
    std::int64_t databases = 0;
    for (const auto& person : machine.people)
        look_at_database(machine, "nss", person.home / ".pki/nssdb/cert9.db", out, databases);
    for (const auto& profile : browser_profiles(machine))
        if (profile.firefox) look_at_database(machine, "firefox", profile.path / "cert9.db", out, databases);
    out.looked(kBrowser, {{"databases", databases}});
    leave_others(machine, kBrowser, out);
}

}  // namespace contrechamp::linux_machine
