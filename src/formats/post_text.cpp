// Text inside rows: escapes, lists in a cell, HTML.
#include <algorithm>
#include <array>

#include "formats/post_parts.h"

namespace contrechamp::posts {
namespace {

using rows::put_utf8;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The four digits of \uXXXX, or -1.
int hex4(std::string_view text) {
    if (text.size() < 4) return -1;
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

char* put(char* out, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    return out + bytes.size();
}

constexpr std::uint32_t kReplacement = 0xfffd;

// One \u escape at the front of `text` (after the u), with the second half of a pair; moves past it.
char* put_u_escape(char* out, std::string_view& text) {
    const int first = hex4(text);
    if (first < 0) return put_utf8(out, 'u');
    text.remove_prefix(4);
    auto code = static_cast<std::uint32_t>(first);
    if (code >= 0xd800 && code < 0xdc00 && text.size() >= 6 && text[0] == '\\' && text[1] == 'u') {
        const int second = hex4(text.substr(2));
        if (second >= 0xdc00 && second < 0xe000) {
            text.remove_prefix(6);
            return put_utf8(
                out, 0x10000 + ((code - 0xd800) << 10) + (static_cast<std::uint32_t>(second) - 0xdc00));
        }
    }
    if (code >= 0xd800 && code < 0xe000) code = kReplacement;
    return put_utf8(out, code);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && blank(text.substr(0, 1))) text.remove_prefix(1);
    while (!text.empty() && blank(text.substr(text.size() - 1))) text.remove_suffix(1);
    return text;
}

// ["a", "b"] and ['a', 'b', 3]. Lists of anything else hold nothing to compare.
void split_bracketed(std::string_view inside, Arena& arena, std::vector<std::string_view>& out) {
    std::size_t i = 0;
    while (i < inside.size()) {
        const char c = inside[i];
        if (c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t') {
            ++i;
        } else if (c == '"' || c == '\'') {
            std::size_t end = i + 1;
            bool escaped = false;
            for (; end < inside.size() && inside[end] != c; ++end)
                if (inside[end] == '\\') {
                    escaped = true;
                    ++end;
                }
            end = std::min(end, inside.size());
            auto item = inside.substr(i + 1, end - i - 1);
            if (escaped) item = unescape_json(item, arena);
            if (!item.empty()) out.push_back(item);
            i = end + 1;
        } else if (c == '{' || c == '[' || c == '(') {
            return;
        } else {
            const auto end = std::min(inside.find(',', i), inside.size());
            const auto item = trimmed(inside.substr(i, end - i));
            if (!item.empty() && !means_nothing(item)) out.push_back(item);
            i = end;
        }
    }
}

bool scheme_follows(std::string_view rest) {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    return rest.substr(0, 7) == "http://" || rest.substr(0, 8) == "https://";
}

struct Entity {
    std::string_view name;
    std::uint32_t code;
};
// The entities of HTML that writers of posts meet; each is longer than what it stands for.
constexpr std::array kEntities = {
    Entity{"amp", '&'},      Entity{"lt", '<'},       Entity{"gt", '>'},        Entity{"quot", '"'},
    Entity{"apos", '\''},    Entity{"nbsp", 0xa0},    Entity{"hellip", 0x2026}, Entity{"ndash", 0x2013},
    Entity{"mdash", 0x2014}, Entity{"laquo", 0xab},   Entity{"raquo", 0xbb},    Entity{"lsquo", 0x2018},
    Entity{"rsquo", 0x2019}, Entity{"ldquo", 0x201c}, Entity{"rdquo", 0x201d},  Entity{"euro", 0x20ac},
    Entity{"eacute", 0xe9},  Entity{"egrave", 0xe8},  Entity{"agrave", 0xe0},   Entity{"ccedil", 0xe7},
    Entity{"ecirc", 0xea},   Entity{"copy", 0xa9},    Entity{"zwj", 0x200d},    Entity{"zwnj", 0x200c},
};

// What stands between & and ; or nothing.
std::optional<std::uint32_t> entity(std::string_view name) {
    if (name.size() > 1 && name[0] == '#') {
        const bool hex = name[1] == 'x' || name[1] == 'X';
        std::uint32_t code = 0;
        const auto digits = name.substr(hex ? 2 : 1);
        if (digits.empty()) return std::nullopt;
        for (const char c : digits) {
            const int digit = hex_digit(c);
            if (digit < 0 || (!hex && digit > 9)) return std::nullopt;
            code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
            if (code > 0x10ffff) return std::nullopt;
        }
        return code == 0 || (code >= 0xd800 && code < 0xe000) ? kReplacement : code;
    }
    for (const auto& known : kEntities)
        if (known.name == name) return known.code;
    return std::nullopt;
}

// The name of a tag, lowered: "/p", "br".
std::string_view tag_name(std::string_view inside, std::array<char, 8>& buffer) {
    std::size_t count = 0;
    while (count < inside.size() && count < buffer.size()) {
        char c = inside[count];
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !(c == '/' && count == 0)) break;
        buffer[count++] = c;
    }
    return {buffer.data(), count};
}

// The end of a tag that begins at `at`: past its >, which may also stand in a quoted attribute.
std::size_t tag_end(std::string_view html, std::size_t at) {
    char quote = 0;
    for (std::size_t i = at + 1; i < html.size(); ++i) {
        const char c = html[i];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i + 1;
        }
    }
    return html.size();
}

}  // namespace

