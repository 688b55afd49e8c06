// What was asked: which exhibits hold what, which columns, which groups, which choices. It is an exhibit
// itself ("contrechamp/disparity-request", a record file; docs/schema/exhibits.md), so that every figure can
// be computed again from the case alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "formats/table_reader.h"

namespace contrechamp::disparity {

inline constexpr std::string_view kRequestType = "contrechamp/disparity-request";

enum class Mode { transcripts, decisions, scores, faces, career };
std::string_view to_string(Mode mode);
std::optional<Mode> mode_of(std::string_view name);

// What a file is for.
//   transcripts: reference, second (another human's transcript), system (one or more), speakers
//   decisions, scores, career: rows     faces: rows, or genuine and impostor
struct RequestInput {
    std::string sha256;
    std::string role;
    std::string name;    // for people: the file's name, or what the person calls the system
    std::string format;  // of a transcript, empty: by its content
};

// A difference that was declared before looking: column `by`, values `group` and `against`.
struct Hypothesis {
    std::string by, group, against;
    bool operator==(const Hypothesis&) const = default;
};

struct Request {
    Mode mode = Mode::decisions;
    std::vector<RequestInput> inputs;
    // Columns of the rows; what a mode does not use stays empty. "id", "person", "outcome", "positive" (the
    // value of outcome that counts), "score", "genuine", "subject-a", "subject-b", "group-b", "date", "pay",
    // "entry", "level", "member" (career: whose career) …
    std::map<std::string, std::string, std::less<>> columns;
    std::vector<std::string> groups;      // columns to compare people by
    std::vector<std::string> strata;      // columns within which to compare
    std::vector<std::string> covariates;  // numeric columns to match on
    std::map<std::string, std::string, std::less<>>
        references;  // by column, the value others are compared with
    std::vector<Hypothesis> declared;
    TableWishes table;  // how tables are read where the person had to say; else by their content
    // Decimal numbers as they were typed: a digest must not depend on how a machine prints them.
    std::string alpha = "0.05";
    std::string threshold;            // of scores and faces
    bool lower_is_alike = false;      // faces: scores are distances
    std::string language = "en";      // of transcripts
    std::string profile = "whisper";  // the normalisation of the main figures
    std::uint64_t seed = 1;
    std::uint32_t permutations = 9999, replicates = 10000;

    const std::string& column(std::string_view role) const;  // empty when not given
    double level() const;                                    // 1 − alpha

    // The exhibit's bytes.
    std::string to_bytes() const;
    static Result<Request> from_bytes(std::string_view bytes, const std::string& where);
};

}  // namespace contrechamp::disparity
