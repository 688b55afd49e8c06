#include "report/coordination_data.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "analyze/analyzer.h"
#include "report/words.h"

namespace contrechamp {
namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string small(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return small(c); });
    return out;
}

// Letters, digits and "_", and every byte of a letter beyond ASCII.
bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// What a handle or the host after it may hold.
bool in_handle(char c) { return in_word(c) || c == '.' || c == '-' || c == '@'; }

// One row, its cells by name.
class Row {
  public:
    Row(const TableSpec& spec, const std::vector<json::Value>& cells) : spec_(spec), cells_(cells) {}

    const json::Value& operator[](std::string_view column) const {
        static const json::Value kNull;
        for (std::size_t i = 0; i < spec_.columns.size() && i < cells_.size(); ++i)
            if (spec_.columns[i].name == column) return cells_[i];
        return kNull;
    }
    std::string text(std::string_view column) const { return std::string((*this)[column].string_or()); }
    std::int64_t number(std::string_view column) const { return (*this)[column].int_or(0); }
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
        take(Row(*spec, cells));
        return {};
    });
}

std::optional<UnixTime> hour_of(const Row& row) {
    const auto time = from_rfc3339(row.text("hour"));
    if (!time) return std::nullopt;
    return *time - (*time % 3600 + 3600) % 3600;
}

class Reader {
  public:
    Reader(const Index& index, Coordination& out) : index_(index), out_(out) {}

    Status read() {
        TRY(accounts());
        TRY(weakest_ties());
        TRY(activity_bounds());
        choose_drawn();
        TRY(ties());
        choose_rows();
        TRY(activity());
        return templates();
    }

  private:
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

    std::size_t community_index(std::string_view key) const {
        const auto it = communities_.find(std::string(key));
        return it == communities_.end() ? kNone : it->second;
    }
    const std::uint32_t* account(const std::string& id) const {
        const auto it = ids_.find(id);
        return it == ids_.end() ? nullptr : &it->second;
    }

    Status accounts() {
        for (std::size_t i = 0; i < out_.communities.size(); ++i)
            communities_.emplace(out_.communities[i].key, i);
        return each_row(index_, "accounts", [&](const Row& row) {
            const auto community = community_index(row.text("community"));
            const auto id = row.text("account");
            if (community == kNone || id.empty() || ids_.contains(id)) return;
            const auto number = static_cast<std::uint32_t>(out_.accounts.size());
            CoordinationAccount item;
            const auto pseudonym = row.text("pseudonym"), name = row.text("name");
            item.named = row.number("public") != 0;
            item.shown = shortened(item.named ? (name.empty() ? id : name) : pseudonym, 60);
            item.posts = row.number("posts");
            if (!item.named) {
                out_.veil.add(name, item.shown);
                out_.veil.add(id, item.shown);
            }
            out_.shown_of.emplace(pseudonym, item.shown);
            ids_.emplace(id, number);
            community_of_.push_back(community);
            out_.communities[community].accounts.push_back(number);
            out_.accounts.push_back(std::move(item));
        });
    }

    // Pairs that are tied more weakly than any that counted are not drawn.
    Status weakest_ties() {
        weakest_.assign(out_.communities.size(), 1);
        return each_row(index_, "communities", [&](const Row& row) {
            const auto community = community_index(row.text("community"));
            if (community == kNone) return;
            if (const auto q = row.real("largest_q")) weakest_[community] = *q;
        });
    }

    Status activity_bounds() {
        bounds_.resize(out_.communities.size());
        return each_row(index_, "activity", [&](const Row& row) {
            const auto* who = account(row.text("account"));
            const auto hour = hour_of(row);
            if (!who || !hour) return;
            auto& bounds = bounds_[community_of_[*who]];
            bounds.all.add(*hour);
            if (row.number("evidence") > 0) bounds.evidence.add(*hour);
            out_.accounts[*who].evidence += std::max<std::int64_t>(0, row.number("evidence"));
        });
    }

