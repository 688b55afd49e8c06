// What a report shows of compared groups of people: figures and conclusions, read from the observations, and
// of the tables curves, lost_words, balance and panel what is drawn. Nobody is named.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/index.h"

namespace contrechamp {

// Bounds of what is drawn; what they leave out is said beside the drawing.
inline constexpr std::size_t kMostLostWords = 15;  // a group
inline constexpr std::size_t kMostForests = 24;
inline constexpr std::size_t kMostCareers = 8;

// One figure, as the disparity analyzer observed it. Numbers that were not given are absent.
struct JudgedFigure {
    std::string kind, measure, system, by, group, against, statistic, setting, method, note;
    std::optional<double> value, low, high, p, p_adjusted, events, units;
    std::int64_t people = 0;
};

struct JudgedConclusion {
    std::string key;  // of its subject
    std::string measure, system, by, group, against, verdict, reason, direction, adjustment, method;
    std::optional<double> value, low, high, p_adjusted, rate, rate_against, detectable;
    std::int64_t settings = 0, agreeing = 0, tests = 0, seed = 0;
    bool declared = false;
};

struct LeftOutGroup {
    std::string by, group, reason;
    std::int64_t people = 0, rows = 0;
};

struct LostWord {
    std::string word;
    std::int64_t occurrences = 0, substituted = 0, deleted = 0;
};

struct CurvePoint {
    double x = 0, y = 0;
    std::optional<double> low, high;
    std::int64_t units = 0;
};

// Points of one curve, in the table's order, by group.
struct JudgedCurve {
    std::string curve, system, by;
    std::map<std::string, std::vector<CurvePoint>> groups;
};

// One career beside its panel, a year a row, in ascending order.
struct CareerYear {
    int year = 0;
    std::optional<double> own, mean, median;
    std::int64_t people = 0;  // of the panel, with a figure then
};
using CareerYears = std::vector<CareerYear>;

struct LostWords {
    std::string system, by;
    std::map<std::string, std::vector<LostWord>> groups;  // most often lost first
};

struct Disparity {
    std::vector<JudgedConclusion> conclusions;  // robust first, then evidence, compatible, insufficient
    std::vector<JudgedFigure> figures;
    std::vector<LeftOutGroup> left_out;
    std::vector<JudgedCurve> curves;
    std::vector<LostWords> lost_words;
    std::vector<CareerYears> careers;  // at most kMostCareers

    bool empty() const { return figures.empty() && conclusions.empty() && left_out.empty(); }
    const JudgedConclusion* conclusion(std::string_view key) const;
};

// Empty, and nothing read, when no observation speaks of a comparison of groups.
Result<Disparity> read_disparity(const Index& index, const std::vector<Observation>& observations);

}  // namespace contrechamp
