#include "analyze/disparity/multiple.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analyze/disparity/interval.h"

namespace contrechamp::disparity {
namespace {

// The tests that could be done, from the smallest p; equal ones in the order given.
std::vector<std::size_t> rising(std::span<const double> p) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (!std::isnan(p[i])) order.push_back(i);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
    return order;
}

}  // namespace

std::vector<double> holm(std::span<const double> p) {
    std::vector<double> adjusted(p.size(), kNotANumber);
    const auto order = rising(p);
    double most = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        most = std::max(most, p[order[rank]] * double(order.size() - rank));
        adjusted[order[rank]] = std::min(1.0, most);
    }
    return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<double> adjusted(p.size(), kNotANumber);
    const auto order = rising(p);
    double least = 1;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        least = std::min(least, p[order[rank - 1]] * (double(order.size()) / double(rank)));
        adjusted[order[rank - 1]] = least;
    }
    return adjusted;
}

}  // namespace contrechamp::disparity
