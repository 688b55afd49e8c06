#include "analyze/disparity/decisions.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>

#include "analyze/disparity/row_work.h"

namespace contrechamp::disparity {
namespace {

constexpr std::size_t kMostCells = 1'000'000, kMostInTable = 16'000'000;

// Which columns are read for what.
struct Plan {
    FactorColumns factors;
    std::size_t outcome = 0;
    std::optional<std::size_t> id, person;
    std::string outcome_name;
};

Plan plan_of(const BoundColumns& columns) {
    Plan plan;
    plan.factors = factor_columns(columns);
    plan.outcome = columns.one(Role::outcome)->column;
    plan.outcome_name = columns.one(Role::outcome)->name;
    if (const auto* id = columns.one(Role::id)) plan.id = id->column;
    if (const auto* person = columns.one(Role::person)) plan.person = person->column;
    return plan;
}

// Counts of one piece. A combination of codes is followed from pair to pair: (0, first code), (that, second
// code) … and last the outcome.
class Piece {
  public:
    Piece(std::string_view bytes, const Plan& plan, const Outcome* known, const std::string& where)
        : plan_(plan),
          where_(where),
          outcome_(bytes, known),
          steps_(plan.factors.columns.size() + 1),
          persons_(bytes, kTooMany),
          known_(known != nullptr) {
        tally.lacking.resize(plan.factors.columns.size());
        for (std::size_t f = 0; f < plan.factors.columns.size(); ++f)
            factors_.emplace_back(bytes, kMostValues);
    }

    Status count(const TableRow& row) {
        const auto outcome = outcome_.code(row.cells[plan_.outcome]);
        if (outcome == kTooMany) return too_many_values(plan_.outcome_name, where_);
        std::string_view id, person;
        if (plan_.id && is_missing_cell(id = trimmed_cell(row.cells[*plan_.id])))
            return refuse(RowRefusal::missing_id, row);
        if (plan_.person && is_missing_cell(person = trimmed_cell(row.cells[*plan_.person])))
            return refuse(RowRefusal::missing_person, row);
        if (outcome == kMissing) return refuse(RowRefusal::missing_outcome, row);
        if (known_ && outcome_.side(outcome) == Side::neither) return refuse(RowRefusal::unknown_value, row);
        std::uint32_t lacks = 0;
        const auto leaf = TRY(follow(row, outcome, lacks));
        if (leaf >= counts_.size()) counts_.push_back(0);
        ++counts_[leaf];
        if (lacks) tally.lack(lacks, row);
        if (plan_.person) ++counts_of_person(person, leaf);
        if (plan_.id) ids.add(id, row.offset);
        return {};
    }

    // Takes back a row that was counted.
    void take_back(const TableRow& row) {
        std::uint32_t lacks = 0;
        const auto leaf = follow(row, outcome_.code_again(row.cells[plan_.outcome]), lacks);
        --counts_[*leaf];
        if (plan_.person) --counts_of_person(trimmed_cell(row.cells[*plan_.person]), *leaf);
    }

    const OutcomeCells& outcome() const { return outcome_; }
    const Coder& factor(std::size_t f) const { return factors_[f]; }
    const WordNumbers& persons() const { return persons_; }
    std::size_t leaves() const { return counts_.size(); }
    std::uint64_t count(std::uint32_t leaf) const { return counts_[leaf]; }

    struct Codes {
        std::vector<std::uint32_t> factors;  // the piece's codes
        std::uint32_t outcome = 0;
    };
    Codes codes(std::uint32_t leaf) const {
        Codes out;
        auto [node, outcome] = steps_.back().pair(leaf);
        out.outcome = outcome;
        out.factors.resize(factors_.size());
        for (std::size_t f = factors_.size(); f-- > 0;) {
            const auto [before, code] = steps_[f].pair(node);
            out.factors[f] = code;
            node = before;
        }
        return out;
    }
    // (person, leaf) and how many rows.
    std::size_t person_leaves() const { return of_person_.size(); }
    std::pair<std::uint32_t, std::uint32_t> person_leaf(std::uint32_t i) const { return of_person_.pair(i); }
    std::uint64_t person_count(std::uint32_t i) const { return person_counts_[i]; }

