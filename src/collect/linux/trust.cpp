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

std::vector<fs::path> certificates_below(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error),
         end;
         !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored)) out.push_back(it->path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

void damaged(const Machine& machine, std::string_view check, const fs::path& file, RecordWriter& out) {
    json::Object fields;
    put_text(fields, "path", machine.shown_path(file.string()));
    out.not_looked(check, "unreadable", "damaged-file", std::move(fields));
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
        const bool packaged_folder = std::string_view(folder) == "/usr/share/ca-certificates";
        for (const auto& file : certificates_below(folder)) {
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
    for (const auto& file : files) {
        if (!machine.packages.owner(file.string()).empty()) continue;
        for (const auto& stored : read_certificates(machine, file, out)) {
            const auto digest = sha256_hex(stored.der);
            if (delivered.contains(digest) || !trusted.insert(digest).second) continue;
            add_certificate(machine, "system", file, stored, true, out);
            ++count;
        }
    }
    out.looked(kSystem, {{"added", count}});
}

void look_at_database(const Machine& machine, std::string_view store, const fs::path& file, RecordWriter& out,
                      std::int64_t& databases) {
    const auto bytes = read_config(file, kBrowser, out);
    if (!bytes) return;
    ++databases;
    const auto certificates = nss_certificates(*bytes, file.string());
    if (!certificates) return damaged(machine, kBrowser, file, out);
    for (const auto& stored : *certificates)
        add_certificate(machine, store, file, stored, stored.trusted_for_servers, out);
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
    if (machine.other_people)
        out.not_looked(kBrowser, "unreadable", "other-people", {{"people", machine.other_people}});
}

}  // namespace contrechamp::linux_machine
