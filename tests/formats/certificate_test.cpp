// Certificates and the stores they are kept in, compared with openssl and certutil. Whether a certificate can
// vouch for any web site is what an accusation of interception rests on.
#include "formats/certificate.h"

#include "base/bytes.h"
#include "base/escape.h"
#include "base/hash.h"
#include "kit/hostile.h"

namespace contrechamp {
namespace {

using testing::for_every_damage;
using testing::get;
using testing::have;
using testing::put;
using testing::run;
using testing::sample;
using testing::shared_data;
using testing::TemporaryFolder;
using Words = std::vector<std::string>;

Certificate read(const std::string& name) {
    const auto certificate = parse_certificate(sample("certificate/" + name));
    EXPECT_TRUE(certificate) << name;
    return certificate.value_or(Certificate{});
}

TEST(Certificates, WhoCanVouchForSites) {
    EXPECT_TRUE(read("ca.der").can_vouch_for_sites());
    EXPECT_TRUE(read("mitmproxy.der").can_vouch_for_sites());      // a CA for servers only
    EXPECT_FALSE(read("leaf.der").can_vouch_for_sites());          // one server's own
    EXPECT_FALSE(read("mail-only.der").can_vouch_for_sites());     // a CA for mail
    EXPECT_FALSE(read("odd-purposes.der").can_vouch_for_sites());  // a CA that may not sign certificates
    EXPECT_TRUE(
        read("version1.der").can_vouch_for_sites());  // an old self-signed root, from before extensions
}

TEST(Certificates, Fields) {
    const auto leaf = read("leaf.der");
    EXPECT_EQ(leaf.subject, "O=Exämple,CN=www.example.org");
    EXPECT_EQ(leaf.issuer, "O=Acme,CN=Acme TLS Inspection Root");
    EXPECT_EQ(leaf.subject_cn, "www.example.org");
    EXPECT_EQ(leaf.subject_o, "Exämple");
    EXPECT_EQ(leaf.issuer_o, "Acme");
    EXPECT_FALSE(leaf.self_signed || leaf.ca);
    EXPECT_EQ(leaf.purposes, (Words{"serverAuth", "clientAuth"}));
    EXPECT_EQ(read("odd-purposes.der").purposes, (Words{"1.3.6.1.4.1.99999.1", "anyExtendedKeyUsage"}));
    const auto ca = read("ca.der");
    EXPECT_TRUE(ca.self_signed && ca.ca && ca.can_sign && ca.purposes.empty());
    EXPECT_EQ(ca.sha256, sha256_hex(sample("certificate/ca.der")));
}

TEST(Certificates, NamesAreTextWhateverTheirEncoding) {
    EXPECT_EQ(read("latin1.der").subject_cn, "ZéèZZ\x1b[3");  // T61String; the escape sequence is data
    EXPECT_EQ(read("nul-in-name.der").subject_cn, std::string("bank\0evi", 8));  // not cut at the NUL
    EXPECT_EQ(read("escapes.der").subject_cn, "\x1b[31m<b>");
    for (const char* name : {"bad-utf8.der", "bmp-surrogate.der"}) {
        const auto certificate = parse_certificate(sample(std::string("certificate/") + name));
        if (certificate) {
            EXPECT_TRUE(is_valid_utf8(certificate->subject) && is_valid_utf8(certificate->subject_cn))
                << name;
        }
    }
}

TEST(Certificates, WhatFollowsDoesNotChangeTheFingerprint) {
    const std::string der = sample("certificate/ca.der");
    const auto longer = parse_certificate(der + "junk");
    ASSERT_TRUE(longer);
    EXPECT_EQ(longer->sha256, sha256_hex(der));
    const auto blocks = pem_certificates(sample("certificate/trailing.pem"));
    ASSERT_EQ(blocks.size(), 1);
    EXPECT_EQ(parse_certificate(blocks[0].der)->sha256, sha256_hex(der));
}

TEST(Certificates, AsOpensslReadsThem) {
    if (!have("openssl")) GTEST_SKIP() << "openssl is not installed";
    for (const char* name : {"ca", "leaf", "mail-only", "odd-purposes", "mitmproxy", "version1"}) {
        const std::string path = std::string(PROJECT_ROOT) + "/fuzz/corpus/certificate/" + name + ".der";
        const auto ours = read(std::string(name) + ".der");
        const auto theirs = run("openssl x509 -inform DER -in " + path +
                                " -noout -subject -issuer -dates -fingerprint -sha256 -nameopt "
                                "RFC2253,-esc_msb -dateopt iso_8601");
        ASSERT_EQ(theirs.code, 0) << theirs.out;
        std::string fingerprint;
        for (char c : ours.sha256) {
            if (fingerprint.size() % 3 == 2) fingerprint += ':';
            fingerprint += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
        const auto day = [](std::string time) { return time.replace(10, 1, " "); };
        EXPECT_EQ(theirs.out, "subject=" + ours.subject + "\nissuer=" + ours.issuer + "\nnotBefore=" +
                                  day(ours.not_before) + "\nnotAfter=" + day(ours.not_after) +
                                  "\nsha256 Fingerprint=" + fingerprint + "\n");
        const auto text = run("openssl x509 -inform DER -in " + path + " -noout -ext basicConstraints").out;
        // OpenSSL's own judgement, which ours is: a key that may not sign certificates makes no CA.
        if (std::string(name) != "odd-purposes") {
            EXPECT_EQ(text.find("CA:TRUE") != std::string::npos || std::string(name) == "version1", ours.ca)
                << name << text;
        }
    }
}

TEST(Certificates, EveryAuthorityOfThisSystem) {
    const std::string bundle = get("/etc/ssl/certs/ca-certificates.crt");
    if (bundle.empty()) GTEST_SKIP() << "no ca-certificates here";
    const auto stored = pem_certificates(bundle);
    EXPECT_EQ(std::to_string(stored.size()) + "\n",
              run("grep -c 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt").out);
    for (const auto& one : stored) {
        const auto certificate = parse_certificate(one.der);
        ASSERT_TRUE(certificate);
        EXPECT_TRUE(certificate->ca) << certificate->subject;
        EXPECT_EQ(certificate->not_after.size(), 20) << certificate->not_after;
    }
}

TEST(Certificates, AnyDamageGivesAValueOrNothing) {
    for (const char* name : {"ca.der", "leaf.der"})
        for_every_damage(sample(std::string("certificate/") + name), [](std::string_view bytes) {
            const auto certificate = parse_certificate(bytes);
            if (certificate) {
                EXPECT_TRUE(is_valid_utf8(certificate->subject) && is_valid_utf8(certificate->issuer));
            }
        });
}

TEST(Pem, BlocksAndTheirPlaces) {
    const std::string bundle = sample("certificate/bundle.pem");
    const auto blocks = pem_certificates(bundle);
    ASSERT_EQ(blocks.size(), 2);
    EXPECT_EQ(blocks[0].der, sample("certificate/ca.der"));
    EXPECT_EQ(blocks[1].der, sample("certificate/leaf.der"));
    for (const auto& block : blocks) {
        const auto text = bundle.substr(block.offset, block.length);
        EXPECT_TRUE(text.starts_with("-----BEGIN") && text.ends_with("CERTIFICATE-----")) << text;
    }
    EXPECT_EQ(pem_certificates(sample("certificate/crlf.pem")).size(), 1);
}

TEST(Pem, DamageCostsOneBlockOnly) {
    // The broken block keeps its place in the file and has no bytes: whoever reads on can say what is
    // missing.
    const auto half = pem_certificates(sample("certificate/broken-base64.pem"));
    ASSERT_EQ(half.size(), 2);
    EXPECT_NE(half[0].der.empty(), half[1].der.empty());
    EXPECT_EQ(pem_certificates(sample("certificate/no-end.pem")).size(), 0);
    // A beginning without an end must not swallow the certificate after it.
    const auto blocks = pem_certificates(sample("certificate/begin-twice.pem"));
    ASSERT_EQ(blocks.size(), 1);
    EXPECT_EQ(blocks[0].der, sample("certificate/ca.der"));
    // Dashes that would serve a beginning and an end at once.
    EXPECT_TRUE(pem_certificates("-----BEGIN CERTIFICATE-----END CERTIFICATE-----").empty());
    const auto after =
        pem_certificates(sample("certificate/crlf.pem") + "-----BEGIN CERTIFICATE-----END CERTIFICATE-----");
    ASSERT_EQ(after.size(), 1);
    EXPECT_EQ(after[0].offset, pem_certificates(sample("certificate/crlf.pem"))[0].offset);
    EXPECT_TRUE(pem_certificates("").empty());
    EXPECT_TRUE(pem_certificates("-----BEGIN CERTIFICATE----------END CERTIFICATE-----").size() <= 1);
    for_every_damage(sample("certificate/crlf.pem"), [](std::string_view bytes) {
        for (const auto& block : pem_certificates(bytes))
            EXPECT_LE(block.offset + block.length, bytes.size());
    });
}

const StoredCertificate* named(const std::vector<StoredCertificate>& list, std::string_view name) {
    for (const auto& stored : list)
        if (const auto certificate = parse_certificate(stored.der);
            certificate && certificate->subject_cn == name)
            return &stored;
    return nullptr;
}

TEST(Nss, TrustOfBothKinds) {
    for (const char* name : {"nss/certutil.db", "nss/trust-class-0b.db"}) {
        const std::string bytes = sample(name);
        const auto stored = nss_certificates(bytes, "F");
        ASSERT_OK(stored);
        ASSERT_EQ(stored->size(), 3) << name;
        const auto *ca = named(*stored, "Acme TLS Inspection Root"), *mail = named(*stored, "Mail only root"),
                   *leaf = named(*stored, "www.example.org");
        ASSERT_TRUE(ca && mail && leaf);
        EXPECT_TRUE(ca->trusted_for_servers) << name;
        EXPECT_FALSE(mail->trusted_for_servers) << name;  // trusted for mail is not trusted for sites
        EXPECT_FALSE(leaf->trusted_for_servers) << name;
        for (const auto& one : *stored) {
            EXPECT_TRUE(one.path.starts_with("nssPublic/"));
            EXPECT_TRUE(bytes.substr(one.offset, one.length) == one.der || one.length == bytes.size());
        }
    }
}

TEST(Nss, AFirefoxProfileWithAPolicyCertificate) {
    const auto path = shared_data("host/generated/firefox-esr153-linux/cert9.db");
    SKIP_WITHOUT(path);
    const auto stored = nss_certificates(get(path), path.string());
    ASSERT_OK(stored);
    const auto* acme = named(*stored, "Acme TLS Inspection Root");
    ASSERT_TRUE(acme);
    EXPECT_TRUE(acme->trusted_for_servers);
    const auto pem = pem_certificates(get(shared_data("host/generated/firefox-esr153-linux/ca.pem")));
    ASSERT_EQ(pem.size(), 1);
    EXPECT_EQ(acme->der, pem[0].der);
    // The same rows and the same trust by an independent reader.
    const auto python =
        run("/usr/bin/python3 -c \"import sqlite3,sys; "
            "d=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro&immutable=1',uri=True); "
            "print(d.execute(\\\"select count(*) from nssPublic where a0=x'00000001'\\\").fetchone()[0], "
            "d.execute(\\\"select count(*) from nssPublic where a0=x'0000000b' and "
            "a62c=x'00000002'\\\").fetchone()[0])\" " +
            path.string());
    ASSERT_EQ(python.code, 0) << python.out;
    EXPECT_EQ(python.out,
              std::to_string(stored->size()) + " " +
                  std::to_string(std::count_if(stored->begin(), stored->end(),
                                               [](const auto& s) { return s.trusted_for_servers; })) +
                  "\n");
}

TEST(Nss, AsCertutilWritesIt) {
    if (!have("certutil")) GTEST_SKIP() << "certutil (libnss3-tools) is not installed";
    const TemporaryFolder folder;
    const std::string db = "sql:" + folder.path().string();
    ASSERT_EQ(run("certutil -N -d " + db + " --empty-password").code, 0);
    // Every letter of the servers' column: only C (a CA whose servers are accepted) means trust to vouch.
    const std::pair<const char*, bool> kTrust[] = {{"C,,", true},  {"CT,C,C", true}, {",C,", false},
                                                   {"c,,", false}, {"P,,", false},   {",,", false}};
    for (const auto& [trust, vouches] : kTrust) {
        run("certutil -D -d " + db + " -n ca");
        const auto added = run("certutil -A -d " + db + " -n ca -t '" + trust +
                               "' -i " PROJECT_ROOT "/fuzz/corpus/certificate/ca.der");
        ASSERT_EQ(added.code, 0) << added.out;
        const auto stored = nss_certificates(get(folder / "cert9.db"), "F");
        ASSERT_OK(stored);
        ASSERT_EQ(stored->size(), 1) << trust;
        EXPECT_EQ(stored->front().trusted_for_servers, vouches) << trust << "\n"
                                                                << run("certutil -L -d " + db).out;
        EXPECT_EQ(stored->front().der, sample("certificate/ca.der"));
    }
}

TEST(Nss, AHostileSchemaIsRefusedAndCostsNothing) {
    for (const char* name : {"nss/endless-view.db", "nss/huge-column.db", "nss/no-columns.db"})
        EXPECT_FALSE(nss_certificates(sample(name), "F")) << name;
    for (const std::string& bytes :
         {std::string(), std::string("SQLite format 3"), std::string(4096, '\0'), std::string(100'000, 'x')})
        EXPECT_FALSE(nss_certificates(bytes, "F"));
}

TEST(Nss, ADatabaseThatBreaksOffIsAnErrorAndNotAShortList) {
    const std::string bytes = sample("nss/certutil.db");
    std::size_t whole = 0, refused = 0;
    testing::for_every_truncation(bytes, [&](std::string_view cut) {
        if (cut.size() % 16) return;  // every sixteenth: each opens a database
        const auto stored = nss_certificates(cut, "F");
        if (!stored) return void(++refused);
        ++whole;
        EXPECT_EQ(stored->size(), 3) << cut.size();
    });
    EXPECT_GT(refused, 500);
    EXPECT_LT(whole, 200);
}

TEST(Nss, AnyFlipGivesAListOrAnError) {
    const std::string bytes = sample("nss/plain.db");
    testing::for_every_flip(bytes, [&](std::string_view changed) {
        const auto stored = nss_certificates(changed, "F");
        if (!stored) return;
        for (const auto& one : *stored) EXPECT_LE(one.offset + one.length, changed.size());
    });
}

}  // namespace
}  // namespace contrechamp
