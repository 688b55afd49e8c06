// Guessing what a file of posts is: how it is cut into rows, and which of its names mean what.
#include <algorithm>
#include <set>

#include "base/escape.h"
#include "formats/post_parts.h"
#include "formats/post_schemas.h"

namespace contrechamp {
namespace {

using posts::Elements;

constexpr std::size_t kSample = std::size_t{1} << 20;
constexpr std::size_t kSampleRows = 200, kMostNames = 4096, kDeepest = 8;

using Overrides = std::map<PostField, std::string>;

// What the beginning of the file shows.
struct Seen {
    PostLayout layout;
    std::vector<std::string> names;  // columns, or paths of members in order of name
    bool pages = false;              // each row is a page of rows
    bool has(std::string_view name) const {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
};

std::string_view sample_of(std::string_view bytes) { return bytes.substr(0, kSample); }

// ---- JSON

void collect(const json::Value& value, const std::string& path, std::size_t depth,
             std::set<std::string>& out) {
    if (depth > kDeepest || out.size() > kMostNames) return;
    if (const auto* object = value.if_object()) {
        if (!path.empty()) out.insert(path);
        for (const auto& [name, member] : *object)
            if (!member.is_null()) collect(member, path.empty() ? name : path + "." + name, depth + 1, out);
    } else if (const auto* array = value.if_array()) {
        out.insert(path);
        for (const auto& item : *array) collect(item, path + "[]", depth + 1, out);
    } else {
        out.insert(path);
    }
}

// Members that hold the rows of a document, with what may stand around them.
constexpr std::array<std::string_view, 14> kRowMembers = {
    "data",    "posts",    "statuses", "orderedItems", "items",    "feed",  "tweets",
    "results", "comments", "messages", "toots",        "children", "users", "accounts"};

// Where the array of rows inside of one object begins (behind its bracket): the first array of objects under
// a member with one of those names, at most two levels down.
std::optional<std::uint64_t> rows_inside(std::string_view bytes, std::uint64_t begin) {
    std::string_view key;
    std::size_t depth = 0;
    for (std::size_t i = begin; i < bytes.size();) {
        const char c = bytes[i];
        if (c == '"') {
            const auto from = i + 1;
            for (++i; i < bytes.size() && bytes[i] != '"'; ++i)
                if (bytes[i] == '\\') ++i;
            if (i >= bytes.size()) return std::nullopt;
            const auto text = bytes.substr(from, i - from);
            const auto next = bytes.find_first_not_of(" \t\r\n", ++i);
            if (next != std::string_view::npos && bytes[next] == ':') key = text;
            continue;
        }
        if (c == '[') {
            const bool named = std::find(kRowMembers.begin(), kRowMembers.end(), key) != kRowMembers.end();
            const auto next = bytes.find_first_not_of(" \t\r\n", i + 1);
            if (named && next != std::string_view::npos && bytes[next] == '{') return i + 1;
            Elements whole(bytes, i, i);
            if (!whole.next()) return std::nullopt;
            i = whole.at();
            continue;
        }
        // Deeper than {"data": {"children": […]}} is part of a row.
        if (c == '{' && ++depth > 2) {
            Elements whole(bytes, i, i);
            if (!whole.next()) return std::nullopt;
            i = whole.at();
            --depth;
            continue;
        }
        if (c == '}' && --depth == 0) return std::nullopt;
        ++i;
    }
    return std::nullopt;
}

// The texts of the first rows.
std::vector<std::string_view> sample_rows(std::string_view bytes, const PostLayout& layout) {
    std::vector<std::string_view> out;
    std::uint64_t end = std::min<std::uint64_t>(layout.start + kSample, bytes.size());
    if (layout.container == PostContainer::json_lines) {
        for (std::uint64_t at = layout.start; at < end && out.size() < kSampleRows;) {
            const auto stop = std::min<std::uint64_t>(bytes.find('\n', at), bytes.size());
            if (stop - at <= posts::kLongestRow) out.push_back(bytes.substr(at, stop - at));
            at = stop + 1;
        }
        return out;
    }
    Elements elements(bytes.substr(0, layout.start + 2 * posts::kLongestRow), layout.start, layout.start);
    while (out.size() < kSampleRows && elements.at() < end) {
        const auto element = elements.next();
        if (!element) break;
        out.push_back(bytes.substr(element->begin, element->end - element->begin));
    }
    return out;
}

void see_rows(std::string_view bytes, Seen& seen) {
    std::set<std::string> names;
    for (const auto row : sample_rows(bytes, seen.layout)) {
        if (row.size() > kSample) continue;  // its tree would be many times as large
        const auto value = json::parse(to_valid_utf8(row), "row");
        if (!value || !value->if_object()) continue;
        collect(*value, "", 0, names);
        const auto* data = (*value)["data"].if_array();
        seen.pages = seen.pages || (data && !data->empty() && data->front().if_object());
    }
    // A member whose name cannot stand in a path cannot be asked for.
    for (const auto& name : names)
        if (!posts::bad_path(name)) seen.names.push_back(name);
}

// `at`: the first byte that says something.
Seen see_json(std::string_view bytes, std::uint64_t at) {
    Seen seen;
    seen.layout.container = PostContainer::json_array;
    seen.layout.start = at;
    if (bytes[at] == '[') {
        seen.layout.start = at + 1;
    } else {
        Elements documents(bytes.substr(0, at + 2 * posts::kLongestRow), at, at);
        const auto first = documents.next();
        const bool whole = first && first->closed;
        const bool more = whole && !posts::blank(bytes.substr(first->end, kSample));
        const auto text = bytes.substr(at, (whole ? first->end : bytes.size()) - at);
        const auto rows = more ? std::nullopt : rows_inside(sample_of(bytes.substr(at)), 0);
        const bool one_line = whole ? text.find('\n') == std::string_view::npos
                                    : sample_of(text).find('\n') == std::string_view::npos;
        if (rows) seen.layout.start = at + *rows;
        else if (one_line) seen.layout.container = PostContainer::json_lines;
    }
    see_rows(bytes, seen);
    return seen;
}

// ---- Delimited

struct Shape {
    std::size_t columns = 0;
    double alike = 0;  // share of rows with as many columns as the first
};

Shape shape_of(std::string_view sample, bool whole, const PostLayout& layout) {
    const auto rows = posts::first_rows(sample, whole, layout, kSampleRows);
    if (rows.empty()) return {};
    const auto width = rows.front().size();
    const auto same =
        std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == width; });
    return {width, static_cast<double>(same) / static_cast<double>(rows.size())};
}

Seen see_delimited(std::string_view bytes, std::uint64_t start) {
    const auto sample = bytes.substr(0, start + kSample);
    Seen seen;
    Shape best;
    for (const char delimiter : {',', ';', '\t', '|'})
        for (const bool quotes : {true, false}) {
            PostLayout layout;
            layout.start = start;
            layout.delimiter = delimiter;
            layout.quotes = quotes;
            const auto shape = shape_of(sample, sample.size() == bytes.size(), layout);
            // Without quotes only where that makes more sense of the rows.
            const bool better = shape.alike > best.alike ||
                                (shape.alike == best.alike && shape.columns > best.columns && quotes);
            if (best.columns != 0 && (shape.columns < 2 || (best.columns >= 2 && !better))) continue;
            best = shape;
            seen.layout = layout;
        }
    seen.names = posts::read_header(bytes, seen.layout).columns;
    return seen;
}

// ---- Names

std::string plain_name(std::string_view name) {
    std::string out;
    for (const char c : to_ascii(to_valid_utf8(name))) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + ('a' - 'A'));
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
        else if (!out.empty() && out.back() != '_') out += '_';
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    return out;
}

