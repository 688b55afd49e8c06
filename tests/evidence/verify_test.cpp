// Every way to tamper with a case is seen, and what was tampered with is named.
#include "evidence/verify.h"

#include <functional>

#include "base/bytes.h"
#include "base/hash.h"
#include "evidence/bag.h"
#include "evidence/case.h"
#include "evidence/timestamp.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::have;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;
using State = VerifyItem::State;

class Verify : public ::testing::Test {
  protected:
    // A signed and timestamped case with three exhibits, to be damaged.
    void SetUp() override {
        if (!have("openssl")) GTEST_SKIP() << "openssl is not installed";
        const auto signer = Signer::create(folder / "key", "");
        ASSERT_OK(signer);
        auto made = Case::create(good);
        ASSERT_OK(made);
        for (const char* text : {"first", "second", "third"}) {
            Exhibit about;
            about.type = "test";
            about.origin = text;
            ASSERT_OK(made->add_bytes(text, about));
        }
        const std::string tsa = std::string(PROJECT_ROOT) + "/tests/kit/tsa.sh",
                          authority = (folder / "tsa").string();
        put(folder / "q", timestamp_request(made->log().head()).value());
        ASSERT_EQ(run(tsa + " make " + authority + " && " + tsa + " answer " + authority + " " +
                      (folder / "q").string() + " " + (folder / "a").string())
                      .code,
                  0);
        ASSERT_OK(made->write_tag_file("timestamps/3.tsr", get(folder / "a")));
        ASSERT_OK(made->record("timestamp-imported", {{"path", "timestamps/3.tsr"}}));
        ASSERT_OK(made->close(&*signer));
        options.key = folder / "key.pub";
        options.authorities = folder / "tsa" / "root.pem";
        reset();
    }
    void reset() {
        fs::remove_all(directory);
        fs::copy(good, directory, fs::copy_options::recursive);
    }

    std::string read(const std::string& name) { return get(directory / name); }
    void write(const std::string& name, const std::string& bytes) {
        fs::remove(directory / name);  // exhibits are read-only
        put(directory / name, bytes);
    }
    std::string exhibit(const char* text) { return "data/exhibits/" + sha256_hex(text); }
    // The bag made consistent again, as somebody who tampers and knows BagIt would.
    void rewrite_manifests() {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(directory / "data/exhibits"))
            names.insert(entry.path().filename().string());
        ASSERT_OK(write_manifests(directory, names, false));
    }

    std::map<std::string, VerifyItem> check(const VerifyOptions& with) {
        std::map<std::string, VerifyItem> out;
        const auto items = verify_bytes(directory, with);
        EXPECT_OK(items);
        if (items)
            for (const auto& item : *items) out.emplace(item.check, item);
        return out;
    }
    std::map<std::string, VerifyItem> check() { return check(options); }

    // Checks that differ.
    std::set<std::string> differing(const VerifyOptions& with) {
        std::set<std::string> out;
        for (const auto& [name, item] : check(with))
            if (item.state == State::different) out.insert(name);
        return out;
    }
    std::set<std::string> differing() { return differing(options); }

    // What is said of one check, in one string.
    std::string said(const std::string& name) {
        std::string out;
        const auto items = check();
        for (const auto& detail : items.at(name).details) {
            EXPECT_FALSE(detail.fr.empty());
            out += detail.en + "\n";
        }
        return out;
    }

    TemporaryFolder folder;
    const fs::path good = folder / "good", directory = folder / "case";
    VerifyOptions options;
};

using Names = std::set<std::string>;

