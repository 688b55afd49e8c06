// Browsers' files: who installed an extension decides between an employer's tool and a person's own, so each
// way an extension can come has its case here, and real profiles must give the known answers.
#include "formats/browser.h"

#include <algorithm>

#include "base/json.h"
#include "kit/hostile.h"

namespace contrechamp::browser {
namespace {

using contrechamp::testing::for_every_damage;
using contrechamp::testing::get;
using contrechamp::testing::run;
using contrechamp::testing::sample;
using contrechamp::testing::shared_data;
using Words = std::vector<std::string>;

const Extension* find(const std::vector<Extension>& list, std::string_view id) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const Extension& e) { return e.id == id; });
    return it == list.end() ? nullptr : &*it;
}

std::string came_of(const std::string& entry) {
    const auto extensions = chromium_extensions(R"({"extensions":{"settings":{"a":)" + entry + "}}}", "F");
    EXPECT_OK(extensions);
    return extensions && extensions->size() == 1 ? extensions->front().came : "(none)";
}

TEST(Chromium, HowAnExtensionCame) {
    // ManifestLocation in Chromium's source.
    const std::pair<int, const char*> kLocations[] = {
        {0, "unknown"},   {1, "user"},       {2, "sideloaded"}, {3, "sideloaded"},   {4, "unpacked"},
        {5, "built-in"},  {6, "sideloaded"}, {7, "policy"},     {8, "command-line"}, {9, "policy"},
        {10, "built-in"}, {11, "unknown"},   {-3, "unknown"}};
    for (const auto& [location, came] : kLocations)
        EXPECT_EQ(came_of("{\"location\":" + std::to_string(location) + "}"), came) << location;
    EXPECT_EQ(came_of(R"({"location":1,"was_installed_by_default":true})"), "default");
    EXPECT_EQ(came_of(R"({"location":7,"was_installed_by_default":true})"), "policy");
    EXPECT_EQ(came_of(R"({"location":"7"})"), "unknown");  // not a number: nobody is accused on a guess
    EXPECT_EQ(came_of(R"({"state":1})"), "(none)");        // what remains of a removed one
}

TEST(Chromium, SwitchedOff) {
    const auto enabled = [](const std::string& rest) {
        const auto extensions =
            chromium_extensions(R"({"extensions":{"settings":{"a":{"location":1)" + rest + "}}}}", "F");
        return extensions && extensions->size() == 1 && extensions->front().enabled;
    };
    EXPECT_TRUE(enabled(""));
    EXPECT_TRUE(enabled(R"(,"state":1,"disable_reasons":[])"));
    EXPECT_TRUE(enabled(R"(,"disable_reasons":0)"));
    EXPECT_FALSE(enabled(R"(,"state":0)"));
    EXPECT_FALSE(enabled(R"(,"disable_reasons":[1])"));
    EXPECT_FALSE(enabled(R"(,"disable_reasons":8192)"));
}

TEST(Chromium, RightsOfTheSample) {
    const auto extensions = chromium_extensions(sample("browser/preferences.json"), "F");
    ASSERT_OK(extensions);
    EXPECT_EQ(extensions->size(), 3);
    const auto* forced = find(*extensions, "okocljdbiceblppkfhpbgnloagfgifoj");
    ASSERT_TRUE(forced);
    EXPECT_EQ(forced->came, "policy");
    EXPECT_EQ(forced->location, 7);
    EXPECT_EQ(forced->permissions,
              (Words{"desktopCapture", "fileSystem", "history", "tabCapture", "webRequest"}));
    EXPECT_TRUE(forced->all_sites);
    EXPECT_EQ(forced->update_host, "updates.example:8765");  // user name and password are not there
    const auto* off = find(*extensions, std::string(32, 'a'));
    ASSERT_TRUE(off);
    EXPECT_FALSE(off->enabled);
    EXPECT_FALSE(off->all_sites);
}

TEST(Chromium, SitesThatAreTheBrowserItselfAreNotSites) {
    const auto extensions = chromium_extensions(
        R"({"extensions":{"settings":{"a":{"location":1,"granted_permissions":{"explicit_host":["chrome://favicon/*","https://mail.example/*"]}}}}})",
        "F");
    ASSERT_OK(extensions);
    EXPECT_EQ(extensions->front().sites, 1);
    EXPECT_FALSE(extensions->front().all_sites);
}

TEST(Chromium, AFileThatIsCutOffIsAnErrorAndNotAShortList) {
    contrechamp::testing::for_every_truncation(sample("browser/preferences.json"), [](std::string_view cut) {
        EXPECT_FALSE(chromium_extensions(cut, "F")) << cut.size();
    });
    contrechamp::testing::for_every_truncation(sample("browser/addons.json"), [](std::string_view cut) {
        EXPECT_FALSE(firefox_extensions(cut, "F")) << cut.size();
    });
    contrechamp::testing::for_every_truncation(sample("browser/policies.json"), [](std::string_view cut) {
        EXPECT_FALSE(browser::policies(cut, "F")) << cut.size();
    });
}