// A path as `collect` writes it: without conditions.
std::string bare(std::string_view path) {
    path = path.substr(0, path.find(" if "));
    std::string out;
    for (bool inside = false; const char c : path) {
        if (c == ']') inside = false;
        if (!inside) out += c;
        if (c == '[') inside = true;
    }
    return out;
}

std::string wrapped(std::string_view wrapper, std::string_view path) {
    std::string out = std::string(wrapper) + std::string(path);
    const auto condition = out.find(" if ");
    return condition == std::string::npos ? out : out.insert(condition + 4, wrapper);
}

bool fits(const Seen& seen, std::string_view wrapper, const posts::Schema& schema) {
    return std::all_of(schema.needs.begin(), schema.needs.end(), [&](std::string_view need) {
        for (;;) {
            const auto bar = need.find('|');
            if (seen.has(wrapped(wrapper, need.substr(0, bar)))) return true;
            if (bar == std::string_view::npos) return false;
            need.remove_prefix(bar + 1);
        }
    });
}

// The paths of a schema. A column that is not there is left out; a member may be in later rows.
PostLayout with_schema(const Seen& seen, std::string_view wrapper, const posts::Schema& schema,
                       std::size_t& score) {
    PostLayout layout = seen.layout;
    layout.schema = schema.name;
    layout.html = schema.html;
    score = 0;
    for (const auto& [field, paths] : schema.map)
        for (const auto path : paths) {
            const std::string name = wrapped(wrapper, path);
            const bool there = seen.has(bare(name));
            score += there ? 1 : 0;
            if (there || layout.container != PostContainer::delimited) layout.map[field].push_back(name);
        }
    return layout;
}

