// Face matching: who is taken for somebody else, and who is not recognised?
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "analyze/disparity/compare.h"
#include "analyze/disparity/detection.h"
#include "analyze/disparity/faces_input.h"
#include "analyze/disparity/mode.h"

namespace contrechamp::disparity {
namespace {

std::vector<AskedColumn> asked_columns(const Request& request) {
    std::vector<AskedColumn> out;
    for (const auto role :
         {Role::id, Role::score, Role::genuine, Role::subject_a, Role::subject_b, Role::group_b})
        if (const auto& name = request.column(to_string(role)); !name.empty()) out.push_back({role, name});
    for (const auto& by : request.groups) out.push_back({Role::group, by});
    return out;
}

// Comparisons within one group, or of two groups with each other.
struct GroupPair {
    std::string name;
    bool within = true;  // of one group
    std::vector<double> genuine, impostor;
    std::vector<Compared> genuine_people, impostor_people;
};

class FacesComparison {
  public:
    explicit FacesComparison(const Asked& asked) : asked_(asked), request_(asked.request) {}

    Status run() {
        TRY(read());
        kind_ = request_.lower_is_alike ? ScoreKind::distance : ScoreKind::similarity;
        split();
        TRY(everybody());
        std::vector<GroupPair> groups;
        for (auto& pair : pairs_)
            if (pair.within) groups.push_back(std::move(pair));
        if (!by_.empty()) {
            say_between();
            TRY(compare(groups));
        }
        for (const auto& group : groups) TRY(curve(group));
        conclude(findings_, 1 - request_.level());
        asked_.report.put_out(findings_, {{"", input_}});
        return {};
    }

  private:
    Status read() {
        const auto genuine = asked_.with_role("genuine");
        if (!genuine.empty()) {
            input_ = genuine.front();
            const auto impostor = TRY(asked_.one("impostor"));
            faces_ = TRY(read_score_files(asked_.bytes[input_], asked_.bytes[impostor], std::nullopt,
                                          asked_.name(input_)));
            report_account(asked_, impostor, faces_.impostor_account);
        } else {
            input_ = TRY(asked_.one("rows"));
            const auto layout = TRY(layout_of(asked_, input_));
            FacesWish wish;
            wish.columns =
                TRY(bind_columns(layout, {TableKind::faces, asked_columns(request_)}, asked_.name(input_)));
            wish.said = request_.column("positive");
            wish.threads = asked_.threads;
            faces_ = TRY(read_faces(asked_.bytes[input_], layout, wish, asked_.name(input_)));
            by_ = request_.groups.empty() ? "" : request_.groups.front();
        }
        report_account(asked_, input_, faces_.account);
        return {};
    }

    // Comparisons of two groups belong to neither: they count for everybody only. And people who are shown
    // in two groups make the groups depend on each other.
    void say_between() const {
        std::uint64_t between = 0;
        std::vector<std::uint32_t> group(faces_.subjects, kMissing);
        std::vector<bool> torn(faces_.subjects, false);
        for (std::size_t i = 0; i < faces_.rows(); ++i) {
            const auto [a, b] = faces_.pairs[faces_.pair[i]];
            between += a != b;
            if (a != b || faces_.subject_a.empty()) continue;
            for (const auto subject : {faces_.subject_a[i], faces_.subject_b[i]}) {
                if (group[subject] != kMissing && group[subject] != a) torn[subject] = true;
                group[subject] = a;
            }
        }
        const auto two = std::count(torn.begin(), torn.end(), true);
        if (between)
            asked_.report.gap(CoverageState::unreadable, "comparisons-between-groups",
                              {{"column", by_}, {"comparisons", between}, {"of", faces_.rows()}});
        if (two) asked_.report.gap(CoverageState::unreadable, "people-in-two-groups", {{"people", two}});
    }

    void split() {
        for (const auto& [a, b] : faces_.pairs) {
            const auto& names = faces_.group.values;
            const std::string first = a < names.size() ? names[a] : "",
                              second = b < names.size() ? names[b] : "";
            pairs_.push_back({a == b ? first : first + " × " + second, a == b, {}, {}, {}, {}});
        }
        for (std::size_t i = 0; i < faces_.rows(); ++i) {
            if (faces_.pair[i] == kMissing) continue;
            auto& pair = pairs_[faces_.pair[i]];
            (faces_.genuine[i] ? pair.genuine : pair.impostor).push_back(faces_.score[i]);
            if (!faces_.subject_a.empty())
                (faces_.genuine[i] ? pair.genuine_people : pair.impostor_people)
                    .push_back({faces_.subject_a[i], faces_.subject_b[i]});
        }
    }

