#include "base/privilege.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::put;
using contrechamp::testing::TemporaryFolder;

constexpr uid_t kNobody = 65534;
constexpr gid_t kAdm = 4;  // may read logs on Debian; any group will do

std::vector<gid_t> groups() {
    std::vector<gid_t> out(static_cast<std::size_t>(::getgroups(0, nullptr)));
    out.resize(static_cast<std::size_t>(::getgroups(static_cast<int>(out.size()), out.data())));
    std::sort(out.begin(), out.end());
    return out;
}

TEST(ActingAs, NobodyElseChangesNothing) {
    const auto before = ::geteuid();
    const auto acting = ActingAs::user(std::nullopt);
    ASSERT_OK(acting);
    EXPECT_EQ(::geteuid(), before);
}

TEST(ActingAs, IsThatPersonWithTheirGroupsAndThenRootAgain) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: only root can act as somebody else";
    const auto own = groups();
    const gid_t with_adm[] = {0, kAdm};
    ASSERT_EQ(::setgroups(2, with_adm), 0);
    const TemporaryFolder folder;
    put(folder / "for-adm", "log");
    ASSERT_EQ(::chown((folder / "for-adm").c_str(), 0, kAdm), 0);
    ASSERT_EQ(::chmod((folder / "for-adm").c_str(), 0640), 0);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
    {
        const auto acting = ActingAs::user(kNobody);
        ASSERT_OK(acting);
        EXPECT_EQ(::geteuid(), kNobody);
        const auto now = groups();
        EXPECT_EQ(std::count(now.begin(), now.end(), kAdm), 0) << "root's groups are not theirs";
        EXPECT_FALSE(open_regular(folder / "for-adm").has_value());
    }
    EXPECT_EQ(::geteuid(), 0u);
    EXPECT_EQ(::getegid(), 0u);
    EXPECT_EQ(groups(), (std::vector<gid_t>{0, kAdm}));
    EXPECT_EQ(std::string(std::getenv("HOME") ? std::getenv("HOME") : ""), home);
    EXPECT_OK(open_regular(folder / "for-adm"));
    ASSERT_EQ(::setgroups(own.size(), own.data()), 0);
}

}  // namespace
}  // namespace contrechamp
