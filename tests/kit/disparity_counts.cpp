// Computes what lines on stdin ask for, for tests/e2e/disparity_counts_test.py: one answer a line, full
// precision.
//     rate K N LEVEL        two X1 N1 X2 N2 LEVEL        strata LEVEL X1 N1 X2 N2 [X1 N1 X2 N2 …]
//     exact LEVEL X1 …      holm P…                      bh P…
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "analyze/disparity/multiple.h"
#include "analyze/disparity/proportions.h"
#include "analyze/disparity/stratified.h"
#include "analyze/disparity/two_by_two.h"

using namespace contrechamp::disparity;

namespace {

void say(const char* name, double value) { std::printf("%s=%.17g ", name, value); }
void say(const std::string& name, Interval interval) {
    say((name + ".low").c_str(), interval.low);
    say((name + ".high").c_str(), interval.high);
}
void say(const std::string& name, const Estimate& estimate) {
    say(name.c_str(), estimate.value);
    say(name, estimate.interval);
}
void say(const std::string& name, const Test& test) {
    say(name.c_str(), test.statistic);
    say((name + ".p").c_str(), test.p);
}
void say(const Exact& exact) {
    say("mle", exact.odds_ratio);
    say("exact", exact.interval);
    say("mid", exact.mid_p_interval);
    say("fisher", exact.fisher_p);
    say("midp", exact.mid_p);
}

Count count(std::istream& in) {
    Count count;
    in >> count.events >> count.of;
    return count;
}

void rate(std::istream& in) {
    const Count seen = count(in);
    double level = 0;
    in >> level;
    say("cp", clopper_pearson(seen, level));
    say("midp", mid_p_interval(seen, level));
    say("wilson", wilson(seen, level));
}

void two(std::istream& in) {
    const Count a = count(in), b = count(in);
    double level = 0;
    in >> level;
    say("difference", rate_difference(a, b, level));
    say("ratio", rate_ratio(a, b, level));
    say("odds", odds_ratio(a, b, level));
    say(exact(a, b, level));
    say("pearson", chi_square(a, b, false));
    say("yates", chi_square(a, b, true));
    say("z", z_test(a, b));
    say("least", expected(a, b).least);
}

std::vector<Stratum> strata_of(std::istream& in) {
    std::vector<Stratum> strata;
    while (in >> std::ws && !in.eof()) {
        const Count a = count(in);
        strata.push_back({a, count(in)});
    }
    return strata;
}

void strata(std::istream& in) {
    double level = 0;
    in >> level;
    const auto answer = stratified(strata_of(in), level);
    say("cmh", answer.cochran_mantel_haenszel);
    say("cmhc", answer.cochran_mantel_haenszel_corrected);
    say("odds", answer.odds_ratio);
    say("difference", answer.rate_difference);
    say("ratio", answer.rate_ratio);
    say("bd", answer.breslow_day);
    say("tarone", answer.tarone);
    say("informative", double(answer.informative));
}

void exact_strata(std::istream& in) {
    double level = 0;
    in >> level;
    if (const auto answer = exact_stratified(strata_of(in), level)) say(*answer);
    else std::printf("refused=1 ");
}

void adjust(std::istream& in, std::vector<double> (*method)(std::span<const double>)) {
    std::vector<double> p;
    for (std::string word; in >> word;) p.push_back(std::strtod(word.c_str(), nullptr));
    std::size_t i = 0;
    for (const double value : method(p)) say(std::to_string(i++).c_str(), value);
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in(line);
        std::string what;
        in >> what;
        if (what == "rate") rate(in);
        else if (what == "two") two(in);
        else if (what == "strata") strata(in);
        else if (what == "exact") exact_strata(in);
        else if (what == "holm") adjust(in, holm);
        else if (what == "bh") adjust(in, benjamini_hochberg);
        else return 2;
        std::printf("\n");
    }
}
