// Rows that are JSON objects: one a line, or the elements of an array. Each is read once, member by member,
// along the tree of all paths (post_path.h); what no path leads to is skipped over and only roughly checked.
#include <simdjson.h>

#include <algorithm>

#include "base/escape.h"
#include "formats/post_parts.h"
#include "formats/post_path.h"

namespace contrechamp::posts {
namespace {

namespace ondemand = simdjson::ondemand;

// The next of " { } [ ] in [at, end), or end. { } and [ ] differ from each other by one bit.
const char* find_mark(const char* at, const char* end) {
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), bit = _mm_set1_epi8(0x20);
    const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
    for (; end - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i folded = _mm_or_si128(block, bit);
        const __m128i found =
            _mm_or_si128(_mm_cmpeq_epi8(block, quote),
                         _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close)));
        if (const int mask = _mm_movemask_epi8(found)) return at + __builtin_ctz(static_cast<unsigned>(mask));
    }
#endif
    while (at < end && *at != '"' && *at != '{' && *at != '}' && *at != '[' && *at != ']') ++at;
    return at;
}

// From behind an opening quote to behind the closing one, or end.
const char* skip_string(const char* at, const char* end) {
    for (;;) {
        at = find_two(at, end, '"', '\\');
        if (at == end) return end;
        if (*at == '"') return at + 1;
        at = end - at < 2 ? end : at + 2;
    }
}

std::string_view scalar_inside(std::string_view token, bool& good, Arena& arena) {
    while (!token.empty() && blank(token.substr(token.size() - 1))) token.remove_suffix(1);
    if (token.empty()) return {};
    if (token.front() == '"') {
        good = token.size() >= 2 && token.back() == '"';
        if (!good) return {};
        token = token.substr(1, token.size() - 2);
        return token.find('\\') == std::string_view::npos ? token : unescape_json(token, arena);
    }
    if (token == "null") return {};
    good = token == "true" || token == "false" ||
           token.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    return good ? token : std::string_view();
}

// Reads one object along the tree.
class Walker {
  public:
    explicit Walker(PathTree tree) : tree_(std::move(tree)) {}

    // Whether it is one JSON object, and nothing else. `capacity`: bytes that can be read from row.data() on.
    bool read(std::string_view row, std::size_t capacity) {
        forget();
        if (capacity < row.size() + simdjson::SIMDJSON_PADDING) row = padded(row);
        if (const auto read = walk(row)) return *read;
        // Bytes that are not UTF-8: once more, without them.
        row = padded(to_valid_utf8(row));
        forget();
        return walk(row).value_or(false);
    }

    void fill(PostRow& row) {
        clear(row);
        for (const auto& source : tree_.sources) {
            const auto field = static_cast<std::size_t>(source.field);
            const bool list = is_list(source.field);
            if (list ? !row.many[field].empty() : !row.one[field].empty()) continue;
            if (source.slot == kNone) {
                if (list) split_list(source.constant, arena_, row.many[field]);
                else row.one[field] = source.constant;
                continue;
            }
            if (source.guard != kNone && !holds(source)) continue;
            const auto& slot = tree_.slots[source.slot];
            if (!list) {
                if (!slot.values.empty()) row.one[field] = slot.values.front();
            } else if (slot.per_item || slot.array) {
                row.many[field] = slot.values;
            } else if (!slot.values.empty()) {
                split_list(slot.values.front(), arena_, row.many[field]);
            }
        }
    }

    Arena& arena() { return arena_; }

  private:
    void forget() {
        for (auto& slot : tree_.slots) {
            slot.values.clear();
            slot.met = slot.array = false;
        }
        arena_.start();
    }

    std::string_view padded(std::string_view row) {
        spare_.assign(row);
        spare_.append(simdjson::SIMDJSON_PADDING, ' ');
        return std::string_view(spare_).substr(0, row.size());
    }

    bool holds(const JsonSource& source) const {
        const auto& slot = tree_.slots[source.guard];
        return source.guard_value.empty() ? slot.met
                                          : !slot.values.empty() && slot.values.front() == source.guard_value;
    }

