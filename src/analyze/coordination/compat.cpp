#include "analyze/coordination/compat.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "analyze/coordination/word_breaks.h"

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

// Unicode's white space, and the separators that Python counts as such.
bool is_white(utf8proc_int32_t point) {
    const auto category = utf8proc_category(point);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || (point >= 9 && point <= 13) ||
           (point >= 0x1c && point <= 0x1f) || point == 0x85;
}

template <class Visit>
void each_point(std::string_view text, const Visit& visit) {
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (utf8proc_ssize_t left = static_cast<utf8proc_ssize_t>(text.size()); left > 0;) {
        utf8proc_int32_t point = 0;
        const auto taken = std::max<utf8proc_ssize_t>(1, utf8proc_iterate(at, left, &point));
        at += taken;
        left -= taken;
        visit(point < 0 ? 0xFFFD : point);
    }
}

void put_point(utf8proc_int32_t point, std::string& out) {
    utf8proc_uint8_t letters[4];
    const auto count = utf8proc_encode_char(point, letters);
    out.append(reinterpret_cast<const char*>(letters), static_cast<std::size_t>(count));
}

// The text in lower case, without mentions.
std::string without_mentions(std::string_view text) {
    std::string out;
    bool mention = false;
    each_point(text, [&](utf8proc_int32_t point) {
        if (is_white(point)) mention = false;
        else if (point == '@') mention = true;
        if (!mention) put_point(utf8proc_tolower(point), out);
    });
    return out;
}

// Python's split(): what stands between white space.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    bool open = false;
    each_point(text, [&](utf8proc_int32_t point) {
        const bool white = is_white(point);
        if (!white && !open) out.emplace_back();
        open = !white;
        if (!white) put_point(point, out.back());
    });
    return out;
}

// What co_tweet compares of a text.
std::string toolkit_text(std::string_view text) {
    std::string out;
    for (const auto& word : split(without_mentions(text))) out += (out.empty() ? "" : " ") + word;
    return out;
}

// user_1, user_2, user_1's message.
using Met = std::array<std::uint32_t, 3>;

// A message counts once for two users, however many of the other's it meets and over whatever.
void add_edges(const char* network, std::vector<Met> met, const ToolkitSettings& settings, const Names& users,
               std::vector<ToolkitEdge>& out) {
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
    std::vector<Met> met;
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
    add_edges(network, std::move(met), settings, users, out);
}

struct Tokens {
    std::uint32_t user, number;
    std::int64_t time;
    std::vector<std::uint32_t> set;  // the rarest token first
};

// Rare tokens first, so that few messages have one in common among their first.
void rank_tokens(std::vector<Tokens>& messages) {
    std::unordered_map<std::uint32_t, std::uint32_t> count;
    for (const auto& message : messages)
        for (const auto token : message.set) ++count[token];
    std::vector<std::pair<std::uint32_t, std::uint32_t>> order;
    for (const auto& [token, times] : count) order.emplace_back(times, token);
    std::sort(order.begin(), order.end());
    for (std::uint32_t rank = 0; rank < order.size(); ++rank) count[order[rank].second] = rank;
    for (auto& message : messages) {
        for (auto& token : message.set) token = count[token];
        std::sort(message.set.begin(), message.set.end());
    }
}

double similarity(const Tokens& x, const Tokens& y) {
    std::size_t both = 0;
    for (std::size_t i = 0, j = 0; i < x.set.size() && j < y.set.size();) {
        both += x.set[i] == y.set[j];
        const bool step_x = x.set[i] <= y.set[j], step_y = y.set[j] <= x.set[i];
        i += step_x;
        j += step_y;
    }
    return double(both) / double(x.set.size() + y.set.size() - both);
}

