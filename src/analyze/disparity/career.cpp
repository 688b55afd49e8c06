#include "analyze/disparity/career.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace contrechamp::disparity {
namespace {

using std::string_view;

bool earlier(const CareerRow& a, const CareerRow& b) {
    return a.year != b.year ? a.year < b.year : a.month < b.month;
}

// Takes what a row says once of a person; false where it contradicts another row.
template <class Value>
bool learn(Value& known, const Value& said, const Value& nothing) {
    if (said == nothing || said == known) return true;
    if (known != nothing) return false;
    known = said;
    return true;
}

double median_of(const std::vector<double>& sorted) {
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
}

double mean_of(const std::vector<double>& values) {
    double mean = 0;
    for (std::size_t i = 0; i < values.size(); ++i) mean += (values[i] - mean) / double(i + 1);
    return mean;
}

bool given(YearMonth month) { return month.year != kNoYear; }
std::int64_t months_of(YearMonth month) { return std::int64_t{month.year} * 12 + month.month - 1; }

Status check(const CareerOptions& options) {
    const auto refuse = [](Text what) { return fail(std::move(what), "career"); };
    if (options.fewest < kFewestPanel)
        return refuse({"a panel of fewer than 5 people allows no conclusion",
                       "un panel de moins de 5 personnes ne permet aucune conclusion"});
    if (!(options.pension >= 0 && options.pension <= 1))
        return refuse({"the part added for the pension lies between 0 and 1",
                       "la part ajoutée pour la retraite est entre 0 et 1"});
    for (const YearMonth month : {options.since, options.until})
        if (given(month) && (month.month < 1 || month.month > 12))
            return refuse({"a month lies between 1 and 12", "un mois est entre 1 et 12"});
    if (given(options.since) && given(options.until) && months_of(options.until) < months_of(options.since))
        return refuse(
            {"the damage cannot end before it begins", "le préjudice ne peut pas finir avant de commencer"});
    return {};
}

// What `values`, the panel's in one year, make of the person's own.
void compare(CareerYear& year, std::vector<double> values) {
    std::ranges::sort(values);
    year.mean = mean_of(values);
    year.median = median_of(values);
    year.least = values.front();
    year.most = values.back();
    year.gap_to_mean = year.mean - year.own;
    year.gap_to_median = year.median - year.own;
    const auto [first, last] = std::equal_range(values.begin(), values.end(), year.own);
    year.below = static_cast<std::size_t>(first - values.begin());
    year.equal = static_cast<std::size_t>(last - first);
    year.percentile_rank = 100 * (double(year.below) + double(year.equal) / 2) / double(values.size());
    year.chance_as_low = double(1 + year.below + year.equal) / double(1 + values.size());
}

std::vector<CareerStep> steps(double panel, double own, double months, double pension, bool median) {
    const double gap = panel - own, loss = gap * months / 2, more = loss * pension;
    return {{CareerStepId::panel_figure, panel,
             median ? Text{"median of the panel in the last year compared",
                           "médiane du panel la dernière année comparée"}
                    : Text{"mean of the panel in the last year compared",
                           "moyenne du panel la dernière année comparée"}},
            {CareerStepId::own_figure,
             own,
             {"the person’s pay in that year", "rémunération de la personne cette année-là"}},
            {CareerStepId::gap, gap, {"panel − person", "panel − personne"}},
            {CareerStepId::months, months, {"months from beginning to end", "mois du début à la fin"}},
            {CareerStepId::loss, loss, {"gap × months / 2", "écart × mois / 2"}},
            {CareerStepId::pension, more, {"loss × part for the pension", "perte × part pour la retraite"}},
            {CareerStepId::total, loss + more, {"loss + pension", "perte + retraite"}}};
}

// Each year's gap times its months between `since` and `until`.
void sum_years(const std::vector<CareerYear>& years, YearMonth since, YearMonth until, CareerDamage& damage) {
    damage.summed = 0;
    for (const CareerYear& year : years) {
        if (std::isnan(year.mean)) continue;
        const std::int64_t first = std::max(months_of(since), months_of({year.year, 1}));
        const std::int64_t after = std::min(months_of(until), months_of({year.year, 12}) + 1);
        if (after <= first) continue;
        damage.summed_months += static_cast<std::uint64_t>(after - first);
        damage.summed += year.gap_to_mean * double(after - first);
    }
}

void reckon(Career& career, const CareerOptions& options) {
    if (options.figure != CareerFigure::pay) {
        career.no_damage = {"a damage is computed from pay, not from coefficients",
                            "un préjudice se calcule sur la rémunération, pas sur des coefficients"};
        return;
    }
    if (!given(options.since)) {
        career.no_damage = {"when the discrimination would have begun is not given",
                            "la date où la discrimination aurait commencé n’est pas donnée"};
        return;
    }
    const CareerYear& last = career.years[*career.last];
    const YearMonth until = given(options.until) ? options.until : YearMonth{last.year, 12};
    const std::int64_t months = months_of(until) - months_of(options.since);
    if (months <= 0) {
        career.no_damage = {"the discrimination would have begun after the last year compared",
                            "la discrimination aurait commencé après la dernière année comparée"};
        return;
    }
    if (!(last.gap_to_mean > 0)) {
        career.no_damage = {"in the last year compared the person is not below the panel’s mean",
                            "la dernière année comparée, la personne n’est pas sous la moyenne du panel"};
        return;
    }
    CareerDamage damage;
    damage.months = static_cast<std::uint64_t>(months);
    damage.by_mean = steps(last.mean, last.own, double(months), options.pension, false);
    if (last.gap_to_median > 0)
        damage.by_median = steps(last.median, last.own, double(months), options.pension, true);
    sum_years(career.years, options.since, until, damage);
    career.damage = std::move(damage);
}

}  // namespace

