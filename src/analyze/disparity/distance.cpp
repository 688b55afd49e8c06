#include <algorithm>
#include <array>

#include "analyze/disparity/align.h"

namespace contrechamp::disparity {
namespace {

// For each symbol of the pattern, which positions have it: masks by block, in order, and only those that are
// not empty, so that memory grows with the pattern and not with the alphabet.
struct Masks {
    struct Mask {
        std::uint32_t symbol, block;
        std::uint64_t bits;
    };
    std::vector<Mask> all;
    explicit Masks(std::span<const std::uint32_t> pattern) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
        places.reserve(pattern.size());
        for (std::uint32_t i = 0; i < pattern.size(); ++i) places.emplace_back(pattern[i], i);
        std::sort(places.begin(), places.end());
        for (const auto& [symbol, at] : places) {
            const auto bit = std::uint64_t{1} << (at % 64);
            if (all.empty() || all.back().symbol != symbol || all.back().block != at / 64)
                all.push_back({symbol, at / 64, bit});
            else all.back().bits |= bit;
        }
    }
    std::span<const Mask> of(std::uint32_t symbol) const {
        const auto less = [](const Mask& mask, std::uint32_t wanted) { return mask.symbol < wanted; };
        const auto begin = std::lower_bound(all.begin(), all.end(), symbol, less);
        auto end = begin;
        while (end != all.end() && end->symbol == symbol) ++end;
        return {begin, end};
    }
};

// Vertical differences of 64 rows: +1 and -1.
struct Block {
    std::uint64_t plus = ~std::uint64_t{0}, minus = 0;
};

// One column of one block; `in` and the result are the horizontal differences above and in row `last` of the
// block.
int advance(Block& block, std::uint64_t equal, int in, unsigned last) {
    const auto vertical = equal | block.minus;
    if (in < 0) equal |= 1;
    const auto horizontal = (((equal & block.plus) + block.plus) ^ block.plus) | equal;
    auto plus = block.minus | ~(horizontal | block.plus), minus = block.plus & horizontal;
    const int out = static_cast<int>(plus >> last & 1) - static_cast<int>(minus >> last & 1);
    plus = plus << 1 | (in > 0 ? 1 : 0);
    minus = minus << 1 | (in < 0 ? 1 : 0);
    block.plus = minus | ~(vertical | plus);
    block.minus = plus & vertical;
    return out;
}

std::uint64_t any_distance(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b,
                           std::size_t count) {
    const Masks masks(a);
    std::vector<Block> blocks(count);
    const auto last = static_cast<unsigned>((a.size() - 1) % 64);
    std::uint64_t score = a.size();
    for (const auto symbol : b) {
        auto equal = masks.of(symbol);
        int carry = 1;
        for (std::size_t i = 0; i < count; ++i) {
            const bool here = !equal.empty() && equal.front().block == i;
            const auto bits = here ? equal.front().bits : 0;
            if (here) equal = equal.subspan(1);
            carry = advance(blocks[i], bits, carry, i + 1 == count ? last : 63);
        }
        score += static_cast<std::uint64_t>(static_cast<std::int64_t>(carry));
    }
    return score;
}

// Most patterns are a few hundred characters below U+0100: their masks fit a table.
constexpr std::size_t kLatin = 256, kLatinBlocks = 16;

std::uint64_t latin_distance(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b,
                             std::size_t count) {
    thread_local std::array<std::array<std::uint64_t, kLatinBlocks>, kLatin> masks{};
    static constexpr std::array<std::uint64_t, kLatinBlocks> kNever{};
    for (std::size_t i = 0; i < a.size(); ++i) masks[a[i]][i / 64] |= std::uint64_t{1} << (i % 64);
    std::array<Block, kLatinBlocks> blocks{};
    const auto last = static_cast<unsigned>((a.size() - 1) % 64);
    std::uint64_t score = a.size();
    for (const auto symbol : b) {
        const auto& equal = symbol < kLatin ? masks[symbol] : kNever;
        int carry = 1;
        for (std::size_t i = 0; i + 1 < count; ++i) carry = advance(blocks[i], equal[i], carry, 63);
        carry = advance(blocks[count - 1], equal[count - 1], carry, last);
        score += static_cast<std::uint64_t>(static_cast<std::int64_t>(carry));
    }
    for (const auto symbol : a) masks[symbol].fill(0);
    return score;
}

}  // namespace

std::uint64_t distance(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
    while (!a.empty() && !b.empty() && a.front() == b.front()) a = a.subspan(1), b = b.subspan(1);
    while (!a.empty() && !b.empty() && a.back() == b.back())
        a = a.first(a.size() - 1), b = b.first(b.size() - 1);
    if (a.empty() || b.empty()) return a.size() + b.size();
    const auto blocks = (a.size() + 63) / 64;
    const bool latin = std::all_of(a.begin(), a.end(), [](std::uint32_t symbol) { return symbol < kLatin; });
    return latin && blocks <= kLatinBlocks ? latin_distance(a, b, blocks) : any_distance(a, b, blocks);
}

}  // namespace contrechamp::disparity
