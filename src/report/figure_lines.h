// Amounts year by year, a line each: one career beside its panel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace contrechamp::figure {

struct Line {
    std::string name;
    std::vector<std::optional<double>> values;  // one a year; a line is broken where there is none
    bool main = false;                          // drawn thicker
};

struct Lines {
    std::string title, description;
    std::vector<int> years;  // ascending; a year that is missing keeps its room and breaks the lines
    std::vector<Line> lines;
    std::function<std::string(double)> amount;  // how the vertical axis writes a number
};

// Empty when fewer than two years have a number: there is no course to draw.
std::string lines(const Lines& lines, const std::string& id);

}  // namespace contrechamp::figure
