// The breaches that docs/schema/knowledge.md lists, one test each: a row that breaks a rule does not get into
// the build.
#include "knowledge/lint.h"

#include "kit/small_knowledge.h"

namespace contrechamp {
namespace {

using contrechamp::testing::put_knowledge;
using contrechamp::testing::small_knowledge;
using contrechamp::testing::TemporaryFolder;

class Lint : public ::testing::Test {
  protected:
    // Replaces `from` by `to` in one file.
    void change(const std::string& file, const std::string& from, const std::string& to) {
        auto& text = files.at(file);
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }
    void product(const std::string& from, const std::string& to) { change("products/acme.yaml", from, to); }
    void rule(const std::string& from, const std::string& to) { change("rules/acme-rule.yaml", from, to); }

    // All problems, one a line: "where: what".
    std::string problems() {
        const TemporaryFolder folder;
        put_knowledge(folder.path(), files);
        const auto read = read_knowledge_folders({folder.path()});
        EXPECT_OK(read);
        std::string out;
        if (read)
            for (const auto& problem : read->problems) {
                EXPECT_FALSE(problem.what.fr.empty());
                EXPECT_NE(problem.what.en, problem.what.fr);
                out += problem.where + ": " + problem.what.en + "\n";
            }
        // What has problems is not loaded either.
        EXPECT_EQ(Knowledge::from_folders({folder.path()}).has_value(), out.empty());
        return out;
    }
    // One breach, found where it is.
    void expect_problem(const std::string& where, const std::string& what) {
        const auto all = problems();
        EXPECT_NE(all.find(where), std::string::npos) << "wanted at " << where << ", got:\n" << all;
        EXPECT_NE(all.find(what), std::string::npos) << "wanted " << what << ", got:\n" << all;
    }

