#include "analyze/disparity/matching.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <numeric>

#include "analyze/disparity/proportions.h"

namespace contrechamp::disparity {
namespace {

Interval normal_interval(double value, double standard_error, double level) {
    const double reach = two_sided_z(level) * standard_error;
    return {value - reach, value + reach};
}

// Row numbers by stratum, then as they stand.
std::vector<std::size_t> by_stratum(std::span<const MatchRow> rows) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows[i].stratum; });
    return order;
}

// Of the difference of a stratum's rates, when its rows are dealt to the two sides at random.
double dealt_variance(Count one, Count other) {
    const Count both{one.events + other.events, one.of + other.of};
    return both.rate() * (1 - both.rate()) * double(both.of) / double(both.of - 1) *
           (1 / double(one.of) + 1 / double(other.of));
}

void compare(ExactMatch& match, double level) {
    if (match.group.of == 0) return;
    double variance = 0;
    match.group_rate = match.group.rate();
    match.reference_rate = 0;
    for (const auto& cell : match.strata) {
        const double share = double(cell.group.of) / double(match.group.of);
        match.reference_rate += share * cell.reference.rate();
        variance += share * share * dealt_variance(cell.group, cell.reference);
    }
    match.difference = match.group_rate - match.reference_rate;
    match.standard_error = std::sqrt(variance);
    match.interval = normal_interval(match.difference, match.standard_error, level);
}

// The values of the covariate that reference rows of one stratum have, each with its rows in row order. Rows
// are taken from the front; a value without rows left is skipped by links to its neighbours (union-find).
class FreeRows {
  public:
    void add(std::size_t row, double value) {
        if (values_.empty() || values_.back() != value) {
            values_.push_back(value);
            next_.push_back(rows_.size());
        }
        rows_.push_back(row);
    }
    void close() {
        ends_.assign(next_.begin() + (next_.empty() ? 0 : 1), next_.end());
        if (!next_.empty()) ends_.push_back(rows_.size());
        right_.resize(values_.size() + 1);
        left_.resize(values_.size() + 1);
        std::iota(right_.begin(), right_.end(), std::size_t{0});
        std::iota(left_.begin(), left_.end(), std::size_t{0});
    }

    struct Found {
        std::size_t block = kNone, row = 0;
        double distance = kInfinity;
    };
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    // The free row nearest to `value`; block kNone when none is free.
    Found nearest(double value) {
        const auto start =
            static_cast<std::size_t>(std::ranges::lower_bound(values_, value) - values_.begin());
        const std::size_t above = find(right_, start), below = find(left_, start);
        Found up, down;
        if (above < values_.size()) up = {above, front(above), values_[above] - value};
        if (below > 0) down = {below - 1, front(below - 1), value - values_[below - 1]};
        if (up.block == kNone || down.block == kNone) return up.block == kNone ? down : up;
        return up.distance < down.distance || (up.distance == down.distance && up.row < down.row) ? up : down;
    }
    void take(std::size_t block) {
        if (++next_[block] < ends_[block]) return;
        right_[block] = block + 1;
        left_[block + 1] = block;
    }

  private:
    std::size_t front(std::size_t block) const { return rows_[next_[block]]; }
    // right_[i]: the first value not before i with rows left; left_[i]: one past the last value before i with
    // rows left.
    static std::size_t find(std::vector<std::size_t>& links, std::size_t at) {
        while (links[at] != at) at = links[at] = links[links[at]];
        return at;
    }

    std::vector<double> values_;
    std::vector<std::size_t> rows_, next_,
        ends_;  // rows by value; of each value the first row left, and the end
    std::vector<std::size_t> right_, left_;
};

// Within one stratum.
void match_stratum(std::span<const MatchRow> rows, std::span<const std::size_t> members, double caliper,
                   NearestMatch& match, std::vector<UnmatchedRow>& unmatched) {
    std::vector<std::size_t> group, reference;
    bool has_group = false, has_reference = false;
    for (const std::size_t row : members) {
        (rows[row].in_group ? has_group : has_reference) = true;
        if (!std::isfinite(rows[row].covariate)) unmatched.push_back({row, Unmatched::no_covariate});
        else (rows[row].in_group ? group : reference).push_back(row);
    }
    const bool alone = !has_group || !has_reference;
    std::ranges::stable_sort(reference, {}, [&](std::size_t row) { return rows[row].covariate; });
    FreeRows free;
    for (const std::size_t row : reference) free.add(row, rows[row].covariate);
    free.close();
    std::vector<std::size_t> taken;
    for (const std::size_t row : group) {
        const auto found = free.nearest(rows[row].covariate);
        // Without any spread only equal values are near.
        const double steps = found.distance == 0 ? 0 : found.distance / match.spread;
        if (found.block != FreeRows::kNone && steps <= caliper) {
            match.pairs.push_back({row, found.row, steps});
            taken.push_back(found.row);
            free.take(found.block);
        } else {
            unmatched.push_back({row, alone                            ? Unmatched::stratum_alone
                                      : found.block == FreeRows::kNone ? Unmatched::none_left
                                                                       : Unmatched::beyond_caliper});
        }
    }
    std::ranges::sort(taken);
    for (const std::size_t row : reference)
        if (!std::ranges::binary_search(taken, row))
            unmatched.push_back({row, alone ? Unmatched::stratum_alone : Unmatched::none_left});
}

