#include "evidence/sign.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include <sodium.h>

#include "base/bytes.h"
#include "base/files.h"

namespace contrechamp {
namespace {

// Layouts of minisign.h (0.11). Numbers are little-endian.
constexpr std::string_view kSignatureAlgorithm = "Ed";  // in keys
constexpr std::string_view kPrehashed = "ED";           // in signatures: over BLAKE2b-512 of the message
constexpr std::string_view kScrypt = "Sc";
constexpr std::string_view kNoKdf{"\0\0", 2};
constexpr std::string_view kBlake2b = "B2";
constexpr std::size_t kKeyIdBytes = 8, kSaltBytes = 32, kChecksumBytes = 32;
constexpr std::size_t kSecretBytes = crypto_sign_SECRETKEYBYTES, kPublicBytes = crypto_sign_PUBLICKEYBYTES;
constexpr std::size_t kSealedBytes = kKeyIdBytes + kSecretBytes + kChecksumBytes;
constexpr std::uint64_t kMaxMemory = std::uint64_t{2} << 30;  // refuse key files that ask scrypt for more

unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* raw(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string little64(std::uint64_t value) {
    std::string out;
    for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

std::string blake2b(std::string_view bytes, std::size_t length) {
    std::string out(length, '\0');
    crypto_generichash(raw(out), length, raw(bytes), bytes.size(), nullptr, 0);
    return out;
}

// minisign prints the eight bytes as one little-endian number.
std::string printed_key_id(std::string_view bytes) {
    std::string reversed(bytes.rbegin(), bytes.rend());
    std::string hex = to_hex(reversed);
    for (char& c : hex) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return hex;
}

std::string key_id_bytes(std::string_view printed) {
    const std::string reversed = from_hex(printed).value_or(std::string(kKeyIdBytes, '\0'));
    return {reversed.rbegin(), reversed.rend()};
}

Status init_sodium() {
    if (sodium_init() < 0)
        return fail({"the signing library did not start", "la bibliothèque de signature n’a pas démarré"},
                    "libsodium");
    return {};
}

// The key stream that hides the secret part of a protected key.
Result<std::string> scrypt_stream(std::string_view password, std::string_view salt, std::uint64_t ops,
                                  std::uint64_t memory, const fs::path& where) {
    if (memory > kMaxMemory || ops > (std::uint64_t{1} << 33))
        return fail({"this key file asks for unreasonable work to unlock",
                     "ce fichier de clé demande un calcul déraisonnable"},
                    where.string());
    std::string stream(kSealedBytes, '\0');
    if (crypto_pwhash_scryptsalsa208sha256(raw(stream), stream.size(), password.data(), password.size(),
                                           raw(salt), ops, static_cast<std::size_t>(memory)) != 0)
        return fail({"not enough memory to unlock the key", "mémoire insuffisante pour déverrouiller la clé"},
                    where.string());
    return stream;
}

void mix(std::string& bytes, std::string_view stream) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ stream[i]);
}

std::string checksum(std::string_view key_id, std::string_view secret) {
    return blake2b(std::string(kSignatureAlgorithm) + std::string(key_id) + std::string(secret),
                   kChecksumBytes);
}

// Whether the public half of a secret key is the one its secret half gives.
bool halves_agree(std::string_view secret) {
    std::string again(kSecretBytes, '\0'), key(kPublicBytes, '\0');
    crypto_sign_seed_keypair(raw(key), raw(again), raw(secret));
    return again == secret;
}

// The second line of a minisign file, decoded.
Result<std::string> second_line(std::string_view text, std::string_view where) {
    LineReader lines(text);
    const auto first = lines.next();
    const auto second = lines.next();
    const auto decoded = second ? from_base64(second->text) : std::nullopt;
    if (!first || !first->text.starts_with("untrusted comment: ") || !decoded)
        return fail({"this is not a minisign file", "ce n’est pas un fichier minisign"}, std::string(where));
    return *decoded;
}

struct ParsedSignature {
    std::string key_id, signature, comment, comment_signature;
};

Result<ParsedSignature> parse_signature(std::string_view minisig, std::string_view where) {
    const std::string blob = TRY(second_line(minisig, where));
    ByteReader reader(blob);
    const auto algorithm = reader.take(2), key_id = reader.take(kKeyIdBytes),
               signature = reader.take(crypto_sign_BYTES);
    LineReader lines(minisig);
    lines.next();
    lines.next();
    const auto comment = lines.next(), last = lines.next();
    constexpr std::string_view kTrusted = "trusted comment: ";
    const auto comment_signature = last ? from_base64(last->text) : std::nullopt;
    if (!signature || reader.remaining() || *algorithm != kPrehashed || !comment ||
        !comment->text.starts_with(kTrusted) || !comment_signature ||
        comment_signature->size() != crypto_sign_BYTES)
        return fail({"this is not a minisign signature of the prehashed kind",
                     "ce n’est pas une signature minisign de type préhaché"},
                    std::string(where));
    return ParsedSignature{std::string(*key_id), std::string(*signature),
                           std::string(comment->text.substr(kTrusted.size())), *comment_signature};
}

}  // namespace

std::string PublicKey::encoded() const {
    return to_base64(std::string(kSignatureAlgorithm) + key_id_bytes(id) + key);
}

std::string PublicKey::file_text() const {
    return "untrusted comment: minisign public key " + id + "\n" + encoded() + "\n";
}

Result<PublicKey> PublicKey::parse(std::string_view file_text, std::string_view where) {
    const std::string blob = TRY(second_line(file_text, where));
    ByteReader reader(blob);
    const auto algorithm = reader.take(2), id = reader.take(kKeyIdBytes), key = reader.take(kPublicBytes);
    if (!key || reader.remaining() || *algorithm != kSignatureAlgorithm)
        return fail({"this is not a minisign public key", "ce n’est pas une clé publique minisign"},
                    std::string(where));
    return PublicKey{printed_key_id(*id), std::string(*key)};
}

Result<fs::path> Signer::default_path() {
    if (const char* path = std::getenv("CONTRECHAMP_KEY"); path && *path) return fs::path(path);
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config == '/')
        return fs::path(config) / "contrechamp/minisign.key";
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return fs::path(home) / ".config/contrechamp/minisign.key";
    return fail({"no home folder to keep the signing key in",
                 "aucun dossier personnel où garder la clé de signature"},
                "HOME", {"set CONTRECHAMP_KEY to a file", "donnez un fichier dans CONTRECHAMP_KEY"});
}

