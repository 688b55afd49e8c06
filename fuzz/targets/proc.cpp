// formats/proc.h: every parser on the same text.
#include <arpa/inet.h>

#include <algorithm>

#include "formats/proc.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::view(data, size);
    if (const auto stat = proc::parse_stat(text)) {
        CHECK(text.find("(" + stat->comm + ")") != std::string_view::npos);
        stat->kernel_thread();
    }
    proc::parse_status(text);

    std::size_t together = 0;
    const auto parts = proc::split_nul(text);
    for (const auto& part : parts) {
        CHECK(part.find('\0') == std::string::npos);
        together += part.size() + 1;
    }
    CHECK(together == text.size() + (text.empty() || text.back() == '\0' ? 0 : 1));

    const auto unit = proc::unit_of_cgroup(text);
    CHECK(unit.empty() || unit.ends_with(".service") || unit.ends_with(".scope"));
    CHECK(unit.find_first_of("/\n:") == std::string::npos && text.find(unit) != std::string_view::npos);
    if (const auto type = proc::field(text, "prog_type")) {
        const auto name = proc::bpf_program_type(*type);
        CHECK(!name.empty());
        proc::bpf_type_traces(name);
    }
    const auto files = proc::mapped_files(text);
    CHECK(std::is_sorted(files.begin(), files.end()) &&
          std::adjacent_find(files.begin(), files.end()) == files.end());
    for (const auto& file : files) CHECK(file.starts_with('/') && text.find(file) != std::string_view::npos);

    for (const auto& socket : proc::parse_sockets(text)) {
        CHECK(fuzz::inside(text, socket.offset, socket.length) &&
              text.substr(socket.offset, socket.length).find('\n') == std::string_view::npos);
        CHECK(socket.local_port >= 0 && socket.local_port <= 65535 && socket.remote_port >= 0 &&
              socket.remote_port <= 65535);
        in6_addr address{};
        for (const auto* end : {&socket.local, &socket.remote})
            CHECK(inet_pton(AF_INET, end->c_str(), &address) == 1 ||
                  inet_pton(AF_INET6, end->c_str(), &address) == 1);
    }
    for (const auto& module : proc::parse_modules(text))
        CHECK(!module.name.empty() && module.name.find_first_of(" \t\n") == std::string::npos);
    for (const auto& [event, kind] : proc::input_devices(text))
        CHECK(kind == "keyboard" || kind == "pointer" || kind == "other");
    CHECK(proc::parse_shared_segments(text).size() <= text.size());
    return 0;
}
