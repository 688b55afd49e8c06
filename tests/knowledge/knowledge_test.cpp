// Look-ups: what fits a mark and what only looks like it.
#include "knowledge/knowledge.h"

#include "base/hash.h"
#include "kit/small_knowledge.h"
#include "knowledge/certificate_pattern.h"

namespace contrechamp {
namespace {

using contrechamp::testing::put_knowledge;
using contrechamp::testing::small_knowledge;
using contrechamp::testing::TemporaryFolder;

class LookUp : public ::testing::Test {
  protected:
    void SetUp() override {
        const TemporaryFolder folder;
        put_knowledge(folder.path(), small_knowledge());
        auto loaded = Knowledge::from_folders({folder.path()});
        ASSERT_OK(loaded);
        knowledge = std::make_unique<Knowledge>(std::move(*loaded));
    }
    std::size_t marks(std::string_view type, std::string_view value, std::string_view qualifier = {}) {
        return knowledge->marks(type, value, qualifier).size();
    }
    std::unique_ptr<Knowledge> knowledge;
};

TEST_F(LookUp, Exact) {
    const auto found = knowledge->marks("process", "acmed");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].product->id, "acme");
    EXPECT_EQ(found[0].indicator->value, "acmed");
    EXPECT_EQ(found[0].indicator->confidence, Confidence::high);
    EXPECT_EQ(found[0].indicator->platforms, std::vector<std::string>{"linux"});
    for (const char* other : {"acme", "acmed2", "xacmed", "Acmed", "acmed ", ""})
        EXPECT_EQ(marks("process", other), 0u) << other;
    EXPECT_EQ(marks("unit", "acmed"), 0u) << "a mark is of one type";
}

TEST_F(LookUp, Suffix) {
    EXPECT_EQ(marks("domain", "acme-cloud.example"), 1u);
    EXPECT_EQ(marks("domain", "eu.acme-cloud.example"), 1u);
    EXPECT_EQ(marks("domain", "a.b.acme-cloud.example"), 1u);
    EXPECT_EQ(marks("domain", "EU.Acme-Cloud.Example"), 1u);
    EXPECT_EQ(marks("domain", "notacme-cloud.example"), 0u);
    EXPECT_EQ(marks("domain", "acme-cloud.example.org"), 0u);
    EXPECT_EQ(marks("domain", "acme-cloud"), 0u);
    // An exact name takes nothing below it.
    EXPECT_EQ(marks("domain", "agent.acme.example"), 1u);
    EXPECT_EQ(marks("domain", "x.agent.acme.example"), 0u);
    EXPECT_EQ(marks("domain", "acme.example"), 0u);
}

TEST_F(LookUp, Glob) {
    EXPECT_EQ(marks("path", "/usr/lib/acme-7/agent1"), 1u);
    EXPECT_EQ(marks("path", "/usr/lib/acme-/agentx"), 1u);
    EXPECT_EQ(marks("path", "/usr/lib/acme-7/agent"), 0u);
    EXPECT_EQ(marks("path", "/usr/lib/acme-7/agent12"), 0u);
    EXPECT_EQ(marks("path", "/USR/lib/acme-7/agent1"), 0u) << "paths of Unix mind case";
}

TEST_F(LookUp, AFolderTakesAllThatIsInIt) {
    EXPECT_EQ(marks("path", "/opt/acme/bin/agent"), 1u);
    EXPECT_EQ(marks("path", "/opt/acme/"), 1u);
    EXPECT_EQ(marks("path", "/opt/acme"), 1u);
    EXPECT_EQ(marks("path", "/opt/acme2/bin"), 0u);
    EXPECT_EQ(marks("path", "/opt/Acme/bin"), 0u);
    EXPECT_EQ(marks("path", "/mnt/opt/acme/bin"), 0u);
    EXPECT_EQ(marks("path", "/usr/lib/libacme.so"), 1u);
    EXPECT_EQ(marks("path", "/usr/lib/libacme.so/x"), 0u);
}

