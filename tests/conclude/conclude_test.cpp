// The rule engine, one operator at a time, on rules and observations made up here; then every rule's own
// tests.
#include "conclude/conclude.h"

#include <algorithm>
#include <set>

#include "made_up.h"

namespace contrechamp {
namespace {

// Subjects concluded about, "lead:" before those that are leads.
std::vector<std::string> subjects(const std::vector<Observation>& observations,
                                  const std::vector<Rule>& rules, const Knowledge& knowledge) {
    std::vector<std::string> out;
    for (const auto& finding : conclude(observations, rules, knowledge))
        out.push_back((finding.lead ? "lead:" : "") + finding.subject.key);
    std::sort(out.begin(), out.end());
    return out;
}

using Subjects = std::vector<std::string>;

using contrechamp::testing::small_knowledge;

class Operators : public ::testing::Test {
  protected:
    Subjects with(const std::string& where, const std::vector<Observation>& observations) {
        return subjects(observations,
                        {rule("id: r\nabout: program\nobserve:\n  p: {kind: k, where: " + where +
                              "}\nfinding: {of: p}\nstrength: observed\n")},
                        knowledge);
    }
    const Knowledge knowledge = small();
};

TEST_F(Operators, EqualityOfEveryType) {
    const std::vector<Observation> some = {see("k", "text", {{"f", "x"}}), see("k", "number", {{"f", 3}}),
                                           see("k", "yes", {{"f", true}}), see("k", "none"),
                                           see("other", "other", {{"f", "x"}})};
    EXPECT_EQ(with("{f: x}", some), Subjects{"text"});
    EXPECT_EQ(with("{f: 3}", some), Subjects{"number"});
    EXPECT_EQ(with("{f: true}", some), Subjects{"yes"});
    EXPECT_EQ(with("{f: \"3\"}", some), Subjects{}) << "a word is not a number";
    EXPECT_EQ(with("{f: [x, 3]}", some), (Subjects{"number", "text"})) << "any of these";
    EXPECT_EQ(with("{}", some), (Subjects{"none", "number", "text", "yes"}));
}

TEST_F(Operators, AListFitsByAnyOfItsItems) {
    const std::vector<Observation> some = {see("k", "both", {{"f", json::Array{"a", "b"}}}),
                                           see("k", "one", {{"f", json::Array{"c"}}}),
                                           see("k", "empty", {{"f", json::Array{}}})};
    EXPECT_EQ(with("{f: b}", some), Subjects{"both"});
    EXPECT_EQ(with("{f: [c, d]}", some), Subjects{"one"});
    EXPECT_EQ(with("{f: {not: b}}", some), (Subjects{"empty", "one"}));
}

TEST_F(Operators, Not) {
    const std::vector<Observation> some = {see("k", "x", {{"f", "x"}}), see("k", "y", {{"f", "y"}}),
                                           see("k", "missing")};
    EXPECT_EQ(with("{f: {not: x}}", some), (Subjects{"missing", "y"}));
    EXPECT_EQ(with("{f: {not: [x, y]}}", some), Subjects{"missing"});
}

TEST_F(Operators, AtLeast) {
    const std::vector<Observation> some = {see("k", "1", {{"f", 1}}), see("k", "2", {{"f", 2}}),
                                           see("k", "text", {{"f", "9"}}), see("k", "missing")};
    EXPECT_EQ(with("{f: {at_least: 2}}", some), Subjects{"2"});
    EXPECT_EQ(with("{f: {at_least: 0}}", some), (Subjects{"1", "2"}));
    EXPECT_EQ(with("{f: {at_least: -5}}", some), (Subjects{"1", "2"}));
}

TEST_F(Operators, Some) {
    const std::vector<Observation> some = {see("k", "text", {{"f", "x"}}),
                                           see("k", "empty-text", {{"f", ""}}),
                                           see("k", "list", {{"f", json::Array{"a"}}}),
                                           see("k", "empty-list", {{"f", json::Array{}}}),
                                           see("k", "null", {{"f", nullptr}}),
                                           see("k", "missing"),
                                           see("k", "zero", {{"f", 0}})};
    EXPECT_EQ(with("{f: {some: true}}", some), (Subjects{"list", "text", "zero"}));
}

TEST_F(Operators, TheObservationItself) {
    auto declared = see("k", "declared");
    declared.basis = Basis::declared;
    const std::vector<Observation> some = {see("k", "measured"), declared};
    EXPECT_EQ(with("{basis: measured}", some), Subjects{"measured"});
    EXPECT_EQ(with("{basis: {not: measured}}", some), Subjects{"declared"});
    EXPECT_EQ(with("{subject.key: declared}", some), Subjects{"declared"});
    EXPECT_EQ(with("{kind: k}", some).size(), 2u);
}

TEST_F(Operators, SeveralFieldsMustAllFit) {
    const std::vector<Observation> some = {see("k", "both", {{"f", 1}, {"g", 2}}),
                                           see("k", "one", {{"f", 1}})};
    EXPECT_EQ(with("{f: 1, g: 2}", some), Subjects{"both"});
}

TEST_F(Operators, KindsByNameListAndPrefix) {
    const std::vector<Observation> some = {see("x11.a", "1"), see("x11.b", "2"), see("x11", "3"),
                                           see("x11rival", "4"), see("sound", "5")};
    const auto of = [&](const std::string& kinds) {
        return subjects(some,
                        {rule("id: r\nabout: program\nobserve: {p: {kind: " + kinds +
                              "}}\nfinding: {of: p}\nstrength: observed\n")},
                        knowledge);
    };
    EXPECT_EQ(of("x11.a"), Subjects{"1"});
    EXPECT_EQ(of("[x11.a, sound]"), (Subjects{"1", "5"}));
    EXPECT_EQ(of("x11.*"), (Subjects{"1", "2"}));
    EXPECT_EQ(of("[x11.*, x11]"), (Subjects{"1", "2", "3"}));
}

TEST_F(Operators, AboutOneKindOfSubject) {
    const std::vector<Observation> some = {see("k", "a"), see("k", "b", {}, "product")};
    EXPECT_EQ(with("{}", some), Subjects{"a"});
}

class Conditions : public ::testing::Test {
  protected:
    // A rule over the patterns a, b and c (kinds ka, kb, kc).
    Subjects with(const std::string& rest, const std::vector<Observation>& observations) {
        return subjects(observations,
                        {rule("id: r\nabout: program\nobserve:\n  a: {kind: ka}\n  b: {kind: kb}\n  c: "
                              "{kind: kc}\nstrength: observed\n" +
                              rest)},
                        knowledge);
    }
    const Knowledge knowledge = small();
    const std::vector<Observation> a = {see("ka", "s")}, ab = {see("ka", "s"), see("kb", "s")},
                                   split = {see("ka", "s"), see("kb", "t")};
};

TEST_F(Conditions, AtLeastOneIsTheDefault) {
    EXPECT_EQ(with("finding: {of: a}", a), Subjects{"s"});
    EXPECT_EQ(with("finding: {of: b}", a), Subjects{});
}

TEST_F(Conditions, CountsOverSeveralPatterns) {
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 2}", ab), Subjects{"s"});
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 2}", a), Subjects{});
    EXPECT_EQ(with("finding: {of: a, at_least: 2}", {see("ka", "s", {{"n", 1}}), see("ka", "s", {{"n", 2}})}),
              Subjects{"s"});
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 2}", split), Subjects{})
        << "what is seen of two subjects does not add up";
}

