// Counts of word errors without a case: one CSV line an utterance.
#pragma once

#include "cli/disparity_inputs.h"

namespace contrechamp::cli {

// --counts FILE: system, utterance, speaker, words, correct, substituted, deleted, inserted; by the costs and
// words of NIST's sclite (4/3/3, as they stand but for case).
Result<int> write_counts(const Arguments& arguments, const std::vector<JudgedInput>& inputs,
                         const disparity::Request& request);

}  // namespace contrechamp::cli
