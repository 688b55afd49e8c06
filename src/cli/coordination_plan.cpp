#include "cli/coordination_plan.h"

#include <array>
#include <functional>
#include <span>
#include <string_view>

#include "base/escape.h"

namespace contrechamp::cli {
namespace {

constexpr std::int64_t kLongestWindow = std::int64_t{100} * 86400;
constexpr unsigned kMostShards = 4096;

// What a name is written into.
struct Quotes {
    SqlDialect dialect;

    std::string text(std::string_view value) const {
        std::string out = "'";
        for (const char c : value) {
            if (c == '\'') out += '\'';
            // ClickHouse reads escapes in literals; DuckDB, like the standard, does not.
            if (c == '\\' && dialect == SqlDialect::clickhouse) out += '\\';
            out += c;
        }
        return out + "'";
    }

    std::string column(std::string_view name) const {
        std::string out = "\"";
        for (const char c : name) {
            if (c == '"') out += '"';
            if (c == '\\' && dialect == SqlDialect::clickhouse) out += '\\';
            out += c;
        }
        return out + "\"";
    }

    // A file as this engine's readers take it. A relative name begins with ./ so that none is taken for an
    // address ("s3://…").
    std::string file(std::string_view name, bool read) const {
        std::string path = name.starts_with('/') ? "" : "./";
        for (const char c : name) {
            // DuckDB expands wildcards where it reads; a class of one character stands for itself.
            const bool wild = read && dialect == SqlDialect::duckdb && (c == '*' || c == '?' || c == '[');
            if (wild) path += '[';
            path += c;
            if (wild) path += ']';
        }
        return text(path);
    }
};

using Values = std::function<std::string(std::string_view)>;

// Puts values where the template says {name}. One pass: what a value holds is never looked at again.
std::string filled(std::string_view form, const Values& value_of) {
    std::string out;
    for (std::size_t at = 0; at < form.size();) {
        const auto open = form.find('{', at);
        out += form.substr(at, open - at);
        if (open == std::string_view::npos) break;
        const auto close = form.find('}', open);
        out += value_of(form.substr(open + 1, close - open - 1));
        at = close + 1;
    }
    return out;
}

constexpr std::string_view kHead = R"(-- contrechamp: accounts that share the same objects within {window} s
-- layer: {layer comment}
-- files: {files comment}
-- After the SET statement, if there is one, the statements between two lines "-- shard" need nothing of the other shards
-- and may run on other machines; the merge needs the files of all. Add its file to the case: contrechamp add {merged comment}
)";

// A time outside 1990 to 2100 is a mistake in the export (src/formats/posts.h).
constexpr std::string_view kUsed =
    "object <> '' AND account <> '' AND post <> '' AND t >= 631152000 AND t < 4102444800";

constexpr std::string_view kDuckRows = R"(
{settings}-- rows in the files, and those that are used: with an object, an account, a post and a time
SELECT count(*) AS "rows", count(*) FILTER (WHERE {used}) AS "used" FROM (
{rows}
);
)";

// Columns are named with their table: a name of theirs may be one of ours.
constexpr std::string_view kDuckSource =
    R"(  SELECT CAST(source.{object} AS VARCHAR) AS object, CAST(source.{account} AS VARCHAR) AS account,
         CAST(source.{post} AS VARCHAR) AS post, {time} AS t
  FROM {reader} AS source)";

// The earlier post of a pair is looked up in its own bucket and the next: no pair within the window is
// lost, and each is made once. Of two posts at one time, the account that sorts first counts as earlier.
constexpr std::string_view kDuckShard = R"(
-- shard {shard} of {shards}
CREATE OR REPLACE TEMP TABLE contrechamp_shares AS
SELECT DISTINCT object, account, post, t, t // {bucket} AS bucket FROM (
{rows}
) WHERE {used} AND hash(object) % {shards} = {shard};

COPY (
  SELECT account, count(DISTINCT object) AS objects FROM contrechamp_shares GROUP BY account ORDER BY account
) TO {accounts file} ({format});

