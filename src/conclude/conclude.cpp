#include "conclude/conclude.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"

namespace contrechamp {
namespace {

using Matches = std::map<std::string, std::vector<const Observation*>>;  // by pattern name

bool holds(const Condition& condition, const Matches& matches) {
    switch (condition.kind) {
        case Condition::Kind::all:
            return std::all_of(condition.parts.begin(), condition.parts.end(),
                               [&](const auto& part) { return holds(part, matches); });
        case Condition::Kind::any:
            return std::any_of(condition.parts.begin(), condition.parts.end(),
                               [&](const auto& part) { return holds(part, matches); });
        case Condition::Kind::count: break;
    }
    std::set<std::string> seen;
    std::int64_t count = 0;
    for (const auto& name : condition.patterns) {
        for (const auto* observation : matches.at(name)) {
            if (condition.distinct.empty()) ++count;
            else if (condition.distinct == "kind") seen.insert(observation->kind);
            else if (const auto it = observation->fields.find(condition.distinct);
                     it != observation->fields.end())
                seen.insert(json::canonical(it->second));
        }
    }
    if (!condition.distinct.empty()) count = static_cast<std::int64_t>(seen.size());
    return count >= condition.at_least && (!condition.at_most || count <= *condition.at_most);
}

// The distinct values of a field over a set of observations, for a sentence. A sentence names a few and
// counts the rest: all of them stand in the evidence below it.
std::string listed(const std::vector<const Observation*>& observations, const std::string& field,
                   const Knowledge& knowledge, Lang lang) {
    constexpr std::size_t kNamed = 6;
    std::vector<std::string> out;
    const auto add = [&](const json::Value& value) {
        std::string text = value.if_string() ? knowledge.value_name(field, *value.if_string()).in(lang)
                                             : json::canonical(value);
        if (const auto* yes = value.if_bool())
            text = lang == Lang::fr ? (*yes ? "oui" : "non") : (*yes ? "yes" : "no");
        if (!value.is_null() && !text.empty() && std::find(out.begin(), out.end(), text) == out.end())
            out.push_back(std::move(text));
    };
    for (const auto* observation : observations) {
        const auto it = observation->fields.find(field);
        if (it == observation->fields.end()) continue;
        if (const auto* list = it->second.if_array()) std::for_each(list->begin(), list->end(), add);
        else add(it->second);
    }
    std::string text;
    for (std::size_t i = 0; i < std::min(out.size(), kNamed); ++i) text += (i ? ", " : "") + out[i];
    if (out.size() > kNamed) text += " (+" + std::to_string(out.size() - kNamed) + ")";
    return text;
}

// What a rule's texts are filled from.
struct Filling {
    const Subject& subject;
    const Product* product;
    const Matches& matches;
    const Knowledge& knowledge;
};

// Fills {subject}, {product}, {vendor}, {pattern.#} (how many), {pattern.field} (their values) and
// {pattern.?} (nothing, for [parts] that are said only when the pattern was seen). `known` becomes false when
// one of them is empty.
std::string filled_in(std::string_view text, Lang lang, const Filling& from, bool& known) {
    const auto& [subject, product, matches, knowledge] = from;
    const std::string label = knowledge.value_name("subject", subject.label).in(lang);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find('{', at), close = text.find('}', open);
        if (open == std::string::npos || close == std::string::npos)
            return out + std::string(text.substr(at));
        out += text.substr(at, open - at);
        const auto before = out.size();
        const std::string name(text.substr(open + 1, close - open - 1));
        const auto dot = name.find('.');
        const auto it = dot == std::string::npos ? matches.end() : matches.find(name.substr(0, dot));
        if (it != matches.end() && name.substr(dot + 1) == "?") {
            known &= !it->second.empty();
            at = close + 1;
            continue;
        }
        if (name == "subject") out += label;
        else if (name == "product") out += product ? product->name : label;
        else if (name == "vendor") out += product ? product->vendor : "";
        else if (it != matches.end())
            out += name.substr(dot + 1) == "#" ? std::to_string(it->second.size())
                                               : listed(it->second, name.substr(dot + 1), knowledge, lang);
        else out += "{" + name + "}";
        known &= out.size() > before;
        at = close + 1;
    }
    return out;
}

// A part in [brackets] is left out when something it speaks of is not known.
std::string with_known_parts(std::string_view text, Lang lang, const Filling& from) {
    std::string out;
    bool known = true;
    while (!text.empty()) {
        const auto open = std::min(text.find('['), text.size());
        const auto close = text.find(']', open);
        out += filled_in(text.substr(0, open), lang, from, known);
        if (open == text.size()) break;
        if (close == std::string_view::npos) return out + std::string(text.substr(open));
        bool all = true;
        const auto part = filled_in(text.substr(open + 1, close - open - 1), lang, from, all);
        if (all) out += part;
        text.remove_prefix(close + 1);
    }
    return out;
}

Text filled(const Text& text, const Filling& from) {
    return {with_known_parts(text.en, Lang::en, from), with_known_parts(text.fr, Lang::fr, from)};
}

struct Bearer {
    const Product* product = nullptr;
    bool ambiguous = false;  // carries marks of two named products: speaks as neither
};
using Bearers = std::map<std::string, Bearer>;  // by Subject::identity() of what carries a product's mark

class Engine {
  public:
    Engine(const std::vector<Observation>& observations, const Knowledge& knowledge)
        : observations_(observations), knowledge_(knowledge) {}

