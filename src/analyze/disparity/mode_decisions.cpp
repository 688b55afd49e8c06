// Decisions about people: who was selected, promoted, dismissed?
#include <algorithm>
#include <cmath>

#include "analyze/disparity/compare.h"
#include "analyze/disparity/decisions.h"
#include "analyze/disparity/matching.h"
#include "analyze/disparity/mode.h"
#include "analyze/disparity/proportions.h"
#include "analyze/disparity/scores_input.h"
#include "analyze/disparity/stratified.h"
#include "analyze/disparity/two_by_two.h"

namespace contrechamp::disparity {
namespace {

constexpr double kCaliper = 0.2;  // standard deviations (Austin 2011)
constexpr const char* kCrude = "all-rows";

std::vector<AskedColumn> asked_columns(const Request& request) {
    std::vector<AskedColumn> out;
    for (const auto role : {Role::id, Role::person, Role::outcome})
        if (const auto& name = request.column(to_string(role)); !name.empty()) out.push_back({role, name});
    for (const auto& by : request.groups) out.push_back({Role::group, by});
    for (const auto& stratum : request.strata) out.push_back({Role::stratum, stratum});
    for (const auto& covariate : request.covariates) out.push_back({Role::covariate, covariate});
    return out;
}

class DecisionsComparison {
  public:
    explicit DecisionsComparison(const Asked& asked) : asked_(asked), request_(asked.request) {}

    Status run() {
        input_ = TRY(asked_.one("rows"));
        layout_ = TRY(layout_of(asked_, input_));
        DecisionsWish wish;
        wish.columns =
            TRY(bind_columns(layout_, {TableKind::decisions, asked_columns(request_)}, asked_.name(input_)));
        wish.said = request_.column("positive");
        wish.threads = asked_.threads;
        // Covariates are for matching, which reads the rows again.
        std::erase_if(wish.columns.all, [](const BoundColumn& one) { return one.role == Role::covariate; });
        decisions_ = TRY(count_decisions(asked_.bytes[input_], layout_, wish, asked_.name(input_)));
        outcome_ = decisions_.outcome.name;
        report_account(asked_, input_, decisions_.account);
        for (std::size_t by = 0; by < decisions_.groups; ++by) TRY(compare_column(by));
        conclude(findings_, 1 - request_.level());
        asked_.report.put_out(findings_, {{"", input_}});
        return {};
    }

  private:
    Status compare_column(std::size_t by) {
        const std::size_t column[] = {by};
        const auto table = TRY(by_group(decisions_, column, false));
        const auto within = request_.strata.empty() ? std::optional<GroupTable>()
                                                    : std::optional(TRY(by_group(decisions_, column, true)));
        lacking(within ? *within : table);
        look_alikes(decisions_.factors[by]);
        if (table.values.size() < 2) {
            asked_.report.gap(CoverageState::unreadable, "one-group",
                              {{"column", table.name}, {"groups", table.values.size()}});
            if (table.values.empty()) return {};
        }
        if (decisions_.persons() > 0 && repeats()) return by_people(column, table);
        std::vector<std::uint64_t> sizes;
        for (std::size_t g = 0; g < table.values.size(); ++g) sizes.push_back(table.total(g).of);
        if (are_no_groups(asked_, table.name, sizes)) return {};
        const auto reference = TRY(reference_group(request_, table.name, table.values, sizes));
        for (std::size_t g = 0; g < table.values.size(); ++g) rate(table, g);
        for (std::size_t g = 0; g < table.values.size(); ++g)
            if (g != reference) TRY(against(by, table, within ? &*within : nullptr, g, reference));
        return {};
    }

    // Rows that say nothing about this column, or about the strata, are left out of comparisons, and said.
    void lacking(const GroupTable& table) {
        for (const auto& refused : table.account.refused)
            if (refused.why == RowRefusal::missing_group || refused.why == RowRefusal::missing_stratum)
                findings_.left_out.push_back(
                    {table.name, "", std::string(to_string(refused.why)), 0, refused.rows});
    }

