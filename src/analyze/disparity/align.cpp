#include "analyze/disparity/align.h"

#include <algorithm>
#include <cmath>

namespace contrechamp::disparity {
namespace {

// The most cells of a lattice's table, or of its kept rows, that are held at once: 64 MiB.
constexpr std::size_t kMostCells = std::size_t{1} << 24;

struct PlainCosts {
    std::int32_t substitution, gap;
};
PlainCosts plain_costs(CostMode mode) {
    return mode == CostMode::sclite ? PlainCosts{4, 3} : PlainCosts{1, 1};
}

// One row of the table from the row above it.
void fill_row(std::uint32_t word, std::span<const Piece> hypothesis, PlainCosts costs,
              const std::int32_t* above, std::int32_t* row) {
    std::int32_t last = row[0] = above[0] + costs.gap;
    for (std::size_t j = 0; j < hypothesis.size(); ++j) {
        const auto pair = above[j] + (hypothesis[j].word == word ? 0 : costs.substitution);
        const auto gap = std::min(above[j + 1], last) + costs.gap;
        last = row[j + 1] = std::min(pair, gap);
    }
}

// Rows come in blocks: a row is kept before each block, and the blocks are filled again, from the last to the
// first, as the way back goes through them. So memory grows with the square root of the rows.
std::size_t rows_in_block(std::size_t rows, std::size_t width) {
    constexpr std::size_t kSmall = std::size_t{1} << 16;
    if (rows * width <= kSmall) return rows;
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(rows))));
}

struct Way {
    EditCounts& counts;
    std::vector<AlignedPair>* pairs;
    void step(Edit edit, std::uint32_t reference, std::uint32_t hypothesis) const {
        switch (edit) {
            case Edit::correct: ++counts.correct; break;
            case Edit::substituted: ++counts.substituted; break;
            case Edit::deleted: ++counts.deleted; break;
            case Edit::inserted: ++counts.inserted; break;
        }
        if (pairs) pairs->push_back({edit, reference, hypothesis});
    }
};

}  // namespace

std::string_view to_string(CostMode mode) { return mode == CostMode::sclite ? "4/3/3" : "1/1/1"; }

EditCounts& EditCounts::operator+=(const EditCounts& other) {
    correct += other.correct;
    substituted += other.substituted;
    deleted += other.deleted;
    inserted += other.inserted;
    return *this;
}

bool Aligner::align(const Speech& reference, const Speech& hypothesis, CostMode mode, EditCounts& counts,
                    std::vector<AlignedPair>* pairs) {
    counts = {};
    if (pairs) pairs->clear();
    if (reference.too_deep || hypothesis.too_deep) return false;
    if (!reference.plain || !hypothesis.plain) {
        if (!align_lattices(reference, hypothesis, mode, counts, pairs)) return false;
    } else {
        if (std::uint64_t{reference.pieces.size()} * hypothesis.pieces.size() > kMostSteps) return false;
        align_plain(reference, hypothesis, mode, counts, pairs);
    }
    if (pairs) std::reverse(pairs->begin(), pairs->end());
    return true;
}

