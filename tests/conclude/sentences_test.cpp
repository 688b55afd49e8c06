// What a rule says, put together from what was seen.
#include "made_up.h"

namespace contrechamp {
namespace {

using contrechamp::testing::small_knowledge;

TEST(Sentences, ArePutTogetherFromWhatWasSeen) {
    const auto knowledge = small();
    auto made = rule_from(R"(
id: r
about: product
observe: {p: {kind: k}}
finding: {of: p}
strength: observed
title: {en: T, fr: T}
statement: {en: "{product} by {vendor} ({subject}): {p.#} marks: {p.value}; on: {p.on}; {unknown} {p", fr: "{product}, {p.on}"}
question: {en: "{product}?", fr: "{product} ?"}
innocent: [{en: "{p.value}!", fr: "x"}]
)");
    ASSERT_OK(made);
    std::vector<Observation> some;
    for (const char* value : {"a", "b", "a", "c", "d", "e", "f", "g", "h"})
        some.push_back(see("k", "acme", {{"value", value}, {"on", true}}, "product"));
    some.push_back(see("k", "acme", {{"value", json::Array{"i", "a"}}, {"on", false}}, "product"));
    const auto found = conclude(some, {*made}, knowledge);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].statement.en,
              "Acme Watch by Acme (acme): 10 marks: a, b, c, d, e, f (+3); on: yes, no; {unknown} {p");
    EXPECT_EQ(found[0].statement.fr, "Acme Watch, oui, non");
    EXPECT_EQ(found[0].question.fr, "Acme Watch\u00a0?");
    EXPECT_EQ(found[0].innocent.back().en, "a, b, c, d, e, f (+3)!");
}

TEST(Sentences, LeaveOutPartsOfWhichNothingIsKnown) {
    const auto knowledge = small();
    auto made = rule_from(R"(
id: r
about: program
observe: {p: {kind: k}, on: {kind: k, where: {on: true}}}
finding: {of: p}
strength: observed
title: {en: T, fr: T}
statement: {en: "It[ ({p.file})] acts.[ Rights: {p.rights}.][{on.?} It is on.][ {p.file}, {p.rights}]", fr: "Il agit.[{on.?} Il est actif.] [fin"}
question: {en: "Q", fr: "Q"}
innocent: [{en: "I[ {p.file}]", fr: "x"}]
)");
    ASSERT_OK(made);
    const auto said = [&](json::Object fields) {
        return conclude({see("k", "s", std::move(fields))}, {*made}, knowledge).at(0);
    };
    EXPECT_EQ(said({}).statement.en, "It acts.");
    EXPECT_EQ(said({}).statement.fr, "Il agit. [fin") << "a bracket never closed is text";
    EXPECT_EQ(said({{"file", ""}, {"rights", json::Array{}}, {"on", false}}).statement.en, "It acts.");
    EXPECT_EQ(said({{"file", "[x]"}, {"on", true}}).statement.en, "It ([x]) acts. It is on.")
        << "brackets in evidence are text";
    EXPECT_EQ(said({{"file", "f"}, {"rights", "r"}}).statement.en, "It (f) acts. Rights: r. f, r");
    EXPECT_EQ(said({}).innocent.at(0).en, "I");
}

TEST(Sentences, ALeadSaysNoMoreThanALeadMay) {
    const auto knowledge = small();
    auto made = rule_from(R"(
id: r
about: program
observe: {p: {kind: k}, sure: {kind: k, where: {sure: true}}}
finding: {of: sure}
lead: {of: p}
strength: observed
title: {en: T, fr: T}
statement: {en: "{subject} is here.", fr: "{subject} est là."}
lead_statement: {en: "Something bears the name of {subject}.", fr: "Quelque chose porte le nom de {subject}."}
question: {en: "Q", fr: "Q"}
innocent: [{en: "I", fr: "I"}]
)");
    ASSERT_OK(made);
    const auto found = conclude({see("k", "a", {{"sure", true}}), see("k", "b")}, {*made}, knowledge);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].statement.en, "a is here.");
    EXPECT_EQ(found[1].statement.en, "Something bears the name of b.");
    EXPECT_EQ(found[1].statement.fr, "Quelque chose porte le nom de b.");
}

// Values have plain words; a class of what people install for themselves asks about that first.
TEST(Sentences, InPlainWords) {
    auto files = small_knowledge();
    files["words.yaml"] += "values:\n  - {id: came/policy, name: {en: by policy, fr: par stratégie}}\n";
    files["classes.yaml"] +=
        "  - {id: user-tool, name: {en: Tool, fr: Outil}, innocent: {en: A, fr: A}, question: {en: "
        "\"Yours?\", "
        "fr: \"À vous ?\"}}\n";
    files["products/own.yaml"] =
        "id: own\nname: Own\nvendor: B\nclass: user-tool\ncategory: test\nupdated: 2026-11-23\n";
    const auto knowledge = small(files);
    auto made = rule_from(
        "id: r\nabout: product\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: observed\n"
        "title: {en: T, fr: T}\nstatement: {en: \"{p.came}\", fr: \"{p.came}\"}\n"
        "question: {en: \"Why?\", fr: \"Pourquoi ?\"}\ninnocent: [{en: I, fr: I}]\n");
    ASSERT_OK(made);
    const std::vector<Observation> some = {
        see("k", "own", {{"came", json::Array{"policy", "else"}}}, "product")};
    const auto found = conclude(some, {*made}, knowledge);
    EXPECT_EQ(found.at(0).statement.en, "by policy, else");
    EXPECT_EQ(found.at(0).statement.fr, "par stratégie, else");
    EXPECT_EQ(found.at(0).question.fr, "À vous\u00a0? Pourquoi\u00a0?");
    made->names_product = true;
    EXPECT_EQ(conclude(some, {*made}, knowledge).at(0).question.en, "Yours?");
}

// Braces in evidence are text: they fetch nothing.
TEST(Sentences, EvidenceIsNotATemplate) {
    const auto knowledge = small();
    const auto r =
        rule("id: r\nabout: program\nobserve: {p: {kind: k}}\nfinding: {of: p}\nstrength: observed\n");
    const auto found = conclude({see("k", "{p.secret} {subject}", {{"secret", "leaked"}})}, {r}, knowledge);
    EXPECT_EQ(found.at(0).statement.en, "{p.secret} {subject}");
}

}  // namespace
}  // namespace contrechamp
