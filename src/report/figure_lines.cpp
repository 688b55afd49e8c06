#include "report/figure_lines.h"

#include <algorithm>
#include <cmath>

#include "base/escape.h"
#include "report/figure_svg.h"

namespace contrechamp::figure {
namespace {

constexpr double kWidth = 680, kLeft = 64, kRight = 176, kTop = 10, kHeight = 260, kBottom = 26;

class LineDrawing {
  public:
    explicit LineDrawing(const Lines& lines) : lines_(lines) { scale(); }

    bool worth_drawing() const { return drawn_years_ > 1; }

    std::string draw(const std::string& id) const {
        return drawing(id, kWidth, kTop + kHeight + kBottom, lines_.title, lines_.description,
                       axes() + series());
    }

  private:
    void scale() {
        bool any = false;
        for (std::size_t i = 0; i < lines_.years.size(); ++i) {
            bool here = false;
            for (const auto& line : lines_.lines) {
                if (!at(line, i)) continue;
                low_ = any ? std::min(low_, *at(line, i)) : *at(line, i);
                high_ = any ? std::max(high_, *at(line, i)) : *at(line, i);
                any = here = true;
            }
            drawn_years_ += here;
        }
        if (high_ - low_ < 1e-9) low_ -= 1, high_ += 1;
        step_ = nice_step(high_ - low_, 6);
        low_ = std::floor(low_ / step_ + 1e-9) * step_;
        high_ = std::ceil(high_ / step_ - 1e-9) * step_;
    }

    static std::optional<double> at(const Line& line, std::size_t year) {
        if (year >= line.values.size() || !line.values[year] || !std::isfinite(*line.values[year])) return {};
        return line.values[year];
    }
    double x_of(int year) const {
        const double first = lines_.years.front(), span = std::max(1.0, lines_.years.back() - first);
        return kLeft + 8 + (year - first) / span * (kWidth - kLeft - kRight - 16);
    }
    double y_of(double value) const { return kTop + (high_ - value) / (high_ - low_) * kHeight; }

    std::string axes() const {
        std::string marks, words;
        const auto ticks = std::llround((high_ - low_) / step_);
        for (long long i = 0; i <= ticks; ++i) {
            const double value = low_ + static_cast<double>(i) * step_;
            marks += "M" + number(kLeft) + " " + number(y_of(value)) + "H" + number(kWidth - kRight);
            words +=
                text_at(kLeft - 8, y_of(value) + 4, for_html(lines_.amount(value)), " text-anchor=\"end\"");
        }
        const int span = lines_.years.back() - lines_.years.front();
        const int every = std::max(1, static_cast<int>(nice_step(std::max(1, span), 10)));
        for (int year = lines_.years.front(); year <= lines_.years.back(); ++year) {
            if (year % every != 0 && span >= every) continue;
            marks += "M" + number(x_of(year)) + " " + number(kTop + kHeight) + "v5";
            words +=
                text_at(x_of(year), kTop + kHeight + 18, std::to_string(year), " text-anchor=\"middle\"");
        }
        return "<path d=\"" + marks +
               "\" stroke=\"var(--line)\" stroke-width=\"1\"/><g font-size=\"11\" fill=\"var(--soft)\">" +
               words + "</g>";
    }

    std::string series() const {
        std::string out;
        for (std::size_t k = 0; k < lines_.lines.size(); ++k) {
            const auto& line = lines_.lines[k];
            std::string path, marks;
            std::optional<int> before;
            for (std::size_t i = 0; i < lines_.years.size(); ++i) {
                const auto value = at(line, i);
                const int year = lines_.years[i];
                if (value) {
                    path +=
                        (before == year - 1 ? "L" : "M") + number(x_of(year)) + " " + number(y_of(*value));
                    marks += sign_path(k, x_of(year), y_of(*value), line.main ? 4 : 3);
                }
                before = value ? std::optional(year) : std::nullopt;
            }
            const auto colour = sign_colour(k);
            const double y = kTop + 14 + 22 * static_cast<double>(k);
            out += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"" +
                   (line.main ? "2.6" : "1.6") + "\"/><path d=\"" + marks +
                   sign_path(k, kWidth - kRight + 18, y - 4, 5) + "\" fill=\"" + colour +
                   "\"/><g font-size=\"12\" fill=\"var(--ink)\">" +
                   text_at(kWidth - kRight + 30, y, label(line.name, 24),
                           line.main ? " font-weight=\"700\"" : "") +
                   "</g>";
        }
        return out;
    }

    const Lines& lines_;
    std::size_t drawn_years_ = 0;
    double low_ = 0, high_ = 1, step_ = 1;
};

}  // namespace

std::string lines(const Lines& lines, const std::string& id) {
    if (lines.years.empty()) return {};
    const LineDrawing drawing(lines);
    return drawing.worth_drawing() ? drawing.draw(id) : std::string();
}

}  // namespace contrechamp::figure