    Comparison base(const char* measure, const std::string& group) const {
        return {measure, "", by_, group, ""};
    }

    void put(Figure::Kind kind, const char* measure, const std::string& group, const std::string& setting,
             const MatchRate& rate) {
        Figure figure{kind, base(measure, group), "rate", setting,
                      rate.independent ? "clopper-pearson, comparisons" : "korn-graubard, people"};
        figure.value = rate.rate;
        figure.interval = rate.interval;
        figure.events = double(rate.count.events);
        figure.units = double(rate.count.of);
        figure.people = rate.people;
        figure.note = !rate.refused.empty()                         ? std::string(rate.refused)
                      : rate.count.of > 0 && rate.count.events == 0 ? "rule-of-three"
                      : rate.imprecise                              ? "imprecise"
                                                                    : "";
        // Nothing seen in n: at most three in n.
        if (figure.note == "rule-of-three") figure.interval = {0, std::min(1.0, rate.rule_of_three)};
        findings_.figures.push_back(std::move(figure));
    }

    // Whatever the groups: where the system stands, and thresholds for the other settings.
    Status everybody() {
        GroupPair all{"", true, {}, {}, {}, {}};
        for (std::size_t i = 0; i < faces_.rows(); ++i) {
            (faces_.genuine[i] ? all.genuine : all.impostor).push_back(faces_.score[i]);
            if (!faces_.subject_a.empty())
                (faces_.genuine[i] ? all.genuine_people : all.impostor_people)
                    .push_back({faces_.subject_a[i], faces_.subject_b[i]});
        }
        if (!request_.threshold.empty())
            thresholds_.push_back(
                {"at " + request_.threshold, std::strtod(request_.threshold.c_str(), nullptr)});
        DetectionSettings settings;
        settings.kind = kind_;
        settings.level = request_.level();
        const auto found =
            TRY(detection({all.genuine, all.genuine_people}, {all.impostor, all.impostor_people}, settings));
        if (!found.refused.empty()) {
            asked_.report.gap(CoverageState::unreadable, "no-comparisons", {});
            return {};
        }
        equal_errors(found, "");
        at_targets(found, "");
        for (const auto& point : found.det)
            findings_.points.push_back(
                {"det", base("fmr", ""), point.fmr, point.fnmr, {}, point.threshold, 0});
        thresholds_.push_back({"at equal errors", found.eer.threshold});
        for (const auto& at : found.at)
            if (at.fmr.count.events >= kFewestErrors)
                thresholds_.push_back({"at FMR " + decimal(at.target), at.threshold});
        return {};
    }

    void equal_errors(const Detection& found, const std::string& group) {
        Figure figure{Figure::Kind::detail, base("eer", group), "rate", "", "fvc2000"};
        figure.value = found.eer.eer;
        findings_.figures.push_back(std::move(figure));
    }

    void at_targets(const Detection& found, const std::string& group) {
        for (const auto& at : found.at) {
            put(Figure::Kind::detail, "fnmr", group, "at FMR " + decimal(at.target), at.fnmr);
            put(Figure::Kind::detail, "fmr", group, "at FMR " + decimal(at.target), at.fmr);
        }
    }

    Status curve(const GroupPair& group) {
        if (by_.empty()) return {};
        DetectionSettings settings;
        settings.kind = kind_;
        settings.level = request_.level();
        const auto found = TRY(detection({group.genuine, group.genuine_people},
                                         {group.impostor, group.impostor_people}, settings));
        if (!found.refused.empty()) return {};
        equal_errors(found, group.name);
        at_targets(found, group.name);
        for (const auto& point : found.det)
            findings_.points.push_back(
                {"det", base("fmr", group.name), point.fmr, point.fnmr, {}, point.threshold, 0});
        return {};
    }

