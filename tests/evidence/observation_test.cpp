// Observations, coverage and findings: what is written reads back the same, and equal facts have equal ids.
#include "evidence/observation.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "evidence/coverage.h"
#include "evidence/finding.h"

namespace contrechamp {
namespace {

Observation sample() {
    Observation o{"host",
                  "x11.records-input",
                  {"program", "0123456789ab", "/usr/bin/cnee", "cnee"},
                  {{"display", ":0"}, {"pid", 312}, {"flags", json::Array{"a", "b"}}, {"on", true}}};
    o.locator = {sha256_hex("exhibit"), 12, 34, 3, "/clients/0"};
    return o;
}

TEST(Observation, ReadsBack) {
    Observation o = sample();
    for (auto basis : {Basis::measured, Basis::declared, Basis::derived}) {
        o.basis = basis;
        if (basis == Basis::derived) o.from = {sha256_hex("a"), sha256_hex("b")};
        const auto again = Observation::from_json(o.to_json());
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->to_json(), o.to_json());
        EXPECT_EQ(again->id(), o.id());
        EXPECT_EQ(again->subject, o.subject);
        EXPECT_EQ(again->locator, o.locator);
        EXPECT_EQ(again->basis, basis);
        EXPECT_EQ(again->from, o.from);
    }
}

TEST(Observation, TheIdIsTheDigestOfTheCanonicalForm) {
    const auto o = sample();
    EXPECT_EQ(
        json::canonical(o.to_json()),
        R"({"analyzer":"host","basis":"measured","fields":{"display":":0","flags":["a","b"],"on":true,"pid":312},"kind":"x11.records-input",)"
        R"("locator":{"exhibit":")" +
            sha256_hex("exhibit") +
            R"(","length":34,"line":3,"offset":12,"path":"/clients/0"},)"
            R"("subject":{"host":"0123456789ab","key":"/usr/bin/cnee","kind":"program","label":"cnee"}})");
    EXPECT_EQ(o.id(), sha256_hex(json::canonical(o.to_json())));
    EXPECT_TRUE(is_sha256(o.id()));
}

TEST(Observation, EveryMemberCountsInTheId) {
    const auto o = sample();
    const auto changed = [&](auto change) {
        auto copy = o;
        change(copy);
        return copy.id() != o.id();
    };
    EXPECT_TRUE(changed([](Observation& x) { x.analyzer = "other"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.kind = "x11"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.subject.kind = "product"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.subject.host = "y"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.subject.key = "y"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.subject.label = "y"; }));
    EXPECT_TRUE(changed([](Observation& x) { x.fields["pid"] = 313; }));
    EXPECT_TRUE(changed([](Observation& x) { x.basis = Basis::declared; }));
    EXPECT_TRUE(changed([](Observation& x) { x.locator.exhibit = sha256_hex(""); }));
    EXPECT_TRUE(changed([](Observation& x) { x.locator.offset++; }));
    EXPECT_TRUE(changed([](Observation& x) { x.locator.length++; }));
    EXPECT_TRUE(changed([](Observation& x) { x.locator.line = 0; }));
    EXPECT_TRUE(changed([](Observation& x) { x.locator.path = ""; }));
    EXPECT_TRUE(changed([](Observation& x) { x.from = {sha256_hex("")}; }));
}

TEST(Observation, RefusesWhatIsMalformed) {
    const auto without = [](const char* name) {
        auto value = sample().to_json();
        value.if_object()->erase(name);
        return Observation::from_json(value).has_value();
    };
    EXPECT_FALSE(without("analyzer"));
    EXPECT_FALSE(without("kind"));
    EXPECT_FALSE(without("basis"));
    EXPECT_FALSE(without("locator"));
    EXPECT_FALSE(Observation::from_json(json::Value()).has_value());
    for (json::Object locator : {json::Object{{"exhibit", "x"}, {"offset", 0}, {"length", 0}},
                                 json::Object{{"exhibit", sha256_hex("")}, {"offset", -1}, {"length", 0}},
                                 json::Object{{"exhibit", sha256_hex("")}, {"offset", 0}, {"length", "1"}},
                                 json::Object{{"offset", 0}, {"length", 0}}, json::Object{}})
        EXPECT_FALSE(Locator::from_json(locator).has_value());
}

