#include "analyze/disparity/detection.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "analyze/disparity/distributions.h"
#include "analyze/disparity/people.h"

namespace contrechamp::disparity {
namespace {

Status check(const Comparisons& comparisons, double level) {
    if (!(level > 0 && level < 1))
        return fail({"a confidence level lies between 0 and 1", "un niveau de confiance est entre 0 et 1"},
                    "level", {"give 0.95", "donner 0.95"});
    if (!comparisons.people.empty() && comparisons.people.size() != comparisons.scores.size())
        return fail({"scores and people are not as many", "notes et personnes ne sont pas en même nombre"},
                    std::to_string(comparisons.scores.size()) + " scores");
    for (std::size_t i = 0; i < comparisons.scores.size(); ++i)
        if (!std::isfinite(comparisons.scores[i]))
            return fail({"a score is not a finite number", "un score n’est pas un nombre fini"},
                        "comparison " + std::to_string(i));
    return {};
}

Ranks ranks_of(std::span<const Compared> compared) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(2 * compared.size());
    for (const auto& [first, second] : compared) {
        numbers.push_back(first);
        numbers.push_back(second);
    }
    return Ranks(std::move(numbers));
}

// Errors among comparisons of people: whether each comparison erred, and who they are, counted from 0.
class Dyads {
  public:
    Dyads(std::span<const Compared> compared, std::vector<bool> erred)
        : ranks_(ranks_of(compared)), erred_(std::move(erred)) {
        pairs_.reserve(compared.size());
        for (const auto& [one, other] : compared) {
            const auto a = static_cast<std::uint32_t>(ranks_.of(one)),
                       b = static_cast<std::uint32_t>(ranks_.of(other));
            pairs_.push_back({std::min(a, b), std::max(a, b)});
            with_others_ |= a != b;
        }
    }
    std::size_t people() const { return ranks_.count(); }
    bool with_others() const { return with_others_; }

    // How many share nobody, each taken in turn unless one of its people was.
    std::uint64_t disjoint() const {
        std::vector<bool> taken(people());
        std::uint64_t out = 0;
        for (const auto& [a, b] : pairs_) {
            if (taken[a] || taken[b]) continue;
            taken[a] = taken[b] = true;
            ++out;
        }
        return out;
    }

    // Of people compared with themselves only.
    std::vector<Person> each() const {
        std::vector<Person> out(people());
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            out[pairs_[i].first].denominator += 1;
            out[pairs_[i].first].numerator += erred_[i];
        }
        return out;
    }

    struct Spread {
        double variance = 0, df = 0;
    };
    Spread spread(double rate) const {
        std::vector<Person> sums(people());  // residuals and number of each person's comparisons
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            const auto [a, b] = pairs_[i];
            const double residual = erred_[i] - rate;
            sums[a].numerator += residual;
            sums[a].denominator += 1;
            if (a == b) continue;
            sums[b].numerator += residual;
            sums[b].denominator += 1;
        }
        double squares = 0, count = 0, counts = 0;
        for (const auto& [residual, comparisons] : sums) {
            squares += residual * residual;
            count += comparisons;
            counts += comparisons * comparisons;
        }
        const double twice = squares_of_pairs(rate), once = squares > twice ? squares - twice : squares,
                     m = double(people()), n = double(pairs_.size());
        // People who bring many comparisons are fewer than they look (Kish).
        return {m / (m - 1) * once / (n * n), std::max(1.0, count * count / counts - 1)};
    }

  private:
    double squares_of_pairs(double rate) const {
        std::vector<std::pair<std::uint64_t, bool>> keyed;
        keyed.reserve(pairs_.size());
        for (std::size_t i = 0; i < pairs_.size(); ++i)
            if (pairs_[i].first != pairs_[i].second)
                keyed.emplace_back(std::uint64_t{pairs_[i].first} << 32 | pairs_[i].second, erred_[i]);
        std::sort(keyed.begin(), keyed.end());
        double out = 0;
        for (std::size_t i = 0, end = 0; i < keyed.size(); i = end) {
            double sum = 0;
            for (; end < keyed.size() && keyed[end].first == keyed[i].first; ++end)
                sum += keyed[end].second - rate;
            out += sum * sum;
        }
        return out;
    }

    Ranks ranks_;
    std::vector<bool> erred_;
    std::vector<Compared> pairs_;
    bool with_others_ = false;
};

