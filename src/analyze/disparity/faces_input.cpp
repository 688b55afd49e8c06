#include "analyze/disparity/faces_input.h"

#include <algorithm>
#include <deque>

#include "analyze/disparity/row_work.h"
#include "base/bytes.h"

namespace contrechamp::disparity {
namespace {

struct Plan {
    const BoundColumn *id = nullptr, *score = nullptr, *genuine = nullptr;
    const BoundColumn *a = nullptr, *b = nullptr, *group_a = nullptr, *group_b = nullptr;
    std::optional<char> subject_ends;
    const Subjects* subjects = nullptr;
    DecimalMark mark = DecimalMark::point;
};

Plan plan_of(const FacesWish& wish) {
    Plan plan;
    const auto& columns = wish.columns;
    plan.id = columns.one(Role::id);
    plan.score = columns.one(Role::score);
    plan.genuine = columns.one(Role::genuine);
    plan.a = columns.one(Role::subject_a);
    plan.b = columns.one(Role::subject_b);
    if (!plan.a || !plan.b) plan.a = plan.b = nullptr;
    plan.subjects = wish.subjects;
    if (!wish.subjects) plan.group_a = plan.group_b = columns.one(Role::group);
    if (!wish.subjects && columns.one(Role::group_b)) plan.group_b = columns.one(Role::group_b);
    plan.subject_ends = wish.subject_ends;
    return plan;
}

// Comparisons of one piece, with its own numbers of subjects and codes of groups.
class Piece {
  public:
    Piece(std::string_view bytes, const Plan& plan, const Outcome* known, const std::string& where)
        : groups(bytes, kMostValues),
          subjects(bytes, kTooMany),
          plan_(plan),
          where_(where),
          flags_(bytes, known) {}

    Status take(const TableRow& row) {
        if (plan_.id && is_missing_cell(row.cells[plan_.id->column]))
            return refuse(RowRefusal::missing_id, row);
        const auto cell = row.cells[plan_.score->column];
        if (is_missing_cell(cell)) return refuse(RowRefusal::missing_score, row);
        const auto number = parse_table_number(cell, plan_.mark);
        if (!number) return refuse(RowRefusal::not_a_number, row);
        One one;
        if (const auto why = who(row, one)) return refuse(*why, row);
        if (const auto why = same(row, one)) return refuse(*why, row);
        const auto why = TRY(groups_of(row, one));
        if (why) return refuse(*why, row);
        score.push_back(*number);
        genuine.push_back(one.genuine);
        if (plan_.a) subject_a.push_back(one.a), subject_b.push_back(one.b);
        group_a.push_back(one.group_a);
        group_b.push_back(one.group_b);
        if (plan_.id) ids.add(trimmed_cell(row.cells[plan_.id->column]), row.offset);
        offset.push_back(row.offset);
        return {};
    }

    Tally tally;
    IdList ids;
    std::vector<double> score;
    std::vector<std::uint8_t> genuine;
    std::vector<std::uint32_t> subject_a, subject_b, group_a, group_b;
    std::vector<std::uint64_t> offset;
    Coder groups;
    WordNumbers subjects;

  private:
    struct One {
        std::uint32_t a = 0, b = 0, group_a = 0, group_b = 0;
        bool genuine = false;
    };

    Status refuse(RowRefusal why, const TableRow& row) {
        tally.refuse(why, row);
        return {};
    }

    std::string_view subject(std::string_view cell) const {
        cell = trimmed_cell(cell);
        return plan_.subject_ends ? cell.substr(0, cell.find(*plan_.subject_ends)) : cell;
    }

    std::optional<RowRefusal> who(const TableRow& row, One& one) {
        if (!plan_.a) return std::nullopt;
        const auto a = subject(row.cells[plan_.a->column]), b = subject(row.cells[plan_.b->column]);
        if (is_missing_cell(a) || is_missing_cell(b)) return RowRefusal::missing_subject;
        one.a = subjects.number(a);
        one.b = subjects.number(b);
        return std::nullopt;
    }

    std::optional<RowRefusal> same(const TableRow& row, One& one) {
        one.genuine = plan_.a && one.a == one.b;
        if (!plan_.genuine) return std::nullopt;
        const auto code = flags_.code(row.cells[plan_.genuine->column]);
        if (code == kMissing) return RowRefusal::missing_genuine;
        if (flags_.side(code) == Side::neither) return RowRefusal::unknown_value;
        const bool said = flags_.side(code) == Side::yes;
        if (plan_.a && said != one.genuine) return RowRefusal::contradiction;
        one.genuine = said;
        return std::nullopt;
    }

