// A finding is a conclusion that a rule draws from observations: what, how strongly, what innocent reason
// there could be, and what to ask. A lead is what a rule matched too weakly to conclude: shown as such, never
// as a finding.
#pragma once

#include <string>
#include <vector>

#include "evidence/observation.h"

namespace contrechamp {

// From strongest to weakest; the order is meaningful.
enum class Strength {
    observed,    // seen acting
    used,        // the system recorded a use, with a time
    granted,     // permitted
    configured,  // set to run
    installed,   // files present
    contacted,   // traffic only
};
std::string_view to_string(Strength strength);
Result<Strength> strength_from(std::string_view text);
// The stronger of two.
inline Strength stronger(Strength a, Strength b) { return a < b ? a : b; }

struct FindingCapability {
    std::string id;      // knowledge/capabilities.yaml
    std::string status;  // how we know: "seen" (this machine shows it), else the product's documented status
    bool operator==(const FindingCapability&) const = default;
};

struct Finding {
    std::string rule;
    bool lead = false;
    Subject subject;
    Strength strength = Strength::installed;
    std::string product = {};  // knowledge id, when the subject is or belongs to a named product
    std::string product_class =
        {};                // monitoring, remote-control, edr, mdm, assistive, …; empty: no known product
    bool managed = false;  // said apart, as "not evidence of watching": by its class, unless the rule insists
    std::vector<FindingCapability> capabilities = {};
    Text statement;
    std::vector<Text> innocent = {};
    Text question;
    std::vector<std::string> observations;  // ids, sorted

    json::Value to_json() const;
    std::string id() const;
    static Result<Finding> from_json(const json::Value& value);
};

json::Value to_json(const Text& text);
Text text_from(const json::Value& value);

}  // namespace contrechamp
