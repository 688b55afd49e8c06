// What kind of word was lost. By form only: nothing is inferred about where a name comes from or who bears
// it.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyze/disparity/normalise.h"

namespace contrechamp::disparity {

enum class WordClass : std::uint8_t {
    number,    // has a digit, or is a number written in words (closed lists)
    proper,    // written with a capital inside a sentence, in a text that is not all capitals
    function,  // articles, pronouns, prepositions, conjunctions, auxiliaries (closed lists, README.md)
    other,
};
inline constexpr std::size_t kWordClasses = 4;
std::string_view to_string(WordClass word_class);  // "number", "proper", "function", "other"

// `word` as normalised (lower case).
WordClass class_of(std::string_view word, bool proper, SpeechLanguage language);

}  // namespace contrechamp::disparity
