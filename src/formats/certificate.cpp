#include "formats/certificate.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <set>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <sqlite3.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace contrechamp {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype([](X509* x) { X509_free(x); })>;

std::string name_text(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype([](BIO* b) { BIO_free(b); })> out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* data = nullptr;
    const long length = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

std::string name_entry(const X509_NAME* name, int nid) {
    const int at = X509_NAME_get_index_by_NID(const_cast<X509_NAME*>(name), nid, -1);
    if (at < 0) return {};
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length < 0) return {};
    std::string out(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
    OPENSSL_free(utf8);
    return out;
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    // strftime writes the year 26 as "26".
    char buffer[64];
    return {buffer, static_cast<std::size_t>(std::snprintf(
                        buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec))};
}

std::vector<std::string> purposes_of(X509* certificate) {
    std::vector<std::string> out;
    auto* usage =
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr));
    if (!usage) return out;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage); ++i) {
        const ASN1_OBJECT* object = sk_ASN1_OBJECT_value(usage, i);
        const int nid = OBJ_obj2nid(object);
        char text[80];
        OBJ_obj2txt(text, sizeof text, object, 1);
        out.emplace_back(nid == NID_undef ? text : OBJ_nid2sn(nid));
    }
    EXTENDED_KEY_USAGE_free(usage);
    return out;
}

// PKCS #11 numbers, as cert9.db stores them: four bytes, big-endian.
constexpr std::uint32_t kCertificateClass = 1, kTrustClass = 0x0b, kNssTrustClass = 0xce534353;
constexpr std::uint32_t kTrustAnchor = 2;                   // CKT_TRUST_ANCHOR
constexpr std::uint32_t kNssTrustedDelegator = 0xce534352;  // CKT_NSS_TRUSTED_DELEGATOR

std::uint32_t number(std::string_view bytes) {
    std::uint32_t out = 0;
    if (bytes.size() != 4) return 0;
    for (unsigned char c : bytes) out = out << 8 | c;
    return out;
}

// What reading a database may cost, in proportion to its size. A hostile schema (a recursive view, a computed
// column) or a hostile tree (rows that share their pages) asks for far more than the file holds: such a file
// is damaged.
struct Budget {
    explicit Budget(std::size_t size)
        : rounds(1000 + static_cast<std::int64_t>(size) / 250),
          bytes(static_cast<std::int64_t>(size) * 8 + 65536),
          searched(static_cast<std::int64_t>(size) * 256) {}
    static constexpr int kRound = 1000;  // steps of SQLite's virtual machine
    std::int64_t rounds, bytes, searched;
};

class Query {
  public:
    Query(sqlite3* db, const std::string& sql, Budget& budget) : budget_(budget) {
        sqlite3_prepare_v2(db, sql.c_str(), -1, &statement_, nullptr);
    }
    ~Query() { sqlite3_finalize(statement_); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    bool valid() const { return statement_; }
    bool step() {
        const int result = budget_.bytes < 0 ? SQLITE_TOOBIG : sqlite3_step(statement_);
        ended_well_ = result == SQLITE_DONE;
        return result == SQLITE_ROW;
    }
    // After step() said no: whether that was the last row, and not a page that cannot be read.
    bool ended_well() const { return ended_well_; }
    std::string blob(int column) {
        const void* data = sqlite3_column_blob(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        budget_.bytes -= size;
        return data && budget_.bytes >= 0
                   ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))
                   : std::string();
    }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

  private:
    Budget& budget_;
    sqlite3_stmt* statement_ = nullptr;
    bool ended_well_ = false;
};

// Whether all pages that the header counts are there (sqlite.org/fileformat2.html, 1.3): SQLite itself takes
// the end of a file that was cut off for empty. Numbers are big-endian; a page size of 1 means 65536.
bool pages_are_there(std::string_view bytes) {
    const auto page = slice(bytes, 16, 2), pages = slice(bytes, 28, 4), changed = slice(bytes, 24, 4),
               counted = slice(bytes, 92, 4);
    if (!counted) return false;
    auto size = std::size_t{number(std::string("\0\0", 2).append(*page))};
    if (size == 1) size = 65536;
    // A writer older than SQLite 3.7 does not keep the count: then the stamps differ.
    return size > 0 && bytes.size() % size == 0 &&
           (*changed != *counted || bytes.size() / size >= number(*pages));
}

// Trust objects by (issuer, serial): whether servers' certificates signed by it are accepted.
// Nothing when the database is damaged.
std::optional<std::set<std::pair<std::string, std::string>>> read_trust(sqlite3* db, Budget& budget) {
    std::set<std::pair<std::string, std::string>> out;
    for (const auto& [column, wanted_class, anchor] :
         {std::tuple{"a62c", kTrustClass, kTrustAnchor},
          std::tuple{"ace536358", kNssTrustClass, kNssTrustedDelegator}}) {
        Query query(db, std::string("SELECT a0, a81, a82, ") + column + " FROM nssPublic", budget);
        if (!query.valid()) continue;  // versions before or after have no such column
        while (query.step())
            if (number(query.blob(0)) == wanted_class && number(query.blob(3)) == anchor)
                out.emplace(query.blob(1), query.blob(2));
        if (!query.ended_well()) return std::nullopt;
    }
    return out;
}

}  // namespace

