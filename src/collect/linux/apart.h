// Looking in processes of their own. libpulse may abort, a display server may never answer, anybody may put a
// silent socket where a display's would be: it costs what that one process looked at, and nothing else.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "collect/linux/machine.h"

namespace contrechamp::linux_machine {

struct Apart {
    std::string name;                         // exhibit name without "linux-"
    std::function<void(RecordWriter&)> look;  // runs in the child
    const Person* as = nullptr;               // whom the child becomes first, when root
    // Afterwards: a whole record file, or why there is none ("no-answer", "collector-failed").
    std::string bytes, failure = {};
};

// Runs all of them, at most `parallel` at once, none longer than `limit`; `finished` is called as each ends,
// with its place in `jobs`. Returns when every child is gone.
void run_apart(const Machine& machine, std::vector<Apart>& jobs, unsigned parallel,
               std::chrono::milliseconds limit, const std::function<void(std::size_t)>& finished);

// One thing among several that a check looks at: one display of many, one message bus of two.
struct Part {
    json::Object fields;  // which: for the coverage, should it fail
    std::function<void(RecordWriter&)> look;
};

// Looks at all parts at once, each apart, and adds their records to `out`. A part that fails is unreadable.
void look_apart(const Machine& machine, std::string_view check, std::vector<Part> parts, RecordWriter& out);

}  // namespace contrechamp::linux_machine
