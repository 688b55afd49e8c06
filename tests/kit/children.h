// Processes that a test starts, and that end with it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kit/temporary.h"

namespace contrechamp::testing {

class Child {
  public:
    // Runs `body` in a child, which then sleeps until it is killed. Returns once `body` has.
    explicit Child(const std::function<void()>& body) {
        start([&](int ready) {
            body();
            (void)!::write(ready, "x", 1);
            for (;;) ::pause();
        });
    }
    // Runs `serve`, which does not return, in a child.
    static std::unique_ptr<Child> serving(const std::function<void()>& serve) {
        auto out = std::unique_ptr<Child>(new Child());
        out->start([&](int ready) {
            (void)!::write(ready, "x", 1);
            serve();
        });
        return out;
    }
    // Runs a program, with this environment; returns once it has been started.
    Child(const fs::path& program, std::vector<std::string> arguments,
          std::vector<std::string> environment = {}) {
        start([&](int) {
            std::vector<char*> argv, envp;
            for (auto& word : arguments) argv.push_back(word.data());
            for (auto& word : environment) envp.push_back(word.data());
            argv.push_back(nullptr), envp.push_back(nullptr);
            ::execve(program.c_str(), argv.data(), envp.data());  // closes `ready`, which ends the wait
        });
        // Until the kernel shows the new program's command line.
        const auto cmdline = "/proc/" + std::to_string(pid_) + "/cmdline";
        for (int i = 0; i < 2000 && get(cmdline).empty(); ++i) ::usleep(1000);
    }
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    pid_t pid() const { return pid_; }

  private:
    Child() = default;
    void start(const std::function<void(int)>& run) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(ends[0]);
            run(ends[1]);
            ::_exit(127);
        }
        ::close(ends[1]);
        char byte;
        (void)!::read(ends[0], &byte, 1);
        ::close(ends[0]);
    }
    pid_t pid_ = -1;
};

}  // namespace contrechamp::testing
