#include "report/figure_network.h"
#include "report/coordination_words.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/escape.h"
#include "report/figure_svg.h"
#include "report/words.h"

namespace contrechamp::figure {
namespace {

constexpr double kWidth = 680, kGap = 26, kHead = 22, kRadius = 6.5;

// The `index`th number of the Halton sequence of a base: evenly spread over 0 … 1, and never a corner twice.
double halton(std::size_t index, std::size_t base) {
    double out = 0, part = 1;
    for (; index; index /= base) {
        part /= static_cast<double>(base);
        out += part * static_cast<double>(index % base);
    }
    return out;
}

// A community's box in the drawing.
struct Box {
    std::size_t community = 0;
    double x = 0, y = 0, side = 0;
};

double side_of(std::size_t accounts) {
    return std::min(kWidth - 2 * kGap, 46 * std::sqrt(static_cast<double>(accounts)) + 34);
}

// Side by side as they come, in shelves as high as their highest; gives the height of all.
double shelve(std::vector<Box>& boxes) {
    double x = kGap, y = 0, high = 0;
    for (auto& box : boxes) {
        if (x > kGap && x + box.side > kWidth - kGap) {
            y += high + kHead + kGap;
            x = kGap;
            high = 0;
        }
        box.x = x;
        box.y = y + kHead;
        x += box.side + kGap;
        high = std::max(high, box.side);
    }
    return y + high + kHead + 12;
}

class Network {
  public:
    Network(const SectionView& view, const std::string& id)
        : view_(view), data_(view.model.coordination), id_(id) {}

    std::string draw() {
        std::vector<Box> boxes;
        for (std::size_t i = 0; i < data_.drawn.size(); ++i)
            if (!data_.drawn[i].empty()) boxes.push_back({i, 0, 0, side_of(data_.drawn[i].size())});
        if (boxes.empty()) return {};
        std::stable_sort(boxes.begin(), boxes.end(),
                         [](const Box& a, const Box& b) { return a.side > b.side; });
        const double height = shelve(boxes);
        for (const auto& box : boxes) place(box);
        std::string inside = ties();
        for (const auto& box : boxes) inside += community(box);
        return drawing(id_, kWidth, height, title(), description(), inside);
    }

  private:
    void place(const Box& box) {
        const auto& accounts = data_.drawn[box.community];
        std::map<std::uint32_t, std::size_t> local;
        for (const auto account : accounts) local.emplace(account, local.size());
        std::vector<Tie> ties;
        for (const auto& tie : data_.ties)
            if (local.contains(tie.a) && local.contains(tie.b))
                ties.push_back({local[tie.a], local[tie.b], static_cast<double>(tie.layers)});
        const auto places = layout(accounts.size(), ties);
        for (std::size_t i = 0; i < accounts.size(); ++i)
            at_[accounts[i]] = {box.x + 14 + places[i].x * (box.side - 28),
                                box.y + 10 + places[i].y * (box.side - 30)};
    }

    // One path a width, so that many ties stay few elements; those between communities are dashed.
    std::string ties() const {
        std::map<std::pair<bool, unsigned>, std::string> paths;
        std::map<std::uint32_t, std::size_t> home;
        for (std::size_t i = 0; i < data_.drawn.size(); ++i)
            for (const auto account : data_.drawn[i]) home.emplace(account, i);
        for (const auto& tie : data_.ties) {
            const auto a = at_.at(tie.a), b = at_.at(tie.b);
            paths[{home.at(tie.a) == home.at(tie.b), std::min(tie.layers, 3u)}] +=
                "M" + number(a.x) + " " + number(a.y) + "L" + number(b.x) + " " + number(b.y);
        }
        // Fainter where they lie thick.
        const char* opacity = data_.ties.size() > 400 ? ".3" : ".55";
        std::string out;
        for (const auto& [kind, path] : paths)
            out += "<path d=\"" + path + "\" fill=\"none\" stroke=\"var(--soft)\" stroke-width=\"" +
                   number(tie_width(kind.second)) + "\" stroke-opacity=\"" + opacity + "\"" +
                   (kind.first ? "" : " stroke-dasharray=\"5 4\"") + "/>";
        return out;
    }