    // Nothing when the bytes are not UTF-8.
    std::optional<bool> walk(std::string_view row) {
        ondemand::document document;
        // Rows grow: room is made in powers of two, or each longer row would allocate.
        if (parser_.capacity() < row.size()) {
            std::size_t room = 4096;
            while (room < row.size()) room *= 2;
            if (parser_.allocate(room)) return false;
        }
        const auto error =
            parser_.iterate(row.data(), row.size(), row.size() + simdjson::SIMDJSON_PADDING).get(document);
        if (error == simdjson::UTF8_ERROR) return std::nullopt;
        ondemand::object object;
        if (error || document.get_object().get(object)) return false;
        return members(object, tree_.nodes[0]) &&
               document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }

    bool members(ondemand::object& object, const Node& node) {
        for (auto item : object) {
            ondemand::field field;
            if (std::move(item).get(field)) return false;
            const auto* member = find(node, field);
            if (!member) continue;
            ondemand::value value = field.value();
            if (!read_value(value, tree_.nodes[member->node])) return false;
        }
        return true;
    }

    const Node::Member* find(const Node& node, ondemand::field& field) {
        const char* raw = field.key().raw();
        std::size_t length = 0;
        while (raw[length] != '"' && raw[length] != '\\') ++length;
        std::string_view name(raw, length);
        if (raw[length] == '\\' && field.unescaped_key().get(name)) return nullptr;
        for (const auto& member : node.members)
            if (member.name == name) return &member;
        return nullptr;
    }

    bool read_value(ondemand::value& value, const Node& node) {
        ondemand::json_type type;
        if (value.type().get(type)) return false;
        if (type == ondemand::json_type::object) {
            meet(node);
            ondemand::object object;
            return node.members.empty() || (!value.get_object().get(object) && members(object, node));
        }
        if (type == ondemand::json_type::array) return read_array(value, node);
        if (node.slots.empty()) return true;
        bool good = true;
        const auto text = scalar_inside(value.raw_json_token(), good, arena_);
        if (good && !text.empty()) put(node, text);
        return good;
    }

    void put(const Node& node, std::string_view text) {
        for (const auto slot : node.slots) tree_.slots[slot].values.push_back(text);
        meet(node);
    }

    // An object may stand where a path ends: that counts for "if", and is no value.
    void meet(const Node& node) {
        for (const auto slot : node.slots) tree_.slots[slot].met = true;
    }

    bool read_array(ondemand::value& value, const Node& node) {
        ondemand::array array;
        if (value.get_array().get(array)) return false;
        for (const auto slot : node.slots) tree_.slots[slot].array = true;
        for (auto item : array) {
            ondemand::value element;
            if (std::move(item).get(element)) return false;
            if (!read_element(element, node)) return false;
        }
        return true;
    }

    bool read_element(ondemand::value& element, const Node& node) {
        ondemand::json_type type;
        if (element.type().get(type)) return false;
        const Node* items = node.items == kNone ? nullptr : &tree_.nodes[node.items];
        if (type == ondemand::json_type::array) return !items || read_value(element, *items);
        if (type != ondemand::json_type::object) {
            if (node.slots.empty() && (!items || items->slots.empty())) return true;
            bool good = true;
            const auto text = scalar_inside(element.raw_json_token(), good, arena_);
            if (!good || text.empty()) return good;
            if (items) put(*items, text);
            put(node, text);  // "tags" of ["a", "b"] without its []
            return true;
        }
        if (!items && node.filters.empty()) return true;
        ondemand::object object;
        if (element.get_object().get(object)) return false;
        if (items && !members(object, *items)) return false;
        for (const auto& filter : node.filters) {
            bool good = !object.reset().error();
            if (!good) return false;
            ondemand::value wanted;
            ondemand::json_type kind;
            if (object.find_field(filter.member).get(wanted)) continue;
            if (wanted.type().get(kind)) return false;
            if (kind == ondemand::json_type::object || kind == ondemand::json_type::array) continue;
            const bool fits = scalar_inside(wanted.raw_json_token(), good, arena_) == filter.value;
            if (!good) return false;
            if (fits && (object.reset().error() || !members(object, tree_.nodes[filter.node]))) return false;
        }
        return true;
    }

    PathTree tree_;
    ondemand::parser parser_{4 * kLongestRow};
    Arena arena_;
    std::string spare_;
};

