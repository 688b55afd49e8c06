// collect/linux/packages.h: which package a file belongs to must be what dpkg itself says, on the real files
// of this computer; and whether a file is as delivered.
#include "collect/linux/packages.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "collect/linux/collectors.h"
#include "kit/temporary.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;
using namespace contrechamp::testing;

namespace {

// About `count` files spread over a folder, in the order of their names.
std::vector<std::string> some_of(const fs::path& folder, std::size_t count) {
    std::vector<std::string> all, out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        // dpkg -S takes patterns; a quoted or starred name would mean another question.
        if (entry.is_regular_file(error) && name.find_first_of("*?[\\ ") == std::string::npos)
            all.push_back(entry.path());
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); i += std::max<std::size_t>(all.size() / count, 1))
        out.push_back(all[i]);
    return out;
}

// What `dpkg -S` says: path → packages without their architecture.
std::map<std::string, std::set<std::string>> asked_of_dpkg(const std::vector<std::string>& paths) {
    std::string command = "LC_ALL=C dpkg -S";
    for (const auto& path : paths) command += " '" + path + "'";
    std::map<std::string, std::set<std::string>> out;
    std::istringstream lines(run(command + " 2>/dev/null").out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("diversion by")) continue;
        const auto colon = line.rfind(": ");
        if (colon == std::string::npos) continue;
        std::istringstream packages(line.substr(0, colon));
        for (std::string name; std::getline(packages, name, ',');) {
            name.erase(0, name.find_first_not_of(' '));
            out[line.substr(colon + 2)].insert(name.substr(0, name.find(':')));
        }
    }
    return out;
}

}  // namespace

TEST(Packages, AgreeWithDpkgOnRealFiles) {
    if (!have("dpkg")) GTEST_SKIP() << "no dpkg on this computer";
    const auto index = PackageIndex::read("/");
    ASSERT_TRUE(index.present());
    std::vector<std::string> paths;
    for (const char* folder : {"/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/etc", "/usr/local/bin",
                               "/lib/systemd/system", "/usr/share/applications"})
        for (auto& path : some_of(folder, 25)) paths.push_back(std::move(path));
    paths.push_back("/no/such/file");
    ASSERT_GT(paths.size(), 40u);
    // Lists name files of the merged /usr by either spelling.
    auto questions = paths;
    for (const auto& path : paths)
        questions.push_back(path.starts_with("/usr/") ? path.substr(4) : "/usr" + path);
    auto said = asked_of_dpkg(questions);
    std::size_t owned = 0;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        auto packages = said[paths[i]];
        packages.merge(said[questions[paths.size() + i]]);
        const auto owner = index.owner(paths[i]);
        if (packages.empty()) EXPECT_EQ(owner, "") << paths[i];
        else EXPECT_TRUE(packages.contains(owner)) << paths[i] << ": \"" << owner << "\"";
        owned += !owner.empty();
    }
    EXPECT_GT(owned, 30u);
}

TEST(Packages, ARealProgramIsAsDelivered) {
    if (!have("dpkg")) GTEST_SKIP() << "no dpkg on this computer";
    const auto index = PackageIndex::read("/");
    for (const std::string path : {"/usr/bin/ls", "/bin/ls"}) {
        const auto file = index.examine(path);
        EXPECT_EQ(file.package, "coreutils");
        EXPECT_EQ(file.state, "as-delivered");
        EXPECT_EQ(file.sha256, sha256_hex(get(path)));
    }
}

// A root of our own, with the lists as dpkg writes them.
TEST(Packages, StatesOfAFile) {
    const TemporaryFolder root;
    const auto info = root / "var/lib/dpkg/info";
    const std::string here = root.path();
    const std::string base = here.substr(1);  // md5sums leave the first slash out
    put(root / "opt/whole", "abc");
    put(root / "opt/changed", "abd");
    put(root / "opt/unlisted", "abc");
    put(root / "opt/stranger", "abc");
    put(info / "agent:amd64.list",
        here + "/opt\n" + here + "/opt/whole\n" + here + "/opt/changed\n" + here + "/opt/unlisted\n");
    put(info / "agent:amd64.md5sums", "900150983cd24fb0d6963f7d28e17f72  " + base + "/opt/whole\n" +
                                          "900150983cd24fb0d6963f7d28e17f72  " + base + "/opt/changed\n" +
                                          "nonsense\n\n900150983cd24fb0d6963f7d28e17f72\n");
    put(info / "broken.list", std::string("\0\xff\n\n/\n//\n", 9));
    put(info / "agent:amd64.conffiles", here + "/opt/stranger\n");
    const auto index = PackageIndex::read(root.path());
    ASSERT_TRUE(index.present());
    const auto state = [&](const char* name) {
        const auto file = index.examine(here + name);
        return file.package + " " + file.state + " " + file.sha256.substr(0, 8);
    };
    EXPECT_EQ(state("/opt/whole"), "agent as-delivered ba7816bf");
    EXPECT_EQ(state("/opt/changed"), "agent modified " + sha256_hex("abd").substr(0, 8));
    EXPECT_EQ(state("/opt/unlisted"), "agent no-sum ba7816bf");
    EXPECT_EQ(state("/opt/stranger"), "  ba7816bf");
    EXPECT_EQ(state("/opt/missing"), "  ");
    fs::remove(root / "opt/whole");
    EXPECT_EQ(state("/opt/whole"), "agent  ");
}

TEST(Packages, ASystemWithoutDpkg) {
    const TemporaryFolder root;
    const auto index = PackageIndex::read(root.path());
    EXPECT_FALSE(index.present());
    EXPECT_EQ(index.owner("/usr/bin/ls"), "");
    EXPECT_EQ(index.examine("/usr/bin/ls").state, "");
}
