// Running programs: known products among them, and what each holds open.
#include <set>

#include "analyze/host/context.h"
#include "formats/proc.h"

namespace contrechamp::host {
namespace {

json::Object base_fields(const json::Value& process) {
    json::Object out{{"pid", process["pid"]}, {"user", process["user"]}};
    for (const char* name : {"exe_package", "script_package", "exe_state", "script_state", "unit"})
        if (!process[name].is_null()) out[name] = process[name];
    return out;
}

// Devices by kind, with the check and the kind of observation each becomes.
struct DeviceMeaning {
    std::string_view device, check, kind;
};
constexpr DeviceMeaning kDevices[] = {
    {"input-keyboard", "input-devices", "device.input"},
    {"input-events", "input-devices", "device.input-unknown"},
    {"input-pointer", "input-devices", "device.mouse"},
    {"mouse", "input-devices", "device.mouse"},
    {"hidraw", "input-devices", "device.hid"},
    {"usb-traffic", "input-devices", "device.usb-traffic"},
    {"video", "video-devices", "device.camera"},
    {"sound-capture", "sound-devices", "device.microphone"},
    {"uinput", "input-injection", "device.virtual-input"},
    {"uhid", "input-injection", "device.virtual-input"},
    {"console-screen", "input-devices", "device.console"},
    {"framebuffer", "video-devices", "device.framebuffer"},
};

void read_devices(Context& context, const Record& record, const Subject& program) {
    for (const auto& meaning : kDevices) {
        json::Array paths;
        bool reads = false;
        for (const auto& device : record.value["devices"].array_or_empty()) {
            if (device["kind"].string_or() != meaning.device) continue;
            paths.push_back(device["path"]);
            reads |= device["reads"].bool_or(false);
        }
        if (paths.empty()) continue;
        json::Object fields = base_fields(record.value);
        fields["devices"] = std::move(paths);
        fields["reads"] = reads;
        context.observe(meaning.check, meaning.kind, program, std::move(fields), context.locate(record));
    }
}

void read_interfaces(Context& context, const Record& record, const Subject& program) {
    const auto& process = record.value;
    const auto locator = context.locate(record);
    if (process["fanotify"].int_or(0) > 0)
        context.observe("file-watchers", "process.watches-files", program, base_fields(process), locator);
    json::Array tracing;
    for (const auto& type : process["bpf_programs"].array_or_empty())
        if (proc::bpf_type_traces(type.string_or())) tracing.push_back(type);
    if (!tracing.empty()) {
        json::Object fields = base_fields(process);
        fields["types"] = std::move(tracing);
        context.observe("kernel-programs", "process.kernel-tracing", program, std::move(fields), locator);
    }
    if (process["tracer"].if_object()) {
        json::Object fields = base_fields(process["tracer"]);
        fields["traced"] = program.label;
        context.observe("traced-programs", "process.traces-another", context.program(process["tracer"]),
                        std::move(fields), locator);
    }
    for (const auto& preload : process["preloads"].array_or_empty()) {
        const std::string library(preload["library"].string_or());
        json::Object fields{{"program", program.label}};
        if (!preload["package"].is_null()) fields["package"] = preload["package"];
        context.observe("preloads", "preload.environment",
                        context.subject("library", library, library.substr(library.rfind('/') + 1)),
                        std::move(fields), locator);
    }
    // "--record" may mean anything; a capture back end by name does not.
    if (const auto& literals = process["literals"].array_or_empty(); !literals.empty()) {
        json::Object fields = base_fields(process);
        fields["literals"] = literals;
        context.observe("programs", "process.capture-option", program, std::move(fields), locator);
    }
    for (const auto& name : process["environment"].array_or_empty())
        if (name.string_or() == "SSLKEYLOGFILE")
            context.observe("programs", "process.writes-tls-keys", program, base_fields(process), locator);
}

bool owned_by(const Product& product, std::string_view package) {
    if (package.empty()) return false;
    for (const auto& indicator : product.indicators)
        if (indicator.type == "package" && indicator.manager == "dpkg" &&
            (indicator.match == "glob" ? glob_match(indicator.value, package) : indicator.value == package))
            return true;
    return false;
}

// The kernel keeps 15 bytes of a name: "tlog-rec-sessio" is what remains of tlog-rec-session.
std::vector<Mark> marks_of_kernel_name(const Knowledge& knowledge, std::string_view name) {
    constexpr std::size_t kKept = 15;
    if (name.size() < kKept) return linux_marks(knowledge, "process", name);
    std::vector<Mark> out;
    for (const auto& product : knowledge.products())
        for (const auto& indicator : product.indicators)
            if (indicator.type == "process" && indicator.match == "exact" &&
                indicator.value.substr(0, kKept) == name)
                out.push_back({&product, &indicator});
    return out;
}

void read_marks(Context& context, const Record& record, const Subject& program) {
    const auto& process = record.value;
    const auto locator = context.locate(record);
    const auto exe = process["exe"].string_or(), script = process["script"].string_or();
    const auto base = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
    const std::string_view path = script.empty() ? exe : script;
    const auto package =
        script.empty() ? process["exe_package"].string_or() : process["script_package"].string_or();
    // A full path the knowledge names.
    if (!path.empty())
        context.marks("programs", linux_marks(context.knowledge, "path", path),
                      {"process", true, false, Strength::configured}, program, locator);
    // A file name; when the kernel does not show the file, the name the program gives itself.
    const std::string_view name = !path.empty()                             ? base(path)
                                  : process["script_hidden"].bool_or(false) ? std::string_view()
                                                                            : process["name"].string_or();
    if (!name.empty()) {
        for (const auto& mark : path.empty() ? marks_of_kernel_name(context.knowledge, name)
                                             : linux_marks(context.knowledge, "process", name)) {
            const bool specific = owned_by(*mark.product, package);
            context.marks("programs", {mark}, {"process", specific, false, Strength::configured}, program,
                          locator, path.empty() ? Basis::declared : Basis::measured);
        }
    }
    // The control group is set by systemd, not by the program.
    if (const auto unit = process["unit"].string_or(); unit.ends_with(".service"))
        context.marks("programs", linux_marks(context.knowledge, "unit", unit),
                      {"unit", true, false, Strength::configured}, program, locator);
}

}  // namespace

void read_programs(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "process") continue;
        const auto program = context.program(record.value);
        read_marks(context, record, program);
        read_devices(context, record, program);
        read_interfaces(context, record, program);
    }
}

}  // namespace contrechamp::host
