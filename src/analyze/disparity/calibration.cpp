#include "analyze/disparity/calibration.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "analyze/disparity/distributions.h"
#include "analyze/disparity/people.h"
#include "analyze/disparity/scored.h"

namespace contrechamp::disparity {
namespace {

constexpr std::size_t kMostBins = 1'000;
constexpr double kClipped = 1e-6;  // a certainty of 0 or 1 has no logit

Status check_settings(const Scored& rows, const CalibrationSettings& settings) {
    const bool ascending =
        std::is_sorted(settings.edges.begin(), settings.edges.end(), std::less_equal<>()) &&
        std::none_of(settings.edges.begin(), settings.edges.end(), [](double e) { return std::isnan(e); });
    if (!ascending || settings.edges.size() >= kMostBins)
        return fail({"the edges of the bins do not ascend, or are too many",
                     "les bornes des classes ne sont pas croissantes, ou sont trop nombreuses"},
                    "bins", {"give numbers such as 0.2 0.4 0.6", "donner des nombres comme 0,2 0,4 0,6"});
    if (settings.quantiles < 1 || settings.quantiles > kMostBins)
        return fail({"so many bins cannot be made", "on ne peut pas faire autant de classes"},
                    std::to_string(settings.quantiles), {"give 1 to 1000", "donner de 1 à 1000"});
    if (std::any_of(rows.scores.begin(), rows.scores.end(), [](double s) { return std::isinf(s); }))
        return fail({"a score is infinite", "une note est infinie"}, "scores");
    return {};
}

// The bin of equal scores at begin … end - 1 in the order of all.
std::size_t bin_of(double score, std::size_t begin, std::size_t end, std::size_t rows,
                   const CalibrationSettings& settings) {
    if (!settings.edges.empty())
        return static_cast<std::size_t>(
            std::upper_bound(settings.edges.begin(), settings.edges.end(), score) - settings.edges.begin());
    // By the middle of where they stand.
    return std::min((begin + end) * settings.quantiles / (2 * rows), settings.quantiles - 1);
}

class Binning {
  public:
    Binning(const Scored& rows, const Rows& whose, const CalibrationSettings& settings)
        : rows_(rows), whose_(whose), settings_(settings), order_(ranked(rows.scores)) {}

    std::vector<CalibrationBin> bins() {
        std::vector<CalibrationBin> out;
        std::size_t first = 0;
        std::optional<std::size_t> current;
        for (std::size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
            while (end < order_.size() && order_[end].score == order_[begin].score) ++end;
            const auto bin = bin_of(order_[begin].score, begin, end, order_.size(), settings_);
            if (current && bin != *current) {
                out.push_back(made(first, begin));
                first = begin;
            }
            current = bin;
        }
        if (current) out.push_back(made(first, order_.size()));
        return out;
    }

  private:
    CalibrationBin made(std::size_t begin, std::size_t end) const {
        CalibrationBin out;
        out.low = order_[begin].score;
        out.high = order_[end - 1].score;
        double sum = 0;
        for (auto i = begin; i < end; ++i) {
            sum += order_[i].score;
            out.count.events += rows_.outcomes[order_[i].row];
        }
        out.count.of = end - begin;
        out.mean_score = sum / double(end - begin);
        const auto people = people_of(begin, end);
        out.people = people.size();
        if (out.people < kFewestPeople) return out;
        out.interval = out.people == out.count.of
                           ? wilson_interval(double(out.count.events), double(out.count.of), settings_.level)
                           : proportion_interval(people, settings_.level);
        return out;
    }

    std::vector<Person> people_of(std::size_t begin, std::size_t end) const {
        std::vector<std::pair<std::size_t, std::uint8_t>> met;
        met.reserve(end - begin);
        for (auto i = begin; i < end; ++i)
            met.emplace_back(whose_.person(order_[i].row), rows_.outcomes[order_[i].row]);
        std::sort(met.begin(), met.end());
        std::vector<Person> out;
        for (std::size_t i = 0; i < met.size(); ++i) {
            if (i == 0 || met[i].first != met[i - 1].first) out.push_back({});
            out.back().numerator += met[i].second;
            out.back().denominator += 1;
        }
        return out;
    }

