#include "analyze/coordination/template_align.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace contrechamp::coordination {

namespace {

constexpr std::size_t kAligned = 64;  // texts that columns are made from
constexpr std::size_t kPruned = 24;   // fixed tokens that are tried without
constexpr double kFixedShare = 0.8;   // of the texts, at least, hold a fixed token
constexpr double kStopShare = 0.6;    // … when it ends a clause: others write another sign there
constexpr double kSignShare = 0.9;    // … when it is other punctuation: commas are what lists have in them
constexpr double kSlotShare = 0.25;   // of the texts, more than, have something in a slot

double log2_choose(double n, double k) {
    return (std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)) / std::log(2.0);
}

// log2((m + 1) C(m, h)): which h of m.
double which_bits(double m, double h) { return std::log2(m + 1) + log2_choose(m, h); }

// Scores of the alignment with columns, in tenths. A fixed token that is absent costs less than the sum of
// what would have to be bent to keep it; another word in its place ("year" for "years") is better than that
// word in the slot beside.
int match_score(TokenKind kind) {
    return kind <= TokenKind::sign          ? 100
           : kind == TokenKind::emoji       ? 80
           : kind >= TokenKind::punctuation ? 30
                                            : 50;
}
constexpr int kSubstitute = -20, kAbsent = -30, kInserted = -40, kEmptySlot = -20;

enum class Step : std::uint8_t { none, match, substitute, absent, inserted, absorb_first, absorb, empty };

bool alike(TokenKind a, TokenKind b) {
    auto light = [](TokenKind kind) { return kind >= TokenKind::punctuation; };
    return (a <= TokenKind::sign && b <= TokenKind::sign) || (light(a) && light(b));
}

class Grid {
  public:
    Grid(std::span<const Column> columns, std::span<const Token> text)
        : columns_(columns), text_(text), wide_(text.size() + 1) {
        score_.assign((columns.size() + 1) * wide_, 0);
        step_.assign(score_.size(), Step::none);
        for (std::size_t t = 1; t < wide_; ++t) set(0, t, score(0, t - 1) + kInserted, Step::inserted);
        for (std::size_t c = 1; c <= columns.size(); ++c)
            for (std::size_t t = 0; t < wide_; ++t) columns[c - 1].slot ? slot_cell(c, t) : fixed_cell(c, t);
    }

    Fitting trace() const {
        Fitting fit;
        fit.from.assign(columns_.size(), Fitting::kNone);
        fit.to.assign(columns_.size(), Fitting::kNone);
        for (std::size_t c = columns_.size(), t = text_.size(); c > 0 || t > 0;) {
            auto place = static_cast<std::uint32_t>(t);
            switch (step_[c * wide_ + t]) {
                case Step::match:
                    fit.from[--c] = static_cast<std::uint32_t>(--t);
                    fit.to[c] = place;
                    if (columns_[c].word()) fit.held += columns_[c].bits;
                    break;
                case Step::substitute: --c, --t, fit.outside.push_back(static_cast<std::uint32_t>(t)); break;
                case Step::absent: --c; break;
                case Step::inserted: fit.outside.push_back(static_cast<std::uint32_t>(--t)); break;
                case Step::absorb_first:
                case Step::absorb:
                    fit.from[c - 1] = place - 1;
                    if (fit.to[c - 1] == Fitting::kNone) fit.to[c - 1] = place;
                    c -= step_[c * wide_ + t] == Step::absorb_first;
                    --t;
                    break;
                case Step::empty: --c; break;
                case Step::none: return fit;
            }
        }
        return fit;
    }

