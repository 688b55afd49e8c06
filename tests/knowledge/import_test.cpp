// Other people's lists, in small files of the same schema made up here: no row of theirs is copied.
#include "knowledge/import.h"

#include "kit/small_knowledge.h"

namespace contrechamp {
namespace {

using contrechamp::testing::put;
using contrechamp::testing::put_knowledge;
using contrechamp::testing::small_knowledge;
using contrechamp::testing::TemporaryFolder;

constexpr const char* kTool = R"(Name: Remote Thing
Category: RMM
Description: Made up for a test
Author: nobody
Created: 2024-01-02
LastModified: 2024-05-06
Details:
  Website: https://remote-thing.example
  PEMetadata:
    - Filename: RemoteThing.exe
      OriginalFileName: RT.exe
      Description: x
    - Filename: C:\Program Files\Remote Thing\rt-helper.exe
    - Filename: ''
  Privileges: user
  Free: ''
  Verification: ''
  SupportedOS: [Windows, MacOS, Plan9]
  Capabilities: []
  Vulnerabilities: []
  InstallationPaths:
    - C:\Program Files\Remote Thing\*
    - '*\rt.exe'
    - '*.exe'
    - /Applications/Remote Thing.app
    - /opt/remote-thing/
Artifacts:
  Disk:
    - {File: '~/.remote-thing/config.ini', Description: settings, OS: Linux}
    - {File: 'C:\Program Files\Remote Thing\*', Description: the same again, OS: Windows}
  EventLog:
    - {EventID: 7045, ProviderName: Service Control Manager, LogFile: System.evtx, ServiceName: RemoteThingSvc, ImagePath: x, Description: x}
  Registry:
    - {Path: 'HKLM\SOFTWARE\RemoteThing', Description: x}
  Network:
    - {Description: relays, Domains: ['relay.remote-thing.example', '*.remote-thing-cdn.example', 'remote-thing.example', 'user_managed', '10.0.0.1:443', 'a b.example', '[::1]'], Ports: [443]}
    - {Description: with a port, Domains: ['gate.remote-thing.example:8041'], Ports: [8041]}
  Other: []
Detections:
  - Sigma: https://example.org/x.yml
References: [https://example.org]
Acknowledgement: []
)";

constexpr const char* kApps = R"(- name: Quiet Phone
  names: [Quiet Phone Pro]
  type: stalkerware
  packages: [com.quiet.phone, com.quiet.sync]
  certificates: [0123456789ABCDEF0123456789ABCDEF01234567]
  websites: [quiet-phone.example, www.quiet-phone.example]
  distribution: [get.quiet-phone.example]
  c2:
    ips: [192.0.2.7]
    domains: [c2.quiet-phone.example]
- name: Parent Eyes
  type: watchware
  packages: [org.parent.eyes]
- name: Acme Watch
  type: stalkerware
  packages: [com.acme]
- name: Nothing Known
  type: stalkerware
  certificates: [AA]
- type: stalkerware
  packages: [x.y]
)";

class Import : public ::testing::Test {
  protected:
    void SetUp() override {
        put_knowledge(folder / "ours", small_knowledge());
        // The capability that imported tools are given.
        put(folder / "ours/capabilities.yaml",
            small_knowledge().at("capabilities.yaml") +
                "  - {id: remote-control, group: keyboard, name: {en: a, fr: b}, means: {en: c, fr: d}}\n");
        auto loaded = Knowledge::from_folders({folder / "ours"});
        ASSERT_OK(loaded);
        known = std::make_unique<Knowledge>(std::move(*loaded));
    }
    // What was imported, written out and loaded on top of ours: the linter takes it.
    Result<Knowledge> load(const Imported& imported) {
        for (const auto& product : imported.products)
            put(folder / "theirs/products" / (product.id + ".yaml"), product.yaml);
        const auto read =
            read_knowledge_folders({folder / "theirs"}, json::parse(known->bundle(), "").value());
        EXPECT_OK(read);
        if (read)
            for (const auto& problem : read->problems)
                ADD_FAILURE() << problem.where << ": " << problem.what.en;
        return Knowledge::on_top_of(*known, {folder / "theirs"});
    }
    static bool refused(const Imported& imported, std::string_view where, std::string_view why) {
        return std::any_of(imported.refused.begin(), imported.refused.end(), [&](const KnowledgeProblem& p) {
            return p.where.find(where) != std::string::npos && p.what.en.find(why) != std::string::npos &&
                   !p.what.fr.empty();
        });
    }
    TemporaryFolder folder;
    std::unique_ptr<Knowledge> known;
};

TEST_F(Import, Lolrmm) {
    put(folder / "yaml/remote_thing.yaml", kTool);
    const auto imported = import_lolrmm(folder / "yaml", *known);
    ASSERT_OK(imported);
    ASSERT_EQ(imported->products.size(), 1u);
    EXPECT_EQ(imported->products[0].id, "lolrmm-remote-thing");
    const auto loaded = load(*imported);
    ASSERT_OK(loaded);
    const auto* product = loaded->product("lolrmm-remote-thing");
    ASSERT_TRUE(product);
    EXPECT_EQ(product->name, "Remote Thing");
    EXPECT_EQ(product->product_class, "remote-control");
    EXPECT_EQ(product->platforms, (std::vector<std::string>{"windows", "macos"}));
    EXPECT_EQ(product->sources.begin()->second.licence, "Apache-2.0");
    EXPECT_NE(product->sources.begin()->second.ref.find("remote_thing.yaml"), std::string::npos);
    EXPECT_EQ(product->sources.begin()->second.date, "2024-05-06");
    for (const auto& indicator : product->indicators)
        EXPECT_EQ(indicator.confidence, Confidence::medium) << "one curated list is never more";
    const auto has = [&](const char* type, const char* value) { return !loaded->marks(type, value).empty(); };
    EXPECT_TRUE(has("process", "remotething.exe"));
    EXPECT_TRUE(has("path", "C:\\Program Files\\Remote Thing\\anything.dll"));
    EXPECT_TRUE(has("path", "/opt/remote-thing/bin/x"));
    EXPECT_TRUE(has("service", "RemoteThingSvc"));
    EXPECT_TRUE(has("registry", "HKLM\\SOFTWARE\\RemoteThing"));
    EXPECT_TRUE(has("domain", "relay.remote-thing.example"));
    EXPECT_TRUE(has("domain", "eu.remote-thing-cdn.example"));
    EXPECT_TRUE(has("domain", "gate.remote-thing.example"));
    EXPECT_EQ(loaded->marks("domain", "relay.remote-thing.example")[0].indicator->role, "agent-endpoint");
    EXPECT_EQ(loaded->marks("domain", "remote-thing.example")[0].indicator->role, "vendor-site");
    // A program with its folder is a path, and cannot stand as a process.
    EXPECT_FALSE(has("process", "C:\\Program Files\\Remote Thing\\rt-helper.exe"));
    EXPECT_TRUE(refused(*imported, "*.exe", "fits almost anything"));
    EXPECT_TRUE(refused(*imported, "*\\rt.exe", "") || has("path", "D:\\rt.exe"));
    EXPECT_TRUE(refused(*imported, "user_managed", "not a plain host name"));
    EXPECT_TRUE(refused(*imported, "a b.example", "not a plain host name"));
}

TEST_F(Import, LolrmmWhatIsKnownOrBroken) {
    put(folder / "yaml/a.yaml", std::string(kTool).replace(6, 12, "ACME-watch"));
    put(folder / "yaml/b.yaml", "Name: [");
    put(folder / "yaml/c.yml", "Details: {}");
    put(folder / "yaml/d.yaml", "Name: Empty\n");
    put(folder / "yaml/readme.txt", "not read");
    const auto imported = import_lolrmm(folder / "yaml", *known);
    ASSERT_OK(imported);
    EXPECT_TRUE(imported->products.empty());
    EXPECT_EQ(imported->refused.size(), 4u);
    EXPECT_TRUE(refused(*imported, "a.yaml", "known already"));
    EXPECT_TRUE(refused(*imported, "b.yaml", "not valid YAML"));
    EXPECT_TRUE(refused(*imported, "c.yml", "no name"));
    EXPECT_TRUE(refused(*imported, "lolrmm-empty", "no row"));
    EXPECT_FALSE(import_lolrmm(folder / "missing", *known).has_value());
    // One file alone will do.
    put(folder / "one.yaml", kTool);
    EXPECT_EQ(import_lolrmm(folder / "one.yaml", *known)->products.size(), 1u);
}

TEST_F(Import, Stalkerware) {
    put(folder / "ioc.yaml", kApps);
    const auto imported = import_stalkerware(folder / "ioc.yaml", *known);
    ASSERT_OK(imported);
    ASSERT_EQ(imported->products.size(), 2u);
    const auto loaded = load(*imported);
    ASSERT_OK(loaded);
    const auto* product = loaded->product("stalkerware-quiet-phone");
    ASSERT_TRUE(product);
    EXPECT_EQ(product->product_class, "monitoring");
    EXPECT_EQ(product->sources.begin()->second.licence, "CC-BY-4.0");
    EXPECT_EQ(loaded->marks("package", "com.quiet.phone", "android").size(), 1u);
    EXPECT_EQ(loaded->marks("domain", "quiet-phone.example")[0].indicator->role, "vendor-site");
    EXPECT_EQ(loaded->marks("domain", "get.quiet-phone.example")[0].indicator->role, "download");
    EXPECT_EQ(loaded->marks("domain", "c2.quiet-phone.example")[0].indicator->role, "agent-endpoint");
    EXPECT_TRUE(loaded->product("stalkerware-parent-eyes"));
    EXPECT_TRUE(refused(*imported, "192.0.2.7", "addresses change hands"));
    EXPECT_TRUE(refused(*imported, "Acme Watch", "known already"));
    EXPECT_TRUE(refused(*imported, "nothing-known", "no row"));
    EXPECT_TRUE(refused(*imported, "ioc.yaml", "without a name"));
}

TEST_F(Import, StalkerwareThatIsNone) {
    put(folder / "ioc.yaml", "name: x");
    EXPECT_FALSE(import_stalkerware(folder / "ioc.yaml", *known).has_value());
    EXPECT_FALSE(import_stalkerware(folder / "missing.yaml", *known).has_value());
    put(folder / "ioc.yaml", "[]");
    EXPECT_TRUE(import_stalkerware(folder / "ioc.yaml", *known)->products.empty());
}

// Names from elsewhere become file names.
TEST_F(Import, NamesAreTamed) {
    put(folder / "ioc.yaml",
        "- {name: '../../Evil /etc/passwd', type: stalkerware, packages: [a.b]}\n- {name: '!!!', packages: "
        "[c.d]}\n");
    const auto imported = import_stalkerware(folder / "ioc.yaml", *known);
    ASSERT_OK(imported);
    ASSERT_EQ(imported->products.size(), 1u);
    EXPECT_EQ(imported->products[0].id, "stalkerware-evil-etc-passwd");
    EXPECT_OK(load(*imported));
}

}  // namespace
}  // namespace contrechamp