    std::string community(const Box& box) const {
        const auto& accounts = data_.drawn[box.community];
        const bool named = accounts.size() <= 60;
        std::string out =
            "<g fill=\"" + sign_colour(box.community) + "\" stroke=\"var(--paper)\" stroke-width=\"1.2\">";
        for (const auto account : accounts) {
            const auto& at = at_.at(account);
            out += "<path d=\"" + sign_path(box.community, at.x, at.y, kRadius) + "\"><title>" +
                   label(data_.accounts[account].shown, 60) + "</title></path>";
        }
        // A rim keeps names readable over ties; WeasyPrint would paint it over the letters.
        out += std::string("</g><g fill=\"var(--ink)\" font-size=\"10.5\" text-anchor=\"middle\"") +
               (view_.medium == Medium::screen ? " stroke=\"var(--paper)\" stroke-width=\"3\" "
                                                 "stroke-linejoin=\"round\" paint-order=\"stroke\">"
                                               : ">");
        if (named)
            for (const auto account : accounts)
                out += "<text x=\"" + number(at_.at(account).x) + "\" y=\"" +
                       number(at_.at(account).y + kRadius + 10) + "\">" +
                       label(data_.accounts[account].shown, 12) + "</text>";
        return out + "</g><text x=\"" + number(box.x) + "\" y=\"" + number(box.y - 7) +
               "\" font-size=\"13\" font-weight=\"600\" fill=\"var(--ink)\">" +
               view_.t("Community ", "Communauté ") +
               std::string(letter_of(data_.communities[box.community].key)) + "</text>";
    }

    std::string title() const {
        return view_.t("Which accounts act together", "Quels comptes agissent ensemble");
    }

    std::string description() const {
        std::string out;
        for (std::size_t i = 0; i < data_.drawn.size(); ++i) {
            if (data_.drawn[i].empty()) continue;
            std::size_t inside = 0;
            for (const auto& tie : data_.ties)
                inside += std::binary_search(data_.drawn[i].begin(), data_.drawn[i].end(), tie.a) &&
                          std::binary_search(data_.drawn[i].begin(), data_.drawn[i].end(), tie.b);
            out +=
                (out.empty() ? "" : " ") + view_.t("Community ", "Communauté ") +
                std::string(letter_of(data_.communities[i].key)) + view_.t(": ", " : ") +
                counted(data_.drawn[i].size(), {"account", "compte"}, {"accounts", "comptes"}, view_.lang) +
                ", " + counted(inside, {"tie", "lien"}, {"ties", "liens"}, view_.lang) + ".";
        }
        return out;
    }

    const SectionView& view_;
    const Coordination& data_;
    const std::string& id_;
    std::map<std::uint32_t, Point> at_;
};

}  // namespace

double tie_width(unsigned layers) { return layers >= 3 ? 4 : layers == 2 ? 2.2 : .9; }

std::vector<Point> layout(std::size_t nodes, std::span<const Tie> ties) {
    std::vector<Point> at(nodes), push(nodes);
    if (nodes == 1) return {{.5, .5}};
    for (std::size_t i = 0; i < nodes; ++i) at[i] = {halton(i + 1, 2), halton(i + 1, 3)};
    const double ideal = 1 / std::sqrt(static_cast<double>(std::max<std::size_t>(nodes, 1)));
    const int steps = nodes <= 100 ? 300 : 120;
    for (int step = 0; step < steps; ++step) {
        for (std::size_t i = 0; i < nodes; ++i) push[i] = {(.5 - at[i].x) * .4, (.5 - at[i].y) * .4};
        for (std::size_t i = 0; i < nodes; ++i)
            for (std::size_t j = i + 1; j < nodes; ++j) {
                const double dx = at[i].x - at[j].x, dy = at[i].y - at[j].y;
                const double force = ideal * ideal / std::max(dx * dx + dy * dy, 1e-6);
                push[i].x += dx * force, push[i].y += dy * force;
                push[j].x -= dx * force, push[j].y -= dy * force;
            }
        for (const auto& tie : ties) {
            const double dx = at[tie.a].x - at[tie.b].x, dy = at[tie.a].y - at[tie.b].y;
            // Divided by how many ties a node has on average, else dense groups fall into one spot.
            const double force = std::sqrt(dx * dx + dy * dy) / ideal * (.5 + .5 * tie.weight) *
                                 static_cast<double>(nodes) / static_cast<double>(2 * ties.size());
            push[tie.a].x -= dx * force, push[tie.a].y -= dy * force;
            push[tie.b].x += dx * force, push[tie.b].y += dy * force;
        }
        const double most = .12 * (1 - static_cast<double>(step) / steps);
        for (std::size_t i = 0; i < nodes; ++i) {
            const double length = std::sqrt(push[i].x * push[i].x + push[i].y * push[i].y);
            const double part = length > most ? most / length : 1;
            at[i].x += push[i].x * part, at[i].y += push[i].y * part;
        }
    }
    // Into the unit square, each way by itself: it is to be read, not measured.
    Point low = at.empty() ? Point{} : at[0], high = low;
    for (const auto& p : at) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const auto fit = [](double value, double from, double to) {
        return to - from > 1e-9 ? (value - from) / (to - from) : .5;
    };
    for (auto& p : at) p = {fit(p.x, low.x, high.x), fit(p.y, low.y, high.y)};
    return at;
}

std::string network(const SectionView& view, const std::string& id) { return Network(view, id).draw(); }

}  // namespace contrechamp::figure