    Result<std::optional<RowRefusal>> groups_of(const TableRow& row, One& one) {
        if (plan_.subjects) {
            for (const auto number : {one.a, one.b})
                if (group_of(number) == kTooMany) return RowRefusal::unknown_subject;
            one.group_a = group_of(one.a);
            one.group_b = group_of(one.b);
        } else if (plan_.group_a) {
            one.group_a = groups.code(row.cells[plan_.group_a->column]);
            one.group_b = groups.code(row.cells[plan_.group_b->column]);
            if (one.group_a == kTooMany || one.group_b == kTooMany)
                return too_many_values(plan_.group_a->name, where_);
        }
        if (one.group_a == kMissing || one.group_b == kMissing) return RowRefusal::missing_group;
        return std::nullopt;
    }

    // By the table of subjects, looked up once; kTooMany: it is not there.
    std::uint32_t group_of(std::uint32_t subject) {
        while (groups_of_subjects_.size() <= subject) {
            const auto word = subjects.word(static_cast<std::uint32_t>(groups_of_subjects_.size()));
            const auto& codes = plan_.subjects->codes;
            const auto at = std::lower_bound(codes.begin(), codes.end(), word,
                                             [](const auto& a, std::string_view b) { return a.first < b; });
            groups_of_subjects_.push_back(at != codes.end() && at->first == word ? at->second : kTooMany);
        }
        return groups_of_subjects_[subject];
    }

    const Plan& plan_;
    const std::string& where_;
    OutcomeCells flags_;
    std::vector<std::uint32_t> groups_of_subjects_;
};

// Puts pieces together without the rows at `dropped`.
void sum(std::string_view bytes, const Plan& plan, std::deque<Piece>& pieces,
         const std::vector<std::uint64_t>& dropped, Faces& out) {
    std::vector<const Coder*> coders;
    for (const auto& piece : pieces) coders.push_back(&piece.groups);
    const auto order = one_order(coders);
    if (plan.subjects) out.group = plan.subjects->group;
    else if (plan.group_a) out.group = {plan.group_a->name, order.values};
    else out.group = {"", {""}};
    const bool own_codes = !plan.subjects && plan.group_a;
    WordNumbers subjects(bytes, kTooMany);
    PairNumbers met;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
        auto& piece = pieces[p];
        for (std::size_t i = 0; i < piece.offset.size(); ++i) {
            if (std::binary_search(dropped.begin(), dropped.end(), piece.offset[i])) continue;
            out.offset.push_back(piece.offset[i]);
            out.score.push_back(piece.score[i]);
            out.genuine.push_back(piece.genuine[i]);
            if (plan.a) {
                out.subject_a.push_back(subjects.number(piece.subjects.word(piece.subject_a[i])));
                out.subject_b.push_back(subjects.number(piece.subjects.word(piece.subject_b[i])));
            }
            const auto a = own_codes ? order.of(p, piece.group_a[i]) : piece.group_a[i];
            const auto b = own_codes ? order.of(p, piece.group_b[i]) : piece.group_b[i];
            out.pair.push_back(met.number(std::min(a, b), std::max(a, b)));
        }
        piece.score = {}, piece.offset = {}, piece.genuine = {}, piece.subject_a = {}, piece.subject_b = {};
        piece.group_a = {}, piece.group_b = {};
    }
    out.subjects = static_cast<std::uint32_t>(subjects.size());
    for (std::uint32_t i = 0; i < met.size(); ++i) out.pairs.push_back(met.pair(i));
    std::sort(out.pairs.begin(), out.pairs.end());
    std::vector<std::uint32_t> rank;
    for (std::uint32_t i = 0; i < met.size(); ++i)
        rank.push_back(static_cast<std::uint32_t>(
            std::lower_bound(out.pairs.begin(), out.pairs.end(), met.pair(i)) - out.pairs.begin()));
    for (auto& pair : out.pair) pair = rank[pair];
}

// ---- Files of scores

constexpr std::string_view kBom = "\xef\xbb\xbf";

struct ScoreFile {
    std::string_view bytes;
    bool genuine;
};

// The first cells of a file, to see how its numbers are written.
std::vector<std::string_view> some_lines(std::string_view bytes) {
    constexpr std::size_t kLines = 10'000;
    std::vector<std::string_view> out;
    LineReader lines(bytes);
    while (const auto line = lines.next()) {
        if (out.size() == kLines) break;
        out.push_back(line->text);
    }
    return out;
}

void read_score_file(const ScoreFile& file, DecimalMark mark, Tally& tally, Faces& out) {
    LineReader lines(file.bytes);
    while (const auto line = lines.next()) {
        auto cell = trimmed_cell(line->text);
        if (line->offset == 0 && cell.substr(0, kBom.size()) == kBom) cell.remove_prefix(kBom.size());
        if (cell.empty()) continue;
        ++tally.rows_in;
        const auto number = parse_table_number(cell, mark);
        if (!number) {
            TableRow row;
            row.offset = line->offset;
            row.length = line->text.size();
            row.line = line->number;
            tally.refuse(is_missing_cell(cell) ? RowRefusal::missing_score : RowRefusal::not_a_number, row);
            continue;
        }
        out.score.push_back(*number);
        out.genuine.push_back(file.genuine);
        out.pair.push_back(0);
        out.offset.push_back(line->offset);
    }
}

}  // namespace