TEST_F(Conditions, AtMost) {
    EXPECT_EQ(with("finding: {all: [{of: a}, {of: b, at_most: 0}]}", a), Subjects{"s"});
    EXPECT_EQ(with("finding: {all: [{of: a}, {of: b, at_most: 0}]}", ab), Subjects{});
    EXPECT_EQ(with("finding: {of: a, at_least: 1, at_most: 1}",
                   {see("ka", "s", {{"n", 1}}), see("ka", "s", {{"n", 2}})}),
              Subjects{});
}

TEST_F(Conditions, AllAndAnyNest) {
    EXPECT_EQ(with("finding: {all: [{of: a}, {of: b}]}", ab), Subjects{"s"});
    EXPECT_EQ(with("finding: {all: [{of: a}, {of: b}]}", a), Subjects{});
    EXPECT_EQ(with("finding: {any: [{of: b}, {of: a}]}", a), Subjects{"s"});
    EXPECT_EQ(with("finding: {any: [{of: c}, {all: [{of: a}, {any: [{of: b}, {of: c}]}]}]}", ab),
              Subjects{"s"});
    EXPECT_EQ(with("finding: {any: [{of: c}, {all: [{of: a}, {any: [{of: b}, {of: c}]}]}]}", a), Subjects{});
}

TEST_F(Conditions, DistinctKindsAndValues) {
    const std::vector<Observation> same = {see("ka", "s", {{"channel", "file"}}),
                                           see("ka", "s", {{"channel", "file"}, {"n", 2}})};
    const std::vector<Observation> two = {see("ka", "s", {{"channel", "file"}}),
                                          see("ka", "s", {{"channel", "package"}})};
    EXPECT_EQ(with("finding: {of: a, at_least: 2, distinct: channel}", same), Subjects{});
    EXPECT_EQ(with("finding: {of: a, at_least: 2, distinct: channel}", two), Subjects{"s"});
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 2, distinct: kind}", two), Subjects{});
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 2, distinct: kind}", ab), Subjects{"s"});
    EXPECT_EQ(with("finding: {of: [a, b], at_least: 1, distinct: channel}", a), Subjects{})
        << "an observation without the field counts for nothing";
}