bool Certificate::can_vouch_for_sites() const {
    const bool servers = purposes.empty() ||
                         std::find(purposes.begin(), purposes.end(), "serverAuth") != purposes.end() ||
                         std::find(purposes.begin(), purposes.end(), "anyExtendedKeyUsage") != purposes.end();
    return ca && can_sign && servers;
}

std::optional<Certificate> parse_certificate(std::string_view der) {
    const auto* start = reinterpret_cast<const unsigned char*>(der.data());
    const auto* cursor = start;
    const X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate) return std::nullopt;
    Certificate out;
    // What follows it is no part of a certificate, and must not change its fingerprint.
    out.sha256 = sha256_hex(der.substr(0, static_cast<std::size_t>(cursor - start)));
    const auto* subject = X509_get_subject_name(certificate.get());
    const auto* issuer = X509_get_issuer_name(certificate.get());
    out.subject = name_text(subject);
    out.issuer = name_text(issuer);
    out.subject_cn = name_entry(subject, NID_commonName);
    out.subject_o = name_entry(subject, NID_organizationName);
    out.issuer_cn = name_entry(issuer, NID_commonName);
    out.issuer_o = name_entry(issuer, NID_organizationName);
    out.not_before = time_text(X509_get0_notBefore(certificate.get()));
    out.not_after = time_text(X509_get0_notAfter(certificate.get()));
    out.self_signed = X509_NAME_cmp(subject, issuer) == 0;
    out.ca = X509_check_ca(certificate.get()) != 0;
    const auto usage = X509_get_key_usage(certificate.get());
    out.can_sign = usage == UINT32_MAX || (usage & KU_KEY_CERT_SIGN);
    out.purposes = purposes_of(certificate.get());
    ERR_clear_error();
    return out;
}

std::vector<StoredCertificate> pem_certificates(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
    std::vector<StoredCertificate> out;
    for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string_view::npos;) {
        // Past the whole beginning: its last dashes are not the first of an end.
        const auto end = text.find(kEnd, at + kBegin.size());
        if (end == std::string_view::npos) break;
        // A beginning without an end must not hide the certificate after it.
        at = text.substr(0, end).rfind(kBegin);
        const auto body = text.substr(at + kBegin.size(), end - at - kBegin.size());
        out.push_back({from_base64(body).value_or(""), at, end + kEnd.size() - at});
        at = end + kEnd.size();
    }
    return out;
}

Result<std::vector<StoredCertificate>> nss_certificates(std::string_view bytes, std::string_view where) {
    const auto damaged = [&] {
        return fail({"the certificate database cannot be read", "la base de certificats est illisible"},
                    std::string(where));
    };
    if (!pages_are_there(bytes)) return damaged();
    sqlite3* opened = nullptr;
    if (sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) return damaged();
    const std::unique_ptr<sqlite3, decltype([](sqlite3* db) { sqlite3_close(db); })> db(opened);
    // SQLite may write to the buffer only with SQLITE_DESERIALIZE_RESIZEABLE: read-only, over the caller's
    // bytes.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    const auto size = static_cast<sqlite3_int64>(bytes.size());
    if (sqlite3_deserialize(db.get(), "main", data, size, size, SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        return damaged();
    // A hostile schema must not run anything of its own.
    sqlite3_db_config(db.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db.get(), SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    Budget budget(bytes.size());
    constexpr std::size_t kShortestLimit = 65536;
    sqlite3_limit(db.get(), SQLITE_LIMIT_LENGTH,
                  static_cast<int>(std::min<std::size_t>(std::max(bytes.size(), kShortestLimit), 1 << 30)));
    sqlite3_progress_handler(
        db.get(), Budget::kRound,
        [](void* spent) { return --static_cast<Budget*>(spent)->rounds < 0 ? 1 : 0; }, &budget);
    sqlite3_exec(db.get(), "PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
    const auto trust = read_trust(db.get(), budget);
    Query query(db.get(), "SELECT id, a0, a11, a81, a82 FROM nssPublic ORDER BY id", budget);
    if (!trust || !query.valid()) return damaged();
    std::vector<StoredCertificate> out;
    while (query.step()) {
        if (number(query.blob(1)) != kCertificateClass) continue;
        StoredCertificate stored;
        stored.der = query.blob(2);
        stored.path = "nssPublic/" + std::to_string(query.integer(0)) + "/a11";
        stored.trusted_for_servers = trust->contains({query.blob(3), query.blob(4)});
        // A value that fits in its page stands in the file as it is; else the whole file is cited.
        const auto at = stored.der.empty() || budget.searched < 0
                            ? bytes.end()
                            : std::search(bytes.begin(), bytes.end(),
                                          std::boyer_moore_searcher(stored.der.begin(), stored.der.end()));
        budget.searched -= at - bytes.begin();
        stored.offset = at == bytes.end() ? 0 : static_cast<std::uint64_t>(at - bytes.begin());
        stored.length = at == bytes.end() ? bytes.size() : stored.der.size();
        out.push_back(std::move(stored));
    }
    if (!query.ended_well()) return damaged();
    return out;
}

}  // namespace contrechamp
