// cli/coordination_plan.h: what is written into the script. That it computes what it should is tested with a
// real engine (tests/e2e/coordination_plan_test.py).
#include "cli/coordination_plan.h"

#include <gtest/gtest.h>

using namespace contrechamp;
using namespace contrechamp::cli;

namespace {

SqlPlan plan_of(std::string file) {
    SqlPlan plan;
    plan.files = {std::move(file)};
    return plan;
}

std::string script_of(const SqlPlan& plan) {
    const auto script = coordination_sql(plan);
    EXPECT_TRUE(script) << script.error().what.en;
    return script.value_or("");
}

bool has(const std::string& script, std::string_view part) { return script.find(part) != std::string::npos; }

std::size_t count(const std::string& script, std::string_view part) {
    std::size_t found = 0;
    for (auto at = script.find(part); at != std::string::npos; at = script.find(part, at + 1)) ++found;
    return found;
}

// The script without what stands in quotes and comments, as the standard reads them (backslashes as
// ClickHouse does). Fails when a quote stays open.
std::string bare(const std::string& script, bool backslashes) {
    std::string out;
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char c = script[i];
        if (c == '-' && script.compare(i, 2, "--") == 0) {
            i = script.find('\n', i);
        } else if (c == '\'' || c == '"') {
            for (++i; i < script.size(); ++i) {
                if (backslashes && script[i] == '\\') ++i;
                else if (script[i] == c && i + 1 < script.size() && script[i + 1] == c) ++i;
                else if (script[i] == c) break;
            }
            EXPECT_LT(i, script.size()) << "an open quote";
            out += "?";
        } else {
            out += c;
        }
    }
    return out;
}

const std::string kHostile[] = {"it's",
                                "a\"b",
                                "x\\",
                                "x\\'",
                                "'; DROP TABLE t; --",
                                "line\nDROP x",
                                "{rows}",
                                "{shard}",
                                "/* open",
                                "\xe2\x80\xa8"
                                "DROP x",
                                "\rDROP x",
                                "$$",
                                "}",
                                "a''b",
                                "\x1b[2J"};

TEST(Plan, NothingHostileLeavesItsQuotes) {
    for (const SqlDialect dialect : {SqlDialect::duckdb, SqlDialect::clickhouse}) {
        const bool house = dialect == SqlDialect::clickhouse;
        SqlPlan plain = plan_of("posts.csv");
        plain.dialect = dialect;
        const std::string expected = bare(script_of(plain), house);
        for (const std::string& text : kHostile) {
            SqlPlan plan = plain;
            plan.object = plan.account = plan.post = plan.time = plan.layer = text;
            plan.object += "1";
            plan.account += "2";
            plan.post += "3";
            if (!house || text.find_first_of("{}*?") == std::string::npos)
                plan.files = {text}, plan.folder = text;
            EXPECT_EQ(bare(script_of(plan), house), expected) << text;
        }
    }
}

TEST(Plan, CommentsEndWithTheirLine) {
    SqlPlan plan = plan_of("a\nDROP TABLE t;\r\x1b[2J\xe2\x80\xa9.csv");
    plan.layer = "b\nDROP TABLE u;";
    plan.folder = "c\nDROP TABLE v;";
    const std::string script = script_of(plan);
    const std::string head = script.substr(0, script.find("\n\n"));
    EXPECT_EQ(count(head, "\n--"), 4u);
    EXPECT_EQ(count(head, "\n"), 4u);
    EXPECT_FALSE(has(head, "\x1b"));
}

TEST(Plan, QuotesAreDoubled) {
    SqlPlan plan = plan_of("it's \\.csv");
    plan.object = "a\"b\\";
    EXPECT_TRUE(has(script_of(plan), "'./it''s \\.csv'"));
    EXPECT_TRUE(has(script_of(plan), "\"a\"\"b\\\""));
    plan.dialect = SqlDialect::clickhouse;
    EXPECT_TRUE(has(script_of(plan), "'./it''s \\\\.csv'"));
    EXPECT_TRUE(has(script_of(plan), "\"a\"\"b\\\\\""));
}

TEST(Plan, FileNamesAreNoPatternsAndNoAddresses) {
    SqlPlan plan = plan_of("s3://bucket/a*b?[c].csv");
    plan.folder = "/out*";
    const std::string script = script_of(plan);
    EXPECT_TRUE(has(script, "'./s3://bucket/a[*]b[?][[]c].csv'"));
    // What is written is not expanded; what is read is.
    EXPECT_TRUE(has(script, "TO '/out*/edges_0.csv'"));
    EXPECT_TRUE(has(script, "['/out[*]/edges_0.csv'"));
    plan.dialect = SqlDialect::clickhouse;
    EXPECT_FALSE(coordination_sql(plan));
    plan.files = {"a{1,2}.csv"};
    plan.folder = ".";
    EXPECT_FALSE(coordination_sql(plan));
}

TEST(Plan, OneStatementAShard) {
    SqlPlan plan = plan_of("posts.csv");
    plan.shards = 12;
    plan.window = 0;
    for (const SqlDialect dialect : {SqlDialect::duckdb, SqlDialect::clickhouse}) {
        plan.dialect = dialect;
        const std::string script = script_of(plan);
        EXPECT_EQ(count(script, "\n-- shard "), 12u);
        EXPECT_EQ(count(script, "% 12 = "), 12u);
        // Written once, read once; ClickHouse reads the files of all shards as one pattern, and counts them
        // first.
        const bool house = dialect == SqlDialect::clickhouse;
        EXPECT_EQ(count(script, "edges_11.csv"), house ? 1u : 2u);
        EXPECT_EQ(count(script, "edges_{0..11}.csv"), house ? 2u : 0u);
        EXPECT_FALSE(has(script, "// 0"));  // a window of no time has buckets of one second
        EXPECT_FALSE(has(script, "intDiv(t, 0)"));
    }
}

TEST(Plan, SettingsOutOfRangeAreRefused) {
    const auto refused = [](auto change) {
        SqlPlan plan = plan_of("posts.csv");
        change(plan);
        const auto script = coordination_sql(plan);
        return !script && script.error().misuse && !script.error().what.fr.empty();
    };
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.files.clear(); }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.files = {""}; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.files = {"\xff"}; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.files = {std::string("a\0b", 3)}; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.account = std::string("a\0b", 3); }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.time.clear(); }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.layer.clear(); }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.window = -1; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.window = INT64_MAX; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.shards = 0; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.shards = 4097; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.fewest_objects = 0; }));
    EXPECT_TRUE(refused([](SqlPlan& plan) { plan.delimiter = '\''; }));
    EXPECT_FALSE(refused([](SqlPlan& plan) { plan.window = 0; }));
}

}  // namespace
