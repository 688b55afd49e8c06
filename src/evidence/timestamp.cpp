#include "evidence/timestamp.h"

#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/time.h"

namespace contrechamp {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Request = std::unique_ptr<TS_REQ, Deleter<TS_REQ_free>>;
using Response = std::unique_ptr<TS_RESP, Deleter<TS_RESP_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, Deleter<TS_MSG_IMPRINT_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Deleter<X509_ALGOR_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificates =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * list) { sk_X509_free(list); })>;

tl::unexpected<Error> crypto_error(Text what, std::string_view where) {
    // OpenSSL's own reasons are English, and speak of its insides ("too long").
    ERR_clear_error();
    return fail(std::move(what), std::string(where));
}

std::string text_of(const X509_NAME* name) {
    Bio out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* data = nullptr;
    const long length = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

std::string rfc3339_of(const ASN1_GENERALIZEDTIME* time) {
    std::tm parts{};
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return {};
    char buffer[32];
    std::string text(buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts));
    // A year of three digits, a 61st second: not a time that anything else here could read.
    return from_rfc3339(text) ? text : std::string();
}

}  // namespace

Result<std::string> timestamp_request(std::string_view sha256) {
    const auto digest = from_hex(sha256);
    if (!digest || digest->size() != 32)
        return fail({"not a SHA-256", "pas un SHA-256"}, std::string(sha256));
    Request request(TS_REQ_new());
    Imprint imprint(TS_MSG_IMPRINT_new());
    Algorithm algorithm(X509_ALGOR_new());
    Integer nonce(ASN1_INTEGER_new());
    std::string random = random_bytes(8);
    random[0] = static_cast<char>((random[0] & 0x7f) | 1);  // positive, and no leading zero to drop
    bool ok = request && imprint && algorithm && nonce;
    ok = ok && X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    ok = ok && TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    std::string copy = *digest;
    ok = ok && TS_MSG_IMPRINT_set_msg(imprint.get(), reinterpret_cast<unsigned char*>(copy.data()), 32);
    ok = ok && ASN1_STRING_set(nonce.get(), random.data(), static_cast<int>(random.size()));
    ok = ok && TS_REQ_set_version(request.get(), 1) && TS_REQ_set_msg_imprint(request.get(), imprint.get()) &&
         TS_REQ_set_nonce(request.get(), nonce.get()) && TS_REQ_set_cert_req(request.get(), 1);
    unsigned char* der = nullptr;
    const int length = ok ? i2d_TS_REQ(request.get(), &der) : -1;
    if (length <= 0)
        return crypto_error({"cannot make the request", "impossible de préparer la demande"}, "RFC 3161");
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return out;
}

Result<TimestampToken> read_timestamp(std::string_view der, std::string_view where,
                                      const std::optional<std::filesystem::path>& authorities) {
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    Response response(d2i_TS_RESP(nullptr, &cursor, static_cast<long>(der.size())));
    if (!response)
        return crypto_error(
            {"this is not a timestamp answer (.tsr)", "ce n’est pas une réponse d’horodatage (.tsr)"}, where);
    const auto* status = TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get()));
    const long code = ASN1_INTEGER_get(status);
    TS_TST_INFO* info = TS_RESP_get_tst_info(response.get());
    if ((code != TS_STATUS_GRANTED && code != TS_STATUS_GRANTED_WITH_MODS) || !info)
        return fail({"the authority refused the request", "l’autorité a refusé la demande"},
                    std::string(where),
                    {"make a new request and send it again", "refaites une demande et renvoyez-la"});
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
    if (OBJ_obj2nid(algorithm) != NID_sha256 || ASN1_STRING_length(digest) != 32)
        return fail({"the stamp is not over a SHA-256", "l’horodatage ne porte pas sur un SHA-256"},
                    std::string(where));
    TimestampToken token;
    token.sha256 = to_hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(digest)), 32});
    token.time = rfc3339_of(TS_TST_INFO_get_time(info));

    PKCS7* signed_data = TS_RESP_get_token(response.get());
    Bio sink(BIO_new(BIO_s_mem()));
    token.intact = PKCS7_verify(signed_data, nullptr, nullptr, nullptr, sink.get(), PKCS7_NOVERIFY) == 1;
    if (Certificates signers(PKCS7_get0_signers(signed_data, nullptr, 0));
        signers && sk_X509_num(signers.get()) > 0)
        token.authority = text_of(X509_get_subject_name(sk_X509_value(signers.get(), 0)));
    if (authorities) {
        Store store(X509_STORE_new());
        if (X509_STORE_load_file(store.get(), authorities->c_str()) != 1)
            return crypto_error({"cannot read the authorities' certificates",
                                 "impossible de lire les certificats des autorités"},
                                authorities->string());
        X509_STORE_set_purpose(store.get(), X509_PURPOSE_TIMESTAMP_SIGN);
        // A stamp outlives the certificate it was made with: what counts is whether that was valid then.
        std::tm stamped{};
        if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &stamped) == 1)
            X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), ::timegm(&stamped));
        TS_VERIFY_CTX* context = TS_VERIFY_CTX_new();
        TS_VERIFY_CTX_set_flags(context, TS_VFY_SIGNATURE | TS_VFY_VERSION);
        TS_VERIFY_CTX_set_store(context, store.release());
        token.trusted = TS_RESP_verify_response(context, response.get()) == 1;
        TS_VERIFY_CTX_free(context);
    }
    ERR_clear_error();
    return token;
}

}  // namespace contrechamp
