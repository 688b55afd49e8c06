// Rules: YAML (docs/schema/rules.md) over observations, in the spirit of Sigma. A rule says which
// observations of one subject, how many of how many independent kinds, what strength follows, and in two
// languages what to say, what innocent reason there may be and what to ask.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "evidence/finding.h"
#include "evidence/observation.h"

namespace contrechamp {

// One test on a field: passes when the field's value, or any item of it when it is a list, is among `values`
// (`negate`: when none is). `at_least` compares integers; `some` asks that it be there and not empty.
struct FieldTest {
    std::string field;  // "kind", "basis" or "subject.key" address the observation itself
    std::vector<json::Value> values;
    bool negate = false;
    std::optional<std::int64_t> at_least;
    bool some = false;

    bool passes(const Observation& observation) const;
};

// A named set of observations.
struct Pattern {
    std::string name;
    std::vector<std::string> kinds;  // exact, or a prefix ending in ".*"
    std::vector<FieldTest> where;
    bool whole_host = false;  // any subject of the same machine, instead of the same subject

    bool matches(const Observation& observation) const;
};

// A condition over pattern sets.
struct Condition {
    enum class Kind { all, any, count };
    Kind kind = Kind::count;
    std::vector<Condition> parts;       // all, any
    std::vector<std::string> patterns;  // count: over these sets together
    std::int64_t at_least = 1;
    std::optional<std::int64_t> at_most;
    std::string distinct;  // count distinct values of this field ("kind" for independent kinds)
};

struct Rule {
    std::string id, about;
    std::vector<Pattern> patterns;
    std::optional<Condition> finding, lead;
    std::optional<Strength> strength;
    std::string highest_of;  // a pattern whose observations carry a field "strength": the strongest counts
    std::vector<std::string> capabilities;
    std::string capabilities_from;  // a pattern whose field "capabilities" lists them, or "product"
    bool names_product =
        false;            // a match names the subject as a product, and what carries its marks as its own
    bool silent = false;  // names the product and says nothing
    bool never_managed = false;  // what it says stands whatever the class of the product
    // By the class of the product that the subject is or belongs to; an unknown product is of no class ("").
    std::vector<std::string> only_classes, except_classes;
    Text title, statement, question;
    Text lead_title, lead_statement;  // said instead when it is only a lead; may be empty
    std::vector<Text> innocent;
    json::Array tests;

    static Result<Rule> from_json(const json::Value& value);
    const Pattern* pattern(std::string_view name) const;
};

}  // namespace contrechamp
