#include "analyze/disparity/compare.h"

#include <algorithm>
#include <cmath>

namespace contrechamp::disparity {
namespace {

std::uint64_t present(const GroupPeople& group) {
    return static_cast<std::uint64_t>(std::count_if(group.people.begin(), group.people.end(),
                                                    [](const Person& one) { return one.denominator > 0; }));
}

class PeopleComparison {
  public:
    PeopleComparison(const Request& request, const Comparison& base, std::span<const PeopleSetting> settings,
                     unsigned threads, Findings& out, std::string how = "welch-permutation")
        : request_(request),
          base_(base),
          settings_(settings),
          threads_(threads),
          out_(out),
          how_(std::move(how)) {}

    Status rates() {
        const auto& groups = settings_.front().groups;
        for (std::size_t g = 0; g < groups.size(); ++g) TRY(rate(g, present(groups[g])));
        return {};
    }

    Status against(std::size_t g, std::size_t reference) {
        const auto of = named(g, settings_.front().groups[reference].name);
        const auto main = TRY(contrast_of(settings_.front(), g, reference));
        Conclusion conclusion;
        conclusion.of = of;
        conclusion.declared = is_declared(request_, of);
        if (!std::isfinite(main.p) || nobody_differs(main)) {
            conclusion.why = main.refused.empty() ? "no-variation" : std::string(main.refused);
            out_.conclusions.push_back(std::move(conclusion));
            return {};
        }
        conclusion.verdict = Verdict::compatible;
        conclusion.main = out_.figures.size();
        conclusion.detectable = main.detectable;
        out_.conclusions.push_back(std::move(conclusion));
        put(Figure::Kind::contrast, of, settings_.front().name, main, how_);
        details(of, main);
        without_one(of, main);
        for (const auto& setting : settings_.subspan(1))
            put(Figure::Kind::setting, of, setting.name, TRY(contrast_of(setting, g, reference)));
        return {};
    }

  private:
    Comparison named(std::size_t group, const std::string& other = {}) const {
        auto out = base_;
        out.group = settings_.front().groups[group].name;
        out.against = other;
        return out;
    }

    Status rate(std::size_t g, std::uint64_t people) {
        const auto& main = settings_.front();
        const auto level = request_.level();
        const auto found = TRY(group_rate(main.groups[g].people, main.estimand, level));
        Figure figure{Figure::Kind::rate, named(g), "rate", main.name, "linearised-t"};
        figure.value = found.rate;
        figure.interval = found.interval;
        figure.events = found.numerator;
        figure.units = found.denominator;
        figure.people = people;
        figure.note = std::string(found.refused);
        out_.figures.push_back(figure);
        if (people < kFewestPeople)
            out_.left_out.push_back({base_.by, main.groups[g].name, "too-few-people", people,
                                     static_cast<std::uint64_t>(found.denominator)});
        if (main.estimand == Estimand::mean_of_people) return {};
        const auto mean = TRY(group_rate(main.groups[g].people, Estimand::mean_of_people, level));
        figure.kind = Figure::Kind::detail;
        figure.statistic = "mean-of-people";
        figure.value = mean.rate;
        figure.interval = mean.interval;
        figure.note = std::string(mean.refused);
        out_.figures.push_back(std::move(figure));
        return {};
    }

    Result<PeopleContrast> contrast_of(const PeopleSetting& setting, std::size_t g,
                                       std::size_t reference) const {
        ContrastSettings how;
        how.estimand = setting.estimand;
        how.level = request_.level();
        how.permutations = request_.permutations;
        how.replicates = &setting == settings_.data() ? request_.replicates : 0;
        how.seed = request_.seed;
        how.threads = threads_;
        return contrast(setting.groups[g].people, setting.groups[reference].people, how);
    }

    static bool nobody_differs(const PeopleContrast& found) {
        return found.difference == 0 && !found.a.refused.empty() && !found.b.refused.empty();
    }

    void put(Figure::Kind kind, const Comparison& of, const std::string& setting, const PeopleContrast& found,
             const std::string& method = "welch-permutation") {
        Figure figure{kind, of, "difference", setting, method};
        figure.value = found.difference;
        figure.interval = found.difference_interval;
        figure.people = found.a.people + found.b.people;
        figure.note = std::string(found.refused);
        if (std::isfinite(found.p)) figure.p = found.p;
        out_.figures.push_back(std::move(figure));
    }

