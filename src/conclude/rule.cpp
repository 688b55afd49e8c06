#include "conclude/rule.h"

#include <algorithm>

namespace contrechamp {
namespace {

tl::unexpected<Error> bad(const std::string& rule, const std::string& en, const std::string& fr) {
    return fail({en, fr}, "rules/" + rule + ".yaml");
}

std::vector<std::string> words(const json::Value& value) {
    if (const auto* one = value.if_string()) return {*one};
    std::vector<std::string> out;
    for (const auto& item : value.array_or_empty()) out.emplace_back(item.string_or());
    return out;
}

std::vector<json::Value> values(const json::Value& value) {
    if (const auto* list = value.if_array()) return *list;
    return {value};
}

Result<Pattern> read_pattern(const std::string& rule, const std::string& name, const json::Value& value) {
    Pattern out;
    out.name = name;
    out.kinds = words(value["kind"]);
    out.whole_host = value["scope"].string_or() == "host";
    if (out.kinds.empty())
        return bad(rule, "pattern " + name + " names no kind", "le motif " + name + " ne nomme aucun genre");
    for (const auto& [field, wanted] : value["where"].object_or_empty()) {
        FieldTest test;
        test.field = field;
        if (wanted.if_object()) {
            if (!wanted["not"].is_null()) {
                test.negate = true;
                test.values = values(wanted["not"]);
            } else if (const auto* least = wanted["at_least"].if_int()) {
                test.at_least = *least;
            } else if (wanted["some"].bool_or(false)) {
                test.some = true;
            } else {
                return bad(rule, "field " + field + ": only not, at_least and some",
                           "champ " + field + " : seulement not, at_least et some");
            }
        } else {
            test.values = values(wanted);
        }
        out.where.push_back(std::move(test));
    }
    return out;
}

Result<Condition> read_condition(const Rule& rule, const json::Value& value) {
    Condition out;
    for (auto [name, kind] :
         {std::pair{"all", Condition::Kind::all}, std::pair{"any", Condition::Kind::any}}) {
        if (!value[name].if_array()) continue;
        out.kind = kind;
        for (const auto& part : value[name].array_or_empty())
            out.parts.push_back(TRY(read_condition(rule, part)));
        return out;
    }
    out.patterns = words(value["of"]);
    if (const auto* most = value["at_most"].if_int()) out.at_most = *most;
    out.at_least = value["at_least"].int_or(out.at_most ? 0 : 1);
    out.distinct = value["distinct"].string_or();
    if (out.patterns.empty())
        return bad(rule.id, "a condition names no pattern", "une condition ne nomme aucun motif");
    for (const auto& name : out.patterns)
        if (!rule.pattern(name)) return bad(rule.id, "unknown pattern " + name, "motif inconnu " + name);
    return out;
}

Text read_text(const json::Value& value) { return typeset(text_from(value)); }

}  // namespace

bool FieldTest::passes(const Observation& observation) const {
    json::Value own;
    const json::Value* value = &own;
    if (field == "kind") own = observation.kind;
    else if (field == "basis") own = to_string(observation.basis);
    else if (field == "subject.key") own = observation.subject.key;
    else if (const auto it = observation.fields.find(field); it != observation.fields.end())
        value = &it->second;
    if (at_least) return value->int_or(INT64_MIN) >= *at_least;
    if (some)
        return value->if_array() ? !value->if_array()->empty()
                                 : !value->is_null() && !(value->if_string() && value->if_string()->empty());
    const auto among = [&](const json::Value& item) {
        return std::find(values.begin(), values.end(), item) != values.end();
    };
    const bool found = value->if_array()
                           ? std::any_of(value->if_array()->begin(), value->if_array()->end(), among)
                           : among(*value);
    return found != negate;
}

bool Pattern::matches(const Observation& observation) const {
    const bool kind_fits = std::any_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
        if (kind.ends_with(".*"))
            return observation.kind.starts_with(std::string_view(kind).substr(0, kind.size() - 1));
        return observation.kind == kind;
    });
    return kind_fits && std::all_of(where.begin(), where.end(),
                                    [&](const FieldTest& test) { return test.passes(observation); });
}

const Pattern* Rule::pattern(std::string_view name) const {
    const auto it =
        std::find_if(patterns.begin(), patterns.end(), [&](const Pattern& p) { return p.name == name; });
    return it == patterns.end() ? nullptr : &*it;
}

Result<Rule> Rule::from_json(const json::Value& value) {
    Rule out;
    out.id = value["id"].string_or();
    out.about = value["about"].string_or();
    for (const auto& [name, pattern] : value["observe"].object_or_empty())
        out.patterns.push_back(TRY(read_pattern(out.id, name, pattern)));
    if (!value["finding"].is_null()) out.finding = TRY(read_condition(out, value["finding"]));
    if (!value["lead"].is_null()) out.lead = TRY(read_condition(out, value["lead"]));
    if (out.about.empty() || out.patterns.empty() || (!out.finding && !out.lead))
        return bad(out.id, "a rule needs about, observe, and finding or lead",
                   "une règle exige about, observe, et finding ou lead");
    if (const auto* strength = value["strength"].if_string()) {
        const auto known = strength_from(*strength);
        if (!known)
            return bad(out.id, known.error().what.en + " " + *strength,
                       known.error().what.fr + " " + *strength);
        out.strength = *known;
    } else out.highest_of = value["strength"]["highest_of"].string_or();
    if (!out.strength && !out.pattern(out.highest_of) && !value["silent"].bool_or(false))
        return bad(out.id, "no strength", "pas de force");
    if (const auto* source = value["capabilities"]["from"].if_string()) out.capabilities_from = *source;
    else out.capabilities = words(value["capabilities"]);
    out.names_product = value["names_product"].bool_or(false);
    out.silent = value["silent"].bool_or(false);
    out.never_managed = value["never_managed"].bool_or(false);
    out.only_classes = words(value["only_classes"]);
    out.except_classes = words(value["except_classes"]);
    out.title = read_text(value["title"]);
    out.statement = read_text(value["statement"]);
    out.question = read_text(value["question"]);
    out.lead_title = read_text(value["lead_title"]);
    out.lead_statement = read_text(value["lead_statement"]);
    for (const auto& reason : value["innocent"].array_or_empty()) out.innocent.push_back(read_text(reason));
    out.tests = value["tests"].array_or_empty();
    return out;
}

}  // namespace contrechamp
