// Programs that record sound or receive pictures, as the sound server tells: PulseAudio over its own
// protocol, PipeWire through pw-dump (its PulseAudio face hides some). A server repeats what each client says
// of itself, so the process number is the client's word. `corroborated` says that nothing contradicts it: the
// kernel knows a process of that number and that program name, connected to the server. `socket` says more:
// the process number is the kernel's own, from the connection. Takes no sound, and none of the names that
// programs give themselves and their streams: they may be titles.
#include <pulse/pulseaudio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>

#include "collect/linux/collectors.h"
#include "collect/linux/program_output.h"
#include "collect/linux/unix_sockets.h"
#include "formats/pipewire.h"

namespace contrechamp::linux_machine {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);

struct Source {
    std::string name;
    bool monitor = false;  // what the speakers play, not a microphone
};

struct Recorder {
    std::uint32_t index = 0, source = 0;
    bool paused = false;
    std::string binary, pid;
};

struct Answers {
    bool server = false;
    int waiting = 0;
    std::string server_name;
    std::map<std::uint32_t, Source> sources;
    std::vector<Recorder> recorders;
};

std::string property(const pa_proplist* list, const char* name) {
    const char* value = pa_proplist_gets(list, name);
    return value ? value : "";
}

void on_server(pa_context*, const pa_server_info* info, void* data) {
    auto& answers = *static_cast<Answers*>(data);
    const auto word = [](const char* text) { return std::string(text ? text : "?"); };
    if (info) answers.server_name = word(info->server_name) + " " + word(info->server_version);
    --answers.waiting;
}

void on_source(pa_context*, const pa_source_info* info, int end, void* data) {
    auto& answers = *static_cast<Answers*>(data);
    if (end) --answers.waiting;
    else
        answers.sources[info->index] = {info->name ? info->name : "",
                                        info->monitor_of_sink != PA_INVALID_INDEX};
}

void on_recorder(pa_context*, const pa_source_output_info* info, int end, void* data) {
    auto& answers = *static_cast<Answers*>(data);
    if (end) {
        --answers.waiting;
        return;
    }
    answers.recorders.push_back({info->index, info->source, info->corked != 0,
                                 property(info->proplist, PA_PROP_APPLICATION_PROCESS_BINARY),
                                 property(info->proplist, PA_PROP_APPLICATION_PROCESS_ID)});
}

void on_state(pa_context* context, void* data) {
    auto& answers = *static_cast<Answers*>(data);
    if (pa_context_get_state(context) != PA_CONTEXT_READY || answers.server) return;
    answers.server = true;
    answers.waiting = 3;
    pa_operation_unref(pa_context_get_server_info(context, on_server, data));
    pa_operation_unref(pa_context_get_source_info_list(context, on_source, data));
    pa_operation_unref(pa_context_get_source_output_info_list(context, on_recorder, data));
}

// The client library makes a cookie and a folder in the home of whoever asks. Looking must leave nothing
// behind: it is shown an empty place, and what is there already.
void leave_nothing_behind() {
    const char* home = std::getenv("HOME");
    const std::string config = std::string(home ? home : "") + "/.config/pulse/";
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const std::string folder =
        (runtime && *runtime ? std::string(runtime) : "/run/user/" + std::to_string(::getuid())) + "/pulse";
    ::setenv("PULSE_RUNTIME_PATH", folder.c_str(), 0);
    if (::access((config + "cookie").c_str(), R_OK) == 0)
        ::setenv("PULSE_COOKIE", (config + "cookie").c_str(), 0);
    if (::access((config + "client.conf").c_str(), R_OK) == 0)
        ::setenv("PULSE_CLIENTCONFIG", (config + "client.conf").c_str(), 0);
    ::setenv("HOME", "/nonexistent", 1);
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
}

enum class Outcome { answered, nobody, refused, silent };

Outcome ask(Answers& answers) {
    const std::unique_ptr<pa_mainloop, decltype(&pa_mainloop_free)> loop(pa_mainloop_new(), pa_mainloop_free);
    const std::unique_ptr<pa_context, decltype(&pa_context_unref)> context(
        pa_context_new(pa_mainloop_get_api(loop.get()), "contrechamp"), pa_context_unref);
    pa_context_set_state_callback(context.get(), on_state, &answers);
    // Never start a sound server that was not there.
    const auto failed = [&] {
        const int code = pa_context_errno(context.get());
        if (code == PA_ERR_ACCESS || code == PA_ERR_AUTHKEY) return Outcome::refused;
        // A server that is there and does not speak properly is not "no server".
        return code == PA_ERR_CONNECTIONREFUSED || code == PA_ERR_NOENTITY || code == PA_ERR_INVALIDSERVER
                   ? Outcome::nobody
                   : Outcome::silent;
    };
    if (pa_context_connect(context.get(), nullptr, PA_CONTEXT_NOAUTOSPAWN, nullptr) < 0) return failed();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!answers.server || answers.waiting > 0) {
        const auto state = pa_context_get_state(context.get());
        if (state == PA_CONTEXT_FAILED || state == PA_CONTEXT_TERMINATED) return failed();
        if (std::chrono::steady_clock::now() > deadline) return Outcome::silent;
        if (pa_mainloop_prepare(loop.get(), 100'000) < 0 || pa_mainloop_poll(loop.get()) < 0 ||
            pa_mainloop_dispatch(loop.get()) < 0)
            return Outcome::silent;
    }
    pa_context_disconnect(context.get());
    return Outcome::answered;
}