TEST(Chromium, OffsetsCiteTheEntry) {
    const std::string bytes = sample("browser/preferences.json");
    const auto extensions = chromium_extensions(bytes, "F");
    ASSERT_OK(extensions);
    for (const auto& extension : *extensions) {
        const auto cited = json::parse(bytes.substr(extension.offset, extension.length), "cited");
        ASSERT_OK(cited);
        EXPECT_EQ((*cited)["location"].int_or(-1), extension.location);
    }
}

TEST(Chromium, AProfileThatAPolicyWrote) {
    const auto path = shared_data("host/generated/chromium156-linux/Default/Preferences");
    SKIP_WITHOUT(path);
    const auto extensions = chromium_extensions(get(path), path.string());
    ASSERT_OK(extensions);
    const auto* forced = find(*extensions, "jnnafknahcklcmonkllpedkohbkbhapb");
    ASSERT_TRUE(forced);
    EXPECT_EQ(forced->location, 7);
    EXPECT_EQ(forced->came, "policy");
    EXPECT_TRUE(forced->enabled);
    EXPECT_TRUE(forced->all_sites);
    for (const char* right : {"desktopCapture", "tabCapture", "history", "webRequest"})
        EXPECT_TRUE(std::count(forced->permissions.begin(), forced->permissions.end(), right)) << right;
    EXPECT_EQ(std::count_if(extensions->begin(), extensions->end(),
                            [](const Extension& e) { return e.came == "policy"; }),
              1);
}

TEST(Chromium, AnOrdinaryProfileHasNoForcedExtension) {
    const auto path = shared_data("host/chromium-Preferences-plaso");
    SKIP_WITHOUT(path);
    const std::string bytes = get(path);
    const auto extensions = chromium_extensions(bytes, path.string());
    ASSERT_OK(extensions);
    std::int64_t hangouts = 0, hotword = 0;
    for (const auto& extension : *extensions) {
        EXPECT_NE(extension.came, "policy") << extension.name;
        // Google's own parts hold strong rights and are the browser: never held against anybody.
        if (extension.name.find("Hangouts") != std::string::npos)
            hangouts += extension.location == 5 && extension.came == "built-in";
        if (extension.name.find("Hotword") != std::string::npos)
            hotword += extension.location == 10 && extension.came == "built-in";
    }
    EXPECT_EQ(hangouts, 1);
    EXPECT_EQ(hotword, 1);
    // All entries of the file are accounted for, by an independent reader: those without a location are
    // leftovers.
    const auto python = run(
        "/usr/bin/python3 -c 'import json,sys; s=json.load(open(sys.argv[1]))[\"extensions\"][\"settings\"]; "
        "print(len(s), sum(\"location\" in e for e in s.values()))' " +
        path.string());
    ASSERT_EQ(python.code, 0) << python.out;
    EXPECT_EQ(python.out, "20 " + std::to_string(extensions->size()) + "\n");
}

TEST(Chromium, EveryExtensionAsPythonReadsIt) {
    for (const char* name :
         {"host/generated/chromium156-linux/Default/Preferences", "host/chromium-Preferences-plaso"}) {
        const auto path = shared_data(name);
        SKIP_WITHOUT(path);
        const auto extensions = chromium_extensions(get(path), path.string());
        ASSERT_OK(extensions);
        std::string ours;
        for (const auto& extension : *extensions)
            ours += extension.id + " " + std::to_string(extension.location) + " " + extension.version + "\n";
        const auto python =
            run("/usr/bin/python3 -c 'import json,sys\nfor i,e in "
                "json.load(open(sys.argv[1]))[\"extensions\"][\"settings\"].items():\n  if \"location\" in "
                "e: print(i, e[\"location\"], e.get(\"manifest\",{}).get(\"version\",\"\"))' " +
                path.string());
        EXPECT_EQ(ours, python.out);
    }
}

TEST(Firefox, HowAnExtensionCame) {
    const auto came = [](const std::string& rest) {
        const auto extensions =
            firefox_extensions(R"({"addons":[{"id":"a","type":"extension")" + rest + "}]}", "F");
        return extensions && extensions->size() == 1 ? extensions->front().came : "(none)";
    };
    EXPECT_EQ(came(R"(,"location":"app-profile","installTelemetryInfo":{"source":"enterprise-policy"})"),
              "policy");
    EXPECT_EQ(came(R"(,"location":"app-profile","installTelemetryInfo":{"source":"amo"})"), "user");
    EXPECT_EQ(came(R"(,"location":"app-profile","foreignInstall":true)"), "sideloaded");
    EXPECT_EQ(came(R"(,"location":"app-builtin")"), "built-in");
    EXPECT_EQ(came(R"(,"location":"app-builtin-addons")"), "built-in");
    EXPECT_EQ(came(R"(,"location":"app-system-defaults")"), "built-in");
    EXPECT_EQ(came(R"(,"location":"app-system-share")"), "system");
    EXPECT_EQ(came(R"(,"location":"app-temporary")"), "unpacked");
    EXPECT_EQ(came(""), "unknown");
}

