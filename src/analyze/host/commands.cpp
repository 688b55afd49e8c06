// What records typed commands and sessions.
#include "analyze/host/context.h"

namespace contrechamp::host {

void read_logging(Context& context, const RecordFile& file) {
    for (const auto& record : file.records) {
        const auto& value = record.value;
        const auto locator = context.locate(record);
        const auto from_source = [&] {
            json::Object out;
            for (const char* name : {"path", "line", "package"})
                if (!value["source"][name].is_null())
                    out[name == std::string_view("package") ? "source_package" : name] =
                        value["source"][name];
            return out;
        };
        if (record.is == "preload") {
            const std::string library(value["library"].string_or());
            const auto subject = context.subject("library", library, library.substr(library.rfind('/') + 1));
            json::Object fields = from_source();
            fields["programs"] = value["programs"];
            fields["of"] = value["of"];
            if (!value["package"].is_null()) fields["package"] = value["package"];
            context.observe("system-preload", "preload.system", subject, std::move(fields), locator);
            const bool mapped = value["programs"].int_or(0) > 0;
            context.marks("system-preload", linux_marks(context.knowledge, "path", library),
                          {"preload", true, false, mapped ? Strength::observed : Strength::configured},
                          subject, locator);
            if (const auto package = value["package"].string_or(); !package.empty())
                context.marks("system-preload", linux_marks(context.knowledge, "package", package, "dpkg"),
                              {"preload", true, false, mapped ? Strength::observed : Strength::configured},
                              subject, locator);
        } else if (record.is == "pam") {
            const std::string module(value["module"].string_or());
            json::Object fields = from_source();
            for (const char* name : {"service", "enables", "everybody", "passwords", "program"})
                if (!value[name].is_null()) fields[name] = value[name];
            if (module == "pam_tty_audit.so" && value["enables"].bool_or(false))
                context.observe("login-logging", "login.records-typing",
                                context.subject("setting", "pam_tty_audit", "pam_tty_audit"),
                                std::move(fields), locator);
            else if (module == "pam_exec.so" || module == "pam_script.so")
                context.observe("login-logging", "login.runs-program",
                                context.subject("setting", module, module), std::move(fields), locator);
        } else if (record.is == "audit-rule") {
            if (value["commands"].bool_or(false))
                context.observe("audit-rules", "audit.logs-commands",
                                context.subject("setting", "audit", "audit rules"), from_source(), locator);
            if (value["watches_homes"].int_or(0) > 0)
                context.observe("audit-rules", "audit.watches-homes",
                                context.subject("setting", "audit", "audit rules"), from_source(), locator);
        } else if (record.is == "sudo-log") {
            json::Object fields = from_source();
            fields["input"] = value["input"];
            fields["output"] = value["output"];
            context.observe("sudo-logging", "sudo.records-sessions",
                            context.subject("setting", "sudo", "sudo"), std::move(fields), locator);
        } else if (record.is == "shell") {
            const std::string shell(value["shell"].string_or());
            json::Object fields = from_source();
            fields["accounts"] = value["accounts"];
            fields["self"] = value["self"];
            const auto marks = linux_marks(context.knowledge, "path", shell);
            // Only shells that the knowledge knows as recorders matter; everybody has some shell.
            bool recorder = false;
            for (const auto& mark : marks)
                for (const auto& capability : mark.product->capabilities)
                    recorder |= capability.id == "terminal-recording" || capability.id == "command-logging";
            if (!recorder) continue;
            const auto subject = context.subject("program", shell, shell.substr(shell.rfind('/') + 1));
            context.observe("recorded-shells", "login.recording-shell", subject, std::move(fields), locator);
            context.marks("recorded-shells", marks, {"login-shell", true, false, Strength::configured},
                          subject, locator);
        } else if (record.is == "tlog-settings") {
            if (value["input"].bool_or(false))
                context.observe("recorded-shells", "login.recorder-keeps-typing",
                                context.subject("product", "tlog", "tlog"), from_source(), locator);
        } else if (record.is == "shell-hook") {
            json::Object fields = from_source();
            fields["hook"] = value["hook"];
            fields["sends"] = value["sends"];
            const std::string path(value["source"]["path"].string_or());
            const bool personal = value["personal"].bool_or(false),
                       packaged = !value["source"]["package"].is_null();
            // A person's own prompt, and the terminal's own from its package, watch nobody.
            if (!personal && !packaged)
                context.observe("shell-hooks", "shell.hooks-commands", context.subject("setting", path, path),
                                std::move(fields), locator);
        }
    }
}

}  // namespace contrechamp::host
