#include "report/figure_forest.h"

#include <algorithm>
#include <cmath>

#include "base/escape.h"
#include "report/figure_svg.h"

namespace contrechamp::figure {
namespace {

constexpr double kWidth = 680;

std::string localised(std::string digits, Lang lang) {
    if (lang == Lang::fr) std::replace(digits.begin(), digits.end(), '.', ',');
    return digits;
}

std::string tick_label(double value, double step, bool percent, Lang lang) {
    const double shown = percent ? value * 100 : value, by = percent ? step * 100 : step;
    const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(by) - 1e-9)), 0, 6);
    std::array<char, 32> out;
    std::snprintf(out.data(), out.size(), "%.*f", digits, std::fabs(shown) < by / 1e6 ? 0.0 : shown);
    return localised(out.data(), lang) + (percent ? "\u00a0%" : "");
}

class ForestDrawing {
  public:
    ForestDrawing(const SectionView& view, const Forest& forest) : view_(view), forest_(forest) { scale(); }

    std::string draw(const std::string& id) const {
        const double bottom = kRow * static_cast<double>(forest_.rows.size()) + 4;
        return drawing(id, kWidth, bottom + 24, forest_.title, forest_.description, axis(bottom) + rows());
    }

  private:
    static constexpr double kRow = 24;

    void scale() {
        bool any = false;
        const auto take = [&](std::optional<double> value) {
            if (!value || !std::isfinite(*value)) return;
            low_ = any ? std::min(low_, *value) : *value;
            high_ = any ? std::max(high_, *value) : *value;
            any = true;
        };
        for (const auto& row : forest_.rows) take(row.at), take(row.low), take(row.high);
        take(forest_.origin);
        if (high_ - low_ < 1e-9) low_ -= 0.01, high_ += 0.01;
        step_ = nice_step(high_ - low_, room_for_ticks());
        low_ = std::floor(low_ / step_ + 1e-9) * step_;
        high_ = std::ceil(high_ / step_ - 1e-9) * step_;
    }

    // A label takes some 60 units, and rounding to whole steps may add two.
    int room_for_ticks() const {
        return std::clamp(static_cast<int>((kWidth - forest_.left - forest_.right) / 60) - 1, 2, 6);
    }

    double x_of(double value) const {
        return forest_.left + (std::clamp(value, low_, high_) - low_) / (high_ - low_) *
                                  (kWidth - forest_.left - forest_.right);
    }

    std::string axis(double bottom) const {
        std::string lines, words;
        const auto ticks = std::llround((high_ - low_) / step_);
        for (long long i = 0; i <= ticks; ++i) {
            const double value = low_ + static_cast<double>(i) * step_;
            lines += "M" + number(x_of(value)) + " 0V" + number(bottom + 4);
            words += text_at(x_of(value), bottom + 17, tick_label(value, step_, forest_.percent, view_.lang));
        }
        std::string out = "<path d=\"" + lines +
                          "\" stroke=\"var(--line)\" stroke-width=\"1\"/><g font-size=\"10.5\" "
                          "fill=\"var(--soft)\" text-anchor=\"middle\">" +
                          words + "</g>";
        if (forest_.origin)
            out += "<path d=\"M" + number(x_of(*forest_.origin)) + " 0V" + number(bottom + 4) +
                   "\" stroke=\"var(--ink)\" stroke-width=\"1.4\" stroke-dasharray=\"4 3\"/>";
        return out;
    }

    std::string rows() const {
        std::string marks, names, values;
        for (std::size_t i = 0; i < forest_.rows.size(); ++i) {
            const auto& row = forest_.rows[i];
            const double y = kRow * static_cast<double>(i) + kRow / 2 + 2;
            names += text_at(forest_.left - 12, y + 4, label(row.label, forest_.longest_label),
                             row.main ? " font-weight=\"700\" text-anchor=\"end\"" : " text-anchor=\"end\"");
            values += text_at(kWidth - forest_.right + 10, y + 4, for_html(row.value));
            marks += mark(row, y);
        }
        return "<g font-size=\"12\" fill=\"var(--ink)\">" + names +
               "</g><g font-size=\"11\" fill=\"var(--soft)\">" + values + "</g>" + marks;
    }

    std::string mark(const ForestRow& row, double y) const {
        std::string out;
        if (row.low && row.high)
            out = "<path d=\"M" + number(x_of(*row.low)) + " " + number(y - 4) + "v8m0 -4H" +
                  number(x_of(*row.high)) +
                  "m0 -4v8\" stroke=\"var(--c1)\" stroke-width=\"2\" fill=\"none\"/>";
        if (row.at)
            out += "<path d=\"" + sign_path(row.low ? 1 : 3, x_of(*row.at), y, 5) + "\" fill=\"" +
                   (row.main ? "var(--c1)" : "var(--card)") + "\" stroke=\"var(--c1)\" stroke-width=\"2\"/>";
        return out;
    }

    const SectionView& view_;
    const Forest& forest_;
    double low_ = 0, high_ = 1, step_ = 0.2;
};

class CurveDrawing {
  public:
    CurveDrawing(const SectionView& view, const Curves& curves) : view_(view), curves_(curves) { scale(); }

