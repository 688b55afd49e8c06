// What a file is, from its content alone: names and extensions lie.
#pragma once

#include <string>
#include <string_view>

namespace contrechamp {

// A short stable id, e.g. "contrechamp/linux-processes", "chromium-preferences", "pcapng",
// "windows-registry-hive". "unknown" when nothing fits. Looks at no more than it needs; any bytes are safe.
std::string recognise(std::string_view bytes);

}  // namespace contrechamp