// Hands rows to the sinks, or their refusals.
class RowReader {
  public:
    RowReader(std::string_view bytes, const PostLayout& layout, const PostSinks& sinks, PathTree tree)
        : bytes_(bytes), layout_(layout), sinks_(sinks), walker_(std::move(tree)) {}

    // `whole`: false when the file ends before the row does, as far as can be told.
    void read(std::uint64_t begin, std::uint64_t end, bool whole) {
        row_.offset = begin;
        row_.length = end - begin;
        if (const auto why = refusal(whole)) sinks_.refused({row_.offset, row_.length, *why});
        else sinks_.row(row_);
    }

  private:
    std::optional<Refusal> refusal(bool whole) {
        if (row_.length > kLongestRow) return Refusal::too_long;
        const auto text = bytes_.substr(row_.offset, row_.length);
        if (!walker_.read(text, bytes_.size() - row_.offset))
            return whole ? Refusal::not_json : Refusal::cut_off;
        walker_.fill(row_);
        return finish(row_, layout_, walker_.arena());
    }

    std::string_view bytes_;
    const PostLayout& layout_;
    const PostSinks& sinks_;
    Walker walker_;
    PostRow row_;
};

void read_lines(std::string_view bytes, RowRange range, RowReader& reader) {
    const char* const base = bytes.data();
    const char* const end = base + range.end;
    for (const char* at = base + range.begin; at < end;) {
        const char* feed = find_one(at, end, '\n');
        const char* stop = feed > at && feed[-1] == '\r' ? feed - 1 : feed;
        const std::string_view line(at, static_cast<std::size_t>(stop - at));
        const auto first = line.find_first_not_of(" \t\r");
        if (first != std::string_view::npos) {
            const bool cut = feed == base + bytes.size() && line[first] == '{';
            reader.read(static_cast<std::uint64_t>(at - base), static_cast<std::uint64_t>(stop - base), !cut);
        }
        at = feed == end ? end : feed + 1;
    }
}

}  // namespace

std::optional<Elements::Element> Elements::next() {
    const char* const base = bytes_.data();
    const char* const end = base + bytes_.size();
    const char* at = base + at_;
    while (at < end && (*at == ',' || blank({at, 1}))) ++at;
    at_ = static_cast<std::uint64_t>(at - base);
    if (at == end || (array_ && *at == ']')) return std::nullopt;
    Element element{at_, 0, true};
    const bool nested = *at == '{' || *at == '[';
    if (nested) {
        element.closed = false;
        for (std::size_t depth = 0; !element.closed;) {
            at = find_mark(at, end);
            if (at == end) break;
            const char c = *at++;
            if (c == '"') at = skip_string(at, end);
            else if (c == '{' || c == '[') ++depth;
            else element.closed = --depth == 0;
        }
    } else {
        // Anything else; a bracket that closes nothing stands alone.
        const bool alone = *at == '}' || *at == ']';
        if (alone) ++at;
        while (!alone && at < end && *at != ',' && *at != ']' && *at != '}' && *at != '{' && *at != '[' &&
               !blank({at, 1}))
            at = *at == '"' ? skip_string(at + 1, end) : at + 1;
    }
    element.end = at_ = static_cast<std::uint64_t>(at - base);
    return element;
}

Status read_json(std::string_view bytes, const PostLayout& layout, RowRange range, const PostSinks& sinks) {
    RowReader reader(bytes, layout, sinks, TRY(compile(layout)));
    if (layout.container == PostContainer::json_lines) {
        read_lines(bytes, range, reader);
        return {};
    }
    Elements elements(bytes.substr(0, range.end), layout.start, range.begin);
    while (const auto element = elements.next()) reader.read(element->begin, element->end, element->closed);
    return {};
}

std::vector<RowRange> split_array(std::string_view bytes, const PostLayout& layout, std::size_t pieces) {
    std::vector<RowRange> out;
    const std::uint64_t step = (bytes.size() - layout.start) / pieces + 1;
    std::uint64_t begin = layout.start;
    Elements elements(bytes, layout.start, begin);
    while (out.size() + 1 < pieces && elements.next())
        if (elements.at() - begin >= step) {
            out.push_back({begin, elements.at()});
            begin = elements.at();
        }
    if (begin < bytes.size()) out.push_back({begin, bytes.size()});
    return out;
}

}  // namespace contrechamp::posts