    Tally tally;
    IdList ids;
    std::uint64_t end = 0;  // byte where the piece ends

  private:
    Status refuse(RowRefusal why, const TableRow& row) {
        tally.refuse(why, row);
        return {};
    }

    Result<std::uint32_t> follow(const TableRow& row, std::uint32_t outcome, std::uint32_t& lacks) {
        std::uint32_t node = 0;
        for (std::size_t f = 0; f < factors_.size(); ++f) {
            const auto code = factors_[f].code(row.cells[plan_.factors.columns[f]]);
            if (code == kTooMany) return too_many_values(plan_.factors.names[f], where_);
            if (code == kMissing) lacks |= std::uint32_t{1} << f;
            node = steps_[f].number(node, code);
        }
        if (steps_.back().size() > kMostCells)
            return fail({"over a million combinations of groups, strata and outcomes",
                         "plus d’un million de combinaisons de groupes, de strates et de résultats"},
                        where_, {"ask about fewer columns at once", "demandez moins de colonnes à la fois"});
        return steps_.back().number(node, outcome);
    }

    std::uint64_t& counts_of_person(std::string_view person, std::uint32_t leaf) {
        const auto i = of_person_.number(persons_.number(person), leaf);
        if (i >= person_counts_.size()) person_counts_.push_back(0);
        return person_counts_[i];
    }

    const Plan& plan_;
    const std::string& where_;
    std::vector<Coder> factors_;
    OutcomeCells outcome_;
    std::vector<PairNumbers> steps_;
    std::vector<std::uint64_t> counts_;  // of each leaf
    WordNumbers persons_;
    PairNumbers of_person_;
    std::vector<std::uint64_t> person_counts_;
    bool known_;
};

// Pieces put together.
class Sum {
  public:
    Sum(std::string_view bytes, const TableLayout& layout, const Plan& plan, std::deque<Piece>& pieces)
        : bytes_(bytes), layout_(layout), plan_(plan), pieces_(pieces) {}

    Result<Decisions> sum(const std::string& said, const std::optional<Outcome>& known, unsigned threads,
                          const std::string& where) {
        for (auto& piece : pieces_) tally_.add(piece.tally);
        if (tally_.rows_in == 0) return no_rows(where);
        if (plan_.id) TRY(drop_repeated(threads));
        name_factors();
        std::vector<const OutcomeCells*> outcomes;
        for (const auto& piece : pieces_) outcomes.push_back(&piece.outcome());
        OneOrder order;
        auto values = outcome_values(outcomes, order);
        out_.outcome =
            known ? *known : TRY(resolve_outcome(plan_.outcome_name, std::move(values), said, where));
        sum_cells(order);
        if (plan_.person) sum_persons(order);
        std::uint64_t used = 0;
        for (const auto& count : out_.counts) used += count.of;
        out_.account = tally_.account(used, plan_.id.has_value());
        out_.lacking = std::move(tally_.lacking);
        return std::move(out_);
    }

  private:
    Status drop_repeated(unsigned threads) {
        std::vector<IdList*> ids;
        for (auto& piece : pieces_) ids.push_back(&piece.ids);
        const auto rows = TRY(repeated_ids(bytes_, layout_, *plan_.id, ids, threads));
        if (rows.empty()) return {};
        TableReader reader(bytes_, layout_, {});
        std::size_t piece = 0;
        for (const auto row : rows) {
            while (row >= pieces_[piece].end) ++piece;
            if (reader.at(row)) pieces_[piece].take_back(reader.row());
        }
        tally_.refuse(RowRefusal::duplicate_id, bytes_, layout_, rows);
        tally_.forget(rows);
        return {};
    }

    void name_factors() {
        for (std::size_t f = 0; f < plan_.factors.columns.size(); ++f) {
            std::vector<const Coder*> coders;
            for (const auto& piece : pieces_) coders.push_back(&piece.factor(f));
            orders_.push_back(one_order(coders));
            out_.factors.push_back({plan_.factors.names[f], orders_.back().values});
        }
        out_.groups = plan_.factors.groups;
    }

