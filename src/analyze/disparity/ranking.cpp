#include "analyze/disparity/ranking.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "analyze/disparity/distributions.h"
#include "analyze/disparity/people.h"
#include "analyze/disparity/scored.h"

namespace contrechamp::disparity {
namespace {

constexpr std::string_view kTooFew = "too-few-people", kNoVariation = "no-variation", kNoEvents = "no-events";

// What lies below and at each score, from the lowest score up: calls
// visit(rows of that score, positives below, negatives below, positives at it, negatives at it).
template <class Visit>
void each_score(const Scored& rows, std::span<const Ranked> ranked, const Visit& visit) {
    std::size_t positives = 0, negatives = 0;
    for (std::size_t begin = 0; begin < ranked.size();) {
        std::size_t end = begin, here = 0;
        for (; end < ranked.size() && ranked[end].score == ranked[begin].score; ++end)
            here += rows.outcomes[ranked[end].row];
        visit(ranked.subspan(begin, end - begin), positives, negatives, here, end - begin - here);
        positives += here;
        negatives += end - begin - here;
        begin = end;
    }
}

// Squares, summed over people, of how far each one's placement values are from the AUC as positives and as
// negatives; and how many people there are.
struct Spread {
    double positive = 0, negative = 0, both = 0;
    std::size_t positives = 0, negatives = 0, everybody = 0;
};

// visit(rows of one score, distance of their placement value when positive, when negative, number of each)
template <class Visit>
void each_placement(const Scored& rows, std::span<const Ranked> ranked, const Auc& known,
                    const Visit& visit) {
    const double m = double(known.positives), n = double(known.negatives);
    each_score(rows, ranked,
               [&](std::span<const Ranked> here, std::size_t below, std::size_t negatives_below,
                   std::size_t positives, std::size_t negatives) {
                   visit(here, (double(negatives_below) + double(negatives) / 2) / n - known.auc,
                         (m - double(below) - double(positives) / 2) / m - known.auc, positives, negatives);
               });
}

// Every row is another person's.
Spread spread_of_rows(const Scored& rows, std::span<const Ranked> ranked, const Auc& known) {
    Spread out{0, 0, 0, known.positives, known.negatives, rows.scores.size()};
    each_placement(rows, ranked, known,
                   [&](std::span<const Ranked>, double positive, double negative, std::size_t positives,
                       std::size_t negatives) {
                       out.positive += double(positives) * positive * positive;
                       out.negative += double(negatives) * negative * negative;
                   });
    return out;
}

Spread spread_of_people(const Scored& rows, std::span<const Ranked> ranked, const Auc& known) {
    struct Sums {
        double as_positive = 0, as_negative = 0;
        bool positive = false, negative = false;
    };
    const Rows whose(rows.people, rows.scores.size());
    std::vector<Sums> people(whose.people());
    each_placement(
        rows, ranked, known,
        [&](std::span<const Ranked> here, double positive, double negative, std::size_t, std::size_t) {
            for (const auto& [score, row] : here) {
                auto& person = people[whose.person(row)];
                (rows.outcomes[row] ? person.as_positive : person.as_negative) +=
                    rows.outcomes[row] ? positive : negative;
                (rows.outcomes[row] ? person.positive : person.negative) = true;
            }
        });
    Spread out{0, 0, 0, 0, 0, people.size()};
    for (const auto& person : people) {
        out.positive += person.as_positive * person.as_positive;
        out.negative += person.as_negative * person.as_negative;
        out.both += person.as_positive * person.as_negative;
        out.positives += person.positive;
        out.negatives += person.negative;
    }
    return out;
}

void judge_spread(Auc& out, const Spread& seen) {
    out.people_positive = seen.positives;
    out.people_negative = seen.negatives;
    if (std::min(out.people_positive, out.people_negative) < kFewestPeople) {
        out.refused = kTooFew;
        return;
    }
    const auto corrected = [](double squares, std::size_t count) {
        return squares * double(count) / double(count - 1);
    };
    const double m = double(out.positives), n = double(out.negatives),
                 from_positives = corrected(seen.positive, out.people_positive) / (m * m),
                 from_negatives = corrected(seen.negative, out.people_negative) / (n * n),
                 variance =
                     from_positives + from_negatives + 2 * corrected(seen.both, seen.everybody) / (m * n);
    if (!(variance > 0) || out.auc <= 0 || out.auc >= 1) {
        out.refused = kNoVariation;
        return;
    }
    out.se = std::sqrt(variance);
    // Where the same people are behind both there are not twice as many of them.
    out.df = std::min(welch_df(from_positives, double(out.people_positive - 1), from_negatives,
                               double(out.people_negative - 1)),
                      double(seen.everybody - 1));
}

Interval on_logit_scale(const Auc& known, double level) {
    const double logit = std::log(known.auc / (1 - known.auc)),
                 reach = t_reach(known.df, level) * known.se / (known.auc * (1 - known.auc));
    const auto back = [](double x) { return 1 / (1 + std::exp(-x)); };
    return {back(logit - reach), back(logit + reach)};
}

struct Counted {
    bool in_denominator = false, in_numerator = false;
};

Counted counted(RateKind rate, bool flagged, bool positive) {
    switch (rate) {
        case RateKind::tpr: return {positive, flagged};
        case RateKind::fpr: return {!positive, flagged};
        case RateKind::fnr: return {positive, !flagged};
        case RateKind::ppv: return {flagged, positive};
        case RateKind::npv: return {!flagged, !positive};
    }
    return {};
}

std::vector<Person> behind(const Scored& rows, const Rows& whose, double threshold, RateKind rate) {
    std::vector<Person> people(whose.people());
    for (std::size_t row = 0; row < rows.scores.size(); ++row) {
        const auto [below, above] = counted(rate, rows.scores[row] >= threshold, rows.outcomes[row] != 0);
        if (!below) continue;
        auto& person = people[whose.person(row)];
        person.denominator += 1;
        person.numerator += above;
    }
    std::erase_if(people, [](const Person& person) { return person.denominator == 0; });
    return people;
}

bool once_each(std::span<const Person> people) {
    return std::all_of(people.begin(), people.end(), [](const Person& p) { return p.denominator == 1; });
}

ErrorRate error_rate(std::span<const Person> people, double level) {
    ErrorRate out;
    for (const auto& person : people) {
        out.count.events += static_cast<std::uint64_t>(person.numerator);
        out.count.of += static_cast<std::uint64_t>(person.denominator);
    }
    out.people = people.size();
    out.rate = out.count.rate();
    if (people.empty()) {
        out.refused = kNoEvents;
    } else if (people.size() < kFewestPeople) {
        out.refused = kTooFew;
    } else {
        out.interval = proportion_interval(people, level);
        if (!once_each(people))
            if (const auto rate = group_rate(people, Estimand::pooled, level)) out.se = rate->se;
    }
    return out;
}

Status check_threshold(double threshold) {
    if (!std::isnan(threshold)) return {};
    return fail(
        {"the threshold is not a number", "le seuil n’est pas un nombre"}, "threshold",
        {"give the score from which the system acts", "donner la note à partir de laquelle le système agit"});
}

Result<PeopleContrast> rates_apart(const Scored& a, const Scored& b, double threshold, RateKind rate,
                                   const ContrastSettings& settings) {
    const auto one = TRY(people_behind(a, threshold, rate)), other = TRY(people_behind(b, threshold, rate));
    auto out = TRY(contrast(one, other, settings));
    if (out.a.people < kFewestPeople || out.b.people < kFewestPeople || !once_each(one) || !once_each(other))
        return out;
    const auto wilson = [&](const GroupRate& group) {
        return wilson_interval(group.numerator, group.denominator, settings.level);
    };
    out.difference_interval = difference_interval(out.a.rate, wilson(out.a), out.b.rate, wilson(out.b));
    return out;
}

}  // namespace

Status check(const Scored& rows, double level) {
    if (!(level > 0 && level < 1))
        return fail({"a confidence level lies between 0 and 1", "un niveau de confiance est entre 0 et 1"},
                    "level", {"give 0.95", "donner 0.95"});
    const auto count = rows.scores.size();
    if (rows.outcomes.size() != count || (!rows.people.empty() && rows.people.size() != count) ||
        count > ~std::uint32_t{0})
        return fail({"scores, outcomes and people are not as many",
                     "notes, issues et personnes ne sont pas en même nombre"},
                    std::to_string(count) + " scores");
    for (std::size_t row = 0; row < count; ++row)
        if (std::isnan(rows.scores[row]) || rows.outcomes[row] > 1)
            return fail({"a score is not a number, or an outcome neither 0 nor 1",
                         "une note n’est pas un nombre, ou une issue n’est ni 0 ni 1"},
                        "row " + std::to_string(row));
    return {};
}

std::vector<Ranked> ranked(std::span<const double> scores) {
    std::vector<Ranked> out(scores.size());
    for (std::uint32_t row = 0; row < out.size(); ++row) out[row] = {scores[row], row};
    std::sort(out.begin(), out.end(), [](const Ranked& a, const Ranked& b) {
        return a.score < b.score || (a.score == b.score && a.row < b.row);
    });
    return out;
}

Result<Auc> auc(const Scored& rows, double level) {
    TRY(check(rows, level));
    Auc out;
    for (const auto outcome : rows.outcomes) ++(outcome ? out.positives : out.negatives);
    if (out.positives == 0 || out.negatives == 0) {
        out.refused = kNoEvents;
        return out;
    }
    const auto order = ranked(rows.scores);
    double won = 0;  // pairs, halves for ties: exact up to 2^52
    each_score(
        rows, order,
        [&](std::span<const Ranked>, std::size_t, std::size_t below, std::size_t positives,
            std::size_t negatives) { won += double(positives) * (double(below) + double(negatives) / 2); });
    out.auc = won / (double(out.positives) * double(out.negatives));
    judge_spread(out,
                 rows.people.empty() ? spread_of_rows(rows, order, out) : spread_of_people(rows, order, out));
    if (out.refused.empty()) out.interval = on_logit_scale(out, level);
    return out;
}

AucDifference auc_difference(const Auc& a, const Auc& b, double level) {
    AucDifference out;
    out.difference = a.auc - b.auc;
    out.refused = a.refused.empty() ? b.refused : a.refused;
    if (!out.refused.empty()) return out;
    out.se = std::hypot(a.se, b.se);
    out.t = out.difference / out.se;
    out.df = welch_df(a.se * a.se, a.df, b.se * b.se, b.df);
    out.p = t_two_sided(out.t, out.df);
    const double reach = t_reach(out.df, level) * out.se;
    out.interval = {out.difference - reach, out.difference + reach};
    out.detectable = detectable_difference(out.se, out.df, level);
    return out;
}

Result<ThresholdRates> rates_at(const Scored& rows, double threshold, double level) {
    TRY(check(rows, level));
    TRY(check_threshold(threshold));
    const Rows whose(rows.people, rows.scores.size());
    const auto rate = [&](RateKind kind) { return error_rate(behind(rows, whose, threshold, kind), level); };
    ThresholdRates out{{},
                       rate(RateKind::tpr),
                       rate(RateKind::fpr),
                       rate(RateKind::fnr),
                       rate(RateKind::ppv),
                       rate(RateKind::npv)};
    out.flagged = {out.ppv.count.of, rows.scores.size()};
    return out;
}

Result<std::vector<Person>> people_behind(const Scored& rows, double threshold, RateKind rate) {
    TRY(check(rows, 0.95));
    TRY(check_threshold(threshold));
    return behind(rows, Rows(rows.people, rows.scores.size()), threshold, rate);
}

Result<EqualisedOdds> equalised_odds(const Scored& a, const Scored& b, double threshold,
                                     const ContrastSettings& settings) {
    EqualisedOdds out{TRY(rates_apart(a, b, threshold, RateKind::tpr, settings)),
                      TRY(rates_apart(a, b, threshold, RateKind::fpr, settings))};
    const double tpr = std::abs(out.tpr.difference), fpr = std::abs(out.fpr.difference);
    if (std::isnan(tpr) || std::isnan(fpr)) return out;
    out.largest = std::max(tpr, fpr);
    out.mean = (tpr + fpr) / 2;
    return out;
}

Result<std::vector<RocPoint>> roc(const Scored& rows, std::size_t most) {
    TRY(check(rows, 0.95));
    const auto positives =
                   static_cast<std::size_t>(std::count(rows.outcomes.begin(), rows.outcomes.end(), 1)),
               negatives = rows.scores.size() - positives;
    std::vector<RocPoint> out;
    if (positives == 0 || negatives == 0) return out;
    const auto order = ranked(rows.scores);
    std::size_t scores = 0;
    each_score(rows, order, [&](auto&&...) { ++scores; });
    const bool all = scores + 1 <= most;
    const double step = 2 / double(std::max<std::size_t>(most, 2) - 1);
    // From the strictest threshold down: what is at or above each score.
    double next = step;
    out.push_back({});
    std::size_t true_positives = 0, false_positives = 0;
    for (std::size_t i = order.size(); i-- > 0;) {
        ++(rows.outcomes[order[i].row] ? true_positives : false_positives);
        if (i > 0 && order[i - 1].score == order[i].score) continue;
        const RocPoint point{double(false_positives) / double(negatives),
                             double(true_positives) / double(positives), order[i].score};
        const double along = point.fpr + point.tpr;
        if (!all && along < next && i > 0) continue;
        out.push_back(point);
        next = (std::floor(along / step) + 1) * step;
    }
    return out;
}

}  // namespace contrechamp::disparity
