#include "analyze/disparity/clusters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "analyze/disparity/distributions.h"
#include "analyze/disparity/resampling.h"

namespace contrechamp::disparity {
namespace {

constexpr std::string_view kTooFew = "too-few-people", kNoVariation = "no-variation";
// People whose absence is tested, not only measured: at most so many, fewer where each costs more.
constexpr std::size_t kMostWithoutOne = 2'000, kFewestWithoutOne = 20, kWorkWithoutOne = 20'000'000;

Status check(std::span<const Person> people, double level) {
    if (!(level > 0 && level < 1))
        return fail({"a confidence level lies between 0 and 1", "un niveau de confiance est entre 0 et 1"},
                    "level", {"give 0.95", "donner 0.95"});
    for (std::size_t i = 0; i < people.size(); ++i)
        if (!std::isfinite(people[i].numerator) || !std::isfinite(people[i].denominator) ||
            people[i].denominator < 0)
            return fail({"a person's counts are not numbers from 0 up",
                         "les comptes d’une personne ne sont pas des nombres positifs ou nuls"},
                        "person " + std::to_string(i));
    return {};
}

// Those with a denominator, as the estimand sees them.
std::vector<Person> kept(std::span<const Person> people, Estimand estimand) {
    std::vector<Person> out;
    out.reserve(people.size());
    for (const auto& [x, y] : people) {
        if (!(y > 0)) continue;
        out.push_back(estimand == Estimand::pooled ? Person{x, y} : Person{x / y, 1});
    }
    return out;
}

// A group's rate and its variance, linearised with the corrections of clusters.h. `but` (an index) is left
// out.
struct Linear {
    double rate = kNotANumber, variance = kNotANumber, df = kNotANumber;
    bool varies = false;
};

constexpr std::size_t kNobody = ~std::size_t{0};

Linear linear(std::span<const Person> people, std::size_t but = kNobody) {
    double x = 0, y = 0, yy = 0, first = kNotANumber;
    Linear out;
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (i == but) continue;
        x += people[i].numerator;
        y += people[i].denominator;
        yy += people[i].denominator * people[i].denominator;
        const double rate = people[i].numerator / people[i].denominator;
        if (std::isnan(first)) first = rate;
        out.varies |= rate != first;
    }
    const double concentration = yy / (y * y);
    out.rate = out.varies ? x / y : first;
    // d: the diagonal of the quadratic form's middle; sums of d, d·h, d·h² and d²(1 + 2(H - 2h)).
    double variance = 0, d0 = 0, d1 = 0, d2 = 0, dd = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (i == but) continue;
        const double h = people[i].denominator / y, keeps = 1 - 2 * h + concentration;
        if (!(keeps > 1e-12)) continue;  // all of the words are this person's: the residual is 0
        const double residual = people[i].numerator / people[i].denominator - out.rate, d = h * h / keeps;
        variance += d * residual * residual;
        d0 += d;
        d1 += d * h;
        d2 += d * h * h;
        dd += d * d * (1 + 2 * (concentration - 2 * h));
    }
    out.variance = out.varies ? variance : 0;
    out.df = concentration * concentration /
             (dd + concentration * concentration * d0 * d0 + 2 * d2 * d0 - 4 * concentration * d1 * d0 +
              2 * d1 * d1);
    return out;
}

struct Bounds {
    bool from_zero = true, to_one = true;  // no rate can be below 0; above 1
};

Bounds bounds_of(std::span<const Person> people) {
    Bounds out;
    for (const auto& [x, y] : people) {
        out.from_zero &= x >= 0;
        out.to_one &= x <= y;
    }
    return out;
}

Interval cut(Interval interval, Bounds bounds) {
    if (bounds.from_zero) interval.low = std::max(interval.low, 0.0);
    if (bounds.from_zero && bounds.to_one) interval.high = std::min(interval.high, 1.0);
    return interval;
}

Interval around(double value, double reach) { return {value - reach, value + reach}; }

// Nobody, or everybody, of so many people.
Interval unanimous(double rate, std::size_t people, double level) {
    const double most = 1 - std::pow((1 - level) / 2, 1 / double(people));
    return rate == 0 ? Interval{0, most} : Interval{1 - most, 1};
}

GroupRate described(std::span<const Person> given, std::span<const Person> people, const Linear& linear,
                    double level) {
    GroupRate out;
    out.people = people.size();
    out.left_out = given.size() - people.size();
    for (const auto& [x, y] : given) {
        out.numerator += y > 0 ? x : 0;
        out.denominator += y;
    }
    out.rate = linear.rate;
    if (people.size() < kFewestPeople) {
        out.refused = kTooFew;
        return out;
    }
    const auto bounds = bounds_of(people);
    if (!linear.varies) {
        out.refused = kNoVariation;
        if (bounds.from_zero && bounds.to_one && (linear.rate == 0 || linear.rate == 1))
            out.interval = unanimous(linear.rate, people.size(), level);
        return out;
    }
    out.se = std::sqrt(linear.variance);
    out.df = linear.df;
    out.interval = cut(around(out.rate, t_reach(out.df, level) * out.se), bounds);
    return out;
}

