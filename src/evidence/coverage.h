// Coverage says, for each check, whether anything could be seen at all. "I could not look" is never "nothing
// there".
#pragma once

#include <string>

#include "evidence/observation.h"

namespace contrechamp {

enum class CoverageState {
    present,       // looked, and something is there (what it is, the observations say)
    absent,        // looked, and nothing is there
    not_recorded,  // this system keeps no such trace: looking cannot tell
    unreadable,    // a trace may exist and could not be read: `reason` says why and what would help
};
std::string_view to_string(CoverageState state);

// A check may have several rows: "absent" for one's own programs and "unreadable" for other people's.
struct Coverage {
    std::string analyzer;
    std::string check;  // an id of knowledge/checks.yaml
    std::string host;
    CoverageState state = CoverageState::absent;
    std::string reason = {};   // an id of knowledge/checks.yaml's reasons; empty when the state says it all
    json::Object fields = {};  // what the reason's sentence needs: counts, paths
    Locator locator = {};      // the bytes that carry this

    json::Value to_json() const;
    std::string id() const;
    static Result<Coverage> from_json(const json::Value& value);
};

}  // namespace contrechamp