Result<Subjects> read_subjects(std::string_view bytes, const TableLayout& layout, const BoundColumns& columns,
                               const std::string& where) {
    const auto* id = columns.one(Role::person) ? columns.one(Role::person) : columns.one(Role::id);
    const auto* group = columns.one(Role::group);
    if (!id || !group)
        return misuse({"the table of subjects needs a column of ids and one of groups",
                       "la table des sujets doit avoir une colonne d’identifiants et une de groupes"},
                      where, {"give both (--person, --group)", "donnez les deux (--person, --group)"});
    Tally tally;
    Coder coder(bytes, kMostValues);
    WordNumbers ids(bytes, kTooMany);
    std::vector<std::uint32_t> codes;
    std::uint64_t used = 0;
    TRY(read_pieces(
        bytes, layout, 1, where, [](const std::vector<TableRange>&) {},
        [&](std::size_t) {
            return PieceSink{&tally, [&](const TableRow& row) -> Status {
                                 const auto name = trimmed_cell(row.cells[id->column]);
                                 if (is_missing_cell(name)) {
                                     tally.refuse(RowRefusal::missing_id, row);
                                     return {};
                                 }
                                 const auto code = coder.code(row.cells[group->column]);
                                 if (code == kTooMany) return too_many_values(group->name, where);
                                 const auto number = ids.number(name);
                                 if (number == codes.size()) codes.push_back(code);
                                 if (codes[number] != code) tally.refuse(RowRefusal::duplicate_id, row);
                                 else ++used;
                                 return {};
                             }};
        }));
    if (tally.rows_in == 0) return no_rows(where);
    const auto order = one_order({&coder});
    Subjects out;
    out.group = {group->name, order.values};
    for (std::uint32_t i = 0; i < ids.size(); ++i)
        out.codes.emplace_back(std::string(ids.word(i)), order.of(0, codes[i]));
    std::sort(out.codes.begin(), out.codes.end());
    out.account = tally.account(used, true);
    return out;
}

Result<Faces> read_faces(std::string_view bytes, const TableLayout& layout, const FacesWish& wish,
                         const std::string& where) {
    auto plan = plan_of(wish);
    if (plan.subjects && !plan.a)
        return misuse({"a table of subjects needs the subjects of each comparison",
                       "une table de sujets demande les sujets de chaque comparaison"},
                      where,
                      {"give both columns (--subject-a, --subject-b)",
                       "donnez les deux colonnes (--subject-a, --subject-b)"});
    Faces out;
    plan.mark = guess_marks(bytes, layout, {plan.score->column}, wish.mark)[0].mark;
    out.mark = plan.mark;
    const Outcome* known = nullptr;
    if (plan.genuine) {
        out.genuine_values = TRY(read_outcome(bytes, layout, *plan.genuine, wish.said, wish.threads, where));
        known = &out.genuine_values;
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
    }
    sum(bytes, plan, pieces, repeated, out);
    out.account = tally.account(out.rows(), plan.id != nullptr);
    return out;
}

Result<Faces> read_score_files(std::string_view genuine, std::string_view impostor,
                               std::optional<DecimalMark> mark, const std::string& where) {
    if (!mark) {
        auto lines = some_lines(genuine);
        const auto more = some_lines(impostor);
        lines.insert(lines.end(), more.begin(), more.end());
        mark = guess_decimal_mark(lines).mark;
    }
    Faces out;
    out.mark = mark;
    out.group = {"", {""}};
    out.pairs = {{0, 0}};
    Tally of_genuine, of_impostor;
    read_score_file({genuine, true}, *mark, of_genuine, out);
    const auto first = out.rows();
    read_score_file({impostor, false}, *mark, of_impostor, out);
    if (of_genuine.rows_in + of_impostor.rows_in == 0) return no_rows(where);
    out.account = of_genuine.account(first, false);
    out.impostor_account = of_impostor.account(out.rows() - first, false);
    return out;
}

}  // namespace contrechamp::disparity