COPY (
  WITH sharers AS (
    SELECT object, count(DISTINCT account) AS sharers FROM contrechamp_shares GROUP BY object
  ), earlier AS (
    SELECT object, account, post, t, unnest([bucket, bucket + 1]) AS bucket FROM contrechamp_shares
  ), pairs AS (
    SELECT object, x.account AS x_account, x.post AS x_post, x.t AS x_t,
           y.account AS y_account, y.post AS y_post, y.t AS y_t
    FROM earlier x JOIN contrechamp_shares y USING (object, bucket)
    WHERE x.account <> y.account AND y.t - x.t <= {window}
      AND (x.t < y.t OR (x.t = y.t AND x.account < y.account))
  )
  SELECT least(x_account, y_account) AS account_a, greatest(x_account, y_account) AS account_b, object,
         CASE WHEN x_account < y_account THEN x_post ELSE y_post END AS post_a,
         CASE WHEN x_account < y_account THEN y_post ELSE x_post END AS post_b,
         CASE WHEN x_account < y_account THEN x_t ELSE y_t END AS time_a,
         CASE WHEN x_account < y_account THEN y_t - x_t ELSE x_t - y_t END AS delta_s,
         sharers
  FROM pairs JOIN sharers USING (object)
  ORDER BY ALL
) TO {edges file} ({format});
DROP TABLE contrechamp_shares;
)";

// Decimals, so that a sum is the same in whatever order the engine adds.
constexpr std::string_view kDuckMerge = R"(
-- merge: one row an edge
COPY (
  WITH evidence AS (
    SELECT * FROM {edges reader}
  ), totals AS (
    SELECT account, sum(objects) AS objects FROM {accounts reader} GROUP BY account
  ), ties AS (
    SELECT account_a, account_b, count(DISTINCT object) AS objects,
           avg(abs(delta_s)) AS mean_delta_s, median(abs(delta_s)) AS median_delta_s,
           count(DISTINCT (time_a + least(delta_s, 0)) // 3600) AS occasions,
           count(DISTINCT post_a) AS posts_a, count(DISTINCT post_b) AS posts_b,
           min(time_a + least(delta_s, 0)) AS first_s, max(time_a + greatest(delta_s, 0)) AS last_s
    FROM evidence GROUP BY account_a, account_b
    HAVING count(DISTINCT object) >= {fewest}
  ), rare AS (
    SELECT account_a, account_b, sum(CAST(1 / log2(1 + sharers) AS DECIMAL(18, 9))) AS rare_weight
    FROM (SELECT DISTINCT account_a, account_b, object, sharers FROM evidence)
    GROUP BY account_a, account_b
  )
  SELECT ties.account_a, ties.account_b, {layer} AS "layer", {window} AS "window",
         ties.objects / least(a.objects, b.objects) AS "weight", ties.objects,
         mean_delta_s, least(posts_a, posts_b) / greatest(posts_a, posts_b) AS symmetry,
         median_delta_s, rare_weight, occasions, posts_a, posts_b,
         ties.objects / a.objects AS share_a, ties.objects / b.objects AS share_b,
         strftime(make_timestamp(first_s * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS "first",
         strftime(make_timestamp(last_s * 1000000), '%Y-%m-%dT%H:%M:%SZ') AS "last"
  FROM ties JOIN rare USING (account_a, account_b)
  JOIN totals a ON a.account = ties.account_a JOIN totals b ON b.account = ties.account_b
  ORDER BY ties.account_a, ties.account_b
) TO {merged file} (FORMAT csv, HEADER);
)";

constexpr std::string_view kHouseSource =
    R"(  SELECT toString(source.{object}) AS object, toString(source.{account}) AS account,
         toString(source.{post}) AS post, {time} AS t
  FROM )";

// Text is what stands between the delimiters, whatever it looks like (\N, spaces, nothing), and an empty line
// may end a file. Folders named key=value are no columns, and names with :: no archives. What a plan of
// thousands of files needs is more than a query may usually be long.
constexpr std::string_view kHouseRows = R"(
SET engine_file_truncate_on_insert = 1, input_format_with_names_use_header = 1, input_format_skip_unknown_fields = 1,
    input_format_null_as_default = 0, input_format_csv_empty_as_default = 0, input_format_csv_trim_whitespaces = 0,
    input_format_csv_skip_trailing_empty_lines = 1, format_csv_allow_single_quotes = 0,
    use_hive_partitioning = 0, allow_archive_path_syntax = 0, session_timezone = 'UTC', max_query_size = 16777216;

-- rows in the files, and those that are used: with an object, an account, a post and a time
SELECT count() AS "rows", countIf({used}) AS "used" FROM (
{rows}
);
)";