struct Values {
    double weight = 0, squares = 0, mean = 0, off = 0;  // off: sum of w (x - mean)²
    std::uint64_t rows = 0;
    // West 1979: one pass, no cancellation.
    void add(double value, double w) {
        ++rows;
        weight += w;
        squares += w * w;
        const double step = value - mean;
        mean += step * w / weight;
        off += w * step * (value - mean);
    }
    double variance() const { return rows > 1 ? off / (weight - squares / weight) : kNotANumber; }
};

// Unknown where a double does not hold it.
double pooled_spread(const Values& group, const Values& reference) {
    const double spread = std::sqrt(group.variance() / 2 + reference.variance() / 2);
    return std::isfinite(spread) ? spread : kNotANumber;
}

// Twice the larger tail of a fair coin, at most 1: P(X >= most), X binomial (one + other, 1/2).
double sign_test(std::uint64_t one, std::uint64_t other) {
    using namespace boost::math::policies;
    using Quiet = policy<domain_error<ignore_error>, underflow_error<ignore_error>,
                         overflow_error<ignore_error>, evaluation_error<ignore_error>>;
    if (one == other) return 1;
    const double most = double(std::max(one, other)), least = double(std::min(one, other));
    return std::min(1.0, 2 * boost::math::ibeta(most, least + 1, 0.5, Quiet()));
}

void compare(NearestMatch& match, double level) {
    const auto pairs = double(match.pairs.size());
    if (match.pairs.empty()) return;
    const double one = double(match.only_group), other = double(match.only_reference);
    match.difference = (one - other) / pairs;
    match.standard_error =
        std::sqrt(std::max(0.0, one + other - (one - other) * (one - other) / pairs)) / pairs;
    match.interval = normal_interval(match.difference, match.standard_error, level);
    match.exact_p = sign_test(match.only_group, match.only_reference);
}

}  // namespace

ExactMatch exact_match(std::span<const MatchRow> rows, double level) {
    ExactMatch match;
    match.weights.assign(rows.size(), 0);
    const auto order = by_stratum(rows);
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        ExactMatch::Cell cell{rows[order[first]].stratum, {}, {}};
        for (; last < order.size() && rows[order[last]].stratum == cell.stratum; ++last) {
            Count& side = rows[order[last]].in_group ? cell.group : cell.reference;
            ++side.of;
            side.events += rows[order[last]].event;
        }
        if (cell.group.of == 0 || cell.reference.of == 0) {
            match.unmatched_group += cell.group.of;
            match.unmatched_reference += cell.reference.of;
            match.unmatched.insert(match.unmatched.end(), order.begin() + static_cast<std::ptrdiff_t>(first),
                                   order.begin() + static_cast<std::ptrdiff_t>(last));
            continue;
        }
        const double weight = double(cell.group.of) / double(cell.reference.of);
        for (std::size_t i = first; i < last; ++i)
            match.weights[order[i]] = rows[order[i]].in_group ? 1 : weight;
        match.group.events += cell.group.events;
        match.group.of += cell.group.of;
        match.reference.events += cell.reference.events;
        match.reference.of += cell.reference.of;
        match.strata.push_back(cell);
    }
    std::ranges::sort(match.unmatched);
    compare(match, level);
    return match;
}

NearestMatch nearest(std::span<const MatchRow> rows, double caliper, double level) {
    NearestMatch match;
    Values group, reference;
    for (const MatchRow& row : rows)
        if (std::isfinite(row.covariate)) (row.in_group ? group : reference).add(row.covariate, 1);
    match.spread = pooled_spread(group, reference);
    match.weights.assign(rows.size(), 0);
    const auto order = by_stratum(rows);
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        while (last < order.size() && rows[order[last]].stratum == rows[order[first]].stratum) ++last;
        match_stratum(rows, std::span(order).subspan(first, last - first), caliper, match, match.unmatched);
    }
    std::ranges::sort(match.pairs, {}, &MatchedPair::group_row);
    std::ranges::sort(match.unmatched, {}, &UnmatchedRow::row);
    for (const MatchedPair& pair : match.pairs) {
        const bool one = rows[pair.group_row].event, other = rows[pair.reference_row].event;
        match.weights[pair.group_row] = match.weights[pair.reference_row] = 1;
        ++match.group.of;
        ++match.reference.of;
        match.group.events += one;
        match.reference.events += other;
        match.only_group += one && !other;
        match.only_reference += other && !one;
    }
    compare(match, level);
    return match;
}

Balance balance(std::span<const MatchRow> rows, std::span<const double> values,
                std::span<const double> weights, double spread) {
    Balance answer;
    Values group, reference;
    for (std::size_t i = 0; i < rows.size() && i < values.size(); ++i) {
        const double weight = weights.empty() ? 1 : i < weights.size() ? weights[i] : 0;
        if (!(weight > 0)) continue;
        if (!std::isfinite(values[i])) ++answer.missing;
        else (rows[i].in_group ? group : reference).add(values[i], weight);
    }
    answer.group = group.rows;
    answer.reference = reference.rows;
    if (group.rows) answer.group_mean = group.mean;
    if (reference.rows) answer.reference_mean = reference.mean;
    answer.spread = std::isnan(spread) ? pooled_spread(group, reference) : spread;
    const double off = answer.group_mean - answer.reference_mean;
    // Without any spread, equal means differ by nothing.
    answer.standardised_difference = off == 0 ? 0 : off / answer.spread;
    answer.variance_ratio = group.variance() / reference.variance();
    return answer;
}

}  // namespace contrechamp::disparity