    void look_alikes(const Factor& factor) {
        for (const auto& alike : lookalikes(factor)) {
            std::string values;
            for (const auto code : alike) values += (values.empty() ? "" : ", ") + factor.values[code];
            asked_.report.gap(CoverageState::unreadable, "look-alike-groups",
                              {{"column", factor.name}, {"values", values}});
        }
    }

    bool repeats() const {
        for (std::size_t p = 0; p < decisions_.persons(); ++p) {
            std::uint64_t rows = 0;
            for (auto c = decisions_.first[p]; c < decisions_.first[p + 1]; ++c)
                rows += decisions_.of_person[c].count.of;
            if (rows > 1) return true;
        }
        return false;
    }

    Comparison base(const std::string& by) const { return {"selection-rate", outcome_, by, "", ""}; }

    Status by_people(std::span<const std::size_t> column, const GroupTable& table) {
        const auto people = by_person(decisions_, column, false);
        if (people.torn)
            asked_.report.gap(CoverageState::unreadable, "people-in-two-groups", {{"people", people.torn}});
        PeopleSetting pooled{"people, pooled", Estimand::pooled, {}};
        for (const auto& value : table.values) pooled.groups.push_back({value, {}});
        for (std::size_t p = 0; p < people.group.size(); ++p)
            if (people.group[p] < pooled.groups.size())
                pooled.groups[people.group[p]].people.push_back(
                    {double(people.count[p].events), double(people.count[p].of)});
        std::vector<std::uint64_t> sizes;
        for (const auto& group : pooled.groups) sizes.push_back(group.people.size());
        if (are_no_groups(asked_, table.name, sizes)) return {};
        auto mean = pooled;
        mean.name = "people, mean-of-people";
        mean.estimand = Estimand::mean_of_people;
        if (!request_.covariates.empty())
            asked_.report.gap(CoverageState::unreadable, "people-not-matched", {{"column", table.name}});
        const PeopleSetting settings[] = {std::move(pooled), std::move(mean)};
        if (request_.strata.empty())
            return compare_people(request_, base(table.name), settings, asked_.threads, findings_);
        return by_people_within(column, table.name, settings);
    }

    // The strata are the question here too: the main computation is within them, by people.
    Status by_people_within(std::span<const std::size_t> column, const std::string& by,
                            std::span<const PeopleSetting> crude) {
        const auto& groups = crude.front().groups;
        std::vector<std::string> names;
        std::vector<std::uint64_t> sizes;
        for (const auto& group : groups) {
            names.push_back(group.name);
            sizes.push_back(group.people.size());
        }
        const auto reference = TRY(reference_group(request_, by, names, sizes));
        TRY(rates_of_people(request_, base(by), crude.front(), findings_));
        for (std::size_t g = 0; g < groups.size(); ++g) {
            if (g == reference) continue;
            const auto found = by_person_within(decisions_, column, names[g], names[reference]);
            std::vector<PeopleSetting> settings;
            settings.push_back({"within-strata, people",
                                Estimand::pooled,
                                {{names[g], persons(found.a)}, {names[reference], persons(found.b)}}});
            for (const auto& setting : crude)
                settings.push_back(
                    {setting.name, setting.estimand, {setting.groups[g], setting.groups[reference]}});
            const auto before = findings_.conclusions.size();
            TRY(contrast_people(request_, base(by), settings, 0, 1, asked_.threads, findings_,
                                "mantel-haenszel, people"));
            if (found.shared == 0) findings_.conclusions[before].why = "no-stratum";
        }
        return {};
    }

    static std::vector<Person> persons(const std::vector<PersonWithin>& within) {
        std::vector<Person> out;
        for (const auto& one : within) out.push_back({one.numerator, one.denominator});
        return out;
    }

    void rate(const GroupTable& table, std::size_t g) {
        const auto count = table.total(g);
        auto of = base(table.name);
        of.group = table.values[g];
        const auto add = [&](Figure::Kind kind, const char* method, Interval interval) {
            Figure figure{kind, of, "rate", kCrude, method};
            figure.value = count.rate();
            if (count.of >= kFewestPeople) figure.interval = interval;
            figure.events = double(count.events);
            figure.units = double(count.of);
            figure.people = count.of;
            if (count.of < kFewestPeople) figure.note = "too-few-people";
            findings_.figures.push_back(std::move(figure));
        };
        const double level = request_.level();
        add(Figure::Kind::rate, "clopper-pearson", clopper_pearson(count, level));
        add(Figure::Kind::detail, "mid-p", mid_p_interval(count, level));
        add(Figure::Kind::detail, "wilson", wilson(count, level));
        if (count.of < kFewestPeople)
            findings_.left_out.push_back({table.name, of.group, "too-few-people", count.of, count.of});
    }