Result<Signer> Signer::create(const fs::path& path, std::string_view password) {
    TRY(init_sodium());
    std::error_code ignored;
    // A folder that was there already (it may be /tmp) stays as it is.
    if (fs::create_directories(path.parent_path(), ignored))
        fs::permissions(path.parent_path(), fs::perms::owner_all, ignored);
    if (fs::exists(path, ignored))
        return fail({"a signing key exists there already", "une clé de signature existe déjà ici"},
                    path.string(),
                    {"keep it: signatures made with it could no longer be checked",
                     "gardez-la : les signatures déjà faites ne pourraient plus être contrôlées"});
    Signer signer;
    signer.secret_.assign(kSecretBytes, '\0');
    signer.public_.key.assign(kPublicBytes, '\0');
    crypto_sign_keypair(raw(signer.public_.key), raw(signer.secret_));
    std::string key_id(kKeyIdBytes, '\0');
    randombytes_buf(key_id.data(), key_id.size());
    signer.public_.id = printed_key_id(key_id);

    std::string sealed = key_id + signer.secret_ + checksum(key_id, signer.secret_);
    std::string salt(kSaltBytes, '\0');
    std::uint64_t ops = 0, memory = 0;
    if (!password.empty()) {
        randombytes_buf(salt.data(), salt.size());
        ops = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_INTERACTIVE * 8;
        memory = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_INTERACTIVE * 8;
        mix(sealed, TRY(scrypt_stream(password, salt, ops, memory, path)));
    }
    const std::string blob = std::string(kSignatureAlgorithm) +
                             std::string(password.empty() ? kNoKdf : kScrypt) + std::string(kBlake2b) + salt +
                             little64(ops) + little64(memory) + sealed;
    TRY(replace_file(path,
                     "untrusted comment: contrechamp secret key (minisign format): keep it to yourself\n" +
                         to_base64(blob) + "\n",
                     0600));
    fs::path beside = path;
    TRY(replace_file(beside.replace_extension(".pub"), signer.public_.file_text()));
    return signer;
}

