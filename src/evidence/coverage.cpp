#include "evidence/coverage.h"

#include "base/hash.h"

namespace contrechamp {

std::string_view to_string(CoverageState state) {
    switch (state) {
        case CoverageState::present: return "present";
        case CoverageState::absent: return "absent";
        case CoverageState::not_recorded: return "not-recorded";
        case CoverageState::unreadable: return "unreadable";
    }
    return "";
}

json::Value Coverage::to_json() const {
    json::Object out{{"analyzer", analyzer},
                     {"check", check},
                     {"state", to_string(state)},
                     {"locator", locator.to_json()}};
    if (!host.empty()) out["host"] = host;
    if (!reason.empty()) out["reason"] = reason;
    if (!fields.empty()) out["fields"] = fields;
    return out;
}

std::string Coverage::id() const { return sha256_hex(json::canonical(to_json())); }

Result<Coverage> Coverage::from_json(const json::Value& value) {
    Coverage out;
    out.analyzer = value["analyzer"].string_or();
    out.check = value["check"].string_or();
    out.host = value["host"].string_or();
    out.reason = value["reason"].string_or();
    out.fields = value["fields"].object_or_empty();
    out.locator = TRY(Locator::from_json(value["locator"]));
    const auto state = value["state"].string_or();
    for (auto candidate : {CoverageState::present, CoverageState::absent, CoverageState::not_recorded,
                           CoverageState::unreadable}) {
        if (to_string(candidate) == state) {
            out.state = candidate;
            return out;
        }
    }
    return fail({"unknown coverage state", "état de couverture inconnu"}, std::string(state));
}

}  // namespace contrechamp