    struct Rows {  // of one comparison
        Comparison of;
        Count a, b;
        std::vector<Stratum> strata;
    };

    void figure(Figure::Kind kind, const Rows& rows, const char* statistic, std::string setting,
                const char* method, Estimate estimate, std::optional<double> p, std::string note = {}) {
        Figure out{kind, rows.of, statistic, std::move(setting), method};
        out.value = estimate.value;
        out.interval = estimate.interval;
        if (p && std::isfinite(*p)) out.p = p;
        out.people = rows.a.of + rows.b.of;
        out.note = std::move(note);
        findings_.figures.push_back(std::move(out));
    }

    Status against(std::size_t by, const GroupTable& table, const GroupTable* within, std::size_t g,
                   std::size_t reference) {
        Rows rows{base(table.name), table.total(g), table.total(reference), {}};
        rows.of.group = table.values[g];
        rows.of.against = table.values[reference];
        Conclusion conclusion;
        conclusion.of = rows.of;
        conclusion.declared = is_declared(request_, rows.of);
        if (std::min(rows.a.of, rows.b.of) < kFewestPeople) conclusion.why = "too-few-people";
        else if (rows.a.events + rows.b.events == 0 || rows.a.events + rows.b.events == rows.a.of + rows.b.of)
            conclusion.why = "no-variation";
        if (within) strata_of(*within, rows);
        const auto common = stratified(rows.strata, request_.level());
        if (conclusion.why.empty() && within && common.informative == 0) conclusion.why = "no-stratum";
        if (!conclusion.why.empty()) {
            findings_.conclusions.push_back(std::move(conclusion));
            return {};
        }
        conclusion.verdict = Verdict::compatible;
        conclusion.main = findings_.figures.size();
        conclusion.detectable = detectable(rows);
        findings_.conclusions.push_back(std::move(conclusion));
        // Whoever names strata asks within them; all rows together are then one way among others.
        if (within) put_stratified(rows, common);
        crude(rows, within != nullptr);
        if (!within) one_otherwise(rows);
        details(rows);
        if (!request_.covariates.empty()) TRY(matched(by, rows));
        return {};
    }

    void strata_of(const GroupTable& within, Rows& rows) const {
        const auto place = [&](const std::string& value) {
            return static_cast<std::size_t>(
                std::lower_bound(within.values.begin(), within.values.end(), value) - within.values.begin());
        };
        const auto a = place(rows.of.group), b = place(rows.of.against);
        if (a >= within.values.size() || b >= within.values.size()) return;
        for (std::size_t s = 0; s < within.strata.size(); ++s)
            rows.strata.push_back(
                {within.counts[s * within.values.size() + a], within.counts[s * within.values.size() + b]});
    }

    // Two groups of these sizes at the rate of both together.
    double detectable(const Rows& rows) const {
        const double rate = double(rows.a.events + rows.b.events) / double(rows.a.of + rows.b.of);
        const double se = std::sqrt(rate * (1 - rate) * (1 / double(rows.a.of) + 1 / double(rows.b.of)));
        return detectable_difference(se, double(rows.a.of + rows.b.of - 2), request_.level());
    }

