#include "analyze/coordination/compat.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace contrechamp::coordination {
namespace {

class Names {
  public:
    std::uint32_t number(std::string_view name) {
        const auto [it, fresh] =
            numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
        if (fresh) names_.push_back(&it->first);
        return it->second;
    }
    const std::string& name(std::uint32_t number) const { return *names_[number]; }

  private:
    std::unordered_map<std::string, std::uint32_t> numbers_;  // its strings do not move
    std::vector<const std::string*> names_;
};

Status each_row(std::span<const Input> inputs, const std::function<void(const PostRow&)>& visit) {
    for (const auto& input : inputs)
        TRY(read_post_rows(input.bytes, input.layout, {0, input.bytes.size()},
                           {visit, [](const RefusedRow&) {}}));
    return {};
}

// A row of CooRTweet's table; numbers stand for names.
struct Row {
    std::uint32_t object, account, content;
    bool is_its_object;
    std::int64_t time;
};
struct RowPair {
    std::uint32_t older, newer;  // indexes of rows
    std::int64_t delta;
};

std::vector<RowPair> pairs_within(const std::vector<Row>& rows, std::int64_t window) {
    std::vector<std::uint32_t> order(rows.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
        return std::tie(rows[x].object, rows[x].time, x) < std::tie(rows[y].object, rows[y].time, y);
    });
    std::vector<RowPair> out;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Row& older = rows[order[i]];
        for (std::size_t j = i + 1; j < order.size(); ++j) {
            const Row& newer = rows[order[j]];
            if (newer.object != older.object || newer.time - older.time > window) break;
            if (older.account == newer.account || older.content == newer.content || older.is_its_object ||
                newer.is_its_object)
                continue;
            out.push_back({order[i], order[j], newer.time - older.time});
        }
    }
    return out;
}

// R's quantile(), type 7.
double quantile(std::vector<std::uint64_t> values, double part) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const double place = double(values.size() - 1) * part;
    const auto low = static_cast<std::size_t>(place);
    const auto high = std::min(low + 1, values.size() - 1);
    return double(values[low]) + (place - double(low)) * (double(values[high]) - double(values[low]));
}

// What the toolkit compares of a text. Python's lower() and split(): Unicode's.
std::string toolkit_text(std::string_view text) {
    std::string out;
    bool mention = false, space = false;
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (utf8proc_ssize_t left = static_cast<utf8proc_ssize_t>(text.size()); left > 0;) {
        utf8proc_int32_t point = 0;
        const auto taken = std::max<utf8proc_ssize_t>(1, utf8proc_iterate(at, left, &point));
        at += taken;
        left -= taken;
        if (point < 0) point = 0xFFFD;
        const auto category = utf8proc_category(point);
        const bool white = category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
                           category == UTF8PROC_CATEGORY_ZP || (point >= 9 && point <= 13) ||
                           (point >= 0x1c && point <= 0x1f) || point == 0x85;
        if (white) {
            mention = false;
            space = !out.empty();
        } else if (point == '@') {
            mention = true;
        }
        if (white || mention) continue;
        if (space) out += ' ';
        space = false;
        utf8proc_uint8_t letters[4];
        const auto count = utf8proc_encode_char(utf8proc_tolower(point), letters);
        out.append(reinterpret_cast<const char*>(letters), static_cast<std::size_t>(count));
    }
    return out;
}

struct Message {
    std::uint32_t object, user, number;
    std::int64_t time;
};

// One network: for each user_1's message, the users that have one within the window.
void add_network(const char* network, std::vector<Message> messages, const ToolkitSettings& settings,
                 const Names& users, std::vector<ToolkitEdge>& out) {
    std::sort(messages.begin(), messages.end(), [](const Message& x, const Message& y) {
        return std::tie(x.object, x.time, x.user) < std::tie(y.object, y.time, y.user);
    });
    // user_1, user_2, user_1's message: a message counts once, however many links it shares.
    std::vector<std::array<std::uint32_t, 3>> met;
    std::size_t begin = 0, end = 0;
    std::vector<std::uint32_t> near;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& mine = messages[i];
        while (messages[begin].object != mine.object || mine.time - messages[begin].time > settings.window)
            ++begin;
        end = std::max(end, i);
        while (end < messages.size() && messages[end].object == mine.object &&
               messages[end].time - mine.time <= settings.window)
            ++end;
        near.clear();
        for (std::size_t j = begin; j < end; ++j) near.push_back(messages[j].user);
        std::sort(near.begin(), near.end());
        near.erase(std::unique(near.begin(), near.end()), near.end());
        for (const auto user : near) met.push_back({mine.user, user, mine.number});
    }
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    std::vector<ToolkitEdge> edges;
    for (std::size_t i = 0; i < met.size();) {
        std::size_t j = i;
        while (j < met.size() && met[j][0] == met[i][0] && met[j][1] == met[i][1]) ++j;
        if (j - i >= settings.min_edge_weight)
            edges.push_back({network, users.name(met[i][0]), users.name(met[i][1]), j - i});
        i = j;
    }
    std::sort(edges.begin(), edges.end(), [](const ToolkitEdge& x, const ToolkitEdge& y) {
        return std::tie(x.user_1, x.user_2) < std::tie(y.user_1, y.user_2);
    });
    std::move(edges.begin(), edges.end(), std::back_inserter(out));
}

}  // namespace

