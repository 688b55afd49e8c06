// Times as exports write them. Expected seconds were computed by hand or with `date -u -d … +%s`.
#include "base/time.h"
#include "formats/posts.h"
#include "kit/hostile.h"

namespace contrechamp {
namespace {

constexpr UnixTime kOct10 = 1539202764;  // 2018-10-10T20:19:24Z

struct Case {
    const char* text;
    UnixTime time;
    bool to_the_minute = false, zone_assumed = false;
};

TEST(PostTime, FormsOfExports) {
    for (const Case& c : std::vector<Case>{
             {"2018-10-10T20:19:24Z", kOct10},
             {"2018-10-10T20:19:24.000Z", kOct10},
             {"2018-10-10T20:19:24.999999Z", kOct10},
             {"2018-10-10t20:19:24z", kOct10},
             {"2018-10-10T22:19:24+02:00", kOct10},
             {"2018-10-10T22:19:24.5+0200", kOct10},
             {"2018-10-10 14:49:24-05:30", kOct10},
             {"2018-10-10 22:19:24 +02", kOct10},
             {"2018-10-10 20:19:24", kOct10, false, true},
             {" 2018-10-10 20:19:24 ", kOct10, false, true},
             {"2018-10-10 20:19", kOct10 - 24, true, true},
             {"2018-10-10T20:19Z", kOct10 - 24, true},
             {"2018/10/10 20:19:24 UTC", kOct10},
             {"2018-10-10 20:19:24 UTC+2", 0},  // one digit: not a form we know; see below
             {"Wed Oct 10 20:19:24 +0000 2018", kOct10},
             {"Wed Oct 10 22:19:24 +0200 2018", kOct10},
             {"Wed Oct 10 20:19:24 2018", kOct10, false, true},
             {"Wed Oct 10 16:19:24 EDT 2018", kOct10},
             {"Wed, 10 Oct 2018 20:19:24 +0000", kOct10},
             {"Wed, 10 Oct 2018 20:19:24 GMT", kOct10},
             {"10 Oct 2018 16:19 EDT", kOct10 - 24, true},
             {"1539202764", kOct10},
             {"1539202764.0", kOct10},
             {"1539202764.987", kOct10},
             {"1539202764123", kOct10},
             {"1539202764123456", kOct10},
             {"10/10/2018 20:19", kOct10 - 24, true, true},
             {"25/12/2018 20:19:24", 1545769164, false, true},
             {"12/25/2018 8:19 PM", 1545769140, true, true},
             {"12/25/2018, 12:19:24 AM", 1545697164, false, true},
             {"03.04.2018 20:19", 1522786740, true, true},  // with dots the day is first: 3 April
             {"2021-06-16 22:04:51 CEST", 1623873891},
             {"2021-06-16 22:04:51 EDT", 1623895491},
             {"2021-01-16 22:04:51 CET", 1610831091},
             {"2000-02-29 00:00:00Z", 951782400},
             {"1969-12-31T23:59:59Z", -1},
             {"2016-12-31T23:59:60Z", 1483228800},
         }) {
        const auto parsed = parse_post_time(c.text);
        if (std::string_view(c.text).ends_with("UTC+2")) {
            EXPECT_FALSE(parsed) << c.text;
            continue;
        }
        ASSERT_TRUE(parsed) << c.text;
        EXPECT_EQ(parsed->time, c.time) << c.text << " is " << to_rfc3339(parsed->time);
        EXPECT_EQ(parsed->to_the_minute, c.to_the_minute) << c.text;
        EXPECT_EQ(parsed->zone_assumed, c.zone_assumed) << c.text;
    }
}

TEST(PostTime, WhatIsNotKnownIsNothing) {
    for (const char* text : {"",
                             " ",
                             "yesterday",
                             "2018-10-10",
                             "03/04/2018 20:19",
                             "2018-13-10T20:19:24Z",
                             "2018-02-29T20:19:24Z",
                             "1900-02-29T20:19:24Z",
                             "2018-10-10T24:19:24Z",
                             "2018-10-10T20:60:24Z",
                             "2018-10-10T20:19:61Z",
                             "2018-10-10T20:19:24Q",
                             "2018-10-10 20:19:24 IST",
                             "2018-10-10T20:19:24+02:00 more",
                             "-5",
                             "12a",
                             "1.",
                             ".5",
                             "1539202764.1.2",
                             "99999999999999999999",
                             "Wed Foo 10 20:19:24 +0000 2018",
                             "Wed",
                             "Wed,",
                             "10 Oct",
                             "13/13/2018 10:00",
                             "2018-10-10T",
                             "2018-10-10T2",
                             "2018-10-10T20:19:24.Z",
                             "2018-1O-10T20:19:24Z",
                             "1.6e9",
                             "0000-01-01T00:00:00Z"})
        EXPECT_FALSE(parse_post_time(text)) << text;
}

// Every day of two hundred years, against the C library.
TEST(PostTime, DaysAgreeWithTheLibrary) {
    for (UnixTime day = -30 * 365; day < 140 * 365; ++day) {
        const UnixTime time = day * 86400 + (day % 1440 + 1440) % 1440 * 60 + 7;
        const auto text = to_rfc3339(time);
        const auto parsed = parse_post_time(text);
        ASSERT_TRUE(parsed) << text;
        ASSERT_EQ(parsed->time, time) << text;
    }
}

TEST(PostTime, AnyDamageIsSafe) {
    for (const char* text : {"2018-10-10T20:19:24.123+02:00", "Wed Oct 10 20:19:24 +0000 2018",
                             "Wed, 10 Oct 2018 20:19:24 GMT", "12/25/2018 8:19 PM EDT", "1539202764123456"})
        testing::for_every_damage(text, [](std::string_view damaged) { (void)parse_post_time(damaged); });
}

}  // namespace
}  // namespace contrechamp