TEST_F(Conditions, ALeadIsWhatIsTooWeak) {
    const std::string both = "finding: {of: b}\nlead: {of: a}";
    EXPECT_EQ(with(both, a), Subjects{"lead:s"});
    EXPECT_EQ(with(both, ab), Subjects{"s"}) << "a finding is not a lead as well";
    EXPECT_EQ(with(both, {see("kc", "s")}), Subjects{});
    EXPECT_EQ(with("lead: {of: a}", ab), Subjects{"lead:s"}) << "some rules only ever lead";
}

TEST(WholeHost, LooksBeyondTheSubjectButNotBeyondTheMachine) {
    const auto knowledge = small();
    const auto r = rule(
        "id: r\nabout: proxy\nobserve:\n  proxy: {kind: proxy}\n  authority: {kind: trust, scope: "
        "host}\nfinding: {all: [{of: proxy}, {of: authority}]}\nlead: {of: proxy}\nstrength: configured\n");
    const auto proxy = see("proxy", "p", {}, "proxy", "h1");
    EXPECT_EQ(subjects({proxy, see("trust", "c", {}, "certificate", "h1")}, {r}, knowledge), Subjects{"p"});
    EXPECT_EQ(subjects({proxy, see("trust", "c", {}, "certificate", "h2")}, {r}, knowledge),
              Subjects{"lead:p"});
    EXPECT_EQ(subjects({see("trust", "c", {}, "certificate", "h1")}, {r}, knowledge), Subjects{})
        << "the subject itself must be seen";
    const auto found = conclude({proxy, see("trust", "c", {}, "certificate", "h1")}, {r}, knowledge);
    EXPECT_EQ(found[0].observations.size(), 2u) << "what it rests on is cited";
}

TEST(Subjects, AreOneOnEachMachine) {
    const auto knowledge = small();
    const auto r = rule(
        "id: r\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p, at_least: 2}\nstrength: "
        "observed\n");
    EXPECT_EQ(
        subjects({see("k", "s", {{"n", 1}}, "program", "h1"), see("k", "s", {{"n", 2}}, "program", "h2")},
                 {r}, knowledge),
        Subjects{});
    EXPECT_EQ(
        subjects({see("k", "s", {{"n", 1}}, "program", "h1"), see("k", "s", {{"n", 2}}, "program", "h1")},
                 {r}, knowledge),
        Subjects{"s"});
}

TEST(Strengths, FixedOrTheHighestSeen) {
    const auto knowledge = small();
    const auto highest =
        rule("id: r\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: {highest_of: p}\n");
    const auto strength = [&](std::vector<Observation> observations) {
        return conclude(observations, {highest}, knowledge).at(0).strength;
    };
    EXPECT_EQ(strength({see("k", "s", {{"strength", "installed"}}), see("k", "s", {{"strength", "granted"}}),
                        see("k", "s", {{"strength", "configured"}})}),
              Strength::granted);
    EXPECT_EQ(strength({see("k", "s")}), Strength::contacted) << "nothing said is the weakest";
    EXPECT_EQ(strength({see("k", "s", {{"strength", "enormous"}})}), Strength::contacted);
    EXPECT_EQ(strength({see("k", "s", {{"strength", "observed"}})}), Strength::observed);
}

