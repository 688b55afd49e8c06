// Scores against outcomes: how well a score ranks (AUC), and whom a threshold gets wrong, by group, with
// errors that come from people.
//
// A row is one score of one person with what happened. Higher scores speak for the outcome; a caller whose
// scores run the other way negates scores and threshold. "Flagged" is score ≥ threshold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyze/disparity/clusters.h"

namespace contrechamp::disparity {

// Rows as columns of one length. `people` is empty when every row is another person, otherwise any number
// that is the same for one person's rows.
struct Scored {
    std::span<const double> scores;
    std::span<const std::uint8_t> outcomes;  // 0 or 1
    std::span<const std::uint32_t> people;
};

// AUC = P(score of a positive > score of a negative) + ½ P(equal). Variance of DeLong, DeLong and
// Clarke-Pearson (1988) from placement values by midranks in O(n log n) (Sun and Xu 2014); with people,
// Obuchowski's (1997), which is the same when each has one row. df is Satterthwaite's over the people behind
// the positives and those behind the negatives. The interval is t on the logit scale (Pepe 2003, §5.2.5):
// inside (0, 1).
struct Auc {
    std::size_t positives = 0, negatives = 0;              // rows
    std::size_t people_positive = 0, people_negative = 0;  // people who have such a row
    double auc = kNotANumber, se = kNotANumber, df = kNotANumber;
    Interval interval;
    // Empty; "no-events": no positive or no negative, nothing above is given; "too-few-people": fewer than
    // five people behind the positives or the negatives, se and interval NaN; "no-variation": AUC 0 or 1, or
    // all scores equal: no interval.
    std::string_view refused;
};
// Errors: columns of unequal length, a score that is NaN, an outcome above 1, a level outside (0, 1).
Result<Auc> auc(const Scored& rows, double level = 0.95);

// a - b of two groups that share nobody: t = difference/√(se_a² + se_b²), Welch-Satterthwaite df.
struct AucDifference {
    double difference = kNotANumber, se = kNotANumber, t = kNotANumber, df = kNotANumber, p = kNotANumber;
    Interval interval;
    double detectable = kNotANumber;  // as PeopleContrast's
    std::string_view refused;         // of the two, a's first
};
AucDifference auc_difference(const Auc& a, const Auc& b, double level = 0.95);

// One error rate at a threshold. Exact interval (Clopper-Pearson) where every person has one row; otherwise
// people's pooled rate with clustered_interval (clusters.h).
struct ErrorRate {
    Count count;             // rows
    std::size_t people = 0;  // who have a row in the denominator
    double rate = kNotANumber;
    double se = kNotANumber;  // people's; NaN where every person has one row
    Interval interval;
    std::string_view refused;  // "no-events": nothing in the denominator; "too-few-people": no interval
};

struct ThresholdRates {
    Count flagged;  // of all rows
    ErrorRate tpr, fpr, fnr, ppv, npv;
};
// Errors: as auc, or a threshold that is NaN.
Result<ThresholdRates> rates_at(const Scored& rows, double threshold, double level = 0.95);

enum class RateKind : std::uint8_t { tpr, fpr, fnr, ppv, npv };

// People's rows in one of the rates: numerator and denominator of each person with a row in the denominator,
// ordered by the person's number (by row, where each row is a person).
Result<std::vector<Person>> people_behind(const Scored& rows, double threshold, RateKind rate);

// Two groups at one threshold: equalised odds asks for equal TPR and FPR (Hardt, Price and Srebro 2016).
// The contrasts are people's (clusters.h); where each person has one row in both groups their
// difference_interval is Newcombe's (1998, method 10) instead, which holds for small counts.
struct EqualisedOdds {
    PeopleContrast tpr, fpr;
    double largest = kNotANumber;  // the larger of |ΔTPR| and |ΔFPR|; NaN where one is not to be had
    double mean = kNotANumber;     // their mean, "average odds difference", unsigned
};
Result<EqualisedOdds> equalised_odds(const Scored& a, const Scored& b, double threshold,
                                     const ContrastSettings& settings = {});

// The ROC curve from (0, 0) to (1, 1), at most `most` points (at least 2): every threshold where there are
// few, else those nearest to equal steps along FPR + TPR. Ends are exact. threshold of the first point is +∞.
struct RocPoint {
    double fpr = 0, tpr = 0, threshold = kInfinity;
};
// Errors: as auc. Empty where there is no positive or no negative.
Result<std::vector<RocPoint>> roc(const Scored& rows, std::size_t most = 200);

}  // namespace contrechamp::disparity