// The interval of a rate that is not refused, at any level.
Interval interval_of(const MatchRate& rate, double level) {
    const double of = double(rate.count.of), disjoint = double(rate.disjoint);
    if (rate.independent) return exact_interval(double(rate.count.events), of, level);
    // Nobody, or everybody, erred: nothing is seen of how people differ.
    if (!(rate.se > 0)) return exact_interval(rate.rate * disjoint, disjoint, level);
    return clustered_interval(rate.rate, rate.se * rate.se, rate.df, of, level);
}

void by_people(MatchRate& out, const Dyads& dyads) {
    out.people = dyads.people();
    out.disjoint = dyads.disjoint();
    out.independent = out.disjoint == out.count.of;
    if (out.people < kFewestPeople) {
        out.refused = "too-few-people";
        return;
    }
    if (out.count.events == 0 || out.count.events == out.count.of) return;
    if (dyads.with_others()) {
        const auto [variance, df] = dyads.spread(out.rate);
        out.se = std::sqrt(variance);
        out.df = df;
    } else if (const auto rate = group_rate(dyads.each(), Estimand::pooled)) {
        out.se = rate->se;
        out.df = rate->df;
    }
}

MatchRate match_rate(const Comparisons& comparisons, std::vector<bool> erred, double level) {
    MatchRate out;
    out.count = {static_cast<std::uint64_t>(std::count(erred.begin(), erred.end(), true)), erred.size()};
    if (erred.empty()) {
        out.refused = "no-events";
        return out;
    }
    out.rate = out.count.rate();
    out.disjoint = out.count.of;
    out.imprecise = std::min(out.count.events, out.count.of - out.count.events) < kFewestErrors;
    if (!comparisons.people.empty()) by_people(out, Dyads(comparisons.people, std::move(erred)));
    if (out.count.events == 0) out.rule_of_three = std::min(1.0, 3 / double(out.disjoint));
    if (out.refused.empty()) out.interval = interval_of(out, level);
    return out;
}

// Scores that grow with likeness.
double likeness(double score, ScoreKind kind) { return kind == ScoreKind::similarity ? score : -score; }

Result<MatchRate> rate_at(const Comparisons& comparisons, ScoreKind kind, double threshold, bool genuine,
                          double level) {
    TRY(check(comparisons, level));
    if (std::isnan(threshold))
        return fail({"the threshold is not a number", "le seuil n’est pas un nombre"}, "threshold",
                    {"give the score from which the system says yes",
                     "donner la note à partir de laquelle le système dit oui"});
    std::vector<bool> erred(comparisons.scores.size());
    for (std::size_t i = 0; i < erred.size(); ++i)
        erred[i] = (likeness(comparisons.scores[i], kind) >= likeness(threshold, kind)) != genuine;
    return match_rate(comparisons, std::move(erred), level);
}

// Both kinds of scores in one order.
class Curve {
  public:
    Curve(const Comparisons& genuine, const Comparisons& impostor, ScoreKind kind)
        : kind_(kind), genuine_(sorted(genuine.scores)), impostor_(sorted(impostor.scores)) {}

