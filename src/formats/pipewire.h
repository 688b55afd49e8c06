// What `pw-dump` prints: PipeWire's objects as JSON (pipewire 0.3 and 1.x).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace contrechamp::pipewire {

// A stream that takes sound or pictures in.
struct Recorder {
    std::int64_t id = 0;
    bool video = false;
    bool running = false;      // state "running": it receives
    bool monitor = false;      // what the speakers play, not a microphone
    std::int64_t pid = 0;      // of the program, as it says; 0: not said
    std::int64_t sec_pid = 0;  // of the connected process, from the socket: the program's, or a go-between's
    std::string binary;        // program file name, as it says
};

Result<std::vector<Recorder>> recorders(std::string_view dump, std::string_view where);

}  // namespace contrechamp::pipewire