void Aligner::align_plain(const Speech& reference, const Speech& hypothesis, CostMode mode,
                          EditCounts& counts, std::vector<AlignedPair>* pairs) {
    const Way way{counts, pairs};
    const auto costs = plain_costs(mode);
    std::size_t n = reference.pieces.size(), m = hypothesis.pieces.size();
    // Equal words at the end pair in any case: a pair is taken first, and here it costs nothing.
    while (n && m && reference.pieces[n - 1].word == hypothesis.pieces[m - 1].word) {
        --n, --m;
        way.step(Edit::correct, static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(m));
    }
    const std::span<const Piece> words(hypothesis.pieces.data(), m);
    const std::size_t width = m + 1, block = rows_in_block(n + 1, width);
    if (rows_.size() < (block + 1) * width) rows_.resize((block + 1) * width);
    const std::size_t blocks = (n + block - 1) / block;
    if (kept_.size() < blocks * width) kept_.resize(blocks * width);
    const auto fill = [&](std::size_t b) {  // rows b × block … of the table, the first of them kept
        std::copy_n(kept_.begin() + static_cast<std::ptrdiff_t>(b * width), width, rows_.begin());
        for (std::size_t i = b * block, r = 0; i < std::min(n, (b + 1) * block); ++i, ++r)
            fill_row(reference.pieces[i].word, words, costs, &rows_[r * width], &rows_[(r + 1) * width]);
    };
    for (std::size_t j = 0; n && j < width; ++j) kept_[j] = static_cast<std::int32_t>(j) * costs.gap;
    for (std::size_t b = 0; b < blocks; ++b) {
        fill(b);
        if (b + 1 < blocks)
            std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(block * width), width,
                        kept_.begin() + static_cast<std::ptrdiff_t>((b + 1) * width));
    }
    std::size_t i = n, j = m, held = blocks ? blocks - 1 : 0;
    while (i && j) {
        if (i <= held * block) fill(--held);
        const auto* row = &rows_[(i - held * block) * width];
        const auto* above = row - width;
        const bool same = reference.pieces[i - 1].word == words[j - 1].word;
        const auto pair = above[j - 1] + (same ? 0 : costs.substitution);
        if (pair <= above[j] + costs.gap && pair <= row[j - 1] + costs.gap) {
            --i, --j;
            way.step(same ? Edit::correct : Edit::substituted, static_cast<std::uint32_t>(i),
                     static_cast<std::uint32_t>(j));
        } else if (above[j] < row[j - 1]) {
            way.step(Edit::deleted, static_cast<std::uint32_t>(--i), kNoPiece);
        } else {
            way.step(Edit::inserted, kNoPiece, static_cast<std::uint32_t>(--j));
        }
    }
    while (i) way.step(Edit::deleted, static_cast<std::uint32_t>(--i), kNoPiece);
    while (j) way.step(Edit::inserted, kNoPiece, static_cast<std::uint32_t>(--j));
}

// ---- lattices ----

namespace {

struct Costs {
    float substitution, gap, optional, nothing, both_nothing;
};
Costs costs_of(CostMode mode) {
    return mode == CostMode::sclite ? Costs{4.0F, 3.0F, 2.0F, 0.001F, 1.0F}
                                    : Costs{1.0F, 1.0F, 0.0F, 0.0F, 0.0F};
}

// SCTK word.c, equal_WORD2: "ab-" equals what begins with ab, "-ab" what ends with it. The reference's mark
// is looked at first.
bool equal_letters(std::string_view a, std::string_view b, bool& decided) {
    decided = a.size() > 1 && (a.front() == '-' || a.back() == '-');
    if (!decided) return false;
    return a.front() == '-' ? b.ends_with(a.substr(1)) : b.starts_with(a.substr(0, a.size() - 1));
}

float gap_cost(const Piece& piece, const Costs& costs) {
    return piece.nothing ? costs.nothing : piece.optional ? costs.optional : costs.gap;
}

// Rows 0 … A: the empty first arc, then the reference's; columns likewise. A block of rows begins where the
// lattice narrows to one node.
class Table {
  public:
    Table(const Speech& reference, const Speech& hypothesis, const Lattice& a, const Lattice& b,
          CostMode mode, std::vector<float>& cells, std::vector<float>& kept)
        : reference_(reference),
          hypothesis_(hypothesis),
          a_(a),
          b_(b),
          costs_(costs_of(mode)),
          width_(b.arcs.size() + 1),
          cells_(cells),
          kept_(kept) {}
    bool fits();
    void walk(const Way& way);

  private:
    struct Block {
        std::uint32_t begin;  // number of its first arc, from 1
        std::uint32_t node;   // where it begins
        std::size_t kept;     // its first kept row: those of the node's incoming arcs
    };
    std::span<const std::uint32_t> before(const Lattice& net, std::uint32_t node) const {
        return {net.in_arcs.data() + net.in_start[node], net.in_start[node + 1] - net.in_start[node]};
    }
    std::span<const std::uint32_t> before_a(std::uint32_t arc) const {
        return before(a_, a_.arcs[arc - 1].from);
    }
    std::span<const std::uint32_t> before_b(std::uint32_t arc) const {
        return before(b_, b_.arcs[arc - 1].from);
    }
    const Piece& piece_a(std::uint32_t arc) const { return reference_.pieces[a_.arcs[arc - 1].piece]; }
    const Piece& piece_b(std::uint32_t arc) const { return hypothesis_.pieces[b_.arcs[arc - 1].piece]; }
    bool equal(const Piece& x, const Piece& y) const;
    float pair_cost(const Piece& x, const Piece& y) const;
    std::vector<Block> cuts() const;
    std::uint32_t end_of(std::size_t block) const {
        return block + 1 < blocks_.size() ? blocks_[block + 1].begin
                                          : static_cast<std::uint32_t>(a_.arcs.size() + 1);
    }
    const float* row(std::uint32_t arc) const;
    void first_row();
    void fill(std::size_t block);
    void fill_row(std::uint32_t arc);
    void keep(std::size_t block);
    // The cheapest of the cells from which a cell may be reached, and where it stands; the first among
    // equals.
    struct Best {
        float cost = 999999999.9F;
        std::uint32_t a = 0, b = 0;
    };
    Best best(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> columns) const;