Result<std::vector<CooRTweetEdge>> coortweet_edges(std::span<const Input> inputs,
                                                   const CooRTweetSettings& settings) {
    Names names;
    std::vector<Row> rows;
    TRY(each_row(inputs, [&](const PostRow& row) {
        if (!row.has_time) return;
        const auto object = row[PostField::object], content = row[PostField::id];
        rows.push_back({names.number(object), names.number(row[PostField::account]), names.number(content),
                        object == content, row.time});
    }));
    std::unordered_map<std::uint32_t, std::uint64_t> participation;
    for (const auto& row : rows) ++participation[row.account];
    std::erase_if(rows,
                  [&](const Row& row) { return participation[row.account] < settings.min_participation; });
    const auto pairs = pairs_within(rows, settings.window);

    std::unordered_set<std::uint32_t> contents, kept;
    for (const auto& pair : pairs) contents.insert({rows[pair.older].content, rows[pair.newer].content});
    participation.clear();
    for (const auto& row : rows)
        if (contents.contains(row.content)) ++participation[row.account];
    for (const auto& row : rows)
        if (contents.contains(row.content) && participation[row.account] >= settings.min_participation)
            kept.insert(row.content);

    struct Sum {
        std::uint64_t weight = 0;
        double deltas = 0;
        std::unordered_set<std::uint32_t> older, newer;
    };
    std::map<std::pair<std::string_view, std::string_view>, Sum> sums;
    for (const auto& pair : pairs) {
        const Row& older = rows[pair.older];
        const Row& newer = rows[pair.newer];
        if (!kept.contains(older.content) && !kept.contains(newer.content)) continue;
        const std::string_view a = names.name(older.account), b = names.name(newer.account);
        auto& sum = sums[{std::min(a, b), std::max(a, b)}];
        ++sum.weight;
        sum.deltas += double(pair.delta);
        sum.older.insert(older.content);
        sum.newer.insert(newer.content);
    }
    std::vector<std::uint64_t> weights;
    for (const auto& [pair, sum] : sums) weights.push_back(sum.weight);
    const double threshold = quantile(weights, settings.edge_weight);
    std::vector<CooRTweetEdge> out;
    for (const auto& [pair, sum] : sums) {
        const auto x = sum.older.size(), y = sum.newer.size();
        out.push_back({std::string(pair.first), std::string(pair.second), sum.weight,
                       sum.deltas / double(sum.weight), x, y, double(std::min(x, y)) / double(std::max(x, y)),
                       double(sum.weight) > threshold});
    }
    return out;
}

Result<std::vector<ToolkitEdge>> toolkit_edges(std::span<const Input> inputs,
                                               const ToolkitSettings& settings) {
    Names users, objects;
    std::unordered_set<std::string> seen;
    std::vector<Message> tweets, links, replies, reposts;
    TRY(each_row(inputs, [&](const PostRow& row) {
        if (!row.has_time || !seen.emplace(row[PostField::id]).second) return;
        const auto user = users.number(row[PostField::account]);
        const auto add = [&](std::vector<Message>& into, std::string_view object) {
            into.push_back({objects.number(object), user, static_cast<std::uint32_t>(seen.size()), row.time});
        };
        if (!row[PostField::repost].empty()) {
            add(reposts, row[PostField::repost]);
            return;
        }
        add(tweets, toolkit_text(row[PostField::text]));
        if (!row[PostField::reply].empty()) add(replies, row[PostField::reply]);
        std::vector<std::string_view> urls = row.list(PostField::links);
        std::sort(urls.begin(), urls.end());
        urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
        for (const auto url : urls) add(links, url);
    }));
    std::vector<ToolkitEdge> out;
    add_network("co_link", std::move(links), settings, users, out);
    add_network("co_reply", std::move(replies), settings, users, out);
    add_network("co_retweet", std::move(reposts), settings, users, out);
    add_network("co_tweet", std::move(tweets), settings, users, out);
    return out;
}

}  // namespace contrechamp::coordination