    // At a threshold: impostors that match, genuine that do not.
    struct Place {
        double threshold = 0;  // likeness
        std::size_t matched = 0, missed = 0;
    };
    // From the most lenient threshold to one beyond all scores, each score that occurs once; until `visit`
    // says false.
    void walk(const std::function<bool(const Place&)>& visit) const {
        std::size_t below_genuine = 0, below_impostor = 0;
        while (below_genuine < genuine_.size() || below_impostor < impostor_.size()) {
            double here = kInfinity;
            if (below_genuine < genuine_.size()) here = genuine_[below_genuine];
            if (below_impostor < impostor_.size()) here = std::min(here, impostor_[below_impostor]);
            if (!visit({here, impostor_.size() - below_impostor, below_genuine})) return;
            while (below_genuine < genuine_.size() && genuine_[below_genuine] == here) ++below_genuine;
            while (below_impostor < impostor_.size() && impostor_[below_impostor] == here) ++below_impostor;
        }
        visit({kInfinity, 0, genuine_.size()});
    }

    double fmr(const Place& place) const { return double(place.matched) / double(impostor_.size()); }
    double fnmr(const Place& place) const { return double(place.missed) / double(genuine_.size()); }
    double threshold(const Place& place) const { return likeness(place.threshold, kind_); }
    DetPoint point(const Place& place) const { return {threshold(place), fmr(place), fnmr(place)}; }
    std::size_t genuine() const { return genuine_.size(); }
    std::size_t impostor() const { return impostor_.size(); }

  private:
    std::vector<double> sorted(std::span<const double> scores) const {
        std::vector<double> out;
        out.reserve(scores.size());
        for (const double score : scores) out.push_back(likeness(score, kind_));
        std::sort(out.begin(), out.end());
        return out;
    }

    ScoreKind kind_;
    std::vector<double> genuine_, impostor_;
};

// Counts of `of` at equal steps of their normal deviates, from half a one to all but half a one, ascending.
std::vector<std::size_t> levels(std::size_t of, std::size_t steps) {
    const double end = quantile(Normal(), 0.5 / double(of));
    std::vector<std::size_t> out;
    for (std::size_t i = 1; i < steps; ++i) {
        const double deviate = end * (1 - 2 * double(i) / double(steps));
        out.push_back(static_cast<std::size_t>(std::ceil(cdf(Normal(), deviate) * double(of))));
    }
    return out;
}

std::vector<DetPoint> det(const Curve& curve, std::size_t most) {
    std::size_t places = 0;
    curve.walk([&](const Curve::Place&) { return ++places <= most; });
    std::vector<DetPoint> out;
    if (places <= most) {
        curve.walk([&](const Curve::Place& place) {
            out.push_back(curve.point(place));
            return true;
        });
        return out;
    }
    // Each of the two axes gives half of the points between the ends.
    const auto matched = levels(curve.impostor(), std::max<std::size_t>(most, 2) / 2),
               missed = levels(curve.genuine(), std::max<std::size_t>(most, 2) / 2);
    auto next_matched = matched.size();  // the highest level not yet reached, plus one
    std::size_t next_missed = 0;         // the lowest
    curve.walk([&](const Curve::Place& place) {
        bool take = out.empty() || place.threshold == kInfinity;
        for (; next_matched > 0 && place.matched <= matched[next_matched - 1]; --next_matched) take = true;
        for (; next_missed < missed.size() && place.missed >= missed[next_missed]; ++next_missed) take = true;
        if (take) out.push_back(curve.point(place));
        return true;
    });
    return out;
}

Eer equal_errors(const Curve& curve) {
    Eer out;
    double least = kInfinity;
    curve.walk([&](const Curve::Place& place) {
        const auto [threshold, fmr, fnmr] = curve.point(place);
        const double apart = std::abs(fmr - fnmr);
        if (apart < least) {
            least = apart;
            out = {(fmr + fnmr) / 2, std::min(fmr, fnmr), std::max(fmr, fnmr), threshold};
        }
        return fmr > fnmr;
    });
    return out;
}

AtFmr at_fmr(const Curve& curve, double target) {
    AtFmr out;
    out.target = target;
    curve.walk([&](const Curve::Place& place) {
        if (curve.fmr(place) > target) return true;
        out.threshold = curve.threshold(place);
        return false;
    });
    return out;
}

}  // namespace

