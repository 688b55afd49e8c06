#include "analyze/disparity/lattice.h"

#define XXH_INLINE_ALL  // so that nothing needs to be linked
#include <xxhash.h>

#include <algorithm>

namespace contrechamp::disparity {

// ---- words ----

Words::Words() : slots_(1024) {}

std::string_view Words::operator[](std::uint32_t number) const {
    const auto begin = starts_[number];
    const auto end = number + 1 < starts_.size() ? starts_[number + 1] : letters_.size();
    return std::string_view(letters_).substr(begin, end - begin);
}

std::uint32_t Words::add(std::string_view word) {
    if ((starts_.size() + 1) * 2 > slots_.size()) grow();
    const auto hash = XXH3_64bits(word.data(), word.size());
    for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
        auto& slot = slots_[i];
        if (slot.number == kNoWord) {
            slot = {hash, static_cast<std::uint32_t>(starts_.size())};
            starts_.push_back(letters_.size());
            letters_ += word;
            return slot.number;
        }
        if (slot.hash == hash && (*this)[slot.number] == word) return slot.number;
    }
}

std::uint32_t Words::find(std::string_view word) const {
    const auto hash = XXH3_64bits(word.data(), word.size());
    for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
        const auto& slot = slots_[i];
        if (slot.number == kNoWord) return kNoWord;
        if (slot.hash == hash && (*this)[slot.number] == word) return slot.number;
    }
}

std::size_t Words::bytes() const {
    return slots_.capacity() * sizeof(Slot) + starts_.capacity() * sizeof(std::uint64_t) +
           letters_.capacity();
}

void Words::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const auto& slot : old) {
        if (slot.number == kNoWord) continue;
        std::size_t i = slot.hash & (slots_.size() - 1);
        while (slots_[i].number != kNoWord) i = (i + 1) & (slots_.size() - 1);
        slots_[i] = slot;
    }
}

// ---- speech ----

void Speech::clear() {
    letters.clear();
    pieces.clear();
    plain = true;
    too_deep = false;
}

void Speech::word(std::string_view text, bool optional, bool fragment, bool proper) {
    const auto begin = letters.size();
    letters += text;
    word_from(begin, optional, fragment, proper);
}

void Speech::word_from(std::size_t begin, bool optional, bool fragment, bool proper) {
    Piece piece;
    piece.begin = static_cast<std::uint32_t>(begin);
    piece.length = static_cast<std::uint32_t>(letters.size() - begin);
    piece.optional = optional;
    piece.fragment = fragment;
    piece.proper = proper;
    if (optional || fragment) plain = false;
    pieces.push_back(piece);
}

void Speech::nothing() {
    Piece piece;
    piece.nothing = true;
    plain = false;
    pieces.push_back(piece);
}

void Speech::open() {
    plain = false;
    Piece piece;
    piece.kind = PieceKind::open;
    pieces.push_back(piece);
}

// An alternative of which normalisation left nothing is the alternative of saying nothing.
void Speech::next() {
    if (pieces.back().kind == PieceKind::open || pieces.back().kind == PieceKind::next) nothing();
    Piece piece;
    piece.kind = PieceKind::next;
    pieces.push_back(piece);
}

void Speech::close() {
    if (pieces.back().kind == PieceKind::open || pieces.back().kind == PieceKind::next) nothing();
    Piece piece;
    piece.kind = PieceKind::close;
    pieces.push_back(piece);
}

void number(Speech& speech, Words& words) {
    for (auto& piece : speech.pieces)
        if (piece.kind == PieceKind::word && !piece.nothing) piece.word = words.add(speech.text(piece));
}

void number_known(Speech& speech, const Words& words) {
    for (auto& piece : speech.pieces)
        if (piece.kind == PieceKind::word && !piece.nothing) piece.word = words.find(speech.text(piece));
}

// ---- lattice ----