    const Scored& rows_;
    const Rows& whose_;
    const CalibrationSettings& settings_;
    std::vector<Ranked> order_;
};

// Two by two, symmetric.
struct Matrix {
    double a = 0, b = 0, d = 0;
    Matrix& operator+=(const Matrix& other) {
        a += other.a;
        b += other.b;
        d += other.d;
        return *this;
    }
    double determinant() const { return a * d - b * b; }
    Matrix inverse() const { return {d / determinant(), -b / determinant(), a / determinant()}; }
};

struct Vector {
    double a = 0, b = 0;
};

Vector operator*(const Matrix& m, Vector v) { return {m.a * v.a + m.b * v.b, m.b * v.a + m.d * v.b}; }

// logit P = intercept + slope·x; with `free_slope` false the slope stays 1.
class Recalibration {
  public:
    Recalibration(const std::vector<double>& x, std::span<const std::uint8_t> y, bool free_slope)
        : x_(x), y_(y), free_slope_(free_slope) {}

    // False where no finite maximum is found: outcomes parted by the score, or one score for all.
    bool fit() {
        constexpr int kSteps = 100;
        constexpr double kClose = 1e-10, kFarOff = 1e4;
        if (free_slope_ && !varies()) return false;
        double likelihood = log_likelihood(at_);
        for (int step = 0; step < kSteps; ++step) {
            const auto by = newton();
            double part = 1;
            Vector to = moved(by, part);
            double better = log_likelihood(to);
            while (!(better >= likelihood - 1e-9 * std::abs(likelihood)) && part > 1e-6)
                better = log_likelihood(to = moved(by, part /= 2));
            at_ = to;
            likelihood = better;
            if (!(std::abs(at_.a) < kFarOff && std::abs(at_.b) < kFarOff)) return false;
            if (std::abs(by.a) < kClose * (1 + std::abs(at_.a)) &&
                std::abs(by.b) < kClose * (1 + std::abs(at_.b)))
                return likelihood < -1e-6 * double(y_.size());  // a perfect fit is parted outcomes
        }
        return false;
    }

    Vector at() const { return at_; }
    Matrix model_variance() const { return inverse_information(); }

    Matrix sandwich(const Rows& whose) const {
        std::vector<Vector> scores(whose.people());
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const double residual = y_[i] - chance(at_, i);
            auto& person = scores[whose.person(i)];
            person.a += residual;
            person.b += residual * x_[i];
        }
        Matrix meat;
        for (const auto& [a, b] : scores) meat += {a * a, a * b, b * b};
        const auto bread = inverse_information();
        const double m = double(whose.people()), n = double(x_.size()), k = free_slope_ ? 2 : 1,
                     small = m / (m - 1) * (n - 1) / (n - k);
        // bread · meat · bread, of which the diagonal is wanted.
        const auto first = bread * (meat * Vector{bread.a, bread.b}),
                   second = bread * (meat * Vector{bread.b, bread.d});
        return {small * first.a, small * first.b, small * second.b};
    }

