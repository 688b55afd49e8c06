// Comparisons of two pictures each: how alike the system found them, whether they show one person, and the
// groups of whom they show.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyze/disparity/columns.h"
#include "analyze/disparity/intake.h"

namespace contrechamp::disparity {

// The group of each subject, from a table of its own (one row a subject).
struct Subjects {
    Factor group;
    std::vector<std::pair<std::string, std::uint32_t>> codes;  // id to code (or kMissing), ordered by id
    Account account;
};
// The first two columns bound as `person` (or `id`) and `group`. A subject that comes twice with one group is
// kept once; with two groups it is refused as duplicate-id the second time.
Result<Subjects> read_subjects(std::string_view bytes, const TableLayout& layout, const BoundColumns& columns,
                               const std::string& where);

struct FacesWish {
    BoundColumns columns;  // score; genuine or both subjects; group, or group and group_b, unless `subjects`
    std::string said;      // of the genuine flag (resolve_outcome)
    std::optional<char>
        subject_ends;  // the subject is what stands before this character ("0012_03.png": '_')
    const Subjects* subjects = nullptr;
    std::optional<DecimalMark> mark;
    unsigned threads = 1;
};

// Of each used comparison, in the order of the file.
struct Faces {
    std::vector<double> score;          // finite; higher or lower is more alike: the reader does not know
    std::vector<std::uint8_t> genuine;  // 1: both pictures show one person
    std::vector<std::uint32_t> pair;    // of `pairs`
    Factor group;
    // Two codes of `group`, the smaller first: comparisons of one group with itself, or between two.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;  // in ascending order
    std::vector<std::uint32_t> subject_a, subject_b;  // 0 … subjects - 1 in order of first use; or empty
    std::uint32_t subjects = 0;
    std::vector<std::uint64_t> offset;  // byte of the row in the file
    std::optional<DecimalMark> mark;
    Outcome genuine_values;    // of the flag, where there is one
    Account account;           // comparisons whose group is not known are refused as missing-group
    Account impostor_account;  // of read_score_files: the second file's; `account` is the first's

    std::size_t rows() const { return offset.size(); }
};

// Rows whose flag contradicts their two subjects are refused (contradiction). Bounds and errors as for
// count_decisions().
Result<Faces> read_faces(std::string_view bytes, const TableLayout& layout, const FacesWish& wish,
                         const std::string& where);

// Two files of one score a line, genuine and impostor, without groups (as pyeer reads them). Empty lines are
// no rows. One pair, of the one group "". Scores of the genuine file come first; offsets and places are those
// in each file, and each has its account.
Result<Faces> read_score_files(std::string_view genuine, std::string_view impostor,
                               std::optional<DecimalMark> mark, const std::string& where);

}  // namespace contrechamp::disparity
