// conclude/rule.h: rules come from knowledge folders and from the bundle inside a case.
#include "conclude/rule.h"
#include "fuzz.h"

using namespace contrechamp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = json::parse(fuzz::view(data, size), "fuzz");
    if (!value) return 0;
    const auto rule = Rule::from_json(*value);
    if (!rule) {
        CHECK(!rule.error().what.en.empty() && !rule.error().what.fr.empty());
        return 0;
    }
    CHECK(!rule->about.empty() && !rule->patterns.empty() && (rule->finding || rule->lead));
    Observation observation;
    observation.analyzer = "host";
    observation.kind = "x11.records-input";
    observation.subject = {"program", "", "/usr/bin/x11vnc", "x11vnc"};
    observation.fields = {{"pid", 12},
                          {"specific", true},
                          {"class", "monitoring"},
                          {"literals", json::strings({"x11grab", "pulse"})}};
    for (const auto& pattern : rule->patterns) {
        const bool matches = pattern.matches(observation);
        CHECK(pattern.matches(observation) == matches && rule->pattern(pattern.name));
    }
    return 0;
}
