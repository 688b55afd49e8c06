// A case whose evidence is as rude as text can be, analysed with the program's own knowledge, and its
// report's model.
#pragma once

#include <memory>
#include <string>

#include "conclude/derive.h"
#include "evidence/case.h"
#include "formats/recognise.h"
#include "kit/temporary.h"
#include "report/model.h"

namespace contrechamp::testing {

// Ends a line, a tag, an attribute, a cell and a word; turns text round; calls itself a formula.
inline const std::string kRude =
    "=1+1\x1b[2J\r\n</td><script>alert(1)</script>\"'&amp;,;\t\u202e\u2028\u200b\u0085\xc2\x9b{{x}} |";

struct HostileCase {
    TemporaryFolder folder;
    std::unique_ptr<Knowledge> knowledge;
    std::unique_ptr<Case> opened;
    ReportModel model;

    HostileCase() {
        auto loaded = Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in");
        EXPECT_OK(loaded);
        knowledge = std::make_unique<Knowledge>(std::move(*loaded));
        auto made = Case::create(folder / "case");
        EXPECT_OK(made);
        opened = std::make_unique<Case>(std::move(*made));
        add("processes", processes());
        add("files", {json::Object{{"is", "package"}, {"package", kRude}, {"manager", "dpkg"}}});
        add("audio",
            {json::Object{{"is", "recorder"}, {"binary", kRude}, {"source", kRude}, {"monitor", true}}});
        add("logging", {json::Object{{"is", "preload"},
                                     {"library", "/opt/" + kRude},
                                     {"programs", 3},
                                     {"of", 9},
                                     {"source", json::Object{{"path", "/etc/" + kRude}, {"line", 1}}}},
                        not_looked("audit-rules", "root-only-file", {{"path", kRude}})});
        add("browsers", {json::Object{{"is", "extension"},
                                      {"extension", kRude},
                                      {"name", kRude},
                                      {"came", "policy"},
                                      {"enabled", true},
                                      {"all_sites", true},
                                      {"browser", kRude},
                                      {"profile", kRude},
                                      {"permissions", json::Array{"desktopCapture", kRude}}}});
        add("packages",
            {json::Object{{"is", "package"}, {"package", "snoopy"}, {"manager", "dpkg"}, {"version", kRude}},
             json::Object{{"is", "package"}, {"package", "orca"}, {"manager", "dpkg"}}});
        EXPECT_OK(analyze_case(*opened, *knowledge));
        const auto index = index_of(*opened);
        EXPECT_OK(index);
        auto built = build_report(*opened, *index, *knowledge);
        EXPECT_OK(built);
        model = std::move(*built);
    }

  private:
    static json::Object not_looked(const char* check, const char* reason, json::Object fields) {
        return {{"is", "coverage"},
                {"check", check},
                {"state", "unreadable"},
                {"reason", reason},
                {"fields", std::move(fields)}};
    }
    static std::vector<json::Object> processes() {
        std::vector<json::Object> out;
        std::int64_t pid = 100;
        for (const char* device : {"video", "input-events", "uinput", "sound-capture"})
            out.push_back(
                {{"is", "process"},
                 {"pid", ++pid},
                 {"user", "self"},
                 {"name", kRude},
                 {"exe", "/opt/" + std::to_string(pid) + kRude},
                 {"descriptors", true},
                 {"devices", json::Array{json::Object{{"kind", device}, {"path", kRude}, {"reads", true}}}}});
        out.push_back(
            {{"is", "looked"}, {"check", "video-devices"}, {"fields", json::Object{{"programs", kRude}}}});
        return out;
    }
    void add(const std::string& collector, const std::vector<json::Object>& records) {
        std::string bytes = json::canonical(json::Object{{"contrechamp", "linux-" + collector},
                                                         {"version", 1},
                                                         {"host", "0123456789ab"},
                                                         {"dpkg", true}}) +
                            "\n";
        for (const auto& record : records) bytes += json::canonical(record) + "\n";
        bytes += json::canonical(json::Object{{"is", "end"}, {"records", records.size()}}) + "\n";
        Exhibit about;
        about.type = recognise(bytes);
        about.origin = kRude;
        about.collector = "add";
        about.note = kRude;
        EXPECT_OK(opened->add_bytes(bytes, about));
    }
};

}  // namespace contrechamp::testing
