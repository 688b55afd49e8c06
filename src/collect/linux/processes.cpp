// Every running program: what it is, and which watching devices and interfaces it holds open.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "collect/linux/collectors.h"
#include "formats/proc.h"

namespace contrechamp::linux_machine {
namespace {

json::Array devices_of(const Process& process) {
    json::Array out;
    for (const auto& device : process.devices) {
        json::Object item{{"kind", device.kind},
                          {"reads", device.reads},
                          {"writes", device.writes},
                          {"count", device.count}};
        put_text(item, "path", device.path);
        out.push_back(std::move(item));
    }
    return out;
}

void write_process(const Machine& machine, const Process& process, RecordWriter& out) {
    json::Object record = machine.full_identity(process.pid);
    record["parent"] = process.parent;
    if (!process.unit.empty()) put_text(record, "unit", process.unit);
    if (process.tracer) {
        auto tracer = machine.identity(process.tracer);
        if (tracer.empty()) tracer["pid"] = process.tracer;  // it is hidden, or gone since
        record["tracer"] = std::move(tracer);
    }
    if (!process.devices.empty()) record["devices"] = devices_of(process);
    if (process.fanotify) record["fanotify"] = process.fanotify;
    if (!process.bpf_programs.empty()) record["bpf_programs"] = json::strings(process.bpf_programs);
    record["descriptors"] = process.descriptors_readable;
    // Of other people's programs, only what they are and what they hold.
    if (machine.user_class(process.uid) != "other") {
        if (!process.options.empty()) record["options"] = json::strings(process.options);
        if (!process.literals.empty()) record["literals"] = json::strings(process.literals);
        if (!process.environment.empty()) record["environment"] = json::strings(process.environment);
        if (!process.preloads.empty()) {
            json::Array preloads;
            for (const auto& library : process.preloads) {
                json::Object item;
                put_text(item, "library", machine.shown_path(library));
                if (auto owner = machine.packages.owner(library); !owner.empty()) item["package"] = owner;
                preloads.push_back(std::move(item));
            }
            record["preloads"] = std::move(preloads);
        }
    }
    out.add("process", std::move(record));
}

// Marks that container managers leave (systemd's CONTAINER_INTERFACE, Docker, Podman, Flatpak).
bool inside_container() {
    std::error_code error;
    for (const char* mark : {"/run/.containerenv", "/.dockerenv", "/run/systemd/container", "/.flatpak-info"})
        if (fs::exists(mark, error)) return true;
    return std::getenv("container") != nullptr;
}

}  // namespace

void collect_processes(const Machine& machine, RecordWriter& out) {
    std::int64_t programs = 0, kernel = 0, nameless = 0, closed = 0, secret_environment = 0;
    for (const auto& [pid, process] : machine.processes) {
        if (process.kernel) {
            ++kernel;
            continue;
        }
        ++programs;
        nameless += process.exe.empty();
        closed += !process.descriptors_readable;
        secret_environment += !process.environment_readable;
        write_process(machine, process, out);
    }
    const auto report = [&](std::string_view check, std::int64_t hidden, std::string_view reason) {
        if (programs > hidden) out.looked(check, {{"programs", programs - hidden}});
        // Root is refused only by programs that end at that moment, or by a container's walls.
        if (hidden)
            out.not_looked(check, "unreadable", machine.root ? "refused-to-root" : reason,
                           {{"programs", hidden}, {"of", programs}});
    };
    out.add("counts", {{"programs", programs}, {"kernel_threads", kernel}});
    // /proc mounted with hidepid shows a person only their own programs: how many there are besides, nobody
    // can say, nor what they hold.
    const bool hidden = !machine.processes.contains(1), contained = inside_container();
    for (auto check : {"programs", "input-devices", "video-devices", "sound-devices", "input-injection",
                       "file-watchers", "kernel-programs", "preloads", "traced-programs"}) {
        if (hidden) out.not_looked(check, "unreadable", "programs-hidden");
        if (contained) out.not_looked(check, "unreadable", "inside-container");
    }
    report("programs", nameless, "others-programs");
    for (auto check : {"input-devices", "video-devices", "sound-devices", "input-injection", "file-watchers"})
        report(check, closed, "others-descriptors");
    report("kernel-programs", closed, "others-descriptors");
    report("preloads", secret_environment, "others-environment");
    report("traced-programs", 0, "");
}

}  // namespace contrechamp::linux_machine
