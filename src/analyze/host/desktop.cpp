// The desktop session: X11 clients, sound, message buses, portal permissions.
#include <algorithm>
#include <set>

#include "analyze/host/context.h"

namespace contrechamp::host {
namespace {

std::int64_t resource(const Record& record, std::string_view type) {
    return record.value["resources"][type].int_or(0);
}

json::Object with_pid(const json::Value& process) {
    return {{"pid", process["pid"]}, {"user", process["user"]}};
}

}  // namespace

void read_x11(Context& context, const RecordFile& file) {
    // Programs that show a window on some connection: a browser draws through a process of its own that has
    // none.
    std::set<std::string> with_windows;
    for (const auto& record : file.records)
        if (record.is == "client" && resource(record, "WINDOW") > 0)
            with_windows.insert(context.program(record.value["process"]).key);
    for (const auto& record : file.records) {
        if (record.is != "client") continue;
        const auto& process = record.value["process"];
        if (!process.if_object()) continue;  // a client on another machine: counted by the collector
        const auto program = context.program(process);
        json::Object fields = with_pid(process);
        fields["display"] = record.value["display"];
        // The RECORD extension's contexts: the server copies every program's input events to their holder.
        if (const auto contexts = resource(record, "RecordContext"); contexts > 0) {
            fields["contexts"] = contexts;
            context.observe("x11-clients", "x11.records-input", program, fields, context.locate(record));
            fields.erase("contexts");
        }
        // Shared-memory segments are how screens are grabbed fast, and how any program draws fast: a hint, no
        // more.
        if (const auto segments = resource(record, "ShmSeg"); segments > 0) {
            fields["segments"] = segments;
            context.observe("x11-clients", "x11.shared-memory", program, fields, context.locate(record));
            fields.erase("segments");
        }
        // A grabber's memory is the size of the screen, and it shows nothing itself.
        const auto screen = record.value["screen_bytes"].int_or(0),
                   largest = record.value["largest_segment"].int_or(0);
        if (resource(record, "ShmSeg") > 0 && screen > 0 && largest >= screen &&
            !with_windows.contains(program.key)) {
            fields["segments"] = resource(record, "ShmSeg");
            context.observe("x11-clients", "x11.screen-sized-memory", program, fields,
                            context.locate(record));
            fields.erase("segments");
        }
        // DAMAGE objects tell their holder which parts of windows changed: what screen-sharing servers wait
        // for, and what compositors and toolkits use too.
        if (const auto damages = resource(record, "DAMAGE") + resource(record, "DamageExt"); damages > 0) {
            fields["damages"] = damages;
            context.observe("x11-clients", "x11.watches-changes", program, fields, context.locate(record));
        }
    }
}

void read_sound(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "recorder") continue;
        const auto& value = record.value;
        json::Object fields{{"source", value["source"]},
                            {"monitor", value["monitor"].bool_or(false)},
                            {"paused", value["paused"].bool_or(false)},
                            {"corroborated", value["corroborated"].bool_or(false)}};
        Subject program;
        if (value["process"].if_object()) {
            program = context.program(value["process"]);
            fields.merge(with_pid(value["process"]));
        } else {
            const std::string name(value["binary"].string_or("?"));
            program = context.subject("program", "name:" + name, name);
        }
        // The server repeats the client's word, whatever it agrees with; only the kernel's is more than that.
        context.observe("audio-recorders", value["video"].bool_or(false) ? "video.receives" : "sound.records",
                        program, std::move(fields), context.locate(record),
                        value["socket"].bool_or(false) ? Basis::measured : Basis::declared);
    }
}

void read_bus(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "bus-name") continue;
        const auto name = record.value["name"].string_or();
        const auto& process = record.value["process"];
        const auto bearer = process.if_object()
                                ? context.program(process)
                                : context.subject("bus-name", std::string(name), std::string(name));
        // Only one program at a time owns a name, and the bus knows its process; but any program may ask for
        // any name.
        context.marks("bus-names", linux_marks(context.knowledge, "dbus", name),
                      {"bus", true, false, Strength::configured}, bearer, context.locate(record));
    }
}

void read_permissions(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "permission") continue;
        const auto& words = record.value["permissions"].array_or_empty();
        if (std::find(words.begin(), words.end(), json::Value("yes")) == words.end()) continue;
        const auto table = record.value["table"].string_or(), device = record.value["device"].string_or();
        const std::string application(record.value["application"].string_or());
        const std::string_view capability = table == "screencast"       ? "screen-recording"
                                            : table == "screenshot"     ? "screenshots"
                                            : table == "remote-desktop" ? "remote-control"
                                            : table == "location"       ? "location"
                                            : device == "camera"        ? "webcam"
                                            : device == "microphone"    ? "microphone"
                                                                        : "";
        if (capability.empty()) continue;
        const auto subject = context.subject(
            "application", application, application.empty() ? "(unsandboxed applications)" : application);
        context.observe("portal-permissions", "portal.granted", subject,
                        {{"table", table}, {"device", device}, {"capabilities", json::Array{capability}}},
                        context.locate(record));
    }
}

}  // namespace contrechamp::host
