// From exhibits to findings in a case, and what becomes of exhibits that are damaged, unknown or gone.
#include "conclude/derive.h"

#include <algorithm>

#include "base/hash.h"
#include "formats/recognise.h"
#include "kit/small_knowledge.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::put;
using contrechamp::testing::put_knowledge;
using contrechamp::testing::small_knowledge;
using contrechamp::testing::TemporaryFolder;

const std::string kPackages = R"({"contrechamp":"linux-packages","host":"0123456789ab","version":1}
{"is":"package","manager":"dpkg","package":"acme","version":"1"}
{"check":"packages","is":"looked"}
{"is":"end","records":2}
)";
const std::string kFiles = R"({"contrechamp":"linux-files","host":"0123456789ab","version":1}
{"folder":true,"is":"file","known":"/opt/acme/","source":{"path":"/opt/acme"}}
{"is":"end","records":1}
)";

class Derive : public ::testing::Test {
  protected:
    void SetUp() override {
        put_knowledge(folder / "knowledge", small_knowledge());
        auto loaded = Knowledge::from_folders({folder / "knowledge"});
        ASSERT_OK(loaded);
        knowledge = std::make_unique<Knowledge>(std::move(*loaded));
        auto made = Case::create(directory);
        ASSERT_OK(made);
        opened = std::make_unique<Case>(std::move(*made));
    }
    Exhibit add(const std::string& bytes, const std::string& origin) {
        Exhibit about;
        about.type = recognise(bytes);
        about.origin = origin;
        about.collector = "add";
        auto added = opened->add_bytes(bytes, about);
        EXPECT_OK(added);
        return *added;
    }
    Derivation derive_now() {
        auto derivation = derive(*opened, *knowledge, opened->exhibits().size());
        EXPECT_OK(derivation);
        return std::move(*derivation);
    }
    static std::vector<Coverage> about_exhibits(const Derivation& derivation) {
        std::vector<Coverage> out;
        std::copy_if(derivation.coverage.begin(), derivation.coverage.end(), std::back_inserter(out),
                     [](const Coverage& c) { return c.check == "exhibits"; });
        return out;
    }
    TemporaryFolder folder;
    const fs::path directory = folder / "case";
    std::unique_ptr<Knowledge> knowledge;
    std::unique_ptr<Case> opened;
};

TEST_F(Derive, TheSameBytesGiveTheSameIds) {
    add(kPackages, "one");
    add(kFiles, "two");
    const auto first = derive_now(), second = derive_now();
    EXPECT_EQ(first.summary(), second.summary());
    ASSERT_EQ(first.observations.size(), 2u);
    ASSERT_EQ(first.findings.size(), 1u);
    EXPECT_EQ(first.findings[0].subject.key, "acme");
    // Each locator leads to its own line.
    for (const auto& o : first.observations) {
        const auto bytes = get(directory / "data/exhibits" / o.locator.exhibit);
        const auto line = bytes.substr(o.locator.offset, o.locator.length);
        EXPECT_TRUE(json::parse(line, "").has_value()) << line;
        EXPECT_TRUE(line.find("acme") != std::string::npos) << line;
    }
}

TEST_F(Derive, OnlyTheFirstExhibitsCount) {
    add(kPackages, "one");
    add(kFiles, "two");
    const auto earlier = derive(*opened, *knowledge, 1);
    ASSERT_OK(earlier);
    EXPECT_EQ(earlier->observations.size(), 1u);
    EXPECT_EQ(derive(*opened, *knowledge, 99)->observations.size(), 2u);
    EXPECT_EQ(derive(*opened, *knowledge, 0)->observations.size(), 0u);
}

TEST_F(Derive, TheSameBytesTwiceAreReadOnce) {
    add(kPackages, "one");
    add(kPackages, "two");
    EXPECT_EQ(derive_now().observations.size(), 1u);
}

TEST_F(Derive, MarksThatBelongTogether) {
    add(kFiles, "files");
    add("{\"contrechamp\":\"linux-processes\",\"host\":\"0123456789ab\",\"version\":1}\n{\"exe\":\"/usr/bin/"
        "acmed\",\"is\":\"process\",\"pid\":1}\n{\"is\":\"end\",\"records\":1}\n",
        "processes");
    const auto derivation = derive_now();
    const auto group = std::find_if(derivation.observations.begin(), derivation.observations.end(),
                                    [](const Observation& o) { return o.kind == "product.group"; });
    ASSERT_NE(group, derivation.observations.end());
    EXPECT_EQ(group->basis, Basis::derived);
    EXPECT_EQ(group->from.size(), 2u);
    for (const auto& id : group->from)
        EXPECT_TRUE(std::any_of(derivation.observations.begin(), derivation.observations.end(),
                                [&](const Observation& o) { return o.id() == id; }));
    EXPECT_EQ(group->fields.at("unforgeable"), json::Value(true));
}