TEST_F(LookUp, WindowsNamesFoldCase) {
    EXPECT_EQ(marks("process", "acmeagent.exe"), 1u);
    EXPECT_EQ(marks("process", "ACMEAGENT.EXE"), 1u);
    EXPECT_EQ(marks("path", "C:\\Program Files\\Acme\\agent.exe"), 1u);
    EXPECT_EQ(marks("path", "c:\\PROGRAM FILES\\acme\\agent.exe"), 1u)
        << "a folder is matched without case too";
}

TEST_F(LookUp, Qualifiers) {
    EXPECT_EQ(marks("package", "acme", "dpkg"), 1u);
    EXPECT_EQ(marks("package", "acme", "flatpak"), 0u);
    EXPECT_EQ(marks("package", "acme"), 1u) << "without one, any";
    EXPECT_EQ(marks("extension", "abcdefghijklmnopabcdefghijklmnop", "chromium"), 1u);
    EXPECT_EQ(marks("extension", "abcdefghijklmnopabcdefghijklmnop", "firefox"), 0u);
    EXPECT_EQ(marks("extension", "watch@acme.example", "firefox"), 1u);
}

TEST_F(LookUp, Certificates) {
    using Names = Knowledge::CertificateNames;
    const auto count = [&](const char* sha256, Names issuer, Names subject) {
        return knowledge->certificate_marks(sha256, issuer, subject).size();
    };
    const std::string none(64, '0');
    EXPECT_EQ(count(none.c_str(), {"Acme Root CA 3", "Acme"}, {"x", "x"}), 1u);
    EXPECT_EQ(count(none.c_str(), {"Acme TLS CA", "Acme"}, {"x", "x"}), 1u);
    EXPECT_EQ(count(none.c_str(), {"Acme Root CA", "Other"}, {"x", "x"}), 0u)
        << "both names, when both are given";
    EXPECT_EQ(count(none.c_str(), {"My Acme Root CA", "Acme"}, {"x", "x"}), 0u) << "the whole value";
    EXPECT_EQ(count(none.c_str(), {"x", "x"}, {"Acme Root CA", "Acme"}), 0u) << "issuer is not subject";
    EXPECT_EQ(count(none.c_str(), {"x", "x"}, {"Acme Leaf", "anything"}), 1u);
    EXPECT_EQ(count(sha256_hex("").c_str(), {"x", "x"}, {"x", "x"}), 1u)
        << "by fingerprint, whatever the names";
    EXPECT_EQ(count(none.c_str(), {"", ""}, {"", ""}), 0u);
}

TEST_F(LookUp, BrowserRights) {
    EXPECT_EQ(knowledge->permission_capabilities("tabCapture", false),
              std::vector<std::string>{"screenshots"});
    EXPECT_TRUE(knowledge->permission_capabilities("tabs", false).empty());
    EXPECT_EQ(knowledge->permission_capabilities("tabs", true),
              std::vector<std::string>{"keystroke-logging"});
    EXPECT_TRUE(knowledge->permission_capabilities("storage", true).empty());
    EXPECT_EQ(knowledge->policy_capabilities("ScreenCaptureAllowed"),
              std::vector<std::string>{"screenshots"});
    EXPECT_TRUE(knowledge->policy_capabilities("HomepageLocation").empty());
}

TEST_F(LookUp, ThingsByTheirIds) {
    EXPECT_EQ(knowledge->capability("screenshots")->name.fr, "Images");
    EXPECT_EQ(knowledge->check("programs")->name.fr, "Programmes");
    EXPECT_EQ(knowledge->reason("others-programs")->remedy.fr, "Être root.");
    EXPECT_TRUE(knowledge->product_class("edr")->managed);
    EXPECT_FALSE(knowledge->product_class("monitoring")->managed);
    EXPECT_EQ(knowledge->kind_name("product.process").en, "a program");
    EXPECT_EQ(knowledge->field_name("nothing").fr, "nothing");
    EXPECT_EQ(knowledge->capability("none"), nullptr);
    EXPECT_EQ(knowledge->product("none"), nullptr);
    EXPECT_EQ(knowledge->check("none"), nullptr);
    EXPECT_EQ(knowledge->reason("none"), nullptr);
    EXPECT_EQ(knowledge->product_class("none"), nullptr);
    const auto* acme = knowledge->product("acme");
    EXPECT_EQ(acme->sources.at("doc").kind, "vendor-doc");
    EXPECT_TRUE(acme->sources.at("rumour").unidentified);
    EXPECT_EQ(acme->groups.at(0).all_of, (std::vector<std::string>{"process:acmed", "path:/opt/acme/"}));
}