    std::string draw(const std::string& id) const {
        return drawing(id, kSide + kLeft + kKey, kSide + kBottom + kTop, curves_.title, curves_.description,
                       axes() + diagonal() + series());
    }

  private:
    static constexpr double kSide = 360, kLeft = 70, kBottom = 46, kTop = 8, kKey = 250;

    void scale() {
        if (!curves_.logarithmic) {
            for (const auto& one : curves_.series)
                for (const auto& point : one.points) high_ = std::max({high_, point.x, point.y});
            return;
        }
        double least = 1;
        for (const auto& one : curves_.series)
            for (const auto& point : one.points)
                for (const double value : {point.x, point.y})
                    if (value > 0) least = std::min(least, value);
        low_ = std::clamp(std::floor(std::log10(least)), -6.0, -1.0);
        high_ = 0;
    }

    double part(double value) const {
        const double at = curves_.logarithmic ? (value > 0 ? std::log10(value) : low_) : value;
        return (std::clamp(at, low_, high_) - low_) / (high_ - low_);
    }
    double x_of(double value) const { return kLeft + part(value) * kSide; }
    double y_of(double value) const { return kTop + kSide - part(value) * kSide; }

    std::vector<double> ticks() const {
        std::vector<double> out;
        if (curves_.logarithmic)
            for (double power = low_; power <= 0; ++power) out.push_back(std::pow(10, power));
        else
            for (int i = 0; i <= 5; ++i) out.push_back(high_ * i / 5);
        return out;
    }

    std::string tick(double value) const {
        std::array<char, 32> out;
        std::snprintf(out.data(), out.size(), "%.3g", value * 100);
        return localised(out.data(), view_.lang) + "\u00a0%";
    }

    std::string axes() const {
        std::string lines, words;
        for (const double value : ticks()) {
            lines += "M" + number(x_of(value)) + " " + number(kTop) + "v" + number(kSide) + "M" +
                     number(kLeft) + " " + number(y_of(value)) + "h" + number(kSide);
            words += text_at(x_of(value), kTop + kSide + 15, tick(value), " text-anchor=\"middle\"") +
                     text_at(kLeft - 6, y_of(value) + 4, tick(value), " text-anchor=\"end\"");
        }
        const double middle = kTop + kSide / 2;
        words += text_at(kLeft + kSide / 2, kTop + kSide + 36, for_html(curves_.x_name),
                         " text-anchor=\"middle\" font-weight=\"700\"") +
                 "<text transform=\"translate(14 " + number(middle) +
                 ") rotate(-90)\" text-anchor=\"middle\" font-weight=\"700\">" + for_html(curves_.y_name) +
                 "</text>";
        return "<path d=\"" + lines +
               "\" stroke=\"var(--line)\" stroke-width=\"1\"/><g font-size=\"11\" fill=\"var(--soft)\">" +
               words + "</g>";
    }

    std::string diagonal() const {
        if (!curves_.diagonal) return {};
        return "<path d=\"M" + number(kLeft) + " " + number(kTop + kSide) + "L" + number(kLeft + kSide) +
               " " + number(kTop) + "\" stroke=\"var(--soft)\" stroke-dasharray=\"4 4\"/>";
    }

    std::string series() const {
        std::string out;
        for (std::size_t i = 0; i < curves_.series.size(); ++i) {
            const auto& one = curves_.series[i];
            std::string line, marks, bars;
            const std::size_t every = std::max<std::size_t>(1, one.points.size() / 12);
            for (std::size_t k = 0; k < one.points.size(); ++k) {
                const auto& point = one.points[k];
                line += (line.empty() ? "M" : "L") + number(x_of(point.x)) + " " + number(y_of(point.y));
                if (!curves_.line || k % every == i % every)
                    marks += sign_path(i, x_of(point.x), y_of(point.y), 4);
                if (point.low && point.high)
                    bars += "M" + number(x_of(point.x)) + " " + number(y_of(*point.low)) + "V" +
                            number(y_of(*point.high));
            }
            const auto colour = sign_colour(i);
            if (curves_.line || one.points.size() > 1)
                out +=
                    "<path d=\"" + line + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.8\"/>";
            if (!bars.empty())
                out += "<path d=\"" + bars + "\" stroke=\"" + colour + "\" stroke-width=\"1.2\"/>";
            const double y = kTop + 16 + 22 * static_cast<double>(i);
            out += "<path d=\"" + marks + sign_path(i, kLeft + kSide + 24, y - 4, 5) + "\" fill=\"" + colour +
                   "\"/><g font-size=\"12\" fill=\"var(--ink)\">" +
                   text_at(kLeft + kSide + 36, y, label(one.name, 30)) + "</g>";
        }
        return out;
    }

    const SectionView& view_;
    const Curves& curves_;
    double low_ = 0, high_ = 0;
};

}  // namespace

std::string forest(const SectionView& view, const Forest& forest, const std::string& id) {
    return forest.rows.empty() ? std::string() : ForestDrawing(view, forest).draw(id);
}

std::string curves(const SectionView& view, const Curves& curves, const std::string& id) {
    return curves.series.empty() ? std::string() : CurveDrawing(view, curves).draw(id);
}

}  // namespace contrechamp::figure