Result<MatchRate> fmr_at(const Comparisons& impostor, ScoreKind kind, double threshold, double level) {
    return rate_at(impostor, kind, threshold, false, level);
}

Result<MatchRate> fnmr_at(const Comparisons& genuine, ScoreKind kind, double threshold, double level) {
    return rate_at(genuine, kind, threshold, true, level);
}

Result<Detection> detection(const Comparisons& genuine, const Comparisons& impostor,
                            const DetectionSettings& settings) {
    TRY(check(genuine, settings.level));
    TRY(check(impostor, settings.level));
    for (const double target : settings.targets)
        if (!(target > 0 && target < 1))
            return fail({"a false match rate to aim at lies between 0 and 1",
                         "un taux de fausses correspondances visé est entre 0 et 1"},
                        std::to_string(target), {"give 0.001", "donner 0,001"});
    Detection out;
    if (genuine.scores.empty() || impostor.scores.empty()) {
        out.refused = "no-events";
        return out;
    }
    const Curve curve(genuine, impostor, settings.kind);
    out.det = det(curve, settings.points);
    out.eer = equal_errors(curve);
    for (const double target : settings.targets) {
        auto at = at_fmr(curve, target);
        at.fmr = TRY(fmr_at(impostor, settings.kind, at.threshold, settings.level));
        at.fnmr = TRY(fnmr_at(genuine, settings.kind, at.threshold, settings.level));
        out.at.push_back(std::move(at));
    }
    return out;
}

MatchContrast match_contrast(const MatchRate& a, const MatchRate& b, double level) {
    MatchContrast out;
    out.difference = a.rate - b.rate;
    out.ratio = a.rate / b.rate;
    out.independent = a.independent && b.independent;
    out.imprecise = a.imprecise || b.imprecise;
    out.refused = a.refused.empty() ? b.refused : a.refused;
    if (!out.refused.empty()) return out;
    const auto apart = [&](double at) {
        return difference_interval(a.rate, interval_of(a, at), b.rate, interval_of(b, at));
    };
    out.difference_interval = apart(level);
    if (a.rate > 0 && b.rate > 0) {
        const auto logs = [](Interval interval) {
            return Interval{std::log(interval.low), std::log(interval.high)};
        };
        const auto log_ratio = difference_interval(std::log(a.rate), logs(interval_of(a, level)),
                                                   std::log(b.rate), logs(interval_of(b, level)));
        out.ratio_interval = {std::exp(log_ratio.low), std::exp(log_ratio.high)};
    }
    // The level at which the interval begins to hold 0: halved until nothing changes.
    const auto holds_zero = [&](double p) {
        const auto interval = apart(1 - p);
        return interval.low <= 0 && interval.high >= 0;
    };
    double low = 1e-12, high = 1;
    if (out.difference == 0) low = 1;
    else if (holds_zero(low))
        for (int step = 0; step < 50; ++step) {
            const double middle = (low + high) / 2;
            (holds_zero(middle) ? low : high) = middle;
        }
    out.p = low;
    return out;
}

Differential differential(std::span<const double> rates) {
    Differential out;
    double largest = kNotANumber, smallest = kNotANumber, logs = 0;
    for (std::size_t i = 0; i < rates.size(); ++i) {
        if (std::isnan(rates[i])) continue;
        if (out.groups++ == 0 || rates[i] > largest) {
            largest = rates[i];
            out.largest = i;
        }
        if (out.groups == 1 || rates[i] < smallest) {
            smallest = rates[i];
            out.smallest = i;
        }
        logs += std::log(rates[i]);
    }
    if (out.groups < 2 || !(largest > 0)) return out;
    out.max_to_min = largest / smallest;
    out.max_to_geometric_mean = largest / std::exp(logs / double(out.groups));
    return out;
}

}  // namespace contrechamp::disparity
