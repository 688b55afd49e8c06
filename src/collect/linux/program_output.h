// Runs a small system program and returns what it prints. No shell; bounded time and size; its errors are
// dropped.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace contrechamp::linux_machine {

// Nothing when the program is not there, fails, takes longer than `limit` or prints more than 64 MiB.
std::optional<std::string> program_output(const std::vector<std::string>& command,
                                          std::chrono::seconds limit);

}  // namespace contrechamp::linux_machine
