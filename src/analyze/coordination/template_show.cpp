#include "analyze/coordination/template_show.h"

#include <map>
#include <optional>

namespace contrechamp::coordination {

namespace {

// The tokens of a slot without punctuation at its ends; from == to: nothing.
void strip(std::span<const Token> tokens, std::uint32_t& from, std::uint32_t& to) {
    auto sign = [&](std::uint32_t t) { return tokens[t].kind >= TokenKind::punctuation; };
    while (from < to && sign(from)) ++from;
    while (from < to && sign(to - 1)) --to;
}

// The first and last byte of a column in a text.
struct Extent {
    std::uint32_t begin = 0, end = 0;
};
std::optional<Extent> extent(std::span<const Token> tokens, const Column& column, const Fitting& fit,
                             std::size_t c) {
    std::uint32_t from = fit.from[c], to = fit.to[c];
    if (from == Fitting::kNone) return std::nullopt;
    if (column.slot) strip(tokens, from, to);
    if (from == to) return std::nullopt;
    return Extent{tokens[from].begin, tokens[to - 1].end};
}

// Weighted votes; the most, then the first in order.
template <typename Key>
Key winner(const std::map<Key, std::uint64_t>& votes) {
    Key best{};
    std::uint64_t most = 0;
    for (const auto& [key, count] : votes)
        if (count > most) best = key, most = count;
    return best;
}

}  // namespace

std::vector<std::string> slot_values(std::string_view text, std::span<const Token> tokens,
                                     std::span<const Column> columns, const Fitting& fit) {
    std::vector<std::string> values;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (!columns[c].slot) continue;
        auto where = extent(tokens, columns[c], fit, c);
        values.emplace_back(where ? text.substr(where->begin, where->end - where->begin)
                                  : std::string_view());
    }
    return values;
}

std::vector<TemplatePart> parts_of(const Ground& ground, const Draft& draft) {
    const auto& columns = draft.columns;
    std::vector<std::map<std::string_view, std::uint64_t>> spelling(columns.size());
    std::vector<std::map<bool, std::uint64_t>> spaced(columns.size());  // before the column
    for (std::size_t i = 0; i < draft.members.size(); ++i) {
        std::uint32_t text = draft.members[i], weight = ground.corpus.weight[text];
        auto tokens = ground.corpus.of(text);
        std::optional<Extent> before;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            auto here = extent(tokens, columns[c], draft.fits[i], c);
            if (here && !columns[c].slot)
                spelling[c][ground.written(text, tokens[draft.fits[i].from[c]])] += weight;
            if (here && before) spaced[c][here->begin > before->end] += weight;
            before = here;
        }
    }
    std::vector<TemplatePart> parts;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        bool space = c > 0 && winner(spaced[c]);
        if (columns[c].slot) {
            if (space) parts.back().text += ' ';
            parts.push_back({true, {}});
            continue;
        }
        if (parts.empty() || parts.back().slot) parts.push_back({false, {}});
        if (space) parts.back().text += ' ';
        parts.back().text += winner(spelling[c]);
    }
    return parts;
}

}  // namespace contrechamp::coordination
