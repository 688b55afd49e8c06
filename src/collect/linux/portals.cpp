// What applications were permitted through the desktop's portals, from the permission store's files
// (~/.local/share/flatpak/db). Applications without a sandbox appear under an empty name.
#include <array>

#include "collect/linux/collectors.h"
#include "formats/gvdb.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "portal-permissions";
constexpr std::array<std::string_view, 6> kTables = {"screencast", "remote-desktop", "devices",
                                                     "screenshot", "location",       "background"};

// Table "main" of the store maps an id (the device, or a restore token) to applications and their
// permissions.
void look_at(const Machine& machine, const fs::path& path, std::string_view table, RecordWriter& out,
             std::int64_t& rows) {
    const auto bytes = read_config(path, kCheck, out);
    if (!bytes) return;
    const auto unreadable = [&] {
        json::Object fields;
        put_text(fields, "path", machine.shown_path(path.string()));
        out.not_looked(kCheck, "unreadable", "damaged-file", std::move(fields));
    };
    const auto root = gvdb::read_root(*bytes, path.string());
    if (!root) return unreadable();
    for (const auto& item : *root) {
        if (item.key != "main") continue;
        const auto entries = gvdb::read_table(*bytes, item, path.string());
        if (!entries) return unreadable();
        for (const auto& entry : *entries) {
            // The id may be a secret token; what it is for is the table's name, and for devices the device.
            const std::string about = table == "devices" ? entry.key : "";
            for (const auto& permission : gvdb::permissions(*bytes, entry)) {
                json::Object record{{"table", table}};
                put_text(record, "device", about);
                put_text(record, "application", permission.application);
                json::Array words;
                for (const auto& word : permission.permissions)
                    if (word == "yes" || word == "no" || word == "ask") words.emplace_back(word);
                record["permissions"] = std::move(words);
                record["source"] = source_of(machine, path, 0);
                out.add("permission", std::move(record));
                ++rows;
            }
        }
        break;  // a look-up in the store finds the first
    }
}

}  // namespace

void collect_portals(const Machine& machine, RecordWriter& out) {
    std::int64_t rows = 0;
    bool store = false;
    for (const auto& person : machine.people) {
        const fs::path folder = person.home / ".local/share/flatpak/db";
        std::error_code error;
        if (!fs::is_directory(folder, error)) continue;
        store = true;
        for (auto table : kTables) look_at(machine, folder / table, table, out, rows);
    }
    if (store) out.looked(kCheck, {{"permissions", rows}});
    else out.not_looked(kCheck, "not-recorded", "no-portal-store");
    leave_others(machine, kCheck, out);
}

}  // namespace contrechamp::linux_machine