TEST_F(LookUp, ABundleIsTheKnowledge) {
    const auto again = Knowledge::from_bundle(knowledge->bundle(), "copy");
    ASSERT_OK(again);
    EXPECT_EQ(again->bundle(), knowledge->bundle());
    EXPECT_EQ(again->sha256(), sha256_hex(knowledge->bundle()));
    EXPECT_EQ(again->marks("path", "/opt/acme/x").size(), 1u);
    for (const char* bad : {"", "{}", "[]", "{\"capabilities\":[]}", "x"}) {
        const auto refused = Knowledge::from_bundle(bad, "there");
        ASSERT_FALSE(refused.has_value()) << bad;
        EXPECT_EQ(refused.error().where, "there");
    }
}

TEST(Glob, StarsAndQuestionMarks) {
    struct Case {
        const char *pattern, *text;
        bool fits;
    };
    for (const auto& c :
         {Case{"", "", true}, Case{"*", "", true}, Case{"*", "anything/at all", true},
          Case{"a*c", "abc", true}, Case{"a*c", "ac", true}, Case{"a*c", "abcd", false}, Case{"?", "", false},
          Case{"??", "ab", true}, Case{"a?c", "ac", false}, Case{"*a*b*", "xaxbx", true},
          Case{"*a*b*", "xbxax", false}, Case{"a**b", "ab", true}, Case{"*.so.*", "lib.so.1", true},
          Case{"[ab]", "a", false}, Case{"[ab]", "[ab]", true}, Case{"abc", "ABC", false}})
        EXPECT_EQ(glob_match(c.pattern, c.text), c.fits) << c.pattern << " ~ " << c.text;
    EXPECT_TRUE(glob_match("AbC*", "aBcD", true));
    EXPECT_FALSE(glob_match("é", "É", true)) << "only ASCII folds";
}

TEST(Glob, HostilePatternsTakeNoTime) {
    std::string pattern, text(20'000, 'a');
    for (int i = 0; i < 200; ++i) pattern += "*a";
    EXPECT_FALSE(glob_match(pattern + "b", text));
    EXPECT_TRUE(glob_match(pattern, text));
}

TEST(CertificatePattern, Parts) {
    const auto both = CertificatePattern::parse("subject O ~ A.; CN ~ B+");
    ASSERT_TRUE(both);
    EXPECT_FALSE(both->issuer);
    EXPECT_TRUE(both->fits("", "BB", "Ax"));
    EXPECT_FALSE(both->fits("", "BBC", "Ax"));
    EXPECT_TRUE(CertificatePattern::parse("issuer CN ~ x")->issuer);
    for (const char* bad :
         {"", "CN ~ x", "issuer ", "issuer CN ~x", "sha256 ", "sha1 abc", "issuer CN ~ (", "issuer OU ~ x"})
        EXPECT_FALSE(CertificatePattern::parse(bad)) << bad;
}

TEST(CertificatePattern, HostilePatternsTakeNoTime) {
    const auto nested = CertificatePattern::parse("issuer CN ~ (((a*)*)*)*b");
    ASSERT_TRUE(nested);
    EXPECT_FALSE(nested->fits("", std::string(100'000, 'a'), ""));
    EXPECT_FALSE(CertificatePattern::parse("issuer CN ~ (((a{1000}){1000}){1000}){1000}"));
}

}  // namespace
}  // namespace contrechamp