struct Group {
    std::vector<Person> people;
    Linear linear;
};

Group group(std::span<const Person> given, Estimand estimand) {
    Group out{kept(given, estimand), {}};
    if (!out.people.empty()) out.linear = linear(out.people);
    return out;
}

struct Welch {
    double se = kNotANumber, t = kNotANumber, df = kNotANumber, p = kNotANumber;
};

Welch welch(const Linear& a, const Linear& b) {
    const double variance = a.variance + b.variance;
    if (!(variance > 0)) return {};
    Welch out;
    out.se = std::sqrt(variance);
    out.t = (a.rate - b.rate) / out.se;
    out.df = welch_df(a.variance, a.df, b.variance, b.df);
    out.p = t_two_sided(out.t, out.df);
    return out;
}

Interval ratio_interval(const Linear& a, const Linear& b, double level) {
    if (!(a.rate > 0 && b.rate > 0)) return {};
    const double va = a.variance / (a.rate * a.rate), vb = b.variance / (b.rate * b.rate);
    if (!(va + vb > 0)) return {};
    const double reach = t_reach(welch_df(va, a.df, vb, b.df), level) * std::sqrt(va + vb),
                 log_ratio = std::log(a.rate / b.rate);
    return {std::exp(log_ratio - reach), std::exp(log_ratio + reach)};
}

Naive naive(std::span<const Person> a, std::span<const Person> b, double level) {
    const auto variance = [](const Linear& linear, std::span<const Person> people) {
        double words = 0;
        for (const auto& person : people) words += person.denominator;
        return (linear.rate > 1 ? linear.rate : linear.rate * (1 - linear.rate)) / words;
    };
    const auto one = group(a, Estimand::pooled), other = group(b, Estimand::pooled);
    const double se = std::sqrt(variance(one.linear, one.people) + variance(other.linear, other.people)),
                 difference = one.linear.rate - other.linear.rate;
    if (!(se > 0)) return {};
    return {around(difference, z_reach(level) * se), z_two_sided(difference / se),
            std::sqrt(one.linear.variance + other.linear.variance) / se};
}

// Without each person in turn.
class LeavingOut {
  public:
    LeavingOut(std::span<const Person> a, std::span<const Person> b, const Group& in_a, const Group& in_b)
        : groups_{&in_a, &in_b},
          difference_(in_a.linear.rate - in_b.linear.rate),
          tested_(std::clamp(kWorkWithoutOne / (in_a.people.size() + in_b.people.size()), kFewestWithoutOne,
                             kMostWithoutOne)) {
        each(a, 0);
        each(b, 1);
    }

    WithoutOne result() {
        for (const auto& absence : most_) {
            const double p = p_without(absence);
            if (std::isnan(p)) continue;
            out_.p_lowest = std::fmin(out_.p_lowest, p);
            out_.p_highest = std::fmax(out_.p_highest, p);
        }
        return out_;
    }

  private:
    struct Absence {
        std::size_t side = 0, person = 0;  // among those kept
        double moved = 0;
    };

    void each(std::span<const Person> given, std::size_t side) {
        const auto& people = groups_[side]->people;
        double x = 0, y = 0;
        for (const auto& person : people) {
            x += person.numerator;
            y += person.denominator;
        }
        for (std::size_t i = 0, at = 0; i < given.size(); ++i) {
            if (!(given[i].denominator > 0)) continue;
            const double rate = (x - people[at].numerator) / (y - people[at].denominator);
            without(side, i, at++,
                    side == 0 ? rate - groups_[1]->linear.rate : groups_[0]->linear.rate - rate);
        }
    }
    void without(std::size_t side, std::size_t given, std::size_t person, double difference) {
        const double moved = std::abs(difference - difference_);
        out_.lowest = std::fmin(out_.lowest, difference);
        out_.highest = std::fmax(out_.highest, difference);
        if (std::isnan(out_.without_most) || moved > std::abs(out_.without_most - difference_)) {
            out_.most_in_a = side == 0;
            out_.most = given;
            out_.without_most = difference;
        }
        // A heap of those who move it most, the least of them in front.
        const auto less_in_front = [](const Absence& a, const Absence& b) { return a.moved > b.moved; };
        if (most_.size() == tested_) {
            if (!(moved > most_.front().moved)) return;
            std::pop_heap(most_.begin(), most_.end(), less_in_front);
            most_.pop_back();
        }
        most_.push_back({side, person, moved});
        std::push_heap(most_.begin(), most_.end(), less_in_front);
    }
    double p_without(const Absence& absence) const {
        const auto rest = linear(groups_[absence.side]->people, absence.person);
        const auto& other = groups_[1 - absence.side]->linear;
        return absence.side == 0 ? welch(rest, other).p : welch(other, rest).p;
    }

    std::array<const Group*, 2> groups_;
    double difference_;
    std::size_t tested_;
    std::vector<Absence> most_;
    WithoutOne out_;
};

