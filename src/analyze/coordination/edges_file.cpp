#include "analyze/coordination/edges_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "analyze/coordination/tables.h"
#include "base/escape.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kMostCells = 64;

struct CsvRow {
    std::vector<std::string> cells;
    std::uint64_t offset = 0, length = 0;
};

// The row that begins at `at`, which moves behind it (RFC 4180).
CsvRow next_row(std::string_view bytes, std::uint64_t& at) {
    CsvRow out;
    out.offset = at;
    std::string cell;
    bool quoted = false;
    for (; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (quoted && c == '"' && at + 1 < bytes.size() && bytes[at + 1] == '"') cell += bytes[++at];
        else if (c == '"') quoted = !quoted;
        else if (!quoted && (c == ',' || c == '\n')) {
            if (out.cells.size() < kMostCells) out.cells.push_back(std::move(cell));
            cell.clear();
            if (c == '\n') break;
        } else if (quoted || c != '\r') cell += c;
    }
    if (at == bytes.size()) out.cells.push_back(std::move(cell));
    out.length = at - out.offset;
    while (out.length > 0 && bytes[out.offset + out.length - 1] == '\r') --out.length;
    at += at < bytes.size();
    return out;
}

// Nothing for a cell that is not of its column's type.
std::optional<json::Value> typed(const std::string& cell, std::string_view type) {
    if (cell.empty()) return json::Value();
    if (type == "text") return json::Value(to_valid_utf8(cell));
    const char* end = cell.data() + cell.size();
    if (type == "integer") {
        std::int64_t value = 0;
        const auto done = std::from_chars(cell.data(), end, value);
        if (done.ec == std::errc() && done.ptr == end) return json::Value(value);
        return std::nullopt;
    }
    double value = 0;
    const auto done = std::from_chars(cell.data(), end, value);
    if (done.ec == std::errc() && done.ptr == end && value - value == 0) return json::Value(value);
    return std::nullopt;
}

}  // namespace

Status read_edges_file(const ExhibitView& exhibit, Output& out) {
    const auto all = tables();
    const auto& spec =
        *std::find_if(all.begin(), all.end(), [](const TableSpec& table) { return table.name == "edges"; });
    std::uint64_t at = 0;
    const auto header = next_row(exhibit.bytes, at);
    std::optional<Error> first;
    std::uint64_t rows = 0;
    while (at < exhibit.bytes.size()) {
        const auto row = next_row(exhibit.bytes, at);
        if (row.length == 0) continue;
        std::vector<json::Value> cells(spec.columns.size());
        bool good = row.cells.size() == header.cells.size();
        for (std::size_t i = 0; good && i < spec.columns.size(); ++i) {
            const auto place = std::find(header.cells.begin(), header.cells.end(), spec.columns[i].name);
            if (place == header.cells.end()) continue;
            const auto value = typed(row.cells[static_cast<std::size_t>(place - header.cells.begin())],
                                     spec.columns[i].type);
            good = value.has_value();
            if (value) cells[i] = *value;
        }
        if (!good || cells[0].is_null() || cells[1].is_null()) {
            if (!first)
                first = Error{{"this row is no edge", "cette ligne n’est pas un lien"},
                              std::string(exhibit.sha256) + ":" + std::to_string(row.offset),
                              {}};
            continue;
        }
        ++rows;
        out.row("edges", std::move(cells), {std::string(exhibit.sha256), row.offset, row.length, 0, ""});
    }
    const auto put = [&](std::string check, CoverageState state, std::string reason) {
        Coverage coverage{"", std::move(check), "", state, std::move(reason), {{"pairs", rows}}};
        coverage.locator = {std::string(exhibit.sha256), 0, exhibit.bytes.size(), 0, ""};
        out.cover(std::move(coverage));
    };
    put("computed-edges", CoverageState::unreadable, "edges-unjudged");
    if (first) return tl::unexpected(std::move(*first));
    return {};
}

}  // namespace contrechamp::coordination