std::optional<PostLayout> known_schema(const Seen& seen, PostKind kind) {
    std::optional<PostLayout> best;
    std::size_t best_score = 0;
    for (const auto& schema : posts::schemas())
        for (const auto wrapper : posts::wrappers(kind)) {
            if (schema.kind != kind || !fits(seen, wrapper, schema)) continue;
            std::size_t score = 0;
            auto layout = with_schema(seen, wrapper, schema, score);
            if (score > best_score) {
                best_score = score;
                best = std::move(layout);
            }
        }
    return best;
}

PostLayout by_common_names(const Seen& seen, PostKind kind) {
    PostLayout layout = seen.layout;
    layout.schema = "guessed";
    std::vector<std::string> plain;
    for (const auto& name : seen.names) plain.push_back(plain_name(name));
    for (const auto& [field, names] : posts::common_names(kind))
        for (const auto name : names) {
            const auto found = std::find(plain.begin(), plain.end(), name);
            if (found == plain.end()) continue;
            layout.map[field] = {seen.names[static_cast<std::size_t>(found - plain.begin())]};
            break;
        }
    return layout;
}

// ---- Errors

std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 40, kLongest = 60;
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < kShown; ++i)
        out += (i ? ", " : "") + to_valid_utf8(std::string_view(names[i]).substr(0, kLongest));
    if (names.size() > kShown) out += ", …";
    return out;
}

tl::unexpected<Error> unread(Text what, const Seen& seen, const std::string& where, Text todo) {
    const std::string names = list_of(seen.names);
    what.en += "; its columns: " + names;
    what.fr += " ; ses colonnes : " + names;
    return fail(std::move(what), where, std::move(todo));
}

Status apply(const Overrides& overrides, Seen& seen, PostLayout& layout, const std::string& where) {
    for (const auto& [field, path] : overrides) {
        const std::string name(to_string(field));
        if (path.substr(0, 1) != "=") {
            if (layout.container != PostContainer::delimited)
                if (const auto wrong = posts::bad_path(path)) return misuse(*wrong, "--map " + name);
            const bool column = layout.container == PostContainer::delimited;
            if (!seen.has(column ? path : bare(path)))
                return unread({"there is no \"" + path + "\" for --map " + name,
                               "il n’y a pas de « " + path + " » pour --map " + name},
                              seen, where, {"choose one of these names", "choisissez l’un de ces noms"});
        }
        layout.map[field] = {path};
    }
    return {};
}

Status check_usable(const Seen& seen, const PostLayout& layout, PostKind kind, const std::string& where) {
    if (seen.pages && !layout.map.contains(PostField::account))
        return fail({"each line is a page of results, not a post",
                     "chaque ligne est une page de résultats, pas une publication"},
                    where,
                    {"flatten it first: `twarc2 flatten IN OUT` or `jq -c '.data[]' IN > OUT`",
                     "dépliez le fichier d’abord : `twarc2 flatten IN OUT` ou `jq -c '.data[]' IN > OUT`"});
    if (!layout.map.contains(PostField::account)) {
        if (layout.schema == "twitter-archive")
            return fail({"the rows of a Twitter archive do not say whose it is",
                         "les lignes d’une archive Twitter ne disent pas à qui elle est"},
                        where,
                        {"name its account: --map account==NAME", "nommez son compte : --map account==NOM"});
        return unread({"no column holds the account", "aucune colonne ne contient le compte"}, seen, where,
                      {"name it: --map account=COLUMN", "indiquez-la : --map account=COLONNE"});
    }
    using enum PostField;
    const auto any = [&](std::initializer_list<PostField> fields) {
        return std::any_of(fields.begin(), fields.end(),
                           [&](PostField field) { return layout.map.contains(field); });
    };
    if (kind == PostKind::posts &&
        !any({text, repost, reply, reply_account, links, hashtags, mentions, media, object}))
        return unread(
            {"no column holds anything to compare", "aucune colonne ne contient quoi que ce soit à comparer"},
            seen, where, {"name one: --map text=COLUMN", "indiquez-en une : --map text=COLONNE"});
    if (kind == PostKind::profiles && !any({name, display, bio, created, links, media}))
        return unread(
            {"no column says anything of the account", "aucune colonne ne dit quoi que ce soit du compte"},
            seen, where, {"name one: --map bio=COLUMN", "indiquez-en une : --map bio=COLONNE"});
    return {};
}

