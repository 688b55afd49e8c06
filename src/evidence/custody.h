// The custody log: one JSON object a line, each naming the SHA-256 of the line before it (without its line
// feed). Changing, removing or reordering any line breaks every line after it. Only the tail can be cut off
// unseen, which is why the head is signed (evidence/sign.h) and can be timestamped by an authority
// (evidence/timestamp.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace contrechamp {

inline constexpr std::string_view kNoPrevious =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct LogEntry {
    std::uint64_t sequence = 0;
    std::string action;  // case-created, exhibit-added, analyzed, report-written, …
    json::Value body;    // the whole line
    std::string hash;    // SHA-256 of the line
};

struct LogProblem {
    std::uint64_t line = 0;  // from 1
    Text what;
};

struct CustodyLog {
    std::vector<LogEntry> entries;
    std::vector<LogProblem> problems;  // empty when the chain holds
    std::uint64_t whole_bytes = 0;     // up to the end of the last line that ends
    bool torn = false;                 // bytes follow that end: a write was cut off

    std::string head() const { return entries.empty() ? std::string(kNoPrevious) : entries.back().hash; }
};

// Reads a log, damaged or not: what can be read is in `entries`, what is wrong in `problems`.
CustodyLog read_custody_log(std::string_view bytes);

// The line (with its line feed) that continues `log`. `fields` must not use the names seq, prev, time,
// action, tool, uid.
std::string next_log_line(const CustodyLog& log, std::string_view action, json::Object fields);

// "contrechamp 0.1.0"
std::string tool_name();

}  // namespace contrechamp
