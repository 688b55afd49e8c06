// formats/linux_config.h: every parser on the same text. Lines they name are in the text, what they return is
// no longer than the text, and the same text gives the same.
#include <algorithm>
#include <set>

#include "formats/linux_config.h"
#include "fuzz.h"

using namespace contrechamp;

namespace {

class Meter {
  public:
    explicit Meter(std::string_view text)
        : text_(text), lines_(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1) {}
    void line(std::uint64_t number) const { CHECK(number >= 1 && number <= lines_); }
    void text(const std::string& text) { sum_ += text.size(); }
    // A joined line puts a space where the backslash was: never longer than what was read.
    void end(std::size_t factor = 1) {
        CHECK(sum_ <= factor * text_.size());
        sum_ = 0;
    }

  private:
    std::string_view text_;
    std::uint64_t lines_;
    std::size_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::view(data, size);
    Meter meter(text);
    std::set<std::string> sections;
    for (const auto& setting : config::parse_ini(text)) {
        meter.line(setting.line), meter.text(setting.key), meter.text(setting.value);
        CHECK(setting.key.find('=') == std::string::npos);
    }
    meter.end();
    for (const auto& setting : config::parse_keywords(text)) {
        meter.line(setting.line), meter.text(setting.key), meter.text(setting.value);
        CHECK(setting.key.find_first_of(" \t=") == std::string::npos);
    }
    meter.end();
    for (const bool with_user : {false, true}) {
        for (const auto& line : config::parse_crontab(text, with_user)) {
            meter.line(line.line), meter.text(line.command), meter.text(line.user), meter.text(line.schedule);
            CHECK(!line.command.empty() && !line.schedule.empty() && line.user.empty() == !with_user);
        }
        meter.end();
    }
    for (const auto& line : config::parse_pam(text)) {
        meter.line(line.line), meter.text(line.module), meter.text(line.control), meter.text(line.service);
        for (const auto& argument : line.arguments) meter.text(argument);
        CHECK(line.type == "auth" || line.type == "account" || line.type == "password" ||
              line.type == "session");
        CHECK(!line.module.empty());
    }
    meter.end();
    for (const auto& rule : config::parse_audit_rules(text)) {
        meter.line(rule.line);
        for (const auto& watched : rule.watched) meter.text(watched);
    }
    meter.end();
    for (const auto& logging : config::parse_sudoers(text)) {
        meter.line(logging.line);
        CHECK(logging.log_input || logging.log_output);
    }
    meter.end();
    for (const auto& line : config::parse_passwd(text))
        meter.line(line.line), meter.text(line.name), meter.text(line.home), meter.text(line.shell);
    meter.end();
    for (const auto& entry : config::parse_preload(text)) {
        meter.line(entry.line), meter.text(entry.library);
        CHECK(!entry.library.empty());
    }
    meter.end();
    for (const auto& hook : config::parse_shell_hooks(text)) {
        meter.line(hook.line);
        // Only words from fixed lists: nothing of the person's file is kept.
        CHECK(hook.hook == "PROMPT_COMMAND" || hook.hook == "trap-DEBUG" || hook.hook == "preexec" ||
              hook.hook == "script");
        static const std::set<std::string> kSends = {"logger", "curl",     "wget",     "nc",
                                                     "ncat",   "socat",    "/dev/tcp", "/dev/udp",
                                                     "script", "tlog-rec", "history"};
        for (const auto& send : hook.sends) CHECK(kSends.contains(send));
    }
    for (const auto& run : config::parse_udev(text)) meter.line(run.line), meter.text(run.command);
    meter.end();
    for (const auto& assignment : config::parse_assignments(text)) {
        meter.line(assignment.line), meter.text(assignment.name), meter.text(assignment.value);
        CHECK(!assignment.name.empty() &&
              std::all_of(assignment.name.begin(), assignment.name.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '_'; }));
    }
    meter.end();
    for (const auto& package : config::parse_dpkg_status(text)) {
        meter.line(package.line), meter.text(package.name), meter.text(package.version);
        CHECK(!package.name.empty());
    }
    meter.end();
    return 0;
}
