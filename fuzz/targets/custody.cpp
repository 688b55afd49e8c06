// evidence/custody.h: a chain that holds goes on holding; a damaged one says where.
#include "evidence/custody.h"
#include "base/hash.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view(data, size);
    const auto log = read_custody_log(bytes);
    CHECK(log.whole_bytes <= bytes.size() && log.torn == (log.whole_bytes < bytes.size()));
    for (std::size_t i = 0; i < log.entries.size(); ++i)
        CHECK(log.entries[i].sequence == i && is_sha256(log.entries[i].hash));
    for (const auto& problem : log.problems)
        CHECK(problem.line >= 1 && problem.line <= log.entries.size() && !problem.what.en.empty() &&
              !problem.what.fr.empty());
    // Continued after the last whole line, it has no problem it did not have before.
    const std::string longer =
        std::string(bytes.substr(0, log.whole_bytes)) + next_log_line(log, "note", {{"text", "fuzz"}});
    const auto again = read_custody_log(longer);
    CHECK(again.entries.size() == log.entries.size() + 1 && again.problems.size() == log.problems.size() &&
          !again.torn);
    // Any change of a line that holds is seen, unless it is the last one.
    if (log.problems.empty() && log.entries.size() > 1) {
        std::string changed = longer;
        changed[changed.find('\n') / 2] ^= 1;
        CHECK(!read_custody_log(changed).problems.empty());
    }
    return 0;
}