TEST_F(Verify, AGoodCase) {
    const auto items = check();
    for (const char* name :
         {"bag", "manifest", "tag-manifest", "chain", "exhibits", "signature", "timestamps"}) {
        ASSERT_TRUE(items.contains(name)) << name;
        EXPECT_EQ(items.at(name).state, State::ok) << name;
        EXPECT_FALSE(items.at(name).summary.empty()) << name;
        EXPECT_NE(items.at(name).summary.fr, "") << name;
    }
    EXPECT_EQ(items.size(), 7u);
    // The key in the case vouches for itself only: said, not hidden.
    const auto own = check({});
    EXPECT_EQ(own.at("signature").state, State::note);
    EXPECT_NE(own.at("signature").details.at(0).en.find("--key"), std::string::npos);
    EXPECT_NE(own.at("timestamps").details.at(0).en.find("--tsa-ca"), std::string::npos);
}

TEST_F(Verify, NoCaseAtAll) { EXPECT_FALSE(verify_bytes(folder / "missing", {}).has_value()); }

TEST_F(Verify, AChangedExhibit) {
    for (const char* text : {"first", "second", "third"}) {
        reset();
        write(exhibit(text), std::string(text) + "!");
        EXPECT_EQ(differing(), (Names{"manifest", "exhibits"}));
        EXPECT_NE(said("manifest").find(exhibit(text)), std::string::npos);
        EXPECT_NE(said("exhibits").find("bytes, the log says"), std::string::npos);
        auto same_length = std::string(text);
        same_length[0] ^= 1;
        write(exhibit(text), same_length);
        EXPECT_EQ(differing(), (Names{"manifest"}));
    }
}

TEST_F(Verify, AMissingExhibit) {
    fs::remove(directory / exhibit("second"));
    EXPECT_EQ(differing(), (Names{"manifest", "exhibits"}));
    EXPECT_NE(said("exhibits").find(exhibit("second")), std::string::npos);
    EXPECT_NE(said("exhibits").find("came from second"), std::string::npos);
    rewrite_manifests();
    EXPECT_EQ(differing(), (Names{"exhibits"})) << "the log remembers";
}

TEST_F(Verify, AnAddedFile) {
    put(directory / "data/extra.txt", "x");
    EXPECT_EQ(differing(), (Names{"manifest"}));
    EXPECT_NE(said("manifest").find("data/extra.txt"), std::string::npos);
    reset();
    put(directory / ("data/exhibits/" + sha256_hex("planted")), "planted");
    EXPECT_EQ(differing(), (Names{"manifest"}));
    rewrite_manifests();
    EXPECT_EQ(differing(), (Names{"exhibits"}));
    EXPECT_NE(said("exhibits").find("never logged"), std::string::npos);
}

TEST_F(Verify, ALinkAmongTheExhibits) {
    put(folder / "elsewhere", "first");
    fs::remove(directory / exhibit("first"));
    fs::create_symlink(folder / "elsewhere", directory / exhibit("first"));
    EXPECT_EQ(differing(), (Names{"manifest"}));
    EXPECT_NE(said("manifest").find("symbolic link"), std::string::npos);
}

TEST_F(Verify, AManifestChanged) {
    const auto manifest = read("manifest-sha256.txt");
    auto flipped = manifest;
    flipped[0] = flipped[0] == 'a' ? 'b' : 'a';
    write("manifest-sha256.txt", flipped);
    EXPECT_EQ(differing(), (Names{"manifest", "tag-manifest"}));
    write("manifest-sha256.txt", manifest.substr(manifest.find('\n') + 1));
    EXPECT_EQ(differing(), (Names{"manifest", "tag-manifest", "exhibits"}));
    write("manifest-sha256.txt", manifest + manifest.substr(0, manifest.find('\n') + 1));
    EXPECT_TRUE(differing().contains("manifest"));
    EXPECT_NE(said("manifest").find("listed twice"), std::string::npos);
    write("manifest-sha256.txt", manifest + sha256_hex("") + "  ../../etc/passwd\n");
    EXPECT_TRUE(differing().contains("manifest"));
    fs::remove(directory / "manifest-sha256.txt");
    EXPECT_TRUE(differing().contains("manifest"));
}

