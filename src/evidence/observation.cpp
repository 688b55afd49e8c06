#include "evidence/observation.h"

#include "base/hash.h"

namespace contrechamp {
namespace {

tl::unexpected<Error> malformed(const char* what) {
    return fail(
        {std::string("this is not a well-formed ") + what, std::string("enregistrement mal formé : ") + what},
        what);
}

}  // namespace

json::Value Locator::to_json() const {
    json::Object out{{"exhibit", exhibit}, {"offset", offset}, {"length", length}};
    if (line) out["line"] = line;
    if (!path.empty()) out["path"] = path;
    return out;
}

Result<Locator> Locator::from_json(const json::Value& value) {
    Locator out;
    out.exhibit = value["exhibit"].string_or();
    const auto offset = value["offset"].int_or(-1), length = value["length"].int_or(-1);
    if (!is_sha256(out.exhibit) || offset < 0 || length < 0) return malformed("locator");
    out.offset = static_cast<std::uint64_t>(offset);
    out.length = static_cast<std::uint64_t>(length);
    out.line = static_cast<std::uint64_t>(value["line"].int_or(0));
    out.path = value["path"].string_or();
    return out;
}

std::string_view to_string(Basis basis) {
    switch (basis) {
        case Basis::measured: return "measured";
        case Basis::declared: return "declared";
        case Basis::derived: return "derived";
    }
    return "";
}

json::Value Subject::to_json() const {
    json::Object out{{"kind", kind}, {"key", key}, {"label", label}};
    if (!host.empty()) out["host"] = host;
    return out;
}

Subject Subject::from_json(const json::Value& value) {
    return {std::string(value["kind"].string_or()), std::string(value["host"].string_or()),
            std::string(value["key"].string_or()), std::string(value["label"].string_or())};
}

std::string Subject::identity() const { return kind + '\x1f' + host + '\x1f' + key; }

json::Value Observation::to_json() const {
    json::Object out{{"analyzer", analyzer},         {"kind", kind},
                     {"subject", subject.to_json()}, {"fields", fields},
                     {"basis", to_string(basis)},    {"locator", locator.to_json()}};
    if (!from.empty()) out["from"] = json::strings(from);
    return out;
}

std::string Observation::id() const { return sha256_hex(json::canonical(to_json())); }

Result<Observation> Observation::from_json(const json::Value& value) {
    Observation out;
    out.analyzer = value["analyzer"].string_or();
    out.kind = value["kind"].string_or();
    out.subject = Subject::from_json(value["subject"]);
    out.fields = value["fields"].object_or_empty();
    const auto basis = value["basis"].string_or();
    if (basis == "measured") out.basis = Basis::measured;
    else if (basis == "declared") out.basis = Basis::declared;
    else if (basis == "derived") out.basis = Basis::derived;
    else return malformed("observation");
    out.locator = TRY(Locator::from_json(value["locator"]));
    for (const auto& id : value["from"].array_or_empty()) out.from.emplace_back(id.string_or());
    if (out.analyzer.empty() || out.kind.empty()) return malformed("observation");
    return out;
}

}  // namespace contrechamp