TEST_F(Derive, MarksOnTwoMachinesDoNotBelongTogether) {
    add(kFiles, "files");
    add("{\"contrechamp\":\"linux-processes\",\"host\":\"another-host\",\"version\":1}\n{\"exe\":\"/usr/bin/"
        "acmed\",\"is\":\"process\",\"pid\":1}\n{\"is\":\"end\",\"records\":1}\n",
        "processes");
    for (const auto& o : derive_now().observations) EXPECT_NE(o.kind, "product.group");
}

TEST_F(Derive, WhatCannotBeAnalysedIsCovered) {
    const auto unknown = add("just text", "letter.txt");
    const auto rows = about_exhibits(derive_now());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, "no-analyzer");
    EXPECT_EQ(rows[0].state, CoverageState::unreadable);
    EXPECT_EQ(rows[0].locator.exhibit, unknown.sha256);
    EXPECT_EQ(rows[0].fields.at("origin"), json::Value("letter.txt"));
}

TEST_F(Derive, DamagedExhibitsGiveWhatCanBeReadAndSaySo) {
    auto cut = kPackages.substr(0, kPackages.find("{\"is\":\"end\""));
    add(cut, "cut.jsonl");
    const auto derivation = derive_now();
    EXPECT_EQ(derivation.observations.size(), 1u) << "what stands before the damage counts";
    const auto rows = about_exhibits(derivation);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, "damaged");
    EXPECT_FALSE(rows[0].fields.at("what_fr").string_or().empty());
}

TEST_F(Derive, AlteredAndMissingExhibitsAreNotAnalysed) {
    const auto altered = add(kPackages, "altered"), missing = add(kFiles, "missing");
    fs::remove(directory / altered.path());
    auto bytes = kPackages;
    bytes[bytes.find("acme")] = 'A';
    put(directory / altered.path(), bytes);
    fs::remove(directory / missing.path());
    const auto derivation = derive_now();
    EXPECT_TRUE(derivation.observations.empty());
    const auto rows = about_exhibits(derivation);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].reason, "altered");
    EXPECT_EQ(rows[1].reason, "missing");
}

// A file that calls itself our knowledge is somebody's file all the same.
TEST_F(Derive, NobodyHidesAFileUnderOurOwnName) {
    add("{\"contrechamp\":\"knowledge\",\"version\":1}\n{\"is\":\"end\",\"records\":0}\n", "sly.jsonl");
    const auto rows = about_exhibits(derive_now());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, "no-analyzer");
}

TEST_F(Derive, AnAnalysisKeepsItsKnowledgeAndCanBeRepeated) {
    add(kPackages, "one");
    ASSERT_OK(analyze_case(*opened, *knowledge));
    const auto record = last_analysis(*opened);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->knowledge, knowledge->sha256());
    EXPECT_EQ(record->exhibits, 1u);
    const auto kept = knowledge_of(*opened, *record);
    ASSERT_OK(kept);
    EXPECT_EQ(kept->bundle(), knowledge->bundle());
    const auto exhibits = opened->exhibits().size();
    ASSERT_OK(analyze_case(*opened, *knowledge));
    EXPECT_EQ(opened->exhibits().size(), exhibits) << "the same knowledge is kept once";
    EXPECT_EQ(last_analysis(*opened)->summary, record->summary);
    // Altered knowledge is refused: nothing is derived with it.
    const fs::path path = directory / "data/exhibits" / knowledge->sha256();
    fs::remove(path);
    put(path, knowledge->bundle() + " ");
    EXPECT_FALSE(knowledge_of(*opened, *last_analysis(*opened)).has_value());
    fs::remove(path);
    EXPECT_FALSE(knowledge_of(*opened, *last_analysis(*opened)).has_value());
}

TEST_F(Derive, TheIndexIsMadeAgainWhenItDoesNotFit) {
    add(kPackages, "one");
    EXPECT_FALSE(index_of(*opened).has_value()) << "never analysed";
    ASSERT_OK(analyze_case(*opened, *knowledge));
    const fs::path path = directory / "index.sqlite";
    const auto holds = [&] {
        const auto index = index_of(*opened);
        EXPECT_OK(index);
        return index && index->documents("observations")->size() == 1;
    };
    EXPECT_TRUE(holds());
    fs::remove(path);
    EXPECT_TRUE(holds());
    EXPECT_TRUE(fs::exists(path));
    put(path, "damaged");
    EXPECT_TRUE(holds());
    EXPECT_NE(get(path), "damaged");
    // One of another analysis.
    ASSERT_OK(Index::write(path, Derivation{}, "another stamp"));
    EXPECT_TRUE(holds());
    EXPECT_EQ(Index::open(path)->stamp().value(), last_analysis(*opened)->entry_hash);
    // Where nothing can be written it is kept in memory.
    fs::remove(path);
    fs::create_directory(path);
    EXPECT_TRUE(holds());
    EXPECT_TRUE(fs::is_directory(path));
}

}  // namespace
}  // namespace contrechamp
