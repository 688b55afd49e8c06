// Word error rates of one or more systems against a reference, by person and group, under every normalisation
// and cost asked for. This file aligns and counts; intervals and tests are made of its counts (clusters.h): a
// person's numerator is errors(), the denominator words().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/align.h"
#include "analyze/disparity/words.h"
#include "base/result.h"
#include "formats/transcripts.h"

namespace contrechamp::disparity {

// Who speaks an utterance, as the user's table says.
inline constexpr std::uint32_t kNoGroup = ~std::uint32_t{0};
struct Speaker {
    std::string
        person;  // empty: the transcript's speaker, else the utterance's id, in lower case as sclite has them
    std::uint32_t group = kNoGroup;  // a number of the caller's; kNoGroup: the table does not say
};
// `speaker` may be empty (the file does not say). Asked once an utterance, in the reference's order.
using FindSpeaker = std::function<Speaker(std::string_view speaker, std::string_view utterance)>;

struct TranscriptSystem {
    std::string name;
    const TranscriptFile* file = nullptr;
};

struct TranscriptSettings {
    std::vector<Profile> profiles{Profile::raw, Profile::koenecke, Profile::whisper};
    std::vector<CostMode> costs{CostMode::sclite, CostMode::levenshtein};
    SpeechLanguage language = SpeechLanguage::english;
    bool optional = true;  // NormaliseSettings
    bool fragments = false;
    bool skip_missing =
        false;  // utterances that a system lacks: left out of its counts, or counted as all deleted
    bool characters = true;       // count characters too (CER)
    std::uint32_t groups = 0;     // group numbers are below this; they have tables of lost words
    std::size_t lost_words = 50;  // at most so many a group
    unsigned threads = 1;
};

// Characters: those of the normalised words, with one space between; the reference's words are those of the
// path that the word alignment took through its alternatives, and so are the hypothesis'. Unicode code points
// after NFC; Levenshtein distance.
struct TranscriptTally {
    EditCounts words;
    std::uint64_t characters = 0, character_errors = 0;
    std::uint64_t utterances = 0;  // counted
    std::uint64_t missing = 0;     // of them: the system has nothing (all deleted)
    std::uint64_t empty = 0;       // of them: the reference has no words
    TranscriptTally& operator+=(const TranscriptTally& other);
    bool operator==(const TranscriptTally&) const = default;
};

struct PersonTally {
    std::string person;
    std::uint32_t group = kNoGroup;
    TranscriptTally tally;
};

// A word of the reference: how often it was to be heard from this group, and was not.
struct LostWord {
    std::string word;
    WordClass word_class = WordClass::other;
    std::uint64_t said = 0, substituted = 0, deleted = 0;
    std::uint64_t lost() const { return substituted + deleted; }
};

struct ClassTally {
    std::uint64_t said = 0, substituted = 0, deleted = 0;
    bool operator==(const ClassTally&) const = default;
};

// One profile, one cost, one system.
struct TranscriptScore {
    Profile profile = Profile::raw;
    CostMode cost = CostMode::sclite;
    std::size_t system = 0;
    TranscriptTally total;  // of all, with and without a group
    std::vector<PersonTally>
        people;  // by group, then by name's bytes; every person of the reference, with counts or not
    std::vector<std::vector<LostWord>> lost;  // by group: most often lost first, then by bytes
    std::vector<std::array<ClassTally, kWordClasses>> classes;  // by group; the last one: no group
    std::vector<std::size_t>
        not_aligned;  // utterances of the reference that kMostSteps or kDeepest refuses; not counted
};

struct SystemPairing {
    std::vector<std::size_t> missing;  // utterances of the reference that the system has not
    std::vector<std::size_t> extra;    // the system's that the reference has not: not used
};

struct TranscriptResult {
    std::vector<TranscriptScore> scores;  // by profile, then cost, then system, in the order asked for
    std::vector<SystemPairing> pairing;   // by system
    // One person in two groups is the table's mistake; the first group counts, and the person is named here.
    std::vector<std::string> torn;
};

// One utterance of one score. Told by profile, then utterance, then cost, then system: the systems of an
// utterance stand together, as MAPSSWE needs them. Views live during the call.
struct ScoredUtterance {
    Profile profile = Profile::raw;
    CostMode cost = CostMode::sclite;
    std::size_t system = 0, reference = 0;     // the utterance's number in the reference
    std::size_t hypothesis = ~std::size_t{0};  // in the system's file; none when missing
    std::string_view id, person;
    std::uint32_t group = kNoGroup;
    EditCounts counts;
    const Speech* reference_words = nullptr;
    const Speech* hypothesis_words = nullptr;
    std::span<const AlignedPair> pairs;
    std::uint64_t reference_offset = 0, reference_length = 0;  // of the rows in their files
    std::uint64_t hypothesis_offset = 0, hypothesis_length = 0;
};
using OnScored = std::function<void(const ScoredUtterance&)>;

// References and systems must be read beforehand (ctm hypotheses of an stm reference: TranscriptFile::cut). A
// second human transcript is one more system. The result, and what `scored` is told (from one thread, in
// order), do not depend on the number of threads. Fails when there is no reference utterance, no system,
// profile or cost.
Result<TranscriptResult> score_transcripts(const TranscriptFile& reference,
                                           const std::vector<TranscriptSystem>& systems,
                                           const FindSpeaker& who, const TranscriptSettings& settings,
                                           const OnScored& scored = {});

}  // namespace contrechamp::disparity