    // The accounts with most evidence, in their own order.
    std::vector<std::uint32_t> busiest(std::vector<std::uint32_t> accounts, std::size_t most) const {
        if (accounts.size() <= most) return accounts;
        std::stable_sort(accounts.begin(), accounts.end(), [&](std::uint32_t a, std::uint32_t b) {
            return out_.accounts[a].evidence > out_.accounts[b].evidence;
        });
        accounts.resize(most);
        std::sort(accounts.begin(), accounts.end());
        return accounts;
    }

    // The largest communities whole, as long as they fit.
    void choose_drawn() {
        out_.drawn.resize(out_.communities.size());
        std::size_t room = kMostNodes;
        for (const auto i : by_size()) {
            const auto& accounts = out_.communities[i].accounts;
            if (accounts.size() > room && room < kMostNodes) break;
            out_.drawn[i] = busiest(accounts, room);
            room -= out_.drawn[i].size();
            if (room == 0) break;
        }
    }

    std::vector<std::size_t> by_size() const {
        std::vector<std::size_t> order(out_.communities.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return out_.communities[a].accounts.size() > out_.communities[b].accounts.size();
        });
        return order;
    }

    Status ties() {
        std::vector<bool> drawn(out_.accounts.size());
        for (const auto& accounts : out_.drawn)
            for (const auto i : accounts) drawn[i] = true;
        struct Tied {
            std::set<std::string> layers;
            std::int64_t objects = 0;
        };
        std::map<std::pair<std::uint32_t, std::uint32_t>, Tied> pairs;  // at most those of kMostNodes
        TRY(each_row(index_, "edges", [&](const Row& row) {
            const auto *a = account(row.text("account_a")), *b = account(row.text("account_b"));
            if (!a || !b || *a == *b || !drawn[*a] || !drawn[*b]) return;
            const auto q = row.real("q");
            if (q && *q > std::max(weakest_[community_of_[*a]], weakest_[community_of_[*b]])) return;
            auto& tied = pairs[std::minmax(*a, *b)];
            if (tied.layers.size() < 32) tied.layers.insert(row.text("layer"));
            tied.objects = std::max(tied.objects, row.number("objects"));
        }));
        // Those who do the same at different times have no edges, only pairs of posts (window 0).
        std::vector<bool> tied_in(out_.communities.size());
        for (const auto& [pair, tied] : pairs) tied_in[community_of_[pair.first]] = true;
        const auto alone = [&](std::uint32_t account) {
            return drawn[account] && !tied_in[community_of_[account]];
        };
        const bool any_alone = std::any_of(out_.drawn.begin(), out_.drawn.end(), [&](const auto& accounts) {
            return !accounts.empty() && alone(accounts.front());
        });
        if (any_alone)
            TRY(each_row(index_, "evidence", [&](const Row& row) {
                if (row.number("window") != 0) return;
                const auto *a = account(row.text("account_a")), *b = account(row.text("account_b"));
                if (!a || !b || *a == *b || !alone(*a) || !alone(*b)) return;
                auto& tied = pairs[std::minmax(*a, *b)];
                if (tied.layers.size() < 32) tied.layers.insert(row.text("layer"));
                ++tied.objects;
            }));
        for (const auto& [pair, tied] : pairs)
            out_.ties.push_back(
                {pair.first, pair.second, static_cast<unsigned>(tied.layers.size()), tied.objects});
        std::stable_sort(out_.ties.begin(), out_.ties.end(), [](const auto& a, const auto& b) {
            return std::tie(a.layers, a.objects) > std::tie(b.layers, b.objects);
        });
        keep_each_ones_strongest();
        return {};
    }

    // When there are too many: every account's strongest tie, then its second, and so on, so that nobody
    // stands alone who is tied.
    void keep_each_ones_strongest() {
        if (out_.ties.size() <= kMostTies) return;
        out_.ties_left_out = out_.ties.size() - kMostTies;
        std::vector<std::size_t> degree(out_.accounts.size());
        std::vector<std::pair<std::size_t, std::size_t>> order;  // rank at its better end, place
        for (const auto& tie : out_.ties) {
            order.emplace_back(std::min(degree[tie.a], degree[tie.b]), order.size());
            ++degree[tie.a], ++degree[tie.b];
        }
        std::sort(order.begin(), order.end());
        order.resize(kMostTies);
        std::sort(order.begin(), order.end(),
                  [](const auto& a, const auto& b) { return a.second < b.second; });
        std::vector<CoordinationTie> kept;
        for (const auto& [rank, place] : order) kept.push_back(out_.ties[place]);
        out_.ties = std::move(kept);
    }

    // From some time before the first evidence to some time after the last, in bins of a handy length.
    void choose_rows() {
        // One less than fit: bins begin at whole hours or days, which may be one bin earlier.
        constexpr auto kBins = static_cast<std::int64_t>(kMostRasterColumns - 1);
        std::size_t figures = 0;
        for (const auto i : by_size()) {
            const auto& [all, evidence] = bounds_[i];
            if (!all.any || figures == kMostFigures) continue;
            ++figures;
            auto& community = out_.communities[i];
            auto& grid = community.activity;
            const auto& seen = evidence.any ? evidence : all;
            const auto pad = std::max<std::int64_t>((seen.last - seen.first) / 2, 2 * 86400);
            auto from = std::max(all.first, seen.first - pad),
                 to = std::min(all.last, seen.last + pad) + 3600;
            grid.cut = from > all.first || to <= all.last;
            // A day at least, with the posts in its middle.
            if (const auto spare = 86400 - (to - from); spare > 0) {
                from -= spare / 7200 * 3600;
                to = from + 86400;
            }
            for (const std::int64_t hours : {1, 6, 24, 7 * 24}) {
                grid.bin = hours * 3600;
                if (to - from <= kBins * grid.bin) break;
            }
            // Years: as many whole weeks a bin as it takes.
            const auto widest = kBins * grid.bin;
            if (to - from > widest) grid.bin *= (to - from + widest - 1) / widest;
            grid.start = from - (from % grid.bin + grid.bin) % grid.bin;
            grid.columns = static_cast<std::size_t>((to - grid.start + grid.bin - 1) / grid.bin);
            for (const auto who : busiest(community.accounts, kMostRasterRows)) {
                places_.emplace(who, grid.rows.size());
                grid.rows.push_back({who, std::vector<std::uint32_t>(grid.columns),
                                     std::vector<std::uint32_t>(grid.columns)});
            }
            grid.rows_left_out = community.accounts.size() - grid.rows.size();
        }
    }

    Status activity() {
        return each_row(index_, "activity", [&](const Row& row) {
            const auto* who = account(row.text("account"));
            const auto hour = hour_of(row);
            if (!who || !hour) return;
            const auto place = places_.find(*who);
            if (place == places_.end()) return;
            auto& grid = out_.communities[community_of_[*who]].activity;
            if (*hour < grid.start) return;
            const auto column = static_cast<std::size_t>((*hour - grid.start) / grid.bin);
            if (column >= grid.columns) return;
            const auto add = [&](std::vector<std::uint32_t>& cells, std::int64_t count) {
                constexpr std::int64_t kMost = 1'000'000'000;
                cells[column] = static_cast<std::uint32_t>(
                    std::min(kMost, cells[column] + std::clamp<std::int64_t>(count, 0, kMost)));
            };
            add(grid.rows[place->second].posts, row.number("posts"));
            add(grid.rows[place->second].evidence, row.number("evidence"));
        });
    }

    Status templates() {
        std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> known;  // community, place
        std::size_t figures = 0;
        TRY(each_row(index_, "templates", [&](const Row& row) {
            const auto community = community_index(row.text("community"));
            if (community == kNone || figures == kMostFigures) return;
            auto& list = out_.communities[community].templates;
            if (!known.emplace(row.text("template"), std::pair(community, list.size())).second) return;
            ++figures;
            list.push_back({row.text("of"), row.text("pattern"), {}, 0});
        }));
        if (known.empty()) return {};
        return each_row(index_, "template_members", [&](const Row& row) {
            const auto it = known.find(row.text("template"));
            const auto* who = account(row.text("account"));
            if (it == known.end()) return;
            auto& item = out_.communities[it->second.first].templates[it->second.second];
            if (!who || item.members.size() == kMostTemplateRows) {
                ++item.members_left_out;
                return;
            }
            CoordinationTemplate::Member member{*who, {}};
            if (const auto values = json::parse(row.text("values"), "template_members"))
                for (const auto& value : values->array_or_empty())
                    if (member.values.size() < kMostSlots) member.values.emplace_back(value.string_or());
            item.members.push_back(std::move(member));
        });
    }

    struct Span {
        bool any = false;
        UnixTime first = 0, last = 0;
        void add(UnixTime time) {
            first = any ? std::min(first, time) : time;
            last = any ? std::max(last, time) : time;
            any = true;
        }
    };
    struct Bounds {
        Span all, evidence;
    };

    const Index& index_;
    Coordination& out_;
    std::unordered_map<std::string, std::size_t> communities_;
    std::unordered_map<std::string, std::uint32_t> ids_;
    std::unordered_map<std::uint32_t, std::size_t> places_;  // row in its community's grid
    std::vector<std::size_t> community_of_;
    std::vector<double> weakest_;
    std::vector<Bounds> bounds_;
};

}  // namespace