TEST(Subject, IdentityIsKindHostAndKey) {
    const Subject a{"program", "h", "k", "label"};
    EXPECT_EQ(a.identity(), (Subject{"program", "h", "k", "another label"}).identity());
    EXPECT_NE(a.identity(), (Subject{"program", "h2", "k", "label"}).identity());
    // Members cannot run into each other.
    EXPECT_NE((Subject{"a", "b", "c", ""}).identity(), (Subject{"ab", "", "c", ""}).identity());
}

TEST(Coverage, ReadsBackInEveryState) {
    for (auto state : {CoverageState::present, CoverageState::absent, CoverageState::not_recorded,
                       CoverageState::unreadable}) {
        Coverage c{"host",
                   "x11-clients",
                   "0123456789ab",
                   state,
                   state == CoverageState::unreadable ? "display-refused" : "",
                   {{"display", ":0"}}};
        c.locator = {sha256_hex("e"), 1, 2, 0, ""};
        const auto again = Coverage::from_json(c.to_json());
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->to_json(), c.to_json());
        EXPECT_EQ(again->id(), c.id());
        EXPECT_EQ(again->state, state);
    }
    auto value =
        Coverage{"host", "x", "", CoverageState::absent, "", {}, {sha256_hex("e"), 0, 0, 0, ""}}.to_json();
    ASSERT_TRUE(Coverage::from_json(value).has_value());
    (*value.if_object())["state"] = "fine";
    EXPECT_FALSE(Coverage::from_json(value).has_value());
}

Finding finding() {
    Finding f;
    f.rule = "x11-records-input";
    f.subject = sample().subject;
    f.strength = Strength::observed;
    f.product = "xnee";
    f.product_class = "user-tool";
    f.capabilities = {{"keystroke-logging", "seen"}, {"mouse-activity", "documented"}};
    f.statement = {"It records.", "Il enregistre."};
    f.innocent = {{"Perhaps.", "Peut-être."}};
    f.question = {"Why?", "Pourquoi ?"};
    f.observations = {sha256_hex("a"), sha256_hex("b")};
    return f;
}

TEST(Finding, ReadsBack) {
    for (bool lead : {false, true}) {
        auto f = finding();
        f.lead = lead;
        if (lead) f.product = f.product_class = "";
        const auto again = Finding::from_json(f.to_json());
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->to_json(), f.to_json());
        EXPECT_EQ(again->id(), f.id());
        EXPECT_EQ(again->capabilities, f.capabilities);
        EXPECT_EQ(again->innocent, f.innocent);
        EXPECT_EQ(again->lead, lead);
    }
}

TEST(Strength, OrderAndNames) {
    const Strength all[] = {Strength::observed,   Strength::used,      Strength::granted,
                            Strength::configured, Strength::installed, Strength::contacted};
    const char* names[] = {"observed", "used", "granted", "configured", "installed", "contacted"};
    for (std::size_t i = 0; i < std::size(all); ++i) {
        EXPECT_EQ(to_string(all[i]), names[i]);
        EXPECT_EQ(strength_from(names[i]).value(), all[i]);
        for (std::size_t j = i; j < std::size(all); ++j) {
            EXPECT_EQ(stronger(all[i], all[j]), all[i]);
            EXPECT_EQ(stronger(all[j], all[i]), all[i]);
        }
    }
    for (const char* bad : {"", "Observed", "seen", "observed "}) {
        const auto strength = strength_from(bad);
        ASSERT_FALSE(strength.has_value());
        EXPECT_NE(strength.error().todo.en.find("contacted"), std::string::npos);
    }
}

}  // namespace
}  // namespace contrechamp
