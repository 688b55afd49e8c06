// Writes the SQL script of cli/coordination_plan.h with any settings, for
// tests/e2e/coordination_plan_test.py:
//     write_plan file=NAME… [object=COLUMN …] [window=N] [shards=N] …
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cli/coordination_plan.h"

using namespace contrechamp::cli;

namespace {

bool set(SqlPlan& plan, const std::string& key, const std::string& value) {
    if (key == "file") plan.files.push_back(value);
    else if (key == "object") plan.object = value;
    else if (key == "account") plan.account = value;
    else if (key == "post") plan.post = value;
    else if (key == "time") plan.time = value;
    else if (key == "layer") plan.layer = value;
    else if (key == "folder") plan.folder = value;
    else if (key == "window") plan.window = std::atoll(value.c_str());
    else if (key == "fewest") plan.fewest_objects = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "shards") plan.shards = static_cast<unsigned>(std::atoi(value.c_str()));
    else if (key == "delimiter") plan.delimiter = value.at(0);
    else if (key == "input") plan.input = value == "parquet" ? SqlFormat::parquet : SqlFormat::csv;
    else if (key == "between") plan.between = value == "parquet" ? SqlFormat::parquet : SqlFormat::csv;
    else if (key == "dialect")
        plan.dialect = value == "clickhouse" ? SqlDialect::clickhouse : SqlDialect::duckdb;
    else if (key == "time_as")
        plan.time_as = value == "milliseconds" ? SqlTime::milliseconds
                       : value == "timestamp"  ? SqlTime::timestamp
                                               : SqlTime::seconds;
    else return false;
    return true;
}

}  // namespace

int main(int count, char** words) {
    SqlPlan plan;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const auto equals = word.find('=');
        if (equals == std::string::npos || !set(plan, word.substr(0, equals), word.substr(equals + 1)))
            return 2;
    }
    const auto script = coordination_sql(plan);
    std::fputs(script ? script->c_str() : script.error().what.en.c_str(), script ? stdout : stderr);
    return script ? 0 : 1;
}
