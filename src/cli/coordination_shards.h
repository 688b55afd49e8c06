// One run cut into shards for several machines, and put together again: `--shard I/N --run FILE` reads of
// all objects those whose hash modulo N is I-1 and writes every meeting over them; `--merge RUN…` makes of
// all N run files the edges that one run would have made, byte for byte. docs/schema/coordination-runs.md
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cli/coordination_engine.h"

namespace contrechamp::cli {

Result<int> run_shard(const Arguments& arguments);
Result<int> run_merge(const Arguments& arguments);

struct RunFile {
    std::string name;  // for messages
    std::string_view bytes;
};

// Hands each line of the edges' CSV, columns first, to `line`. Any bytes are safe. Fails when the runs do not
// belong together, when one is missing or there twice, or when one is not whole. Memory: the accounts of one
// layer and the meetings of one pair.
Status merge_runs(std::span<const RunFile> runs, const std::function<void(std::string_view)>& line);

}  // namespace contrechamp::cli