    Result<MatchRate> rate_of(const char* measure, const GroupPair& group, double threshold) const {
        return std::string_view(measure) == "fmr"
                   ? fmr_at({group.impostor, group.impostor_people}, kind_, threshold, request_.level())
                   : fnmr_at({group.genuine, group.genuine_people}, kind_, threshold, request_.level());
    }

    Status compare(const std::vector<GroupPair>& groups) {
        std::vector<std::string> names;
        std::vector<std::uint64_t> sizes;
        for (const auto& group : groups) {
            names.push_back(group.name);
            sizes.push_back(group.impostor.size() + group.genuine.size());
        }
        if (groups.size() < 2) {
            asked_.report.gap(CoverageState::unreadable, "one-group",
                              {{"column", by_}, {"groups", groups.size()}});
            if (groups.empty()) return {};
        }
        if (thresholds_.empty()) {
            asked_.report.gap(CoverageState::unreadable, "no-threshold", {});
            return {};
        }
        const auto reference = TRY(reference_group(request_, by_, names, sizes));
        for (const auto* measure : {"fmr", "fnmr"}) {
            std::vector<double> rates;
            for (const auto& group : groups) {
                const auto rate = TRY(rate_of(measure, group, thresholds_.front().at));
                put(Figure::Kind::rate, measure, group.name, thresholds_.front().name, rate);
                rates.push_back(rate.rate);
                left_out(group.name, rate);
            }
            differentials(measure, rates);
            for (std::size_t g = 0; g < groups.size(); ++g)
                if (g != reference) TRY(against(measure, groups[g], groups[reference]));
        }
        return {};
    }

    void left_out(const std::string& group, const MatchRate& rate) {
        if (rate.refused != "too-few-people") return;
        const bool said = std::any_of(findings_.left_out.begin(), findings_.left_out.end(),
                                      [&](const LeftOut& one) { return one.group == group; });
        if (!said) findings_.left_out.push_back({by_, group, "too-few-people", rate.people, rate.count.of});
    }

    // ISO/IEC 19795-10: the worst served beside the best, and beside the geometric mean.
    void differentials(const char* measure, const std::vector<double>& rates) {
        const auto found = differential(rates);
        for (const auto& [statistic, value] :
             {std::pair{"max-to-min", found.max_to_min},
              std::pair{"max-to-geometric-mean", found.max_to_geometric_mean}}) {
            Figure figure{Figure::Kind::detail, base(measure, ""), statistic, thresholds_.front().name,
                          "iso-19795-10"};
            figure.value = value;
            findings_.figures.push_back(std::move(figure));
        }
    }

    // The errors of one rate without whoever bears most of the difference: one with many errors (`more`) or
    // few for their number of comparisons. The first such, where several are.
    struct Borne {
        std::uint64_t errors = 0, comparisons = 0;
    };
    std::uint32_t bearer(const std::vector<double>& scores, const std::vector<Compared>& people,
                         const char* measure, double threshold, bool more) const {
        std::map<std::uint32_t, Borne> borne;
        Borne all;
        const bool matches_err = std::string_view(measure) == "fmr";
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const bool match =
                kind_ == ScoreKind::similarity ? scores[i] >= threshold : scores[i] <= threshold;
            const bool error = match == matches_err;
            const auto bear = [&](Borne& one) { one.errors += error, ++one.comparisons; };
            bear(all);
            bear(borne[people[i].first]);
            if (people[i].second != people[i].first) bear(borne[people[i].second]);
        }
        std::uint32_t found = kMissing;
        double best = 0;
        for (const auto& [person, one] : borne) {
            if (one.comparisons == all.comparisons) continue;
            const double rate = double(all.errors - one.errors) / double(all.comparisons - one.comparisons);
            if (found != kMissing && (more ? rate >= best : rate <= best)) continue;
            found = person;
            best = rate;
        }
        return found;
    }

