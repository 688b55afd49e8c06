// Whether the files and folders that known products leave are there. Only paths the knowledge names are
// looked up; nothing is opened.
#include "collect/linux/collectors.h"
#include "knowledge/knowledge.h"

namespace contrechamp::linux_machine {
namespace {

// The paths a pattern stands for. Only the last part may hold a `*`.
std::vector<fs::path> expand(const fs::path& pattern) {
    std::error_code error;
    const std::string name = pattern.filename().string();
    if (name.find_first_of("*?") == std::string::npos) {
        if (fs::exists(pattern, error)) return {pattern};
        return {};
    }
    std::vector<fs::path> out;
    for (fs::directory_iterator it(pattern.parent_path(), error), end; !error && it != end;
         it.increment(error))
        if (glob_match(name, it->path().filename().string())) out.push_back(it->path());
    return out;
}

}  // namespace

void collect_files(const Machine& machine, RecordWriter& out) {
    std::int64_t looked = 0;
    for (const auto& known : machine.known_paths) {
        std::vector<fs::path> patterns;
        if (known.starts_with("~/"))
            for (const auto& person : machine.people) patterns.push_back(person.home / known.substr(2));
        else patterns.push_back(known);
        for (auto& pattern : patterns) {
            ++looked;
            if (pattern.filename().empty()) pattern = pattern.parent_path();  // "/opt/x/" names a folder
            for (const auto& path : expand(pattern)) {
                std::error_code error;
                json::Object record{{"known", known}, {"folder", fs::is_directory(path, error)}};
                record["source"] = source_of(machine, path, 0);
                out.add("file", std::move(record));
                break;  // one is enough: what else is there is nobody's business
            }
        }
    }
    out.looked("known-files", {{"paths", looked}});
    leave_others(machine, "known-files", out);
}

}  // namespace contrechamp::linux_machine