    void sum_cells(const OneOrder& outcomes) {
        std::map<std::vector<std::uint32_t>, Count> cells;
        std::vector<std::vector<std::map<std::vector<std::uint32_t>, Count>::iterator>> where(pieces_.size());
        for (std::size_t p = 0; p < pieces_.size(); ++p)
            for (std::uint32_t leaf = 0; leaf < pieces_[p].leaves(); ++leaf) {
                auto codes = pieces_[p].codes(leaf);
                for (std::size_t f = 0; f < codes.factors.size(); ++f)
                    codes.factors[f] = orders_[f].of(p, codes.factors[f]);
                const auto cell = cells.emplace(std::move(codes.factors), Count{}).first;
                add(cell->second, outcomes.of(p, codes.outcome), pieces_[p].count(leaf));
                where[p].push_back(cell);
            }
        std::map<const Count*, std::uint32_t> numbers;
        for (const auto& [codes, count] : cells) {
            if (count.of == 0) continue;
            numbers.emplace(&count, static_cast<std::uint32_t>(out_.counts.size()));
            out_.counts.push_back(count);
            out_.codes.insert(out_.codes.end(), codes.begin(), codes.end());
        }
        for (const auto& piece : where) {
            auto& cell_of = cell_of_leaf_.emplace_back();
            for (const auto& cell : piece) {
                const auto number = numbers.find(&cell->second);
                cell_of.push_back(number == numbers.end() ? kMissing : number->second);
            }
        }
    }

    void add(Count& to, std::uint32_t outcome, std::uint64_t rows) const {
        to.of += rows;
        if (out_.outcome.sides[outcome] == Side::yes) to.events += rows;
    }

    void sum_persons(const OneOrder& outcomes) {
        WordNumbers persons(bytes_, kTooMany);
        struct One {
            std::uint32_t person, cell;
            Count count;
        };
        std::vector<One> all;
        for (std::size_t p = 0; p < pieces_.size(); ++p) {
            const auto& piece = pieces_[p];
            std::vector<std::uint32_t> number;
            for (std::uint32_t i = 0; i < piece.persons().size(); ++i)
                number.push_back(persons.number(piece.persons().word(i)));
            for (std::uint32_t i = 0; i < piece.person_leaves(); ++i) {
                if (piece.person_count(i) == 0) continue;
                const auto [person, leaf] = piece.person_leaf(i);
                Count count;
                add(count, outcomes.of(p, piece.codes(leaf).outcome), piece.person_count(i));
                all.push_back({number[person], cell_of_leaf_[p][leaf], count});
            }
        }
        std::sort(all.begin(), all.end(), [](const One& a, const One& b) {
            return std::pair(a.person, a.cell) < std::pair(b.person, b.cell);
        });
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool same_person = i > 0 && all[i].person == all[i - 1].person;
            if (!same_person) out_.first.push_back(out_.of_person.size());
            if (same_person && all[i].cell == all[i - 1].cell) {
                out_.of_person.back().count.events += all[i].count.events;
                out_.of_person.back().count.of += all[i].count.of;
            } else {
                out_.of_person.push_back({all[i].cell, all[i].count});
            }
        }
        out_.first.push_back(out_.of_person.size());
    }