    // The contrast without the one person, of either group, without whom least of it is left.
    Status without_one(const char* measure, const GroupPair& group, const GroupPair& reference,
                       const MatchContrast& main, const Comparison& of, Findings& out) const {
        Figure worst{Figure::Kind::setting, of, "difference", "without-any-one-person", "mover, people"};
        for (const bool of_group : {true, false}) {
            GroupPair less = of_group ? group : reference;
            const bool fmr = std::string_view(measure) == "fmr";
            auto& scores = fmr ? less.impostor : less.genuine;
            auto& people = fmr ? less.impostor_people : less.genuine_people;
            const double threshold = thresholds_.front().at;
            const auto gone = bearer(scores, people, measure, threshold, of_group == (main.difference > 0));
            std::size_t kept = 0;
            for (std::size_t i = 0; i < scores.size(); ++i) {
                if (people[i].first == gone || people[i].second == gone) continue;
                scores[kept] = scores[i];
                people[kept++] = people[i];
            }
            scores.resize(kept);
            people.resize(kept);
            const auto a = TRY(rate_of(measure, of_group ? less : group, threshold)),
                       b = TRY(rate_of(measure, of_group ? reference : less, threshold));
            const auto found = match_contrast(a, b, request_.level());
            // Who has too few people left to compare says nothing any more.
            const double p = std::isfinite(found.p) ? found.p : 1;
            if (worst.p && p <= *worst.p) continue;
            worst.p = p;
            worst.value = found.difference;
            worst.interval = found.difference_interval;
            worst.people = a.people + b.people;
            worst.note = found.refused;
        }
        out.figures.push_back(std::move(worst));
        return {};
    }

    // Where nobody knows whose pictures these are, comparisons of one person would stand for as many people:
    // the contrast is shown, and nothing is concluded.
    Status against(const char* measure, const GroupPair& group, const GroupPair& reference) {
        if (!faces_.subject_a.empty()) return against(measure, group, reference, findings_);
        Findings beside;
        TRY(against(measure, group, reference, beside));
        put_without_people(std::move(beside), findings_);
        return {};
    }

    Status against(const char* measure, const GroupPair& group, const GroupPair& reference,
                   Findings& out) const {
        Conclusion conclusion;
        conclusion.of = base(measure, group.name);
        conclusion.of.against = reference.name;
        conclusion.declared = is_declared(request_, conclusion.of);
        const auto of = conclusion.of;
        bool main = true;
        for (const auto& threshold : thresholds_) {
            const auto a = TRY(rate_of(measure, group, threshold.at));
            const auto b = TRY(rate_of(measure, reference, threshold.at));
            const auto found = match_contrast(a, b, request_.level());
            if (main && !std::isfinite(found.p)) {
                conclusion.why = found.refused.empty() ? "no-variation" : std::string(found.refused);
                out.conclusions.push_back(std::move(conclusion));
                return {};
            }
            // How a choice answers that gives no answer: not the same.
            if (main) {
                conclusion.verdict = Verdict::compatible;
                conclusion.main = out.figures.size();
                // Half the interval, in standard errors: near enough for "could these data show it?".
                const double half = (found.difference_interval.high - found.difference_interval.low) / 2;
                conclusion.detectable = half * 2.8 / 1.96;
                out.conclusions.push_back(conclusion);
            }
            Figure figure{main ? Figure::Kind::contrast : Figure::Kind::setting, of, "difference",
                          threshold.name, found.independent ? "mover, comparisons" : "mover, people"};
            figure.value = found.difference;
            figure.interval = found.difference_interval;
            if (std::isfinite(found.p)) figure.p = found.p;
            figure.people = a.people + b.people;
            figure.note = found.imprecise ? "imprecise" : found.independent ? "people-unknown" : "";
            out.figures.push_back(figure);
            if (main) {
                figure.kind = Figure::Kind::detail;
                figure.statistic = "ratio";
                figure.value = found.ratio;
                figure.interval = found.ratio_interval;
                figure.p.reset();
                out.figures.push_back(std::move(figure));
                if (!found.independent) TRY(without_one(measure, group, reference, found, of, out));
            }
            main = false;
        }
        return {};
    }

    struct At {
        std::string name;
        double at = 0;
    };
    const Asked& asked_;
    const Request& request_;
    std::size_t input_ = 0;
    Faces faces_;
    std::string by_;
    ScoreKind kind_ = ScoreKind::similarity;
    std::vector<GroupPair> pairs_;
    std::vector<At> thresholds_;
    Findings findings_;
};

}  // namespace

Status compare_faces(const Asked& asked) { return FacesComparison(asked).run(); }

}  // namespace contrechamp::disparity
