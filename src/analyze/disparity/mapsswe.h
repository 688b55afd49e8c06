// Matched pairs sentence-segment word error (Gillick and Cox, ICASSP 1989) between two systems that heard the
// same utterances, computed as NIST's sc_stats does (SCTK 2.4; checked against its golden files and live).
//
// An utterance is cut into segments: a segment begins with the last `good` words that both systems had right
// before an error of either, and ends with the first `good` words in a row that both have right after it
// (neighbouring segments share them). Utterance ends are boundaries too. What is compared is the number of
// errors (substituted, deleted, inserted) of each system in each segment; segments without any do not count.
// Z = mean / √(variance/n) of the differences, variance over n - 1; "different" when |Z| > 1.960.
//
// Between systems only. It takes segments for independent, which utterances of few people are not: it does
// not compare groups of people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "analyze/disparity/interval.h"
#include "base/result.h"

namespace contrechamp::disparity {

enum class Mark : std::uint8_t { correct, substituted, deleted };

// What one system did with one utterance of n reference words: a mark for each (n of them), and how many
// words it inserted before each and after the last (n + 1 of them; empty: none anywhere).
struct SystemMarks {
    std::span<const Mark> marks;
    std::span<const std::uint32_t> insertions;
};

struct Mapsswe {
    std::uint64_t utterances = 0, segments = 0;
    std::uint64_t words = 0;  // reference words in segments (shared ones twice, as NIST)
    std::uint64_t errors_first = 0, errors_second = 0;  // in segments: all there are
    double mean = kNotANumber;      // errors of the first less those of the second, a segment
    double variance = kNotANumber;  // 0 when no two segments differ, as NIST
    double z = kNotANumber;         // 0 when the variance is
    double p = kNotANumber;         // two-sided, normal
    bool different = false;         // NIST's decision
    // Empty; "no-events": no segment has an error, and all above is NaN; "few-segments": fewer than 30, where
    // the normal law of Z is not to be trusted (NIST decides all the same, and so does `different`).
    std::string_view refused;
};

class MatchedPairs {
  public:
    // `good`: words both have right that part segments; NIST's default is 2. At least 1.
    explicit MatchedPairs(unsigned good = 2) : good_(good ? good : 1) {}
    // One utterance. Errors: the two have not the same number of reference words (alternatives chosen
    // differently: expand them to one reference first), or insertions are neither empty nor one more than
    // words.
    Status add(const SystemMarks& first, const SystemMarks& second);
    Mapsswe result() const;

  private:
    unsigned good_;
    std::uint64_t utterances_ = 0, segments_ = 0, words_ = 0, errors_first_ = 0, errors_second_ = 0;
    std::int64_t sum_ = 0;
    double squares_ = 0;  // of whole numbers: exact up to 2^53
};

}  // namespace contrechamp::disparity