    std::string_view bytes_;
    const TableLayout& layout_;
    const Plan& plan_;
    std::deque<Piece>& pieces_;
    Tally tally_;
    Decisions out_;
    std::vector<OneOrder> orders_;
    std::vector<std::vector<std::uint32_t>> cell_of_leaf_;  // [piece][leaf]
};

// ---- Tables of groups

// Which group and stratum a cell is of.
struct Placed {
    std::vector<std::uint32_t> group, stratum;  // of each cell; kMissing: left out
    std::vector<std::string> groups, strata;
    std::uint64_t without_group = 0, without_stratum = 0;
};

using Codes = std::vector<std::uint32_t>;

// Codes of one cell in these factors; nothing where one is missing.
std::optional<Codes> codes_in(const Decisions& decisions, std::size_t cell,
                              std::span<const std::size_t> factors) {
    Codes out;
    for (const auto f : factors) {
        out.push_back(decisions.codes[cell * decisions.factors.size() + f]);
        if (out.back() == kMissing) return std::nullopt;
    }
    return out;
}

std::string crossed(const Decisions& decisions, std::span<const std::size_t> factors, const Codes& codes) {
    std::string out;
    for (std::size_t i = 0; i < factors.size(); ++i)
        out += (i ? " × " : "") + decisions.factors[factors[i]].values[codes[i]];
    return out;
}

// Numbers what was met, in the order of codes.
std::vector<std::string> number(const Decisions& decisions, std::span<const std::size_t> factors,
                                std::map<Codes, std::uint32_t>& met) {
    std::vector<std::string> names;
    for (auto& [codes, at] : met) {
        at = static_cast<std::uint32_t>(names.size());
        names.push_back(crossed(decisions, factors, codes));
    }
    return names;
}

std::vector<std::size_t> strata_of(const Decisions& decisions, bool stratified) {
    std::vector<std::size_t> out;
    for (std::size_t f = decisions.groups; stratified && f < decisions.factors.size(); ++f) out.push_back(f);
    return out;
}

Placed place(const Decisions& decisions, std::span<const std::size_t> groups,
             std::span<const std::size_t> strata) {
    const auto cells = decisions.counts.size();
    Placed out;
    std::map<Codes, std::uint32_t> met_groups, met_strata;
    const auto each = [&](auto&& use) {
        for (std::size_t c = 0; c < cells; ++c)
            use(c, codes_in(decisions, c, groups), codes_in(decisions, c, strata));
    };
    each([&](std::size_t c, const auto& group, const auto& stratum) {
        if (!group) out.without_group += decisions.counts[c].of;
        else if (!stratum) out.without_stratum += decisions.counts[c].of;
        else met_groups[*group], met_strata[*stratum];
    });
    out.groups = number(decisions, groups, met_groups);
    out.strata = number(decisions, strata, met_strata);
    each([&](std::size_t, const auto& group, const auto& stratum) {
        const bool both = group && stratum;
        out.group.push_back(both ? met_groups.at(*group) : kMissing);
        out.stratum.push_back(both ? met_strata.at(*stratum) : kMissing);
    });
    return out;
}

std::uint32_t bits(std::span<const std::size_t> factors) {
    std::uint32_t out = 0;
    for (const auto f : factors) out |= std::uint32_t{1} << f;
    return out;
}

}  // namespace

Result<Decisions> count_decisions(std::string_view bytes, const TableLayout& layout,
                                  const DecisionsWish& wish, const std::string& where) {
    const auto plan = plan_of(wish.columns);
    // Rows of a third value are refused where both were said: which they are must be known first.
    std::optional<Outcome> known;
    if (wish.said.find('/') != std::string::npos)
        known = TRY(
            read_outcome(bytes, layout, *wish.columns.one(Role::outcome), wish.said, wish.threads, where));
    std::deque<Piece> pieces;
    TRY(read_pieces(
        bytes, layout, wish.threads, where,
        [&](const std::vector<TableRange>& ranges) {
            for (const auto& range : ranges)
                pieces.emplace_back(bytes, plan, known ? &*known : nullptr, where).end = range.end;
        },
        [&](std::size_t i) {
            return PieceSink{&pieces[i].tally,
                             [&piece = pieces[i]](const TableRow& row) { return piece.count(row); }};
        }));
    return Sum(bytes, layout, plan, pieces).sum(wish.said, known, wish.threads, where);
}

Count GroupTable::total(std::size_t group) const {
    Count out;
    for (std::size_t s = 0; s < strata.size(); ++s) {
        out.events += counts[s * values.size() + group].events;
        out.of += counts[s * values.size() + group].of;
    }
    return out;
}

Result<GroupTable> by_group(const Decisions& decisions, std::span<const std::size_t> group_columns,
                            bool stratified) {
    const auto strata = strata_of(decisions, stratified);
    auto placed = place(decisions, group_columns, strata);
    GroupTable out;
    for (std::size_t i = 0; i < group_columns.size(); ++i)
        out.name += (i ? " × " : "") + decisions.factors[group_columns[i]].name;
    out.values = std::move(placed.groups);
    out.strata = std::move(placed.strata);
    if (out.values.size() * out.strata.size() > kMostInTable)
        return fail({"over 16 million groups in strata", "plus de 16 millions de groupes par strate"},
                    out.name, {"ask about fewer columns at once", "demandez moins de colonnes à la fois"});
    out.counts.resize(out.values.size() * out.strata.size());
    for (std::size_t c = 0; c < decisions.counts.size(); ++c) {
        if (placed.group[c] == kMissing) continue;
        auto& count = out.counts[placed.stratum[c] * out.values.size() + placed.group[c]];
        count.events += decisions.counts[c].events;
        count.of += decisions.counts[c].of;
    }
    out.account = with_lacking(decisions.account, decisions.lacking, bits(group_columns),
                               placed.without_group, bits(strata), placed.without_stratum);
    return out;
}

