// `contrechamp coordination --plan sql`: the partitioned form of the join as a script for an SQL engine, so
// that a cluster or a database that already holds the posts can make the pairs. What it computes is
// docs/schema/coordination-edges.md; the merged file goes back into a case with `contrechamp add`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace contrechamp::cli {

enum class SqlDialect : std::uint8_t { duckdb, clickhouse };
enum class SqlFormat : std::uint8_t { csv, parquet };
// What the time column holds. `timestamp`: text or a timestamp that the engine reads; without a zone, UTC.
enum class SqlTime : std::uint8_t { seconds, milliseconds, timestamp };

struct SqlPlan {
    std::vector<std::string> files;    // read as they are named: no wildcards
    SqlFormat input = SqlFormat::csv;  // of `files`; CSV has a header row
    char delimiter = ',';              // of CSV input: , ; | or tab
    std::string object = "object_id";  // columns of `files`
    std::string account = "account_id";
    std::string post = "content_id";
    std::string time = "timestamp_share";
    SqlTime time_as = SqlTime::seconds;
    std::string layer = "same-object";   // what the layer is called in the result
    std::int64_t window = 60;            // seconds, 0 to 100 days
    std::uint64_t fewest_objects = 2;    // an edge has at least so many objects
    unsigned shards = 8;                 // 1 to 4096
    SqlFormat between = SqlFormat::csv;  // of the shards' files
    std::string folder = ".";            // where the files are written; exists
    SqlDialect dialect = SqlDialect::duckdb;
};

// The script. Fails on settings out of range and on names that the engine cannot be given safely (no UTF-8,
// NUL bytes; for ClickHouse, which has no escape for them, wildcards in file names).
Result<std::string> coordination_sql(const SqlPlan& plan);

}  // namespace contrechamp::cli
