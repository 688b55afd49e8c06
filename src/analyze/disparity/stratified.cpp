#include "analyze/disparity/stratified.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "analyze/disparity/conditional.h"
#include "analyze/disparity/proportions.h"

namespace contrechamp::disparity {
namespace {

using conditional::Wide;

// One table in the sources' letters.
struct Cells {
    double a_yes, a_no, b_yes, b_no, a, b, yes, no, all;
    explicit Cells(const Stratum& stratum)
        : a_yes(double(stratum.a.events)),
          a_no(double(stratum.a.of - stratum.a.events)),
          b_yes(double(stratum.b.events)),
          b_no(double(stratum.b.of - stratum.b.events)),
          a(a_yes + a_no),
          b(b_yes + b_no),
          yes(a_yes + b_yes),
          no(a_no + b_no),
          all(a + b) {}
};

enum class Says { odds, rates, nothing };

Says what_says(const Stratum& stratum, NoInformation& why) {
    if (stratum.a.events > stratum.a.of || stratum.b.events > stratum.b.of)
        return why = NoInformation::impossible, Says::nothing;
    if (stratum.a.of == 0 || stratum.b.of == 0) return why = NoInformation::group_absent, Says::nothing;
    if (stratum.a.events == 0 && stratum.b.events == 0)
        return why = NoInformation::nobody_selected, Says::rates;
    if (stratum.a.events == stratum.a.of && stratum.b.events == stratum.b.of)
        return why = NoInformation::everybody_selected, Says::rates;
    return Says::odds;
}

struct Sorted {
    std::vector<Cells> odds, rates;  // `rates` holds those of `odds` too
    std::vector<SilentStratum> silent;
};

Sorted sorted(std::span<const Stratum> strata) {
    Sorted parts;
    for (std::size_t i = 0; i < strata.size(); ++i) {
        NoInformation why{};
        const Says says = what_says(strata[i], why);
        if (says == Says::odds) parts.odds.emplace_back(strata[i]);
        else parts.silent.push_back({i, why});
        if (says != Says::nothing) parts.rates.emplace_back(strata[i]);
    }
    return parts;
}

template <class Term>
double sum(const std::vector<Cells>& strata, Term term) {
    double total = 0;
    for (const Cells& n : strata) total += term(n);
    return total;
}

Interval log_interval(double value, double variance, double level) {
    if (!(value > 0) || !std::isfinite(value)) return {};
    const double reach = two_sided_z(level) * std::sqrt(variance);
    return {value * std::exp(-reach), value * std::exp(reach)};
}

void test_difference(const std::vector<Cells>& strata, Stratified& answer) {
    if (strata.empty()) return;
    const double off = std::abs(sum(strata, [](const Cells& n) { return n.a_yes - n.a * (n.yes / n.all); }));
    const double variance = sum(
        strata, [](const Cells& n) { return (n.a / n.all) * (n.b / n.all) * n.yes * (n.no / (n.all - 1)); });
    const auto test = [&](double difference) {
        const double statistic = difference * difference / variance;
        return Test{statistic, chi_square_p(statistic, 1)};
    };
    answer.cochran_mantel_haenszel = test(off);
    answer.cochran_mantel_haenszel_corrected = test(off >= 0.5 ? off - 0.5 : off);
}

// Robins, Breslow and Greenland 1986, with P = (a_yes + b_no) / n, Q = 1 - P, R and S the two diagonals'
// products.
Estimate common_odds(const std::vector<Cells>& strata, double level) {
    if (strata.empty()) return {};
    const auto r = [](const Cells& n) { return n.a_yes * (n.b_no / n.all); };
    const auto s = [](const Cells& n) { return n.a_no * (n.b_yes / n.all); };
    const auto p = [](const Cells& n) { return (n.a_yes + n.b_no) / n.all; };
    const double all_r = sum(strata, r), all_s = sum(strata, s);
    const double pr = sum(strata, [&](const Cells& n) { return p(n) * r(n); });
    const double ps_qr = sum(strata, [&](const Cells& n) { return p(n) * s(n) + (1 - p(n)) * r(n); });
    const double qs = sum(strata, [&](const Cells& n) { return (1 - p(n)) * s(n); });
    const double variance = pr / (2 * all_r * all_r) + ps_qr / (2 * all_r * all_s) + qs / (2 * all_s * all_s);
    return {all_r / all_s, log_interval(all_r / all_s, variance, level)};
}

// T. Sato 1989.
Estimate common_difference(const std::vector<Cells>& strata, double level) {
    if (strata.empty()) return {};
    const double weight = sum(strata, [](const Cells& n) { return n.a * (n.b / n.all); });
    const double off = sum(strata, [](const Cells& n) { return (n.a_yes * n.b - n.b_yes * n.a) / n.all; });
    const double value = off / weight;
    // Sato's P and Q.
    const double p = sum(strata, [](const Cells& n) {
        return (n.a * n.a * n.b_yes - n.b * n.b * n.a_yes + n.a * n.b * (n.b - n.a) / 2) / (n.all * n.all);
    });
    const double q =
        sum(strata, [](const Cells& n) { return (n.a_yes * n.b_no + n.b_yes * n.a_no) / (2 * n.all); });
    const double reach = two_sided_z(level) * std::sqrt(std::max(0.0, value * p + q)) / weight;
    return {value, {value - reach, value + reach}};
}

// Greenland and Robins 1985.
Estimate common_ratio(const std::vector<Cells>& strata, double level) {
    if (strata.empty()) return {};
    const double in_a = sum(strata, [](const Cells& n) { return n.a_yes * (n.b / n.all); });
    const double in_b = sum(strata, [](const Cells& n) { return n.b_yes * (n.a / n.all); });
    const double top = sum(strata, [](const Cells& n) {
        return (n.a * n.b * n.yes - n.a_yes * n.b_yes * n.all) / (n.all * n.all);
    });
    return {in_a / in_b, log_interval(in_a / in_b, top / (in_a * in_b), level)};
}

// The number of events in a that gives the odds ratio `odds` with this table's margins: the root of (1 -
// odds) A² + (b - yes + odds (a + yes)) A - odds a yes that the margins allow, in the form that does not
// cancel.
double fitted(const Cells& n, double odds) {
    const Wide square = 1 - Wide(odds),
               linear = Wide(n.b) - Wide(n.yes) + Wide(odds) * (Wide(n.a) + Wide(n.yes));
    const Wide constant = -Wide(odds) * Wide(n.a) * Wide(n.yes);
    const Wide root = std::sqrt(std::max<Wide>(0, linear * linear - 4 * square * constant));
    const Wide found = linear >= 0 ? -2 * constant / (linear + root) : (root - linear) / (2 * square);
    return double(found);
}

void test_homogeneity(const std::vector<Cells>& strata, Stratified& answer) {
    const double odds = answer.odds_ratio.value;
    if (strata.size() < 2 || !(odds > 0) || !std::isfinite(odds)) return;
    double statistic = 0, off = 0, variances = 0;
    for (const Cells& n : strata) {
        const double a_yes = fitted(n, odds);
        const double variance =
            1 / (1 / a_yes + 1 / (n.a - a_yes) + 1 / (n.yes - a_yes) + 1 / (n.b - n.yes + a_yes));
        statistic += (n.a_yes - a_yes) * (n.a_yes - a_yes) / variance;
        off += n.a_yes - a_yes;
        variances += variance;
    }
    const double corrected = std::max(0.0, statistic - off * off / variances);
    answer.degrees = strata.size() - 1;
    answer.breslow_day = {statistic, chi_square_p(statistic, answer.degrees)};
    answer.tarone = {corrected, chi_square_p(corrected, answer.degrees)};
}

}  // namespace

Stratified stratified(std::span<const Stratum> strata, double level) {
    Stratified answer;
    Sorted parts = sorted(strata);
    answer.informative = parts.odds.size();
    answer.silent = std::move(parts.silent);
    test_difference(parts.odds, answer);
    answer.odds_ratio = common_odds(parts.odds, level);
    answer.rate_difference = common_difference(parts.rates, level);
    answer.rate_ratio = common_ratio(parts.rates, level);
    test_homogeneity(parts.odds, answer);
    return answer;
}

}  // namespace contrechamp::disparity
