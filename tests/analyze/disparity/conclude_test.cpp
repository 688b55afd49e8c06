// What is concluded from figures: four sentences, and when each.
#include <gtest/gtest.h>

#include "analyze/disparity/compare.h"

using namespace contrechamp;
using namespace contrechamp::disparity;

namespace {

Comparison comparison(const std::string& group) { return {"wer", "vendor", "sex", group, "m"}; }

Figure figure(Figure::Kind kind, const std::string& group, const std::string& setting, double value,
              double p) {
    Figure out{kind, comparison(group), "difference", setting};
    out.value = value;
    out.p = p;
    return out;
}

// One comparison a group: main, then settings named s0, s1 …
void add(Findings& into, const std::string& group, double value, std::vector<double> p,
         bool declared = false) {
    Conclusion conclusion;
    conclusion.of = comparison(group);
    conclusion.verdict = Verdict::compatible;
    conclusion.main = into.figures.size();
    conclusion.declared = declared;
    into.conclusions.push_back(conclusion);
    for (std::size_t i = 0; i < p.size(); ++i)
        into.figures.push_back(figure(i ? Figure::Kind::setting : Figure::Kind::contrast, group,
                                      i ? "s" + std::to_string(i) : "main", value, p[i]));
}

TEST(Conclude, FourVerdicts) {
    Findings all;
    add(all, "a", 0.1, {0.001, 0.002, 0.003});
    add(all, "b", 0.1, {0.001, 0.2, 0.003});
    add(all, "c", 0.1, {0.4, 0.5, 0.6});
    Conclusion refused;
    refused.of = comparison("d");
    refused.why = "too-few-people";
    all.conclusions.push_back(refused);
    conclude(all, 0.05);
    EXPECT_EQ(all.conclusions[0].verdict, Verdict::robust);
    EXPECT_EQ(all.conclusions[0].settings, 3u);
    EXPECT_EQ(all.conclusions[1].verdict, Verdict::evidence);
    EXPECT_EQ(all.conclusions[1].agreeing, 2u);
    EXPECT_EQ(all.conclusions[2].verdict, Verdict::compatible);
    EXPECT_EQ(all.conclusions[3].verdict, Verdict::insufficient);
    // Three were tested; the refused one is no test.
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.conclusions[i].tests, 3u);
}

TEST(Conclude, ASettingThatTurnsTheSignDoesNotAgree) {
    Findings all;
    add(all, "a", 0.1, {0.001, 0.001});
    all.figures[1].value = -0.1;
    conclude(all, 0.05);
    EXPECT_EQ(all.conclusions[0].verdict, Verdict::evidence);
}

TEST(Conclude, OneWayOfComputingIsNotRobust) {
    Findings all;
    add(all, "a", 0.1, {0.001});
    conclude(all, 0.05);
    EXPECT_EQ(all.conclusions[0].verdict, Verdict::evidence);
}

TEST(Conclude, ASettingWithoutAnswerDoesNotAgree) {
    Findings all;
    add(all, "a", 0.1, {0.001, 0.001});
    all.figures[1].p.reset();
    conclude(all, 0.05);
    EXPECT_EQ(all.conclusions[0].verdict, Verdict::evidence);
}

// Two declared (Holm: 0.02 × 2, then 0.03), two explored (Benjamini–Hochberg: 0.02 × 2 → 0.03, 0.03).
TEST(Conclude, FamiliesAreAdjustedApart) {
    Findings all;
    add(all, "a", 0.1, {0.02}, true);
    add(all, "b", 0.1, {0.03}, true);
    add(all, "c", 0.1, {0.02});
    add(all, "d", 0.1, {0.03});
    conclude(all, 0.05);
    EXPECT_DOUBLE_EQ(*all.figures[0].p_adjusted, 0.04);
    EXPECT_DOUBLE_EQ(*all.figures[1].p_adjusted, 0.04);
    EXPECT_DOUBLE_EQ(*all.figures[2].p_adjusted, 0.03);
    EXPECT_DOUBLE_EQ(*all.figures[3].p_adjusted, 0.03);
    EXPECT_EQ(all.conclusions[0].family, "holm");
    EXPECT_EQ(all.conclusions[2].family, "benjamini-hochberg");
}