    std::map<std::string, std::string> files = small_knowledge();
};

TEST_F(Lint, TheSmallFolderHasNone) { EXPECT_EQ(problems(), ""); }

TEST_F(Lint, AnIndicatorWithoutASource) {
    product("value: acmed, platforms: [linux], confidence: high, sources: [doc]",
            "value: acmed, platforms: [linux], confidence: high");
    expect_problem("products/acme.yaml: process acmed", "sources: none");
}
TEST_F(Lint, AnIndicatorWithAnEmptySourceList) {
    product("value: acmed, platforms: [linux], confidence: high, sources: [doc]",
            "value: acmed, platforms: [linux], confidence: high, sources: []");
    expect_problem("products/acme.yaml: process acmed", "sources: none");
}
TEST_F(Lint, ACapabilityWithoutASource) {
    product("status: documented, confidence: high, sources: [doc]", "status: documented, confidence: high");
    expect_problem("products/acme.yaml: capability keystroke-logging", "sources: none");
}
TEST_F(Lint, AGroupWithoutASource) {
    product("path:/opt/acme/\"], confidence: high, sources: [doc]", "path:/opt/acme/\"], confidence: high");
    expect_problem("products/acme.yaml: group", "sources: none");
}
TEST_F(Lint, ASourceThatIsNotInTheFile) {
    product("value: acmed, platforms: [linux], confidence: high, sources: [doc]",
            "value: acmed, platforms: [linux], confidence: high, sources: [doc, elsewhere]");
    expect_problem("products/acme.yaml: process acmed", "elsewhere: unknown source");
}
TEST_F(Lint, ASourceWithoutRef) {
    product("{ref: Acme manual, kind", "{kind");
    expect_problem("products/acme.yaml: source doc", "ref: missing");
}
TEST_F(Lint, ASourceWithoutKind) {
    product("kind: vendor-doc, ", "");
    expect_problem("products/acme.yaml: source doc", "kind");
}
TEST_F(Lint, ASourceOfAnUnknownKind) {
    product("kind: vendor-doc", "kind: hearsay");
    expect_problem("products/acme.yaml: source doc", "hearsay");
}
TEST_F(Lint, ASourceWithoutLicence) {
    product("licence: facts, ", "");
    expect_problem("products/acme.yaml: source doc", "licence: missing");
}
TEST_F(Lint, ASourceWithoutDate) {
    product("licence: facts, date: 2026-11-23}", "licence: facts}");
    expect_problem("products/acme.yaml: source doc", "date: missing");
}
TEST_F(Lint, ASourceWithADateThatIsNone) {
    for (const char* date : {"yesterday", "2026-11", "2026-02-30", "2026-11-23T10:00:00Z", "23/11/2026"}) {
        files = small_knowledge();
        product("licence: facts, date: 2026-11-23}", std::string("licence: facts, date: \"") + date + "\"}");
        expect_problem("products/acme.yaml: source doc", "not a date");
    }
}
TEST_F(Lint, TheSameRowTwiceInOneProduct) {
    product("  - {type: path, value: /usr/lib/libacme.so",
            "  - {type: process, value: acmed, platforms: [linux], confidence: medium, sources: [doc]}\n  - "
            "{type: path, value: /usr/lib/libacme.so");
    expect_problem("products/acme.yaml: process acmed", "duplicate");
}
TEST_F(Lint, TheSameRowTwiceInOneProductEvenIfShared) {
    product("  - {type: path, value: /usr/lib/libacme.so",
            "  - {type: process, value: acmed, shared: true, platforms: [linux], confidence: medium, "
            "sources: [doc]}\n  - {type: path, value: /usr/lib/libacme.so");
    expect_problem("products/acme.yaml: process acmed", "duplicate");
}

std::string other_product(const std::string& row) {
    return "id: other\nname: Other\nvendor: Other\nclass: edr\ncategory: test\nupdated: "
           "2026-11-23\nsources:\n  s: {ref: r, kind: press, licence: facts, date: 2026-11-23}\n"
           "indicators:\n  - " +
           row + "\n";
}
TEST_F(Lint, TheSameRowInTwoProducts) {
    files["products/other.yaml"] =
        other_product("{type: process, value: acmed, platforms: [linux], confidence: high, sources: [s]}");
    expect_problem("products/other.yaml: process acmed", "products/acme.yaml: process acmed");
}
TEST_F(Lint, TheSameRowInTwoProductsThatShareIt) {
    files["products/other.yaml"] = other_product(
        "{type: process, value: acmed, platforms: [linux], shared: true, confidence: high, sources: [s]}");
    EXPECT_EQ(problems(), "");
}
TEST_F(Lint, TheSameValueOfAnotherManagerBrowserOrPlatformIsAnotherRow) {
    files["products/other.yaml"] =
        other_product("{type: package, value: acme, manager: rpm, confidence: high, sources: [s]}");
    EXPECT_EQ(problems(), "");
    files["products/other.yaml"] =
        other_product("{type: process, value: acmed, platforms: [macos], confidence: high, sources: [s]}");
    EXPECT_EQ(problems(), "");
    files["products/other.yaml"] =
        other_product("{type: package, value: acme, manager: dpkg, confidence: high, sources: [s]}");
    expect_problem("products/other.yaml", "duplicate");
}
// Names that are looked up without case are one row, however they are written.
TEST_F(Lint, TheSameNameInOtherLetters) {
    files["products/other.yaml"] = other_product(
        "{type: domain, value: Agent.ACME.example, role: agent-endpoint, confidence: high, sources: [s]}");
    expect_problem("products/other.yaml", "duplicate");
}
TEST_F(Lint, ARowOnUnidentifiedSourcesThatClaimsMoreThanLow) {
    for (const char* confidence : {"medium", "high"}) {
        files = small_knowledge();
        product("confidence: low, sources: [rumour]",
                std::string("confidence: ") + confidence + ", sources: [rumour]");
        expect_problem("products/acme.yaml: unit acme.service", "must be low");
    }
    files = small_knowledge();
    product("confidence: low, sources: [rumour]", "confidence: high, sources: [rumour, doc]");
    EXPECT_EQ(problems(), "") << "one identified source is enough";
}
TEST_F(Lint, ACapabilityOnUnidentifiedSourcesThatClaimsMoreThanLow) {
    product("status: documented, confidence: high, sources: [doc]",
            "status: documented, confidence: high, sources: [rumour]");
    expect_problem("products/acme.yaml: capability keystroke-logging", "must be low");
}
TEST_F(Lint, ADomainWithoutARole) {
    product("value: agent.acme.example, role: agent-endpoint", "value: agent.acme.example");
    expect_problem("products/acme.yaml: domain agent.acme.example", "role");
}
TEST_F(Lint, ACapabilityThatIsUnknown) {
    product("{id: keystroke-logging, status", "{id: mind-reading, status");
    expect_problem("products/acme.yaml: capability mind-reading", "unknown capability");
}
TEST_F(Lint, ARuleWithAnUnknownCapability) {
    rule("capabilities: [keystroke-logging]", "capabilities: [mind-reading]");
    expect_problem("rules/acme-rule.yaml", "mind-reading: unknown capability");
}
TEST_F(Lint, ACheckWithAnUnknownCapability) {
    change("checks.yaml", "capabilities: [keystroke-logging]", "capabilities: [mind-reading]");
    expect_problem("checks.yaml: check programs", "mind-reading: unknown capability");
}
TEST_F(Lint, ABrowserRightWithAnUnknownCapability) {
    for (const char* row : {"name: tabCapture", "name: ScreenCaptureAllowed"}) {
        files = small_knowledge();
        change("browser.yaml", std::string(row) + ", capabilities: [screenshots]",
               std::string(row) + ", capabilities: [mind-reading]");
        expect_problem("browser.yaml", "mind-reading: unknown capability");
    }
}

// Every text, each of its two languages.
TEST_F(Lint, ATextThatLacksOneLanguage) {
    struct Place {
        const char *file, *en, *fr;
    };
    const Place places[] = {
        {"capabilities.yaml", "en: Keyboard, ", ", fr: Clavier"},
        {"capabilities.yaml", "en: Keystrokes, ", ", fr: Frappes"},
        {"capabilities.yaml", "en: Typing is kept., ", ", fr: La frappe est gardée."},
        {"classes.yaml", "en: Monitoring, ", ", fr: Surveillance"},
        {"classes.yaml", "en: Maybe., ", ", fr: Peut-être."},
        {"checks.yaml", "en: Programs, ", ", fr: Programmes"},
        {"checks.yaml", "en: Programs, ", ", fr: Programmes"},
        {"checks.yaml", "en: \"{programs} hidden.\", ", ", fr: \"{programs} cachés.\""},
        {"checks.yaml", "en: Be root., ", ", fr: Être root."},
        {"words.yaml", "en: a program, ", ", fr: un programme"},
        {"words.yaml", "en: process, ", ", fr: processus"},
        {"products/acme.yaml", "en: A note., ", ", fr: Une note."},
        {"products/acme.yaml", "en: A reason., ", ", fr: Une raison."},
        {"rules/acme-rule.yaml", "en: A title, ", ", fr: Un titre"},
        {"rules/acme-rule.yaml", "en: \"{product} is here.\", ", ", fr: \"{product} est là.\""},
        {"rules/acme-rule.yaml", "en: A reason., ", ", fr: Une raison."},
        {"rules/acme-rule.yaml", "en: Why., ", ", fr: Pourquoi."}};
    for (const auto& place : places) {
        for (const char* gone : {place.en, place.fr}) {
            files = small_knowledge();
            change(place.file, gone, "");
            const auto all = problems();
            EXPECT_NE(all.find("in English and in French"), std::string::npos)
                << place.file << " without " << gone << ":\n"
                << all;
            EXPECT_NE(all.find(place.file), std::string::npos) << all;
        }
    }
}
TEST_F(Lint, WhatIsSaidOfALeadNeedsALead) {
    change("rules/acme-rule.yaml", "question:", "lead_statement: {en: Maybe., fr: Peut-être.}\nquestion:");
    expect_problem("rules/acme-rule.yaml", "lead_statement: the rule has no lead");
    files = small_knowledge();
    change("rules/acme-rule.yaml", "question:", "lead: {of: mark}\nlead_statement: {en: Maybe.}\nquestion:");
    expect_problem("rules/acme-rule.yaml", "lead_statement: must be there in English and in French");
}
TEST_F(Lint, ARegexThatDoesNotCompile) {
    for (const char* value :
         {"issuer CN ~ Acme (Root", "issuer CN ~ [z-a]", "issuer CN ~ *", "issuer CN ~ a{2,1}"}) {
        files = small_knowledge();
        product("subject CN ~ Acme Leaf", value);
        expect_problem("products/acme.yaml: certificate", "issuer|subject CN");
    }
}
TEST_F(Lint, ACertificateInAnotherForm) {
    for (const char* value :
         {"Acme", "sha256 abc", "sha256 E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
          "issuer", "issuer L ~ Acme", "issuer CN ~ a; CN ~ b", "issuer CN=Acme"}) {
        files = small_knowledge();
        product("subject CN ~ Acme Leaf", value);
        expect_problem("products/acme.yaml: certificate", "issuer|subject CN");
    }
}
TEST_F(Lint, ARegexForSomethingElse) {
    product("value: acmed, platforms", "value: acmed, match: regex, platforms");
    expect_problem("products/acme.yaml: process acmed", "regex is for certificates");
}
TEST_F(Lint, AGlobThatFitsAlmostAnything) {
    for (const char* value : {"*", "/*", "/*/*", "/a*/b?", "~/*", "*.abc"}) {
        files = small_knowledge();
        product("value: '/usr/lib/acme-*/agent?'", std::string("value: \"") + value + "\"");
        expect_problem("products/acme.yaml: path", "fits almost anything");
    }
    files = small_knowledge();
    product("value: '/usr/lib/acme-*/agent?'", "value: /*/acme");
    EXPECT_EQ(problems(), "");
}
TEST_F(Lint, APackageWithoutAManager) {
    product("value: acme, manager: dpkg", "value: acme");
    expect_problem("products/acme.yaml: package acme", "manager");
}
TEST_F(Lint, AnExtensionWithoutABrowser) {
    product(", browser: chromium", "");
    expect_problem("products/acme.yaml: extension", "browser");
}
TEST_F(Lint, WordsThatAreNotInTheLists) {
    const std::pair<const char*, const char*> changes[] = {
        {"class: monitoring", "class: spyware"},
        {"platforms: [linux, windows]", "platforms: [linux, beos]"},
        {"status: documented", "status: perhaps"},
        {"type: unit", "type: daemon"},
        {"match: glob", "match: fuzzy"},
        {"manager: flatpak", "manager: pip"},
        {"browser: firefox", "browser: lynx"},
        {"match: suffix, role: agent-endpoint", "match: suffix, role: thing"},
        {"type: path, value: /opt/acme/", "side: neither, type: path, value: /opt/acme/"},
        {"confidence: medium", "confidence: sure"}};
    for (const auto& [from, to] : changes) {
        files = small_knowledge();
        product(from, to);
        expect_problem("products/acme.yaml", "is not one of the allowed words");
    }
}
TEST_F(Lint, AProcessWithAFolder) {
    product("value: acmed,", "value: /usr/bin/acmed,");
    expect_problem("products/acme.yaml: process /usr/bin/acmed", "use path");
}
TEST_F(Lint, AnEmptyValue) {
    product("value: acme.service", "value: \"\"");
    expect_problem("products/acme.yaml: unit", "value: missing");
}
TEST_F(Lint, AGroupOfOneOrOfWhatIsNoMark) {
    product("[\"process:acmed\", \"path:/opt/acme/\"]", "[\"process:acmed\"]");
    expect_problem("products/acme.yaml: group", "needs two marks");
    files = small_knowledge();
    product("[\"process:acmed\", \"path:/opt/acme/\"]", "[\"process:acmed\", \"path:/elsewhere\"]");
    expect_problem("products/acme.yaml: group", "path:/elsewhere");
}
TEST_F(Lint, AProductUnderAnotherName) {
    product("id: acme", "id: acme2");
    expect_problem("products/acme.yaml", "its id is not its file name");
}
TEST_F(Lint, AnIdWithOtherLetters) {
    files["products/Acme_2.yaml"] =
        "id: Acme_2\nname: A\nvendor: A\nclass: edr\ncategory: x\nupdated: 2026-11-23\n";
    expect_problem("products/Acme_2.yaml", "id: missing, or not of [a-z0-9-]");
}
TEST_F(Lint, TheSameIdTwiceInOneFile) {
    change("capabilities.yaml", "  - {id: screenshots,", "  - {id: keystroke-logging,");
    expect_problem("capabilities.yaml", "stands twice");
    files = small_knowledge();
    files["checks.yaml"] += "  - {id: others-programs, why: {en: a, fr: b}, remedy: {en: c, fr: d}}\n";
    expect_problem("checks.yaml", "stands twice");
}
TEST_F(Lint, ARuleWithoutItsParts) {
    const std::pair<const char*, const char*> parts[] = {
        {"title: {en: A title, fr: Un titre}\n", "title"},
        {"question: {en: Why., fr: Pourquoi.}\n", "question"},
        {"innocent:\n  - {en: A reason., fr: Une raison.}\n", "innocent"}};
    for (const auto& [text, name] : parts) {
        files = small_knowledge();
        rule(text, "");
        expect_problem("rules/acme-rule.yaml", name);
    }
    files = small_knowledge();
    files["rules/acme-rule.yaml"] =
        files["rules/acme-rule.yaml"].substr(0, files["rules/acme-rule.yaml"].find("tests:"));
    expect_problem("rules/acme-rule.yaml", "a rule needs a test");
}
TEST_F(Lint, YamlThatIsNone) {
    product("id: acme", "id: [acme");
    expect_problem("products/acme.yaml:", "not valid YAML");
    files = small_knowledge();
    product("name: Acme Watch", "name: Acme Watch\nname: Again");
    expect_problem("products/acme.yaml:3", "stands twice");
}

TEST(Folders, ALaterFolderAddsAndReplaces) {
    const TemporaryFolder ours, theirs;
    put_knowledge(ours.path(), small_knowledge());
    auto replaced = small_knowledge().at("products/acme.yaml");
    replaced.replace(replaced.find("Acme Watch"), 10, "Acme Again");
    contrechamp::testing::put(theirs.path() / "products/acme.yaml", replaced);
    contrechamp::testing::put(
        theirs.path() / "products/other.yaml",
        other_product("{type: unit, value: other.service, confidence: high, sources: [s]}"));
    const auto both = Knowledge::from_folders({ours.path(), theirs.path()});
    ASSERT_OK(both);
    EXPECT_EQ(both->product("acme")->name, "Acme Again");
    EXPECT_TRUE(both->product("other"));
    EXPECT_EQ(both->products().size(), 2u);
    const auto base = Knowledge::from_folders({ours.path()});
    ASSERT_OK(base);
    const auto on_top = Knowledge::on_top_of(*base, {theirs.path()});
    ASSERT_OK(on_top);
    EXPECT_EQ(on_top->bundle(), both->bundle())
        << "the same content has the same digest, whichever way it was put together";
    EXPECT_EQ(on_top->sha256(), both->sha256());
    EXPECT_FALSE(Knowledge::from_folders({ours.path() / "missing"}).has_value());
}

TEST(Folders, TheBuiltInKnowledgeIsTheFolderAndHasNoBreach) {
    const auto folder = read_knowledge_folders({std::filesystem::path(PROJECT_ROOT) / "knowledge"});
    ASSERT_OK(folder);
    for (const auto& problem : folder->problems) ADD_FAILURE() << problem.where << ": " << problem.what.en;
    const auto built_in = Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in");
    ASSERT_OK(built_in);
    EXPECT_GE(built_in->products().size(), 150u);
    EXPECT_GE(built_in->capabilities().size(), 25u);
    // Loaded and written again, nothing is lost.
    EXPECT_EQ(built_in->bundle(), Knowledge::built_in_bundle());
}

}  // namespace
}  // namespace contrechamp
