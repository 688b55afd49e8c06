// How numbers and sentences of compared groups are worded, and the drawing of a career.
#include <gtest/gtest.h>

#include <limits>

#include "report/disparity_words.h"
#include "report/figure_lines.h"

using namespace contrechamp;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
}

figure::Lines two_lines(std::vector<int> years, std::vector<std::optional<double>> a,
                        std::vector<std::optional<double>> b) {
    figure::Lines out;
    out.title = "t";
    out.years = std::move(years);
    out.lines = {{"<one>", std::move(a), true}, {"two", std::move(b), false}};
    out.amount = [](double value) { return "<" + std::to_string(static_cast<int>(value)) + ">"; };
    return out;
}

}  // namespace

TEST(DisparityWords, ThousandsAreSetApart) {
    EXPECT_EQ(grouped("1", Lang::en), "1");
    EXPECT_EQ(grouped("999", Lang::en), "999");
    EXPECT_EQ(grouped("1000", Lang::en), "1,000");
    EXPECT_EQ(grouped("-1234567.25", Lang::en), "-1,234,567.25");
    EXPECT_EQ(grouped("81792", Lang::fr), "81\u202f792");
    EXPECT_EQ(grouped("", Lang::fr), "");
    EXPECT_EQ(amount_in_words("career", 81792.4, Lang::en), "81,792");
    EXPECT_EQ(amount_in_words("career", -2535, Lang::fr), "−2\u202f535");
    EXPECT_EQ(amount_in_words("wer", 0.2412, Lang::fr), "24,1\u00a0%");
}

TEST(DisparityWords, OneSettingIsOne) {
    const auto knowledge = Knowledge::from_bundle(Knowledge::built_in_bundle(), "");
    ASSERT_TRUE(knowledge);
    JudgedConclusion conclusion;
    conclusion.verdict = "compatible";
    conclusion.settings = 6;
    conclusion.agreeing = 5;
    EXPECT_NE(verdict_in_words(conclusion, *knowledge, Lang::fr).find("Mais 1 réglage sur 6 en montre un."),
              std::string::npos);
    conclusion.agreeing = 4;
    EXPECT_NE(verdict_in_words(conclusion, *knowledge, Lang::fr).find("2 réglages sur 6 en montrent un."),
              std::string::npos);
    EXPECT_EQ(setting_name("matched on pay", *knowledge, Lang::fr), "appariement sur pay");
    EXPECT_EQ(setting_name("at FMR 0.01", *knowledge, Lang::fr), "à FMR 0,01");
}

TEST(DisparityWords, TheLastYearThatBothHave) {
    EXPECT_EQ(latest_in_words({}, Lang::en), "");
    EXPECT_EQ(latest_in_words({{2019, 1000, {}, {}, 0}}, Lang::en), "");
    const CareerYears years = {{2019, 1000, 1500, 1400, 6}, {2020, {}, 1600, 1500, 6}};
    EXPECT_EQ(latest_in_words(years, Lang::en),
              "2019: the person 1,000, the panel 1,500 in the mean and 1,400 in the median, of 6 people; the "
              "person is 500 below the mean.");
}

TEST(Lines, AreBrokenWhereAYearIsMissing) {
    // Of the first line: 2010–2011, then 2013 alone and 2015 (2014 is no year of the table): three strokes.
    const auto svg =
        figure::lines(two_lines({2010, 2011, 2012, 2013, 2015}, {1, 2, {}, 3, 4}, {1, 1, 1, 1, 1}), "id");
    const auto from = svg.find("stroke-width=\"2.6\"");
    ASSERT_NE(from, std::string::npos);
    const auto path = svg.substr(svg.rfind("<path", from), from - svg.rfind("<path", from));
    EXPECT_EQ(count_of(path, "M"), 3U);
    EXPECT_EQ(count_of(path, "L"), 1U);
    EXPECT_EQ(svg.find("<one>"), std::string::npos);  // names and amounts are escaped
    EXPECT_NE(svg.find("&lt;one&gt;"), std::string::npos);
    EXPECT_NE(svg.find("&lt;1&gt;"), std::string::npos);
    EXPECT_EQ(svg, figure::lines(two_lines({2010, 2011, 2012, 2013, 2015}, {1, 2, {}, 3, 4}, {1, 1, 1, 1, 1}),
                                 "id"));
}

TEST(Lines, ASingleYearIsNoCourse) {
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(figure::lines(two_lines({}, {}, {}), "id"), "");
    EXPECT_EQ(figure::lines(two_lines({2010}, {1}, {2}), "id"), "");
    EXPECT_EQ(figure::lines(two_lines({2010, 2011}, {1, nan}, {2}), "id"), "");
    EXPECT_NE(figure::lines(two_lines({2010, 2011}, {1, 1}, {1, 1}), "id"), "");
}
