#include "formats/json_spans.h"

#include <simdjson.h>

#include "base/json.h"

namespace contrechamp {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;

// The bytes of an object or array; for a scalar, of its token.
simdjson::simdjson_result<std::string_view> raw(simdjson::ondemand::value value) {
    simdjson::ondemand::json_type type;
    if (const auto error = value.type().get(type)) return error;
    if (type == simdjson::ondemand::json_type::object) {
        simdjson::ondemand::object object;
        if (const auto error = value.get_object().get(object)) return error;
        return object.raw_json();
    }
    if (type == simdjson::ondemand::json_type::array) {
        simdjson::ondemand::array array;
        if (const auto error = value.get_array().get(array)) return error;
        return array.raw_json();
    }
    return value.raw_json_token();
}

tl::unexpected<Error> bad(simdjson::error_code code, std::string_view where) {
    const std::string reason = simdjson::error_message(code);
    return fail({"this is not valid JSON (" + reason + ")", "ce n’est pas du JSON valide (" + reason + ")"},
                std::string(where));
}

}  // namespace

Result<std::vector<JsonSpan>> json_spans(std::string_view document, const std::vector<std::string_view>& path,
                                         std::string_view where) {
    if (document.size() > kMaxBytes)
        return fail({"the JSON document is too large", "le document JSON est trop grand"},
                    std::string(where));
    simdjson::padded_string padded(document);
    // The on-demand reader below looks no further than it must: a document that is cut off would pass for a
    // short one.
    TRY(json::parse(document, where));
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document opened;
    if (const auto error = parser.iterate(padded).get(opened)) return bad(error, where);
    const char* start = padded.data();
    simdjson::ondemand::value current;
    if (const auto error = opened.get_value().get(current))
        return error == simdjson::SCALAR_DOCUMENT_AS_VALUE ? Result<std::vector<JsonSpan>>{}
                                                           : bad(error, where);
    for (const auto step : path) {
        simdjson::ondemand::object object;
        if (current.get_object().get(object)) return {};
        simdjson::ondemand::value next;
        const auto error = object.find_field_unordered(step).get(next);
        if (error == simdjson::NO_SUCH_FIELD) return {};
        if (error) return bad(error, where);
        current = next;
    }
    std::vector<JsonSpan> out;
    const auto add = [&](std::string key, std::string_view bytes) {
        bytes = bytes.substr(0, bytes.find_last_not_of(" \t\r\n") + 1);
        out.push_back({std::move(key), static_cast<std::uint64_t>(bytes.data() - start), bytes.size()});
    };
    simdjson::ondemand::json_type type;
    if (const auto error = current.type().get(type)) return bad(error, where);
    if (type == simdjson::ondemand::json_type::object) {
        simdjson::ondemand::object object;
        if (const auto error = current.get_object().get(object)) return bad(error, where);
        for (auto field : object) {
            std::string_view key, bytes;
            simdjson::ondemand::value value;
            if (const auto error = field.unescaped_key().get(key)) return bad(error, where);
            std::string name(key);
            if (const auto error = field.value().get(value)) return bad(error, where);
            if (const auto error = raw(value).get(bytes)) return bad(error, where);
            add(std::move(name), bytes);
        }
    } else if (type == simdjson::ondemand::json_type::array) {
        simdjson::ondemand::array array;
        if (const auto error = current.get_array().get(array)) return bad(error, where);
        std::size_t index = 0;
        for (auto element : array) {
            simdjson::ondemand::value value;
            std::string_view bytes;
            if (const auto error = element.get(value)) return bad(error, where);
            if (const auto error = raw(value).get(bytes)) return bad(error, where);
            add(std::to_string(index++), bytes);
        }
    }
    return out;
}

std::string without_json_comments(std::string_view document) {
    std::string out(document);
    bool in_string = false;
    std::size_t comma = std::string::npos;  // the last comma with nothing but space after it
    for (std::size_t i = 0; i < out.size(); ++i) {
        const char c = out[i];
        if (in_string) {
            if (c == '\\') ++i;
            else if (c == '"') in_string = false;
            continue;
        }
        if (c == '/' && i + 1 < out.size() && (out[i + 1] == '/' || out[i + 1] == '*')) {
            const bool block = out[i + 1] == '*';
            const auto found = block ? out.find("*/", i + 2) : out.find('\n', i);
            const auto end = found == std::string::npos ? out.size() : found + (block ? 2 : 0);
            for (; i < end; ++i)
                if (out[i] != '\n') out[i] = ' ';
            --i;
        } else if (c == ',') {
            comma = i;
        } else if ((c == '}' || c == ']') && comma != std::string::npos) {
            out[comma] = ' ';
            comma = std::string::npos;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            comma = std::string::npos;
            in_string = c == '"';
        }
    }
    return out;
}

}  // namespace contrechamp