    const Speech& reference_;
    const Speech& hypothesis_;
    const Lattice& a_;
    const Lattice& b_;
    const Costs costs_;
    const std::size_t width_;
    std::vector<float>&cells_, &kept_;
    std::vector<Block> blocks_;
    std::vector<std::uint32_t> place_;  // by arc: its place among the arcs that end where it ends
    std::size_t held_ = 0;              // the block whose rows are in cells_
};

bool Table::equal(const Piece& x, const Piece& y) const {
    if (x.nothing || y.nothing) return x.nothing && y.nothing;
    if (x.fragment || y.fragment) {
        const auto a = reference_.text(x), b = hypothesis_.text(y);
        bool decided = false;
        const bool by_a = equal_letters(a, b, decided);
        if (decided) return by_a;
        const bool by_b = equal_letters(b, a, decided);
        if (decided) return by_b;
        return a == b;
    }
    return x.word == y.word && x.word != kNoWord;
}

float Table::pair_cost(const Piece& x, const Piece& y) const {
    if (x.nothing && y.nothing) return costs_.both_nothing;
    return equal(x, y) ? 0.0F : costs_.substitution;
}

// Nodes through which every way goes: all arcs so far end in it or before it.
std::vector<Table::Block> Table::cuts() const {
    std::vector<Block> found;
    std::size_t ended = 0;  // arcs that end in nodes already left
    std::uint32_t last = ~std::uint32_t{0};
    for (std::uint32_t arc = 1; arc <= a_.arcs.size(); ++arc) {
        const auto node = a_.arcs[arc - 1].from;
        if (node == last) continue;
        last = node;
        ended += before(a_, node).size();
        if (ended == arc) found.push_back({arc, node, 0});  // the empty first arc counts
    }
    return found;
}

// Chooses the blocks; false when a table of them would be too large, or take too many steps.
bool Table::fits() {
    std::uint64_t ways_a = 1, ways_b = 1;
    for (const auto& arc : a_.arcs) ways_a += before(a_, arc.from).size();
    for (const auto& arc : b_.arcs) ways_b += before(b_, arc.from).size();
    if (ways_a > kMostSteps || ways_b > kMostSteps || ways_a * ways_b > kMostSteps) return false;
    place_.resize(a_.arcs.size() + 1);
    for (std::size_t node = 0; node + 1 < a_.in_start.size(); ++node)
        for (auto i = a_.in_start[node]; i < a_.in_start[node + 1]; ++i)
            place_[a_.in_arcs[i]] = i - a_.in_start[node];
    const auto least = rows_in_block(a_.arcs.size() + 1, width_);
    std::size_t kept = 0;
    for (auto cut : cuts()) {
        if (!blocks_.empty() && cut.begin - blocks_.back().begin < least) continue;
        cut.kept = kept;
        kept += before(a_, cut.node).size();
        blocks_.push_back(cut);
    }
    std::size_t largest = 0;
    for (std::size_t i = 0; i < blocks_.size(); ++i)
        largest = std::max<std::size_t>(largest, end_of(i) - blocks_[i].begin);
    if (blocks_.empty()) kept = 1;  // the row of the empty first arc
    if ((largest + kept) * width_ > kMostCells) return false;
    if (cells_.size() < largest * width_) cells_.resize(largest * width_);
    if (kept_.size() < kept * width_) kept_.resize(kept * width_);
    return true;
}

const float* Table::row(std::uint32_t arc) const {
    if (blocks_.empty()) return kept_.data();
    const auto& block = blocks_[held_];
    if (arc >= block.begin) return &cells_[(arc - block.begin) * width_];
    return &kept_[(block.kept + place_[arc]) * width_];
}

Table::Best Table::best(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> columns) const {
    Best found;
    for (const auto a : rows) {
        const float* cells = row(a);
        for (const auto b : columns)
            if (cells[b] < found.cost) found = {cells[b], a, b};
    }
    return found;
}

void Table::first_row() {
    kept_[0] = 0;
    for (std::uint32_t b = 1; b < width_; ++b) {
        float least = 999999999.9F;
        for (const auto column : before_b(b)) least = std::min(least, kept_[column]);
        kept_[b] = least + gap_cost(piece_b(b), costs_);
    }
}

void Table::fill_row(std::uint32_t arc) {
    const auto& piece = piece_a(arc);
    const auto rows = before_a(arc);
    const float deletion = gap_cost(piece, costs_);
    float* cells = &cells_[(arc - blocks_[held_].begin) * width_];
    // One row to come from is the rule; several are first brought together, for each column the least.
    const float* above = row(rows[0]);
    std::vector<float> least;
    if (rows.size() > 1) {
        least.assign(above, above + width_);
        for (const auto other : rows.subspan(1)) {
            const float* cell = row(other);
            for (std::size_t b = 0; b < width_; ++b) least[b] = std::min(least[b], cell[b]);
        }
        above = least.data();
    }
    cells[0] = above[0] + deletion;
    for (std::uint32_t b = 1; b < width_; ++b) {
        const auto& other = piece_b(b);
        float pair = 999999999.9F, insertion = 999999999.9F;
        for (const auto column : before_b(b)) {
            pair = std::min(pair, above[column]);
            insertion = std::min(insertion, cells[column]);
        }
        pair += pair_cost(piece, other);
        insertion += gap_cost(other, costs_);
        cells[b] = std::min({pair, above[b] + deletion, insertion});
    }
}

void Table::fill(std::size_t block) {
    held_ = block;
    for (auto arc = blocks_[block].begin; arc < end_of(block); ++arc) fill_row(arc);
}

// Keeps the rows from which block `block` goes on; the block before it is held.
void Table::keep(std::size_t block) {
    float* to = &kept_[blocks_[block].kept * width_];
    for (const auto arc : before(a_, blocks_[block].node)) {
        std::copy_n(row(arc), width_, to);
        to += width_;
    }
}

void Table::walk(const Way& way) {
    first_row();
    for (std::size_t block = 0; block < blocks_.size(); ++block) {
        if (block) keep(block);
        fill(block);
    }
    const auto end = best(before(a_, a_.stop), before(b_, b_.stop));
    std::uint32_t a = end.a, b = end.b;
    while (a || b) {
        while (held_ && a < blocks_[held_].begin) fill(held_ - 1);
        Best pair, deletion, insertion;
        if (b) {
            const std::uint32_t rows[] = {a};
            insertion = best(rows, before_b(b));
            insertion.cost += gap_cost(piece_b(b), costs_);
        }
        if (a) {
            const std::uint32_t columns[] = {b};
            deletion = best(before_a(a), columns);
            deletion.cost += gap_cost(piece_a(a), costs_);
        }
        if (a && b) {
            pair = best(before_a(a), before_b(b));
            pair.cost += pair_cost(piece_a(a), piece_b(b));
        }
        if (a && b && pair.cost <= deletion.cost && pair.cost <= insertion.cost) {
            const auto &x = piece_a(a), &y = piece_b(b);
            if (!x.nothing || !y.nothing)
                way.step(equal(x, y) ? Edit::correct : Edit::substituted, a_.arcs[a - 1].piece,
                         b_.arcs[b - 1].piece);
            a = pair.a, b = pair.b;
        } else if (a && (!b || deletion.cost < insertion.cost)) {
            const auto& x = piece_a(a);
            if (!x.nothing)
                way.step(x.optional ? Edit::correct : Edit::deleted, a_.arcs[a - 1].piece, kNoPiece);
            a = deletion.a;
        } else {
            const auto& y = piece_b(b);
            if (!y.nothing)
                way.step(y.optional ? Edit::correct : Edit::inserted, kNoPiece, b_.arcs[b - 1].piece);
            b = insertion.b;
        }
    }
}

}  // namespace

bool Aligner::align_lattices(const Speech& reference, const Speech& hypothesis, CostMode mode,
                             EditCounts& counts, std::vector<AlignedPair>* pairs) {
    build_lattice(reference, reference_);
    build_lattice(hypothesis, hypothesis_);
    Table table(reference, hypothesis, reference_, hypothesis_, mode, cells_, kept_cells_);
    if (!table.fits()) return false;
    table.walk({counts, pairs});
    return true;
}

}  // namespace contrechamp::disparity
