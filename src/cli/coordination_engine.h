// `contrechamp coordination --edges FILE`: the pairs alone, without a case, for researchers who only want the
// network and for machines that share the work.
#pragma once

#include "cli/coordination_inputs.h"

namespace contrechamp::cli {

Result<int> run_edges(const Arguments& arguments);
Result<int> run_compat(const Arguments& arguments);
Result<int> run_plan(const Arguments& arguments);

// The windows asked for, ascending.
Result<std::vector<std::uint32_t>> windows_of(const Arguments& arguments, const std::string& fallback);
Result<std::uint32_t> fewest_objects_of(const Arguments& arguments);

unsigned thread_count();

// What the options say of reading and of edges: --layer; --window, --min, --no-chance, --all-pairs; --memory.
std::vector<coordination::Input> inputs_of(const std::vector<NamedInput>& named);
Result<coordination::CorpusSettings> reading_of(const Arguments& arguments,
                                                const std::vector<coordination::Input>& inputs);
Result<coordination::EdgeSettings> edge_settings_of(const Arguments& arguments, unsigned threads);
Status set_budget(const Arguments& arguments, coordination::Budget& budget);

}  // namespace contrechamp::cli
