// RFC 8785 and what reads back: the ids of observations are digests of this form, so one wrong byte changes
// them all.
#include "base/json.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "base/escape.h"
#include "kit/temporary.h"

namespace contrechamp::json {
namespace {

using contrechamp::testing::get;
using contrechamp::testing::have;
using contrechamp::testing::put;
using contrechamp::testing::run;
using contrechamp::testing::TemporaryFolder;

std::string number(std::uint64_t bits) { return canonical(std::bit_cast<double>(bits)); }

TEST(Json, NumbersOfRfc8785AppendixB) {
    EXPECT_EQ(number(0x0000000000000000), "0");
    EXPECT_EQ(number(0x8000000000000000), "0");
    EXPECT_EQ(number(0x0000000000000001), "5e-324");
    EXPECT_EQ(number(0x8000000000000001), "-5e-324");
    EXPECT_EQ(number(0x7fefffffffffffff), "1.7976931348623157e+308");
    EXPECT_EQ(number(0xffefffffffffffff), "-1.7976931348623157e+308");
    EXPECT_EQ(number(0x4340000000000000), "9007199254740992");
    EXPECT_EQ(number(0xc340000000000000), "-9007199254740992");
    EXPECT_EQ(number(0x4430000000000000), "295147905179352830000");
    EXPECT_EQ(number(0x44b52d02c7e14af5), "9.999999999999997e+22");
    EXPECT_EQ(number(0x44b52d02c7e14af6), "1e+23");
    EXPECT_EQ(number(0x44b52d02c7e14af7), "1.0000000000000001e+23");
    EXPECT_EQ(number(0x444b1ae4d6e2ef4e), "999999999999999700000");
    EXPECT_EQ(number(0x444b1ae4d6e2ef4f), "999999999999999900000");
    EXPECT_EQ(number(0x444b1ae4d6e2ef50), "1e+21");
    EXPECT_EQ(number(0x3eb0c6f7a0b5ed8c), "9.999999999999997e-7");
    EXPECT_EQ(number(0x3eb0c6f7a0b5ed8d), "0.000001");
    EXPECT_EQ(number(0x41b3de4355555553), "333333333.3333332");
    EXPECT_EQ(number(0x41b3de4355555554), "333333333.33333325");
    EXPECT_EQ(number(0x41b3de4355555555), "333333333.3333333");
    EXPECT_EQ(number(0x41b3de4355555556), "333333333.3333334");
    EXPECT_EQ(number(0x41b3de4355555557), "333333333.33333343");
    EXPECT_EQ(number(0xbecbf647612f3696), "-0.0000033333333333333333");
    EXPECT_EQ(number(0x43143ff3c1cb0959), "1424953923781206.2");
}

TEST(Json, NumbersInOtherForms) {
    EXPECT_EQ(canonical(1e21), "1e+21");
    EXPECT_EQ(canonical(1e-7), "1e-7");
    EXPECT_EQ(canonical(-0.0), "0");
    EXPECT_EQ(canonical(1.5), "1.5");
    EXPECT_EQ(canonical(100.0), "100");
    EXPECT_EQ(canonical(0.1 + 0.2), "0.30000000000000004");
    EXPECT_EQ(canonical(333333333.33333329), "333333333.3333333");
    EXPECT_EQ(canonical(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(canonical(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
}

TEST(Json, StringsAreEscapedAsRfc8785Says) {
    std::string all;
    for (char c = 1; c < 0x20; ++c) all += c;
    EXPECT_EQ(canonical(all),
              "\"\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010"
              "\\u0011\\u0012\\u0013"
              "\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\"");
    EXPECT_EQ(canonical(std::string("\0", 1)), "\"\\u0000\"");
    EXPECT_EQ(canonical("\"\\/\x7f"), "\"\\\"\\\\/\x7f\"");
    EXPECT_EQ(canonical("é€😀\xe2\x80\xa8"), "\"é€😀\xe2\x80\xa8\"");
    // The RFC's own example, section 3.2.2.
    const auto example = parse(R"({"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"})", "");
    ASSERT_OK(example);
    EXPECT_EQ(canonical(*example), "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(Json, MembersAreSortedAndNothingIsAdded) {
    const auto value = parse(
        " { \"b\" : [ ] , \"a\" : { \"z\" : null , \"y\" : true } , \"1\" : false, \"\" : [ 1 , { } ] } ",
        "");
    ASSERT_OK(value);
    EXPECT_EQ(canonical(*value), R"({"":[1,{}],"1":false,"a":{"y":true,"z":null},"b":[]})");
    // Capital letters before small ones, prefixes first.
    const auto letters = parse(R"({"aa":1,"a":2,"B":3,"b":4,"A":5})", "");
    ASSERT_OK(letters);
    EXPECT_EQ(canonical(*letters), R"({"A":5,"B":3,"a":2,"aa":1,"b":4})");
}

TEST(Json, PrettyIsTheSameDocument) {
    const auto value = parse(R"({"a":[1,{"b":[]},{}],"c":{"d":null}})", "");
    ASSERT_OK(value);
    EXPECT_EQ(pretty(*value),
              "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    {}\n  ],\n  \"c\": {\n    \"d\": "
              "null\n  }\n}");
    const auto again = parse(pretty(*value), "");
    ASSERT_OK(again);
    EXPECT_EQ(*again, *value);
}

TEST(Json, RefusesWhatIsNotJson) {
    for (const char* text : {"",          " ",     "{",        "[1,]",         "{\"a\":1,}",
                             "{a:1}",     "'a'",   "01",       "1.",           ".5",
                             "+1",        "NaN",   "Infinity", "\"\t\"",       "\"\\x\"",
                             "tru",       "[1] x", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                             "{\"a\" 1}", "1e999"}) {
        const auto value = parse(text, "here.json");
        EXPECT_FALSE(value.has_value()) << text;
        if (!value) {
            EXPECT_EQ(value.error().where, "here.json");
            EXPECT_FALSE(value.error().what.en.empty());
            EXPECT_FALSE(value.error().what.fr.empty());
            EXPECT_NE(value.error().what.en, value.error().what.fr);
        }
    }
}

TEST(Json, NestingIsBounded) {
    const auto nested = [](int levels) {
        return std::string(static_cast<std::size_t>(levels), '[') +
               std::string(static_cast<std::size_t>(levels), ']');
    };
    EXPECT_TRUE(parse(nested(60), "").has_value());
    EXPECT_FALSE(parse(nested(65), "").has_value());
    EXPECT_FALSE(parse(nested(1'000'000), "").has_value());
    EXPECT_FALSE(parse(std::string(1'000'000, '['), "").has_value());
}

TEST(Json, IntegersBeyondInt64BecomeDoubles) {
    const std::pair<const char*, double> cases[] = {
        {"9223372036854775808", 9223372036854775808.0},   {"18446744073709551615", 18446744073709551615.0},
        {"18446744073709551616", 18446744073709551616.0}, {"100000000000000000000", 1e20},
        {"-9223372036854775809", -9223372036854775809.0}, {"-100000000000000000000", -1e20}};
    for (const auto& [text, expected] : cases) {
        const auto value = parse(text, "");
        ASSERT_OK(value);
        ASSERT_TRUE(value->if_double()) << text;
        EXPECT_EQ(*value->if_double(), expected) << text;
    }
    // Where they stand makes no difference, and text that looks like one stays text.
    const auto value = parse(
        R"({"n":[1,99999999999999999999,2],"s":"99999999999999999999","q":"\"99999999999999999999"})", "");
    ASSERT_OK(value);
    EXPECT_EQ(canonical((*value)["n"]), "[1,100000000000000000000,2]");
    EXPECT_EQ((*value)["s"].string_or(), "99999999999999999999");
    EXPECT_EQ((*value)["q"].string_or(), "\"99999999999999999999");
}

TEST(Json, ARepeatedNameKeepsItsLastValue) {
    const auto value = parse(R"({"a":1,"a":2})", "");
    ASSERT_OK(value);
    EXPECT_EQ((*value)["a"].int_or(0), 2);
}

TEST(Json, LookUpsForgive) {
    const Value value = Object{{"a", 1}, {"s", "x"}, {"l", Array{1, 2}}};
    EXPECT_TRUE(value["b"]["c"]["d"].is_null());
    EXPECT_EQ(value["s"].int_or(7), 7);
    EXPECT_EQ(value["a"].string_or("other"), "other");
    EXPECT_TRUE(value["a"].bool_or(true));
    EXPECT_TRUE(value["s"].array_or_empty().empty());
    EXPECT_TRUE(value["l"].object_or_empty().empty());
    EXPECT_EQ(value["l"].array_or_empty().size(), 2u);
}

class RandomValues {
  public:
    RandomValues(unsigned seed, bool floats) : random_(seed), floats_(floats) {}

    Value value(int depth = 0) {
        switch (pick(depth > 4 ? 5 : 7)) {
            case 0: return nullptr;
            case 1: return pick(2) == 1;
            case 2: return integer();
            case 3: return floats_ ? Value(real()) : integer();
            case 4: return text();
            case 5: {
                Array out;
                for (int i = pick(5); i > 0; --i) out.push_back(value(depth + 1));
                return out;
            }
            default: {
                Object out;
                for (int i = pick(5); i > 0; --i) out[name()] = value(depth + 1);
                return out;
            }
        }
    }

  private:
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

    // Within what a double holds exactly: jq reads every number as one.
    Value integer() {
        const std::int64_t most = std::int64_t{1} << (1 + random_() % 53);
        return static_cast<std::int64_t>((std::uint64_t{random_()} << 32 | random_()) %
                                         static_cast<std::uint64_t>(2 * most)) -
               most;
    }

    double real() {
        for (;;) {
            const auto bits = std::uint64_t{random_()} << 32 | random_();
            const double value = std::bit_cast<double>(bits);
            // Every other one of a size people use.
            if (pick(2))
                return std::ldexp(static_cast<double>(static_cast<std::int32_t>(random_())), pick(60) - 40);
            if (std::isfinite(value)) return value;
        }
    }

    std::string text() {
        static const char32_t kStarts[] = {0x00,   0x20,    0x22,    0x5c,    0x7f,   0x80,
                                           0xa0,   0xff,    0x2028,  0xd7ff,  0xe000, 0xfeff,
                                           0xfffd, 0x10000, 0x1f600, 0x10ffff};
        std::string out;
        for (int i = pick(12); i > 0; --i) {
            char32_t c = pick(2) ? static_cast<char32_t>(pick(0x80))
                                 : kStarts[pick(16)] + static_cast<char32_t>(pick(3));
            if (c == 0x7f) c = 0x7e;  // jq 1.7 escapes DEL, RFC 8785 and jq 1.6 do not
            if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = 0x10ffff;
            if (c < 0x80) out += static_cast<char>(c);
            else if (c < 0x800) out += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
            else if (c < 0x10000)
                out += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                        static_cast<char>(0x80 | (c & 63))};
            else
                out += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                        static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
        }
        return out;
    }

    std::string name() {
        std::string out;
        for (int i = pick(4); i >= 0; --i) out += static_cast<char>(0x21 + pick(0x5d));
        return out;
    }

    std::mt19937 random_;
    bool floats_;
};

// The same value, where a whole number may have come back as an integer.
bool same(const Value& a, const Value& b) {
    const auto as_double = [](const Value& v) -> std::optional<double> {
        if (const auto* i = v.if_int()) return static_cast<double>(*i);
        if (const auto* d = v.if_double()) return *d;
        return std::nullopt;
    };
    if (const auto x = as_double(a), y = as_double(b); x || y) return x == y;
    if (const auto* list = a.if_array()) {
        const auto* other = b.if_array();
        if (!other || list->size() != other->size()) return false;
        for (std::size_t i = 0; i < list->size(); ++i)
            if (!same((*list)[i], (*other)[i])) return false;
        return true;
    }
    if (const auto* object = a.if_object()) {
        const auto* other = b.if_object();
        if (!other || object->size() != other->size()) return false;
        for (const auto& [name, value] : *object)
            if (!other->contains(name) || !same(value, other->at(name))) return false;
        return true;
    }
    return a == b;
}

TEST(Json, ReadsBackWhatItWrote) {
    RandomValues random(20261123, true);
    for (int i = 0; i < 3000; ++i) {
        const Value value = random.value();
        const std::string text = canonical(value);
        ASSERT_TRUE(is_valid_utf8(text));
        const auto again = parse(text, "");
        ASSERT_TRUE(again.has_value()) << text;
        ASSERT_TRUE(same(value, *again)) << text << "\n" << canonical(*again);
        // Canonical form is a fixed point.
        ASSERT_EQ(canonical(*again), text);
        const auto from_pretty = parse(pretty(value), "");
        ASSERT_TRUE(from_pretty.has_value());
        ASSERT_EQ(canonical(*from_pretty), text);
    }
}

TEST(Json, SaysTheSameAsJq) {
    if (!have("jq")) GTEST_SKIP() << "jq is not installed";
    const TemporaryFolder folder;
    RandomValues random(7, false);
    std::string lines, canonical_lines;
    for (int i = 0; i < 2000; ++i) {
        const Value value = random.value();
        std::string line = pretty(value);
        // Any white space will do for jq.
        for (char& c : line)
            if (c == '\n') c = ' ';
        lines += line + "\n";
        canonical_lines += canonical(value) + "\n";
    }
    put(folder / "in", lines);
    put(folder / "ours", canonical_lines);
    const auto jq = run("jq -cS . " + (folder / "in").string() + " > " + (folder / "theirs").string());
    ASSERT_EQ(jq.code, 0) << jq.out;
    EXPECT_EQ(get(folder / "theirs"), canonical_lines);
}

}  // namespace
}  // namespace contrechamp::json
