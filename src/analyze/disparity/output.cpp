#include "analyze/disparity/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <tuple>

#include "base/hash.h"

namespace contrechamp::disparity {
namespace {

std::string_view kind_of(Figure::Kind kind) {
    switch (kind) {
        case Figure::Kind::rate: return "disparity.rate";
        case Figure::Kind::contrast: return "disparity.contrast";
        case Figure::Kind::setting: return "disparity.setting";
        case Figure::Kind::detail: return "disparity.detail";
    }
    return "disparity.detail";
}

// As the table has it.
std::string_view short_kind(Figure::Kind kind) {
    return kind_of(kind).substr(std::string_view("disparity.").size());
}

// Who is left out is so for each system and measure, and is counted once.
std::vector<LeftOut> once(const std::vector<LeftOut>& left_out) {
    std::vector<LeftOut> out;
    std::set<std::tuple<std::string, std::string, std::string>> said;
    for (const auto& one : left_out)
        if (said.emplace(one.by, one.group, one.why).second) out.push_back(one);
    return out;
}

std::string_view check_of(Mode mode) {
    switch (mode) {
        case Mode::transcripts: return "disparity-transcripts";
        case Mode::decisions: return "disparity-decisions";
        case Mode::scores: return "disparity-scores";
        case Mode::faces: return "disparity-faces";
        case Mode::career: return "disparity-career";
    }
    return "disparity-decisions";
}

void set(json::Object& fields, const char* name, const std::string& value) {
    if (!value.empty()) fields[name] = value;
}

}  // namespace

std::string decimal(double value) {
    if (!std::isfinite(value)) return {};
    std::array<char, 32> out;
    const int length = std::snprintf(out.data(), out.size(), "%.6g", value == 0 ? 0 : value);
    return {out.data(), static_cast<std::size_t>(length)};
}

// What a table holds is what an observation says, to the same digit.
json::Value number_or_null(double value) {
    if (!std::isfinite(value)) return {};
    return std::strtod(decimal(value).c_str(), nullptr);
}

Locator Report::whole(std::size_t input) const { return at(input, 0, inputs_[input].inside, 0); }

// In a compressed exhibit the range counts decompressed bytes, which the path says.
Locator Report::at(std::size_t input, std::uint64_t offset, std::uint64_t length, std::uint64_t line) const {
    const auto& sha256 = request_.inputs[input].sha256;
    const auto& packed = inputs_[input];
    if (packed.compression == Compression::none) return {sha256, offset, length, line, ""};
    return {sha256, 0, packed.size, 0,
            std::string(to_string(packed.compression)) + ":" + std::to_string(offset) + "+" +
                std::to_string(length)};
}

Locator Report::located(const Comparison& of, const std::map<std::string, std::size_t>& about) const {
    const auto it = about.find(of.system);
    if (it != about.end()) return whole(it->second);
    const auto rows = about.find("");
    return whole(rows == about.end() ? 0 : rows->second);
}

// The key holds a digest: names of columns and groups may hold anything.
Subject Report::subject(const Comparison& of) const {
    const auto text = of.measure + "\n" + of.system + "\n" + of.by + "\n" + of.group + "\n" + of.against;
    std::string label = of.system.empty() ? "" : of.system + ", ";
    label += of.by + ": " + of.group;
    if (!of.against.empty()) label += " / " + of.against;
    return {of.against.empty() ? "group" : "judgement", "", sha256_hex(text).substr(0, 16), label};
}

std::string Report::put(const Figure& figure, const Locator& locator) {
    Observation out{"disparity", std::string(kind_of(figure.kind)), subject(figure.of)};
    out.fields = {{"measure", figure.of.measure}, {"column", figure.of.by}, {"group", figure.of.group}};
    set(out.fields, "system", figure.of.system);
    set(out.fields, "against", figure.of.against);
    set(out.fields, "statistic", figure.statistic);
    set(out.fields, "setting", figure.setting);
    set(out.fields, "method", figure.method);
    set(out.fields, "value", decimal(figure.value));
    set(out.fields, "low", decimal(figure.interval.low));
    set(out.fields, "high", decimal(figure.interval.high));
    if (figure.p) set(out.fields, "p", decimal(*figure.p));
    if (figure.p_adjusted) set(out.fields, "p_adjusted", decimal(*figure.p_adjusted));
    set(out.fields, "events", decimal(figure.events));
    set(out.fields, "units", decimal(figure.units));
    if (figure.people) out.fields["people"] = figure.people;
    set(out.fields, "note", figure.note);
    out.locator = locator;
    auto id = out.id();
    out_.observe(std::move(out));
    return id;
}

void Report::put(const Findings& findings, const Conclusion& conclusion, const std::vector<std::string>& ids,
                 const FiguresOf& figures, const Locator& locator) {
    Observation out{"disparity", "disparity.conclusion", subject(conclusion.of)};
    out.basis = Basis::derived;
    auto& fields = out.fields;
    fields = {{"measure", conclusion.of.measure},
              {"column", conclusion.of.by},
              {"group", conclusion.of.group},
              {"against", conclusion.of.against},
              {"verdict", disparity::to_string(conclusion.verdict)},
              {"settings", conclusion.settings},
              {"agreeing", conclusion.agreeing},
              {"tests", conclusion.tests},
              {"declared", conclusion.declared},
              {"seed", static_cast<std::int64_t>(request_.seed)}};
    set(fields, "system", conclusion.of.system);
    set(fields, "reason", conclusion.why);
    set(fields, "adjustment", conclusion.family);
    set(fields, "detectable", decimal(conclusion.detectable));
    // What it rests on: both rates, the contrast, and every other setting of it.
    const auto each = [&](const Comparison& of, auto&& use) {
        const auto it = figures.find(of);
        if (it == figures.end()) return;
        for (const auto i : it->second) use(findings.figures[i], ids[i]);
    };
    for (const auto& [name, group] :
         {std::pair{"rate", &conclusion.of.group}, std::pair{"rate_against", &conclusion.of.against}}) {
        auto of = conclusion.of;
        of.group = *group;
        of.against.clear();
        each(of, [&, name = name](const Figure& figure, const std::string& id) {
            if (figure.kind != Figure::Kind::rate) return;
            set(fields, name, decimal(figure.value));
            out.from.push_back(id);
        });
    }
    each(conclusion.of, [&](const Figure& figure, const std::string& id) {
        if (figure.kind != Figure::Kind::detail) out.from.push_back(id);
    });
    if (conclusion.verdict != Verdict::insufficient) {
        const auto& main = findings.figures[conclusion.main];
        set(fields, "value", decimal(main.value));
        set(fields, "direction", main.value > 0 ? "higher" : main.value < 0 ? "lower" : "equal");
        set(fields, "statistic", main.statistic);
        set(fields, "method", main.method);
        set(fields, "low", decimal(main.interval.low));
        set(fields, "high", decimal(main.interval.high));
        if (main.p_adjusted) set(fields, "p_adjusted", decimal(*main.p_adjusted));
    }
    std::sort(out.from.begin(), out.from.end());
    out.from.erase(std::unique(out.from.begin(), out.from.end()), out.from.end());
    out.locator = locator;
    out_.observe(std::move(out));
}

void Report::figure_row(const Figure& figure, const Locator& locator) {
    const auto number = [](const std::optional<double>& value) {
        return value ? number_or_null(*value) : json::Value();
    };
    out_.row("figures",
             {short_kind(figure.kind), figure.of.measure, figure.of.system, figure.of.by, figure.of.group,
              figure.of.against, figure.statistic, figure.setting, number_or_null(figure.value),
              number_or_null(figure.interval.low), number_or_null(figure.interval.high), figure.method,
              number(figure.p), number(figure.p_adjusted), number_or_null(figure.events),
              number_or_null(figure.units), figure.people, figure.note},
             locator);
}

void Report::conclusion_row(const Findings& findings, const Conclusion& conclusion, const Locator& locator) {
    Figure main;
    if (conclusion.verdict != Verdict::insufficient) main = findings.figures[conclusion.main];
    out_.row(
        "conclusions",
        {conclusion.of.measure, conclusion.of.system, conclusion.of.by, conclusion.of.group,
         conclusion.of.against, disparity::to_string(conclusion.verdict), conclusion.why,
         number_or_null(main.value), number_or_null(main.interval.low), number_or_null(main.interval.high),
         main.p_adjusted ? number_or_null(*main.p_adjusted) : json::Value(), conclusion.settings,
         conclusion.agreeing, conclusion.tests, conclusion.family, number_or_null(conclusion.detectable)},
        locator);
}

void Report::point_row(const Point& point, const Locator& locator) {
    out_.row("curves",
             {point.curve, point.of.system, point.of.by, point.of.group, number_or_null(point.x),
              number_or_null(point.y), number_or_null(point.interval.low),
              number_or_null(point.interval.high), number_or_null(point.threshold), point.units},
             locator);
}

void Report::put_out(const Findings& findings, const std::map<std::string, std::size_t>& about) {
    for (const auto& excluded : once(findings.left_out)) {
        Observation out{"disparity", "disparity.left-out",
                        subject({"", "", excluded.by, excluded.group, ""})};
        out.fields = {{"column", excluded.by},
                      {"group", excluded.group},
                      {"reason", excluded.why},
                      {"people", excluded.people},
                      {"rows", excluded.units}};
        out.locator = located({}, about);
        out_.observe(std::move(out));
    }
    std::vector<std::string> ids;
    FiguresOf figures;
    for (std::size_t i = 0; i < findings.figures.size(); ++i) figures[findings.figures[i].of].push_back(i);
    for (const auto& figure : findings.figures) {
        const auto locator = located(figure.of, about);
        ids.push_back(put(figure, locator));
        figure_row(figure, locator);
    }
    for (const auto& conclusion : findings.conclusions) {
        const auto locator = located(conclusion.of, about);
        put(findings, conclusion, ids, figures, locator);
        conclusion_row(findings, conclusion, locator);
    }
    for (const auto& point : findings.points) point_row(point, located(point.of, about));
    cover(findings);
}

// Present: a difference was seen; absent: compared, and compatible with none; unreadable: the data do not
// say.
void Report::cover(const Findings& findings) {
    std::map<std::string, json::Object> insufficient;
    bool compared = false, differs = false;
    for (const auto& conclusion : findings.conclusions) {
        if (conclusion.verdict == Verdict::insufficient) {
            auto& fields = insufficient[conclusion.why];
            const auto count = fields.contains("comparisons") ? fields["comparisons"].int_or(0) : 0;
            fields["comparisons"] = count + 1;
            continue;
        }
        compared = true;
        differs |= conclusion.verdict != Verdict::compatible;
    }
    Locator locator{std::string(asked_.sha256), 0, asked_.bytes.size(), 0, ""};
    if (compared)
        out_.cover({"disparity",
                    std::string(check_of(request_.mode)),
                    "",
                    differs ? CoverageState::present : CoverageState::absent,
                    "",
                    {},
                    locator});
    for (auto& [why, fields] : insufficient) {
        fields["why"] = why;
        gap(CoverageState::unreadable, "not-compared", std::move(fields));
    }
    std::map<std::string, std::pair<std::uint64_t, std::string>> left_out;
    for (const auto& one : once(findings.left_out)) {
        auto& [people, groups] = left_out[one.why];
        people += one.people ? one.people : one.units;
        groups += (groups.empty() ? "" : ", ") + one.by + (one.group.empty() ? "" : ": " + one.group);
    }
    for (const auto& [why, of] : left_out)
        gap(CoverageState::unreadable, "groups-left-out",
            {{"groups", of.second}, {"people", of.first}, {"why", why}});
}

void Report::gap(CoverageState state, std::string reason, json::Object fields) {
    out_.cover({"disparity",
                std::string(check_of(request_.mode)),
                "",
                state,
                std::move(reason),
                std::move(fields),
                {std::string(asked_.sha256), 0, asked_.bytes.size(), 0, ""}});
}

void Report::refused(std::span<const RefusedRow> rows, const RowCounts& counts) {
    for (const auto& row : rows)
        out_.row("refused_rows", {request_.inputs[row.input].name, row.line, row.reason, row.detail},
                 at(row.input, row.offset, row.length, row.line));
    for (const auto& [reason, count] : counts.by_reason)
        gap(CoverageState::unreadable, "table-rows-refused",
            {{"file", rows.empty() ? std::string() : request_.inputs[rows.front().input].name},
             {"rows", count},
             {"of", counts.used + counts.refused},
             {"why", reason}});
}

}  // namespace contrechamp::disparity
