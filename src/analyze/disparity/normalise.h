// Which writings count as the same words. The choice decides word error rates, sometimes which system is
// better (research note: on real calls the normaliser alone reversed which of two vendors was), so several
// are always run side by side. README.md of this folder documents every rule; normalise_*.cpp implement them:
//
//   raw       split at white space, letters in lower case (sclite's default), NFC; nothing else
//   koenecke  after Koenecke et al., "Racial disparities in automated speech recognition", PNAS 117 (2020),
//   supplement:
//             lower case, no punctuation, marks in brackets left out, contractions, spellings, numbers and
//             units in one form, fillers left out. French: elisions split, numbers and
//             septante/huitante/nonante in digits, œ/æ, hyphens, euros and %, spellings of 1990; fillers and
//             the "ne" of a negation as alternatives
//   whisper   English: after OpenAI's EnglishTextNormalizer; French: after its BasicTextNormalizer (Radford
//   et al. 2022,
//             appendix C), re-implemented from the rules they document
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "analyze/disparity/lattice.h"

namespace contrechamp::disparity {

enum class Profile : std::uint8_t { raw, koenecke, whisper };
inline constexpr std::size_t kProfiles = 3;
std::string_view to_string(Profile profile);
std::optional<Profile> profile_of(std::string_view name);

enum class SpeechLanguage : std::uint8_t { english, french };
std::string_view to_string(SpeechLanguage language);  // "en", "fr"
std::optional<SpeechLanguage> speech_language(std::string_view name);

struct NormaliseSettings {
    Profile profile = Profile::raw;
    SpeechLanguage language = SpeechLanguage::english;
    bool markup = true;  // { a / b }, (optional) and word;tag are SCTK's marks; else they are text
    bool optional =
        true;  // (word): sclite -D. Otherwise the brackets belong to the word, as in sclite without -D
    bool fragments = false;  // word- and -word match by their letters: sclite -F
};

// `text` is UTF-8; bytes that are not become U+FFFD. Not numbered yet. The same text gives the same pieces,
// whatever came before. Linear time.
void normalise(std::string_view text, const NormaliseSettings& settings, Speech& out);

}  // namespace contrechamp::disparity
