// One career beside those of colleagues hired at the same time and level (career.h says after whom).
#include <charconv>
#include <deque>

#include "analyze/disparity/career.h"
#include "analyze/disparity/compare.h"
#include "analyze/disparity/mode.h"
#include "formats/table_number.h"

namespace contrechamp::disparity {
namespace {

// "2019", "2019-04-01", "04/2019", "01/04/2019": year and month, 0 where it is not said.
std::optional<YearMonth> parse_month(std::string_view text) {
    std::array<int, 3> parts{};
    std::array<std::size_t, 3> widths{};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end && count < 3) {
        const auto read = std::from_chars(at, end, parts[count]);
        if (read.ec != std::errc() || parts[count] < 0) return std::nullopt;
        widths[count++] = static_cast<std::size_t>(read.ptr - at);
        at = read.ptr;
        if (at < end && *at != '-' && *at != '/' && *at != '.') break;
        at += at < end;
    }
    YearMonth out{kNoYear, 0};
    if (count > 0 && widths[0] == 4) {
        out.year = parts[0];
        if (count > 1) out.month = parts[1];
    } else if (count > 1 && widths[count - 1] == 4) {
        out.year = parts[count - 1];
        out.month = parts[count - 2];
    }
    if (out.year == kNoYear || out.month > 12) return std::nullopt;
    return out;
}

class CareerComparison {
  public:
    explicit CareerComparison(const Asked& asked) : asked_(asked), request_(asked.request) {}

    Status run() {
        input_ = TRY(asked_.one("rows"));
        TRY(read());
        const auto table = CareerTable::create(rows_);
        CareerOptions options;
        options.figure = request_.column("pay").empty() ? CareerFigure::coefficient : CareerFigure::pay;
        if (const auto since = parse_month(request_.column("since")))
            options.since = {since->year, std::max(1, since->month)};
        if (const auto until = parse_month(request_.column("until")))
            options.until = {until->year, std::max(1, until->month)};
        const auto career = TRY(table.career(request_.column("member"), options));
        put(career);
        asked_.report.put_out(findings_, {{"", input_}});
        return {};
    }

  private:
    Status read() {
        const auto layout = TRY(layout_of(asked_, input_));
        const auto find = [&](const char* role, bool needed) -> Result<std::optional<std::size_t>> {
            const auto& name = request_.column(role);
            if (name.empty() && !needed) return std::optional<std::size_t>();
            const auto column = layout.column(name.empty() ? role : name);
            if (column) return column;
            std::string known;
            for (const auto& one : layout.columns) known += (known.empty() ? "" : ", ") + one;
            return fail({"there is no such column: " + name, "cette colonne n’existe pas : " + name},
                        asked_.name(input_), {"columns: " + known, "colonnes : " + known});
        };
        const auto person = TRY(find("person", true)), date = TRY(find("date", true));
        const auto pay = TRY(find("pay", false)), coefficient = TRY(find("coefficient", false));
        const auto entry = TRY(find("entry", true)), level = TRY(find("level", false));
        const auto group =
            request_.groups.empty() ? std::optional<std::size_t>() : layout.column(request_.groups.front());
        const auto mark = marks(layout, pay ? *pay : coefficient.value_or(0));
        TableReader reader(asked_.bytes[input_], layout,
                           {layout.rows, asked_.bytes[input_].size(), layout.line});
        std::vector<RefusedRow> refused;
        RowCounts counts;
        while (reader.next()) {
            const auto& row = reader.row();
            const auto refuse = [&](std::string why, std::string_view detail) {
                ++counts.refused;
                if (++counts.by_reason[why] <= kPlacesKept)
                    refused.push_back({input_, row.offset, row.length, row.line, why, std::string(detail)});
            };
            if (row.refused) {
                refuse(std::string(to_string(*row.refused)), "");
                continue;
            }
            const auto cell = [&](std::optional<std::size_t> column) {
                return column ? trimmed_cell(row.cells[*column]) : std::string_view();
            };
            const auto when = parse_month(cell(date));
            if (cell(person).empty() || !when) {
                refuse(cell(person).empty() ? "missing-person" : "bad-date", cell(date));
                continue;
            }
            CareerRow out;
            out.person = keep(cell(person));
            out.year = when->year;
            out.month = when->month;
            out.pay = number(cell(pay), mark);
            out.coefficient = number(cell(coefficient), mark);
            if (const auto hired = parse_month(cell(entry))) out.entry_year = hired->year;
            out.entry_level = keep(cell(level));
            out.group = keep(cell(group));
            rows_.push_back(out);
            ++counts.used;
        }
        asked_.report.refused(refused, counts);
        return {};
    }

