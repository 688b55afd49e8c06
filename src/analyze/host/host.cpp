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

// Names of checks and reasons, pseudonyms of machines: words that other programs take for such.
bool made_of(std::string_view text, std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}
bool is_name(std::string_view text) { return made_of(text, "abcdefghijklmnopqrstuvwxyz0123456789-"); }
bool is_pseudonym(std::string_view text) { return text.size() == 12 && made_of(text, "0123456789abcdef"); }

// What the collector said of its own looking, with what was found beneath it. False when it names no check.
bool cover(Context& context, const Record& record) {
    Coverage out;
    out.check = record.value["check"].string_or();
    if (!is_name(out.check)) return false;
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
        if (!is_name(out.reason)) out.reason = "no-reason";
    }
    context.out().cover(std::move(out));
    return true;
}

// One defect is reported; the count says how many.
Status first_of(std::vector<Error> problems) {
    if (problems.empty()) return {};
    auto error = std::move(problems.front());
    if (problems.size() > 1) error.where += " (+" + std::to_string(problems.size() - 1) + ")";
    return tl::unexpected(std::move(error));
}

Status analyze(const ExhibitView& exhibit, const Knowledge& knowledge, const Exhibits&, Output& out) {
    const auto reader = std::find_if(kReaders.begin(), kReaders.end(),
                                     [&](const Reader& r) { return r.type == exhibit.type; });
    if (reader == kReaders.end()) {
        Context context(exhibit, knowledge, out, "");
        TRY(read_raw(context, exhibit.type, exhibit.bytes));
        return first_of(context.defects());
    }
    auto file = TRY(read_record_file(exhibit.bytes, exhibit.sha256));
    constexpr std::int64_t kKnownVersion = 1;
    if (file.version != kKnownVersion)
        return fail({"this exhibit is of another version than this program reads",
                     "cette pièce est d’une autre version que celle lue par ce programme"},
                    std::string(exhibit.sha256));
    std::string pseudonym(file.header["host"].string_or());
    if (!is_pseudonym(pseudonym)) {
        file.problems.push_back({{"the first line does not name the machine by its pseudonym",
                                  "la première ligne ne nomme pas la machine par son pseudonyme"},
                                 std::string(exhibit.sha256) + ":1",
                                 {}});
        pseudonym.clear();
    }
    Context context(exhibit, knowledge, out, std::move(pseudonym));
    context.packages_known = file.header["dpkg"].bool_or(false);
    for (const auto& record : file.records) add_row(context, record);
    reader->read(context, file);
    for (const auto& record : file.records)
        if ((record.is == "looked" || record.is == "coverage") && !cover(context, record))
            file.problems.push_back(
                {{"this record names no check", "cet enregistrement ne nomme aucun contrôle"},
                 std::string(exhibit.sha256) + ":" + std::to_string(record.line),
                 {}});
    auto problems = file.problems;
    problems.insert(problems.end(), context.defects().begin(), context.defects().end());
    return first_of(std::move(problems));
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
