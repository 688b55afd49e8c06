// Which column of a table is what, and what its words mean. Names come from the person; what can be guessed
// is shown first. Groups are never guessed: they are the person's choice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/table_number.h"
#include "formats/table_reader.h"

namespace contrechamp::disparity {

enum class Role : std::uint8_t {
    id,         // of the row: no two rows may share it
    person,     // whom the row is about; may repeat, and then rows are not independent
    outcome,    // what was decided, or what happened
    score,      // a number given by the system
    group,      // (several)
    stratum,    // (several) rows are compared within it
    covariate,  // (several) a number for matching
    genuine,    // faces: whether both pictures show one person
    subject_a,  // faces: whom each picture shows
    subject_b,
    group_b,  // faces: the group of the second, where `group` is that of the first
};
inline constexpr std::size_t kRoles = 11;
std::string_view to_string(Role role);  // "id", "person", …, "subject-a"
std::optional<Role> role_called(std::string_view name);

enum class TableKind : std::uint8_t { decisions, scores, faces };

// A column the person named, or one that was guessed by its name.
struct BoundColumn {
    Role role = Role::id;
    std::size_t column = 0;  // of TableLayout::columns
    std::string name;        // as the header has it
    bool guessed = false;
};

struct AskedColumn {
    Role role = Role::id;
    std::string name;  // a header's name in any case, or "#3"; "-": none, and do not guess
};

class BoundColumns {
  public:
    std::vector<BoundColumn> all;  // in order of role, then as they were asked for
    const BoundColumn* one(Role role) const;
    std::vector<BoundColumn> many(Role role) const;
};

// Asked columns first; then id, person, outcome, score, genuine and the subjects are guessed by common
// English and French names where `guess` says so and the kind has use for them. A name that begins with
// "outcome" may be followed by "=value" (see split_value). Errors, each with the columns that are there: a
// name that no column has; the same role twice; no group; no outcome (decisions), score (scores, faces), or
// neither `genuine` nor both subjects (faces, unless `impostors_apart`); one column for two roles, but id and
// person may be one (repeats are then refused as duplicates) and a stratum may not be a group. More than 16
// groups and strata together are refused.
struct BindWishes {
    TableKind kind = TableKind::decisions;
    std::vector<AskedColumn> asked;
    bool guess = true;
    bool needs_group = true;
    bool needs_outcome = true;  // scores: false where only their distribution is compared
};
Result<BoundColumns> bind_columns(const TableLayout& layout, const BindWishes& wishes,
                                  const std::string& where);

// Columns that look like groups by their names (sex, age_band, tranche d'âge …), to be offered, not taken.
std::vector<std::string> offered_groups(const TableLayout& layout);

// Whether a column rather names people one by one (names, addresses, ages in years) than groups: in ten rows
// or more, more than half of the values occur once in the first 10,000.
bool tells_persons(std::string_view bytes, const TableLayout& layout, std::size_t column);

// "promoted=yes": the column and the value that counts as the event. A column whose name holds "=" is found
// first.
struct ColumnAndValue {
    std::string column, value;
};
ColumnAndValue split_value(const TableLayout& layout, const std::string& asked);

// ---- Values of a column of words

inline constexpr std::uint32_t kMissing = 0xffffffff;  // the cell says nothing

// The values of one column, ordered by bytes: code c stands for values[c], and does not depend on how the
// file was cut. Cells are taken without the white space around them; "F" and "f" are two values.
struct Factor {
    std::string name;
    std::vector<std::string> values;
};

// Values that a person would read as one ("Femme", "femme ", "FEMME", "Employé"/"employe"): nothing is
// merged, it is said. Each list has at least two codes.
std::vector<std::vector<std::uint32_t>> lookalikes(const Factor& factor);

struct ValueCount {
    std::string value;
    std::uint64_t rows = 0;
};

// What each value of an outcome means.
enum class Side : std::uint8_t { no, yes, neither };
struct Outcome {
    std::string name;
    std::vector<ValueCount> values;  // ordered by bytes: all that were met, also in rows that are not used
    std::vector<Side> sides;         // of each
    bool guessed = false;            // by the lists of words, not said by the person
};

// `said` is what the person typed behind "=": the value of the event (then every other value is its absence)
// or "yes/no" (then rows of any other value are refused). Matched exactly, else without case and accents.
// With nothing said the values must all be words of the lists (yes, oui, vrai, 1, promoted, promu·e … against
// no, non, faux, 0, refused …). Errors list the values found and what to type.
Result<Outcome> resolve_outcome(const std::string& column, std::vector<ValueCount> values,
                                const std::string& said, const std::string& where);

}  // namespace contrechamp::disparity
