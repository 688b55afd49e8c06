// What kind of desktop session runs. Under Wayland a program cannot ask who else records keys or the screen:
// that is said, never shown as "nothing there".
#include <systemd/sd-login.h>

#include <cstdlib>

#include "collect/linux/collectors.h"

namespace contrechamp::linux_machine {
namespace {

std::string taken(char* text) {
    std::string out = text ? text : "";
    std::free(text);
    return out;
}

struct Session {
    std::string type, desktop;
    bool remote = false;
};

Session session_of(const Person& person, bool self) {
    Session out;
    char* id = nullptr;
    if (sd_uid_get_display(person.uid, &id) >= 0) {
        const std::string session = taken(id);
        char* text = nullptr;
        if (sd_session_get_type(session.c_str(), &text) >= 0) out.type = taken(text);
        text = nullptr;
        if (sd_session_get_desktop(session.c_str(), &text) >= 0) out.desktop = taken(text);
        out.remote = sd_session_is_remote(session.c_str()) > 0;
    }
    // Without a login manager the environment is all there is.
    if (out.type.empty() && self) {
        const auto set = [](const char* name) {
            const char* value = std::getenv(name);
            return value && *value;
        };
        out.type = set("WAYLAND_DISPLAY") ? "wayland" : set("DISPLAY") ? "x11" : "";
    }
    return out;
}

}  // namespace

void collect_session(const Machine& machine, RecordWriter& out) {
    bool wayland = false, known = false;
    for (const auto& person : machine.people) {
        const auto session = session_of(person, person.uid == machine.uid);
        if (session.type.empty()) continue;
        known = true;
        wayland |= session.type == "wayland";
        json::Object record{{"remote", session.remote}};
        put_text(record, "type", session.type);
        put_text(record, "desktop", session.desktop);
        out.add("session", std::move(record));
    }
    // Reading the clipboard leaves no trace anywhere, nor does asking a service on the network where one is.
    out.not_looked("clipboard-readers", "not-recorded", "clipboard-untraced");
    out.not_looked("location-lookups", "not-recorded", "location-untraced");
    if (wayland) out.not_looked("wayland-session", "not-recorded", "wayland-hides");
    else if (known) out.looked("wayland-session");
    else out.not_looked("wayland-session", "not-recorded", "no-session");
}

}  // namespace contrechamp::linux_machine