Result<Signer> Signer::open_or_create(const fs::path& path, const AskPassword& ask) {
    TRY(init_sodium());
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return create(path, {});
    const std::string text = TRY(read_file(path, 4096));
    const std::string blob = TRY(second_line(text, path.string()));
    ByteReader reader(blob);
    const auto algorithm = reader.take(2), kdf = reader.take(2), check = reader.take(2),
               salt = reader.take(kSaltBytes);
    const auto ops = reader.u64le(), memory = reader.u64le();
    const auto hidden = reader.take(kSealedBytes);
    const auto not_a_key = [&] {
        return fail({"this is not a minisign secret key", "ce n’est pas une clé secrète minisign"},
                    path.string());
    };
    if (!hidden || reader.remaining() || *algorithm != kSignatureAlgorithm || *check != kBlake2b)
        return not_a_key();
    std::string sealed(*hidden);
    if (*kdf == kScrypt) {
        const auto password = ask ? ask() : std::nullopt;
        if (!password)
            return fail({"the signing key is protected by a password",
                         "la clé de signature est protégée par un mot de passe"},
                        path.string(),
                        {"run in a terminal, or set CONTRECHAMP_KEY_PASSWORD",
                         "lancez la commande dans un terminal, ou définissez CONTRECHAMP_KEY_PASSWORD"});
        mix(sealed, TRY(scrypt_stream(*password, *salt, *ops, *memory, path)));
    } else if (*kdf != kNoKdf) {
        return not_a_key();
    }
    Signer signer;
    const std::string key_id = sealed.substr(0, kKeyIdBytes);
    signer.secret_ = sealed.substr(kKeyIdBytes, kSecretBytes);
    // `minisign -G -W` leaves the checksum of an unprotected key empty.
    const auto check_bytes = sealed.substr(kKeyIdBytes + kSecretBytes);
    const bool unchecked = *kdf == kNoKdf && check_bytes == std::string(kChecksumBytes, '\0');
    if ((!unchecked && checksum(key_id, signer.secret_) != check_bytes) || !halves_agree(signer.secret_))
        return fail({"wrong password, or a damaged key", "mot de passe erroné, ou clé endommagée"},
                    path.string());
    signer.public_.id = printed_key_id(key_id);
    signer.public_.key = signer.secret_.substr(kSecretBytes - kPublicBytes);
    return signer;
}

std::string Signer::sign(std::string_view message, std::string_view comment) const {
    const std::string hash = blake2b(message, 64);
    std::string signature(crypto_sign_BYTES, '\0'), comment_signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(raw(signature), nullptr, raw(hash), hash.size(), raw(secret_));
    const std::string signed_comment = signature + std::string(comment);
    crypto_sign_detached(raw(comment_signature), nullptr, raw(signed_comment), signed_comment.size(),
                         raw(secret_));
    return "untrusted comment: signature from contrechamp, key " + public_.id + "\n" +
           to_base64(std::string(kPrehashed) + key_id_bytes(public_.id) + signature) +
           "\ntrusted comment: " + std::string(comment) + "\n" + to_base64(comment_signature) + "\n";
}

Result<SignatureFile> peek_signature(std::string_view minisig, std::string_view where) {
    const auto parsed = TRY(parse_signature(minisig, where));
    return SignatureFile{printed_key_id(parsed.key_id), parsed.comment};
}

Result<SignatureFile> check_signature(std::string_view minisig, std::string_view message,
                                      const PublicKey& key, std::string_view where) {
    TRY(init_sodium());
    const auto parsed = TRY(parse_signature(minisig, where));
    if (printed_key_id(parsed.key_id) != key.id)
        return fail({"signed with another key than " + key.id, "signé avec une autre clé que " + key.id},
                    std::string(where));
    const std::string hash = blake2b(message, 64);
    const std::string signed_comment = parsed.signature + parsed.comment;
    if (crypto_sign_verify_detached(raw(parsed.signature), raw(hash), hash.size(), raw(key.key)) != 0 ||
        crypto_sign_verify_detached(raw(parsed.comment_signature), raw(signed_comment), signed_comment.size(),
                                    raw(key.key)) != 0)
        return fail({"the signature does not fit the file", "la signature ne correspond pas au fichier"},
                    std::string(where));
    return SignatureFile{key.id, parsed.comment};
}

}  // namespace contrechamp
