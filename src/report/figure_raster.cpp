#include "report/figure_raster.h"

#include <algorithm>

#include "report/figure_svg.h"
#include "report/words.h"

namespace contrechamp::figure {
namespace {

constexpr double kWidth = 680, kLeft = 84, kRight = 6;

class Raster {
  public:
    Raster(const SectionView& view, const CoordinationCommunity& community)
        : view_(view),
          grid_(community.activity),
          row_(grid_.rows.size() > 30 ? 11 : 15),
          column_((kWidth - kLeft - kRight) / static_cast<double>(grid_.columns)),
          bottom_(row_ * static_cast<double>(grid_.rows.size())) {}

    std::string draw(const std::string& id) const {
        return drawing(id, kWidth, bottom_ + 22,
                       view_.t("When each account posted", "Quand chaque compte a publié"), description(),
                       ticks() + names() + marks());
    }

  private:
    double x_of(std::size_t column) const { return kLeft + static_cast<double>(column) * column_; }

    // Days when there are few, else some dates; never so near that they touch.
    std::string ticks() const {
        const auto a_day = std::max<std::int64_t>(1, 86400 / grid_.bin);
        auto every = static_cast<std::size_t>(a_day);
        while (static_cast<double>(every) * column_ < 74) every += static_cast<std::size_t>(a_day);
        // From the first midnight; where the drawing begins is said as well when there is room before.
        std::size_t first = 0;
        if (grid_.bin < 86400)
            while (first < every && (grid_.start + static_cast<std::int64_t>(first) * grid_.bin) % 86400 != 0)
                ++first;
        std::string lines, words;
        if (first > 0 && x_of(first) - kLeft > 74) words = date(0);
        for (std::size_t column = first; column < grid_.columns; column += every) {
            lines += "M" + number(x_of(column)) + " 0V" + number(bottom_ + 5);
            if (x_of(column) < kWidth - 62) words += date(column);
        }
        return "<path d=\"" + lines +
               "\" stroke=\"var(--line)\" stroke-width=\"1\"/><g font-size=\"10.5\" fill=\"var(--soft)\">" +
               words + "</g>";
    }

    std::string date(std::size_t column) const {
        const auto time = grid_.start + static_cast<std::int64_t>(column) * grid_.bin;
        return "<text x=\"" + number(x_of(column) + 2) + "\" y=\"" + number(bottom_ + 15) + "\">" +
               to_rfc3339(time).substr(0, 10) + "</text>";
    }

    std::string names() const {
        std::string lines, words;
        for (std::size_t i = 0; i < grid_.rows.size(); ++i) {
            const double y = row_ * static_cast<double>(i + 1);
            lines += "M0 " + number(y) + "H" + number(kWidth - kRight);
            words += "<text x=\"" + number(kLeft - 6) + "\" y=\"" + number(y - 3) + "\">" +
                     label(view_.model.coordination.accounts[grid_.rows[i].account].shown, 13) + "</text>";
        }
        return "<path d=\"" + lines + "\" stroke=\"var(--line)\" stroke-width=\".6\"/><g font-size=\"" +
               number(row_ > 12 ? 10.5 : 9) + "\" fill=\"var(--ink)\" text-anchor=\"end\">" + words + "</g>";
    }

    // Evidence fills the cell; other posts are a low bar at its foot. Neighbours alike are one mark.
    std::string marks() const {
        std::string evidence, other;
        for (std::size_t i = 0; i < grid_.rows.size(); ++i) {
            const auto& row = grid_.rows[i];
            const auto kind = [&](std::size_t c) { return row.evidence[c] ? 2 : row.posts[c] ? 1 : 0; };
            for (std::size_t c = 0; c < grid_.columns;) {
                std::size_t end = c + 1;
                while (end < grid_.columns && kind(end) == kind(c)) ++end;
                const double high = kind(c) == 2 ? row_ - 2 : 3, foot = row_ * static_cast<double>(i + 1) - 1;
                const double wide = std::max(1.2, static_cast<double>(end - c) * column_);
                if (kind(c))
                    (kind(c) == 2 ? evidence : other) += "M" + number(x_of(c)) + " " + number(foot) + "v" +
                                                         number(-high) + "h" + number(wide) + "v" +
                                                         number(high) + "z";
                c = end;
            }
        }
        return "<path d=\"" + other + "\" fill=\"var(--soft)\"/><path d=\"" + evidence +
               "\" fill=\"var(--c2)\"/>";
    }

    std::string description() const {
        std::uint64_t posts = 0, evidence = 0;
        std::size_t best = 0, most = 0;
        for (std::size_t c = 0; c < grid_.columns; ++c) {
            std::size_t together = 0;
            for (const auto& row : grid_.rows) {
                posts += row.posts[c];
                evidence += row.evidence[c];
                together += row.evidence[c] > 0;
            }
            if (together > most) best = c, most = together;
        }
        std::string out =
            counted(grid_.rows.size(), {"account", "compte"}, {"accounts", "comptes"}, view_.lang) + ", " +
            counted(posts, {"post", "message"}, {"posts", "messages"}, view_.lang) +
            view_.t(", of which evidence: ", ", dont des preuves : ") + std::to_string(evidence) + ".";
        if (most)
            out += " " + view_.t("Most accounts together: ", "Le plus de comptes ensemble : ") +
                   std::to_string(most) + view_.t(", from ", ", à partir du ") +
                   moment(grid_.start + static_cast<std::int64_t>(best) * grid_.bin) + ".";
        return out;
    }

    static std::string moment(UnixTime time) {
        const auto text = to_rfc3339(time);
        return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
    }

    const SectionView& view_;
    const ActivityGrid& grid_;
    double row_, column_, bottom_;
};

std::string bin_in_words(const SectionView& view, std::int64_t bin) {
    if (bin == 3600) return view.t("one hour", "une heure");
    if (bin == 6 * 3600) return view.t("six hours", "six heures");
    if (bin == 86400) return view.t("one day", "un jour");
    const auto weeks = static_cast<std::size_t>(bin / (7 * 86400));
    return counted(weeks, {"week", "semaine"}, {"weeks", "semaines"}, view.lang);
}

}  // namespace

std::string raster(const SectionView& view, const CoordinationCommunity& community, const std::string& id) {
    return community.activity.columns ? Raster(view, community).draw(id) : std::string();
}

std::string raster_caption(const SectionView& view, const CoordinationCommunity& community) {
    const auto& grid = community.activity;
    std::string out =
        view.t("A row is an account, a column ", "Une ligne est un compte, une colonne ") +
        bin_in_words(view, grid.bin) +
        view.t(" (UTC). Full mark: posts that are evidence. Low bar: other posts.",
               " (UTC). Marque pleine : messages qui sont des preuves. Barre basse : autres messages.");
    if (grid.cut)
        out += view.t(" Posts long before or after the evidence are not drawn.",
                      " Les messages bien antérieurs ou postérieurs aux preuves ne sont pas dessinés.");
    if (grid.rows_left_out)
        out += view.t(" Drawn are the accounts with most evidence; not drawn: ",
                      " Sont dessinés les comptes ayant le plus de preuves ; non dessinés : ") +
               std::to_string(grid.rows_left_out) + ".";
    return out + view.t(" The whole: ", " Le tout : ") + "contrechamp table activity.";
}

}  // namespace contrechamp::figure
