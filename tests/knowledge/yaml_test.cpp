// YAML from elsewhere: typed as JSON is, and bounded.
#include "kit/temporary.h"
#include "knowledge/folder.h"

namespace contrechamp {
namespace {

std::string as_json(const std::string& yaml) {
    const auto value = parse_yaml(yaml, "x.yaml");
    return value ? json::canonical(*value) : "refused";
}

TEST(Yaml, ScalarsKeepWhatTheyMean) {
    EXPECT_EQ(
        as_json("a: 1\nb: -2\nc: true\nd: false\ne: text\nf: \"1\"\ng: 'true'\nh: ~\ni:\nj: null"),
        R"({"a":1,"b":-2,"c":true,"d":false,"e":"text","f":"1","g":"true","h":null,"i":null,"j":null})");
    // Numbers that a person would not call numbers stay as they are written: versions, ports with zeros,
    // dates.
    EXPECT_EQ(as_json("[1.10, 007, 0x1f, 1e3, 2026-11-23, 99999999999999999999, +1, -0, 1_000, 12:30]"),
              R"(["1.10","007","0x1f","1e3","2026-11-23","99999999999999999999","+1","-0","1_000","12:30"])");
    EXPECT_EQ(as_json("[yes, no, on, off, True, NO]"), R"(["yes","no","on","off","True","NO"])")
        << "Norway stays Norway";
    EXPECT_EQ(as_json("a: |\n  two\n  lines\nb: >\n  one\n  line\n"),
              "{\"a\":\"two\\nlines\\n\",\"b\":\"one line\\n\"}");
}

TEST(Yaml, AliasesAreCopies) { EXPECT_EQ(as_json("a: &x [1, 2]\nb: *x"), R"({"a":[1,2],"b":[1,2]})"); }

TEST(Yaml, RefusesWhatHasNoMeaningHere) {
    EXPECT_EQ(as_json("? [a, b]\n: c"), "refused");
    EXPECT_EQ(as_json("a: 1\na: 2"), "refused");
    EXPECT_EQ(as_json("a: [1"), "refused");
    EXPECT_EQ(as_json("a: *nowhere"), "refused");
    const auto value = parse_yaml("a: 1\nb: 2\na: 3", "x.yaml");
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().where, "x.yaml:3");
}

TEST(Yaml, BombsAreBounded) {
    // "Billion laughs": nine levels of ten.
    std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) laughs += (j ? ", " : "") + before;
        laughs += "]\n";
    }
    EXPECT_EQ(as_json(laughs), "refused");
    // Deeper than any file of ours, in both styles, and far deeper.
    for (int depth : {40, 1000, 100'000}) {
        EXPECT_EQ(as_json(std::string(static_cast<std::size_t>(depth), '[') +
                          std::string(static_cast<std::size_t>(depth), ']')),
                  "refused")
            << depth;
        EXPECT_EQ(as_json(std::string(static_cast<std::size_t>(depth), '[')), "refused") << depth;
        std::string maps;
        for (int i = 0; i < depth; ++i) maps += "{a: ";
        EXPECT_EQ(as_json(maps), "refused") << depth;
    }
    std::string dashes;
    for (int i = 0; i < 5000; ++i) dashes += "- ";
    EXPECT_EQ(as_json(dashes + "x"), "refused");
    // A list that contains itself.
    EXPECT_EQ(as_json("&a [*a]"), "refused");
    EXPECT_EQ(as_json("&a {b: *a}"), "refused");
    std::string deep = "x";
    for (int i = 0; i < 30; ++i) deep = "[" + deep + "]";
    EXPECT_NE(as_json(deep), "refused");
}

TEST(Yaml, NotTextAtAll) {
    EXPECT_EQ(as_json(""), "null");
    // Bytes beyond the last character: never made into text of our own.
    EXPECT_EQ(as_json("trud\xf6\x9e\xc5\xdf."), "refused");
    for (const std::string& bytes : {std::string("\x00\x01\x02", 3), std::string("\xff\xfe"),
                                     std::string("%YAML 9.9\n---\n!!python/object/apply:os.system [x]")}) {
        const auto value = parse_yaml(bytes, "x");  // any answer will do, as long as there is one
        if (value) {
            EXPECT_FALSE(json::canonical(*value).empty());
        }
    }
}

}  // namespace
}  // namespace contrechamp
