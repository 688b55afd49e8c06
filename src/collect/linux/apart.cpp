#include "collect/linux/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/privilege.h"

namespace contrechamp::linux_machine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kLargestExhibit = std::size_t{256} << 20;
// Shorter than a collector may take, so that one silent part leaves time to say so.
constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(6);

struct Child {
    Apart* job = nullptr;
    std::size_t place = 0;
    pid_t pid = 0;
    Fd pipe;
    Clock::time_point deadline;
    bool closed = false;     // the pipe: nothing more will come
    bool too_large = false;  // more came than anything can be
};

// In the child: become the person, so that the person's own session services answer.
void become(const Person& person) {
    // What `sudo -E` brought along leads to somebody else's services.
    for (const char* name : {"PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_COOKIE", "PULSE_CLIENTCONFIG",
                             "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "DBUS_STARTER_ADDRESS"})
        ::unsetenv(name);
    ::setenv("DBUS_SESSION_BUS_ADDRESS",
             ("unix:path=/run/user/" + std::to_string(person.uid) + "/bus").c_str(), 1);
    if (!become_user(person.uid)) ::_exit(3);
}

[[noreturn]] void run_child(const Machine& machine, const Apart& job, int out_fd) {
    ::signal(SIGPIPE, SIG_DFL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);  // a core file would hold what was read before it was reduced
    if (job.as) become(*job.as);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever waits for it is gone: so is it
    RecordWriter writer = exhibit(machine, job.name);
    try {
        job.look(writer);
    } catch (...) {
        ::_exit(4);  // what is caught further up belongs to the parent, and so does its tidying
    }
    const bool written = write_all(out_fd, writer.finish(), "pipe").has_value();
    ::_exit(written ? 0 : 2);
}

bool start(const Machine& machine, Child& child, std::chrono::milliseconds limit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    Fd read_end(ends[0]), write_end(ends[1]);
    child.pid = ::fork();
    if (child.pid < 0) return false;
    if (child.pid == 0) run_child(machine, *child.job, write_end.get());
    child.pipe = std::move(read_end);
    child.deadline = Clock::now() + limit;
    return true;
}

// Reads what has come.
void drain(Child& child) {
    char buffer[65536];
    const ssize_t got = ::read(child.pipe.get(), buffer, sizeof buffer);
    if (got > 0) {
        auto& bytes = child.job->bytes;
        child.too_large = bytes.size() + static_cast<std::size_t>(got) > kLargestExhibit;
        if (!child.too_large) bytes.append(buffer, static_cast<std::size_t>(got));
    } else {
        child.closed = got == 0 || errno != EINTR;
    }
}

// A client library may call exit() on its own: an exhibit that is not whole is none.
bool is_whole(const Apart& job) {
    const auto file = read_record_file(job.bytes, job.name);
    return file && file->whole && file->problems.empty() && file->name == "linux-" + job.name;
}

// Whether the child is gone; then its job says what became of it. A closed pipe alone does not say so.
bool is_over(Child& child) {
    int status = 0;
    const bool ended = child.closed && ::waitpid(child.pid, &status, WNOHANG) != 0;
    if (ended) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !is_whole(*child.job))
            child.job->failure = "collector-failed";
    } else {
        if (Clock::now() <= child.deadline && !child.too_large) return false;
        ::kill(child.pid, SIGKILL);
        while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
        }
        child.job->failure = child.too_large ? "collector-failed" : "no-answer";
    }
    if (!child.job->failure.empty()) child.job->bytes.clear();
    return true;
}

}  // namespace

void run_apart(const Machine& machine, std::vector<Apart>& jobs, unsigned parallel,
               std::chrono::milliseconds limit, const std::function<void(std::size_t)>& finished) {
    std::vector<Child> running;
    for (std::size_t next = 0; next < jobs.size() || !running.empty();) {
        while (next < jobs.size() && running.size() < std::max(parallel, 1u)) {
            Child child;
            child.job = &jobs[next];
            child.place = next++;
            if (start(machine, child, limit)) {
                running.push_back(std::move(child));
            } else {
                child.job->failure = "collector-failed";
                finished(child.place);
            }
        }
        std::vector<pollfd> polls;
        bool ending = false;  // a process that has closed its pipe ends at any moment
        for (const auto& child : running) {
            polls.push_back({child.closed ? -1 : child.pipe.get(), POLLIN, 0});
            ending |= child.closed;
        }
        ::poll(polls.data(), polls.size(), ending ? 2 : 200);
        for (std::size_t i = running.size(); i-- > 0;) {
            if (polls[i].revents) drain(running[i]);
            if (!is_over(running[i])) continue;
            finished(running[i].place);
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

void look_apart(const Machine& machine, std::string_view check, std::vector<Part> parts, RecordWriter& out) {
    constexpr unsigned kAtOnce = 64;
    std::vector<Apart> jobs;
    for (auto& part : parts) jobs.push_back({"part", std::move(part.look)});
    run_apart(machine, jobs, kAtOnce, kPatience, [](std::size_t) {});
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (!jobs[i].failure.empty()) {
            out.not_looked(check, "unreadable", jobs[i].failure, std::move(parts[i].fields));
            continue;
        }
        const auto file = read_record_file(jobs[i].bytes, "part");
        for (const auto& record : file->records) out.add(record.is, record.value.object_or_empty());
    }
}

}  // namespace contrechamp::linux_machine
