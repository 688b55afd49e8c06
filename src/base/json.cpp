#include "base/json.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>

#include <simdjson.h>

namespace contrechamp::json {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

Value convert(simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::ARRAY: {
            Array out;
            for (auto item : simdjson::dom::array(element)) out.push_back(convert(item));
            return out;
        }
        case element_type::OBJECT: {
            Object out;
            // A repeated name keeps its last value, as most readers do.
            for (auto [name, item] : simdjson::dom::object(element))
                out.insert_or_assign(std::string(name), convert(item));
            return out;
        }
        case element_type::INT64: return static_cast<std::int64_t>(element.get_int64().value_unsafe());
        case element_type::UINT64: return static_cast<double>(element.get_uint64().value_unsafe());
        case element_type::DOUBLE: return element.get_double().value_unsafe();
        case element_type::STRING: return std::string_view(element.get_string().value_unsafe());
        case element_type::BOOL: return element.get_bool().value_unsafe();
        case element_type::NULL_VALUE: return nullptr;
    }
    return nullptr;
}

bool fits_64_bits(std::string_view digits, bool negative) {
    std::uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
    if (error != std::errc{} || end != digits.data() + digits.size()) return false;
    return !negative || magnitude <= std::uint64_t{1} << 63;
}

// simdjson refuses integers beyond 64 bits, which JSON allows and our own canonical form of a large double
// has: with a fraction of zero they are read as doubles.
std::string with_long_integers_as_reals(std::string_view document) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < document.size(); ++i) {
        const char c = document[i];
        if (in_string && c == '\\' && i + 1 < document.size()) out += document[i++];
        else if (c == '"') in_string = !in_string;
        const auto end = in_string || c < '0' || c > '9'
                             ? i
                             : std::min(document.find_first_not_of("0123456789.eE+-", i), document.size());
        if (end == i) {
            out += document[i];
            continue;
        }
        const auto token = document.substr(i, end - i);
        out += token;
        const bool integer = token.find_first_of(".eE+-") == std::string_view::npos;
        if (integer && !fits_64_bits(token, i > 0 && document[i - 1] == '-')) out += ".0";
        i = end - 1;
    }
    return out;
}

void write_string(std::string_view text, std::string& out) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += kHex[static_cast<unsigned char>(c) >> 4];
                    out += kHex[static_cast<unsigned char>(c) & 15];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

// ECMAScript's Number::toString, which RFC 8785 prescribes: shortest digits, exponent form from 1e21 and
// below 1e-6.
void write_double(double value, std::string& out) {
    assert(std::isfinite(value) && "a figure that is not a number must not reach a document");
    if (value == 0) {
        out += '0';
        return;
    }
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    if (text.front() == '-') {
        out += '-';
        text.remove_prefix(1);
    }
    const auto e = text.find('e');
    int exponent = 0;
    const char* digits_of_exponent = text.data() + e + 1 + (text[e + 1] == '+');
    std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
    std::string digits;
    for (char c : text.substr(0, e))
        if (c != '.') digits += c;
    const int k = static_cast<int>(digits.size());
    const int n = exponent + 1;  // the decimal point stands after the first n digits
    if (k <= n && n <= 21) {
        out += digits + std::string(static_cast<std::size_t>(n - k), '0');
    } else if (0 < n && n <= 21) {
        out +=
            digits.substr(0, static_cast<std::size_t>(n)) + "." + digits.substr(static_cast<std::size_t>(n));
    } else if (-6 < n && n <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
    } else {
        out += digits[0];
        if (k > 1) out += "." + digits.substr(1);
        out += n - 1 < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(n - 1));
    }
}

// `indent` < 0 writes the canonical form.
void write(const Value& value, int indent, std::string& out) {
    const bool people = indent >= 0;
    const auto newline = [&](int level) {
        if (people) out += '\n' + std::string(static_cast<std::size_t>(level) * 2, ' ');
    };
    const int inner = people ? indent + 1 : -1;
    if (const auto* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i) out += ',';
            newline(inner);
            write((*array)[i], inner, out);
        }
        if (!array->empty()) newline(indent);
        out += ']';
    } else if (const auto* object = value.if_object()) {
        out += '{';
        bool first = true;
        for (const auto& [name, item] : *object) {
            if (!first) out += ',';
            first = false;
            newline(inner);
            write_string(name, out);
            out += people ? ": " : ":";
            write(item, inner, out);
        }
        if (!object->empty()) newline(indent);
        out += '}';
    } else if (const auto* text = value.if_string()) {
        write_string(*text, out);
    } else if (const auto* integer = value.if_int()) {
        out += std::to_string(*integer);
    } else if (const auto* number = value.if_double()) {
        write_double(*number, out);
    } else if (const auto* boolean = value.if_bool()) {
        out += *boolean ? "true" : "false";
    } else {
        out += "null";
    }
}

}  // namespace

const Value& Value::operator[](std::string_view name) const {
    static const Value null;
    if (const auto* object = if_object()) {
        if (const auto it = object->find(name); it != object->end()) return it->second;
    }
    return null;
}

std::string_view Value::string_or(std::string_view fallback) const {
    const auto* text = if_string();
    return text ? std::string_view(*text) : fallback;
}

std::int64_t Value::int_or(std::int64_t fallback) const {
    const auto* integer = if_int();
    return integer ? *integer : fallback;
}

bool Value::bool_or(bool fallback) const {
    const auto* boolean = if_bool();
    return boolean ? *boolean : fallback;
}

const Array& Value::array_or_empty() const {
    static const Array empty;
    const auto* array = if_array();
    return array ? *array : empty;
}

const Object& Value::object_or_empty() const {
    static const Object empty;
    const auto* object = if_object();
    return object ? *object : empty;
}

Result<Value> parse(std::string_view document, std::string_view where) {
    if (document.size() > kMaxBytes)
        return fail({"the JSON document is over 512 MiB", "le document JSON dépasse 512 Mio"},
                    std::string(where));
    simdjson::dom::parser parser;
    if (parser.allocate(document.size(), kMaxDepth) != simdjson::SUCCESS)
        return fail({"not enough memory to read JSON", "mémoire insuffisante pour lire du JSON"},
                    std::string(where));
    if (document.empty()) document = "";  // a view of nothing may point nowhere, and simdjson copies from it
    simdjson::dom::element root;
    auto error = parser.parse(document.data(), document.size(), true).get(root);
    if (error == simdjson::NUMBER_ERROR) {
        const std::string reals = with_long_integers_as_reals(document);
        error = parser.parse(reals.data(), reals.size(), true).get(root);
    }
    if (error) {
        const std::string reason = simdjson::error_message(error);
        return fail(
            {"this is not valid JSON (" + reason + ")", "ce n’est pas du JSON valide (" + reason + ")"},
            std::string(where));
    }
    return convert(root);
}

std::string canonical(const Value& value) {
    std::string out;
    write(value, -1, out);
    return out;
}

std::string pretty(const Value& value) {
    std::string out;
    write(value, 0, out);
    return out;
}

Array strings(const std::vector<std::string>& items) { return Array(items.begin(), items.end()); }

}  // namespace contrechamp::json
