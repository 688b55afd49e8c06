// Places of JSON parts, and JSON with comments.
#include "formats/json_spans.h"

#include "base/json.h"
#include "kit/hostile.h"

namespace contrechamp {
namespace {

using Path = std::vector<std::string_view>;

std::vector<std::pair<std::string, std::string>> parts(std::string_view document, const Path& path) {
    const auto spans = json_spans(document, path, "F");
    EXPECT_OK(spans);
    std::vector<std::pair<std::string, std::string>> out;
    if (spans)
        for (const auto& span : *spans)
            out.emplace_back(span.key, std::string(document.substr(span.offset, span.length)));
    return out;
}

TEST(JsonSpans, MembersAndElements) {
    using Parts = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(parts(R"( {"a": {"x": 1, "y": [2, 3] , "z":"q"} } )", {"a"}),
              (Parts{{"x", "1"}, {"y", "[2, 3]"}, {"z", "\"q\""}}));
    EXPECT_EQ(parts(R"([ {"a":1} ,null,true,-1.5e3])", {}),
              (Parts{{"0", "{\"a\":1}"}, {"1", "null"}, {"2", "true"}, {"3", "-1.5e3"}}));
    EXPECT_EQ(parts(R"({"\u0061\n":{}})", {}), (Parts{{"a\n", "{}"}}));
    EXPECT_EQ(parts(R"({"a":{"b":{"c":{}}}})", {"a", "b", "c"}), Parts{});
}

TEST(JsonSpans, APathThatLeadsNowhereGivesNothing) {
    for (const char* document :
         {"{}", "[]", "{\"a\":1}", "{\"a\":[1]}", "{\"b\":{\"c\":1}}", "1", "\"x\"", "null"})
        EXPECT_TRUE(parts(document, {"a", "c"}).empty()) << document;
}

TEST(JsonSpans, WhatIsNoJsonIsAnError) {
    for (const char* document : {"", "{", "{\"a\":{\"b\":", "{\"a\" 1}", "[1,2", "\xff", "{\"a\":{\"b\":1}"})
        EXPECT_FALSE(json_spans(document, {"a"}, "F")) << document;
}

TEST(JsonSpans, DeepNestingIsAnErrorAndNoCrash) {
    const std::string deep = "{\"a\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
    const auto spans = json_spans(deep, {"a"}, "F");
    if (spans) {
        EXPECT_LE(spans->size(), 1);
    }
    EXPECT_FALSE(json::parse(deep, "F"));
}

TEST(JsonSpans, AnyDamageKeepsSpansInside) {
    const std::string document = testing::sample("json_spans/preferences.json");
    testing::for_every_damage(document, [](std::string_view bytes) {
        for (const Path& path : {Path{}, Path{"extensions", "settings"}}) {
            const auto spans = json_spans(bytes, path, "F");
            if (!spans) continue;
            for (const auto& span : *spans)
                EXPECT_TRUE(span.length > 0 && span.offset + span.length <= bytes.size());
        }
    });
}

TEST(JsonComments, AreBlankedAndOffsetsStay) {
    const std::string text =
        "// one\n{\"a\": \"// no\", /* two\n*/ \"b\": [1, 2 ,], \"c\": \"\\\"/*\",}\n// end";
    const std::string plain = without_json_comments(text);
    EXPECT_EQ(plain.size(), text.size());
    const auto value = json::parse(plain, "plain");
    ASSERT_OK(value);
    EXPECT_EQ((*value)["a"].string_or(), "// no");
    EXPECT_EQ((*value)["b"].array_or_empty().size(), 2);
    EXPECT_EQ((*value)["c"].string_or(), "\"/*");
    EXPECT_EQ(plain.find("\"b\""), text.find("\"b\""));
    EXPECT_EQ(std::count(plain.begin(), plain.end(), '\n'), std::count(text.begin(), text.end(), '\n'));
}

TEST(JsonComments, UnendedOnesReachTheEnd) {
    EXPECT_EQ(without_json_comments("{} /* x"), "{}     ");
    EXPECT_EQ(without_json_comments("{} // x"), "{}     ");
    EXPECT_EQ(without_json_comments("{} /"), "{} /");
    EXPECT_EQ(without_json_comments("\"\\"), "\"\\");
}

}  // namespace
}  // namespace contrechamp
