#include "report/disparity_data.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "analyze/analyzer.h"

namespace contrechamp {
namespace {

std::string text(const Observation& from, const char* name) {
    const auto it = from.fields.find(name);
    return it == from.fields.end() ? std::string() : std::string(it->second.string_or());
}
std::int64_t whole(const Observation& from, const char* name) {
    const auto it = from.fields.find(name);
    return it == from.fields.end() ? 0 : it->second.int_or(0);
}
std::optional<double> real(const Observation& from, const char* name) {
    const auto digits = text(from, name);
    if (digits.empty()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    if (*end != '\0') return std::nullopt;
    return value;
}

JudgedFigure figure_of(const Observation& from) {
    JudgedFigure out;
    out.kind = from.kind.substr(from.kind.find('.') + 1);
    out.measure = text(from, "measure");
    out.system = text(from, "system");
    out.by = text(from, "column");
    out.group = text(from, "group");
    out.against = text(from, "against");
    out.statistic = text(from, "statistic");
    out.setting = text(from, "setting");
    out.method = text(from, "method");
    out.note = text(from, "note");
    out.value = real(from, "value");
    out.low = real(from, "low");
    out.high = real(from, "high");
    out.p = real(from, "p");
    out.p_adjusted = real(from, "p_adjusted");
    out.events = real(from, "events");
    out.units = real(from, "units");
    out.people = whole(from, "people");
    return out;
}

JudgedConclusion conclusion_of(const Observation& from) {
    JudgedConclusion out;
    out.key = from.subject.key;
    out.measure = text(from, "measure");
    out.system = text(from, "system");
    out.by = text(from, "column");
    out.group = text(from, "group");
    out.against = text(from, "against");
    out.verdict = text(from, "verdict");
    out.reason = text(from, "reason");
    out.direction = text(from, "direction");
    out.adjustment = text(from, "adjustment");
    out.method = text(from, "method");
    out.value = real(from, "value");
    out.low = real(from, "low");
    out.high = real(from, "high");
    out.p_adjusted = real(from, "p_adjusted");
    out.rate = real(from, "rate");
    out.rate_against = real(from, "rate_against");
    out.detectable = real(from, "detectable");
    out.settings = whole(from, "settings");
    out.agreeing = whole(from, "agreeing");
    out.tests = whole(from, "tests");
    out.seed = whole(from, "seed");
    if (const auto it = from.fields.find("declared"); it != from.fields.end())
        out.declared = it->second.bool_or(false);
    return out;
}

// How telling a verdict is; what nobody knows comes last.
std::size_t place_of(std::string_view verdict) {
    static constexpr std::array<std::string_view, 4> kOrder = {"robust", "evidence", "compatible",
                                                               "insufficient"};
    return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), verdict) - kOrder.begin());
}

class Cells {
  public:
    Cells(const TableSpec& spec, const std::vector<json::Value>& cells) : spec_(spec), cells_(cells) {}
    const json::Value& operator[](std::string_view column) const {
        static const json::Value kNull;
        for (std::size_t i = 0; i < spec_.columns.size() && i < cells_.size(); ++i)
            if (spec_.columns[i].name == column) return cells_[i];
        return kNull;
    }
    std::string text(std::string_view column) const { return std::string((*this)[column].string_or()); }
    std::int64_t whole(std::string_view column) const { return (*this)[column].int_or(0); }
    std::optional<double> real(std::string_view column) const {
        const auto& cell = (*this)[column];
        if (const auto* value = cell.if_double()) return *value;
        if (const auto* value = cell.if_int()) return static_cast<double>(*value);
        return std::nullopt;
    }

  private:
    const TableSpec& spec_;
    const std::vector<json::Value>& cells_;
};

template <class Take>
Status each_row(const Index& index, std::string_view table, Take take) {
    const auto* spec = find_table(table);
    if (!spec) return {};
    return index.rows(table, [&](const std::vector<json::Value>& cells) -> Status {
        take(Cells(*spec, cells));
        return {};
    });
}

Status read_curves(const Index& index, Disparity& out) {
    return each_row(index, "curves", [&](const Cells& row) {
        const auto curve = row.text("curve"), system = row.text("system"), by = row.text("by");
        const auto x = row.real("x"), y = row.real("y");
        if (!x || !y) return;
        auto it = std::find_if(out.curves.begin(), out.curves.end(), [&](const JudgedCurve& one) {
            return one.curve == curve && one.system == system && one.by == by;
        });
        if (it == out.curves.end()) it = out.curves.insert(out.curves.end(), {curve, system, by, {}});
        it->groups[row.text("group")].push_back(
            {*x, *y, row.real("low"), row.real("high"), row.whole("units")});
    });
}

Status read_lost_words(const Index& index, Disparity& out) {
    TRY(each_row(index, "lost_words", [&](const Cells& row) {
        const auto system = row.text("system"), by = row.text("by");
        auto it = std::find_if(out.lost_words.begin(), out.lost_words.end(),
                               [&](const LostWords& one) { return one.system == system && one.by == by; });
        if (it == out.lost_words.end()) it = out.lost_words.insert(out.lost_words.end(), {system, by, {}});
        auto& words = it->groups[row.text("group")];
        if (words.size() < kMostLostWords)
            words.push_back(
                {row.text("word"), row.whole("occurrences"), row.whole("substituted"), row.whole("deleted")});
    }));
    return {};
}

// A career ends where the person changes or the years begin again: two questions in one case.
Status read_careers(const Index& index, Disparity& out) {
    std::string person;
    bool full = false;
    return each_row(index, "panel", [&](const Cells& row) {
        const auto date = row.text("date"), whose = row.text("person");
        int year = 0;
        const auto read = std::from_chars(date.data(), date.data() + date.size(), year);
        if (full || read.ec != std::errc() || year < 1 || year > 9999) return;
        if (out.careers.empty() || whose != person || out.careers.back().back().year >= year) {
            full = out.careers.size() == kMostCareers;
            if (full) return;
            out.careers.emplace_back();
        }
        person = whose;
        out.careers.back().push_back({year, row.real("pay"), row.real("panel_mean"), row.real("panel_median"),
                                      row.whole("panel_people")});
    });
}

}  // namespace

const JudgedConclusion* Disparity::conclusion(std::string_view key) const {
    const auto it = std::find_if(conclusions.begin(), conclusions.end(),
                                 [&](const JudgedConclusion& one) { return one.key == key; });
    return it == conclusions.end() ? nullptr : &*it;
}

Result<Disparity> read_disparity(const Index& index, const std::vector<Observation>& observations) {
    Disparity out;
    for (const auto& observation : observations) {
        if (!observation.kind.starts_with("disparity.")) continue;
        if (observation.kind == "disparity.conclusion") out.conclusions.push_back(conclusion_of(observation));
        else if (observation.kind == "disparity.left-out")
            out.left_out.push_back({text(observation, "column"), text(observation, "group"),
                                    text(observation, "reason"), whole(observation, "people"),
                                    whole(observation, "rows")});
        else out.figures.push_back(figure_of(observation));
    }
    if (out.empty()) return out;
    std::stable_sort(out.conclusions.begin(), out.conclusions.end(),
                     [](const JudgedConclusion& a, const JudgedConclusion& b) {
                         return place_of(a.verdict) < place_of(b.verdict);
                     });
    TRY(read_curves(index, out));
    TRY(read_lost_words(index, out));
    TRY(read_careers(index, out));
    return out;
}

}  // namespace contrechamp
