// The network of accounts that act together, laid out by a spring model of our own: the same accounts and
// ties give the same drawing on any machine.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "report/sections.h"

namespace contrechamp::figure {

struct Point {
    double x = 0, y = 0;
};

// Places in the unit square by Fruchterman and Reingold ("Graph drawing by force-directed placement", 1991):
// nodes repel each other, ties pull by their weight. From fixed places (a Halton sequence), a fixed number of
// steps, no randomness and no library function whose last bit differs between machines. At most kMostNodes.
struct Tie {
    std::size_t a = 0, b = 0;  // nodes
    double weight = 1;
};
std::vector<Point> layout(std::size_t nodes, std::span<const Tie> ties);

// Empty when no community is drawn.
std::string network(const SectionView& view, const std::string& id);

// Widths of ties in one, two, three and more behaviours.
double tie_width(unsigned layers);

}  // namespace contrechamp::figure
