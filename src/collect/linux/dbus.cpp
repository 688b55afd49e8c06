// Well-known names on the message buses: services such as remote desktop announce themselves there.
#include <systemd/sd-bus.h>

#include <memory>

#include "collect/linux/apart.h"
#include "collect/linux/collectors.h"

namespace contrechamp::linux_machine {
namespace {

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;
constexpr std::uint64_t kPatience = 5'000'000;  // µs

void look_at(const Machine& machine, bool session, const char* which, RecordWriter& out) {
    sd_bus* opened = nullptr;
    const int result = session ? sd_bus_open_user(&opened) : sd_bus_open_system(&opened);
    const Bus connection(opened, sd_bus_flush_close_unref);
    if (result < 0) return out.not_looked("bus-names", "not-recorded", "no-bus", {{"bus", which}});
    auto* bus = connection.get();
    sd_bus_set_method_call_timeout(bus, kPatience);
    char** names = nullptr;
    const int got = sd_bus_list_names(bus, &names, nullptr);
    if (got < 0) return out.not_looked("bus-names", "unreadable", "no-answer", {{"bus", which}});
    std::int64_t count = 0;
    for (char** name = names; *name; ++name) {
        if (**name != ':') {
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
    out.looked("bus-names", {{"bus", which}, {"names", count}});
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
