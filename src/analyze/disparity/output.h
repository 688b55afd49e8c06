// What an analysis says: rows of the tables, observations and coverage. Nobody is named: figures are about
// groups, and who a person is stands in the tables people_counts, utterances and panel only.
#pragma once

#include <string>
#include <vector>

#include "analyze/analyzer.h"
#include "analyze/disparity/figure.h"
#include "analyze/disparity/request.h"
#include "formats/compressed.h"

namespace contrechamp::disparity {

// A row that cannot be used.
struct RefusedRow {
    std::size_t input = 0;  // index of Request::inputs
    std::uint64_t offset = 0, length = 0, line = 0;
    std::string reason, detail;
};

struct RowCounts {
    std::uint64_t used = 0, refused = 0;
    std::map<std::string, std::uint64_t> by_reason;
};

class Report {
  public:
    Report(const Request& request, const ExhibitView& asked, Output& out)
        : request_(request), asked_(asked), out_(out) {}

    // The next of the request's inputs: how it is packed, its size as an exhibit, and unpacked.
    void add_input(Compression compression, std::uint64_t size, std::uint64_t inside) {
        inputs_.push_back({compression, size, inside});
    }

    // Where figures come from: the exhibit of this input, whole.
    Locator whole(std::size_t input) const;
    Locator at(std::size_t input, std::uint64_t offset, std::uint64_t length, std::uint64_t line) const;
    void row(std::string_view table, std::vector<json::Value> cells, Locator locator) {
        out_.row(table, std::move(cells), std::move(locator));
    }

    // Everything about `findings`: `about` is the input that carries the judgements of a system, by name; and
    // of the empty name, the rows.
    void put_out(const Findings& findings, const std::map<std::string, std::size_t>& about);
    void refused(std::span<const RefusedRow> rows, const RowCounts& counts);
    // Further coverage of the check, such as what is missing; `state` unreadable or not-recorded.
    void gap(CoverageState state, std::string reason, json::Object fields);

  private:
    Subject subject(const Comparison& of) const;
    std::string put(const Figure& figure, const Locator& locator);
    using FiguresOf = std::map<Comparison, std::vector<std::size_t>>;  // indices, in order
    void put(const Findings& findings, const Conclusion& conclusion, const std::vector<std::string>& ids,
             const FiguresOf& figures, const Locator& locator);
    void cover(const Findings& findings);
    void figure_row(const Figure& figure, const Locator& locator);
    void conclusion_row(const Findings& findings, const Conclusion& conclusion, const Locator& locator);
    void point_row(const Point& point, const Locator& locator);
    Locator located(const Comparison& of, const std::map<std::string, std::size_t>& about) const;

    const Request& request_;
    const ExhibitView& asked_;
    Output& out_;
    struct Packed {
        Compression compression = Compression::none;
        std::uint64_t size = 0, inside = 0;
    };
    std::vector<Packed> inputs_;
};

// "0.1234": six digits that matter; empty for what is no number.
std::string decimal(double value);
json::Value number_or_null(double value);

}  // namespace contrechamp::disparity
