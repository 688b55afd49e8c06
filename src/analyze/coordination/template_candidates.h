// Inside the search for templates: which texts may share one. Each text asks the texts that share its rarest
// masked skip-grams (ordered pairs of tokens, punctuation left out) which of its words they hold, too.
#pragma once

#include <cstdint>
#include <vector>

#include "analyze/coordination/template_text.h"

namespace contrechamp::coordination {

struct Candidate {
    std::uint32_t seed = 0;             // a text of the corpus
    std::vector<std::uint32_t> places;  // its tokens that others share, ascending; telling ones only
    double promise = 0;                 // bits that sharing them would save, roughly
    std::uint64_t key = 0;              // of the words, the same for every seed that leads to them
};

struct Candidates {
    std::vector<Candidate> found;  // most promising first; each sequence of words once
    std::uint64_t crowded = 0;     // skip-grams that too many texts hold
};

// `bits`: of each token number.
Candidates find_candidates(const Corpus& corpus, const Vocabulary& vocabulary, const std::vector<float>& bits,
                           std::size_t fewest_members, std::size_t fewest_words, unsigned threads);

}  // namespace contrechamp::coordination
