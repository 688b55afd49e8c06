// One number of an analysis with everything that is needed to read it, and what is concluded from several.
// Whatever a mode computes becomes figures; tables, observations, drawings and CSV are made of them alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/disparity/interval.h"
#include "base/json.h"

namespace contrechamp::disparity {

// What is compared: one measure of one system (or of one outcome) between two groups of one column.
struct Comparison {
    std::string measure;  // "wer", "cer", "selection-rate", "false-positive-rate", "auc", "fmr", "pay" …
    std::string system;   // the transcript's or vendor's name, the outcome's column
    std::string by;       // the column, "sex"
    std::string group, against;
    bool operator==(const Comparison&) const = default;
    auto operator<=>(const Comparison&) const = default;
};

struct Figure {
    enum class Kind {
        rate,      // of one group: against is empty
        contrast,  // between two groups
        setting,   // a contrast computed under another choice than the main one
        detail,    // beside the argument: strata, naive intervals, other measures of the same contrast
    };
    Kind kind = Kind::rate;
    Comparison of;
    std::string
        statistic;  // "rate", "mean-of-people", "difference", "ratio", "odds-ratio", "common-odds-ratio" …
    std::string
        setting;         // the choices behind it, "whisper, pooled, levenshtein"; empty: none were to be made
    std::string method;  // "clopper-pearson", "newcombe", "welch-t", "permutation", "fisher" …
    double value = kNotANumber;
    Interval interval;
    std::optional<double> p, p_adjusted;
    double events = kNotANumber, units = kNotANumber;  // errors of words, promoted of rows …
    std::uint64_t people = 0;                          // 0: people are not told apart
    std::string note;  // an id of words.yaml: imprecise, naive, too-few-people, expected-below-5 …
};

enum class Verdict {
    insufficient,  // refused: too few people, no events, no partner
    compatible,    // with no difference
    evidence,      // of a difference, in the main setting
    robust,        // and in all the others
};
std::string_view to_string(Verdict verdict);

struct Conclusion {
    Comparison of;
    Verdict verdict = Verdict::insufficient;
    std::string why;       // of insufficient: an id of words.yaml
    std::size_t main = 0;  // index of the contrast it rests on; none when insufficient
    std::size_t settings = 0,
                agreeing = 0;         // choices tried, the main one among them; those that say the same
    std::size_t tests = 0;            // comparisons that were adjusted for together
    bool declared = false;            // before looking (Holm); else Benjamini–Hochberg
    double detectable = kNotANumber;  // smallest difference these data would show in four cases of five
    std::string family;               // "holm" or "benjamini-hochberg"
};

// A group that is left out of every comparison: said before anything else.
struct LeftOut {
    std::string by, group, why;  // why: too-few-people, no-events, missing-group …
    std::uint64_t people = 0, units = 0;
};

struct Point {          // of a curve
    std::string curve;  // "det", "roc", "calibration"
    Comparison of;
    double x = 0, y = 0;
    Interval interval;
    double threshold = kNotANumber;
    std::uint64_t units = 0;
};

struct Findings {
    std::vector<Figure> figures;
    std::vector<Conclusion> conclusions;
    std::vector<LeftOut> left_out;
    std::vector<Point> points;
};

// Fills p_adjusted of contrasts and settings, then verdict, settings and agreeing of each conclusion, from
// the figures' p: those of one setting are adjusted together, by Holm where all conclusions of a family were
// declared before looking, by Benjamini–Hochberg otherwise. `alpha` is the level asked for.
void conclude(Findings& findings, double alpha);

}  // namespace contrechamp::disparity
