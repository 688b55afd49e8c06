// The kernel's audit system, asked itself: rules can be loaded without any file (by an agent, by hand).
#pragma once

#include <cstdint>
#include <optional>

namespace contrechamp::linux_machine {

struct KernelAudit {
    bool enabled = false;
    std::int64_t rules = 0;  // loaded
};
// Only root may ask. Nothing: the kernel has no audit system to ask, or did not answer; `refused` tells
// which.
std::optional<KernelAudit> ask_kernel_audit(bool& refused);

}  // namespace contrechamp::linux_machine