// Settings are adjusted with those of the other comparisons under the same choice.
TEST(Conclude, SettingsAreAdjustedToo) {
    Findings all;
    add(all, "a", 0.1, {0.001, 0.04});
    add(all, "b", 0.1, {0.001, 0.9});
    conclude(all, 0.05);
    EXPECT_DOUBLE_EQ(*all.figures[1].p_adjusted, 0.08);
    EXPECT_EQ(all.conclusions[0].verdict, Verdict::evidence);
}

Request asked() {
    Request out;
    out.permutations = 499;
    out.replicates = 199;
    return out;
}

std::vector<Person> people(std::size_t count, double rate, double step) {
    std::vector<Person> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({100 * (rate + step * (double(i) - double(count) / 2)), 100});
    return out;
}

TEST(ComparePeople, PlantedDifferenceEqualsAndTooFew) {
    PeopleSetting pooled{"pooled",
                         Estimand::pooled,
                         {{"a", people(12, 0.3, 0.005)},
                          {"b", people(12, 0.1, 0.005)},
                          {"c", people(12, 0.3, 0.006)},
                          {"d", people(4, 0.9, 0.01)}}};
    auto mean = pooled;
    mean.name = "mean";
    mean.estimand = Estimand::mean_of_people;
    const PeopleSetting settings[] = {pooled, mean};
    auto request = asked();
    request.references["sex"] = "a";
    Findings all;
    ASSERT_TRUE(compare_people(request, {"wer", "", "sex", "", ""}, settings, 2, all));
    conclude(all, 0.05);
    std::map<std::string, Conclusion> by;
    for (const auto& one : all.conclusions) by[one.of.group] = one;
    EXPECT_EQ(by.at("b").verdict, Verdict::robust);
    EXPECT_LT(all.figures[by.at("b").main].value, 0);
    EXPECT_EQ(by.at("c").verdict, Verdict::compatible);
    EXPECT_EQ(by.at("d").verdict, Verdict::insufficient);
    EXPECT_EQ(by.at("d").why, "too-few-people");
    ASSERT_EQ(all.left_out.size(), 1u);
    EXPECT_EQ(all.left_out[0].group, "d");
    for (const auto& one : all.figures)
        if (one.of.group == "d" && one.method != "naive") EXPECT_FALSE(one.p.has_value());
}

TEST(ComparePeople, TheReferenceIsTheLargestOrTheOneAskedFor) {
    const std::string names[] = {"a", "b", "c"};
    const std::uint64_t sizes[] = {3, 7, 7};
    auto request = asked();
    EXPECT_EQ(*reference_group(request, "sex", names, sizes), 1u);
    request.references["sex"] = "c";
    EXPECT_EQ(*reference_group(request, "sex", names, sizes), 2u);
    request.references["sex"] = "z";
    const auto none = reference_group(request, "sex", names, sizes);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().todo.en.find("a, b, c"), std::string::npos);
}

TEST(DisparityRequest, ReadsBackWhatItWrites) {
    auto out = asked();
    out.mode = Mode::faces;
    out.inputs.push_back({std::string(64, 'a'), "rows", "matches, \"all\".csv", ""});
    out.columns = {{"score", "s"}, {"positive", "oui"}};
    out.groups = {"teint", "âge"};
    out.references = {{"teint", "clair"}};
    out.declared = {{"teint", "foncé", "clair"}};
    out.table = {';', TableEncoding::windows_1252, 3};
    out.threshold = "0.8";
    out.lower_is_alike = true;
    const auto bytes = out.to_bytes();
    const auto back = Request::from_bytes(bytes, "it");
    ASSERT_TRUE(back) << back.error().what.en;
    EXPECT_EQ(back->to_bytes(), bytes);
    EXPECT_EQ(back->declared, out.declared);
    // Cut anywhere before the last line end it is an error, never something else.
    for (std::size_t cut = 0; cut + 1 < bytes.size(); ++cut)
        EXPECT_FALSE(Request::from_bytes(bytes.substr(0, cut), "it"));
}

}  // namespace
