// What is set to start, what is installed, what is left on disk.
#include "analyze/host/context.h"
#include "formats/proc.h"

namespace contrechamp::host {

void read_startup(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        const auto& value = record.value;
        const auto locator = context.locate(record);
        if (record.is == "unit") {
            const std::string name(value["unit"].string_or());
            const bool runs = value["enabled"].bool_or(false) && !value["masked"].bool_or(false);
            const auto unit = context.subject("unit", name, name);
            context.marks("autostart", linux_marks(context.knowledge, "unit", name),
                          {"unit", true, false, runs ? Strength::configured : Strength::installed}, unit,
                          locator);
        } else if (record.is == "autostart") {
            const std::string name(value["entry"].string_or());
            const bool runs = !value["disabled"].bool_or(false);
            context.marks("autostart", linux_marks(context.knowledge, "autostart", name),
                          {"autostart", false, false, runs ? Strength::configured : Strength::installed},
                          context.subject("autostart", name, name), locator);
        }
        if (record.is != "unit" && record.is != "autostart" && record.is != "cron" && record.is != "udev-run")
            continue;
        const bool off = value["disabled"].bool_or(false) || value["masked"].bool_or(false) ||
                         (record.is == "unit" && !value["enabled"].bool_or(false));
        for (const auto& program :
             record.is == "unit" ? value["programs"].array_or_empty() : json::Array{value}) {
            const std::string path(program["program"].string_or());
            const auto subject = context.subject("program", path, path.substr(path.rfind('/') + 1));
            // An entry that runs a known capture back end is worth a look, whatever it is called.
            if (const auto& literals = program["literals"].array_or_empty(); !literals.empty())
                context.observe(
                    "autostart", "startup.capture-option", subject,
                    {{"literals", literals}, {"as", record.is}, {"path", value["source"]["path"]}}, locator);
            // On a system whose files come from packages, a program of none is worth a question; more is not
            // said.
            if (!off && context.packages_known && path.starts_with('/') && program["package"].is_null() &&
                !program["missing"].bool_or(false))
                context.observe("autostart", "startup.unpackaged", subject,
                                {{"as", record.is}, {"path", value["source"]["path"]}}, locator);
        }
    }
}

void read_packages(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        const auto& value = record.value;
        if (record.is == "package") {
            const std::string name(value["package"].string_or());
            context.marks("packages",
                          linux_marks(context.knowledge, "package", name, value["manager"].string_or()),
                          {"package", true, false, Strength::installed},
                          context.subject("package", name, name), context.locate(record));
        }
    }
}

void read_files(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is != "file") continue;
        const std::string known(record.value["known"].string_or()),
            path(record.value["source"]["path"].string_or());
        std::vector<Mark> marks;
        // The record names the knowledge's own pattern, so it is found by equality.
        for (const auto& product : context.knowledge.products())
            for (const auto& indicator : product.indicators)
                if (indicator.type == "path" && indicator.value == known)
                    marks.push_back({&product, &indicator});
        context.marks("known-files", marks, {"file", true, false, Strength::installed},
                      context.subject("file", path, path), context.locate(record));
    }
}

void read_modules(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        if (record.is == "bpf-program" && proc::bpf_type_traces(record.value["type"].string_or())) {
            const std::string name(record.value["name"].string_or());
            context.observe("kernel-programs", "kernel.tracing-program",
                            context.subject("kernel-program", name, name.empty() ? "(unnamed)" : name),
                            {{"type", record.value["type"]}}, context.locate(record));
        }
        if (record.is != "module") continue;
        const std::string name(record.value["module"].string_or());
        context.marks("kernel-modules", linux_marks(context.knowledge, "kernel-module", name),
                      {"kernel-module", true, false, Strength::configured},
                      context.subject("kernel-module", name, name), context.locate(record));
    }
}

}  // namespace contrechamp::host
