// Scores and what happened: whom does a threshold get wrong, and does a score mean the same for everybody?
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "analyze/disparity/calibration.h"
#include "analyze/disparity/compare.h"
#include "analyze/disparity/mode.h"
#include "analyze/disparity/ranking.h"
#include "analyze/disparity/scores_input.h"

namespace contrechamp::disparity {
namespace {

std::vector<AskedColumn> asked_columns(const Request& request) {
    std::vector<AskedColumn> out;
    for (const auto role : {Role::id, Role::person, Role::outcome, Role::score})
        if (const auto& name = request.column(to_string(role)); !name.empty()) out.push_back({role, name});
    for (const auto& by : request.groups) out.push_back({Role::group, by});
    return out;
}

// One group's rows.
struct GroupRows {
    std::string name;
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> people;
    std::uint64_t persons = 0;
    Scored view() const { return {scores, outcomes, people}; }
};

// "score ≥ 0.7", and thresholds near it: what a difference must not hang on.
struct Threshold {
    double at = 0;
    std::string name;
};

class ScoresComparison {
  public:
    explicit ScoresComparison(const Asked& asked) : asked_(asked), request_(asked.request) {}

    Status run() {
        const auto input = TRY(asked_.one("rows"));
        const auto layout = TRY(layout_of(asked_, input));
        ScoresWish wish;
        wish.columns = TRY(bind_columns(
            layout,
            {TableKind::scores, asked_columns(request_), true, true, request_.column("outcome") != "-"},
            asked_.name(input)));
        wish.said = request_.column("positive");
        wish.threads = asked_.threads;
        rows_ = TRY(read_scores(asked_.bytes[input], layout, wish, asked_.name(input)));
        system_ = wish.columns.one(Role::score)->name;
        report_account(asked_, input, rows_.account);
        for (const auto& mark : rows_.marks)
            if (!mark.certain)
                asked_.report.gap(CoverageState::not_recorded, "decimal-mark-assumed",
                                  {{"column", mark.column}});
        thresholds();
        if (thresholds_.empty()) asked_.report.gap(CoverageState::unreadable, "no-threshold", {});
        for (std::size_t by = 0; by < rows_.groups; ++by) TRY(compare_column(by));
        conclude(findings_, 1 - request_.level());
        asked_.report.put_out(findings_, {{"", input}});
        return {};
    }

  private:
    Comparison base(const char* measure, std::size_t by) const {
        return {measure, system_, rows_.factors[by].name, "", ""};
    }

