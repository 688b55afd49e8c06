#include "analyze/disparity/request.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/hash.h"
#include "formats/record_file.h"

namespace contrechamp::disparity {
namespace {

constexpr std::size_t kMostInputs = 64, kMostColumns = 64;
constexpr std::array kModes = {
    std::pair{Mode::transcripts, std::string_view("transcripts")},
    std::pair{Mode::decisions, std::string_view("decisions")},
    std::pair{Mode::scores, std::string_view("scores")},
    std::pair{Mode::faces, std::string_view("faces")},
    std::pair{Mode::career, std::string_view("career")},
};
constexpr std::array kRoles = {std::string_view("reference"), std::string_view("second"),
                               std::string_view("system"),    std::string_view("speakers"),
                               std::string_view("rows"),      std::string_view("genuine"),
                               std::string_view("impostor")};

tl::unexpected<Error> bad(const std::string& where) {
    return fail(
        {"this request does not say what a request says", "cette demande ne dit pas ce que dit une demande"},
        where, {"make it again with `contrechamp disparity`", "refaites-la avec `contrechamp disparity`"});
}

bool read_list(const json::Value& value, std::vector<std::string>& into) {
    const auto& items = value.array_or_empty();
    if (items.size() > kMostColumns) return false;
    for (const auto& item : items) {
        if (!item.if_string()) return false;
        into.emplace_back(item.string_or());
    }
    return true;
}

bool read_number(const json::Value& value, std::int64_t least, std::int64_t most, auto& into) {
    const auto given = value.int_or(-1);
    if (given < least || given > most) return false;
    into = static_cast<std::remove_reference_t<decltype(into)>>(given);
    return true;
}

bool is_decimal(const std::string& text) {
    char* end = nullptr;
    (void)std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0' && text.find_first_not_of("0123456789.+-eE") == std::string::npos;
}

Status read_table(const json::Value& value, const std::string& where, TableWishes& out) {
    const auto separator = value["separator"].string_or();
    const auto encoding = value["encoding"].string_or();
    if (separator.size() > 1 || std::string_view(",;\t|").find(separator) == std::string_view::npos ||
        !read_number(value["header_line"], 0, 1'000'000, out.header_line))
        return bad(where);
    if (!separator.empty()) out.separator = separator[0];
    if (!encoding.empty()) {
        out.encoding = table_encoding(encoding);
        if (!out.encoding) return bad(where);
    }
    return {};
}

Status read_settings(const json::Value& value, const std::string& where, Request& out) {
    const auto mode = mode_of(value["mode"].string_or());
    out.alpha = value["alpha"].string_or();
    out.threshold = value["threshold"].string_or();
    out.lower_is_alike = value["lower_is_alike"].bool_or(false);
    out.language = value["language"].string_or();
    out.profile = value["profile"].string_or();
    const double alpha = std::strtod(out.alpha.c_str(), nullptr);
    if (!mode || !is_decimal(out.alpha) || !(alpha >= 0.001 && alpha <= 0.2) ||
        (!out.threshold.empty() && !is_decimal(out.threshold)) ||
        (out.language != "en" && out.language != "fr") ||
        !read_number(value["seed"], 0, INT64_MAX, out.seed) ||
        !read_number(value["permutations"], 99, 10'000'000, out.permutations) ||
        !read_number(value["replicates"], 99, 10'000'000, out.replicates) ||
        !read_list(value["groups"], out.groups) || !read_list(value["strata"], out.strata) ||
        !read_list(value["covariates"], out.covariates))
        return bad(where);
    out.mode = *mode;
    TRY(read_table(value["table"], where, out.table));
    for (const auto& [role, column] : value["columns"].object_or_empty())
        out.columns.emplace(role, column.string_or());
    for (const auto& [by, group] : value["references"].object_or_empty())
        out.references.emplace(by, group.string_or());
    for (const auto& item : value["declared"].array_or_empty())
        out.declared.push_back({std::string(item["by"].string_or()), std::string(item["group"].string_or()),
                                std::string(item["against"].string_or())});
    return {};
}

Status read_input(const json::Value& value, const std::string& where, Request& out) {
    RequestInput input{std::string(value["sha256"].string_or()), std::string(value["role"].string_or()),
                       std::string(value["name"].string_or()), std::string(value["format"].string_or())};
    if (!is_sha256(input.sha256) || std::find(kRoles.begin(), kRoles.end(), input.role) == kRoles.end() ||
        out.inputs.size() == kMostInputs)
        return bad(where);
    out.inputs.push_back(std::move(input));
    return {};
}

}  // namespace

std::string_view to_string(Mode mode) { return kModes[static_cast<std::size_t>(mode)].second; }

std::optional<Mode> mode_of(std::string_view name) {
    for (const auto& [mode, known] : kModes)
        if (known == name) return mode;
    return std::nullopt;
}

const std::string& Request::column(std::string_view role) const {
    static const std::string kNone;
    const auto it = columns.find(role);
    return it == columns.end() ? kNone : it->second;
}

double Request::level() const { return 1 - std::strtod(alpha.c_str(), nullptr); }

std::string Request::to_bytes() const {
    RecordWriter writer("disparity-request", 1, {});
    for (const auto& input : inputs)
        writer.add(
            "input",
            {{"sha256", input.sha256}, {"role", input.role}, {"name", input.name}, {"format", input.format}});
    const auto object = [](const auto& map) {
        json::Object out;
        for (const auto& [name, value] : map) out[name] = value;
        return out;
    };
    json::Array hypotheses;
    for (const auto& one : declared)
        hypotheses.push_back(json::Object{{"by", one.by}, {"group", one.group}, {"against", one.against}});
    writer.add("settings",
               {{"mode", to_string(mode)},
                {"columns", object(columns)},
                {"groups", json::strings(groups)},
                {"strata", json::strings(strata)},
                {"covariates", json::strings(covariates)},
                {"references", object(references)},
                {"declared", std::move(hypotheses)},
                {"table", json::Object{{"separator", table.separator ? std::string(1, *table.separator) : ""},
                                       {"encoding", table.encoding ? to_string(*table.encoding) : ""},
                                       {"header_line", table.header_line}}},
                {"alpha", alpha},
                {"threshold", threshold},
                {"lower_is_alike", lower_is_alike},
                {"language", language},
                {"profile", profile},
                {"seed", static_cast<std::int64_t>(seed)},
                {"permutations", permutations},
                {"replicates", replicates}});
    return writer.finish();
}

Result<Request> Request::from_bytes(std::string_view bytes, const std::string& where) {
    auto file = TRY(read_record_file(bytes, where));
    if (!file.problems.empty()) return tl::unexpected(file.problems.front());
    if (!file.whole) return bad(where);
    if (file.version != 1)
        return fail({"this exhibit is of another version than this program reads",
                     "cette pièce est d’une autre version que celle lue par ce programme"},
                    where);
    Request out;
    bool settings = false;
    for (const auto& record : file.records) {
        const auto line = where + ":" + std::to_string(record.line);
        if (record.is == "input") {
            TRY(read_input(record.value, line, out));
        } else if (record.is == "settings" && !settings) {
            TRY(read_settings(record.value, line, out));
            settings = true;
        } else {
            return bad(line);
        }
    }
    if (!settings || out.inputs.empty()) return bad(where);
    return out;
}

}  // namespace contrechamp::disparity
