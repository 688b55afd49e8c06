// X.509 certificates, read by OpenSSL, and the stores they are kept in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp {

struct Certificate {
    std::string sha256;           // of the DER
    std::string subject, issuer;  // RFC 2253 text
    std::string subject_cn, subject_o, issuer_cn, issuer_o;
    std::string not_before, not_after;  // RFC 3339
    bool ca = false;                    // basic constraints say CA, or a version 1 self-signed root
    bool self_signed = false;           // issuer and subject are the same name
    bool can_sign = true;               // key usage allows certificate signing, or says nothing
    std::vector<std::string> purposes;  // extended key usage, short names; empty: any

    // Whether, trusted as a root, it could vouch for any web site: a CA that may sign certificates and is not
    // limited to other purposes than TLS servers.
    bool can_vouch_for_sites() const;
};

std::optional<Certificate> parse_certificate(std::string_view der);

struct StoredCertificate {
    std::string der;
    std::uint64_t offset = 0,
                  length = 0;  // in the file: of the PEM block, or of the DER where it stands unbroken
    std::string path;          // record path, for databases
    bool trusted_for_servers = false;  // databases only
};

// All "CERTIFICATE" blocks of a PEM file; a block that is no base64 has no `der`.
std::vector<StoredCertificate> pem_certificates(std::string_view text);

// A certificate database of NSS (cert9.db: SQLite, table nssPublic). Trust comes from objects of class
// CKO_TRUST (PKCS #11 3.2, NSS 3.108 and later) or the older CKO_NSS_TRUST, matched by issuer and serial
// number.
Result<std::vector<StoredCertificate>> nss_certificates(std::string_view bytes, std::string_view where);

}  // namespace contrechamp
