#include "collect/linux/audit_kernel.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"

namespace contrechamp::linux_machine {
namespace {

constexpr timeval kPatience{2, 0};
constexpr int kMostMessages = 100'000;  // no machine has as many rules

bool ask(const Fd& socket, std::uint16_t type, std::uint32_t number) {
    nlmsghdr request{};
    request.nlmsg_len = sizeof request;
    request.nlmsg_type = type;
    request.nlmsg_flags = NLM_F_REQUEST;
    request.nlmsg_seq = number;
    return ::send(socket.get(), &request, sizeof request, 0) == static_cast<ssize_t>(sizeof request);
}

}  // namespace

std::optional<KernelAudit> ask_kernel_audit(bool& refused) {
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
    refused = socket.valid() || (errno != EPROTONOSUPPORT && errno != EAFNOSUPPORT);
    if (!socket.valid()) return std::nullopt;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    constexpr std::uint32_t kStatus = 1, kRules = 2;
    if (!ask(socket, AUDIT_GET, kStatus) || !ask(socket, AUDIT_LIST_RULES, kRules)) return std::nullopt;
    KernelAudit out;
    bool status = false;
    for (int i = 0; i < kMostMessages; ++i) {
        alignas(nlmsghdr) char buffer[16384];
        const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
        if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return std::nullopt;
        nlmsghdr header;
        std::memcpy(&header, buffer, sizeof header);
        const auto length = static_cast<std::size_t>(got) - sizeof header;
        if (header.nlmsg_type == AUDIT_GET && length >= 2 * sizeof(std::uint32_t)) {
            audit_status answer{};
            std::memcpy(&answer, buffer + sizeof header, std::min(length, sizeof answer));
            out.enabled = answer.enabled != 0;
            status = true;
        } else if (header.nlmsg_type == AUDIT_LIST_RULES) {
            ++out.rules;
        } else if (header.nlmsg_seq == kRules && header.nlmsg_type == NLMSG_DONE) {
            return status ? std::optional(out) : std::nullopt;
        } else if (header.nlmsg_type == NLMSG_ERROR) {
            return std::nullopt;  // no acknowledgement was asked for: this is a refusal
        }
    }
    return std::nullopt;
}

}  // namespace contrechamp::linux_machine
