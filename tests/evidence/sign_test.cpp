// Signatures both ways with Debian's minisign: a sceptic needs no program of ours.
#include "evidence/sign.h"

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/files.h"
#include "base/hash.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::have;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

Signer::AskPassword answering(std::string password) {
    return [password] { return std::optional(password); };
}

TEST(Sign, ASignatureHoldsAndOnlyForItsBytes) {
    const TemporaryFolder folder;
    const auto signer = Signer::create(folder / "key", "");
    ASSERT_OK(signer);
    const std::string minisig = signer->sign("message", "case x entries 3 head y");
    const auto checked = check_signature(minisig, "message", signer->public_key(), "m");
    ASSERT_OK(checked);
    EXPECT_EQ(checked->trusted_comment, "case x entries 3 head y");
    EXPECT_EQ(checked->key_id, signer->public_key().id);
    EXPECT_EQ(peek_signature(minisig, "m")->key_id, signer->public_key().id);
    EXPECT_FALSE(check_signature(minisig, "massage", signer->public_key(), "m").has_value());
    EXPECT_FALSE(check_signature(minisig, "", signer->public_key(), "m").has_value());
    EXPECT_OK(check_signature(signer->sign("", ""), "", signer->public_key(), "m"));
}

TEST(Sign, AnyChangedByteOfTheFileIsSeen) {
    const TemporaryFolder folder;
    const auto signer = Signer::create(folder / "key", "");
    ASSERT_OK(signer);
    const std::string minisig = signer->sign("message", "trusted");
    const auto free_text_from = std::string_view("untrusted comment: ").size(),
               free_text_to = minisig.find('\n');
    for (std::size_t at = 0; at < minisig.size(); ++at) {
        // minisign's untrusted comment is what it says.
        if (at >= free_text_from && at < free_text_to) continue;
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = minisig;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            // The line feed after the last line may be missing or another white space.
            if (at == minisig.size() - 1) continue;
            ASSERT_FALSE(check_signature(changed, "message", signer->public_key(), "m").has_value())
                << at << "/" << bit << "\n"
                << changed;
        }
    }
    for (std::size_t cut = 0; cut + 1 < minisig.size(); ++cut)
        ASSERT_FALSE(
            check_signature(minisig.substr(0, cut), "message", signer->public_key(), "m").has_value())
            << cut;
}

TEST(Sign, AnotherKeyIsNamed) {
    const TemporaryFolder folder;
    const auto mine = Signer::create(folder / "mine", ""), other = Signer::create(folder / "other", "");
    ASSERT_OK(mine);
    ASSERT_OK(other);
    const auto checked = check_signature(mine->sign("m", ""), "m", other->public_key(), "log.minisig");
    ASSERT_FALSE(checked.has_value());
    EXPECT_NE(checked.error().what.en.find(other->public_key().id), std::string::npos);
    EXPECT_EQ(checked.error().where, "log.minisig");
}

TEST(Key, IsMadeOnceAndKeptToItself) {
    const TemporaryFolder folder;
    const auto path = folder / "sub/deeper/key";
    const auto made = Signer::open_or_create(path, {});
    ASSERT_OK(made);
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat(path.parent_path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0u) << "a folder made for keys is closed to others";
    const auto again = Signer::open_or_create(path, {});
    ASSERT_OK(again);
    EXPECT_EQ(again->public_key().key, made->public_key().key);
    EXPECT_EQ(get(path.string() + ".pub"), made->public_key().file_text());
    // A second key in its place would orphan every signature made so far.
    EXPECT_FALSE(Signer::create(path, "").has_value());
}

TEST(Key, AFolderThatWasThereKeepsItsPermissions) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "shared");
    ASSERT_EQ(::chmod((folder / "shared").c_str(), 01777), 0);  // as /tmp
    ASSERT_OK(Signer::create(folder / "shared/key", ""));
    struct stat info {};
    ASSERT_EQ(::stat((folder / "shared").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 01777u);
}