PersonTable by_person(const Decisions& decisions, std::span<const std::size_t> group_columns,
                      bool stratified) {
    const auto placed = place(decisions, group_columns, strata_of(decisions, stratified));
    PersonTable out;
    for (std::size_t p = 0; p < decisions.persons(); ++p) {
        std::uint32_t group = kMissing;
        bool torn = false;
        Count count;
        for (auto i = decisions.first[p]; i < decisions.first[p + 1]; ++i) {
            const auto& one = decisions.of_person[i];
            if (placed.group[one.cell] == kMissing) continue;
            torn = torn || (group != kMissing && group != placed.group[one.cell]);
            group = placed.group[one.cell];
            count.events += one.count.events;
            count.of += one.count.of;
        }
        if (torn) {
            ++out.torn;
            out.torn_rows += count.of;
        } else if (group != kMissing) {
            out.group.push_back(group);
            out.count.push_back(count);
        }
    }
    return out;
}

PeopleWithin by_person_within(const Decisions& decisions, std::span<const std::size_t> group_columns,
                              const std::string& a, const std::string& b) {
    const auto placed = place(decisions, group_columns, strata_of(decisions, true));
    const auto side_of = [&](std::uint32_t cell) {
        const auto group = placed.group[cell];
        if (group == kMissing) return 2;
        return placed.groups[group] == a ? 0 : placed.groups[group] == b ? 1 : 2;
    };
    // Whoever is met in both is in neither, and then not in the strata's rates either.
    std::vector<int> side(decisions.persons(), 2);
    std::vector<std::array<Count, 2>> in_stratum(placed.strata.size());
    const auto each = [&](std::size_t p, auto&& use) {
        for (auto i = decisions.first[p]; i < decisions.first[p + 1]; ++i)
            if (side_of(decisions.of_person[i].cell) < 2) use(decisions.of_person[i]);
    };
    for (std::size_t p = 0; p < side.size(); ++p) {
        bool met[2] = {false, false};
        each(p, [&](const auto& one) { met[side_of(one.cell)] = true; });
        side[p] = met[0] == met[1] ? 2 : met[1];
        if (side[p] == 2) continue;
        each(p, [&](const auto& one) {
            auto& count = in_stratum[placed.stratum[one.cell]][static_cast<std::size_t>(side[p])];
            count.events += one.count.events;
            count.of += one.count.of;
        });
    }
    PeopleWithin out;
    double weights = 0, weighted = 0;
    for (const auto& [of_a, of_b] : in_stratum) {
        if (of_a.of == 0 || of_b.of == 0) continue;
        ++out.shared;
        const double both = double(of_a.of) + double(of_b.of), w = double(of_a.of) * double(of_b.of) / both;
        weights += w;
        weighted += w * (double(of_a.events) + double(of_b.events)) / both;
    }
    const double middle = weights > 0 ? weighted / weights : 0;
    for (std::size_t p = 0; p < side.size(); ++p) {
        if (side[p] == 2) continue;
        PersonWithin person;
        each(p, [&](const auto& one) {
            const auto& [of_a, of_b] = in_stratum[placed.stratum[one.cell]];
            if (of_a.of == 0 || of_b.of == 0) return;
            const double both = double(of_a.of) + double(of_b.of),
                         share = double(side[p] == 0 ? of_b.of : of_a.of) / both,
                         rate = (double(of_a.events) + double(of_b.events)) / both;
            person.numerator += share * (double(one.count.events) - (rate - middle) * double(one.count.of));
            person.denominator += share * double(one.count.of);
        });
        (side[p] == 0 ? out.a : out.b).push_back(person);
    }
    return out;
}

}  // namespace contrechamp::disparity
