// Well-known names on the message buses: services such as remote desktop announce themselves there.
#include <systemd/sd-bus.h>

#include <cerrno>
#include <memory>

#include "collect/linux/apart.h"
#include "collect/linux/collectors.h"

namespace contrechamp::linux_machine {
namespace {

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;
constexpr std::uint64_t kPatience = 5'000'000;  // µs

// Programs choose their names, and some put an account or a profile into them. Kept are those of known
// products and of the desktops themselves.
bool kept_name(const Machine& machine, std::string_view name) {
    if (machine.known_bus_names.contains(name)) return true;
    if (name.starts_with("org.freedesktop.Telepathy.")) return false;
    for (const std::string_view desktop :
         {"org.freedesktop.", "org.gnome.", "org.kde.", "org.xfce.", "org.mate."})
        if (name.starts_with(desktop)) return name.size() <= 80;
    return false;
}

void look_at(const Machine& machine, bool session, const char* which, RecordWriter& out) {
    sd_bus* opened = nullptr;
    const int result = session ? sd_bus_open_user(&opened) : sd_bus_open_system(&opened);
    const Bus connection(opened, sd_bus_flush_close_unref);
    // No address, no socket, or nobody behind it: there is no bus. Anything else is a bus that did not let us
    // ask.
    const bool none =
        result == -ENOENT || result == -ECONNREFUSED || result == -ENOMEDIUM || result == -ENXIO;
    if (result < 0)
        return out.not_looked("bus-names", none ? "not-recorded" : "unreadable",
                              none ? "no-bus" : "no-answer", {{"bus", which}});
    auto* bus = connection.get();
    sd_bus_set_method_call_timeout(bus, kPatience);
    char** names = nullptr;
    const int got = sd_bus_list_names(bus, &names, nullptr);
    if (got < 0) return out.not_looked("bus-names", "unreadable", "no-answer", {{"bus", which}});
    std::int64_t count = 0, others = 0;
    for (char** name = names; *name; ++name) {
        if (**name != ':' && !kept_name(machine, *name)) ++others;
        else if (**name != ':') {
            json::Object record{{"bus", which}};
            put_text(record, "name", *name);
            sd_bus_creds* credentials = nullptr;
            pid_t pid = 0;
            if (sd_bus_get_name_creds(bus, *name, SD_BUS_CREDS_PID, &credentials) >= 0 &&
                sd_bus_creds_get_pid(credentials, &pid) >= 0)
                if (auto process = machine.identity(pid); !process.empty())
                    record["process"] = std::move(process);
            sd_bus_creds_unref(credentials);
            out.add("bus-name", std::move(record));
            ++count;
        }
        std::free(*name);
    }
    std::free(names);
    out.looked("bus-names", {{"bus", which}, {"names", count}, {"others", others}});
}

}  // namespace

void collect_dbus(const Machine& machine, RecordWriter& out) {
    std::vector<Part> parts;
    for (const bool session : {true, false}) {
        const char* which = session ? "session" : "system";
        parts.push_back({{{"bus", which}}, [&machine, session, which](RecordWriter& part) {
                             look_at(machine, session, which, part);
                         }});
    }
    look_apart(machine, "bus-names", std::move(parts), out);
}

}  // namespace contrechamp::linux_machine