TEST(Key, APasswordProtectsIt) {
    const TemporaryFolder folder;
    const auto made = Signer::create(folder / "key", "sésame");
    ASSERT_OK(made);
    const auto opened = Signer::open_or_create(folder / "key", answering("sésame"));
    ASSERT_OK(opened);
    EXPECT_EQ(opened->public_key().key, made->public_key().key);
    const auto wrong = Signer::open_or_create(folder / "key", answering("sesame"));
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().where, (folder / "key").string());
    const auto silent = Signer::open_or_create(folder / "key", [] { return std::nullopt; });
    ASSERT_FALSE(silent.has_value());
    EXPECT_NE(silent.error().todo.en.find("CONTRECHAMP_KEY_PASSWORD"), std::string::npos);
    EXPECT_FALSE(Signer::open_or_create(folder / "key", {}).has_value());
    // Nothing was overwritten meanwhile.
    EXPECT_OK(Signer::open_or_create(folder / "key", answering("sésame")));
}

TEST(Key, DamagedAndForeignFilesAreRefused) {
    const TemporaryFolder folder;
    ASSERT_OK(Signer::create(folder / "key", ""));
    const std::string text = get(folder / "key");
    const auto opens = [&](const std::string& content) {
        put(folder / "other", content);
        return Signer::open_or_create(folder / "other", answering("x")).has_value();
    };
    EXPECT_TRUE(opens(text));
    for (const std::string& bad : {std::string(), std::string("x"), text.substr(0, 60),
                                   "untrusted comment: x\n" + std::string("AAAA\n"),
                                   text.substr(text.find('\n') + 1), std::string(5000, 'x')})
        EXPECT_FALSE(opens(bad)) << bad;
    // Every byte of the key's own data is covered by its checksum; the salt is of no use without a password.
    const auto line = text.find('\n') + 1;
    std::string blob = from_base64(text.substr(line)).value();
    const std::size_t salt = 6, numbers = salt + 32, secret = numbers + 16;
    for (std::size_t at = 0; at < blob.size(); ++at) {
        if (at >= salt && at < secret) continue;
        auto changed = blob;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(opens(text.substr(0, line) + to_base64(changed) + "\n")) << at;
    }
}

// A hostile key file cannot make us spend gigabytes or hours.
TEST(Key, UnreasonableWorkIsRefused) {
    const TemporaryFolder folder;
    ASSERT_OK(Signer::create(folder / "key", ""));
    const std::string text = get(folder / "key");
    std::string blob = from_base64(text.substr(text.find('\n') + 1)).value();
    blob.replace(2, 2, "Sc");
    for (std::size_t at : {38u, 46u}) {
        auto greedy = blob;
        greedy.replace(at, 8, std::string(8, '\xff'));
        put(folder / "greedy", "untrusted comment: x\n" + to_base64(greedy) + "\n");
        EXPECT_FALSE(Signer::open_or_create(folder / "greedy", answering("x")).has_value()) << at;
    }
}

TEST(Key, WhereItIsKept) {
    const TemporaryFolder folder;
    const auto with = [](const char* key, const char* config, const char* home) {
        key ? ::setenv("CONTRECHAMP_KEY", key, 1) : ::unsetenv("CONTRECHAMP_KEY");
        config ? ::setenv("XDG_CONFIG_HOME", config, 1) : ::unsetenv("XDG_CONFIG_HOME");
        home ? ::setenv("HOME", home, 1) : ::unsetenv("HOME");
        const auto path = Signer::default_path();
        return path ? path->string() : "nowhere";
    };
    const char* home_before = std::getenv("HOME");
    const std::string home = home_before ? home_before : "/";
    EXPECT_EQ(with("/k", "/c", "/h"), "/k");
    EXPECT_EQ(with(nullptr, "/c", "/h"), "/c/contrechamp/minisign.key");
    EXPECT_EQ(with("", "relative", "/h"), "/h/.config/contrechamp/minisign.key");
    EXPECT_EQ(with(nullptr, nullptr, nullptr), "nowhere");
    ::setenv("HOME", home.c_str(), 1);
}

class Minisign : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!have("minisign")) GTEST_SKIP() << "minisign is not installed";
        put(folder / "message", "The message.\n");
    }
    std::string at(const std::string& name) const { return (folder / name).string(); }
    TemporaryFolder folder;
};

