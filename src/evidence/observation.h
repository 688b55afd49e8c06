// An observation is one fact read from one exhibit. It names who asserts it, where the bytes are, and how far
// it can be trusted. Its id is the SHA-256 of its canonical JSON (base/json.h), so equal facts have equal ids
// on any machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace contrechamp {

// Where in an exhibit something stands. The byte range is always given, so that `xxd -s OFFSET -l LENGTH`
// shows it; the line or the record path say the same in the format's own terms.
struct Locator {
    std::string exhibit;       // SHA-256
    std::uint64_t offset = 0;  // bytes from the start of the exhibit
    std::uint64_t length = 0;  // bytes
    std::uint64_t line = 0;    // from 1; 0: not a line format
    std::string path;          // JSON pointer, table and rowid, …; empty: none

    json::Value to_json() const;
    static Result<Locator> from_json(const json::Value& value);
    bool operator==(const Locator&) const = default;
};

enum class Basis {
    measured,  // we read the trace itself
    declared,  // somebody's word, such as a client's self-reported process id
    derived,   // computed from other observations, named in `from`
};
std::string_view to_string(Basis basis);

// What a fact or a finding is about. (kind, host, key) is its identity; the label is for people.
struct Subject {
    std::string kind;   // program, product, extension, certificate, service, account, host, …
    std::string host;   // the machine's pseudonym, empty when the subject belongs to no machine
    std::string key;    // for a program its path, for a product its id, …
    std::string label;  // as shown

    json::Value to_json() const;
    static Subject from_json(const json::Value& value);
    // One string for look-ups; not for people.
    std::string identity() const;
    bool operator==(const Subject&) const = default;
};

struct Observation {
    std::string analyzer;
    std::string kind;  // dotted, e.g. "x11.records-input"; documented by the analyzer
    Subject subject;
    json::Object fields;  // flat: strings, integers, booleans, lists of strings
    Basis basis = Basis::measured;
    Locator locator;
    std::vector<std::string> from = {};  // ids, for Basis::derived

    json::Value to_json() const;  // without the id
    std::string id() const;
    static Result<Observation> from_json(const json::Value& value);
};

}  // namespace contrechamp
