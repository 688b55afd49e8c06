#include "cli/coordination_network.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "analyze/analyzer.h"
#include "analyze/coordination/network.h"
#include "analyze/coordination/request.h"
#include "base/files.h"
#include "base/time.h"

namespace contrechamp::cli {
namespace {

using namespace coordination;

// A row's cells by the names of its columns.
class Row {
  public:
    Row(const TableSpec& spec, const std::vector<json::Value>& cells) : spec_(spec), cells_(cells) {}
    std::string text(std::string_view column) const { return std::string(cell(column).string_or()); }
    std::int64_t integer(std::string_view column) const { return cell(column).int_or(0); }
    // Nothing (an edge that nobody judged has no q) is no number.
    double real(std::string_view column) const {
        const auto& value = cell(column);
        if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
        return value.if_double() ? *value.if_double() : double(value.int_or(0));
    }
    std::int64_t time(std::string_view column) const { return from_rfc3339(text(column)).value_or(0); }

  private:
    const json::Value& cell(std::string_view column) const {
        static const json::Value none;
        for (std::size_t i = 0; i < spec_.columns.size() && i < cells_.size(); ++i)
            if (spec_.columns[i].name == column) return cells_[i];
        return none;
    }
    const TableSpec& spec_;
    const std::vector<json::Value>& cells_;
};

Status each(const Index& index, std::string_view table, const std::function<void(const Row&)>& visit) {
    const auto* spec = find_table(table);
    return index.rows(table, [&](const std::vector<json::Value>& cells) -> Status {
        visit(Row(*spec, cells));
        return {};
    });
}

// Accounts that do the same at different times have no edges, only pairs of posts (window 0): as many objects
// as both shared, weighed by the posts of the less active side.
Status add_ties_at_any_time(const Index& index, const std::map<std::string, std::uint32_t>& numbers,
                            const std::vector<NetworkNode>& nodes, std::vector<NetworkEdge>& edges) {
    struct Tie {
        std::set<std::string> objects;
        std::int64_t first = 0, last = 0;
    };
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::string>, Tie> ties;
    TRY(each(index, "evidence", [&](const Row& row) {
        const auto a = numbers.find(row.text("account_a")), b = numbers.find(row.text("account_b"));
        if (row.integer("window") != 0 || a == numbers.end() || b == numbers.end()) return;
        const auto [low, high] = std::minmax(a->second, b->second);
        auto& tie = ties[{low, high, row.text("layer")}];
        const auto time_a = row.time("time_a"), time_b = time_a + row.integer("delta_s");
        if (tie.objects.empty()) tie.first = time_a;
        tie.objects.insert(row.text("object"));
        tie.first = std::min({tie.first, time_a, time_b});
        tie.last = std::max({tie.last, time_a, time_b});
    }));
    for (const auto& [key, tie] : ties) {
        const auto& [a, b, layer] = key;
        const auto posts = std::max<std::uint64_t>(std::min(nodes[a].posts, nodes[b].posts), 1);
        edges.push_back({a, b, layer, "any time", std::min(1.0, double(tie.objects.size()) / double(posts)),
                         tie.objects.size(), std::numeric_limits<double>::quiet_NaN(), tie.first, tie.last});
    }
    return {};
}

}  // namespace

Result<std::set<std::string, std::less<>>> accounts_in(const Index& index) {
    std::set<std::string, std::less<>> out;
    TRY(each(index, "accounts", [&](const Row& row) {
        const auto name = row.text("name");
        out.insert(row.text("account"));
        if (!name.empty()) out.insert({name, "@" + name});
    }));
    return out;
}

Status check_networks(const Arguments& arguments) {
    for (const auto* option : {"--gexf", "--graphml"}) {
        if (!arguments.has(option)) continue;
        const auto name = arguments.get(option);
        std::error_code ignored;
        for (const auto* inputs : {"INPUT", "--profiles"})
            for (const auto& input : arguments.all(inputs))
                if (fs::equivalent(name, input, ignored))
                    return misuse({"this would overwrite the posts", "cela écraserait les messages"}, name,
                                  {"give another name", "donnez un autre nom"});
        const auto folder = fs::absolute(name, ignored).parent_path();
        if (!fs::is_directory(folder, ignored))
            return misuse({"there is no such folder", "ce dossier n’existe pas"}, folder.string());
    }
    return {};
}

Status write_networks(const Index& index, const Arguments& arguments) {
    if (!arguments.has("--gexf") && !arguments.has("--graphml")) return {};
    std::vector<NetworkNode> nodes;
    std::map<std::string, std::uint32_t> numbers;
    TRY(each(index, "accounts", [&](const Row& row) {
        const auto id = row.text("account"), name = row.text("name");
        numbers.emplace(id, static_cast<std::uint32_t>(nodes.size()));
        nodes.push_back({id, name.empty() ? id : name, row.time("first"), row.time("last"),
                         static_cast<std::uint64_t>(row.integer("posts")), row.text("community")});
    }));
    std::vector<NetworkEdge> edges;
    TRY(each(index, "edges", [&](const Row& row) {
        const auto a = numbers.find(row.text("account_a")), b = numbers.find(row.text("account_b"));
        if (a == numbers.end() || b == numbers.end()) return;
        edges.push_back({a->second, b->second, row.text("layer"),
                         window_name(static_cast<std::uint32_t>(row.integer("window"))), row.real("weight"),
                         static_cast<std::uint64_t>(row.integer("objects")), row.real("q"), row.time("first"),
                         row.time("last")});
    }));
    TRY(add_ties_at_any_time(index, numbers, nodes, edges));
    if (arguments.has("--gexf")) TRY(replace_file(arguments.get("--gexf"), to_gexf(nodes, edges)));
    if (arguments.has("--graphml")) TRY(replace_file(arguments.get("--graphml"), to_graphml(nodes, edges)));
    return {};
}

}  // namespace contrechamp::cli