TEST_F(Minisign, ChecksOurSignature) {
    const auto signer = Signer::create(folder / "key", "");
    ASSERT_OK(signer);
    put(folder / "message.minisig", signer->sign("The message.\n", "case 1 entries 2"));
    auto checked = run("minisign -V -m " + at("message") + " -p " + at("key.pub"));
    EXPECT_EQ(checked.code, 0) << checked.out;
    EXPECT_NE(checked.out.find("Trusted comment: case 1 entries 2"), std::string::npos) << checked.out;
    // By the key's printed form, as a person would publish it.
    EXPECT_EQ(run("minisign -V -m " + at("message") + " -P " + signer->public_key().encoded()).code, 0);
    put(folder / "message", "The massage.\n");
    EXPECT_NE(run("minisign -V -m " + at("message") + " -p " + at("key.pub")).code, 0);
}

TEST_F(Minisign, ItsKeyServesUs) {
    const auto made =
        run("minisign -G -W -p " + at("theirs.pub") + " -s " + at("theirs.key") + " </dev/null");
    ASSERT_EQ(made.code, 0) << made.out;
    const auto signer = Signer::open_or_create(folder / "theirs.key", {});
    ASSERT_OK(signer);
    const auto key = PublicKey::parse(get(folder / "theirs.pub"), "theirs.pub");
    ASSERT_OK(key);
    EXPECT_EQ(key->key, signer->public_key().key);
    EXPECT_EQ(key->id, signer->public_key().id);
    // minisign prints the number without leading zeros.
    const std::string digits = key->id.substr(std::min(key->id.find_first_not_of('0'), key->id.size() - 1));
    EXPECT_NE(get(folder / "theirs.pub").find(" " + digits + "\n"), std::string::npos) << key->id;
    put(folder / "message.minisig", signer->sign("The message.\n", ""));
    const auto checked = run("minisign -V -m " + at("message") + " -p " + at("theirs.pub"));
    EXPECT_EQ(checked.code, 0) << checked.out;
}

TEST_F(Minisign, WeCheckItsSignature) {
    ASSERT_EQ(run("minisign -G -W -p " + at("p") + " -s " + at("s") + " </dev/null").code, 0);
    const auto made =
        run("minisign -S -H -W -s " + at("s") + " -m " + at("message") + " -t 'a trusted word' </dev/null");
    ASSERT_EQ(made.code, 0) << made.out;
    const auto key = PublicKey::parse(get(folder / "p"), "p");
    ASSERT_OK(key);
    const auto checked = check_signature(get(folder / "message.minisig"), "The message.\n", *key, "m");
    ASSERT_OK(checked);
    EXPECT_EQ(checked->trusted_comment, "a trusted word");
}

TEST_F(Minisign, OurOpenKeyServesIt) {
    const auto signer = Signer::create(folder / "ours", "");
    ASSERT_OK(signer);
    const auto made = run("minisign -S -s " + at("ours") + " -m " + at("message") + " </dev/null");
    ASSERT_EQ(made.code, 0) << made.out;
    EXPECT_OK(check_signature(get(folder / "message.minisig"), "The message.\n", signer->public_key(), "m"));
}

// Without a checksum to go by, the key's two halves must still agree.
TEST_F(Minisign, ItsDamagedKeyIsRefused) {
    ASSERT_EQ(run("minisign -G -W -p " + at("p") + " -s " + at("s") + " </dev/null").code, 0);
    const std::string text = get(folder / "s");
    const auto line = text.find('\n') + 1;
    const std::string blob = from_base64(text.substr(line)).value();
    for (std::size_t at : {62u, 80u, 94u, 120u}) {
        auto changed = blob;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        put(folder / "changed", text.substr(0, line) + to_base64(changed) + "\n");
        EXPECT_FALSE(Signer::open_or_create(folder / "changed", {}).has_value()) << at;
    }
}

TEST_F(Minisign, OurProtectedKeyServesIt) {
    const auto signer = Signer::create(folder / "ours", "open sesame");
    ASSERT_OK(signer);
    const auto made = run("printf 'open sesame\\n' | minisign -S -s " + at("ours") + " -m " + at("message"));
    ASSERT_EQ(made.code, 0) << made.out;
    const auto checked =
        check_signature(get(folder / "message.minisig"), "The message.\n", signer->public_key(), "m");
    EXPECT_OK(checked);
    EXPECT_NE(run("printf 'wrong\\n' | minisign -S -s " + at("ours") + " -m " + at("message")).code, 0);
}

}  // namespace
}  // namespace contrechamp
