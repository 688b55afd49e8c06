#include "formats/proc.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"

namespace contrechamp::proc {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(" \t", at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

// "0100007F:1F90": the address as the kernel holds it in memory, in words of its own byte order.
bool parse_address(std::string_view text, std::string& address, int& port) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto hex = text.substr(0, colon);
    const auto parsed_port = number<unsigned>(text.substr(colon + 1), 16);
    if (!parsed_port || *parsed_port > 65535 || (hex.size() != 8 && hex.size() != 32)) return false;
    unsigned char raw[16];
    for (std::size_t word = 0; word < hex.size() / 8; ++word) {
        const auto value = number<std::uint32_t>(hex.substr(word * 8, 8), 16);
        if (!value) return false;
        for (std::size_t byte = 0; byte < 4; ++byte)
            raw[word * 4 + byte] = static_cast<unsigned char>(*value >> (8 * byte));
    }
    char buffer[INET6_ADDRSTRLEN];
    if (!inet_ntop(hex.size() == 8 ? AF_INET : AF_INET6, raw, buffer, sizeof buffer)) return false;
    address = buffer;
    port = static_cast<int>(*parsed_port);
    return true;
}

}  // namespace

std::optional<Stat> parse_stat(std::string_view text) {
    const auto open = text.find('('), close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    const auto fields = words(text.substr(close + 1));
    // Fields 3 (state) onwards: parent is field 4, flags 9, starttime 22.
    if (fields.size() < 20) return std::nullopt;
    const auto parent = number<std::int64_t>(fields[1]);
    const auto flags = number<std::uint64_t>(fields[6]);
    const auto start = number<std::uint64_t>(fields[19]);
    if (!parent || !flags || !start) return std::nullopt;
    return Stat{std::string(text.substr(open + 1, close - open - 1)), *parent, *flags, *start,
                fields[0].front()};
}

std::optional<Status> parse_status(std::string_view text) {
    Status out;
    bool have_uid = false;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        if (line->text.starts_with("Uid:")) {
            const auto fields = words(line->text.substr(4));
            const auto uid = fields.size() >= 2 ? number<std::uint32_t>(fields[1]) : std::nullopt;
            if (!uid) return std::nullopt;
            out.uid = *uid;
            have_uid = true;
        }
    }
    out.tracer = field(text, "TracerPid").value_or(0);
    return have_uid ? std::optional(out) : std::nullopt;
}

std::vector<std::string> split_nul(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\0'), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string unit_of_cgroup(std::string_view text) {
    std::string scope;
    for (auto end = text.size(); end > 0;) {
        const auto start = text.find_last_of("/\n:", end - 1);
        const auto element = text.substr(start == std::string_view::npos ? 0 : start + 1,
                                         start == std::string_view::npos ? end : end - start - 1);
        if (element.ends_with(".service")) return std::string(element);
        if (scope.empty() && element.ends_with(".scope")) scope = element;
        if (start == std::string_view::npos) break;
        end = start;
    }
    return scope;
}

std::optional<std::int64_t> field(std::string_view text, std::string_view name) {
    LineReader lines(text);
    while (const auto line = lines.next()) {
        if (!line->text.starts_with(name) || line->text.substr(name.size(), 1) != ":") continue;
        const auto fields = words(line->text.substr(name.size() + 1));
        return fields.empty() ? std::nullopt : number<std::int64_t>(fields[0]);
    }
    return std::nullopt;
}

std::string bpf_program_type(std::int64_t type) {
    static constexpr std::array kNames = {"unspec",
                                          "socket_filter",
                                          "kprobe",
                                          "sched_cls",
                                          "sched_act",
                                          "tracepoint",
                                          "xdp",
                                          "perf_event",
                                          "cgroup_skb",
                                          "cgroup_sock",
                                          "lwt_in",
                                          "lwt_out",
                                          "lwt_xmit",
                                          "sock_ops",
                                          "sk_skb",
                                          "cgroup_device",
                                          "sk_msg",
                                          "raw_tracepoint",
                                          "cgroup_sock_addr",
                                          "lwt_seg6local",
                                          "lirc_mode2",
                                          "sk_reuseport",
                                          "flow_dissector",
                                          "cgroup_sysctl",
                                          "raw_tracepoint_writable",
                                          "cgroup_sockopt",
                                          "tracing",
                                          "struct_ops",
                                          "ext",
                                          "lsm",
                                          "sk_lookup",
                                          "syscall",
                                          "netfilter"};
    if (type >= 0 && type < static_cast<std::int64_t>(kNames.size()))
        return kNames[static_cast<std::size_t>(type)];
    return "type-" + std::to_string(type);
}