  private:
    int score(std::size_t c, std::size_t t) const { return score_[c * wide_ + t]; }
    void set(std::size_t c, std::size_t t, int value, Step step) {
        score_[c * wide_ + t] = value;
        step_[c * wide_ + t] = step;
    }
    void better(std::size_t c, std::size_t t, int value, Step step) {
        if (value > score(c, t)) set(c, t, value, step);
    }
    void fixed_cell(std::size_t c, std::size_t t) {
        const Column& column = columns_[c - 1];
        set(c, t, score(c - 1, t) + kAbsent, Step::absent);
        if (t == 0) return;
        better(c, t, score(c, t - 1) + kInserted, Step::inserted);
        const Token& token = text_[t - 1];
        if (token.id == column.id) better(c, t, score(c - 1, t - 1) + match_score(column.kind), Step::match);
        else if (alike(column.kind, token.kind))
            better(c, t, score(c - 1, t - 1) + kSubstitute, Step::substitute);
    }
    void slot_cell(std::size_t c, std::size_t t) {
        set(c, t, score(c - 1, t) + kEmptySlot, Step::empty);
        if (t == 0) return;
        better(c, t, score(c - 1, t - 1), Step::absorb_first);
        // Only from a slot that holds something: an empty one is left by then.
        Step before = step_[c * wide_ + t - 1];
        if (before == Step::absorb_first || before == Step::absorb)
            better(c, t, score(c, t - 1), Step::absorb);
    }

    std::span<const Column> columns_;
    std::span<const Token> text_;
    std::size_t wide_;
    std::vector<int> score_;
    std::vector<Step> step_;
};

}  // namespace

Fitting fit_columns(std::span<const Column> columns, std::span<const Token> text) {
    return Grid(columns, text).trace();
}

std::size_t content_words(std::span<const Column> columns) {
    return static_cast<std::size_t>(
        std::count_if(columns.begin(), columns.end(), [](const Column& column) { return column.word(); }));
}

namespace {

constexpr double kNeededShare = 0.75, kRounding = 1e-4;  // bits are floats

std::vector<double> word_bits(std::span<const Column> columns) {
    std::vector<double> bits;
    for (const Column& column : columns)
        if (column.word()) bits.push_back(column.bits);
    std::sort(bits.begin(), bits.end());
    return bits;
}

}  // namespace

double needed_bits(std::span<const Column> columns) {
    double sum = 0;
    for (double bits : word_bits(columns)) sum += bits;
    return kNeededShare * sum - kRounding;
}

std::size_t most_missed(std::span<const Column> columns) {
    std::vector<double> bits = word_bits(columns);
    double spare = needed_bits(columns) * (1 / kNeededShare - 1) + 2 * kRounding;
    std::size_t missed = 0;
    for (double sum = 0; missed < bits.size() && (sum += bits[missed]) <= spare;) ++missed;
    return missed;
}

double gamma_bits(double number) { return 2 * std::floor(std::log2(number + 1)) + 1; }

double Ground::text_bits(std::uint32_t text) const {
    auto tokens = corpus.of(text);
    double sum = gamma_bits(static_cast<double>(tokens.size()));
    for (const Token& token : tokens) sum += bits[token.id];
    return sum;
}

namespace {

// Bits of a text's slots and of what stands outside them.
double rest_bits(const Ground& ground, std::span<const Column> columns, std::uint32_t text,
                 const Fitting& fit) {
    auto tokens = ground.corpus.of(text);
    double sum = gamma_bits(static_cast<double>(fit.outside.size()));
    for (std::uint32_t t : fit.outside)
        sum += std::log2(static_cast<double>(columns.size()) + 1) + ground.bits[tokens[t].id];
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (!columns[c].slot) continue;
        if (fit.from[c] == Fitting::kNone) {
            sum += gamma_bits(0);
            continue;
        }
        sum += gamma_bits(fit.to[c] - fit.from[c]);
        for (std::uint32_t t = fit.from[c]; t < fit.to[c]; ++t) sum += ground.bits[tokens[t].id];
    }
    return sum;
}

