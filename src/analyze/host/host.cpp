// The host analyzer: what a computer's own traces say about who watches its user. Reads the exhibits of
// src/collect/linux and the browsers' and systems' files they come from.
#include <algorithm>
#include <array>

#include "analyze/host/context.h"

namespace contrechamp {
namespace host {
namespace {

struct Reader {
    std::string_view type;
    void (*read)(Context&, const RecordFile&);
};

void read_nothing(Context&, const RecordFile&) {}

constexpr std::array kReaders = {
    Reader{"contrechamp/linux-processes", read_programs},
    Reader{"contrechamp/linux-x11", read_x11},
    Reader{"contrechamp/linux-session", read_nothing},
    Reader{"contrechamp/linux-audio", read_sound},
    Reader{"contrechamp/linux-dbus", read_bus},
    Reader{"contrechamp/linux-portals", read_permissions},
    Reader{"contrechamp/linux-persistence", read_startup},
    Reader{"contrechamp/linux-logging", read_logging},
    Reader{"contrechamp/linux-kernel", read_modules},
    Reader{"contrechamp/linux-browsers", read_extensions},
    Reader{"contrechamp/linux-policies", read_policies},
    Reader{"contrechamp/linux-trust", read_trust},
    Reader{"contrechamp/linux-proxy", read_proxies},
    Reader{"contrechamp/linux-sockets", read_sockets},
    Reader{"contrechamp/linux-packages", read_packages},
    Reader{"contrechamp/linux-files", read_files},
    Reader{"contrechamp/linux-remote-access", read_remote_access},
};

constexpr std::array<std::string_view, 8> kRawTypes = {
    "chromium-preferences",  "chromium-policies", "firefox-extensions", "firefox-policies",
    "native-messaging-host", "x509-pem",          "x509-der",           "nss-cert9"};

bool reads(std::string_view type) {
    return std::find(kRawTypes.begin(), kRawTypes.end(), type) != kRawTypes.end() ||
           std::any_of(kReaders.begin(), kReaders.end(),
                       [&](const Reader& reader) { return reader.type == type; });
}

// What the collector said of its own looking, with what was found beneath it.
void cover(Context& context, const Record& record) {
    Coverage out;
    out.check = record.value["check"].string_or();
    out.host = context.host();
    out.fields = record.value["fields"].object_or_empty();
    flatten(out.fields);
    out.locator = context.locate(record);
    if (record.is == "looked") {
        out.state = context.found(out.check) ? CoverageState::present : CoverageState::absent;
    } else {
        out.state = record.value["state"].string_or() == "not-recorded" ? CoverageState::not_recorded
                                                                        : CoverageState::unreadable;
        out.reason = record.value["reason"].string_or();
    }
    if (!out.check.empty()) context.out().cover(std::move(out));
}

Status analyze(const ExhibitView& exhibit, const Knowledge& knowledge, Output& out) {
    const auto reader = std::find_if(kReaders.begin(), kReaders.end(),
                                     [&](const Reader& r) { return r.type == exhibit.type; });
    if (reader == kReaders.end()) {
        Context context(exhibit, knowledge, out, "");
        return read_raw(context, exhibit.type, exhibit.bytes);
    }
    const auto file = TRY(read_record_file(exhibit.bytes, exhibit.sha256));
    constexpr std::int64_t kKnownVersion = 1;
    if (file.version != kKnownVersion)
        return fail({"this exhibit is of another version than this program reads",
                     "cette pièce est d’une autre version que celle lue par ce programme"},
                    std::string(exhibit.sha256));
    Context context(exhibit, knowledge, out, std::string(file.header["host"].string_or()));
    context.packages_known = file.header["dpkg"].bool_or(false);
    for (const auto& record : file.records) add_row(context, record);
    reader->read(context, file);
    for (const auto& record : file.records)
        if (record.is == "looked" || record.is == "coverage") cover(context, record);
    // One defect is reported; the count says how many.
    if (!file.problems.empty()) {
        auto error = file.problems.front();
        if (file.problems.size() > 1) error.where += " (+" + std::to_string(file.problems.size() - 1) + ")";
        return tl::unexpected(std::move(error));
    }
    return {};
}

}  // namespace
}  // namespace host

const Analyzer& host_analyzer() {
    static const Analyzer analyzer{
        "host",
        "what watches this computer: programs, devices, settings, browsers, certificates",
        "ce qui surveille cet ordinateur : programmes, périphériques, réglages, navigateurs, certificats",
        host::tables(),
        host::reads,
        host::analyze};
    return analyzer;
}

}  // namespace contrechamp
