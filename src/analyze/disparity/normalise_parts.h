// What the normalisers of a language give to normalise.cpp; nobody else includes this.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/normalise.h"

namespace contrechamp::disparity {

// A word between white space, as it is written.
struct WrittenWord {
    std::string_view text;
    bool proper = false;
};

// Words of a run of text under `koenecke` or `whisper`, added to `out`. `optional`: each may be missing.
void normalise_run(std::span<const WrittenWord> run, Profile profile, SpeechLanguage language, bool optional,
                   Speech& out);

}  // namespace contrechamp::disparity