double template_bits(const Ground& ground, std::span<const Column> columns) {
    double sum = gamma_bits(static_cast<double>(columns.size())) + static_cast<double>(columns.size());
    for (const Column& column : columns)
        if (!column.slot) sum += ground.bits[column.id];
    return sum;
}

class Maker {
  public:
    explicit Maker(const Ground& ground) : ground_(ground) {}

    std::vector<Column> make(std::span<const std::uint32_t> texts) {
        std::size_t step = (texts.size() + kAligned - 1) / kAligned;
        for (std::size_t i = 0; i < texts.size(); i += step) some_.push_back(texts[i]);
        for (std::uint32_t text : some_) weight_ += ground_.corpus.weight[text];
        std::vector<Column> columns = from_middle(middle());
        for (int round = 0; round < 3 && !columns.empty(); ++round) {
            std::vector<Column> better = refit(columns);
            bool same = better.size() == columns.size() &&
                        std::equal(better.begin(), better.end(), columns.begin(), [](auto& a, auto& b) {
                            return a.slot == b.slot && (a.slot || a.id == b.id);
                        });
            columns = std::move(better);
            if (same) break;
        }
        return prune(std::move(columns));
    }

  private:
    double weight_of(std::uint32_t text) const { return ground_.corpus.weight[text]; }

    // Does a fixed column pay that h of the texts hold?
    bool pays(const Column& column, double held) const {
        double bits = column.bits;
        double share = column.kind == TokenKind::stop          ? kStopShare
                       : column.kind == TokenKind::punctuation ? kSignShare
                                                               : kFixedShare;
        return held >= share * weight_ && held * bits > bits + 1 + which_bits(weight_, held);
    }

    // The text that holds most of what most hold, and least besides.
    std::uint32_t middle() const {
        std::map<std::uint32_t, double> holders;
        std::vector<std::uint32_t> own;
        auto distinct = [&](std::uint32_t text) {
            own.clear();
            for (const Token& token : ground_.corpus.of(text)) own.push_back(token.id);
            std::sort(own.begin(), own.end());
            own.erase(std::unique(own.begin(), own.end()), own.end());
        };
        for (std::uint32_t text : some_) {
            distinct(text);
            for (std::uint32_t id : own) holders[id] += weight_of(text);
        }
        std::uint32_t best = some_.front();
        double best_sum = -1;
        for (std::uint32_t text : some_) {
            distinct(text);
            double sum = 0;
            for (std::uint32_t id : own)
                if (holders[id] >= kFixedShare * weight_) sum += ground_.bits[id];
            sum -= 1e-3 * static_cast<double>(ground_.corpus.of(text).size());
            if (sum > best_sum) best = text, best_sum = sum;
        }
        return best;
    }

