// How the report words what the disparity analyzer computed.
#pragma once

#include <optional>
#include <string>

#include "knowledge/knowledge.h"
#include "report/disparity_data.h"

namespace contrechamp {

// "81792.5" → "81,792.5"; in French with narrow spaces, the decimal mark as it is.
std::string grouped(std::string digits, Lang lang);
// "0.2412" of a rate → "24.1 %" ("24,1 %" in French); of anything else "0.712" or "2,150".
std::string amount_in_words(const std::string& measure, double value, Lang lang);
// A difference of two: "12.1 points", "0.05", "350".
std::string difference_in_words(const std::string& measure, double value, Lang lang);
// " (18.2 to 30)" with the unit of the measure; empty when an end is missing.
std::string interval_in_words(const std::string& measure, std::optional<double> low,
                              std::optional<double> high, bool of_difference, Lang lang);
std::string p_in_words(double p, Lang lang);

// "word error rate", in plain words where the knowledge has some.
std::string measure_name(const std::string& measure, const Knowledge& knowledge, Lang lang);
std::string setting_name(const std::string& setting, const Knowledge& knowledge, Lang lang);

// One of the four things that can be said, and why.
std::string verdict_in_words(const JudgedConclusion& conclusion, const Knowledge& knowledge, Lang lang);
// What was compared: "Word error rate, vendor.trn, sex: F 24.1 %, M 12 %".
std::string compared_in_words(const JudgedConclusion& conclusion, const Knowledge& knowledge, Lang lang);
// The difference with its interval and p; empty when there is none.
std::string found_in_words(const JudgedConclusion& conclusion, Lang lang);

// The last year in which both have a figure: "2024: the person 1,825, the panel 2,535 in the mean and 2,476
// in the median, of 11 people; the person is 711 below the mean." Empty where there is none.
std::string latest_in_words(const CareerYears& career, Lang lang);

}  // namespace contrechamp
