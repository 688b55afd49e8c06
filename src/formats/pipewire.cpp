#include "formats/pipewire.h"

#include <charconv>
#include <map>

#include "base/json.h"

namespace contrechamp::pipewire {
namespace {

// Properties are numbers or numbers in quotes, depending on the version.
std::int64_t number(const json::Value& value) {
    if (const auto* integer = value.if_int()) return *integer;
    const auto text = value.string_or();
    std::int64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

bool is_true(const json::Value& value) { return value.bool_or(false) || value.string_or() == "true"; }

}  // namespace

Result<std::vector<Recorder>> recorders(std::string_view dump, std::string_view where) {
    const auto document = TRY(json::parse(dump, where));
    std::map<std::int64_t, const json::Value*> clients;
    for (const auto& object : document.array_or_empty())
        if (object["type"].string_or() == "PipeWire:Interface:Client")
            clients[object["id"].int_or(-1)] = &object["info"]["props"];
    std::vector<Recorder> out;
    for (const auto& object : document.array_or_empty()) {
        if (object["type"].string_or() != "PipeWire:Interface:Node") continue;
        const auto& info = object["info"];
        const auto& props = info["props"];
        const auto media = props["media.class"].string_or();
        if (media != "Stream/Input/Audio" && media != "Stream/Input/Video") continue;
        Recorder recorder;
        recorder.id = object["id"].int_or(0);
        recorder.video = media == "Stream/Input/Video";
        recorder.running = info["state"].string_or() == "running";
        recorder.monitor = is_true(props["stream.capture.sink"]);
        const auto client = clients.find(number(props["client.id"]));
        const json::Value none;
        const auto& owner = client == clients.end() ? none : *client->second;
        recorder.pid = number(props["application.process.id"]);
        if (!recorder.pid) recorder.pid = number(owner["application.process.id"]);
        recorder.sec_pid = number(owner["pipewire.sec.pid"]);
        recorder.binary =
            props["application.process.binary"].string_or(owner["application.process.binary"].string_or());
        out.push_back(std::move(recorder));
    }
    return out;
}

}  // namespace contrechamp::pipewire