// Names of program files; anything else a client may call itself is not kept.
bool plain_binary(std::string_view name) {
    return !name.empty() && name.size() <= 32 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") ==
               std::string_view::npos;
}

// Puts the process into the record, unless something speaks against it: inside a sandbox programs count
// processes differently, and any client can name any number.
void put_process(const Machine& machine, const UnixSockets& sockets, pid_t pid, const std::string& binary,
                 json::Object& record) {
    const auto it = machine.processes.find(pid);
    if (it == machine.processes.end() || it->second.kernel || !sockets.available()) return;
    const std::string& exe = it->second.exe;
    const bool same_name =
        exe.empty() ? binary.substr(0, 15) == it->second.comm : exe.substr(exe.rfind('/') + 1) == binary;
    if (!same_name || !(sockets.connected_to(it->second, "pulse/native") ||
                        sockets.connected_to(it->second, "/pipewire-0")))
        return;
    record["process"] = machine.identity(pid);
    record["corroborated"] = true;
}

std::int64_t from_pulse(const Machine& machine, const Answers& answers, const UnixSockets& sockets,
                        RecordWriter& out) {
    for (const auto& recorder : answers.recorders) {
        json::Object record{{"index", recorder.index}, {"paused", recorder.paused}, {"video", false}};
        if (plain_binary(recorder.binary)) record["binary"] = recorder.binary;
        if (const auto it = answers.sources.find(recorder.source); it != answers.sources.end()) {
            put_text(record, "source", it->second.name);
            record["monitor"] = it->second.monitor;
        }
        put_process(machine, sockets, static_cast<pid_t>(std::strtol(recorder.pid.c_str(), nullptr, 10)),
                    recorder.binary, record);
        out.add("recorder", std::move(record));
    }
    return static_cast<std::int64_t>(answers.recorders.size());
}

std::int64_t from_pipewire(const Machine& machine, const std::vector<pipewire::Recorder>& recorders,
                           const UnixSockets& sockets, RecordWriter& out) {
    for (const auto& recorder : recorders) {
        json::Object record{{"index", recorder.id},
                            {"paused", !recorder.running},
                            {"monitor", recorder.monitor},
                            {"video", recorder.video},
                            {"source", recorder.video     ? "video"
                                       : recorder.monitor ? "speakers"
                                                          : "microphone"}};
        if (plain_binary(recorder.binary)) record["binary"] = recorder.binary;
        // A client of PipeWire itself is who its socket says. Through the PulseAudio face the socket is the
        // go-between's, and the rest is the client's word.
        const auto own = static_cast<pid_t>(recorder.sec_pid);
        const auto connected = machine.processes.find(own);
        // (pipewire-pulse is a name of the program pipewire.)
        if (connected != machine.processes.end() && !connected->second.comm.starts_with("pipewire")) {
            record["process"] = machine.identity(own);
            record["corroborated"] = record["socket"] = true;
        } else {
            put_process(machine, sockets, static_cast<pid_t>(recorder.pid), recorder.binary, record);
        }
        out.add("recorder", std::move(record));
    }
    return static_cast<std::int64_t>(recorders.size());
}

}  // namespace

void collect_audio(const Machine& machine, RecordWriter& out) {
    constexpr std::string_view kCheck = "audio-recorders";
    Answers answers;
    leave_nothing_behind();
    const auto outcome = ask(answers);
    // Its socket starts PipeWire when somebody asks: nobody is asked who does not run.
    const bool pipewire_runs = std::any_of(machine.processes.begin(), machine.processes.end(),
                                           [](const auto& item) { return item.second.comm == "pipewire"; });
    const auto dump = pipewire_runs ? program_output({"pw-dump"}, kPatience) : std::nullopt;
    const auto recorders =
        dump ? pipewire::recorders(*dump, "pw-dump") : Result<std::vector<pipewire::Recorder>>();
    const bool through_pipewire = dump && recorders;
    // PipeWire may speak PulseAudio's protocol itself, or stand beside a PulseAudio that has the sound.
    const bool two_servers =
        outcome == Outcome::answered && answers.server_name.find("PipeWire") == std::string::npos;
    if (!through_pipewire && outcome != Outcome::answered) {
        if (outcome == Outcome::nobody) return out.not_looked(kCheck, "not-recorded", "no-sound-server");
        if (outcome == Outcome::refused) return out.not_looked(kCheck, "unreadable", "sound-server-refused");
        if (outcome == Outcome::silent) return out.not_looked(kCheck, "unreadable", "no-answer");
    }
    json::Object server;
    put_text(server, "name", answers.server_name);
    server["pipewire"] = through_pipewire;
    out.add("sound-server", std::move(server));
    const auto sockets = UnixSockets::read();
    std::int64_t count = 0;
    if (through_pipewire) count += from_pipewire(machine, *recorders, sockets, out);
    if (!through_pipewire || two_servers) count += from_pulse(machine, answers, sockets, out);
    if (pipewire_runs && !through_pipewire) out.not_looked(kCheck, "unreadable", "pipewire-not-asked");
    out.looked(kCheck, {{"recorders", count}});
}

}  // namespace contrechamp::linux_machine
