// Statistics of src/analyze/disparity for people, scores and faces, one problem a line on stdin, one line of
// JSON each on stdout, for tests/e2e/disparity_people_test.py and to measure speed:
//     random SEED STREAM COUNT BOUND
//     rate pooled|mean N  x y …
//     contrast pooled|mean PERMUTATIONS REPLICATES SEED NA NB  x y …
//     detectable SE DF
//     exact EVENTS OF
//     mapsswe GOOD  CCSI CDC …            letters of the first and second system, utterance by utterance
//     auc N WITH_PEOPLE  score outcome [person] …
//     auc_difference  N WITH_PEOPLE …  N WITH_PEOPLE …
//     rates THRESHOLD  N WITH_PEOPLE …
//     odds THRESHOLD  N WITH_PEOPLE …  N WITH_PEOPLE …
//     calibrate N WITH_PEOPLE  …
//     det NG NI  score …
//     bench bootstrap|auc|det SIZE THREADS    seconds: [on the wall, of all processors]
// Numbers that are not finite are null.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "analyze/disparity/calibration.h"
#include "analyze/disparity/detection.h"
#include "analyze/disparity/mapsswe.h"
#include "analyze/disparity/random.h"

using namespace contrechamp::disparity;

namespace {

std::string json(double value) {
    char out[40];
    std::snprintf(out, sizeof out, "%.17g", value);
    return std::isfinite(value) ? out : "null";
}
std::string json(const Interval& interval) {
    return "[" + json(interval.low) + "," + json(interval.high) + "]";
}
std::string json(std::string_view text) { return '"' + std::string(text) + '"'; }

// {"name": value, …}
class Line {
  public:
    template <class Value>
    Line& operator()(const char* name, const Value& value) {
        std::string text;
        if constexpr (std::is_arithmetic_v<Value>) text = json(double(value));
        else text = json(value);
        out_ += (out_.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + text;
        return *this;
    }
    Line& raw(const char* name, const std::string& value) {
        out_ += (out_.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + value;
        return *this;
    }
    std::string text() const { return out_ + "}"; }

  private:
    std::string out_;
};

double number(std::istream& in) {
    std::string word;
    in >> word;
    return std::strtod(word.c_str(), nullptr);
}
std::size_t count(std::istream& in) { return static_cast<std::size_t>(number(in)); }
std::string word(std::istream& in) {
    std::string out;
    in >> out;
    return out;
}

Estimand estimand(std::istream& in) {
    return word(in) == "mean" ? Estimand::mean_of_people : Estimand::pooled;
}

std::vector<Person> people(std::istream& in, std::size_t n) {
    std::vector<Person> out(n);
    for (auto& person : out) {
        person.numerator = number(in);
        person.denominator = number(in);
    }
    return out;
}

struct Table {
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> people;
    Scored view() const { return {scores, outcomes, people}; }
};
Table table(std::istream& in, std::size_t n, bool with_people) {
    Table out;
    for (std::size_t i = 0; i < n; ++i) {
        out.scores.push_back(number(in));
        out.outcomes.push_back(static_cast<std::uint8_t>(number(in)));
        if (with_people) out.people.push_back(static_cast<std::uint32_t>(number(in)));
    }
    return out;
}
Table table(std::istream& in) {
    const auto n = count(in);
    const bool with_people = number(in) != 0;
    return table(in, n, with_people);
}

std::string of(const GroupRate& rate) {
    return Line()("rate", rate.rate)("se", rate.se)("df", rate.df)("interval", rate.interval)("refused",
                                                                                              rate.refused)
        .text();
}
std::string of(const PeopleContrast& c) {
    Line out;
    out("difference", c.difference)("ratio", c.ratio)("se", c.se)("t", c.t)("df", c.df)(
        "interval", c.difference_interval)("ratio_interval", c.ratio_interval)("p_welch", c.p_welch)(
        "p_permutation", c.p_permutation)("assignments", c.assignments)("detectable", c.detectable)(
        "naive", c.naive.difference)("naive_p", c.naive.p)("refused", c.refused);
    if (c.bootstrap) out("boot_difference", c.bootstrap->difference)("boot_ratio", c.bootstrap->ratio);
    return out.text();
}
std::string of(const ErrorRate& rate) {
    return Line()("rate", rate.rate)("events", rate.count.events)("of", rate.count.of)(
               "interval", rate.interval)("refused", rate.refused)
        .text();
}
std::string of(const CalibrationTerm& term) {
    return Line()("value", term.value)("se", term.se)("interval", term.interval).text();
}
std::string of(const Calibration& c) {
    std::string bins;
    for (const auto& bin : c.bins)
        bins += (bins.empty() ? "" : ",") + Line()("mean", bin.mean_score)("events", bin.count.events)(
                                                "of", bin.count.of)("interval", bin.interval)
                                                .text();
    return Line()("expected_error", c.expected_error)("model_se_intercept", c.model_se_intercept)(
               "model_se_slope", c.model_se_slope)("refused", c.refused)("recalibration",
                                                                         c.recalibration_refused)
        .raw("in_the_large", of(c.in_the_large))
        .raw("intercept", of(c.intercept))
        .raw("slope", of(c.slope))
        .raw("bins", "[" + bins + "]")
        .text();
}

struct Said {
    std::vector<Mark> marks;
    std::vector<std::uint32_t> insertions{0};
};
Said said(const std::string& letters) {
    Said out;
    for (const char letter : letters) {
        if (letter == 'I') {
            ++out.insertions.back();
        } else if (letter != '-') {  // "-": nothing was said
            out.marks.push_back(letter == 'C'   ? Mark::correct
                                : letter == 'S' ? Mark::substituted
                                                : Mark::deleted);
            out.insertions.push_back(0);
        }
    }
    return out;
}
std::string mapsswe(std::istream& in) {
    MatchedPairs pairs(static_cast<unsigned>(count(in)));
    for (std::string first, second; in >> first >> second;) {
        const auto one = said(first), other = said(second);
        if (!pairs.add({one.marks, one.insertions}, {other.marks, other.insertions}))
            return "{\"error\":true}";
    }
    const auto got = pairs.result();
    return Line()("segments", got.segments)("utterances", got.utterances)("words", got.words)(
               "first", got.errors_first)("second", got.errors_second)("mean", got.mean)(
               "sd", std::sqrt(got.variance))("z", got.z)("p", got.p)("different", got.different)("refused",
                                                                                                  got.refused)
        .text();
}

std::string det(std::istream& in) {
    std::vector<double> genuine(count(in)), impostor(count(in));
    for (auto* scores : {&genuine, &impostor})
        for (auto& score : *scores) score = number(in);
    const auto got = detection({genuine, {}}, {impostor, {}}).value();
    return Line()("eer", got.eer.eer)("fnmr100", got.at[0].fnmr.rate)("points", got.det.size()).text();
}

std::string draws(std::istream& in) {
    const auto seed = std::stoull(word(in)), stream = std::stoull(word(in));
    const auto n = count(in);
    const auto bound = static_cast<std::uint32_t>(count(in));
    Random raw(seed, stream), bounded(seed, stream);
    std::string numbers, below;
    for (std::size_t i = 0; i < n; ++i) {
        numbers += (i ? "," : "") + std::to_string(raw.next());
        below += (i ? "," : "") + std::to_string(bounded.below(bound));
    }
    return Line().raw("next", "[" + numbers + "]").raw("below", "[" + below + "]").text();
}

// Seconds on the wall and of all processors, of the work alone: the least of several rounds.
struct Seconds {
    double wall = kInfinity, processors = kInfinity;
};
template <class Work>
Seconds seconds(int rounds, const Work& work) {
    Seconds out;
    for (int round = 0; round < rounds; ++round) {
        const auto clock = std::clock();
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
        out.wall = std::min(out.wall, wall.count());
        out.processors = std::min(out.processors, double(std::clock() - clock) / CLOCKS_PER_SEC);
    }
    return out;
}
std::string json(const Seconds& seconds) { return json(Interval{seconds.wall, seconds.processors}); }

std::string bench(std::istream& in) {
    const auto what = word(in);
    const auto size = count(in);
    const auto threads = static_cast<unsigned>(count(in));
    Random random(1);
    if (what == "bootstrap") {
        std::vector<Person> a, b;
        for (std::size_t i = 0; i < size; ++i)
            (i % 2 ? a : b).push_back({double(random.below(200)), 200.0 + random.below(800)});
        ContrastSettings settings;
        settings.permutations = 0;
        settings.influence = false;
        settings.threads = threads;
        Interval interval;
        double p = 0;
        const auto again = seconds(9, [&] { interval = contrast(a, b, settings)->bootstrap->difference; });
        settings.permutations = 9'999;
        settings.replicates = 0;
        const auto shuffled = seconds(9, [&] { p = contrast(a, b, settings)->p_permutation; });
        return Line()("bootstrap_s", again)("permutation_s", shuffled)("interval", interval)("p", p).text();
    }
    std::vector<double> scores(size);
    std::vector<std::uint8_t> outcomes(size);
    for (std::size_t i = 0; i < size; ++i) {
        outcomes[i] = random.below(2) != 0;
        scores[i] = random.uniform() + 0.2 * outcomes[i];
    }
    if (what == "auc") {
        double value = 0;
        const auto all = seconds(1, [&] { value = auc({scores, outcomes, {}})->auc; });
        std::size_t points = 0;
        const auto curve = seconds(1, [&] { points = roc({scores, outcomes, {}})->size(); });
        return Line()("auc_s", all)("roc_s", curve)("auc", value)("points", points).text();
    }
    const auto half = std::span(scores).first(size / 2), rest = std::span(scores).subspan(size / 2);
    Detection got;
    const auto all = seconds(1, [&] { got = detection({half, {}}, {rest, {}}).value(); });
    return Line()("det_s", all)("points", got.det.size())("eer", got.eer.eer).text();
}

std::string answer(std::istream& in) {
    const auto what = word(in);
    if (what == "random") return draws(in);
    if (what == "bench") return bench(in);
    if (what == "mapsswe") return mapsswe(in);
    if (what == "det") return det(in);
    if (what == "rate") {
        const auto which = estimand(in);
        return of(group_rate(people(in, count(in)), which).value());
    }
    if (what == "contrast") {
        ContrastSettings settings;
        settings.estimand = estimand(in);
        settings.permutations = static_cast<std::uint32_t>(count(in));
        settings.replicates = static_cast<std::uint32_t>(count(in));
        settings.seed = count(in);
        settings.threads = 2;
        const auto na = count(in), nb = count(in);
        const auto a = people(in, na), b = people(in, nb);
        return of(contrast(a, b, settings).value());
    }
    if (what == "detectable") {
        const double se = number(in), df = number(in);
        return Line()("difference", detectable_difference(se, df, 0.95)).text();
    }
    if (what == "exact") {
        const double events = number(in), all = number(in);
        return Line()("interval", exact_interval(events, all)).text();
    }
    if (what == "auc") {
        const auto got = auc(table(in).view()).value();
        return Line()("auc", got.auc)("se", got.se)("df", got.df)("interval", got.interval)("refused",
                                                                                            got.refused)
            .text();
    }
    if (what == "auc_difference") {
        const auto a = auc(table(in).view()).value(), b = auc(table(in).view()).value();
        const auto got = auc_difference(a, b);
        return Line()("t", got.t)("df", got.df)("p", got.p)("interval", got.interval).text();
    }
    if (what == "rates") {
        const double threshold = number(in);
        const auto got = rates_at(table(in).view(), threshold).value();
        return Line()
            .raw("tpr", of(got.tpr))
            .raw("fpr", of(got.fpr))
            .raw("fnr", of(got.fnr))
            .raw("ppv", of(got.ppv))
            .raw("npv", of(got.npv))
            .text();
    }
    if (what == "odds") {
        const double threshold = number(in);
        const auto a = table(in), b = table(in);
        const auto got = equalised_odds(a.view(), b.view(), threshold).value();
        return Line().raw("tpr", of(got.tpr)).raw("fpr", of(got.fpr))("largest", got.largest).text();
    }
    if (what == "calibrate") return of(calibrate(table(in).view()).value());
    return "{\"unknown\":true}";
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in(line);
        std::cout << answer(in) << '\n';
    }
}