void resample(PeopleContrast& out, const Group& a, const Group& b, const ContrastSettings& settings) {
    const auto people = a.people.size() + b.people.size();
    if (people > kMostShuffledPeople) return;
    if (settings.permutations > 0) {
        const auto shuffled = permutation_test(a.people, b.people, settings);
        out.p_permutation = shuffled.p;
        out.assignments = shuffled.assignments;
        out.enumerated = shuffled.enumerated;
    }
    if (settings.replicates > 0 && std::min(a.people.size(), b.people.size()) >= kFewestForBootstrap)
        out.bootstrap = bootstrap(a.people, b.people, settings);
}

void infer(PeopleContrast& out, const Group& a, const Group& b, const ContrastSettings& settings) {
    const auto test = welch(a.linear, b.linear);
    out.se = test.se;
    out.t = test.t;
    out.df = test.df;
    out.p_welch = test.p;
    if (test.se > 0) {
        out.difference_interval = around(out.difference, t_reach(test.df, settings.level) * test.se);
        out.ratio_interval = ratio_interval(a.linear, b.linear, settings.level);
    } else {
        out.refused = kNoVariation;
    }
    resample(out, a, b, settings);
    out.p = std::fmax(out.p_welch, out.p_permutation);  // the other where one is NaN
}

}  // namespace

Result<GroupRate> group_rate(std::span<const Person> people, Estimand estimand, double level) {
    TRY(check(people, level));
    const auto one = group(people, estimand);
    return described(people, one.people, one.linear, level);
}

Result<PeopleContrast> contrast(std::span<const Person> a, std::span<const Person> b,
                                const ContrastSettings& settings) {
    TRY(check(a, settings.level));
    TRY(check(b, settings.level));
    const auto one = group(a, settings.estimand), other = group(b, settings.estimand);
    PeopleContrast out;
    out.a = described(a, one.people, one.linear, settings.level);
    out.b = described(b, other.people, other.linear, settings.level);
    out.difference = out.a.rate - out.b.rate;
    out.ratio = out.a.rate / out.b.rate;
    if (std::min(one.people.size(), other.people.size()) < kFewestPeople) {
        out.refused = kTooFew;
        return out;
    }
    infer(out, one, other, settings);
    out.naive = naive(a, b, settings.level);
    if (settings.influence && out.refused.empty()) {
        out.detectable = detectable_difference(out.se, out.df, settings.level);
        out.without_one = LeavingOut(a, b, one, other).result();
    }
    return out;
}

double detectable_difference(double se, double df, double level, double power) {
    using NonCentral = boost::math::non_central_t_distribution<double, quiet::Policy>;
    constexpr double kAsGoodAsNormal = 1e6;  // degrees of freedom
    if (!(se > 0 && df > 0 && level > 0 && level < 1 && power > 0 && power < 1)) return kNotANumber;
    df = std::min(df, kAsGoodAsNormal);
    const double critical = t_reach(df, level);
    const auto lacks = [&](double shift) {
        const NonCentral law(df, shift);
        return cdf(complement(law, critical)) + cdf(law, -critical) - power;
    };
    double high = critical;
    for (int doubled = 0; lacks(high) < 0; ++doubled, high *= 2)
        if (doubled == 8) return kNotANumber;
    if (!(lacks(0) < 0)) return 0;
    std::uintmax_t steps = 60;
    const auto [from, to] = boost::math::tools::toms748_solve(
        lacks, 0.0, high, boost::math::tools::eps_tolerance<double>(40), steps, quiet::Policy());
    return se * (from + to) / 2;
}

Interval exact_interval(double events, double of, double level) {
    using Beta = boost::math::beta_distribution<double, quiet::Policy>;
    if (!(of > 0 && events >= 0 && events <= of)) return {};
    const double tail = (1 - level) / 2;
    return {events > 0 ? quantile(Beta(events, of - events + 1), tail) : 0,
            events < of ? quantile(complement(Beta(events + 1, of - events), tail)) : 1};
}

Interval clustered_interval(double rate, double variance, double df, double of, double level) {
    if (!(rate >= 0 && rate <= 1 && of > 1 && df > 0)) return {};
    double effective = of;
    if (variance > 0 && rate > 0 && rate < 1) {
        const double reach = t_reach(of - 1, level) / t_reach(df, level);
        effective = std::min(of, rate * (1 - rate) / variance * reach * reach);
    }
    return exact_interval(std::min(effective * rate, effective), effective, level);
}

Interval proportion_interval(std::span<const Person> people, double level) {
    if (people.size() < kFewestPeople) return {};
    const auto pooled = linear(people);
    const auto told = described(people, people, pooled, level);
    if (std::all_of(people.begin(), people.end(), [](const auto& person) { return person.denominator == 1; }))
        return exact_interval(told.numerator, told.denominator, level);
    if (!told.refused.empty()) return told.interval;
    return clustered_interval(told.rate, pooled.variance, told.df, told.denominator, level);
}

}  // namespace contrechamp::disparity