namespace {

struct DrawnArc {
    std::uint32_t piece, from, to;
};

// Where the alternation that opens at a piece closes.
std::vector<std::uint32_t> closings(const std::vector<Piece>& pieces) {
    std::vector<std::uint32_t> closing(pieces.size(), 0), open;
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].kind == PieceKind::open) open.push_back(i);
        if (pieces[i].kind != PieceKind::close) continue;
        closing[open.back()] = i;
        open.pop_back();
    }
    return closing;
}

// Arcs in the order of the text, which is the order of each node's lists in sclite.
std::vector<DrawnArc> draw(const std::vector<Piece>& pieces, std::uint32_t& nodes) {
    struct Level {
        std::uint32_t from, to, at;  // of the alternation; where the alternative has got to
    };
    const auto closing = closings(pieces);
    const auto ends = [&](std::size_t i) {  // whether a sequence of an alternative ends before piece i
        return i < pieces.size() && (pieces[i].kind == PieceKind::next || pieces[i].kind == PieceKind::close);
    };
    std::vector<DrawnArc> arcs;
    std::vector<Level> levels{{0, 0, 0}};
    nodes = 1;
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
        auto& level = levels.back();
        switch (pieces[i].kind) {
            case PieceKind::word: {
                const auto to = ends(i + 1) ? level.to : nodes++;
                arcs.push_back({i, level.at, to});
                level.at = to;
                break;
            }
            case PieceKind::open: {
                const auto to = ends(closing[i] + 1) ? level.to : nodes++;
                const auto from = level.at;
                level.at = to;
                levels.push_back({from, to, from});
                break;
            }
            case PieceKind::next: level.at = level.from; break;
            case PieceKind::close: levels.pop_back(); break;
        }
    }
    return arcs;
}

// Numbers of arcs by node, in the order of the arcs.
struct Lists {
    std::vector<std::uint32_t> start, items;
};
template <class NodeOf>
Lists by_node(const std::vector<DrawnArc>& arcs, std::uint32_t nodes, NodeOf node_of) {
    Lists lists;
    lists.start.assign(nodes + 1, 0);
    lists.items.resize(arcs.size());
    for (const auto& arc : arcs) ++lists.start[node_of(arc) + 1];
    for (std::uint32_t n = 0; n < nodes; ++n) lists.start[n + 1] += lists.start[n];
    auto at = lists.start;
    for (std::uint32_t i = 0; i < arcs.size(); ++i) lists.items[at[node_of(arcs[i])]++] = i;
    return lists;
}

}  // namespace

void build_lattice(const Speech& speech, Lattice& lattice) {
    std::uint32_t nodes = 0;
    const auto drawn = draw(speech.pieces, nodes);
    const auto out = by_node(drawn, nodes, [](const DrawnArc& arc) { return arc.from; });
    const auto in = by_node(drawn, nodes, [](const DrawnArc& arc) { return arc.to; });
    // Kahn's order with a queue: Network_traverse with NT_Inorder.
    lattice.arcs.clear();
    std::vector<std::uint32_t> waiting(nodes), queue{0}, number(drawn.size());
    for (std::uint32_t n = 0; n < nodes; ++n) waiting[n] = in.start[n + 1] - in.start[n];
    for (std::size_t head = 0; head < queue.size(); ++head) {
        const auto node = queue[head];
        for (auto i = out.start[node]; i < out.start[node + 1]; ++i) {
            const auto& arc = drawn[out.items[i]];
            number[out.items[i]] = static_cast<std::uint32_t>(lattice.arcs.size());
            lattice.arcs.push_back({arc.piece, node});
            if (--waiting[arc.to] == 0) queue.push_back(arc.to);
        }
    }
    lattice.stop = queue.back();
    lattice.in_start.assign(1, 0);
    lattice.in_arcs.clear();
    for (std::uint32_t n = 0; n < nodes; ++n) {
        if (n == 0) lattice.in_arcs.push_back(0);
        for (auto i = in.start[n]; i < in.start[n + 1]; ++i)
            lattice.in_arcs.push_back(number[in.items[i]] + 1);
        lattice.in_start.push_back(static_cast<std::uint32_t>(lattice.in_arcs.size()));
    }
}

}  // namespace contrechamp::disparity