constexpr std::string_view kHouseShard = R"(
-- shard {shard} of {shards}
DROP TABLE IF EXISTS contrechamp_shares;
CREATE TABLE contrechamp_shares (object String, account String, post String, t Int64, bucket Int64)
ENGINE = MergeTree ORDER BY (object, bucket);
INSERT INTO contrechamp_shares
SELECT DISTINCT object, account, post, t, intDiv(t, {bucket}) AS bucket FROM (
{rows}
) WHERE {used} AND cityHash64(object) % {shards} = {shard};

INSERT INTO FUNCTION file({accounts file}, '{format}', 'account String, objects UInt64')
SELECT account, uniqExact(object) AS objects FROM contrechamp_shares GROUP BY account ORDER BY account;

INSERT INTO FUNCTION file({edges file}, '{format}', '{edges columns}')
WITH sharers AS (
  SELECT object, uniqExact(account) AS sharers FROM contrechamp_shares GROUP BY object
), earlier AS (
  SELECT object, account, post, t, arrayJoin([bucket, bucket + 1]) AS slot FROM contrechamp_shares
), pairs AS (
  SELECT x.object AS object, x.account AS x_account, x.post AS x_post, x.t AS x_t,
         y.account AS y_account, y.post AS y_post, y.t AS y_t
  FROM earlier AS x INNER JOIN contrechamp_shares AS y ON x.object = y.object AND x.slot = y.bucket
  WHERE x.account <> y.account AND y.t - x.t <= {window}
    AND (x.t < y.t OR (x.t = y.t AND x.account < y.account))
)
SELECT least(x_account, y_account) AS account_a, greatest(x_account, y_account) AS account_b, p.object AS object,
       if(x_account < y_account, x_post, y_post) AS post_a, if(x_account < y_account, y_post, x_post) AS post_b,
       if(x_account < y_account, x_t, y_t) AS time_a, if(x_account < y_account, y_t - x_t, x_t - y_t) AS delta_s,
       s.sharers AS sharers
FROM pairs AS p INNER JOIN sharers AS s ON p.object = s.object
ORDER BY account_a, account_b, object, post_a, post_b, time_a, delta_s;
DROP TABLE contrechamp_shares;
)";