    void details(const Comparison& of, const PeopleContrast& found) {
        const auto add = [&](const char* statistic, const char* method, double value, Interval interval,
                             const char* note, double p) {
            Figure figure{Figure::Kind::detail, of, statistic, settings_.front().name, method};
            figure.value = value;
            figure.interval = interval;
            figure.people = found.a.people + found.b.people;
            figure.note = note;
            if (std::isfinite(p)) figure.p = p;
            out_.figures.push_back(std::move(figure));
        };
        add("ratio", "welch-t-log", found.ratio, found.ratio_interval, "", kNotANumber);
        if (found.bootstrap)
            add("difference", "cluster-bootstrap", found.difference, found.bootstrap->difference, "",
                kNotANumber);
        add("difference", "naive", found.difference, found.naive.difference, "naive", found.naive.p);
        add("times-too-narrow", "naive", found.naive.times_too_narrow, {}, "naive", kNotANumber);
    }

    // Whoever is taken away, is the difference still there?
    void without_one(const Comparison& of, const PeopleContrast& found) {
        if (!found.without_one) return;
        Figure figure{Figure::Kind::setting, of, "difference", "without-any-one-person", "welch-t"};
        figure.value = found.difference > 0 ? found.without_one->lowest : found.without_one->highest;
        figure.interval = {found.without_one->lowest, found.without_one->highest};
        figure.people = found.a.people + found.b.people - 1;
        if (std::isfinite(found.without_one->p_highest)) figure.p = found.without_one->p_highest;
        out_.figures.push_back(std::move(figure));
    }

    const Request& request_;
    const Comparison& base_;
    std::span<const PeopleSetting> settings_;
    unsigned threads_;
    Findings& out_;
    std::string how_;
};

}  // namespace

Result<std::size_t> reference_group(const Request& request, const std::string& by,
                                    std::span<const std::string> names,
                                    std::span<const std::uint64_t> sizes) {
    const auto asked = request.references.find(by);
    if (asked == request.references.end())
        return static_cast<std::size_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
    const auto it = std::find(names.begin(), names.end(), asked->second);
    if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
    std::string known;
    for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
    return fail({"no row has this group", "aucune ligne n’a ce groupe"}, by + "=" + asked->second,
                {"groups of this column: " + known, "groupes de cette colonne : " + known});
}

bool is_declared(const Request& request, const Comparison& of) {
    return std::any_of(request.declared.begin(), request.declared.end(), [&](const Hypothesis& one) {
        return one.by == of.by && ((one.group == of.group && one.against == of.against) ||
                                   (one.group == of.against && one.against == of.group));
    });
}

Status compare_people(const Request& request, const Comparison& base, std::span<const PeopleSetting> settings,
                      std::size_t reference, unsigned threads, Findings& out) {
    TRY(rates_of_people(request, base, settings.front(), out));
    for (std::size_t g = 0; g < settings.front().groups.size(); ++g)
        if (g != reference) TRY(contrast_people(request, base, settings, g, reference, threads, out));
    return {};
}

Status rates_of_people(const Request& request, const Comparison& base, const PeopleSetting& setting,
                       Findings& out) {
    return PeopleComparison(request, base, {&setting, 1}, 1, out).rates();
}

Status contrast_people(const Request& request, const Comparison& base,
                       std::span<const PeopleSetting> settings, std::size_t group, std::size_t reference,
                       unsigned threads, Findings& out, const std::string& how) {
    return PeopleComparison(request, base, settings, threads, out, how).against(group, reference);
}

void put_without_people(Findings found, Findings& out) {
    for (auto& figure : found.figures) {
        if (figure.kind != Figure::Kind::rate) figure.kind = Figure::Kind::detail;
        if (figure.note.empty()) figure.note = "people-unknown";
        figure.people = 0;
        out.figures.push_back(std::move(figure));
    }
    for (const auto& conclusion : found.conclusions) {
        Conclusion refused;
        refused.of = conclusion.of;
        refused.why = conclusion.why.empty() ? "people-unknown" : conclusion.why;
        out.conclusions.push_back(std::move(refused));
    }
    out.left_out.insert(out.left_out.end(), found.left_out.begin(), found.left_out.end());
}

Status compare_people(const Request& request, const Comparison& base, std::span<const PeopleSetting> settings,
                      unsigned threads, Findings& out) {
    std::vector<std::string> names;
    std::vector<std::uint64_t> sizes;
    for (const auto& group : settings.front().groups) {
        names.push_back(group.name);
        sizes.push_back(present(group));
    }
    const auto reference = TRY(reference_group(request, base.by, names, sizes));
    return compare_people(request, base, settings, reference, threads, out);
}

}  // namespace contrechamp::disparity