// Two sets that are similar enough share one of their first |x| - ceil(t |x|) + 1 tokens, in whatever order
// both are sorted by (Chaudhuri, Ganti, Kaushik 2006, "A primitive operator for similarity joins").
void add_similar(std::vector<Tokens> messages, const ToolkitSettings& settings, const Names& users,
                 std::vector<ToolkitEdge>& out) {
    std::erase_if(messages, [](const Tokens& message) { return message.set.empty(); });
    std::sort(messages.begin(), messages.end(), [](const Tokens& x, const Tokens& y) {
        return std::tie(x.time, x.number) < std::tie(y.time, y.number);
    });
    rank_tokens(messages);
    std::unordered_map<std::uint32_t, std::deque<std::uint32_t>> having;  // messages within the window
    std::vector<Met> met;
    std::vector<std::uint32_t> near;
    for (std::uint32_t i = 0; i < messages.size(); ++i) {
        const auto& mine = messages[i];
        const double size = double(mine.set.size());
        const auto first = std::size_t(size - std::ceil(settings.similarity * size - 1e-9)) + 1;
        near.clear();
        for (std::size_t t = 0; t < std::min(first, mine.set.size()); ++t) {
            auto& list = having[mine.set[t]];
            while (!list.empty() && mine.time - messages[list.front()].time > settings.window)
                list.pop_front();
            near.insert(near.end(), list.begin(), list.end());
            list.push_back(i);
        }
        std::sort(near.begin(), near.end());
        near.erase(std::unique(near.begin(), near.end()), near.end());
        met.push_back({mine.user, mine.user, mine.number});
        for (const auto j : near) {
            const auto& other = messages[j];
            if (similarity(mine, other) < settings.similarity) continue;
            met.push_back({mine.user, other.user, mine.number});
            met.push_back({other.user, mine.user, other.number});
        }
    }
    add_edges("co_similar_tweet", std::move(met), settings, users, out);
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

std::vector<std::string> toolkit_tokens(std::string_view text) {
    std::vector<std::string_view> segments;
    const auto cleaned = without_mentions(text);
    word_segments(cleaned, segments);
    std::vector<std::string> out;
    for (auto segment : segments) {
        if (segment.starts_with('\'')) segment.remove_prefix(1);
        for (auto& token : split(segment)) out.push_back(std::move(token));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Result<std::vector<ToolkitEdge>> toolkit_edges(std::span<const Input> inputs,
                                               const ToolkitSettings& settings) {
    Names users, objects, tokens;
    std::unordered_map<std::string, std::uint32_t> ids;
    std::set<std::pair<std::uint32_t, std::uint32_t>> linked;  // message and link
    std::vector<Message> tweets, links, replies, reposts;
    std::vector<Tokens> similar;
    TRY(each_row(inputs, [&](const PostRow& row) {
        if (!row.has_time) return;
        const auto [id, fresh] =
            ids.try_emplace(std::string(row[PostField::id]), static_cast<std::uint32_t>(ids.size()));
        const auto number = id->second;
        const auto user = users.number(row[PostField::account]);
        const auto add = [&](std::vector<Message>& into, std::string_view object) {
            into.push_back({objects.number(object), user, number, row.time});
        };
        if (!row[PostField::repost].empty()) {
            if (fresh) add(reposts, row[PostField::repost]);
            return;
        }
        for (const auto url : row.list(PostField::links))
            if (linked.emplace(number, objects.number(url)).second) add(links, url);
        if (!fresh) return;
        add(tweets, toolkit_text(row[PostField::text]));
        if (!row[PostField::reply].empty()) add(replies, row[PostField::reply]);
        Tokens& message = similar.emplace_back(Tokens{user, number, row.time, {}});
        for (const auto& token : toolkit_tokens(row[PostField::text]))
            message.set.push_back(tokens.number(token));
    }));
    std::vector<ToolkitEdge> out;
    add_network("co_link", std::move(links), settings, users, out);
    add_network("co_reply", std::move(replies), settings, users, out);
    add_network("co_retweet", std::move(reposts), settings, users, out);
    add_similar(std::move(similar), settings, users, out);
    add_network("co_tweet", std::move(tweets), settings, users, out);
    return out;
}

}  // namespace contrechamp::coordination
