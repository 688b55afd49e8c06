// The account of a table: every row in is used or refused, with the reason and the place.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/table_reader.h"

namespace contrechamp::disparity {

// Why a row is not used; ids of knowledge/words.yaml "refusals". The first are TableRefusal's, in its order.
enum class RowRefusal : std::uint8_t {
    too_few_cells,
    too_many_cells,
    unclosed_quote,
    too_long,
    nul_byte,
    cut_off,
    not_an_object,
    nested,
    repeated_member,
    missing_id,  // there is a column of ids, and nothing in it
    missing_person,
    missing_outcome,
    unknown_value,  // an outcome that is neither of the two the person named
    missing_score,
    not_a_number,  // a score or covariate that is no number in the column's way of writing them
    missing_subject,
    missing_genuine,
    unknown_subject,  // faces: not in the table of subjects
    contradiction,    // faces: the flag says one thing, the subjects another
    duplicate_id,     // an earlier row has this id
    missing_group,    // in a group that is asked about
    missing_stratum,
};
inline constexpr std::size_t kRowRefusals = 22;
std::string_view to_string(RowRefusal why);  // "too-few-cells", …
RowRefusal refusal_of(TableRefusal why);

inline constexpr std::size_t kPlacesKept = 100;

struct Place {
    std::uint64_t offset = 0, length = 0;  // bytes of the row
    std::uint64_t line = 0;                // from 1
    bool operator==(const Place&) const = default;
};

struct Refused {
    RowRefusal why = RowRefusal::too_few_cells;
    std::uint64_t rows = 0;
    std::vector<Place> first;  // at most 100, in the order of the file
};

struct Account {
    std::uint64_t rows_in = 0, used = 0;
    std::vector<Refused> refused;  // reasons that were met, in the order of RowRefusal
    std::uint64_t recoded =
        0;  // rows (used or not) that were not in the file's encoding: read as Windows-1252
    bool ids_checked = false;  // there was a column of ids, and no id is used twice

    std::uint64_t refused_rows() const;
    // rows_in = used + refused_rows(): what every reader here asserts before it answers.
    bool holds() const { return rows_in == used + refused_rows(); }
};

// Where rows that are otherwise good lack one factor (group or stratum): the first 100, and which factors
// each of them lacks, bit f for factor f.
struct LackingPlaces {
    struct One {
        Place place;
        std::uint32_t lacks = 0;
    };
    std::vector<One> first;
};
inline constexpr std::size_t kMostFactors = 16;

// `account`, where rows that lack one of these groups are refused as missing-group, and rows that lack none
// of them but one of these strata as missing-stratum; how many is the caller's to say.
Account with_lacking(Account account, const std::vector<LackingPlaces>& lacking, std::uint32_t groups,
                     std::uint64_t without_group, std::uint32_t strata, std::uint64_t without_stratum);

}  // namespace contrechamp::disparity
