// X11 clients and what they hold, by the X-Resource extension (X-Resource 1.2: QueryClientIds gives the
// process id as the server knows it from the socket, QueryClientResources counts resources by type). Needs no
// privilege beyond being let onto the display. Reads no window contents, titles or events.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include <xcb/res.h>
#include <xcb/xcb.h>

#include "collect/linux/apart.h"
#include "collect/linux/collectors.h"
#include "formats/proc.h"

namespace contrechamp::linux_machine {
namespace {

// Replies say how many items they hold. A server may lie: what is not in the reply must not be read, or it
// would be other memory of this program that ends up in the exhibit.
template <class T>
std::size_t payload(const T& reply) {
    static_assert(sizeof(T) == 32);
    return std::size_t{reply.length} * 4;
}

template <class T>
using Reply = std::unique_ptr<T, decltype([](T* reply) { std::free(reply); })>;
using Connection =
    std::unique_ptr<xcb_connection_t, decltype([](xcb_connection_t* c) { xcb_disconnect(c); })>;

// "-auth FILE" of the server of `display`: how root reaches a display whose cookie lies elsewhere.
std::string server_authority(const Machine& machine, const std::string& display) {
    for (const auto& [pid, process] : machine.processes) {
        if (process.comm.find("X") == std::string::npos) continue;
        const auto arguments =
            proc::split_nul(read_file("/proc/" + std::to_string(pid) + "/cmdline", 1 << 20).value_or(""));
        if (std::find(arguments.begin(), arguments.end(), display) == arguments.end()) continue;
        const auto at = std::find(arguments.begin(), arguments.end(), "-auth");
        if (at != arguments.end() && at + 1 != arguments.end()) return *(at + 1);
    }
    return {};
}

// Resource type names become member names, which are ASCII (base/json.h).
std::string to_ascii(std::string_view name) {
    std::string out;
    for (char c : name) out += c >= 0x20 && c < 0x7f ? c : '?';
    return out;
}

std::vector<std::string> local_displays() {
    std::set<std::string> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/tmp/.X11-unix", error)) {
        const std::string name = entry.path().filename().string();
        if (name.size() > 1 && name[0] == 'X' && name.find_first_not_of("0123456789", 1) == std::string::npos)
            out.insert(":" + name.substr(1));
    }
    // An abstract socket leaves no file; the environment names it.
    if (const char* display = std::getenv("DISPLAY"); display && *display == ':') {
        const std::string name = display;
        out.insert(name.substr(0, name.find('.')));
    }
    return {out.begin(), out.end()};
}

class AtomNames {
  public:
    explicit AtomNames(xcb_connection_t* connection) : connection_(connection) {}
    const std::string& name(xcb_atom_t atom) {
        auto [it, fresh] = names_.try_emplace(atom);
        if (fresh) {
            const Reply<xcb_get_atom_name_reply_t> reply(
                xcb_get_atom_name_reply(connection_, xcb_get_atom_name(connection_, atom), nullptr));
            if (reply && reply->name_len <= payload(*reply))
                it->second.assign(xcb_get_atom_name_name(reply.get()),
                                  static_cast<std::size_t>(xcb_get_atom_name_name_length(reply.get())));
        }
        return it->second;
    }

