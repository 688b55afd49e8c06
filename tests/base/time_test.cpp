#include "base/time.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace contrechamp {
namespace {

TEST(Time, Rfc3339ThereAndBack) {
    const std::pair<UnixTime, const char*> cases[] = {{0, "1970-01-01T00:00:00Z"},
                                                      {951782400, "2000-02-29T00:00:00Z"},
                                                      {1795428900, "2026-11-23T10:15:00Z"},
                                                      {-1, "1969-12-31T23:59:59Z"},
                                                      {4102444799, "2099-12-31T23:59:59Z"}};
    for (const auto& [time, text] : cases) {
        EXPECT_EQ(to_rfc3339(time), text);
        EXPECT_EQ(from_rfc3339(text), time);
    }
    EXPECT_EQ(to_compact(1795428900), "20261123T101500Z");
}

TEST(Time, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2026-11-23", "2026-11-23T10:15:00", "2026-11-23T10:15:00+01:00", "2026-11-23 10:15:00Z",
          "2026-11-23T10:15:00Zx", "2026-11-23T10:15:00z", " 2026-11-23T10:15:00Z", "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
          "2026-11-23T10:60:00Z", "2026-1-2T03:04:05Z", "2026-11-23T1:2:3Z", "T00:00:00Z",
          "26-11-23T00:00:00Z"})
        EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Time, DoesNotDependOnTheTimeZone) {
    const char* before = std::getenv("TZ");
    const std::string kept = before ? before : "";
    for (const char* zone : {"Asia/Tokyo", "America/St_Johns", "UTC"}) {
        ::setenv("TZ", zone, 1);
        ::tzset();
        EXPECT_EQ(to_rfc3339(1795428900), "2026-11-23T10:15:00Z");
        EXPECT_EQ(from_rfc3339("2026-11-23T10:15:00Z"), 1795428900);
    }
    before ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
}

TEST(Time, TheClockCanBeFixed) {
    ::setenv("SOURCE_DATE_EPOCH", "1795428900", 1);
    EXPECT_EQ(now(), 1795428900);
    // What is not a number is no time.
    for (const char* bad : {"", "soon", "12x"}) {
        ::setenv("SOURCE_DATE_EPOCH", bad, 1);
        EXPECT_GE(now(), std::time(nullptr) - 5) << bad;
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
    EXPECT_GE(now(), 1700000000);
}

}  // namespace
}  // namespace contrechamp
