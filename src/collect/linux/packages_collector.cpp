// Installed software: Debian packages, flatpaks, snaps, and AppImages that run. Names and versions only.
#include <algorithm>

#include "collect/linux/collectors.h"
#include "formats/linux_config.h"

namespace contrechamp::linux_machine {
namespace {

constexpr std::string_view kCheck = "packages";

void add(RecordWriter& out, std::string_view manager, std::string_view name, std::string_view version,
         std::string_view scope, std::int64_t& count) {
    json::Object record{{"manager", manager}, {"scope", scope}};
    put_text(record, "package", name);
    put_text(record, "version", version);
    out.add("package", std::move(record));
    ++count;
}

void folders_as_packages(const fs::path& folder, std::string_view manager, std::string_view scope,
                         RecordWriter& out, std::int64_t& count) {
    std::error_code error;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        std::error_code ignored;
        if (entry.is_directory(ignored) && entry.path().filename() != "bin")
            names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const auto& name : names) add(out, manager, name, "", scope, count);
}

}  // namespace

void collect_packages(const Machine& machine, RecordWriter& out) {
    std::int64_t count = 0;
    if (const auto status = read_config("/var/lib/dpkg/status", kCheck, out)) {
        for (const auto& package : config::parse_dpkg_status(*status))
            add(out, "dpkg", package.name, package.version, "system", count);
    } else if (!machine.packages.present()) {
        out.not_looked(kCheck, "not-recorded", "no-dpkg");
    }
    folders_as_packages("/var/lib/flatpak/app", "flatpak", "system", out, count);
    folders_as_packages("/snap", "snap", "system", out, count);
    for (const auto& person : machine.people)
        folders_as_packages(person.home / ".local/share/flatpak/app", "flatpak", "personal", out, count);
    for (const auto& [pid, process] : machine.processes) {
        const bool appimage = process.exe.starts_with("/tmp/.mount_") ||
                              std::find(process.environment.begin(), process.environment.end(), "APPIMAGE") !=
                                  process.environment.end();
        if (!appimage) continue;
        out.add("appimage", {{"process", machine.identity(pid)}});
        ++count;
    }
    out.looked(kCheck, {{"packages", count}});
}

}  // namespace contrechamp::linux_machine
