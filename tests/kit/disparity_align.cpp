// Aligns problems given as lines, for tests/e2e/disparity_sclite_test.py: each line is
//     reference TAB hypothesis
// with SCTK's marks, and the answer a line "correct substituted deleted inserted". Options: lev (costs 1/1/1), noopt
// (brackets are letters), frag (fragments match), koenecke or whisper, fr.
#include <iostream>
#include <string>

#include "analyze/disparity/align.h"
#include "analyze/disparity/normalise.h"

using namespace contrechamp::disparity;

int main(int count, char** options) {
    NormaliseSettings settings;
    auto mode = CostMode::sclite;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = options[i];
        if (option == "lev") mode = CostMode::levenshtein;
        else if (option == "noopt") settings.optional = false;
        else if (option == "frag") settings.fragments = true;
        else if (option == "fr") settings.language = SpeechLanguage::french;
        else if (const auto profile = profile_of(option)) settings.profile = *profile;
        else return 2;
    }
    std::ios::sync_with_stdio(false);
    Words words;
    Aligner aligner;
    Speech reference, hypothesis;
    EditCounts counts;
    for (std::string line; std::getline(std::cin, line);) {
        const auto tab = line.find('\t');
        if (tab == line.npos) return 2;
        normalise(std::string_view(line).substr(0, tab), settings, reference);
        normalise(std::string_view(line).substr(tab + 1), settings, hypothesis);
        number(reference, words);
        number_known(hypothesis, words);
        if (!aligner.align(reference, hypothesis, mode, counts)) std::cout << "refused\n";
        else
            std::cout << counts.correct << ' ' << counts.substituted << ' ' << counts.deleted << ' '
                      << counts.inserted << '\n';
    }
    return 0;
}
