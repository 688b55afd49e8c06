#include "collect/linux/unix_sockets.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace contrechamp::linux_machine {

UnixSockets UnixSockets::read() {
    UnixSockets out;
    const Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!fd.valid()) return out;
    struct {
        nlmsghdr header;
        unix_diag_req request;
    } message{};
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.request.sdiag_family = AF_UNIX;
    message.request.udiag_states = ~0u;
    message.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER;
    if (::send(fd.get(), &message, sizeof message, 0) < 0) return out;
    alignas(nlmsghdr) char buffer[32768];
    for (;;) {
        const ssize_t got = ::recv(fd.get(), buffer, sizeof buffer, 0);
        if (got <= 0) return out;
        auto left = static_cast<unsigned>(got);
        for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, left);
             header = NLMSG_NEXT(header, left)) {
            if (header->nlmsg_type == NLMSG_DONE) {
                out.available_ = true;
                return out;
            }
            if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return out;
            const auto* socket = static_cast<const unix_diag_msg*>(NLMSG_DATA(header));
            End end;
            auto attributes = static_cast<int>(header->nlmsg_len - NLMSG_LENGTH(sizeof *socket));
            for (auto* attribute = reinterpret_cast<const rtattr*>(socket + 1); RTA_OK(attribute, attributes);
                 attribute = RTA_NEXT(attribute, attributes)) {
                const auto size = static_cast<std::size_t>(RTA_PAYLOAD(attribute));
                if (attribute->rta_type == UNIX_DIAG_PEER && size >= 4) {
                    std::uint32_t peer = 0;
                    std::memcpy(&peer, RTA_DATA(attribute), 4);
                    end.peer = peer;
                } else if (attribute->rta_type == UNIX_DIAG_NAME) {
                    end.path.assign(static_cast<const char*>(RTA_DATA(attribute)), size);
                    while (!end.path.empty() && end.path.back() == '\0') end.path.pop_back();
                }
            }
            out.ends_.emplace(socket->udiag_ino, std::move(end));
        }
    }
}

bool UnixSockets::connected_to(const Process& process, std::string_view name) const {
    for (const auto inode : process.sockets) {
        const auto mine = ends_.find(inode);
        if (mine == ends_.end() || !mine->second.peer) continue;
        const auto other = ends_.find(mine->second.peer);
        if (other != ends_.end() && other->second.path.ends_with(name)) return true;
    }
    return false;
}

}  // namespace contrechamp::linux_machine
