// The French career panel, "méthode Clerc" (François Clerc, CGT; Peugeot-Sochaux, from 1995): a person's
// career beside those of colleagues hired in the same years at the same level.
//
// What is documented, and by whom:
// - Three steps: a panel by name of people hired at about the same time in the same conditions, averages, the
//   comparison (NVO Droits, CGT, "Contre les discriminations, utiliser la méthode Clerc", 2 September 2021,
//   droits.nvo.fr).
// - The panel: same company or site, hired on a similar job with the same qualification, at a near date;
// comparable
//   diplomas make it harder to refute (F. Chhum and M. Mermet-Guyennet, "Indemnisation de la discrimination
//   par la méthode Clerc", Village de la Justice, 17 January 2020, who cite Cass. soc. 7 November 2018, no.
//   16-20.759).
// - The damage, "triangulation": (panel's mean pay - the person's) / 2 x months since the prohibited ground
// began,
//   and 30 % more for the pension (the same article, section 4, which cites CA Paris 31 January 2018, no.
//   15/11747, the "Chibanis"; M. Peyronnet, Dalloz actualité, 13 February 2018). Half, because the gap is
//   taken to have grown evenly from nothing: the area of a triangle. Moral damage is separate and not
//   computed here.
//
// What varies between courts, so that every one is an option or a figure of its own: how near the date of
// hiring (nothing fixes two years: it is this program's default); mean or median; who may be in the panel;
// from when the gap is counted (CA Pau 4 September 2012, no. 10/04765, moved it to when the union activity
// was no longer disputed); whether and how the pension is added (CA Paris 16 October 2015, no. S13/03526,
// reckons it apart); a reconstruction year by year in place of the triangle (`summed`). A rank in a panel is
// a fact to be explained, not a proof: Code du travail, L1134-1, leaves the employer to justify.
//
// Figures are in the unit of the table (pay: a month, full time, so that people compare). Persons and levels
// are compared byte for byte. Pure: no clock ("today" is the last year compared). Memory and work O(n log n)
// in the rows to build, O(persons + rows of the panel) a career.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/disparity/interval.h"
#include "base/result.h"
#include "base/text.h"

namespace contrechamp::disparity {

inline constexpr std::size_t kFewestPanel = 5;  // people; below, nothing is concluded
inline constexpr int kNoYear = INT32_MIN;

// A person's situation in one year. What is said once of a person (entry, group) is repeated in each row or
// left empty in some; the texts must outlive the CareerTable.
struct CareerRow {
    std::string_view person;
    int year = kNoYear;
    int month = 0;                     // 1 to 12, or 0: only the year is known
    double pay = kNotANumber;          // NaN: not given
    double coefficient = kNotANumber;  // level on the scale of the collective agreement; NaN: not given
    int entry_year = kNoYear;          // of hiring
    std::string_view entry_level;      // qualification, level or coefficient at hiring, diploma: any text
    std::string_view group;            // optional
};

enum class CareerFigure { pay, coefficient };

struct YearMonth {
    int year = kNoYear;
    int month = 1;
};

struct CareerOptions {
    unsigned entry_years = 2;           // hired at most so many years before or after
    std::size_t fewest = kFewestPanel;  // at least kFewestPanel
    CareerFigure figure = CareerFigure::pay;
    // Where the person has a group, the panel is of people of other groups (or none); false: of everybody.
    bool other_groups_only = true;
    // When the prohibited ground began, and the month to count to (default: December of the last year
    // compared). Without `since` there is no damage. It counts `until` minus `since` months.
    YearMonth since, until;
    double pension = 0.30;  // added for the pension; 0: none
};

enum class NotInPanel {
    entry_unknown,   // no year of hiring, or no level at hiring while the person has one
    entry_conflict,  // rows that disagree on the year or the level of hiring, or on the group
    other_level,     // hired at another level
    other_years,     // hired too long before or after
    same_group,      // of the person's own group
    never_compared,  // no figure in any year of the person's
};
struct Excluded {
    std::string_view person;
    NotInPanel why = NotInPanel::entry_unknown;
};

// One year in which the person has a figure. Of several rows of one year: the mean pay; the coefficient of
// the last month (of the last row where months do not say). With fewer than `fewest` panel members present
// that year, all comparisons are NaN.
struct CareerYear {
    int year = kNoYear;
    double own = kNotANumber;
    std::size_t present = 0;  // panel members with a figure that year; who left the company is not among them
    double mean = kNotANumber, median = kNotANumber, least = kNotANumber, most = kNotANumber;
    double gap_to_mean = kNotANumber, gap_to_median = kNotANumber;  // panel - own: positive is behind
    // Where the person stands: share of the panel below, plus half of those equal, in percent.
    double percentile_rank = kNotANumber;
    std::size_t below = 0, equal = 0;
    // If the person were one of the panel by chance: the probability of a place this low or lower,
    // (1 + members at or below) / (1 + members). One-sided; never below 1 / (1 + members).
    double chance_as_low = kNotANumber;
};

// The steps of the damage, in the order in which they follow from each other.
enum class CareerStepId { panel_figure, own_figure, gap, months, loss, pension, total };
struct CareerStep {
    CareerStepId id = CareerStepId::gap;
    double value = kNotANumber;
    Text formula;  // from the steps before it, such as "gap × months / 2"
};

struct CareerDamage {
    // Seven steps each. `by_mean` is what the sources do; `by_median` is empty when the person is not below
    // the median.
    std::vector<CareerStep> by_mean, by_median;
    // The other way, for comparison: each year's gap to the mean, times its months between `since` and
    // `until`, with the sign it has. `summed_months` of the months are covered by years compared.
    double summed = kNotANumber;
    std::uint64_t summed_months = 0, months = 0;
};

struct Career {
    std::string_view person;
    int entry_year = kNoYear;
    std::string_view entry_level, group;
    std::vector<std::string_view> panel;  // sorted
    std::vector<Excluded> excluded;       // everybody else, sorted by person
    std::vector<CareerYear> years;        // rising
    std::optional<std::size_t> last;      // index in `years` of the last year compared: "today"
    std::optional<CareerDamage> damage;
    // Why there is no comparison or no damage, in words; both empty when there is.
    Text no_comparison, no_damage;
};

class CareerTable {
  public:
    // Rows without person or year say nothing and are `unused` (indices in `rows`); no row is an error.
    static CareerTable create(std::span<const CareerRow> rows);

    const std::vector<std::size_t>& unused() const { return unused_; }
    std::vector<std::string_view> people() const;                           // sorted
    std::vector<std::string_view> people_of(std::string_view group) const;  // sorted

    // Fails: nobody of that name; the person's own rows contradict each other on entry, or give no year of
    // entry; an option out of range (a `fewest` below kFewestPanel, a pension outside [0, 1], months outside
    // 1 to 12, `until` before `since`). A small panel is no error: `no_comparison` says so.
    Result<Career> career(std::string_view person, const CareerOptions& options) const;

  private:
    struct Year {
        int year = kNoYear;
        double pay = kNotANumber, coefficient = kNotANumber;
    };
    struct Person {
        std::string_view name;
        int entry_year = kNoYear;
        std::string_view entry_level, group;
        bool conflict = false;
        std::vector<Year> years;  // rising
    };

    const Person* find(std::string_view name) const;
    static std::optional<NotInPanel> why_not(const Person& person, const Person& other,
                                             const CareerOptions& options);

    std::vector<Person> people_;  // by name
    std::vector<std::size_t> unused_;
};

}  // namespace contrechamp::disparity