    // Weighted longest common subsequence of the middle text with another: pairs of places. Masked tokens and
    // punctuation count for little.
    void align(std::span<const Token> a, std::span<const Token> b, std::vector<std::uint32_t>& pair) {
        std::size_t wide = b.size() + 1;
        table_.assign((a.size() + 1) * wide, 0);
        auto worth = [&](const Token& token) {
            float bits = ground_.bits[token.id];
            return token.light() ? bits / 8 : token.masked() ? bits / 4 : bits;
        };
        for (std::size_t i = a.size(); i-- > 0;)
            for (std::size_t j = b.size(); j-- > 0;) {
                float best = std::max(table_[(i + 1) * wide + j], table_[i * wide + j + 1]);
                if (a[i].id == b[j].id) best = std::max(best, table_[(i + 1) * wide + j + 1] + worth(a[i]));
                table_[i * wide + j] = best;
            }
        pair.assign(a.size(), Fitting::kNone);
        for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
            float here = table_[i * wide + j];
            if (a[i].id == b[j].id && here == table_[(i + 1) * wide + j + 1] + worth(a[i]))
                pair[i++] = static_cast<std::uint32_t>(j++);
            else if (here == table_[(i + 1) * wide + j]) ++i;
            else ++j;
        }
    }

    std::vector<Column> from_middle(std::uint32_t middle_text) {
        auto own = ground_.corpus.of(middle_text);
        std::vector<double> held(own.size());
        std::vector<char> same_spelling(own.size(), 1);
        std::vector<std::vector<std::uint32_t>> pairs(some_.size());
        for (std::size_t s = 0; s < some_.size(); ++s) {
            auto other = ground_.corpus.of(some_[s]);
            align(own, other, pairs[s]);
            for (std::size_t i = 0; i < own.size(); ++i) {
                if (pairs[s][i] == Fitting::kNone) continue;
                held[i] += weight_of(some_[s]);
                if (own[i].masked() &&
                    ground_.written(middle_text, own[i]) != ground_.written(some_[s], other[pairs[s][i]]))
                    same_spelling[i] = 0;
            }
        }
        std::vector<Column> columns;
        for (std::size_t i = 0; i < own.size(); ++i) {
            bool fixed = pays(ground_.column(own[i]), held[i]) && same_spelling[i];
            // Slots everywhere between fixed tokens at first; the refit leaves those that are used.
            if (columns.empty() || !columns.back().slot) columns.push_back({true, 0, TokenKind::word, 0});
            if (fixed) columns.push_back(ground_.column(own[i]));
        }
        if (!columns.empty() && !columns.back().slot) columns.push_back({true, 0, TokenKind::word, 0});
        return columns;
    }

    std::vector<Column> refit(const std::vector<Column>& columns) {
        std::vector<double> held(columns.size());  // fixed: who hold it; slot: who have more than signs in it
        for (std::uint32_t text : some_) {
            auto tokens = ground_.corpus.of(text);
            Fitting fit = fit_columns(columns, tokens);
            for (std::size_t c = 0; c < columns.size(); ++c) {
                if (fit.from[c] == Fitting::kNone) continue;
                bool telling = !columns[c].slot;
                for (std::uint32_t t = fit.from[c]; t < fit.to[c] && !telling; ++t)
                    telling = tokens[t].telling();
                if (telling) held[c] += weight_of(text);
            }
        }
        std::vector<Column> kept;
        bool fixed = false;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].slot) {
                if (held[c] > kSlotShare * weight_ && (kept.empty() || !kept.back().slot))
                    kept.push_back(columns[c]);
            } else if (pays(columns[c], held[c])) {
                kept.push_back(columns[c]);
                fixed = true;
            } else if (kept.empty() || !kept.back().slot) {
                kept.push_back({true, 0, TokenKind::word, 0});
            }
        }
        if (!fixed) kept.clear();
        return kept;
    }

    // Bits of these texts by the template, but for which of all texts they are.
    double coded(std::span<const Column> columns) const {
        double sum = template_bits(ground_, columns);
        std::vector<double> held(columns.size());
        for (std::uint32_t text : some_) {
            Fitting fit = fit_columns(columns, ground_.corpus.of(text));
            sum += weight_of(text) * rest_bits(ground_, columns, text, fit);
            for (std::size_t c = 0; c < columns.size(); ++c)
                if (fit.from[c] != Fitting::kNone) held[c] += weight_of(text);
        }
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].slot) sum += which_bits(weight_, held[c]);
        return sum;
    }

    // Leaves out fixed tokens without which the code is shorter, the least telling first.
    std::vector<Column> prune(std::vector<Column> columns) const {
        std::vector<std::size_t> order;
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].slot) order.push_back(c);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return columns[a].bits < columns[b].bits; });
        if (order.size() > kPruned) order.resize(kPruned);
        double now = coded(columns);
        std::vector<char> gone(columns.size());
        for (std::size_t c : order) {
            gone[c] = 1;
            double without = coded(without_gone(columns, gone));
            if (without < now) now = without;
            else gone[c] = 0;
        }
        return without_gone(columns, gone);
    }

    // A slot takes the place of what is gone.
    static std::vector<Column> without_gone(const std::vector<Column>& columns,
                                            const std::vector<char>& gone) {
        std::vector<Column> kept;
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].slot && !gone[c]) kept.push_back(columns[c]);
            else if (kept.empty() || !kept.back().slot) kept.push_back({true, 0, TokenKind::word, 0});
        bool fixed = std::any_of(kept.begin(), kept.end(), [](const Column& column) { return !column.slot; });
        return fixed ? kept : std::vector<Column>();
    }

    const Ground& ground_;
    std::vector<std::uint32_t> some_;
    double weight_ = 0;
    std::vector<float> table_;
};

}  // namespace

