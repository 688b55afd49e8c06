#include "formats/posts.h"

#include <algorithm>

#include "formats/post_parts.h"

namespace contrechamp {
namespace {

constexpr std::array<std::string_view, kPostFields> kNames = {
    "id",    "account",  "name",     "display", "text",   "time", "repost",  "reply",      "reply_account",
    "links", "hashtags", "mentions", "media",   "object", "bio",  "created", "application"};

constexpr std::array<std::string_view, 3> kContainers = {"delimited", "json-lines", "json-array"};

constexpr UnixTime kFirstTime = 631152000;  // 1990-01-01
constexpr UnixTime kLastTime = 4133980799;  // 2100-12-31

constexpr std::size_t kMostPaths = 64;  // of one field

tl::unexpected<Error> bad_layout(const std::string& what, const std::string& where) {
    return fail({"this description of a file of posts cannot be used: \"" + what + "\"",
                 "cette description d’un fichier de publications est inutilisable : « " + what + " »"},
                where, {"remove it and run the command again", "supprimez-la et relancez la commande"});
}

Status read_map(const json::Value& value, PostLayout& layout, const std::string& where) {
    for (const auto& [name, paths] : value.object_or_empty()) {
        const auto field = post_field(name);
        if (!field || !paths.if_array() || paths.if_array()->size() > kMostPaths)
            return bad_layout("map." + name, where);
        auto& into = layout.map[*field];
        for (const auto& path : *paths.if_array()) {
            if (!path.if_string()) return bad_layout("map." + name, where);
            into.push_back(*path.if_string());
        }
        if (into.empty()) return bad_layout("map." + name, where);
    }
    return {};
}

}  // namespace

std::string_view to_string(PostField field) { return kNames[static_cast<std::size_t>(field)]; }

std::optional<PostField> post_field(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<PostField>(found - kNames.begin());
}

bool is_list(PostField field) {
    return field == PostField::links || field == PostField::hashtags || field == PostField::mentions ||
           field == PostField::media;
}

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
        case Refusal::not_json: return "not-json";
        case Refusal::cut_off: return "cut-off";
        case Refusal::columns: return "columns";
        case Refusal::no_account: return "no-account";
        case Refusal::no_time: return "no-time";
        case Refusal::bad_time: return "bad-time";
        case Refusal::too_long: return "too-long";
        case Refusal::duplicate: return "duplicate";
    }
    return "";
}

json::Object PostLayout::to_json() const {
    json::Object fields;
    for (const auto& [field, paths] : map)
        fields.emplace(contrechamp::to_string(field), json::strings(paths));
    json::Object out{{"container", kContainers[static_cast<std::size_t>(container)]},
                     {"start", start},
                     {"schema", schema},
                     {"html", html},
                     {"map", std::move(fields)}};
    if (container == PostContainer::delimited) {
        out.emplace("delimiter", std::string(1, delimiter));
        out.emplace("header", header);
        out.emplace("quotes", quotes);
    }
    return out;
}

Result<PostLayout> PostLayout::from_json(const json::Value& value, const std::string& where) {
    PostLayout layout;
    const auto container = std::find(kContainers.begin(), kContainers.end(), value["container"].string_or());
    if (container == kContainers.end()) return bad_layout("container", where);
    layout.container = static_cast<PostContainer>(container - kContainers.begin());
    const auto delimiter = value["delimiter"].string_or(",");
    if (delimiter.size() != 1 || std::string_view(",;\t|").find(delimiter[0]) == std::string_view::npos)
        return bad_layout("delimiter", where);
    layout.delimiter = delimiter[0];
    layout.header = value["header"].bool_or(true);
    layout.quotes = value["quotes"].bool_or(true);
    layout.html = value["html"].bool_or(false);
    const auto start = value["start"].int_or(0);
    if (start < 0) return bad_layout("start", where);
    layout.start = static_cast<std::uint64_t>(start);
    layout.schema = value["schema"].string_or();
    TRY(read_map(value["map"], layout, where));
    return layout;
}

