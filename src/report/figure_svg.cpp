#include "report/figure_svg.h"

#include <cmath>
#include <vector>

#include "base/escape.h"
#include "report/words.h"

namespace contrechamp::figure {

std::string number(double value) {
    const auto tenths = std::llround(value * 10);
    std::string out = tenths < 0 ? "-" : "";
    const auto size = std::llabs(tenths);
    out += std::to_string(size / 10);
    return size % 10 ? out + "." + std::to_string(size % 10) : out;
}

std::string drawing(const std::string& id, double width, double height, const std::string& title,
                    const std::string& desc, const std::string& inside) {
    return "<svg class=\"fig\" role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\" viewBox=\"0 0 " +
           number(width) + " " + number(height) + "\"><title id=\"" + id + "-t\">" + for_html(title) +
           "</title><desc id=\"" + id + "-d\">" + for_html(desc) + "</desc>" + inside + "</svg>";
}

std::string label(std::string_view text, std::size_t most) { return for_html(shortened(text, most)); }

std::string text_at(double x, double y, const std::string& words, const char* more) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + more + ">" + words + "</text>";
}

double nice_step(double span, int most) {
    const double rough = span / most;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double times : {1.0, 2.0, 5.0})
        if (times * power >= rough) return times * power;
    return 10 * power;
}

std::string sign_path(std::size_t i, double x, double y, double r) {
    // Corners as (x, y) in units of r; about the same area each.
    static const std::vector<std::pair<double, double>> kShapes[] = {
        {},                                            // a circle
        {{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}},  // a square
        {{0, -1.25}, {1.15, .8}, {-1.15, .8}},         // a triangle
        {{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}},    // a diamond
        {{-1.15, -.8}, {1.15, -.8}, {0, 1.25}},        // a triangle upside down
        {{-1.15, 0}, {-.6, -1.05}, {.6, -1.05}, {1.15, 0}, {.6, 1.05}, {-.6, 1.05}},  // a hexagon
    };
    const auto& corners = kShapes[i % std::size(kShapes)];
    if (corners.empty())
        return "M" + number(x - r) + " " + number(y) + "a" + number(r) + " " + number(r) + " 0 1 0 " +
               number(2 * r) + " 0a" + number(r) + " " + number(r) + " 0 1 0 " + number(-2 * r) + " 0z";
    std::string out;
    for (const auto& [dx, dy] : corners)
        out += (out.empty() ? "M" : "L") + number(x + dx * r) + " " + number(y + dy * r);
    return out + "z";
}

std::string sign_colour(std::size_t i) { return "var(--c" + std::to_string((i + i / 6) % 6 + 1) + ")"; }

std::string sign(std::size_t i) {
    return "<svg class=\"sign\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" aria-hidden=\"true\"><path "
           "d=\"" +
           sign_path(i, 7, 7, 5) + "\" fill=\"" + sign_colour(i) + "\"/></svg>";
}

}  // namespace contrechamp::figure