TEST_F(Verify, TagFilesChanged) {
    for (const char* name : {"bagit.txt", "bag-info.txt", "timestamps/3.tsr"}) {
        reset();
        write(name, read(name) + "x");
        EXPECT_TRUE(differing().contains("tag-manifest")) << name;
        EXPECT_NE(said("tag-manifest").find(name), std::string::npos);
    }
    reset();
    write("bagit.txt", "BagIt-Version: 0.97\n");
    rewrite_manifests();
    EXPECT_EQ(differing(), (Names{"bag"}));
    reset();
    fs::remove(directory / "tagmanifest-sha256.txt");
    EXPECT_EQ(differing(), (Names{"tag-manifest"}));
    put(directory / "tagmanifest-sha256.txt", "");
    EXPECT_EQ(differing(), (Names{"tag-manifest"}));
    EXPECT_NE(said("tag-manifest").find("bag-info.txt"), std::string::npos);
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    LineReader lines(text);
    while (const auto line = lines.next()) out.emplace_back(line->text);
    return out;
}

TEST_F(Verify, EveryLineOfTheLogChangedRemovedOrSwapped) {
    const auto lines = split(read("custody.jsonl"));
    const auto with = [&](std::vector<std::string> changed) {
        std::string text;
        for (const auto& line : changed) text += line + "\n";
        write("custody.jsonl", text);
        return differing();
    };
    ASSERT_EQ(lines.size(), 5u);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto changed = lines;
        changed[i].replace(changed[i].find("\"time\":\"20") + 8, 2, "19");
        const auto after_change = with(changed);
        EXPECT_TRUE(after_change.contains("signature")) << i;
        EXPECT_EQ(after_change.contains("chain"), i + 1 < lines.size())
            << i << ": the last line is the signature's to keep";
        if (i + 1 < lines.size()) {
            EXPECT_NE(said("chain").find("custody.jsonl:" + std::to_string(i + 2) + ":"), std::string::npos)
                << said("chain");
        }
        auto removed = lines;
        removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_TRUE(with(removed).contains("signature")) << i;
        if (i + 1 < lines.size()) {
            EXPECT_TRUE(with(removed).contains("chain")) << i;
            auto swapped = lines;
            std::swap(swapped[i], swapped[i + 1]);
            EXPECT_TRUE(with(swapped).contains("chain")) << i;
            EXPECT_TRUE(with(swapped).contains("signature")) << i;
        }
    }
}

TEST_F(Verify, ALogCutShort) {
    const auto log = read("custody.jsonl");
    write("custody.jsonl", log.substr(0, log.size() - 10));
    EXPECT_TRUE(differing().contains("chain"));
    EXPECT_NE(said("chain").find("cut off"), std::string::npos);
    write("custody.jsonl", "");
    EXPECT_TRUE(differing().contains("chain"));
    // Lines that were whole taken off the end: the signature and the exhibits know.
    const auto lines = split(log);
    write("custody.jsonl", lines[0] + "\n" + lines[1] + "\n");
    const auto names = differing();
    EXPECT_FALSE(names.contains("chain"));
    EXPECT_TRUE(names.contains("signature"));
    EXPECT_TRUE(names.contains("exhibits"));
    EXPECT_TRUE(names.contains("timestamps")) << "the stamped entry is gone";
}

TEST_F(Verify, EntriesAfterTheSignatureAreANoteAndNotTheKeysWord) {
    auto opened = Case::open(directory, Case::Mode::write);
    ASSERT_OK(opened);
    ASSERT_OK(opened->record("note", {}));
    ASSERT_OK(opened->close(nullptr));
    const auto item = check({}).at("signature");
    EXPECT_EQ(item.state, State::note);
    EXPECT_EQ(check().at("signature").state, State::different) << "asked for that key's word";
    EXPECT_NE(item.details.back().en.find("1 entry is not signed"), std::string::npos)
        << item.details.back().en;
}