CareerTable CareerTable::create(std::span<const CareerRow> rows) {
    CareerTable table;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].person.empty() || rows[i].year == kNoYear) table.unused_.push_back(i);
        else order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        if (rows[a].person != rows[b].person) return rows[a].person < rows[b].person;
        return earlier(rows[a], rows[b]);
    });
    std::vector<double> pays;
    for (std::size_t at = 0; at < order.size();) {
        Person person;
        person.name = rows[order[at]].person;
        while (at < order.size() && rows[order[at]].person == person.name) {
            Year year{rows[order[at]].year};
            pays.clear();
            for (; at < order.size(); ++at) {
                const CareerRow& row = rows[order[at]];
                if (row.person != person.name || row.year != year.year) break;
                if (std::isfinite(row.pay)) pays.push_back(row.pay);
                if (std::isfinite(row.coefficient)) year.coefficient = row.coefficient;
                const bool year_agrees = learn(person.entry_year, row.entry_year, kNoYear);
                const bool level_agrees = learn(person.entry_level, row.entry_level, string_view{});
                const bool group_agrees = learn(person.group, row.group, string_view{});
                if (!year_agrees || !level_agrees || !group_agrees) person.conflict = true;
            }
            if (!pays.empty()) year.pay = mean_of(pays);
            person.years.push_back(year);
        }
        table.people_.push_back(std::move(person));
    }
    return table;
}

std::vector<string_view> CareerTable::people() const {
    std::vector<string_view> names;
    for (const Person& person : people_) names.push_back(person.name);
    return names;
}

std::vector<string_view> CareerTable::people_of(string_view group) const {
    std::vector<string_view> names;
    for (const Person& person : people_)
        if (person.group == group) names.push_back(person.name);
    return names;
}

const CareerTable::Person* CareerTable::find(string_view name) const {
    const auto found = std::ranges::lower_bound(people_, name, {}, &Person::name);
    return found != people_.end() && found->name == name ? &*found : nullptr;
}

std::optional<NotInPanel> CareerTable::why_not(const Person& person, const Person& other,
                                               const CareerOptions& options) {
    if (other.conflict) return NotInPanel::entry_conflict;
    if (other.entry_year == kNoYear || (!person.entry_level.empty() && other.entry_level.empty()))
        return NotInPanel::entry_unknown;
    if (!person.entry_level.empty() && other.entry_level != person.entry_level)
        return NotInPanel::other_level;
    const std::int64_t apart = std::int64_t{other.entry_year} - person.entry_year;
    if (std::abs(apart) > std::int64_t{options.entry_years}) return NotInPanel::other_years;
    if (options.other_groups_only && !person.group.empty() && other.group == person.group)
        return NotInPanel::same_group;
    return std::nullopt;
}

Result<Career> CareerTable::career(string_view name, const CareerOptions& options) const {
    TRY(check(options));
    const Person* person = find(name);
    if (!person)
        return fail({"nobody of that name is in the table", "personne de ce nom dans le tableau"},
                    std::string(name));
    if (person->conflict)
        return fail({"the rows of this person disagree on the entry or the group",
                     "les lignes de cette personne se contredisent sur l’entrée ou le groupe"},
                    std::string(name), {"correct the table", "corriger le tableau"});
    if (person->entry_year == kNoYear)
        return fail({"the year in which this person was hired is not given",
                     "l’année d’embauche de cette personne n’est pas donnée"},
                    std::string(name), {"add it to the table", "l’ajouter au tableau"});

    const auto figure = [&](const Year& year) {
        return options.figure == CareerFigure::pay ? year.pay : year.coefficient;
    };
    Career career{person->name, person->entry_year, person->entry_level, person->group};
    std::vector<std::vector<double>> panel_values;  // by year of the person's
    for (const Year& year : person->years) {
        if (std::isnan(figure(year))) continue;
        career.years.push_back({year.year, figure(year)});
        panel_values.emplace_back();
    }
    for (const Person& other : people_) {
        if (&other == person) continue;
        if (const auto why = why_not(*person, other, options)) {
            career.excluded.push_back({other.name, *why});
            continue;
        }
        bool compared = false;
        auto theirs = other.years.begin();
        for (std::size_t i = 0; i < career.years.size(); ++i) {
            while (theirs != other.years.end() && theirs->year < career.years[i].year) ++theirs;
            if (theirs == other.years.end()) break;
            if (theirs->year != career.years[i].year || std::isnan(figure(*theirs))) continue;
            panel_values[i].push_back(figure(*theirs));
            compared = true;
        }
        if (compared) career.panel.push_back(other.name);
        else career.excluded.push_back({other.name, NotInPanel::never_compared});
    }
    for (std::size_t i = 0; i < career.years.size(); ++i) {
        career.years[i].present = panel_values[i].size();
        if (panel_values[i].size() < options.fewest) continue;
        compare(career.years[i], std::move(panel_values[i]));
        career.last = i;
    }
    if (career.years.empty())
        career.no_comparison = {"this person has no figure in any year",
                                "cette personne n’a de valeur pour aucune année"};
    else if (!career.last)
        career.no_comparison = {"in no year are there enough people in the panel",
                                "aucune année ne compte assez de personnes dans le panel"};
    if (career.last) reckon(career, options);
    else career.no_damage = career.no_comparison;
    return career;
}

}  // namespace contrechamp::disparity