TEST(Findings, AreSortedAndTheSameEveryTime) {
    const auto knowledge = small();
    const std::vector<Rule> rules = {
        rule("id: weak\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: installed\n"),
        rule("id: strong\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: observed\n"),
        rule("id: lead\nabout: program\nobserve: {p: {kind: k}}\nlead: {of: p}\nstrength: observed\n")};
    const std::vector<Observation> some = {see("k", "b"), see("k", "a")};
    const auto found = conclude(some, rules, knowledge);
    std::string order;
    for (const auto& f : found) order += f.rule + ":" + f.subject.key + " ";
    EXPECT_EQ(order, "strong:a strong:b weak:a weak:b lead:a lead:b ");
    const auto again = conclude(some, rules, knowledge);
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].id(), again[i].id());
    for (const auto& f : found) EXPECT_TRUE(std::is_sorted(f.observations.begin(), f.observations.end()));
}

class Bearers : public ::testing::Test {
  protected:
    static std::map<std::string, std::string> files() {
        auto out = small_knowledge();
        out["products/benign.yaml"] =
            "id: benign\nname: Benign\nvendor: B\nclass: edr\ncategory: test\nupdated: 2026-11-23\ninnocent: "
            "{en: Own reason., fr: Raison propre.}\nsources:\n  s: {ref: r, kind: press, licence: facts, "
            "date: 2026-11-23}\n"
            "capabilities:\n  - {id: screenshots, status: optional-add-on, confidence: high, sources: [s]}\n "
            " - {id: keystroke-logging, status: vendor-denied, confidence: low, sources: [s]}\n";
        return out;
    }
    static Observation mark(const char* product, const char* bearer_kind, const char* bearer_key,
                            std::string host = "h") {
        return see("product.file", product,
                   {{"bearer_kind", bearer_kind}, {"bearer_key", bearer_key}, {"strength", "installed"}},
                   "product", host);
    }
    const Knowledge knowledge = small(files());
    const Rule naming = rule(
        "id: naming\nabout: product\nnames_product: true\nobserve: {m: {kind: product.*}}\nfinding: {of: "
        "m}\nstrength: {highest_of: m}\ncapabilities: {from: product}\n");
    const Rule acting = rule(
        "id: acting\nabout: program\nobserve: {p: {kind: acts, where: {}}}\nfinding: {of: p}\nstrength: "
        "observed\ncapabilities: [screenshots]\n");
};

TEST_F(Bearers, WhatCarriesAProductsMarksSpeaksAsIt) {
    const auto found = conclude({mark("benign", "program", "/opt/b/agent"), see("acts", "/opt/b/agent"),
                                 see("acts", "/usr/bin/other")},
                                {acting, naming}, knowledge);
    ASSERT_EQ(found.size(), 3u);
    std::map<std::string, Finding> by;
    for (const auto& f : found) by[f.rule + " " + f.subject.key] = f;
    EXPECT_EQ(by.at("acting /opt/b/agent").product, "benign");
    EXPECT_EQ(by.at("acting /opt/b/agent").product_class, "edr");
    EXPECT_TRUE(by.at("acting /opt/b/agent").managed);
    EXPECT_EQ(by.at("acting /opt/b/agent").innocent.front().en, "Own reason.")
        << "the product's own reason comes first";
    EXPECT_EQ(by.at("acting /usr/bin/other").product, "");
    EXPECT_FALSE(by.at("acting /usr/bin/other").managed);
    EXPECT_EQ(by.at("naming benign").capabilities,
              (std::vector<FindingCapability>{{"screenshots", "optional-add-on"}}))
        << "not what only an unidentified source says";
    EXPECT_EQ(by.at("acting /opt/b/agent").capabilities,
              (std::vector<FindingCapability>{{"screenshots", "seen"}}));
}

TEST_F(Bearers, NeverOnAnotherMachineOrOfAnotherKind) {
    const auto found =
        conclude({mark("benign", "program", "/opt/b/agent", "h2"), mark("benign", "extension", "x"),
                  see("acts", "/opt/b/agent"), see("acts", "x")},
                 {acting, naming}, knowledge);
    for (const auto& f : found)
        if (f.rule == "acting") {
            EXPECT_EQ(f.product, "") << f.subject.key;
        }
}

