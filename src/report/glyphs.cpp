#include "report/glyphs.h"

#include <cstdio>

namespace contrechamp {
namespace {

std::string number(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.1f", value);
    return buffer;
}

std::string svg(const std::string& inside, bool in_line) {
    return std::string("<svg width=\"18\" height=\"18\" viewBox=\"0 0 18 18\" aria-hidden=\"true\"") +
           (in_line ? " style=\"display:inline;vertical-align:-4px\"" : "") + ">" + inside + "</svg>";
}

}  // namespace

std::string strength_glyph(Strength strength, bool seen, bool in_line) {
    // Radius of the filled part: full for what was seen acting, nothing for mere traffic.
    const double fill[] = {7.0, 5.8, 4.8, 3.8, 2.4, 0.0};
    const double radius = fill[static_cast<int>(strength)];
    const std::string colour = seen ? "var(--red)" : "var(--amber)";
    std::string inside = "<circle cx=\"9\" cy=\"9\" r=\"7.2\" fill=\"none\" stroke=\"" + colour +
                         "\" stroke-width=\"1.6\"" + (seen ? "" : " stroke-dasharray=\"2.4 2\"") + "/>";
    if (radius > 0 && seen)
        inside += "<circle cx=\"9\" cy=\"9\" r=\"" + number(radius) + "\" fill=\"" + colour + "\"/>";
    return svg(inside, in_line);
}

std::string verdict_glyph(const GroupView& group) {
    const std::string ring =
        "<circle cx=\"9\" cy=\"9\" r=\"7.2\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"/>";
    std::string inside;
    switch (group.verdict) {
        case Verdict::seen:
            return strength_glyph(strongest_seen(group).value_or(Strength::contacted), true, true);
        case Verdict::possible:
            inside =
                "<circle cx=\"9\" cy=\"9\" r=\"7.2\" fill=\"none\" stroke=\"currentColor\" "
                "stroke-width=\"1.6\" stroke-dasharray=\"2.4 2\"/><circle cx=\"9\" cy=\"9\" r=\"3\" "
                "fill=\"currentColor\"/>";
            break;
        case Verdict::lead:
        case Verdict::partly:
        case Verdict::could_not_look:
            inside = ring +
                     "<path d=\"M6.6 7.2a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1 .7-1 1.4\" fill=\"none\" "
                     "stroke=\"currentColor\" stroke-width=\"1.5\"/><circle cx=\"9\" cy=\"13\" r=\".95\" "
                     "fill=\"currentColor\"/>";
            break;
        case Verdict::not_seen:
            inside = ring +
                     "<path d=\"M5.6 9.3l2.4 2.4 4.4-4.8\" fill=\"none\" stroke=\"currentColor\" "
                     "stroke-width=\"1.6\"/>";
            break;
        case Verdict::elsewhere:
            inside = "<path d=\"M5 9h8\" stroke=\"currentColor\" stroke-width=\"1.6\"/>";
            break;
    }
    return svg(inside, true);
}

}  // namespace contrechamp
