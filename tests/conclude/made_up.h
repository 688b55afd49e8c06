// Rules and observations made up for the tests of the rule engine.
#pragma once

#include <map>
#include <string>

#include "base/hash.h"
#include "conclude/conclude.h"
#include "kit/small_knowledge.h"

namespace contrechamp {

inline Knowledge small(std::map<std::string, std::string> files = testing::small_knowledge()) {
    const testing::TemporaryFolder folder;
    testing::put_knowledge(folder.path(), files);
    auto loaded = Knowledge::from_folders({folder.path()});
    EXPECT_OK(loaded);
    return std::move(*loaded);
}

inline Result<Rule> rule_from(const std::string& yaml) {
    const auto value = parse_yaml(yaml, "rule.yaml");
    EXPECT_OK(value);
    return Rule::from_json(*value);
}

// The texts every rule has.
inline constexpr const char* kTexts = R"(
title: {en: T, fr: T}
statement: {en: "{subject}", fr: "{subject}"}
question: {en: Q, fr: Q}
innocent: [{en: I, fr: I}]
)";

inline Rule rule(const std::string& yaml) {
    auto made = rule_from(yaml + kTexts);
    EXPECT_OK(made);
    return std::move(*made);
}

inline Observation see(std::string kind, std::string key, json::Object fields = {},
                       std::string about = "program", std::string host = "h") {
    Observation o{"test", std::move(kind), {std::move(about), std::move(host), key, key}, std::move(fields)};
    o.locator.exhibit = sha256_hex("");
    return o;
}

}  // namespace contrechamp
