#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/hash.h"
#include "kit/temporary.h"

namespace contrechamp {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::put;
using contrechamp::testing::TemporaryFolder;

// Names in a folder, sorted; a test that leaves a temporary file behind shows here.
std::vector<std::string> names(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
}

TEST(ReadFile, WholeOrNot) {
    const TemporaryFolder folder;
    const std::string bytes(100'000, 'x');
    put(folder / "a", bytes);
    EXPECT_EQ(read_file(folder / "a").value(), bytes);
    EXPECT_EQ(read_file(folder / "a", 100'000).value(), bytes);
    const auto over = read_file(folder / "a", 99'999);
    ASSERT_FALSE(over.has_value());
    EXPECT_EQ(over.error().where, (folder / "a").string());
    EXPECT_NE(over.error().what.en.find("99999"), std::string::npos);
    put(folder / "empty", "");
    EXPECT_EQ(read_file(folder / "empty").value(), "");
}

TEST(ReadFile, WorksWhereSizesAreNotKnown) {
    const auto status = read_file("/proc/self/status");
    ASSERT_OK(status);
    EXPECT_NE(status->find("Pid:"), std::string::npos);
}

// None of these may block or act on a device.
TEST(ReadFile, RefusesWhatIsNotARegularFile) {
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    fs::create_symlink(folder / "fifo", folder / "link");
    for (const fs::path& path :
         {folder / "fifo", folder / "link", fs::path("/dev/zero"), fs::path("/dev/null"), folder.path()}) {
        EXPECT_FALSE(read_file(path).has_value()) << path;
        EXPECT_FALSE(digest_file(path).has_value()) << path;
        EXPECT_FALSE(MappedFile::open(path).has_value()) << path;
    }
}

// Whoever owns a folder may put a link where a file was, between the look and the opening.
TEST(OpenBelow, FollowsNoLink) {
    const TemporaryFolder folder;
    fs::create_directories(folder / "given/inner");
    put(folder / "given/inner/a", "mine");
    put(folder / "secret", "not yours");
    const auto opened = open_below(folder / "given", folder / "given/inner/a");
    ASSERT_OK(opened);
    EXPECT_EQ(digest_file("/proc/self/fd/" + std::to_string(opened->get()))->sha256, sha256_hex("mine"));
    fs::create_symlink(folder / "secret", folder / "given/link");
    fs::create_directory_symlink(folder.path(), folder / "given/up");
    ASSERT_EQ(::mkfifo((folder / "given/fifo").c_str(), 0600), 0);
    for (const char* name : {"link", "up/secret", "../secret", "inner", "fifo", "missing"}) {
        const auto refused = open_below(folder / "given", folder / "given" / name);
        ASSERT_FALSE(refused.has_value()) << name;
        EXPECT_EQ(refused.error().where, (folder / "given" / name).string());
    }
}

TEST(ReadFile, ErrorsNameThePathAndTheReason) {
    const TemporaryFolder folder;
    const auto missing = read_file(folder / "missing");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().where, (folder / "missing").string());
    EXPECT_NE(missing.error().what.en.find("no such file"), std::string::npos);
    EXPECT_NE(missing.error().what.fr.find("inexistant"), std::string::npos);
}

TEST(MappedFile, HoldsTheBytes) {
    const TemporaryFolder folder;
    put(folder / "a", "hello");
    put(folder / "empty", "");
    auto first = MappedFile::open(folder / "a");
    ASSERT_OK(first);
    MappedFile moved = std::move(*first);
    EXPECT_EQ(moved.bytes(), "hello");
    auto empty = MappedFile::open(folder / "empty");
    ASSERT_OK(empty);
    EXPECT_EQ(empty->bytes(), "");
    moved = std::move(*empty);
    EXPECT_EQ(moved.bytes(), "");
    // Replacing the file leaves the mapping as it was.
    auto again = MappedFile::open(folder / "a");
    ASSERT_OK(again);
    ASSERT_OK(replace_file(folder / "a", "changed"));
    EXPECT_EQ(again->bytes(), "hello");
}

TEST(ReplaceFile, MakesReplacesAndLeavesNothingElse) {
    const TemporaryFolder folder;
    ASSERT_OK(replace_file(folder / "a", "one", 0600));
    EXPECT_EQ(get(folder / "a"), "one");
    struct stat info {};
    ASSERT_EQ(::stat((folder / "a").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ASSERT_OK(replace_file(folder / "a", "two", 0644, false));
    EXPECT_EQ(get(folder / "a"), "two");
    ASSERT_OK(replace_file(folder / "a", ""));
    EXPECT_EQ(get(folder / "a"), "");
    EXPECT_EQ(names(folder.path()), std::vector<std::string>{"a"});
}

TEST(ReplaceFile, ReadersSeeOneOrTheOther) {
    const TemporaryFolder folder;
    const std::string a(300'000, 'a'), b(500'000, 'b');
    ASSERT_OK(replace_file(folder / "x", a));
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        while (!stop) {
            (void)replace_file(folder / "x", b, 0644, false);
            (void)replace_file(folder / "x", a, 0644, false);
        }
    });
    for (int i = 0; i < 300; ++i) {
        const auto seen = read_file(folder / "x");
        EXPECT_TRUE(seen && (*seen == a || *seen == b));
        if (::testing::Test::HasFailure()) break;
    }
    stop = true;
    writer.join();
}

TEST(ReplaceFile, KeepsTheOldFileWhenItCannotWrite) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "folder");
    put(folder / "folder" / "inside", "kept");
    const auto over_folder = replace_file(folder / "folder", "x");
    ASSERT_FALSE(over_folder.has_value());
    EXPECT_EQ(over_folder.error().where, (folder / "folder").string());
    EXPECT_EQ(get(folder / "folder" / "inside"), "kept");
    const auto nowhere = replace_file(folder / "missing" / "a", "x");
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(nowhere.error().where, (folder / "missing" / "a").string());
    EXPECT_EQ(names(folder.path()), std::vector<std::string>{"folder"});
}

// "-o /dev/stdout" as root must not replace the device by a file.
TEST(ReplaceFile, RefusesFifosAndDevices) {
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_FALSE(replace_file(folder / "fifo", "x").has_value());
    struct stat info {};
    ASSERT_EQ(::lstat((folder / "fifo").c_str(), &info), 0);
    EXPECT_TRUE(S_ISFIFO(info.st_mode));
    // A link to a device stands for the device.
    fs::create_symlink("/dev/null", folder / "null");
    const auto refused = replace_file(folder / "null", "x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().where, (folder / "null").string());
    EXPECT_TRUE(fs::is_symlink(folder / "null"));
    if (::geteuid() == 0) {
        // A device of our own to lose.
        if (::mknod((folder / "device").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) {
            EXPECT_FALSE(replace_file(folder / "device", "x").has_value());
            ASSERT_EQ(::lstat((folder / "device").c_str(), &info), 0);
            EXPECT_TRUE(S_ISCHR(info.st_mode));
        }
    }
}

TEST(ReplaceFile, DoesNotFollowLinksOutOfItsFolder) {
    const TemporaryFolder folder;
    put(folder / "outside", "safe");
    fs::create_directory(folder / "case");
    fs::create_symlink(folder / "outside", folder / "case" / "a");
    fs::create_symlink(folder / "outside", folder / "case" / ".a.part");
    ASSERT_OK(replace_file(folder / "case" / "a", "new"));
    EXPECT_EQ(get(folder / "outside"), "safe");
    EXPECT_EQ(get(folder / "case" / "a"), "new");
    EXPECT_FALSE(fs::is_symlink(folder / "case" / "a"));
}

TEST(WriteAll, FullDeviceIsAnErrorWithAnAdvice) {
    const Fd fd(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(fd.valid());
    const auto written = write_all(fd.get(), "x", "the output");
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().where, "the output");
    EXPECT_NE(written.error().what.en.find("no space left"), std::string::npos);
    EXPECT_FALSE(written.error().todo.empty());
}

TEST(WriteAll, GoesThroughShortWrites) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    Fd in(ends[0]), out(ends[1]);
    std::string bytes;
    for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>('a' + i % 23);
    std::string got;
    std::thread reader([&] {
        char buffer[777];
        for (ssize_t n = 0; (n = ::read(in.get(), buffer, sizeof buffer)) > 0;)
            got.append(buffer, static_cast<std::size_t>(n));
    });
    EXPECT_OK(write_all(out.get(), bytes, "pipe"));
    out = Fd();
    { const Fd closed = std::move(out); }
    reader.join();
    EXPECT_EQ(got, bytes);
}

TEST(Fd, ClosesWhatItOwnsOnce) {
    int number = -1;
    {
        Fd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = fd.get();
        Fd other = std::move(fd);
        EXPECT_FALSE(fd.valid());
        EXPECT_TRUE(other.valid());
    }
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(DigestFile, AgreesWithSha256sum) {
    const TemporaryFolder folder;
    put(folder / "abc", "abc");
    put(folder / "empty", "");
    EXPECT_EQ(digest_file(folder / "abc")->sha256,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest_file(folder / "abc")->size, 3u);
    EXPECT_EQ(digest_file(folder / "empty")->sha256,
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    std::string big;
    for (int i = 0; i < 3'000'000; ++i) big += static_cast<char>(i * 7);
    put(folder / "big", big);
    const auto theirs = contrechamp::testing::run("sha256sum " + (folder / "big").string());
    EXPECT_EQ(digest_file(folder / "big")->sha256, theirs.out.substr(0, 64));
    EXPECT_EQ(digest_file(folder / "big")->sha256, sha256_hex(big));
}

TEST(SystemError, SaysWhatToDo) {
    EXPECT_FALSE(system_error({"a", "b"}, "/x", ENOSPC).todo.empty());
    EXPECT_FALSE(system_error({"a", "b"}, "/x", EROFS).todo.empty());
    EXPECT_FALSE(system_error({"a", "b"}, "/x", EACCES).todo.empty());
    const auto error = system_error({"cannot open", "impossible d’ouvrir"}, "/x", EIO);
    EXPECT_EQ(error.what.en, "cannot open (input/output error of the disk)");
    EXPECT_EQ(error.where, "/x");
    for (int code : {EACCES, EPERM, ENOENT, EEXIST, ENOTDIR, EISDIR, ENOSPC, EDQUOT, EROFS, EMFILE, EIO,
                     ENOMEM, ELOOP}) {
        EXPECT_NE(errno_text(code).en, errno_text(code).fr) << code;
        EXPECT_FALSE(errno_text(code).empty());
    }
}

}  // namespace
}  // namespace contrechamp