TEST_F(Bearers, TwoProductsOnOneBearerAreAmbiguous) {
    const auto found = conclude({mark("benign", "program", "/opt/agent"),
                                 mark("acme", "program", "/opt/agent"), see("acts", "/opt/agent")},
                                {acting, naming}, knowledge);
    for (const auto& f : found)
        if (f.rule == "acting") {
            EXPECT_EQ(f.product, "");
            EXPECT_FALSE(f.managed) << "a benign product's mark does not clear what also carries another's";
        }
}

TEST_F(Bearers, ALeadNamesNobody) {
    const auto lead = rule(
        "id: naming\nabout: product\nnames_product: true\nobserve: {m: {kind: product.*}}\nfinding: {of: m, "
        "at_least: 2}\nlead: {of: m}\nstrength: {highest_of: m}\n");
    const auto found = conclude({mark("benign", "program", "/opt/b/agent"), see("acts", "/opt/b/agent")},
                                {acting, lead}, knowledge);
    for (const auto& f : found)
        if (f.rule == "acting") {
            EXPECT_EQ(f.product, "") << "a bare mark must not clear a program that acts";
        }
}

TEST_F(Bearers, OnlyAndExceptClasses) {
    const auto except = rule(
        "id: x\nabout: program\nexcept_classes: [edr]\nobserve: {p: {kind: acts}}\nfinding: {of: "
        "p}\nstrength: observed\n");
    const auto only = rule(
        "id: y\nabout: program\nonly_classes: [edr]\nobserve: {p: {kind: acts}}\nfinding: {of: p}\nstrength: "
        "observed\n");
    const auto found = conclude({mark("benign", "program", "ours"), mark("acme", "program", "acmes"),
                                 see("acts", "ours"), see("acts", "acmes"), see("acts", "nobodys")},
                                {naming, except, only}, knowledge);
    std::set<std::string> all;
    for (const auto& f : found)
        if (f.rule != "naming") all.insert(f.rule + ":" + f.subject.key);
    EXPECT_EQ(all, (std::set<std::string>{"x:acmes", "x:nobodys", "y:ours"}));
}

TEST_F(Bearers, ASilentRuleNamesAndSaysNothing) {
    const auto silent = rule(
        "id: quiet\nabout: product\nnames_product: true\nsilent: true\nobserve: {m: {kind: "
        "product.*}}\nfinding: {of: m}\n");
    const auto found = conclude({mark("benign", "program", "/opt/b/agent"), see("acts", "/opt/b/agent")},
                                {acting, silent}, knowledge);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].product, "benign");
}

TEST_F(Bearers, NeverManaged) {
    const auto stands = rule(
        "id: z\nabout: program\nnever_managed: true\nobserve: {p: {kind: acts}}\nfinding: {of: p}\nstrength: "
        "observed\n");
    const auto found =
        conclude({mark("benign", "program", "ours"), see("acts", "ours")}, {naming, stands}, knowledge);
    for (const auto& f : found) EXPECT_EQ(f.managed, f.rule == "naming") << f.rule;
}

TEST_F(Bearers, CapabilitiesFromWhatWasSeen) {
    const auto from = rule(
        "id: r\nabout: extension\nobserve: {p: {kind: e}}\nfinding: {of: p}\nstrength: "
        "granted\ncapabilities: {from: p}\n");
    const auto found = conclude(
        {see("e", "x", {{"capabilities", json::Array{"screenshots", "keystroke-logging"}}}, "extension"),
         see("e", "x", {{"capabilities", json::Array{"screenshots"}}, {"n", 1}}, "extension")},
        {from}, knowledge);
    EXPECT_EQ(found.at(0).capabilities,
              (std::vector<FindingCapability>{{"screenshots", "seen"}, {"keystroke-logging", "seen"}}));
}

TEST(RuleFormat, RefusesWhatCannotBeMeant) {
    const std::string whole =
        "id: r\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: observed\n";
    EXPECT_TRUE(rule_from(whole).has_value());
    const std::pair<const char*, const char*> changes[] = {
        {"about: program\n", ""},
        {"observe: {p: {kind: k}}\n", ""},
        {"{kind: k}", "{where: {a: b}}"},
        {"finding: {of: p}\n", ""},
        {"of: p", "of: q"},
        {"of: p", "at_least: 1"},
        {"strength: observed\n", ""},
        {"strength: observed", "strength: enormous"},
        {"strength: observed", "strength: {highest_of: q}"},
        {"{kind: k}", "{kind: k, where: {a: {like: b}}}"},
        {"{of: p}", "{all: [{of: p}, {of: q}]}"},
        {"{of: p}", "{any: [{}]}"}};
    for (const auto& [from, to] : changes) {
        auto text = whole;
        ASSERT_NE(text.find(from), std::string::npos) << from;
        text.replace(text.find(from), std::string_view(from).size(), to);
        const auto refused = rule_from(text);
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().where, "rules/r.yaml");
        EXPECT_NE(refused.error().what.en, refused.error().what.fr);
    }
}