TEST(Firefox, AProfileThatAPolicyWrote) {
    const auto path = shared_data("host/generated/firefox-esr153-linux/extensions.json");
    SKIP_WITHOUT(path);
    const auto extensions = firefox_extensions(get(path), path.string());
    ASSERT_OK(extensions);
    const auto* forced = find(*extensions, "probe@example.org");
    ASSERT_TRUE(forced);
    EXPECT_EQ(forced->came, "policy");
    EXPECT_EQ(std::count_if(extensions->begin(), extensions->end(),
                            [](const Extension& e) { return e.came == "policy"; }),
              1);
    for (const auto& extension : *extensions)
        if (extension.id != "probe@example.org") {
            EXPECT_EQ(extension.came, "built-in") << extension.id;
        }
}

TEST(Policies, Chromium) {
    const auto policies = browser::policies(sample("browser/policies.json"), "F");
    ASSERT_OK(policies);
    ASSERT_EQ(policies->forced.size(), 3);
    EXPECT_EQ(policies->forced[0].id, "okocljdbiceblppkfhpbgnloagfgifoj");
    EXPECT_EQ(policies->forced[0].update_host, "127.0.0.1:8765");
    EXPECT_EQ(policies->forced[1].id, "lonely");
    EXPECT_EQ(policies->forced[2].id, std::string(32, 'c'));  // "*" names no extension
    EXPECT_EQ(policies->proxy_mode, "fixed_servers");
    EXPECT_EQ(policies->certificates, 1);
    EXPECT_TRUE(std::count(policies->names.begin(), policies->names.end(), "ScreenCaptureAllowed"));
}

TEST(Policies, Firefox) {
    const auto policies = browser::policies(sample("browser/firefox-policies.json"), "F");
    ASSERT_OK(policies);
    ASSERT_EQ(policies->forced.size(), 1);  // named by two policies, and one extension
    EXPECT_EQ(policies->forced[0].id, "probe@example.org");
    EXPECT_EQ(policies->pac_url, "http://wpad.example/p.pac");
    EXPECT_EQ(policies->certificates, 1);
}

TEST(Policies, WithCommentsAndNamesThatAreNone) {
    const auto policies = browser::policies(
        "// by IT\n{\"ProxyMode\":\"direct\", \"not a name\": 1, \"\": 2, /**/ \"A_1\": 3,}", "F");
    ASSERT_OK(policies);
    EXPECT_EQ(policies->names, (Words{"A_1", "ProxyMode"}));
    EXPECT_FALSE(browser::policies("[]", "F"));
    EXPECT_FALSE(browser::policies("", "F"));
}

TEST(Policies, RealOnes) {
    const auto chromium = shared_data("host/generated/chromium156-linux/policies/managed/probe.json");
    SKIP_WITHOUT(chromium);
    const auto policies = browser::policies(get(chromium), "F");
    ASSERT_OK(policies);
    ASSERT_EQ(policies->forced.size(), 1);
    EXPECT_EQ(policies->forced[0].id, "jnnafknahcklcmonkllpedkohbkbhapb");
}

TEST(NativeHost, NamesItsExtensions) {
    const auto host = native_host(sample("browser/native-host.json"));
    ASSERT_TRUE(host);
    EXPECT_EQ(host->name, "com.example.agent");
    EXPECT_EQ(host->program, "/opt/agent/bridge");
    EXPECT_EQ(host->extensions, (Words{"okocljdbiceblppkfhpbgnloagfgifoj", "probe@example.org"}));
    EXPECT_FALSE(native_host("{}"));
    EXPECT_FALSE(native_host("{\"name\":\"\"}"));
    EXPECT_FALSE(native_host("not json"));
}

TEST(Browser, AnyDamageGivesAValueOrAnError) {
    for_every_damage(sample("browser/preferences.json"), [](std::string_view bytes) {
        const auto extensions = chromium_extensions(bytes, "F");
        if (!extensions) return;
        for (const auto& extension : *extensions)
            EXPECT_LE(extension.offset + extension.length, bytes.size());
    });
    for_every_damage(sample("browser/addons.json"),
                     [](std::string_view bytes) { (void)firefox_extensions(bytes, "F"); });
    for_every_damage(sample("browser/policies.json"),
                     [](std::string_view bytes) { (void)browser::policies(bytes, "F"); });
    for_every_damage(sample("browser/native-host.json"),
                     [](std::string_view bytes) { (void)native_host(bytes); });
    for_every_damage(sample("browser/manifest.json"), [](std::string_view bytes) { (void)manifest(bytes); });
}

}  // namespace
}  // namespace contrechamp::browser