// Files in forms that are not read, and what to do about them.
Status check_form(std::string_view bytes, std::uint64_t start, const std::string& where) {
    const auto head = bytes.substr(0, 4096);
    const auto zeros = std::count(head.begin(), head.end(), '\0');
    if (head.substr(0, 2) == "\xff\xfe" || head.substr(0, 2) == "\xfe\xff" ||
        zeros * 4 > static_cast<std::ptrdiff_t>(head.size()))
        return fail({"this is UTF-16 or binary, which is not read as posts",
                     "c’est de l’UTF-16 ou du binaire, qui n’est pas lu comme des publications"},
                    where,
                    {"convert it first: `iconv -f UTF-16 -t UTF-8 IN > OUT`",
                     "convertissez d’abord : `iconv -f UTF-16 -t UTF-8 IN > OUT`"});
    if (start == std::string_view::npos) return fail({"the file is empty", "le fichier est vide"}, where);
    const auto sample = sample_of(bytes.substr(start));
    if (sample.find('\n') == std::string_view::npos && std::count(sample.begin(), sample.end(), '\r') > 1)
        return fail({"its lines end in carriage returns only",
                     "ses lignes se terminent par un simple retour chariot"},
                    where,
                    {"convert it first: `tr '\\r' '\\n' < IN > OUT`",
                     "convertissez d’abord : `tr '\\r' '\\n' < IN > OUT`"});
    return {};
}

bool numbered(const Overrides& overrides, const Seen& seen) {
    return std::any_of(overrides.begin(), overrides.end(), [&](const auto& entry) {
        return !entry.second.empty() && entry.second.find_first_not_of("0123456789") == std::string::npos &&
               !seen.has(entry.second);
    });
}

// window.YTD.tweets.part0 = [ …
std::uint64_t after_assignment(std::string_view bytes, std::uint64_t start) {
    if (bytes.substr(start, 11) != "window.YTD.") return start;
    const auto bracket = bytes.substr(start, 256).find('[');
    return bracket == std::string_view::npos ? start : start + bracket;
}

}  // namespace

Result<PostLayout> guess_post_layout(std::string_view bytes, PostKind kind,
                                     const std::map<PostField, std::string>& overrides,
                                     const std::string& where) {
    const std::uint64_t bom = bytes.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
    std::uint64_t start = bytes.find_first_not_of(" \t\r\n", bom);
    TRY(check_form(bytes, start, where));
    start = after_assignment(bytes, start);
    const bool is_json = bytes[start] == '{' || bytes[start] == '[';
    // A delimited file may begin with an empty column name.
    Seen seen = is_json ? see_json(bytes, start)
                        : see_delimited(
                              bytes, std::max(bom, bytes.find_last_of("\r\n", start) == std::string_view::npos
                                                       ? bom
                                                       : bytes.find_last_of("\r\n", start) + 1));
    PostLayout layout;
    if (!is_json && numbered(overrides, seen)) {
        layout = seen.layout;
        layout.header = false;
        layout.schema = "mapped";
        seen.names = posts::read_header(bytes, layout).columns;
    } else if (auto known = known_schema(seen, kind)) {
        layout = std::move(*known);
    } else {
        layout = by_common_names(seen, kind);
        if (!overrides.empty()) layout.schema = "mapped";
    }
    TRY(apply(overrides, seen, layout, where));
    TRY(check_usable(seen, layout, kind, where));
    return layout;
}

}  // namespace contrechamp
