// JSON values, read by simdjson and written in one canonical form.
//
// The canonical form is RFC 8785 (JCS): no white space, members sorted, shortest numbers, UTF-8 unescaped but
// for what JSON requires. Two equal values give the same bytes, so a digest of those bytes can be an id; and
// `jq -cS` prints the same bytes for everything we write, so a sceptic can recompute it.
// Member names we write are ASCII, where JCS's UTF-16 order and byte order are the same.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace contrechamp::json {

class Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value, std::less<>>;

class Value {
  public:
    Value() : data_(nullptr) {}
    Value(std::nullptr_t) : data_(nullptr) {}
    Value(bool b) : data_(b) {}
    template <class Int>
    requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) Value(Int i)
        : data_(static_cast<std::int64_t>(i)) {}
    Value(double d) : data_(d) {}
    Value(const char* s) : data_(std::string(s)) {}
    Value(std::string_view s) : data_(std::string(s)) {}
    Value(std::string s) : data_(std::move(s)) {}
    Value(Array a) : data_(std::move(a)) {}
    Value(Object o) : data_(std::move(o)) {}

    bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
    const bool* if_bool() const { return std::get_if<bool>(&data_); }
    const std::int64_t* if_int() const { return std::get_if<std::int64_t>(&data_); }
    const double* if_double() const { return std::get_if<double>(&data_); }
    const std::string* if_string() const { return std::get_if<std::string>(&data_); }
    const Array* if_array() const { return std::get_if<Array>(&data_); }
    const Object* if_object() const { return std::get_if<Object>(&data_); }
    Array* if_array() { return std::get_if<Array>(&data_); }
    Object* if_object() { return std::get_if<Object>(&data_); }

    // The member called `name` of an object; a shared null for anything else, so that look-ups chain.
    const Value& operator[](std::string_view name) const;

    // Forgiving reads for documents from elsewhere: the fallback when the type is another.
    std::string_view string_or(std::string_view fallback = {}) const;
    std::int64_t int_or(std::int64_t fallback) const;
    bool bool_or(bool fallback) const;
    const Array& array_or_empty() const;
    const Object& object_or_empty() const;

    bool operator==(const Value&) const = default;

  private:
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_;
};

// Parses one JSON document (UTF-8, no byte-order mark needed). `where` names it in errors.
// Bounded: nesting beyond 64 levels and input over 512 MiB are refused. Integers beyond int64 become doubles.
Result<Value> parse(std::string_view document, std::string_view where);

// The canonical form described above. A double that is not finite is a mistake of ours (asserted).
std::string canonical(const Value& value);

// Two spaces a level, for people; members sorted.
std::string pretty(const Value& value);

// A list of strings as a Value.
Array strings(const std::vector<std::string>& items);

}  // namespace contrechamp::json