TEST_F(Verify, ASignatureRemovedOrByAnotherKey) {
    fs::remove(directory / "custody.jsonl.minisig");
    EXPECT_EQ(differing(), (Names{"signature"})) << "a key was given, so a signature is due";
    EXPECT_EQ(differing({}), (Names{"signature"})) << "the signer's key is there, its signature is not";
    // Signed again by somebody else, whose key is put into the case.
    const auto other = Signer::create(folder / "other", "");
    ASSERT_OK(other);
    auto opened = Case::open(directory, Case::Mode::write);
    ASSERT_OK(opened);
    ASSERT_OK(opened->close(&*other));
    EXPECT_EQ(differing({}), Names{}) << "on its own the case is consistent";
    EXPECT_EQ(differing(), (Names{"signature"})) << "but it is not by the key we were given";
    EXPECT_NE(said("signature").find("another key"), std::string::npos);
    VerifyOptions missing = options;
    missing.key = folder / "nowhere.pub";
    EXPECT_EQ(differing(missing), (Names{"signature"}));
}

TEST_F(Verify, ATimestampOfSomethingElse) {
    const std::string tsa = std::string(PROJECT_ROOT) + "/tests/kit/tsa.sh",
                      authority = (folder / "tsa").string();
    put(folder / "q", timestamp_request(sha256_hex("something else")).value());
    ASSERT_EQ(
        run(tsa + " answer " + authority + " " + (folder / "q").string() + " " + (folder / "a").string())
            .code,
        0);
    write("timestamps/3.tsr", get(folder / "a"));
    rewrite_manifests();
    EXPECT_EQ(differing(), (Names{"timestamps"}));
    EXPECT_NE(said("timestamps").find(sha256_hex("something else")), std::string::npos);
}

// A stamp that the log says was taken in must still be there, even when the manifests were made to fit.
TEST_F(Verify, ATimestampTakenAway) {
    fs::remove_all(directory / "timestamps");
    rewrite_manifests();
    EXPECT_EQ(differing(), (Names{"timestamps"}));
    EXPECT_NE(said("timestamps").find("timestamps/3.tsr"), std::string::npos);
}

TEST_F(Verify, AnAuthorityThatIsNotTheOneGiven) {
    ASSERT_EQ(run(std::string(PROJECT_ROOT) + "/tests/kit/tsa.sh make " + (folder / "tsa2").string()).code,
              0);
    VerifyOptions other = options;
    other.authorities = folder / "tsa2" / "root.pem";
    EXPECT_EQ(differing(other), (Names{"timestamps"}));
}

// One bit changed at every place of every file that the case consists of.
TEST_F(Verify, AnyBitOfAnyFile) {
    std::size_t tried = 0;
    const VerifyOptions quick{.key =
                                  options.key};  // the chain to the authority's root takes most of the time
    for (const auto& entry : fs::recursive_directory_iterator(good)) {
        if (!entry.is_regular_file()) continue;
        const std::string name = fs::relative(entry.path(), good).string();
        if (name == ".lock") continue;  // says who writes now; no evidence
        const auto bytes = read(name);
        const auto untrusted =
            bytes.starts_with("untrusted comment: ") && name.ends_with(".minisig") ? bytes.find('\n') : 0;
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            if (name.ends_with(".minisig") && ((at >= 19 && at < untrusted) || at + 1 == bytes.size()))
                continue;                                     // minisign's own limits
            if (name.ends_with(".tsr") && at % 16) continue;  // the tag manifest covers each
            auto changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 7)));
            write(name, changed);
            ASSERT_FALSE(differing(quick).empty()) << name << " at " << at << " is not covered";
            ++tried;
        }
        write(name, bytes);
    }
    EXPECT_EQ(differing(), Names{});
    EXPECT_GT(tried, 2500u);
}

TEST_F(Verify, NamesFromTheCaseAreInert) {
    put(directory / "data/\033[31mred\nline", "x");
    const auto text = said("manifest");
    EXPECT_EQ(text.find('\033'), std::string::npos);
    EXPECT_NE(text.find("\\u{1b}[31mred\\u{a}line"), std::string::npos) << text;
}

}  // namespace
}  // namespace contrechamp