    // The operational threshold, and those that flag a fifth fewer and a quarter more people.
    void thresholds() {
        if (request_.threshold.empty()) return;
        const double at = std::strtod(request_.threshold.c_str(), nullptr);
        thresholds_.push_back({at, "at " + request_.threshold});
        auto sorted = rows_.score;
        std::sort(sorted.begin(), sorted.end());
        const auto flagged = double(sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), at));
        for (const auto& [times, name] :
             {std::pair{0.8, "flagging a fifth fewer"}, std::pair{1.25, "flagging a quarter more"}}) {
            const auto wanted = static_cast<std::size_t>(std::llround(flagged * times));
            if (wanted == 0 || wanted >= sorted.size()) continue;
            const double other = sorted[sorted.size() - wanted];
            // Scores that are tied may flag just the same people: that would be no other choice.
            const auto there = double(sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), other));
            if (there != flagged) thresholds_.push_back({other, name});
        }
    }

    // Whoever is met in two groups is in neither, and that is said. By person; empty: nobody.
    std::vector<bool> in_two_groups(std::size_t by) const {
        std::vector<std::uint32_t> group(rows_.persons, kMissing);
        std::vector<bool> torn(rows_.persons, false);
        for (std::size_t i = 0; i < rows_.person.size(); ++i) {
            const auto code = rows_.codes[by][i];
            auto& had = group[rows_.person[i]];
            if (code == kMissing) continue;
            if (had != kMissing && had != code) torn[rows_.person[i]] = true;
            had = code;
        }
        const auto people = std::count(torn.begin(), torn.end(), true);
        if (people == 0) return {};
        asked_.report.gap(CoverageState::unreadable, "people-in-two-groups", {{"people", people}});
        return torn;
    }

    std::vector<GroupRows> groups_of(std::size_t by) {
        std::vector<GroupRows> out;
        for (const auto& value : rows_.factors[by].values) out.push_back({value, {}, {}, {}, 0});
        std::uint64_t unknown = 0;
        const auto torn = in_two_groups(by);
        for (std::size_t i = 0; i < rows_.rows(); ++i) {
            const auto code = rows_.codes[by][i];
            if (code == kMissing) {
                ++unknown;
                continue;
            }
            if (!torn.empty() && torn[rows_.person[i]]) continue;
            auto& group = out[code];
            group.scores.push_back(rows_.score[i]);
            if (!rows_.outcome.empty()) group.outcomes.push_back(rows_.outcome[i]);
            if (repeats_ && !rows_.person.empty()) group.people.push_back(rows_.person[i]);
        }
        if (unknown) findings_.left_out.push_back({rows_.factors[by].name, "", "missing-group", 0, unknown});
        for (auto& group : out) {
            auto people = group.people;
            std::sort(people.begin(), people.end());
            group.persons =
                people.empty()
                    ? group.scores.size()
                    : static_cast<std::uint64_t>(std::unique(people.begin(), people.end()) - people.begin());
        }
        return out;
    }

    Status compare_column(std::size_t by) {
        repeats_ = rows_.persons > 0 && rows_.persons < rows_.rows();
        const auto groups = groups_of(by);
        if (groups.size() < 2)
            asked_.report.gap(CoverageState::unreadable, "one-group",
                              {{"column", rows_.factors[by].name}, {"groups", groups.size()}});
        if (groups.empty()) return {};
        std::vector<std::string> names;
        std::vector<std::uint64_t> sizes;
        for (const auto& group : groups) {
            names.push_back(group.name);
            sizes.push_back(group.persons);
        }
        if (are_no_groups(asked_, rows_.factors[by].name, sizes)) return {};
        for (const auto& group : groups)
            if (group.persons < kFewestPeople)
                findings_.left_out.push_back({rows_.factors[by].name, group.name, "too-few-people",
                                              group.persons, group.scores.size()});
        // One group for all measures: whoever has most people, not most positives.
        reference_ = TRY(reference_group(request_, rows_.factors[by].name, names, sizes));
        TRY(flagged(by, groups));
        if (rows_.outcome.empty()) {
            asked_.report.gap(CoverageState::unreadable, "no-outcome", {{"column", system_}});
            return {};
        }
        TRY(errors(by, groups));
        TRY(ranking(by, groups));
        return calibration(by, groups);
    }

    // Groups' people behind one rate under every choice, compared.
    template <class PeopleOf>
    Status compare(const char* measure, std::size_t by, const std::vector<GroupRows>& groups,
                   PeopleOf people_of) {
        const auto before = findings_.left_out.size();
        std::vector<PeopleSetting> settings;
        for (const auto estimand : {Estimand::pooled, Estimand::mean_of_people}) {
            if (estimand == Estimand::mean_of_people && !repeats_) continue;
            for (const auto& threshold : thresholds_) {
                PeopleSetting setting{threshold.name, estimand, {}};
                if (repeats_) setting.name += estimand == Estimand::pooled ? ", pooled" : ", mean-of-people";
                for (const auto& group : groups)
                    setting.groups.push_back({group.name, TRY(people_of(group, threshold.at))});
                settings.push_back(std::move(setting));
            }
        }
        if (settings.empty()) return {};
        TRY(compare_people(request_, base(measure, by), settings, reference_, asked_.threads, findings_));
        // Who is too few is said once a column, not once a measure.
        findings_.left_out.resize(before);
        return {};
    }

    Status flagged(std::size_t by, const std::vector<GroupRows>& groups) {
        return compare(
            "flagged-rate", by, groups, [](const GroupRows& group, double at) -> Result<std::vector<Person>> {
                std::map<std::uint32_t, Person> people;
                for (std::size_t i = 0; i < group.scores.size(); ++i) {
                    auto& one =
                        people[group.people.empty() ? static_cast<std::uint32_t>(i) : group.people[i]];
                    one.numerator += group.scores[i] >= at;
                    one.denominator += 1;
                }
                std::vector<Person> out;
                for (const auto& [number, person] : people) out.push_back(person);
                return out;
            });
    }

    Status errors(std::size_t by, const std::vector<GroupRows>& groups) {
        for (const auto& [measure, kind] : {std::pair{"false-positive-rate", RateKind::fpr},
                                            std::pair{"false-negative-rate", RateKind::fnr}})
            TRY(compare(measure, by, groups, [kind = kind](const GroupRows& group, double at) {
                return people_behind(group.view(), at, kind);
            }));
        for (const auto& group : groups) TRY(predictive(by, group));
        return {};
    }

    // How often a flag, or its absence, is right: shown, and no conclusion of its own.
    Status predictive(std::size_t by, const GroupRows& group) {
        if (thresholds_.empty()) return {};
        const auto rates = TRY(rates_at(group.view(), thresholds_.front().at, request_.level()));
        for (const auto& [measure, rate] : {std::pair{"positive-predictive-value", &rates.ppv},
                                            std::pair{"negative-predictive-value", &rates.npv},
                                            std::pair{"true-positive-rate", &rates.tpr}}) {
            Figure figure{Figure::Kind::detail, base(measure, by), "rate", thresholds_.front().name,
                          repeats_ ? "clustered-exact" : "clopper-pearson"};
            figure.of.group = group.name;
            figure.value = rate->rate;
            figure.interval = rate->interval;
            figure.events = double(rate->count.events);
            figure.units = double(rate->count.of);
            figure.people = rate->people;
            figure.note = std::string(rate->refused);
            findings_.figures.push_back(std::move(figure));
        }
        return {};
    }

    Status ranking(std::size_t by, const std::vector<GroupRows>& groups) {
        std::vector<Auc> found;
        for (const auto& group : groups) {
            found.push_back(TRY(auc(group.view(), request_.level())));
            Figure figure{Figure::Kind::rate, base("auc", by), "rate", "", "delong-logit"};
            figure.of.group = group.name;
            figure.value = found.back().auc;
            figure.interval = found.back().interval;
            figure.events = double(found.back().positives);
            figure.units = double(group.scores.size());
            figure.people = group.persons;
            figure.note = std::string(found.back().refused);
            findings_.figures.push_back(std::move(figure));
            for (const auto& point : TRY(roc(group.view())))
                findings_.points.push_back(
                    {"roc", figure_of("auc", by, group.name), point.fpr, point.tpr, {}, point.threshold, 0});
        }
        for (std::size_t g = 0; g < groups.size(); ++g) {
            if (g == reference_) continue;
            Conclusion conclusion;
            conclusion.of = figure_of("auc", by, groups[g].name);
            conclusion.of.against = groups[reference_].name;
            conclusion.declared = is_declared(request_, conclusion.of);
            const auto difference = auc_difference(found[g], found[reference_], request_.level());
            conclude_one(conclusion, difference.difference, difference.interval, difference.p,
                         difference.detectable, difference.refused, "delong, welch-t",
                         groups[g].persons + groups[reference_].persons);
        }
        return {};
    }

    Comparison figure_of(const char* measure, std::size_t by, const std::string& group) const {
        auto out = base(measure, by);
        out.group = group;
        return out;
    }

    void conclude_one(Conclusion& conclusion, double value, Interval interval, double p, double detectable,
                      std::string_view refused, const char* method, std::uint64_t people) {
        if (!std::isfinite(p)) {
            conclusion.why = refused.empty() ? "no-variation" : std::string(refused);
            findings_.conclusions.push_back(std::move(conclusion));
            return;
        }
        conclusion.verdict = Verdict::compatible;
        conclusion.main = findings_.figures.size();
        conclusion.detectable = detectable;
        Figure figure{Figure::Kind::contrast, conclusion.of, "difference", "", method};
        figure.value = value;
        figure.interval = interval;
        figure.p = p;
        figure.people = people;
        findings_.conclusions.push_back(std::move(conclusion));
        findings_.figures.push_back(std::move(figure));
    }

    // Does a score of 30 % mean three in ten, in every group?
    Status calibration(std::size_t by, const std::vector<GroupRows>& groups) {
        CalibrationSettings settings;
        settings.level = request_.level();
        for (const auto& group : groups) {
            const auto found = TRY(calibrate(group.view(), settings));
            for (const auto& bin : found.bins)
                findings_.points.push_back({"calibration", figure_of("calibration", by, group.name),
                                            bin.mean_score, bin.count.rate(), bin.interval, kNotANumber,
                                            bin.count.of});
            const auto add = [&](const char* statistic, double value, Interval interval,
                                 std::string_view why) {
                Figure figure{Figure::Kind::detail, figure_of("calibration", by, group.name), statistic, "",
                              "sandwich-people"};
                figure.value = value;
                figure.interval = interval;
                figure.events = double(found.events);
                figure.units = double(found.rows);
                figure.people = found.people;
                figure.note = std::string(why);
                findings_.figures.push_back(std::move(figure));
            };
            add("in-the-large", found.in_the_large.value, found.in_the_large.interval, found.refused);
            if (!found.refused.empty()) continue;
            add("expected-calibration-error", found.expected_error, {}, "description");
            add("intercept", found.intercept.value, found.intercept.interval, found.recalibration_refused);
            add("slope", found.slope.value, found.slope.interval, found.recalibration_refused);
        }
        return {};
    }

    const Asked& asked_;
    const Request& request_;
    Scores rows_;
    std::string system_;
    bool repeats_ = false;
    std::size_t reference_ = 0;  // of the groups of this column
    std::vector<Threshold> thresholds_;
    Findings findings_;
};

}  // namespace

Status compare_scores(const Asked& asked) { return ScoresComparison(asked).run(); }

}  // namespace contrechamp::disparity
