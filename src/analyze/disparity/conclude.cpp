#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "analyze/disparity/figure.h"
#include "analyze/disparity/multiple.h"

namespace contrechamp::disparity {
namespace {

constexpr std::array<std::string_view, 4> kVerdicts = {"insufficient", "compatible", "evidence", "robust"};

// Ratios turn around one, everything else around zero.
int direction(const Figure& figure) {
    const double from = figure.statistic.ends_with("ratio") ? figure.value - 1 : figure.value;
    return from > 0 ? 1 : from < 0 ? -1 : 0;
}

// p of the figures with these indexes, adjusted together.
void adjust(std::vector<Figure>& figures, const std::vector<std::size_t>& family, bool declared) {
    std::vector<double> p;
    for (const auto i : family) p.push_back(*figures[i].p);
    const auto adjusted = declared ? holm(p) : benjamini_hochberg(p);
    for (std::size_t k = 0; k < family.size(); ++k) figures[family[k]].p_adjusted = adjusted[k];
}

class Conclusions {
  public:
    Conclusions(Findings& findings, double alpha) : all_(findings), alpha_(alpha) {}

    void draw() {
        for (const bool declared : {true, false}) {
            adjust_main(declared);
            adjust_settings(declared);
        }
        for (std::size_t i = 0; i < all_.figures.size(); ++i)
            if (all_.figures[i].kind == Figure::Kind::setting) settings_[all_.figures[i].of].push_back(i);
        for (auto& conclusion : all_.conclusions) judge(conclusion);
    }

  private:
    bool in_family(const Conclusion& conclusion, bool declared) const {
        return conclusion.declared == declared && conclusion.verdict != Verdict::insufficient &&
               all_.figures[conclusion.main].p.has_value();
    }

    void adjust_main(bool declared) {
        std::vector<std::size_t> family;
        for (const auto& conclusion : all_.conclusions)
            if (in_family(conclusion, declared)) family.push_back(conclusion.main);
        adjust(all_.figures, family, declared);
        for (auto& conclusion : all_.conclusions)
            if (in_family(conclusion, declared)) {
                conclusion.tests = family.size();
                conclusion.family = declared ? "holm" : "benjamini-hochberg";
            }
    }

    // The comparisons that one choice changes, all together.
    void adjust_settings(bool declared) {
        std::map<Comparison, const Conclusion*> of;
        for (const auto& conclusion : all_.conclusions)
            if (in_family(conclusion, declared)) of[conclusion.of] = &conclusion;
        std::map<std::string, std::vector<std::size_t>> families;
        for (std::size_t i = 0; i < all_.figures.size(); ++i) {
            const auto& figure = all_.figures[i];
            if (figure.kind == Figure::Kind::setting && figure.p && of.contains(figure.of))
                families[figure.setting].push_back(i);
        }
        for (const auto& [name, family] : families) adjust(all_.figures, family, declared);
    }

    bool shows(const Figure& figure) const { return figure.p_adjusted && *figure.p_adjusted <= alpha_; }

    void judge(Conclusion& conclusion) {
        if (conclusion.verdict == Verdict::insufficient) return;
        const auto& main = all_.figures[conclusion.main];
        conclusion.settings = 1;
        conclusion.agreeing = 1;
        const bool shown = shows(main);
        for (const auto i : settings_[conclusion.of]) {
            const auto& figure = all_.figures[i];
            ++conclusion.settings;
            const bool same_way = direction(figure) == direction(main);
            conclusion.agreeing += shown ? shows(figure) && same_way : !shows(figure);
        }
        conclusion.verdict = !shown                                       ? Verdict::compatible
                             : conclusion.agreeing == conclusion.settings ? Verdict::robust
                                                                          : Verdict::evidence;
        // One choice alone was never shaken.
        if (conclusion.verdict == Verdict::robust && conclusion.settings == 1)
            conclusion.verdict = Verdict::evidence;
    }

    Findings& all_;
    double alpha_;
    std::map<Comparison, std::vector<std::size_t>> settings_;  // figures of each comparison
};

}  // namespace

std::string_view to_string(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

void conclude(Findings& findings, double alpha) { Conclusions(findings, alpha).draw(); }

}  // namespace contrechamp::disparity
