// Connections, proxies and remote-access settings.
#include <algorithm>
#include <map>

#include "analyze/host/context.h"

namespace contrechamp::host {

void read_sockets(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "socket") continue;
        const auto& value = record.value;
        const auto locator = context.locate(record);
        const bool listening = value["state"].string_or() == "listening";
        const auto port = value["local_port"].int_or(0);
        const std::string at = std::string(value["protocol"].string_or()) + "/" + std::to_string(port);
        const bool named = value["process"].if_object();
        const auto program = named ? context.program(value["process"]) : context.subject("port", at, at);
        if (listening) {
            // A port alone is nobody's; it only adds to other marks.
            context.marks("network-sockets", linux_marks(context.knowledge, "port", at),
                          {"port", false, false, Strength::configured}, program, locator);
            if (named && value["local_reach"].string_or() != "loopback") {
                context.observe(
                    "network-sockets", "net.listens", program,
                    {{"port", port}, {"protocol", value["protocol"]}, {"reach", value["local_reach"]}},
                    locator);
            }
        } else if (value["incoming"].bool_or(false) && named) {
            json::Object fields{{"port", port},
                                {"remote", value["remote"]},
                                {"reach", value["remote_reach"]},
                                {"pid", value["process"]["pid"]}};
            // Parts of one product talk to each other over local connections, and an SSH tunnel ends in one:
            // the first are plumbing, the second a person.
            const auto& other = value["other_process"];
            const bool unknown = value["other_end_here"].bool_or(false) && !other.if_object();
            if (other.if_object()) {
                const auto peer = context.program(other);
                fields["by"] = peer.label;
                const auto marks = linux_marks(context.knowledge, "process", peer.label);
                const bool server = std::any_of(marks.begin(), marks.end(), [](const Mark& m) {
                    return m.product->product_class == "remote-control" && !m.indicator->controller;
                });
                if (peer.label != "sshd" && (peer == program || server)) continue;
            }
            context.observe("network-sockets", unknown ? "net.connected-locally" : "net.connected-from",
                            program, std::move(fields), locator);
        }
    }
}

void read_proxies(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "proxy") continue;
        const auto& value = record.value;
        const std::string host(value["host"].string_or());
        const bool local = host == "localhost" || host.starts_with("127.") || host == "::1";
        json::Object fields{{"where", value["where"]}, {"kind", value["kind"]}, {"local", local}};
        if (!value["port"].is_null()) fields["port"] = value["port"];
        for (const char* name : {"path", "line"})
            if (!value["source"][name].is_null()) fields[name] = value["source"][name];
        context.observe("proxy", "proxy.configured", context.subject("proxy", host, host), std::move(fields),
                        context.locate(record));
        context.marks("proxy", linux_marks(context.knowledge, "domain", host),
                      {"proxy", true, false, Strength::configured}, context.subject("proxy", host, host),
                      context.locate(record));
    }
}

void read_remote_access(Context& context, const RecordFile& file) {
    // Keys whose value means "on". The knowledge's products carry the same ids as the services here.
    static const std::map<std::string_view, std::pair<std::string_view, std::string_view>> kSwitches = {
        {"/org/gnome/desktop/remote-desktop/rdp/enable", {"true", "gnome-remote-desktop"}},
        {"/org/gnome/desktop/remote-desktop/vnc/enable", {"true", "gnome-remote-desktop"}},
        {"/org/gnome/desktop/remote-access/enabled", {"true", "vino"}},
        {"allowUnattendedAccess", {"true", "krfb"}},
        {"AutostartService", {"true", "veyon"}},
    };
    for (const auto& record : file.records) {
        if (record.is != "remote-setting") continue;
        const auto& value = record.value;
        const auto it = kSwitches.find(value["key"].string_or());
        if (it == kSwitches.end() || value["value"].string_or() != it->second.first) continue;
        const std::string service(it->second.second);
        const auto* product = context.knowledge.product(service);
        json::Object fields{
            {"key", value["key"]}, {"value", value["value"]}, {"path", value["source"]["path"]}};
        context.observe("remote-access", "remote.switched-on",
                        context.subject("product", service, product ? product->name : service),
                        std::move(fields), context.locate(record));
    }
}

}  // namespace contrechamp::host
