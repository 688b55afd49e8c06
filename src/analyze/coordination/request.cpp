#include "analyze/coordination/request.h"

#include <algorithm>

#include "base/hash.h"
#include "formats/record_file.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kMostWindows = 4;
constexpr std::int64_t kMostFewest = 9999;
constexpr std::uint32_t kLongestWindow = 30 * 86400;
constexpr std::size_t kMostInputs = 255;  // a Place has one byte for them

struct Unit {
    char letter;
    std::uint32_t seconds;
};
constexpr std::array kUnits = {Unit{'d', 86400}, Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}};

tl::unexpected<Error> bad(const std::string& where) {
    return fail(
        {"this request does not say what a request says", "cette demande ne dit pas ce que dit une demande"},
        where,
        {"make it again with `contrechamp coordination`", "refaites-la avec `contrechamp coordination`"});
}

Status read_settings(const json::Value& value, const std::string& where, Request& out) {
    out.windows.clear();
    const auto number = [](const json::Value& from, std::int64_t least, std::int64_t most, auto& into) {
        const auto given = from.int_or(-1);
        if (given < least || given > most) return false;
        into = static_cast<std::remove_reference_t<decltype(into)>>(given);
        return true;
    };
    for (const auto& window : value["windows"].array_or_empty())
        if (!number(window, 0, kLongestWindow, out.windows.emplace_back())) return bad(where);
    // Thousandths, so that the exhibit holds whole numbers only.
    std::int64_t thousandths = 0;
    const auto null = value["null"].string_or();
    if (!number(value["fewest_objects"], 1, kMostFewest, out.fewest_objects) ||
        !number(value["alpha_thousandths"], 1, 500, thousandths) || (null != "shift" && null != "bicm"))
        return bad(where);
    out.alpha = double(thousandths) / 1000;
    out.null = null == "bicm" ? Null::bicm : Null::shift;
    out.seed = static_cast<std::uint64_t>(value["seed"].int_or(1));
    const bool ascending = std::is_sorted(out.windows.begin(), out.windows.end(), std::less_equal<>());
    if (out.windows.empty() || out.windows.size() > kMostWindows || !ascending) return bad(where);
    return {};
}

Status read_input(const json::Value& value, const std::string& where, Request& out) {
    RequestInput input;
    input.sha256 = value["sha256"].string_or();
    input.role = value["role"].string_or();
    input.name = value["name"].string_or();
    if (!is_sha256(input.sha256) || (input.role != "posts" && input.role != "profiles") ||
        out.inputs.size() == kMostInputs)
        return bad(where);
    input.layout = TRY(PostLayout::from_json(value["layout"], where));
    out.inputs.push_back(std::move(input));
    return {};
}

}  // namespace

std::string Request::to_bytes() const {
    RecordWriter writer("coordination-request", 1, {});
    for (const auto& input : inputs)
        writer.add("input", {{"sha256", input.sha256},
                             {"role", input.role},
                             {"name", input.name},
                             {"layout", input.layout.to_json()}});
    json::Array seconds;
    for (const auto window : windows) seconds.push_back(window);
    writer.add("settings", {{"windows", std::move(seconds)},
                            {"fewest_objects", fewest_objects},
                            {"alpha_thousandths", static_cast<std::int64_t>(alpha * 1000 + 0.5)},
                            {"null", null == Null::bicm ? "bicm" : "shift"},
                            {"seed", static_cast<std::int64_t>(seed)}});
    const auto list = [&](const char* role, const std::vector<std::string>& accounts) {
        if (!accounts.empty())
            writer.add("accounts", {{"role", role}, {"accounts", json::strings(accounts)}});
    };
    list("public", of_public_interest);
    list("ordinary", ordinary);
    list("disclosed", disclosed);
    return writer.finish();
}

Result<Request> Request::from_bytes(std::string_view bytes, const std::string& where) {
    auto file = TRY(read_record_file(bytes, where));
    if (!file.problems.empty()) return tl::unexpected(file.problems.front());
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
        } else if (record.is == "settings") {
            TRY(read_settings(record.value, line, out));
            settings = true;
        } else if (record.is == "accounts") {
            const auto role = record.value["role"].string_or();
            auto* into = role == "public"      ? &out.of_public_interest
                         : role == "ordinary"  ? &out.ordinary
                         : role == "disclosed" ? &out.disclosed
                                               : nullptr;
            if (!into) return bad(line);
            for (const auto& account : record.value["accounts"].array_or_empty())
                into->emplace_back(account.string_or());
        } else {
            return bad(line);
        }
    }
    const bool posts = std::any_of(out.inputs.begin(), out.inputs.end(),
                                   [](const RequestInput& input) { return input.role == "posts"; });
    if (!settings || (!posts && out.inputs.empty())) return bad(where);
    return out;
}

Result<std::uint32_t> parse_window(const std::string& text) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i < 9; ++i)
        value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
    std::uint64_t unit = i == text.size() ? 1 : 0;
    if (i + 1 == text.size())
        for (const auto& known : kUnits)
            if (known.letter == text[i]) unit = known.seconds;
    if (i == 0 || unit == 0 || value * unit > kLongestWindow)
        return misuse({"this is no window of time", "ceci n’est pas une fenêtre de temps"}, text,
                      {"write 10s, 5m, 1h or 2d, at most 30d", "écrivez 10s, 5m, 1h ou 2d, au plus 30d"});
    return static_cast<std::uint32_t>(value * unit);
}

std::string window_name(std::uint32_t seconds) {
    for (const auto& unit : kUnits)
        if (seconds % unit.seconds == 0 && seconds >= unit.seconds)
            return std::to_string(seconds / unit.seconds) + unit.letter;
    return "0s";
}

}  // namespace contrechamp::coordination
