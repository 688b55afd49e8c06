#include "analyze/disparity/scores_input.h"

#include <algorithm>
#include <deque>

#include "analyze/disparity/interval.h"
#include "analyze/disparity/row_work.h"

namespace contrechamp::disparity {
namespace {

struct Plan {
    FactorColumns factors;
    std::vector<BoundColumn> covariates;
    const BoundColumn *id = nullptr, *person = nullptr, *outcome = nullptr, *score = nullptr;
    DecimalMark score_mark = DecimalMark::point;
    std::vector<DecimalMark> marks;  // of the covariates
};

Plan plan_of(const BoundColumns& columns) {
    Plan plan;
    plan.factors = factor_columns(columns);
    plan.covariates = columns.many(Role::covariate);
    plan.id = columns.one(Role::id);
    plan.person = columns.one(Role::person);
    plan.outcome = columns.one(Role::outcome);
    plan.score = columns.one(Role::score);
    return plan;
}

void choose_marks(std::string_view bytes, const TableLayout& layout, std::optional<DecimalMark> given,
                  Plan& plan, Scores& out) {
    std::vector<std::size_t> columns;
    for (const auto& one : plan.covariates) columns.push_back(one.column);
    if (plan.score) columns.push_back(plan.score->column);
    const auto guesses = guess_marks(bytes, layout, columns, given);
    for (std::size_t i = 0; i < guesses.size(); ++i) {
        const bool is_score = i == plan.covariates.size();
        out.marks.push_back(
            {is_score ? plan.score->name : plan.covariates[i].name, guesses[i].mark, guesses[i].certain});
        if (is_score) plan.score_mark = guesses[i].mark;
        else plan.marks.push_back(guesses[i].mark);
    }
}

// Columns of one piece, with its own codes.
class Piece {
  public:
    Piece(std::string_view bytes, const Plan& plan, const Outcome* known, const std::string& where)
        : persons(bytes, kTooMany), plan_(plan), where_(where), outcome_(bytes, known) {
        tally.lacking.resize(plan.factors.columns.size());
        codes.resize(plan.factors.columns.size());
        covariates.resize(plan.covariates.size());
        for (std::size_t f = 0; f < plan.factors.columns.size(); ++f)
            factors.emplace_back(bytes, kMostValues);
    }

    Status take(const TableRow& row) {
        std::string_view id, person;
        if (plan_.id && is_missing_cell(id = trimmed_cell(row.cells[plan_.id->column])))
            return refuse(RowRefusal::missing_id, row);
        if (plan_.person && is_missing_cell(person = trimmed_cell(row.cells[plan_.person->column])))
            return refuse(RowRefusal::missing_person, row);
        std::uint8_t yes = 0;
        if (plan_.outcome) {
            const auto code = outcome_.code(row.cells[plan_.outcome->column]);
            if (code == kMissing) return refuse(RowRefusal::missing_outcome, row);
            if (outcome_.side(code) == Side::neither) return refuse(RowRefusal::unknown_value, row);
            yes = outcome_.side(code) == Side::yes;
        }
        double number = 0;
        if (plan_.score) {
            const auto cell = row.cells[plan_.score->column];
            if (is_missing_cell(cell)) return refuse(RowRefusal::missing_score, row);
            const auto read = parse_table_number(cell, plan_.score_mark);
            if (!read) return refuse(RowRefusal::not_a_number, row);
            number = *read;
        }
        std::vector<double>& values = row_covariates_;
        if (!read_covariates(row, values)) return refuse(RowRefusal::not_a_number, row);
        TRY(take_factors(row));
        for (std::size_t i = 0; i < values.size(); ++i) covariates[i].push_back(values[i]);
        if (plan_.score) score.push_back(number);
        if (plan_.outcome) outcome.push_back(yes);
        if (plan_.person) person_of.push_back(persons.number(person));
        if (plan_.id) ids.add(id, row.offset);
        offset.push_back(row.offset);
        return {};
    }

    Tally tally;
    IdList ids;
    std::vector<double> score;
    std::vector<std::uint8_t> outcome;
    std::vector<std::uint32_t> person_of;
    WordNumbers persons;
    std::vector<Coder> factors;
    std::vector<std::vector<std::uint32_t>> codes;
    std::vector<std::vector<double>> covariates;
    std::vector<std::uint64_t> offset;

  private:
    Status refuse(RowRefusal why, const TableRow& row) {
        tally.refuse(why, row);
        return {};
    }

    bool read_covariates(const TableRow& row, std::vector<double>& values) const {
        values.clear();
        for (std::size_t i = 0; i < plan_.covariates.size(); ++i) {
            const auto cell = row.cells[plan_.covariates[i].column];
            const auto read = parse_table_number(cell, plan_.marks[i]);
            if (!read && !is_missing_cell(cell)) return false;
            values.push_back(read.value_or(kNotANumber));
        }
        return true;
    }

    Status take_factors(const TableRow& row) {
        std::uint32_t lacks = 0;
        for (std::size_t f = 0; f < factors.size(); ++f) {
            const auto code = factors[f].code(row.cells[plan_.factors.columns[f]]);
            if (code == kTooMany) return too_many_values(plan_.factors.names[f], where_);
            if (code == kMissing) lacks |= std::uint32_t{1} << f;
            codes[f].push_back(code);
        }
        if (lacks) tally.lack(lacks, row);
        return {};
    }