    void put_stratified(const Rows& rows, const Stratified& common) {
        const auto exact = exact_stratified(rows.strata, request_.level());
        const auto name = "within-strata";
        figure(Figure::Kind::contrast, rows, "difference", name,
               exact ? "mantel-haenszel, exact" : "mantel-haenszel", common.rate_difference,
               exact ? exact->fisher_p : common.cochran_mantel_haenszel_corrected.p);
        if (exact)
            figure(Figure::Kind::setting, rows, "difference", "within-strata, chi-square",
                   "cochran-mantel-haenszel", common.rate_difference, common.cochran_mantel_haenszel.p);
        figure(Figure::Kind::detail, rows, "common-odds-ratio", name, "robins-breslow-greenland",
               common.odds_ratio, std::nullopt);
        figure(Figure::Kind::detail, rows, "common-ratio", name, "greenland-robins", common.rate_ratio,
               std::nullopt);
        if (common.informative > 1)
            figure(Figure::Kind::detail, rows, "homogeneity", name, "breslow-day-tarone",
                   {common.tarone.statistic, {}}, common.tarone.p,
                   common.tarone.p < 0.05 ? "strata-differ" : "");
        if (!common.silent.empty()) {
            Figure silent{Figure::Kind::detail, rows.of, "silent-strata", name, ""};
            silent.value = double(common.silent.size());
            silent.units = double(rows.strata.size());
            findings_.figures.push_back(std::move(silent));
        }
    }

    void crude(const Rows& rows, bool beside) {
        const auto level = request_.level();
        const auto difference = rate_difference(rows.a, rows.b, level);
        const auto all = exact(rows.a, rows.b, level);
        figure(beside ? Figure::Kind::setting : Figure::Kind::contrast, rows, "difference", kCrude,
               "newcombe, fisher", difference, all.fisher_p);
        figure(Figure::Kind::setting, rows, "difference", "all-rows, mid-p", "newcombe, mid-p", difference,
               all.mid_p);
        if (!expected(rows.a, rows.b).exact_only)
            figure(Figure::Kind::setting, rows, "difference", "all-rows, z", "newcombe, z-pooled", difference,
                   z_test(rows.a, rows.b).p);
        figure(Figure::Kind::detail, rows, "odds-ratio", kCrude, "conditional-exact",
               {all.odds_ratio, all.interval}, all.fisher_p);
        figure(Figure::Kind::detail, rows, "odds-ratio", kCrude, "conditional-mid-p",
               {all.odds_ratio, all.mid_p_interval}, all.mid_p);
    }

    // Had one decision been the other way (or were one row wrong), would Fisher's test still say so? The
    // larger p of the two ways to bring the groups nearer by one row (a fragility index above one: Walsh and
    // others 2014, J Clin Epidemiol 67). Taking a row away instead would say little: Fisher's p may fall.
    void one_otherwise(const Rows& rows) {
        const auto level = request_.level();
        Figure worst{Figure::Kind::setting, rows.of, "difference", "one-decision-otherwise",
                     "newcombe, fisher"};
        worst.people = rows.a.of + rows.b.of;
        const bool ahead = rows.a.rate() > rows.b.rate();
        for (const bool of_a : {true, false}) {
            Count a = rows.a, b = rows.b;
            auto& one = of_a ? a : b;
            if (of_a == ahead ? one.events == 0 : one.events == one.of) continue;
            if (of_a == ahead) --one.events;
            else ++one.events;
            const double p = exact(a, b, level).fisher_p;
            if (worst.p && p <= *worst.p) continue;
            const auto difference = rate_difference(a, b, level);
            worst.value = difference.value;
            worst.interval = difference.interval;
            worst.p = p;
        }
        findings_.figures.push_back(std::move(worst));
    }

    void details(const Rows& rows) {
        const auto level = request_.level();
        const bool few = expected(rows.a, rows.b).exact_only;
        const auto ratio = rate_ratio(rows.a, rows.b, level);
        figure(Figure::Kind::detail, rows, "ratio", kCrude, few ? "exact-only" : "katz-log",
               few ? Estimate{ratio.value, {}} : ratio, std::nullopt, few ? "expected-below-5" : "");
        if (!few) {
            figure(Figure::Kind::detail, rows, "odds-ratio", kCrude, "woolf-log",
                   odds_ratio(rows.a, rows.b, level), std::nullopt);
            figure(Figure::Kind::detail, rows, "chi-square", kCrude, "pearson",
                   {chi_square(rows.a, rows.b, false).statistic, {}}, chi_square(rows.a, rows.b, false).p);
            figure(Figure::Kind::detail, rows, "chi-square", kCrude, "yates",
                   {chi_square(rows.a, rows.b, true).statistic, {}}, chi_square(rows.a, rows.b, true).p);
        }
        // A screen looks from the favoured group: whoever has the higher rate is the reference.
        const bool behind = rows.a.rate() <= rows.b.rate();
        const auto screen = behind ? four_fifths(rows.a, rows.b) : four_fifths(rows.b, rows.a);
        figure(Figure::Kind::detail, rows, "four-fifths-ratio", kCrude, "screen",
               {behind ? rows.a.rate() / rows.b.rate() : rows.b.rate() / rows.a.rate(), {}}, std::nullopt,
               screen == FourFifths::adverse       ? "below-four-fifths"
               : screen == FourFifths::not_adverse ? "not-below-four-fifths"
                                                   : "undetermined");
    }