void Veil::add(std::string_view name, const std::string& shown) {
    if (name.starts_with('@')) name.remove_prefix(1);
    // Shorter names are words of every day.
    if (name.size() >= 4) names_.emplace(small(name), shown);
}

std::string Veil::operator()(std::string_view text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool starts = at == 0 || !in_word(text[at - 1]);
        // Reddit's way to name somebody.
        const bool reddit = starts && text.substr(at).starts_with("u/");
        if ((text[at] == '@' && at + 1 < text.size() && in_word(text[at + 1])) || reddit) {
            // An address has its name before the sign.
            while (!out.empty() && text[at] == '@' && in_handle(out.back())) out.pop_back();
            out += reddit ? "u/…" : "@…";
            for (at += reddit ? 2 : 1; at < text.size() && in_handle(text[at]); ++at) {
            }
            continue;
        }
        if (!starts || !in_word(text[at])) {
            out += text[at++];
            continue;
        }
        // A name may hold dots and dashes; what stands around it may be joined by them as well.
        std::size_t word = at, handle = at;
        while (word < text.size() && in_word(text[word])) ++word;
        for (std::size_t i = at; i < text.size() && in_handle(text[i]) && text[i] != '@'; ++i)
            if (in_word(text[i])) handle = i + 1;
        auto it = names_.find(small(text.substr(at, handle - at)));
        const auto end = it == names_.end() ? word : handle;
        if (it == names_.end()) it = names_.find(small(text.substr(at, word - at)));
        out += it == names_.end() ? text.substr(at, end - at) : std::string_view(it->second);
        at = end;
    }
    return out;
}

const CoordinationCommunity* Coordination::community(std::string_view key) const {
    const auto it =
        std::find_if(communities.begin(), communities.end(), [&](const auto& c) { return c.key == key; });
    return it == communities.end() ? nullptr : &*it;
}

Result<Coordination> read_coordination(const Index& index, const std::vector<Observation>& observations) {
    Coordination out;
    std::set<std::string> keys;
    for (const auto& observation : observations)
        if (observation.kind == "coordination.community" && keys.insert(observation.subject.key).second)
            out.communities.push_back({observation.subject.key, observation.subject.label, {}, {}, {}});
    if (!out.communities.empty()) TRY(Reader(index, out).read());
    return out;
}

}  // namespace contrechamp