// A pattern finds the files that are there: that none is missing is asked first. Billionths, so that a sum is
// the same in whatever order the engine adds; its own decimals cut where DuckDB's round.
constexpr std::string_view kHouseMerge = R"(
-- merge: one row an edge
INSERT INTO FUNCTION null('missing UInt8')
SELECT throwIf(count() <> {shards}, 'the files edges_K of some shards are missing') FROM file({all edges}, 'One');
INSERT INTO FUNCTION null('missing UInt8')
SELECT throwIf(count() <> {shards}, 'the files accounts_K of some shards are missing') FROM file({all accounts}, 'One');
INSERT INTO FUNCTION file({merged file}, 'CSVWithNames', '{merged columns}')
WITH evidence AS (
  SELECT * FROM {edges reader}
), totals AS (
  SELECT account, sum(objects) AS all_objects FROM {accounts reader} GROUP BY account
), ties AS (
  SELECT account_a, account_b, uniqExact(object) AS shared,
         avg(abs(delta_s)) AS mean_s, quantileExactInclusive(0.5)(abs(delta_s)) AS median_s,
         uniqExact(intDiv(time_a + least(delta_s, 0), 3600)) AS hours,
         uniqExact(post_a) AS of_a, uniqExact(post_b) AS of_b,
         min(time_a + least(delta_s, 0)) AS first_s, max(time_a + greatest(delta_s, 0)) AS last_s
  FROM evidence GROUP BY account_a, account_b
  HAVING uniqExact(object) >= {fewest}
), rare AS (
  SELECT account_a, account_b, sum(toInt64(round(1e9 / log2(1 + sharers)))) AS billionths
  FROM (SELECT DISTINCT account_a, account_b, object, sharers FROM evidence)
  GROUP BY account_a, account_b
)
SELECT t.account_a AS account_a, t.account_b AS account_b, {layer} AS "layer", {window} AS "window",
       t.shared / least(a.all_objects, b.all_objects) AS "weight", t.shared AS objects,
       t.mean_s AS mean_delta_s, least(t.of_a, t.of_b) / greatest(t.of_a, t.of_b) AS symmetry,
       t.median_s AS median_delta_s, r.billionths / 1e9 AS rare_weight, t.hours AS occasions,
       t.of_a AS posts_a, t.of_b AS posts_b,
       t.shared / a.all_objects AS share_a, t.shared / b.all_objects AS share_b,
       formatDateTime(toDateTime64(t.first_s, 0, 'UTC'), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS "first",
       formatDateTime(toDateTime64(t.last_s, 0, 'UTC'), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS "last"
FROM ties AS t INNER JOIN rare AS r ON t.account_a = r.account_a AND t.account_b = r.account_b
INNER JOIN totals AS a ON a.account = t.account_a INNER JOIN totals AS b ON b.account = t.account_b
ORDER BY account_a, account_b;
)";

// ISO 8601: a date; with a time after it; with seconds, fractions and a zone.
constexpr std::string_view kTimestamp =
    "^[0-9]{4}[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12][0-9]|3[01])"
    "([ T]([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]*)?(Z| ?UTC|[+-][0-9]{2}(:?[0-9]{2})?)?)?)?$";
constexpr std::string_view kEdgesColumns =
    "account_a String, account_b String, object String, post_a String, post_b String, time_a Int64, "
    "delta_s Int64, sharers UInt64";
constexpr std::string_view kMergedColumns =
    "account_a String, account_b String, layer String, window Int64, weight Float64, objects UInt64, "
    "mean_delta_s Float64, symmetry Float64, median_delta_s Float64, rare_weight Float64, "
    "occasions UInt64, posts_a UInt64, posts_b UInt64, share_a Float64, share_b Float64, first String, "
    "last String";

class Script {
  public:
    explicit Script(const SqlPlan& plan) : plan_(plan), quotes_{plan.dialect} {}

    std::string write() const {
        const bool duck = plan_.dialect == SqlDialect::duckdb;
        std::string out = filled(kHead, values(0)) + filled(duck ? kDuckRows : kHouseRows, values(0));
        for (unsigned shard = 0; shard < plan_.shards; ++shard)
            out += filled(duck ? kDuckShard : kHouseShard, values(shard));
        return out + filled(duck ? kDuckMerge : kHouseMerge, values(0));
    }

  private:
    std::string output(std::string_view name) const {
        if (plan_.folder == ".") return std::string(name);
        return plan_.folder + (plan_.folder.ends_with('/') ? "" : "/") + std::string(name);
    }
    std::string between(std::string_view what, const std::string& shard) const {
        return output(std::string(what) + "_" + shard +
                      (plan_.between == SqlFormat::csv ? ".csv" : ".parquet"));
    }
    std::string between(std::string_view what, unsigned shard) const {
        return between(what, std::to_string(shard));
    }
    std::string merged() const { return output("coordination-edges.csv"); }

    std::vector<std::string> all_between(std::string_view what) const {
        std::vector<std::string> names;
        for (unsigned shard = 0; shard < plan_.shards; ++shard) names.push_back(between(what, shard));
        return names;
    }

    std::string duck_list(std::span<const std::string> names) const {
        std::string out;
        for (const std::string& name : names)
            out += (out.empty() ? "[" : ",\n    ") + quotes_.file(name, true);
        return out + "]";
    }

    // Folders named key=value are no columns of ours, and rows that begin with # no comments.
    std::string duck_input() const {
        const std::string common = ", hive_partitioning = false, union_by_name = true)";
        if (plan_.input == SqlFormat::parquet) return "read_parquet(" + duck_list(plan_.files) + common;
        return "read_csv(" + duck_list(plan_.files) +
               ", header = true, all_varchar = true, comment = '', quote = '\"', escape = '\"', delim = " +
               quotes_.text({&plan_.delimiter, 1}) + common;
    }

    std::string duck_between(std::string_view what, std::string_view columns) const {
        const std::string files = duck_list(all_between(what));
        if (plan_.between == SqlFormat::parquet)
            return "read_parquet(" + files + ", hive_partitioning = false)";
        return "read_csv(" + files +
               ", header = true, auto_detect = false, hive_partitioning = false, delim = ',', quote = '\"', "
               "escape = '\"',\n    columns = {" +
               std::string(columns) + "})";
    }

    // The shards' files as one pattern.
    std::string house_all(std::string_view what) const {
        return quotes_.file(between(what, "{0.." + std::to_string(plan_.shards - 1) + "}"), true);
    }

    std::string house_between(std::string_view what, std::string_view columns) const {
        return "file(" + house_all(what) + ", '" + between_format() + "', " + quotes_.text(columns) + ")";
    }

    // A column that a file does not have would be read as empty: its default is an error.
    std::string house_columns() const {
        std::string columns;
        for (const std::string& name : distinct_columns())
            columns += (columns.empty() ? "" : ", ") + quotes_.column(name) +
                       " String DEFAULT toString(throwIf(1, " + quotes_.text("there is no column " + name) +
                       "))";
        return columns;
    }

    std::string house_input(const std::string& name) const {
        const std::string file = "file(" + quotes_.file(name, true);
        if (plan_.input == SqlFormat::parquet) return file + ", 'Parquet') AS source";
        return file + ", 'CSVWithNames', " + quotes_.text(house_columns()) +
               ") AS source\n  SETTINGS format_csv_delimiter = " + quotes_.text({&plan_.delimiter, 1}) +
               ", input_format_csv_allow_whitespace_or_tab_as_delimiter = 1";
    }

    std::vector<std::string> distinct_columns() const {
        std::vector<std::string> names;
        for (const std::string* name : {&plan_.object, &plan_.account, &plan_.post, &plan_.time}) {
            bool known = false;
            for (const std::string& other : names) known = known || other == *name;
            if (!known) names.push_back(*name);
        }
        return names;
    }

    std::string time() const {
        const std::string column = "source." + quotes_.column(plan_.time);
        return plan_.dialect == SqlDialect::duckdb ? duck_time(column)
                                                   : house_time("trimBoth(toString(" + column + "))");
    }

    std::string_view per_second() const { return plan_.time_as == SqlTime::milliseconds ? " / 1000" : ""; }

    std::string duck_time(const std::string& column) const {
        if (plan_.time_as == SqlTime::timestamp)
            return "CAST(floor(epoch(TRY_CAST(" + column + " AS TIMESTAMPTZ))) AS BIGINT)";
        return "TRY_CAST(floor(TRY_CAST(" + column + " AS DOUBLE)" + std::string(per_second()) +
               ") AS BIGINT)";
    }

    // Left to itself ClickHouse guesses: 13/09/2020, 2020, 12:26:40 (of this year), numbers. What it may
    // guess at is what DuckDB reads.
    std::string house_time(const std::string& text) const {
        if (plan_.time_as == SqlTime::timestamp)
            return "if(match(" + text + ", " + quotes_.text(kTimestamp) +
                   "),\n            intDiv(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(" + text +
                   ", 3, 'UTC')), 1000), NULL)";
        return "accurateCastOrNull(floor(toFloat64OrNull(" + text + ")" + std::string(per_second()) +
               "), 'Int64')";
    }

    // Comments end with their line: whatever could end one is made visible.
    static std::string comment(std::string_view text) { return for_terminal(text); }

    // DuckDB reads a list of files at once, by the names of their columns (one by one they would take 30 MB
    // each). ClickHouse reads each by itself: their columns may stand in different orders and be of different
    // types.
    std::string rows(const Values& value_of) const {
        if (plan_.dialect == SqlDialect::duckdb) return filled(kDuckSource, value_of);
        const std::string columns = filled(kHouseSource, value_of);
        std::string out;
        for (const std::string& name : plan_.files)
            out += (out.empty() ? "" : "\n  UNION ALL\n") + columns + house_input(name);
        return out;
    }

    Values values(unsigned shard) const {
        return [this, shard](std::string_view name) { return value(name, shard); };
    }

    std::string value(std::string_view name, unsigned shard) const {
        const bool duck = plan_.dialect == SqlDialect::duckdb;
        if (name == "window") return std::to_string(plan_.window);
        if (name == "bucket") return std::to_string(plan_.window ? plan_.window : 1);
        if (name == "shard") return std::to_string(shard);
        if (name == "shards") return std::to_string(plan_.shards);
        if (name == "fewest") return std::to_string(plan_.fewest_objects);
        if (name == "layer") return quotes_.text(plan_.layer);
        if (name == "object") return quotes_.column(plan_.object);
        if (name == "account") return quotes_.column(plan_.account);
        if (name == "post") return quotes_.column(plan_.post);
        if (name == "time") return time();
        // Times without a zone are UTC. (A cast to TIMESTAMP would drop the zones that are there.)
        if (name == "settings") return plan_.time_as == SqlTime::timestamp ? "SET TimeZone = 'UTC';\n" : "";
        if (name == "used") return std::string(kUsed);
        if (name == "rows") return rows(values(shard));
        if (name == "reader") return duck_input();
        if (name == "all edges") return house_all("edges");
        if (name == "all accounts") return house_all("accounts");
        if (name == "accounts file") return quotes_.file(between("accounts", shard), false);
        if (name == "edges file") return quotes_.file(between("edges", shard), false);
        if (name == "merged file") return quotes_.file(merged(), false);
        if (name == "layer comment") return comment(plan_.layer);
        if (name == "merged comment") return comment(for_shell(merged()));
        if (name == "files comment") return files_comment();
        if (name == "edges columns") return std::string(kEdgesColumns);
        if (name == "merged columns") return std::string(kMergedColumns);
        if (name == "format") return between_format();
        if (name == "edges reader")
            return duck ? duck_between("edges",
                                       "'account_a': 'VARCHAR', 'account_b': 'VARCHAR', 'object': 'VARCHAR', "
                                       "'post_a': 'VARCHAR',\n    'post_b': 'VARCHAR', 'time_a': 'BIGINT', "
                                       "'delta_s': 'BIGINT', 'sharers': 'BIGINT'")
                        : house_between("edges", kEdgesColumns);
        return duck ? duck_between("accounts", "'account': 'VARCHAR', 'objects': 'BIGINT'")
                    : house_between("accounts", "account String, objects UInt64");
    }

    std::string files_comment() const {
        std::string out;
        for (const std::string& name : plan_.files) out += (out.empty() ? "" : ", ") + comment(name);
        return out;
    }

    std::string between_format() const {
        const bool csv = plan_.between == SqlFormat::csv;
        if (plan_.dialect == SqlDialect::duckdb) return csv ? "FORMAT csv, HEADER" : "FORMAT parquet";
        return csv ? "CSVWithNames" : "Parquet";
    }

    const SqlPlan& plan_;
    Quotes quotes_;
};

Status check_name(std::string_view name, std::string_view what) {
    if (name.empty())
        return misuse({"a name for the SQL script is empty", "un nom pour le script SQL est vide"},
                      std::string(what));
    if (!is_valid_utf8(name) || name.find('\0') != std::string_view::npos)
        return misuse({"an SQL script cannot hold this name", "un script SQL ne peut contenir ce nom"},
                      for_terminal(name),
                      {"rename it: it is not UTF-8", "renommez-le : il n’est pas en UTF-8"});
    return {};
}

Status check_file(const SqlPlan& plan, std::string_view name) {
    TRY(check_name(name, "FILE"));
    if (plan.dialect == SqlDialect::clickhouse && name.find_first_of("*?{}") != std::string_view::npos)
        return misuse({"ClickHouse would take this file name for a pattern",
                       "ClickHouse prendrait ce nom de fichier pour un motif"},
                      for_terminal(name), {"rename it without * ? { }", "renommez-le sans * ? { }"});
    return {};
}

Status check(const SqlPlan& plan) {
    if (plan.files.empty())
        return misuse({"no file is named for the SQL script", "aucun fichier n’est nommé pour le script SQL"},
                      "FILE");
    for (const std::string& name : plan.files) TRY(check_file(plan, name));
    TRY(check_file(plan, plan.folder));
    for (const std::string* name : {&plan.object, &plan.account, &plan.post, &plan.time})
        TRY(check_name(*name, "--map"));
    TRY(check_name(plan.layer, "--layer"));
    if (plan.window < 0 || plan.window > kLongestWindow)
        return misuse({"a window is from 0 seconds to 100 days", "une fenêtre va de 0 seconde à 100 jours"},
                      std::to_string(plan.window));
    if (plan.shards < 1 || plan.shards > kMostShards)
        return misuse({"there can be 1 to 4096 shards", "il peut y avoir de 1 à 4096 parts"},
                      std::to_string(plan.shards));
    if (plan.fewest_objects < 1)
        return misuse({"an edge has at least one object", "un lien a au moins un objet"}, "0");
    if (std::string_view(",;|\t").find(plan.delimiter) == std::string_view::npos)
        return misuse(
            {"fields are divided by , ; | or a tab", "les champs sont séparés par , ; | ou une tabulation"},
            for_terminal({&plan.delimiter, 1}));
    return {};
}

}  // namespace

Result<std::string> coordination_sql(const SqlPlan& plan) {
    TRY(check(plan));
    return Script(plan).write();
}

}  // namespace contrechamp::cli