    DecimalMark marks(const TableLayout& layout, std::size_t column) const {
        TableReader reader(asked_.bytes[input_], layout,
                           {layout.rows, asked_.bytes[input_].size(), layout.line});
        std::vector<std::string> kept;
        while (kept.size() < 1000 && reader.next())
            if (!reader.row().refused) kept.emplace_back(reader.row().cells[column]);
        const std::vector<std::string_view> cells(kept.begin(), kept.end());
        return guess_decimal_mark(cells).mark;
    }

    static double number(std::string_view cell, DecimalMark mark) {
        return cell.empty() ? kNotANumber : parse_table_number(cell, mark).value_or(kNotANumber);
    }

    std::string_view keep(std::string_view text) {
        texts_.emplace_back(text);
        return texts_.back();
    }

    void put(const Career& career) {
        const Comparison of{"career", "", "panel", "the person", ""};
        const auto figure = [&](const char* statistic, double value, std::string setting, double units) {
            Figure out{Figure::Kind::detail, of, statistic, std::move(setting), "clerc"};
            out.value = value;
            out.units = units;
            findings_.figures.push_back(std::move(out));
        };
        figure("panel-people", double(career.panel.size()), "", kNotANumber);
        std::map<NotInPanel, std::uint64_t> out;
        for (const auto& excluded : career.excluded) ++out[excluded.why];
        for (const auto& [why, people] : out)
            findings_.left_out.push_back({"panel", "", reason(why), people, 0});
        for (const auto& year : career.years)
            asked_.report.row("panel",
                              {career.person, std::to_string(year.year), number_or_null(year.own),
                               number_or_null(year.mean), number_or_null(year.median), year.present},
                              asked_.report.whole(input_));
        if (!career.last) {
            asked_.report.gap(CoverageState::unreadable, "panel-too-small",
                              {{"people", career.panel.size()}, {"fewest", kFewestPanel}});
            return;
        }
        const auto& today = career.years[*career.last];
        const auto when = std::to_string(today.year);
        figure("own", today.own, when, kNotANumber);
        figure("panel-mean", today.mean, when, double(today.present));
        figure("panel-median", today.median, when, double(today.present));
        figure("gap-to-mean", today.gap_to_mean, when, double(today.present));
        figure("gap-to-median", today.gap_to_median, when, double(today.present));
        figure("percentile-rank", today.percentile_rank, when, double(today.present));
        figure("chance-as-low", today.chance_as_low, when, double(today.present));
        asked_.report.gap(CoverageState::present, "", {});
        if (!career.damage) return;
        for (const auto& [name, steps] :
             {std::pair{"mean", &career.damage->by_mean}, std::pair{"median", &career.damage->by_median}})
            for (const auto& step : *steps) figure(step_name(step.id), step.value, name, kNotANumber);
        figure("damage-summed", career.damage->summed, "year-by-year", double(career.damage->summed_months));
    }

    static const char* reason(NotInPanel why) {
        switch (why) {
            case NotInPanel::entry_unknown: return "entry-unknown";
            case NotInPanel::entry_conflict: return "entry-conflict";
            case NotInPanel::other_level: return "other-level";
            case NotInPanel::other_years: return "other-years";
            case NotInPanel::same_group: return "same-group";
            case NotInPanel::never_compared: return "never-compared";
        }
        return "";
    }
    static const char* step_name(CareerStepId id) {
        switch (id) {
            case CareerStepId::panel_figure: return "damage-panel";
            case CareerStepId::own_figure: return "damage-own";
            case CareerStepId::gap: return "damage-gap";
            case CareerStepId::months: return "damage-months";
            case CareerStepId::loss: return "damage-loss";
            case CareerStepId::pension: return "damage-pension";
            case CareerStepId::total: return "damage-total";
        }
        return "";
    }

    const Asked& asked_;
    const Request& request_;
    std::size_t input_ = 0;
    std::vector<CareerRow> rows_;
    std::deque<std::string> texts_;
    Findings findings_;
};

}  // namespace

Status compare_careers(const Asked& asked) { return CareerComparison(asked).run(); }

}  // namespace contrechamp::disparity