    std::vector<Finding> run(const std::vector<Rule>& rules) {
        for (const bool naming : {true, false})
            for (const auto& rule : rules)
                if (rule.names_product == naming) apply(rule);
        std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
            return std::tuple(a.lead, a.strength, a.subject.label, a.rule, a.subject.key, a.subject.host) <
                   std::tuple(b.lead, b.strength, b.subject.label, b.rule, b.subject.key, b.subject.host);
        });
        return std::move(findings_);
    }

  private:
    void apply(const Rule& rule) {
        // Subjects in order of first appearance, so that the result does not depend on hashing.
        std::vector<const Subject*> subjects;
        std::map<std::string, Matches> by_subject;
        Matches empty;
        for (const auto& pattern : rule.patterns) empty[pattern.name];
        for (const auto& observation : observations_) {
            if (observation.subject.kind != rule.about) continue;
            for (const auto& pattern : rule.patterns) {
                if (pattern.whole_host || !pattern.matches(observation)) continue;
                const auto [it, fresh] = by_subject.try_emplace(observation.subject.identity(), empty);
                if (fresh) subjects.push_back(&observation.subject);
                it->second[pattern.name].push_back(&observation);
            }
        }
        for (const auto* subject : subjects) {
            auto& matches = by_subject.at(subject->identity());
            for (const auto& pattern : rule.patterns) {
                if (!pattern.whole_host) continue;
                for (const auto& observation : observations_)
                    if (observation.subject.host == subject->host && pattern.matches(observation))
                        matches[pattern.name].push_back(&observation);
            }
            const bool found = rule.finding && holds(*rule.finding, matches);
            if (!found && !(rule.lead && holds(*rule.lead, matches))) continue;
            conclude_about(rule, *subject, matches, !found);
        }
    }

    void conclude_about(const Rule& rule, const Subject& subject, const Matches& matches, bool lead) {
        Finding out;
        out.rule = rule.id;
        out.lead = lead;
        out.subject = subject;
        const Product* product = nullptr;
        if (subject.kind == "product") product = knowledge_.product(subject.key);
        else if (const auto it = bearers_.find(subject.identity());
                 it != bearers_.end() && !it->second.ambiguous)
            product = it->second.product;
        if (rule.names_product && product && !lead) note_bearers(*product, matches);
        if (rule.silent) return;
        const std::string product_class = product ? product->product_class : "";
        const auto listed_in = [&](const std::vector<std::string>& classes) {
            return std::find(classes.begin(), classes.end(), product_class) != classes.end();
        };
        if (listed_in(rule.except_classes) || (!rule.only_classes.empty() && !listed_in(rule.only_classes)))
            return;
        if (product) {
            out.product = product->id;
            out.product_class = product->product_class;
            const auto* described = knowledge_.product_class(product->product_class);
            out.managed = described && described->managed && !rule.never_managed;
        }
        out.strength = rule.strength.value_or(strongest(matches, rule.highest_of));
        out.capabilities = capabilities(rule, product, matches);
        const Filling from{subject, product, matches, knowledge_};
        out.statement =
            filled(lead && !rule.lead_statement.empty() ? rule.lead_statement : rule.statement, from);
        out.question = question(rule, product, from);
        if (product) {
            if (!product->innocent.empty()) out.innocent.push_back(product->innocent);
            else if (const auto* c = knowledge_.product_class(product->product_class))
                out.innocent.push_back(c->innocent);
        }
        for (const auto& reason : rule.innocent) out.innocent.push_back(filled(reason, from));
        std::set<std::string> ids;
        for (const auto& [name, set] : matches)
            for (const auto* observation : set) ids.insert(observation->id());
        out.observations.assign(ids.begin(), ids.end());
        findings_.push_back(std::move(out));
    }

    // Of what people mostly install for themselves, that is asked first; and only that, where nothing is said
    // but that it is here.
    Text question(const Rule& rule, const Product* product, const Filling& from) const {
        const Text own = filled(rule.question, from);
        const auto* described = product ? knowledge_.product_class(product->product_class) : nullptr;
        if (!described || described->question.empty()) return own;
        const Text& first = described->question;
        return rule.names_product ? first : Text{first.en + " " + own.en, first.fr + " " + own.fr};
    }

    // Marks name what carries them in the fields bearer_kind and bearer_key.
    void note_bearers(const Product& product, const Matches& matches) {
        for (const auto& [name, set] : matches) {
            for (const auto* observation : set) {
                const auto kind = observation->fields.find("bearer_kind"),
                           key = observation->fields.find("bearer_key");
                if (kind == observation->fields.end() || key == observation->fields.end()) continue;
                const Subject bearer{std::string(kind->second.string_or()),
                                     observation->subject.host,
                                     std::string(key->second.string_or()),
                                     {}};
                auto& entry = bearers_[bearer.identity()];
                if (entry.product && entry.product != &product) entry.ambiguous = true;
                entry.product = &product;
            }
        }
    }

    static Strength strongest(const Matches& matches, const std::string& pattern) {
        Strength best = Strength::contacted;
        if (const auto it = matches.find(pattern); it != matches.end()) {
            for (const auto* observation : it->second) {
                const auto field = observation->fields.find("strength");
                if (field == observation->fields.end()) continue;
                if (const auto strength = strength_from(field->second.string_or()))
                    best = stronger(best, *strength);
            }
        }
        return best;
    }

    std::vector<FindingCapability> capabilities(const Rule& rule, const Product* product,
                                                const Matches& matches) const {
        std::vector<FindingCapability> out;
        const auto add = [&](std::string id, std::string status) {
            if (std::none_of(out.begin(), out.end(), [&](const auto& c) { return c.id == id; }))
                out.push_back({std::move(id), std::move(status)});
        };
        for (const auto& id : rule.capabilities) add(id, "seen");
        if (rule.capabilities_from == "product") {
            if (product)
                for (const auto& capability : product->capabilities)
                    if (capability.confidence != Confidence::low) add(capability.id, capability.status);
        } else if (const auto it = matches.find(rule.capabilities_from); it != matches.end()) {
            for (const auto* observation : it->second) {
                const auto field = observation->fields.find("capabilities");
                if (field == observation->fields.end()) continue;
                for (const auto& id : field->second.array_or_empty())
                    add(std::string(id.string_or()), "seen");
            }
        }
        return out;
    }

    const std::vector<Observation>& observations_;
    const Knowledge& knowledge_;
    Bearers bearers_;
    std::vector<Finding> findings_;
};

