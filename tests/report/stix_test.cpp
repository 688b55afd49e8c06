// The knowledge as STIX 2.1, in the pattern forms that MVT's reader takes (mvt/common/indicators.py, as
// described in research/public-sets.md): it splits each pattern at its one "=" and looks at the part before.
#include "report/stix.h"

#include <regex>
#include <set>

#include "kit/small_knowledge.h"

namespace contrechamp {
namespace {

using contrechamp::testing::put_knowledge;
using contrechamp::testing::small_knowledge;
using contrechamp::testing::TemporaryFolder;

Indicator indicator(std::string type, std::string value, std::string match = "exact",
                    std::string manager = "") {
    Indicator out;
    out.type = std::move(type);
    out.value = std::move(value);
    out.match = std::move(match);
    out.manager = std::move(manager);
    return out;
}

TEST(Stix, Patterns) {
    EXPECT_EQ(stix::pattern(indicator("domain", "a.example")), "[domain-name:value='a.example']");
    EXPECT_EQ(stix::pattern(indicator("domain", "a.example", "suffix")), "[domain-name:value='a.example']");
    EXPECT_EQ(stix::pattern(indicator("process", "agent.exe")), "[process:name='agent.exe']");
    EXPECT_EQ(stix::pattern(indicator("path", "/opt/x")), "[file:path='/opt/x']");
    EXPECT_EQ(stix::pattern(indicator("driver", "x.sys")), "[file:name='x.sys']");
    EXPECT_EQ(stix::pattern(indicator("package", "com.x", "exact", "android")), "[app:id='com.x']");
    EXPECT_EQ(stix::pattern(indicator("bundle-id", "com.x")), "[app:id='com.x']");
    // A quote or a backslash in a value cannot end the literal.
    EXPECT_EQ(stix::pattern(indicator("process", "a'b\\c")), "[process:name='a\\'b\\\\c']");
    // What MVT would take for a whole value is not given out as one.
    EXPECT_FALSE(stix::pattern(indicator("path", "/opt/*", "glob")));
    EXPECT_FALSE(stix::pattern(indicator("certificate", "issuer CN ~ x", "regex")));
    EXPECT_FALSE(stix::pattern(indicator("port", "tcp/1")));
}

TEST(Stix, IdsAreVersion5Uuids) {
    const std::regex form("indicator--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    EXPECT_TRUE(std::regex_match(stix::id("indicator", "x"), form)) << stix::id("indicator", "x");
    EXPECT_EQ(stix::id("indicator", "x"), stix::id("indicator", "x"));
    EXPECT_NE(stix::id("indicator", "x"), stix::id("indicator", "y"));
    EXPECT_NE(stix::id("indicator", "x").substr(11), stix::id("malware", "x").substr(9));
}

// Checks a bundle as a reader of STIX 2.1 would, and returns its patterns.
std::vector<std::string> check_bundle(const json::Value& bundle) {
    EXPECT_EQ(bundle["type"].string_or(), "bundle");
    EXPECT_TRUE(bundle["id"].string_or().starts_with("bundle--"));
    std::set<std::string> ids;
    std::vector<std::string> patterns;
    for (const auto& object : bundle["objects"].array_or_empty()) {
        const std::string type(object["type"].string_or()), id(object["id"].string_or());
        EXPECT_TRUE(id.starts_with(type + "--")) << id;
        EXPECT_TRUE(ids.insert(id).second) << id << " stands twice";
        EXPECT_EQ(object["spec_version"].string_or(), "2.1") << id;
        EXPECT_FALSE(object["created"].string_or().empty()) << id;
        EXPECT_FALSE(object["modified"].string_or().empty()) << id;
    }
    for (const auto& object : bundle["objects"].array_or_empty()) {
        const auto type = object["type"].string_or();
        for (const char* reference : {"created_by_ref", "source_ref", "target_ref"})
            if (!object[reference].is_null()) {
                EXPECT_TRUE(ids.contains(std::string(object[reference].string_or())))
                    << object["id"].string_or() << " refers to nothing by " << reference;
            }
        if (type == "malware") {
            EXPECT_TRUE(object["is_family"].if_bool());
        }
        if (type == "relationship") {
            EXPECT_EQ(object["relationship_type"].string_or(), "indicates");
        }
        if (type != "indicator") continue;
        EXPECT_EQ(object["pattern_type"].string_or(), "stix");
        EXPECT_FALSE(object["valid_from"].string_or().empty());
        EXPECT_FALSE(object["external_references"].array_or_empty().empty())
            << "each says where it comes from";
        patterns.emplace_back(object["pattern"].string_or());
    }
    return patterns;
}

TEST(Stix, TheBuiltInKnowledgeAsMvtReadsIt) {
    const auto knowledge = Knowledge::from_bundle(Knowledge::built_in_bundle(), "");
    ASSERT_OK(knowledge);
    const auto patterns = check_bundle(stix::bundle_of(*knowledge));
    EXPECT_GT(patterns.size(), 300u);
    const std::set<std::string> known = {"domain-name:value",
                                         "process:name",
                                         "file:path",
                                         "file:name",
                                         "app:id",
                                         "windows-registry-key:key",
                                         "x-contrechamp-extension:id",
                                         "x-contrechamp-package:name"};
    std::set<std::string> used;
    for (const auto& pattern : patterns) {
        ASSERT_TRUE(pattern.starts_with("[") && pattern.ends_with("']")) << pattern;
        // MVT: key, value = pattern.strip("[]").split("="); value.strip("'")
        const auto inner = pattern.substr(1, pattern.size() - 2);
        ASSERT_EQ(std::count(inner.begin(), inner.end(), '='), 1) << pattern;
        const auto key = inner.substr(0, inner.find('='));
        EXPECT_TRUE(known.contains(key)) << pattern;
        used.insert(key);
    }
    for (const char* form : {"domain-name:value", "process:name", "app:id", "file:path"})
        EXPECT_TRUE(used.contains(form)) << form;
}

TEST(Stix, LeadsConsolesAndWebSitesAreNotGivenOut) {
    const TemporaryFolder folder;
    auto files = small_knowledge();
    auto& acme = files.at("products/acme.yaml");
    acme.insert(
        acme.find("groups:"),
        "  - {type: process, value: acme-console, side: controller, confidence: high, sources: [doc]}\n"
        "  - {type: domain, value: www.acme.example, role: vendor-site, confidence: high, sources: [doc]}\n"
        "  - {type: domain, value: dl.acme.example, role: download, confidence: high, sources: [doc]}\n");
    put_knowledge(folder.path(), files);
    const auto knowledge = Knowledge::from_folders({folder.path()});
    ASSERT_OK(knowledge);
    const auto bundle = stix::bundle_of(*knowledge);
    const auto patterns = check_bundle(bundle);
    const std::string all = json::canonical(bundle);
    EXPECT_NE(all.find("acmed"), std::string::npos);
    EXPECT_NE(all.find("agent.acme.example"), std::string::npos);
    for (const char* absent : {"acme-console", "www.acme.example", "dl.acme.example", "acme.service"})
        EXPECT_EQ(all.find(absent), std::string::npos) << absent;
    EXPECT_EQ(json::canonical(stix::bundle_of(*knowledge)), all)
        << "the same knowledge gives the same bundle";
}

}  // namespace
}  // namespace contrechamp
