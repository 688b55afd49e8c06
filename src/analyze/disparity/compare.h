// Groups of one column compared, setting by setting, into figures and conclusions. The statistics are
// clusters.h's (people) and two_by_two.h's (rows that are a person each).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analyze/disparity/clusters.h"
#include "analyze/disparity/figure.h"
#include "analyze/disparity/request.h"

namespace contrechamp::disparity {

struct GroupPeople {
    std::string name;
    std::vector<Person> people;
};

// The same groups, in the same order, under one set of choices.
struct PeopleSetting {
    std::string name;  // "whisper, levenshtein, pooled"
    Estimand estimand = Estimand::pooled;
    std::vector<GroupPeople> groups;
};

// Index of the group that others are compared with: the one asked for, else the largest (the first of equal
// ones). `sizes` are people or rows. Fails when the one asked for is not there.
Result<std::size_t> reference_group(const Request& request, const std::string& by,
                                    std::span<const std::string> names, std::span<const std::uint64_t> sizes);

// Whether this difference was declared before looking.
bool is_declared(const Request& request, const Comparison& of);

// The two halves of compare_people: what each group has under one setting, and one group against another
// under several (the same groups in each, the first setting the main one, `how` the method it is called by).
// Where nobody differs from anybody the data are insufficient, not compatible with no difference: nothing was
// to be seen.
Status rates_of_people(const Request& request, const Comparison& base, const PeopleSetting& setting,
                       Findings& out);
Status contrast_people(const Request& request, const Comparison& base,
                       std::span<const PeopleSetting> settings, std::size_t group, std::size_t reference,
                       unsigned threads, Findings& out, const std::string& how = "welch-permutation");

// Into `out`, but without a conclusion: nobody can tell which rows are of one person, so that no test holds
// its level. The contrasts stay, as details, each with the note people-unknown.
void put_without_people(Findings found, Findings& out);

// `base` says measure, system and column. The first setting is the main one: rates, intervals and the
// contrast come from it; from the others a contrast each. Groups below five people are left out and said.
// `reference`: index of the group that the others are compared with.
Status compare_people(const Request& request, const Comparison& base, std::span<const PeopleSetting> settings,
                      std::size_t reference, unsigned threads, Findings& out);
// The same, with reference_group() of those who are there in the first setting.
Status compare_people(const Request& request, const Comparison& base, std::span<const PeopleSetting> settings,
                      unsigned threads, Findings& out);

}  // namespace contrechamp::disparity