// A finding as a rule's test states it: only the members the test names are compared.
bool as_expected(const Finding& finding, const json::Value& expected) {
    std::set<std::string> capabilities, wanted;
    for (const auto& capability : finding.capabilities) capabilities.insert(capability.id);
    for (const auto& id : expected["capabilities"].array_or_empty()) wanted.emplace(id.string_or());
    const auto agrees = [&](const char* name, std::string_view value) {
        return expected[name].is_null() || expected[name].string_or() == value;
    };
    return finding.lead == expected["lead"].bool_or(false) && agrees("subject", finding.subject.key) &&
           agrees("strength", to_string(finding.strength)) && agrees("class", finding.product_class) &&
           agrees("product", finding.product) &&
           (expected["managed"].is_null() || finding.managed == expected["managed"].bool_or(false)) &&
           (expected["capabilities"].is_null() || capabilities == wanted);
}

}  // namespace

Result<std::vector<Rule>> load_rules(const Knowledge& knowledge) {
    std::vector<Rule> out;
    for (const auto& value : knowledge.rules()) out.push_back(TRY(Rule::from_json(value)));
    return out;
}

std::vector<Finding> conclude(const std::vector<Observation>& observations, const std::vector<Rule>& rules,
                              const Knowledge& knowledge) {
    return Engine(observations, knowledge).run(rules);
}

std::vector<Error> run_rule_tests(const Rule& rule, const std::vector<Rule>& all,
                                  const Knowledge& knowledge) {
    std::vector<Error> out;
    for (const auto& test : rule.tests) {
        const std::string where = "rules/" + rule.id + ".yaml: " + std::string(test["name"].string_or("?"));
        std::vector<Observation> observations;
        for (const auto& value : test["observations"].array_or_empty()) {
            Observation o{"test", std::string(value["kind"].string_or()),
                          Subject::from_json(value["subject"]), value["fields"].object_or_empty()};
            if (o.subject.label.empty()) o.subject.label = o.subject.key;
            o.locator.exhibit = sha256_hex("");
            observations.push_back(std::move(o));
        }
        std::vector<Finding> mine;
        for (auto& finding : conclude(observations, all, knowledge))
            if (finding.rule == rule.id) mine.push_back(std::move(finding));
        const auto& expected = test["expect"].array_or_empty();
        if (!test["expect"].if_array())
            out.push_back({{"the test expects nothing", "le test n’attend rien"}, where, {}});
        bool same = mine.size() == expected.size();
        for (const auto& wanted : expected)
            same = same && std::any_of(mine.begin(), mine.end(),
                                       [&](const Finding& f) { return as_expected(f, wanted); });
        if (!same) {
            std::string got;
            for (const auto& finding : mine) got += "\n  " + json::canonical(finding.to_json());
            out.push_back({{"got " + std::to_string(mine.size()) + " findings, not those expected:" + got,
                            "obtenu " + std::to_string(mine.size()) + " constats, autres que prévu :" + got},
                           where,
                           {}});
        }
    }
    return out;
}

}  // namespace contrechamp
