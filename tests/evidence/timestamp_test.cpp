// RFC 3161 with a real authority of our own, made by OpenSSL (tests/kit/tsa.sh).
#include "evidence/timestamp.h"

#include "base/hash.h"
#include "base/time.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::have;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

class Timestamp : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!have("openssl")) GTEST_SKIP() << "openssl is not installed";
        ASSERT_EQ(run(tsa + " make " + at("tsa")).code, 0);
    }
    std::string at(const std::string& name) const { return (folder / name).string(); }
    // The authority's answer to a request for `digest`.
    std::string answer(const std::string& digest) {
        put(folder / "q.tsq", timestamp_request(digest).value());
        EXPECT_EQ(run(tsa + " answer " + at("tsa") + " " + at("q.tsq") + " " + at("a.tsr")).code, 0);
        return get(folder / "a.tsr");
    }
    const std::string tsa = std::string(PROJECT_ROOT) + "/tests/kit/tsa.sh";
    TemporaryFolder folder;
    const std::string digest = sha256_hex("the last line of a log");
};

TEST_F(Timestamp, OpensslReadsOurRequest) {
    const auto request = timestamp_request(digest);
    ASSERT_OK(request);
    put(folder / "q.tsq", *request);
    const auto text = run("openssl ts -query -in " + at("q.tsq") + " -text");
    EXPECT_EQ(text.code, 0) << text.out;
    EXPECT_NE(text.out.find("Hash Algorithm: sha256"), std::string::npos);
    EXPECT_NE(text.out.find("Certificate required: yes"), std::string::npos);
    EXPECT_EQ(text.out.find("Nonce: unspecified"), std::string::npos);
    EXPECT_NE(*request, *timestamp_request(digest)) << "each request has a nonce of its own";
    EXPECT_FALSE(timestamp_request("").has_value());
    EXPECT_FALSE(timestamp_request("abcd").has_value());
    EXPECT_FALSE(timestamp_request(std::string(64, 'g')).has_value());
}

TEST_F(Timestamp, TheAnswerSaysWhatWhenAndWho) {
    const auto der = answer(digest);
    const auto token = read_timestamp(der, "a.tsr", std::nullopt);
    ASSERT_OK(token);
    EXPECT_EQ(token->sha256, digest);
    EXPECT_TRUE(from_rfc3339(token->time).has_value()) << token->time;
    EXPECT_NE(token->authority.find("Test Timestamping Authority"), std::string::npos) << token->authority;
    EXPECT_TRUE(token->intact);
    EXPECT_FALSE(token->trusted) << "without roots nothing is trusted";
    const auto trusted = read_timestamp(der, "a.tsr", folder / "tsa" / "root.pem");
    ASSERT_OK(trusted);
    EXPECT_TRUE(trusted->trusted);
}

TEST_F(Timestamp, AnotherRootIsNotTrusted) {
    const auto der = answer(digest);
    ASSERT_EQ(run(tsa + " make " + at("other")).code, 0);
    const auto token = read_timestamp(der, "a.tsr", folder / "other" / "root.pem");
    ASSERT_OK(token);
    EXPECT_TRUE(token->intact);
    EXPECT_FALSE(token->trusted);
    EXPECT_FALSE(read_timestamp(der, "a.tsr", folder / "missing.pem").has_value());
    put(folder / "empty.pem", "");
    EXPECT_FALSE(read_timestamp(der, "a.tsr", folder / "empty.pem").has_value());
}

TEST_F(Timestamp, ARefusalIsAnError) {
    run(tsa + " refuse " + at("tsa") + " " + at("r.tsr"));
    const auto token = read_timestamp(get(folder / "r.tsr"), "r.tsr", std::nullopt);
    ASSERT_FALSE(token.has_value());
    EXPECT_NE(token.error().what.en.find("refused"), std::string::npos);
    EXPECT_EQ(token.error().where, "r.tsr");
}

TEST_F(Timestamp, WhatIsNoAnswer) {
    for (const std::string& bad : {std::string(), std::string("x"), std::string("\x30\x82\xff\xff", 4),
                                   std::string(10'000, '\x30'), get(folder / "tsa" / "root.pem")}) {
        const auto token = read_timestamp(bad, "x.tsr", std::nullopt);
        EXPECT_FALSE(token.has_value());
    }
    const auto der = answer(digest);
    for (std::size_t cut = 0; cut < der.size(); cut += 7)
        EXPECT_FALSE(read_timestamp(der.substr(0, cut), "x.tsr", std::nullopt).has_value()) << cut;
}

// Whatever is changed, no answer comes out that is intact, stamps the same digest and has another time.
TEST_F(Timestamp, AChangedAnswerIsNeverTaken) {
    const auto der = answer(digest);
    const auto original = read_timestamp(der, "a", folder / "tsa" / "root.pem").value();
    std::size_t seen = 0;
    for (std::size_t at = 0; at < der.size(); ++at) {
        auto changed = der;
        changed[at] = static_cast<char>(changed[at] ^ 0x01);
        const auto token = read_timestamp(changed, "a", folder / "tsa" / "root.pem");
        const bool taken = token && token->intact && token->trusted && token->sha256 == digest;
        if (taken) {
            EXPECT_EQ(token->time, original.time) << at;
        } else {
            ++seen;
        }
    }
    // Only bytes outside the signed content (the status text, the second certificate) may change unseen.
    EXPECT_GT(seen, der.size() / 2);
}

}  // namespace
}  // namespace contrechamp