  private:
    xcb_connection_t* connection_;
    std::map<xcb_atom_t, std::string> names_;
};

std::map<std::uint32_t, pid_t> client_pids(xcb_connection_t* connection) {
    std::map<std::uint32_t, pid_t> out;
    const xcb_res_client_id_spec_t spec{XCB_NONE, XCB_RES_CLIENT_ID_MASK_LOCAL_CLIENT_PID};
    const Reply<xcb_res_query_client_ids_reply_t> reply(
        xcb_res_query_client_ids_reply(connection, xcb_res_query_client_ids(connection, 1, &spec), nullptr));
    if (!reply) return out;
    std::size_t left = payload(*reply);
    for (auto it = xcb_res_query_client_ids_ids_iterator(reply.get()); it.rem;
         xcb_res_client_id_value_next(&it)) {
        constexpr std::size_t kHead = sizeof(xcb_res_client_id_value_t);
        if (left < kHead || left - kHead < it.data->length) break;
        left -= kHead + it.data->length;
        if (!(it.data->spec.mask & XCB_RES_CLIENT_ID_MASK_LOCAL_CLIENT_PID) ||
            xcb_res_client_id_value_value_length(it.data) < 1)
            continue;
        out[it.data->spec.client] = static_cast<pid_t>(*xcb_res_client_id_value_value(it.data));
    }
    return out;
}

// The largest System V segment each process made (/proc/sysvipc/shm, readable by all). Its size only.
std::map<pid_t, std::int64_t> largest_segments() {
    std::map<pid_t, std::int64_t> out;
    for (const auto& segment :
         proc::parse_shared_segments(read_file("/proc/sysvipc/shm", 16 << 20).value_or(""))) {
        auto& largest = out[static_cast<pid_t>(segment.creator)];
        largest = std::max(largest, segment.bytes);
    }
    return out;
}

void look_at(const Machine& machine, const std::string& display, RecordWriter& out) {
    const auto refused = [&](std::string_view state, std::string_view reason) {
        out.not_looked("x11-clients", state, reason, {{"display", display}});
    };
    Connection connection(xcb_connect(display.c_str(), nullptr));
    if (xcb_connection_has_error(connection.get()) && machine.root) {
        if (const auto authority = server_authority(machine, display); !authority.empty()) {
            ::setenv("XAUTHORITY", authority.c_str(), 1);
            connection.reset(xcb_connect(display.c_str(), nullptr));
        }
    }
    if (xcb_connection_has_error(connection.get())) {
        refused("unreadable", machine.root ? "display-refused-root" : "display-refused");
        return;
    }
    auto* c = connection.get();
    // A server that breaks off in the middle has not said what it does not know.
    const auto broke_off = [&] {
        const bool broken = xcb_connection_has_error(c) != 0;
        if (broken) refused("unreadable", "no-answer");
        return broken;
    };
    const auto* extension = xcb_get_extension_data(c, &xcb_res_id);
    const Reply<xcb_res_query_version_reply_t> version(
        extension && extension->present
            ? xcb_res_query_version_reply(c, xcb_res_query_version(c, 1, 2), nullptr)
            : nullptr);
    if (broke_off()) return;
    // Every server can say which extensions it has, and every version of this one which version it is.
    if (!extension || (extension->present && !version)) return refused("unreadable", "no-answer");
    if (!version || (version->server_major == 1 && version->server_minor < 2)) {
        refused("not-recorded", "no-x-resource");
        return;
    }
    const Reply<xcb_res_query_clients_reply_t> clients(
        xcb_res_query_clients_reply(c, xcb_res_query_clients(c), nullptr));
    if (broke_off()) return;
    if (!clients || clients->num_clients > payload(*clients) / sizeof(xcb_res_client_t)) {
        refused("unreadable", "display-refused");
        return;
    }
    const auto pids = client_pids(c);
    const auto segments = largest_segments();
    std::int64_t screen_bytes = 0;
    for (auto screen = xcb_setup_roots_iterator(xcb_get_setup(c)); screen.rem; xcb_screen_next(&screen))
        screen_bytes = std::max<std::int64_t>(screen_bytes, std::int64_t{screen.data->width_in_pixels} *
                                                                screen.data->height_in_pixels *
                                                                (screen.data->root_depth > 16 ? 4 : 2));
    const auto* setup = xcb_get_setup(c);
    AtomNames atoms(c);
    std::int64_t seen = 0, nameless = 0;
    for (auto it = xcb_res_query_clients_clients_iterator(clients.get()); it.rem; xcb_res_client_next(&it)) {
        // Our own connection, and the server's resources of its own (client 0).
        const auto base = it.data->resource_base;
        if (base == (setup->resource_id_base & ~setup->resource_id_mask) || base == setup->resource_id_base ||
            base == 0)
            continue;
        const Reply<xcb_res_query_client_resources_reply_t> resources(
            xcb_res_query_client_resources_reply(c, xcb_res_query_client_resources(c, base), nullptr));
        if (!resources || resources->num_types > payload(*resources) / sizeof(xcb_res_type_t))
            continue;  // it went away meanwhile
        json::Object counts;
        for (auto type = xcb_res_query_client_resources_types_iterator(resources.get()); type.rem;
             xcb_res_type_next(&type))
            counts[to_ascii(atoms.name(type.data->resource_type))] = type.data->count;
        json::Object record{
            {"display", display}, {"resources", std::move(counts)}, {"screen_bytes", screen_bytes}};
        // A client may hold several bases in one mask; ids are asked for by any of its resources.
        const auto pid = std::find_if(pids.begin(), pids.end(), [&](const auto& p) {
            return (p.first & ~it.data->resource_mask) == base;
        });
        ++seen;
        if (pid != pids.end()) {
            auto process = machine.identity(pid->second);
            if (const auto segment = segments.find(pid->second); segment != segments.end())
                record["largest_segment"] = segment->second;
            if (process.empty()) process["pid"] = pid->second;
            record["process"] = std::move(process);
        } else {
            ++nameless;
        }
        out.add("client", std::move(record));
    }
    if (!broke_off()) out.looked("x11-clients", {{"display", display}, {"clients", seen}});
    // Asking now and then which keys are down, or for a picture, holds nothing that could be counted.
    refused("not-recorded", "x11-untraced");
    if (nameless)
        out.not_looked("x11-clients", "unreadable", "remote-x-clients",
                       {{"display", display}, {"clients", nameless}});
}

}  // namespace

void collect_x11(const Machine& machine, RecordWriter& out) {
    const auto displays = local_displays();
    if (displays.empty()) out.not_looked("x11-clients", "not-recorded", "no-x11");
    // Whoever can write to /tmp can put a display there that never answers.
    std::vector<Part> parts;
    for (const auto& display : displays)
        parts.push_back({{{"display", display}},
                         [&machine, display](RecordWriter& part) { look_at(machine, display, part); }});
    look_apart(machine, "x11-clients", std::move(parts), out);
}

}  // namespace contrechamp::linux_machine
