// collect/linux/reduce.h: the privacy core. The input is exe NUL working directory NUL argument NUL argument
// …; byte 1 in it stands for a planted secret. No secret comes out but as (part of) a name that may be kept
// by design: a script's own name below a system folder, a Python module's name.
#include <algorithm>

#include "collect/linux/reduce.h"
#include "fuzz.h"

using namespace contrechamp;
using namespace contrechamp::linux_machine;

namespace {

constexpr std::string_view kWord = "Zq7Xs3cr3tK9";               // looks like a name
constexpr std::string_view kPhrase = "Zq7 (s3cr3t), \xc3\xa9!";  // does not: may come out nowhere at all

std::string plant(std::string text, std::string_view secret) {
    std::string out;
    for (char c : text) c == '\1' ? out += secret : out += c;
    return out;
}

bool plain_option(const std::string& option) {
    if (option.starts_with("--"))
        return option.size() <= 32 && option.size() > 2 &&
               std::all_of(option.begin() + 2, option.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    return option.size() == 2 && option[0] == '-' && std::isalpha(static_cast<unsigned char>(option[1]));
}

void check_command(const std::vector<std::string>& parts) {
    const auto reduced = reduce_command(parts[0], {parts.begin() + 2, parts.end()}, parts[1]);
    for (const auto& option : reduced.options) CHECK(plain_option(option));
    for (const auto& literal : reduced.literals) CHECK(allowed_literals().contains(literal));
    CHECK(reduced.options.size() + reduced.literals.size() <= 2 * parts.size());
    CHECK(!(reduced.script_hidden && !reduced.script.empty()));
    const auto& script = reduced.script;
    if (!script.empty()) {
        CHECK(is_interpreter(parts[0]));
        const bool module = script.starts_with("module:");
        CHECK(module || is_system_path(script));
        if (module)
            CHECK(script.size() <= 47 &&
                  script.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._",
                                           7) == std::string::npos);
        CHECK(script.find(kPhrase) == std::string::npos);
        CHECK(script.find_first_of(" \t\n\r\"'`$;|&<>(){}*?\\=,!") ==
              std::string::npos);  // a path, not a piece of program text
    }
    const auto again = reduce_command(parts[0], {parts.begin() + 2, parts.end()}, parts[1]);
    CHECK(again.options == reduced.options && again.literals == reduced.literals && again.script == script);
}

void check_url(const std::vector<std::string>& parts) {
    for (const std::string& prefix : {parts[0] + "://", std::string()}) {
        const std::string url = prefix + parts[1] + ":" + std::string(kWord) + "@" + parts[2] + "/" +
                                std::string(kWord) + "?" + std::string(kWord);
        // An address whose user part holds a slash has no user part: what stands before the slash is the
        // host.
        if (prefix.empty() && url.find("://") != std::string::npos) continue;
        const auto endpoint = reduce_url(url);
        if (!endpoint) continue;
        CHECK(endpoint->host.find(kWord) == std::string::npos || parts[2].find(kWord) != std::string::npos);
        CHECK(endpoint->scheme.find(kWord) == std::string::npos || parts[0].find(kWord) != std::string::npos);
        CHECK(!endpoint->host.empty() && endpoint->host.size() <= 253 && endpoint->port >= 0 &&
              endpoint->port <= 65535 && endpoint->scheme.size() <= 16);
        CHECK(endpoint->host.find_first_of("/?#@ \t\r\n\"'<>") == std::string::npos);
    }
}

void check_split(const std::string& text) {
    const auto line = split_command(text);
    std::size_t together = line.program.size();
    for (const auto& argument : line.arguments) together += argument.size();
    CHECK(together <= text.size());
    if (line.program.empty()) CHECK(line.arguments.empty());
    // A setting before the command changes nothing: NAME=SECRET, however it is quoted or made.
    const std::string word(kWord), phrase(kPhrase);
    for (const auto& start : {"NAME=" + word + " ", "NAME='" + phrase + "' ", "NAME=\"" + phrase + "\" ",
                              "NAME=$(tool " + word + ") ", "NAME=`tool " + word + "` "})
        CHECK(split_command(start + text).program == line.program &&
              split_command(start + text).arguments == line.arguments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::string(fuzz::view(data, size));
    for (const auto secret : {kWord, kPhrase}) {
        const auto parts = fuzz::pieces(plant(input, secret), 3);
        check_command(parts);
    }
    check_url(fuzz::pieces(input, 3));
    check_split(input);
    return 0;
}