  private:
    double chance(Vector at, std::size_t i) const { return 1 / (1 + std::exp(-(at.a + at.b * x_[i]))); }
    bool varies() const {
        return std::any_of(x_.begin(), x_.end(), [&](double x) { return x != x_.front(); });
    }
    double log_likelihood(Vector at) const {
        double sum = 0;
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const double eta = at.a + at.b * x_[i], wrong = y_[i] ? -eta : eta;
            sum -= wrong > 0 ? wrong + std::log1p(std::exp(-wrong)) : std::log1p(std::exp(wrong));
        }
        return sum;
    }
    Matrix information() const {
        Matrix out;
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const double p = chance(at_, i), weight = p * (1 - p);
            out += {weight, weight * x_[i], weight * x_[i] * x_[i]};
        }
        return out;
    }
    Matrix inverse_information() const {
        const auto all = information();
        return free_slope_ ? all.inverse() : Matrix{1 / all.a, 0, 0};
    }
    Vector newton() const {
        Vector gradient;
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const double residual = y_[i] - chance(at_, i);
            gradient.a += residual;
            gradient.b += residual * x_[i];
        }
        return inverse_information() * gradient;
    }
    Vector moved(Vector by, double part) const { return {at_.a + part * by.a, at_.b + part * by.b}; }

    const std::vector<double>& x_;
    std::span<const std::uint8_t> y_;
    bool free_slope_;
    Vector at_{0, 1};
};

CalibrationTerm term(double value, double variance, double df, double level) {
    const double se = std::sqrt(variance), reach = t_reach(df, level) * se;
    return {value, se, {value - reach, value + reach}};
}

void recalibrate(Calibration& out, const Scored& rows, const Rows& whose, double level) {
    std::vector<double> logits(rows.scores.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const double score = std::clamp(rows.scores[i], kClipped, 1 - kClipped);
        out.clipped += score != rows.scores[i];
        logits[i] = std::log(score / (1 - score));
    }
    const double df = double(whose.people() - 1);
    Recalibration shift(logits, rows.outcomes, false), line(logits, rows.outcomes, true);
    if (shift.fit()) {
        out.intercept = term(shift.at().a, shift.sandwich(whose).a, df, level);
        out.model_se_intercept = std::sqrt(shift.model_variance().a);
    }
    if (line.fit()) {
        out.slope = term(line.at().b, line.sandwich(whose).d, df, level);
        out.model_se_slope = std::sqrt(line.model_variance().d);
    }
    if (std::isnan(out.intercept.value) || std::isnan(out.slope.value))
        out.recalibration_refused = "separated";
}

void compare_with_outcomes(Calibration& out, const Scored& rows, const Rows& whose, double level) {
    out.expected_error = 0;
    for (const auto& bin : out.bins)
        out.expected_error +=
            double(bin.count.of) / double(out.rows) * std::abs(bin.count.rate() - bin.mean_score);
    std::vector<Person> people(whose.people());
    for (std::size_t i = 0; i < rows.scores.size(); ++i) {
        auto& person = people[whose.person(i)];
        person.numerator += rows.outcomes[i] - rows.scores[i];
        person.denominator += 1;
    }
    if (const auto rate = group_rate(people, Estimand::pooled, level)) {
        out.in_the_large.value = rate->rate;
        if (rate->refused.empty()) out.in_the_large = term(rate->rate, rate->se * rate->se, rate->df, level);
    }
    recalibrate(out, rows, whose, level);
}

}  // namespace

Result<Calibration> calibrate(const Scored& rows, const CalibrationSettings& settings) {
    TRY(check(rows, settings.level));
    TRY(check_settings(rows, settings));
    const Rows whose(rows.people, rows.scores.size());
    Calibration out;
    out.rows = rows.scores.size();
    out.people = whose.people();
    for (const auto outcome : rows.outcomes) out.events += outcome;
    out.bins = Binning(rows, whose, settings).bins();
    out.probabilities = settings.probabilities && std::all_of(rows.scores.begin(), rows.scores.end(),
                                                              [](double s) { return s >= 0 && s <= 1; });
    if (std::min(out.events, out.rows - out.events) < kFewestEvents) out.refused = "no-events";
    else if (out.people < kFewestPeople) out.refused = "too-few-people";
    else if (!out.probabilities) out.refused = "not-probabilities";
    else compare_with_outcomes(out, rows, whose, settings.level);
    return out;
}

}  // namespace contrechamp::disparity