TEST(RuleTests, SayWhatFailed) {
    const auto knowledge = small();
    const auto with = [&](const std::string& expect) {
        auto made = rule_from(
            "id: r\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p, at_least: 2}\nlead: {of: "
            "p}\nstrength: observed\ncapabilities: [screenshots]\ntests:\n  - name: the test\n    "
            "observations: [{kind: k, subject: {kind: program, key: s}}]\n    " +
            expect + kTexts);
        EXPECT_OK(made);
        return run_rule_tests(*made, {*made}, knowledge);
    };
    EXPECT_TRUE(with("expect: [{lead: true, subject: s}]").empty());
    EXPECT_TRUE(with("expect: [{lead: true, subject: s, strength: observed, capabilities: [screenshots], "
                     "class: \"\"}]")
                    .empty());
    for (const char* wrong :
         {"expect: []", "expect: [{subject: s}]", "expect: [{lead: true, subject: t}]",
          "expect: [{lead: true, strength: used}]", "expect: [{lead: true, capabilities: []}]",
          "expect: [{lead: true, product: x}]", "expect: [{lead: true}, {lead: true}]",
          "note: nothing expected"}) {
        const auto failures = with(wrong);
        ASSERT_FALSE(failures.empty()) << wrong;
        EXPECT_NE(failures[0].where.find("rules/r.yaml: the test"), std::string::npos);
    }
}

TEST(RuleTests, OfEveryRuleOfOurs) {
    const auto knowledge = Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in");
    ASSERT_OK(knowledge);
    const auto rules = load_rules(*knowledge);
    ASSERT_OK(rules);
    EXPECT_GE(rules->size(), 30u);
    for (const auto& r : *rules) {
        EXPECT_FALSE(r.tests.empty()) << r.id;
        for (const auto& failure : run_rule_tests(r, *rules, *knowledge))
            ADD_FAILURE() << failure.where << ": " << failure.what.en;
    }
}

// The verdict rule of the design, on our own rules: a name alone never accuses, whatever the class of the
// product.
TEST(Verdicts, ABareNameIsNeverAFinding) {
    const auto knowledge = Knowledge::from_bundle(Knowledge::built_in_bundle(), "built-in");
    ASSERT_OK(knowledge);
    const auto rules = load_rules(*knowledge);
    ASSERT_OK(rules);
    for (const auto& product : knowledge->products()) {
        // Two marks of different channels, both bare names, by the best of sources.
        std::vector<Observation> names;
        for (const char* channel : {"process", "autostart"})
            names.push_back(see(std::string("product.") + channel, product.id,
                                {{"class", product.product_class},
                                 {"side", "agent"},
                                 {"confidence", "high"},
                                 {"channel", channel},
                                 {"specific", false},
                                 {"unforgeable", false},
                                 {"strength", "configured"},
                                 {"type", channel},
                                 {"value", "x"}},
                                "product"));
        for (const auto& finding : conclude(names, *rules, *knowledge))
            EXPECT_TRUE(finding.lead) << product.id << " by " << finding.rule;
        // Specific marks in two channels that rest on unidentified sources only.
        std::vector<Observation> rumours;
        for (const char* channel : {"package", "file"})
            rumours.push_back(see(std::string("product.") + channel, product.id,
                                  {{"class", product.product_class},
                                   {"side", "agent"},
                                   {"confidence", "low"},
                                   {"channel", channel},
                                   {"specific", true},
                                   {"unforgeable", false},
                                   {"strength", "configured"},
                                   {"type", channel},
                                   {"value", "x"}},
                                  "product"));
        for (const auto& finding : conclude(rumours, *rules, *knowledge))
            EXPECT_TRUE(finding.lead) << product.id << " by " << finding.rule;
    }
}

}  // namespace
}  // namespace contrechamp