bool bpf_type_traces(std::string_view type) {
    return type == "kprobe" || type == "tracepoint" || type == "perf_event" || type == "raw_tracepoint" ||
           type == "raw_tracepoint_writable" || type == "tracing" || type == "lsm" || type == "socket_filter";
}

std::vector<std::string> mapped_files(std::string_view maps) {
    std::vector<std::string> out;
    LineReader lines(maps);
    while (const auto line = lines.next()) {
        const auto slash = line->text.find('/');
        if (slash == std::string_view::npos) continue;
        std::string path(line->text.substr(slash));
        if (out.empty() || out.back() != path) out.push_back(std::move(path));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<Socket> parse_sockets(std::string_view text) {
    std::vector<Socket> out;
    LineReader lines(text);
    lines.next();  // the heading
    while (const auto line = lines.next()) {
        const auto fields = words(line->text);
        if (fields.size() < 10) continue;
        Socket socket;
        const auto state = number<int>(fields[3], 16);
        const auto uid = number<std::uint32_t>(fields[7]);
        const auto inode = number<std::uint64_t>(fields[9]);
        if (!state || !uid || !inode || !parse_address(fields[1], socket.local, socket.local_port) ||
            !parse_address(fields[2], socket.remote, socket.remote_port))
            continue;
        socket.state = *state;
        socket.uid = *uid;
        socket.inode = *inode;
        socket.offset = line->offset;
        socket.length = line->text.size();
        out.push_back(std::move(socket));
    }
    return out;
}

std::vector<SharedSegment> parse_shared_segments(std::string_view text) {
    std::vector<SharedSegment> out;
    LineReader lines(text);
    lines.next();  // key shmid perms size cpid lpid …
    while (const auto line = lines.next()) {
        const auto fields = words(line->text);
        if (fields.size() < 5) continue;
        const auto bytes = number<std::int64_t>(fields[3]), creator = number<std::int64_t>(fields[4]);
        if (bytes && creator) out.push_back({*bytes, *creator});
    }
    return out;
}

std::map<int, std::string> input_devices(std::string_view text) {
    std::map<int, std::string> out;
    std::vector<int> events;
    bool pointer = false, letters = false;
    const auto end_of_device = [&] {
        for (const int event : events) out[event] = letters ? "keyboard" : pointer ? "pointer" : "other";
        events.clear();
        pointer = letters = false;
    };
    LineReader lines(text);
    while (const auto line = lines.next()) {
        std::string_view rest = line->text;
        if (rest.empty()) {
            end_of_device();
        } else if (rest.starts_with("H: Handlers=")) {
            rest.remove_prefix(12);
            while (!rest.empty()) {
                const auto word = rest.substr(0, rest.find(' '));
                int number = 0;
                if (word.starts_with("mouse")) pointer = true;
                if (word.starts_with("event") &&
                    std::from_chars(word.data() + 5, word.data() + word.size(), number).ec == std::errc{})
                    events.push_back(number);
                rest.remove_prefix(std::min(word.size() + 1, rest.size()));
            }
        } else if (rest.starts_with("B: KEY=")) {
            // Words of 64 bits, the lowest last. Q to P are 16 to 25 (linux/input-event-codes.h).
            const auto word = rest.substr(rest.find_last_of(" =") + 1);
            std::uint64_t bits = 0;
            std::from_chars(word.data(), word.data() + word.size(), bits, 16);
            letters = ((bits >> 16) & 0x3ff) == 0x3ff;
        }
    }
    end_of_device();
    return out;
}

std::vector<Module> parse_modules(std::string_view text) {
    std::vector<Module> out;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        const auto fields = words(line->text);
        if (fields.empty()) continue;
        Module module{std::string(fields[0]), {}};
        if (fields.size() > 6 && fields.back().starts_with('(') && fields.back().ends_with(')'))
            module.taint = fields.back().substr(1, fields.back().size() - 2);
        out.push_back(std::move(module));
    }
    return out;
}

}  // namespace contrechamp::proc
