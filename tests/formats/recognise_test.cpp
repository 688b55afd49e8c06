// A file is what its content says, whatever it is called.
#include "formats/recognise.h"

#include "kit/hostile.h"

namespace contrechamp {
namespace {

using testing::sample;

TEST(Recognise, SamplesOfEachFormat) {
    EXPECT_EQ(recognise(sample("browser/preferences.json")), "chromium-preferences");
    EXPECT_EQ(recognise(sample("browser/addons.json")), "firefox-extensions");
    EXPECT_EQ(recognise(sample("browser/policies.json")), "chromium-policies");
    EXPECT_EQ(recognise(sample("browser/firefox-policies.json")), "firefox-policies");
    EXPECT_EQ(recognise(sample("browser/native-host.json")), "native-messaging-host");
    EXPECT_EQ(recognise(sample("certificate/ca.der")), "x509-der");
    EXPECT_EQ(recognise(sample("certificate/bundle.pem")), "x509-pem");
    EXPECT_EQ(recognise(sample("certificate/crlf.pem")), "x509-pem");
    EXPECT_EQ(recognise(sample("nss/certutil.db")), "nss-cert9");
    EXPECT_EQ(recognise(sample("gvdb/dconf-user")), "gvdb");
    EXPECT_EQ(recognise(sample("record_file/whole.jsonl")), "contrechamp/linux-processes");
    EXPECT_EQ(recognise(sample("recognise/pcapng.bin")), "pcapng");
    EXPECT_EQ(recognise(sample("recognise/hive.bin")), "windows-registry-hive");
    EXPECT_EQ(recognise(sample("recognise/ese.bin")), "windows-ese-database");
}

TEST(Recognise, EdgesWithAndWithoutQuotes) {
    EXPECT_EQ(recognise("account_a,account_b,layer,window,weight,objects,mean_delta_s\r\n"),
              "coordination-edges");
    EXPECT_EQ(recognise(R"("account_a","account_b","layer","window","weight","objects","mean_delta_s")"
                        "\n\"a\",\"b\",\"same-object\",10,1,1,4\n"),
              "coordination-edges");
    EXPECT_EQ(recognise("account_a,account_b\na,b\n"), "unknown");
}

TEST(Recognise, WhatFitsNothingIsUnknown) {
    for (const std::string& bytes :
         {std::string(), std::string("\0", 1), std::string("hello"), std::string("{}"), std::string("[]"),
          std::string("{\"a\":1}"), std::string("{"), std::string("\x30\x82\xff\xff\x30\x82"),
          std::string("SQLite format"),
          std::string("-----BEGIN CERTIFICATE\0-----BEGIN CERTIFICATE-----", 50)})
        EXPECT_EQ(recognise(bytes), "unknown") << bytes;
}

TEST(Recognise, OursMustSayItsNamePlainly) {
    EXPECT_EQ(recognise("{\"contrechamp\":\"linux-x11\",\"version\":1}\n"), "contrechamp/linux-x11");
    EXPECT_EQ(recognise("{\"contrechamp\":\"../../etc\"}\n"), "unknown");
    EXPECT_EQ(recognise("{\"contrechamp\":\"LINUX\"}\n"), "unknown");
    EXPECT_EQ(recognise("{\"contrechamp\":\"\"}\n"), "unknown");
    EXPECT_EQ(recognise("{\"contrechamp\":{\"x\":1}}\n"), "unknown");
}

TEST(Recognise, RealFiles) {
    const std::pair<const char*, const char*> kFiles[] = {
        {"host/generated/chromium156-linux/Default/Preferences", "chromium-preferences"},
        {"host/generated/chromium156-linux/policies/managed/probe.json", "chromium-policies"},
        {"host/chromium-Preferences-plaso", "chromium-preferences"},
        {"host/generated/firefox-esr153-linux/extensions.json", "firefox-extensions"},
        {"host/generated/firefox-esr153-linux/policies.json",
         "unknown"},  // holds a note about the policy, not the policy
        {"host/generated/firefox-esr153-linux/cert9.db", "nss-cert9"},
        {"host/generated/firefox-esr153-linux/ca.pem", "x509-pem"},
        {"host/generated/firefox-esr153-linux/prefs.js", "unknown"},
        {"host/generated/firefox-esr153-linux/probe.xpi", "zip"},
        {"host/tcc/TCC.db", "sqlite"},
        {"host/NTUSER-WSL.DAT.xz", "xz"},
        {"host/CMD.EXE-087B4001.pf", "windows-prefetch"},
        {"host/NOTEPAD.EXE-D8414F97.pf", "windows-prefetch"},
        {"host/backgrounditems.btm", "apple-plist"},
    };
    SKIP_WITHOUT(testing::shared_data("host"));
    for (const auto& [name, type] : kFiles)
        EXPECT_EQ(recognise(testing::get(testing::shared_data(name))), type) << name;
}

TEST(Recognise, AnyDamageGivesAPlainWord) {
    for (const char* name : {"recognise/preferences.json", "certificate/leaf.der", "record_file/cut.jsonl"}) {
        testing::for_every_damage(sample(name), [](std::string_view bytes) {
            const auto type = recognise(bytes);
            EXPECT_EQ(type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-/"), std::string::npos)
                << type;
        });
    }
}

}  // namespace
}  // namespace contrechamp