bool blank(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

std::string_view unescape_json(std::string_view text, Arena& arena) {
    char* const begin = arena.room(text.size());
    char* out = begin;
    while (!text.empty()) {
        const char* slash = find_one(text.data(), text.data() + text.size(), '\\');
        const auto plain = static_cast<std::size_t>(slash - text.data());
        out = put(out, text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.size() < 2) break;  // nothing more, or a backslash that escapes nothing
        const char c = text[1];
        text.remove_prefix(2);
        switch (c) {
            case 'n': *out++ = '\n'; break;
            case 't': *out++ = '\t'; break;
            case 'r': *out++ = '\r'; break;
            case 'b': *out++ = '\b'; break;
            case 'f': *out++ = '\f'; break;
            case 'u': out = put_u_escape(out, text); break;
            default: *out++ = c; break;
        }
    }
    return arena.keep(begin, out);
}

bool means_nothing(std::string_view cell) {
    return cell.empty() || cell == "NA" || cell == "nan" || cell == "NaN" || cell == "None" ||
           cell == "null" || cell == "NULL" || cell == "<NA>" || cell == "\\N";
}

void split_list(std::string_view cell, Arena& arena, std::vector<std::string_view>& out) {
    cell = trimmed(cell);
    if (means_nothing(cell)) return;
    const char last = cell.back();
    if ((cell.front() == '[' && last == ']') ||
        (cell.front() == '{' && last == '}' && cell.find(':') == cell.npos))
        return cell.size() > 1 ? split_bracketed(cell.substr(1, cell.size() - 2), arena, out) : void();
    const bool addresses = cell.find("://") != std::string_view::npos;
    std::size_t begin = 0;
    const auto add = [&](std::size_t end) {
        const auto item = trimmed(cell.substr(begin, end - begin));
        if (!item.empty()) out.push_back(item);
        begin = end + 1;
    };
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const char c = cell[i];
        if (blank({&c, 1}) || c == '|') add(i);
        else if ((c == ',' || c == ';') && (!addresses || scheme_follows(cell.substr(i + 1)))) add(i);
    }
    add(cell.size());
}

std::string_view plain_text(std::string_view html, Arena& arena) {
    const char* end = html.data() + html.size();
    if (find_two(html.data(), end, '<', '&') == end) return html;
    char* const begin = arena.room(html.size());
    char* out = begin;
    std::array<char, 8> buffer{};
    for (std::size_t i = 0; i < html.size();) {
        const char* mark = find_two(html.data() + i, end, '<', '&');
        const auto at = static_cast<std::size_t>(mark - html.data());
        out = put(out, html.substr(i, at - i));
        i = at;
        if (i == html.size()) break;
        if (html[i] == '&') {
            const auto stop = html.substr(i + 1, 10).find(';');
            const auto code =
                stop == std::string_view::npos ? std::nullopt : entity(html.substr(i + 1, stop));
            if (code) {
                out = put_utf8(out, *code);
                i += stop + 2;
            } else {
                *out++ = '&';
                ++i;
            }
            continue;
        }
        const auto name = tag_name(html.substr(i + 1), buffer);
        if (name.empty() && html.substr(i, 4) != "<!--") {
            *out++ = '<';  // "a < b"
            ++i;
            continue;
        }
        i = tag_end(html, i);
        if (name == "br" ||
            ((name == "/p" || name == "/div" || name == "/li" || name == "/blockquote") && i < html.size()))
            *out++ = '\n';
    }
    return arena.keep(begin, out);
}

}  // namespace contrechamp::posts