    // Who has no number, or something else in its place, finds no partner.
    void say_not_matched() const {
        auto rows = static_cast<std::uint64_t>(
            std::count_if(scores_->covariates[0].begin(), scores_->covariates[0].end(),
                          [](double value) { return !std::isfinite(value); }));
        for (const auto& refused : scores_->account.refused)
            if (refused.why == RowRefusal::not_a_number) rows += refused.rows;
        if (rows)
            asked_.report.gap(CoverageState::unreadable, "rows-not-matched",
                              {{"rows", rows}, {"of", scores_->account.rows_in}});
    }

    // The same people once more, like compared with like.
    Status matched(std::size_t by, const Rows& rows) {
        if (!scores_) {
            ScoresWish wish;
            wish.columns = TRY(
                bind_columns(layout_, {TableKind::decisions, asked_columns(request_)}, asked_.name(input_)));
            wish.said = request_.column("positive");
            wish.threads = asked_.threads;
            scores_ = TRY(read_scores(asked_.bytes[input_], layout_, wish, asked_.name(input_)));
            say_not_matched();
        }
        const auto& factor = scores_->factors[by];
        std::vector<MatchRow> pool;
        std::vector<std::size_t> source;
        for (std::size_t i = 0; i < scores_->rows(); ++i) {
            const auto code = scores_->codes[by][i];
            if (code == kMissing) continue;
            const bool group = factor.values[code] == rows.of.group;
            if (!group && factor.values[code] != rows.of.against) continue;
            MatchRow row{group, scores_->outcome[i] != 0, 0, scores_->covariates[0][i]};
            for (std::size_t f = scores_->groups; f < scores_->factors.size(); ++f)
                row.stratum = row.stratum * (scores_->factors[f].values.size() + 1) +
                              (scores_->codes[f][i] == kMissing ? scores_->factors[f].values.size()
                                                                : scores_->codes[f][i]);
            pool.push_back(row);
            source.push_back(i);
        }
        const auto pairs = nearest(pool, kCaliper, request_.level());
        const bool usable = std::isfinite(pairs.difference) && pairs.pairs.size() >= kFewestPeople;
        figure(usable ? Figure::Kind::setting : Figure::Kind::detail, rows, "difference",
               "matched on " + scores_->covariate_names[0], "nearest-neighbour, mcnemar",
               {pairs.difference, pairs.interval}, pairs.exact_p, usable ? "" : "too-few-pairs");
        for (std::size_t c = 0; c < scores_->covariates.size(); ++c) {
            std::vector<double> values;
            for (const auto i : source) values.push_back(scores_->covariates[c][i]);
            const auto before = balance(pool, values, {});
            const auto after = balance(pool, values, pairs.weights, before.spread);
            asked_.report.row(
                "balance",
                {rows.of.by + ": " + rows.of.group + " / " + rows.of.against, scores_->covariate_names[c],
                 number_or_null(before.standardised_difference),
                 number_or_null(after.standardised_difference), number_or_null(before.variance_ratio),
                 number_or_null(after.variance_ratio), 2 * pairs.pairs.size(), pairs.unmatched.size()},
                asked_.report.whole(input_));
        }
        return {};
    }

    const Asked& asked_;
    const Request& request_;
    std::size_t input_ = 0;
    TableLayout layout_;
    Decisions decisions_;
    std::string outcome_;
    std::optional<Scores> scores_;
    Findings findings_;
};

}  // namespace

Status compare_decisions(const Asked& asked) { return DecisionsComparison(asked).run(); }

}  // namespace contrechamp::disparity
