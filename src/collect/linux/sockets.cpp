// Listening and established sockets with the program that holds them. The far end of a connection is kept
// only where it says who reaches into this machine: for connections that came in, and for those of system
// services. Where a person's own programs connect to is that person's business: only the port and whether it
// is this machine, a private network or the Internet is kept.
#include <arpa/inet.h>

#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "collect/linux/collectors.h"
#include "formats/proc.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "network-sockets";
constexpr int kEstablished = 1, kListening = 10, kUdpUnconnected = 7;

std::string reach_of(const std::string& address) {
    if (address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127."))
        return "loopback";
    in6_addr six{};
    in_addr four{};
    const std::string plain = address.starts_with("::ffff:") ? address.substr(7) : address;
    if (inet_pton(AF_INET, plain.c_str(), &four) == 1) {
        const auto value = ntohl(four.s_addr);
        const bool own = (value >> 24) == 10 || (value >> 20) == 0xac1 || (value >> 16) == 0xc0a8 ||
                         (value >> 16) == 0xa9fe;
        return value == 0 ? "any" : own ? "private" : "public";
    }
    if (inet_pton(AF_INET6, address.c_str(), &six) == 1) {
        const auto first = six.s6_addr[0];
        if (IN6_IS_ADDR_UNSPECIFIED(&six)) return "any";
        return (first & 0xfe) == 0xfc || (first == 0xfe && (six.s6_addr[1] & 0xc0) == 0x80) ? "private"
                                                                                            : "public";
    }
    return "unknown";
}

// An IPv4 address reached through an IPv6 socket is the same address.
std::string plain_address(const std::string& address) {
    return address.starts_with("::ffff:") ? address.substr(7) : address;
}

}  // namespace

void collect_sockets(const Machine& machine, RecordWriter& out) {
    std::unordered_map<std::uint64_t, pid_t> holders;
    for (const auto& [pid, process] : machine.processes)
        for (auto inode : process.sockets) holders.emplace(inode, pid);
    std::int64_t kept = 0, nameless = 0;
    // Both ends of a connection within this machine are in the tables: the other end's holder says who is
    // connected.
    std::map<std::array<std::string, 4>, std::uint64_t> ends;
    std::map<std::string, std::vector<proc::Socket>> tables;
    for (const char* protocol : {"tcp", "tcp6", "udp", "udp6"}) {
        const auto text = read_file(std::string("/proc/net/") + protocol, 64 << 20);
        if (!text) {
            // Kernels without IPv6 have no such tables.
            std::error_code error;
            if (fs::exists(std::string("/proc/net/") + protocol, error)) {
                json::Object fields;
                put_text(fields, "path", std::string("/proc/net/") + protocol);
                out.not_looked(kCheck, "unreadable", "file-unreadable", std::move(fields));
            }
            continue;
        }
        tables[protocol] = proc::parse_sockets(*text);
        if (protocol[0] != 't') continue;
        for (const auto& socket : tables[protocol])
            if (socket.state == kEstablished)
                ends[{plain_address(socket.local), std::to_string(socket.local_port),
                      plain_address(socket.remote), std::to_string(socket.remote_port)}] = socket.inode;
    }
    for (const auto& [protocol, sockets] : tables) {
        const bool tcp = protocol[0] == 't';
        std::set<int> listening;
        for (const auto& socket : sockets)
            if (tcp && socket.state == kListening) listening.insert(socket.local_port);
        for (const auto& socket : sockets) {
            const bool listens = tcp ? socket.state == kListening : socket.state == kUdpUnconnected;
            if (!listens && socket.state != kEstablished) continue;
            const bool incoming = !listens && listening.contains(socket.local_port);
            json::Object record{{"protocol", tcp ? "tcp" : "udp"},
                                {"state", listens ? "listening" : "established"},
                                {"local_port", socket.local_port},
                                {"local_reach", reach_of(socket.local)}};
            if (!listens) {
                record["incoming"] = incoming;
                record["remote_reach"] = reach_of(socket.remote);
                record["remote_port"] = socket.remote_port;
                const auto who = machine.user_class(socket.uid);
                if (incoming || who == "root" || who == "system") record["remote"] = socket.remote;
                const auto other =
                    ends.find({plain_address(socket.remote), std::to_string(socket.remote_port),
                               plain_address(socket.local), std::to_string(socket.local_port)});
                if (other != ends.end()) {
                    record["other_end_here"] = true;
                    if (const auto holder = holders.find(other->second); holder != holders.end())
                        record["other_process"] = machine.identity(holder->second);
                }
            }
            if (const auto it = holders.find(socket.inode); it != holders.end())
                record["process"] = machine.identity(it->second);
            else ++nameless;
            record["user"] = machine.user_class(socket.uid);
            out.add("socket", std::move(record));
            ++kept;
        }
    }
    out.looked(kCheck, {{"sockets", kept}});
    if (nameless && !machine.root)
        out.not_looked(kCheck, "unreadable", "others-sockets", {{"sockets", nameless}});
}

}  // namespace contrechamp::linux_machine
