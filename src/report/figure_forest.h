// Forest plot: one line a row, a mark where the figure is and a bar for its interval.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/sections.h"

namespace contrechamp::figure {

struct ForestRow {
    std::string label;  // left
    std::string value;  // right, in words
    std::optional<double> at, low, high;
    bool main = false;  // drawn full; others hollow
};

struct Forest {
    std::string title, description;
    std::vector<ForestRow> rows;
    bool percent = false;          // the axis counts hundredths
    std::optional<double> origin;  // a line where there is no difference
    // Room for labels and values beside the drawing, and how many characters of a label are shown.
    double left = 200, right = 172;
    std::size_t longest_label = 32;
};

std::string forest(const SectionView& view, const Forest& forest, const std::string& id);

// Points of one group of a DET, ROC or calibration curve, drawn together.
struct Series {
    std::string name;
    struct Point {
        double x = 0, y = 0;
        std::optional<double> low, high;
    };
    std::vector<Point> points;
};
struct Curves {
    std::string title, description, x_name, y_name;
    std::vector<Series> series;
    bool logarithmic = false;  // both axes, from the smallest rate above 0
    bool diagonal = false;     // where both are equal
    bool line = true;
};
std::string curves(const SectionView& view, const Curves& curves, const std::string& id);

}  // namespace contrechamp::figure