void take_members(const Ground& ground, std::span<const std::uint32_t> texts, Draft& draft) {
    const auto& columns = draft.columns;
    double needed = needed_bits(columns);
    draft.members.clear();
    draft.fits.clear();
    std::vector<double> own;  // what each saves before it is said which columns it holds
    for (std::uint32_t text : texts) {
        Fitting fit = fit_columns(columns, ground.corpus.of(text));
        if (fit.held < needed) continue;
        own.push_back(ground.text_bits(text) - rest_bits(ground, columns, text, fit));
        draft.members.push_back(text);
        draft.fits.push_back(std::move(fit));
    }
    std::vector<double> held(columns.size());
    auto count = [&] {
        std::fill(held.begin(), held.end(), 0);
        draft.weight = 0;
        for (std::size_t i = 0; i < draft.members.size(); ++i) {
            std::uint32_t weight = ground.corpus.weight[draft.members[i]];
            draft.weight += weight;
            for (std::size_t c = 0; c < columns.size(); ++c)
                if (!columns[c].slot && draft.fits[i].from[c] != Fitting::kNone) held[c] += weight;
        }
    };
    count();
    auto n = static_cast<double>(ground.corpus.texts);
    // Who saves nothing leaves; the shares of the columns change by it, so it is asked again.
    for (int round = 0; round < 3; ++round) {
        auto m = static_cast<double>(draft.weight);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < draft.members.size(); ++i) {
            double saved = own[i] - std::log2(n / m);
            for (std::size_t c = 0; c < columns.size(); ++c) {
                if (columns[c].slot) continue;
                double share = (held[c] + 1) / (m + 2);
                saved += std::log2(draft.fits[i].from[c] != Fitting::kNone ? share : 1 - share);
            }
            if (saved <= 0) continue;
            own[kept] = own[i];
            draft.members[kept] = draft.members[i];
            if (kept != i) draft.fits[kept] = std::move(draft.fits[i]);
            ++kept;
        }
        bool same = kept == draft.members.size();
        own.resize(kept), draft.members.resize(kept), draft.fits.resize(kept);
        if (same) break;
        count();
    }
    auto m = static_cast<double>(draft.weight);
    draft.saved_bits = -template_bits(ground, columns) - log2_choose(n, m);
    for (std::size_t i = 0; i < own.size(); ++i)
        draft.saved_bits += own[i] * ground.corpus.weight[draft.members[i]];
    for (std::size_t c = 0; c < columns.size(); ++c)
        if (!columns[c].slot) draft.saved_bits -= which_bits(m, held[c]);
}

Draft draft_template(const Ground& ground, std::span<const std::uint32_t> texts) {
    Draft draft;
    if (texts.empty()) return draft;
    draft.columns = Maker(ground).make(texts);
    if (draft.columns.empty()) return draft;
    take_members(ground, texts, draft);
    // Columns once more from those who stayed.
    if (draft.members.size() < texts.size() && !draft.members.empty()) {
        std::vector<std::uint32_t> stayed = draft.members;
        draft.columns = Maker(ground).make(stayed);
        if (draft.columns.empty()) return Draft();
        take_members(ground, texts, draft);
    }
    return draft;
}

}  // namespace contrechamp::coordination