    const Plan& plan_;
    const std::string& where_;
    OutcomeCells outcome_;
    std::vector<double> row_covariates_;
};

// Moves pieces behind each other, without the rows at `dropped`.
class Sum {
  public:
    Sum(std::string_view bytes, const Plan& plan, std::deque<Piece>& pieces,
        const std::vector<std::uint64_t>& dropped, Scores& out)
        : plan_(plan), pieces_(pieces), dropped_(dropped), persons_(bytes, kTooMany), out_(out) {}

    void sum() {
        for (std::size_t f = 0; f < plan_.factors.columns.size(); ++f) {
            std::vector<const Coder*> coders;
            for (const auto& piece : pieces_) coders.push_back(&piece.factors[f]);
            orders_.push_back(one_order(coders));
            out_.factors.push_back({plan_.factors.names[f], orders_.back().values});
        }
        out_.groups = plan_.factors.groups;
        out_.codes.resize(out_.factors.size());
        out_.covariates.resize(plan_.covariates.size());
        for (const auto& one : plan_.covariates) out_.covariate_names.push_back(one.name);
        for (std::size_t p = 0; p < pieces_.size(); ++p) append(p);
        out_.persons = static_cast<std::uint32_t>(persons_.size());
    }

  private:
    void append(std::size_t p) {
        auto& piece = pieces_[p];
        const auto kept = kept_rows(piece.offset);
        append(out_.offset, piece.offset, kept);
        append(out_.score, piece.score, kept);
        append(out_.outcome, piece.outcome, kept);
        for (std::size_t i = 0; i < piece.covariates.size(); ++i)
            append(out_.covariates[i], piece.covariates[i], kept);
        for (std::size_t f = 0; f < piece.codes.size(); ++f) {
            for (auto& code : piece.codes[f]) code = orders_[f].of(p, code);
            append(out_.codes[f], piece.codes[f], kept);
        }
        if (!plan_.person) return;
        for (const auto row : kept)
            out_.person.push_back(persons_.number(piece.persons.word(piece.person_of[row])));
        piece.person_of = {};
    }

    // Rows of a piece that are not dropped; both lists ascend.
    std::vector<std::size_t> kept_rows(const std::vector<std::uint64_t>& offsets) const {
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < offsets.size(); ++i)
            if (!std::binary_search(dropped_.begin(), dropped_.end(), offsets[i])) out.push_back(i);
        return out;
    }

    template <class T>
    static void append(std::vector<T>& to, std::vector<T>& from, const std::vector<std::size_t>& kept) {
        if (!from.empty())
            for (const auto row : kept) to.push_back(from[row]);
        from = {};
    }

    const Plan& plan_;
    std::deque<Piece>& pieces_;
    const std::vector<std::uint64_t>& dropped_;
    WordNumbers persons_;
    std::vector<OneOrder> orders_;
    Scores& out_;
};

}  // namespace

Result<Scores> read_scores(std::string_view bytes, const TableLayout& layout, const ScoresWish& wish,
                           const std::string& where) {
    Scores out;
    auto plan = plan_of(wish.columns);
    choose_marks(bytes, layout, wish.mark, plan, out);
    const Outcome* known = nullptr;
    if (plan.outcome) {
        out.outcome_values = TRY(read_outcome(bytes, layout, *plan.outcome, wish.said, wish.threads, where));
        known = &out.outcome_values;
    }
    std::deque<Piece> pieces;
    TRY(read_pieces(
        bytes, layout, wish.threads, where,
        [&](const std::vector<TableRange>& ranges) {
            for (std::size_t i = 0; i < ranges.size(); ++i) pieces.emplace_back(bytes, plan, known, where);
        },
        [&](std::size_t i) {
            return PieceSink{&pieces[i].tally,
                             [&piece = pieces[i]](const TableRow& row) { return piece.take(row); }};
        }));
    Tally tally;
    for (const auto& piece : pieces) tally.add(piece.tally);
    if (tally.rows_in == 0) return no_rows(where);
    std::vector<std::uint64_t> repeated;
    if (plan.id) {
        std::vector<IdList*> ids;
        for (auto& piece : pieces) ids.push_back(&piece.ids);
        repeated = TRY(repeated_ids(bytes, layout, plan.id->column, ids, wish.threads));
        tally.refuse(RowRefusal::duplicate_id, bytes, layout, repeated);
        tally.forget(repeated);
    }
    Sum(bytes, plan, pieces, repeated, out).sum();
    out.account = tally.account(out.rows(), plan.id != nullptr);
    out.lacking = std::move(tally.lacking);
    return out;
}

Account account_of(const Scores& scores, const std::vector<std::size_t>& factors) {
    std::uint32_t groups = 0, strata = 0;
    for (const auto f : factors) (f < scores.groups ? groups : strata) |= std::uint32_t{1} << f;
    std::uint64_t without_group = 0, without_stratum = 0;
    for (std::size_t row = 0; row < scores.rows(); ++row) {
        std::uint32_t lacks = 0;
        for (const auto f : factors)
            if (scores.codes[f][row] == kMissing) lacks |= std::uint32_t{1} << f;
        if (lacks & groups) ++without_group;
        else if (lacks & strata) ++without_stratum;
    }
    return with_lacking(scores.account, scores.lacking, groups, without_group, strata, without_stratum);
}

}  // namespace contrechamp::disparity