std::vector<RowRange> split_rows(std::string_view bytes, const PostLayout& layout, std::size_t pieces,
                                 const std::function<void(std::uint64_t)>& scanned) {
    pieces = std::max<std::size_t>(pieces, 1);
    if (layout.start >= bytes.size()) return {};
    if (layout.container == PostContainer::delimited)
        return posts::split_delimited(bytes, layout, pieces, scanned);
    if (layout.container == PostContainer::json_array) return posts::split_array(bytes, layout, pieces);
    std::vector<RowRange> out;
    std::uint64_t begin = layout.start;
    for (std::size_t i = 1; i <= pieces && begin < bytes.size(); ++i) {
        const std::uint64_t wanted = layout.start + (bytes.size() - layout.start) / pieces * i;
        if (i < pieces && wanted <= begin) continue;
        const auto line = i == pieces ? std::string_view::npos : bytes.find('\n', wanted);
        const std::uint64_t end = line == std::string_view::npos ? bytes.size() : line + 1;
        out.push_back({begin, end});
        begin = end;
    }
    return out;
}

std::uint64_t end_of_row(std::string_view bytes, const PostLayout& layout, std::uint64_t begin) {
    begin = std::min<std::uint64_t>(begin, bytes.size());
    if (layout.container == PostContainer::delimited)
        return posts::end_of_delimited_row(bytes, layout, begin);
    if (layout.container == PostContainer::json_array) {
        const auto element = posts::Elements(bytes, layout.start, begin).next();
        return element ? element->end : bytes.size();
    }
    const auto feed = std::min<std::uint64_t>(bytes.find('\n', begin), bytes.size());
    return feed > begin && bytes[feed - 1] == '\r' ? feed - 1 : feed;
}

Status read_post_rows(std::string_view bytes, const PostLayout& layout, RowRange range,
                      const PostSinks& sinks) {
    range.begin = std::max(range.begin, layout.start);
    range.end = std::min<std::uint64_t>(range.end, bytes.size());
    if (range.begin >= range.end) return {};
    return layout.container == PostContainer::delimited ? posts::read_delimited(bytes, layout, range, sinks)
                                                        : posts::read_json(bytes, layout, range, sinks);
}

namespace posts {

void clear(PostRow& row) {
    row.one.fill({});
    for (const auto field : {PostField::links, PostField::hashtags, PostField::mentions, PostField::media})
        row.many[static_cast<std::size_t>(field)].clear();
    row.time = row.created = 0;
    row.has_time = row.has_created = row.to_the_minute = row.zone_assumed = false;
}

std::optional<Refusal> finish(PostRow& row, const PostLayout& layout, Arena& arena) {
    const auto one = [&](PostField field) -> std::string_view& {
        return row.one[static_cast<std::size_t>(field)];
    };
    if (one(PostField::account).empty()) return Refusal::no_account;
    const auto time = one(PostField::time);
    if (!time.empty() || layout.map.contains(PostField::time)) {
        const auto parsed = parse_post_time(time);
        if (!parsed) return Refusal::no_time;
        if (parsed->time < kFirstTime || parsed->time > kLastTime) return Refusal::bad_time;
        row.time = parsed->time;
        row.has_time = true;
        row.to_the_minute = parsed->to_the_minute;
        row.zone_assumed = parsed->zone_assumed;
    }
    if (const auto created = one(PostField::created); !created.empty())
        if (const auto parsed = parse_post_day(created);
            parsed && *parsed >= kFirstTime && *parsed <= kLastTime) {
            row.created = *parsed;
            row.has_created = true;
        }
    if (layout.html) {
        one(PostField::text) = plain_text(one(PostField::text), arena);
        one(PostField::bio) = plain_text(one(PostField::bio), arena);
    }
    return std::nullopt;
}

}  // namespace posts
}  // namespace contrechamp
