#include "evidence/finding.h"

#include "base/hash.h"

namespace contrechamp {

std::string_view to_string(Strength strength) {
    switch (strength) {
        case Strength::observed: return "observed";
        case Strength::used: return "used";
        case Strength::granted: return "granted";
        case Strength::configured: return "configured";
        case Strength::installed: return "installed";
        case Strength::contacted: return "contacted";
    }
    return "";
}

Result<Strength> strength_from(std::string_view text) {
    for (auto strength : {Strength::observed, Strength::used, Strength::granted, Strength::configured,
                          Strength::installed, Strength::contacted})
        if (to_string(strength) == text) return strength;
    return fail({"unknown strength", "force inconnue"}, std::string(text),
                {"one of: observed, used, granted, configured, installed, contacted",
                 "au choix : observed, used, granted, configured, installed, contacted"});
}

json::Value to_json(const Text& text) { return json::Object{{"en", text.en}, {"fr", text.fr}}; }

Text text_from(const json::Value& value) {
    return {std::string(value["en"].string_or()), std::string(value["fr"].string_or())};
}

json::Value Finding::to_json() const {
    json::Array listed, reasons;
    for (const auto& capability : capabilities)
        listed.push_back(json::Object{{"id", capability.id}, {"status", capability.status}});
    for (const auto& reason : innocent) reasons.push_back(contrechamp::to_json(reason));
    json::Object out{{"rule", rule},
                     {"lead", lead},
                     {"managed", managed},
                     {"subject", subject.to_json()},
                     {"strength", to_string(strength)},
                     {"capabilities", std::move(listed)},
                     {"statement", contrechamp::to_json(statement)},
                     {"innocent", std::move(reasons)},
                     {"question", contrechamp::to_json(question)},
                     {"observations", json::strings(observations)}};
    if (!product.empty()) out["product"] = product;
    if (!product_class.empty()) out["class"] = product_class;
    return out;
}

std::string Finding::id() const { return sha256_hex(json::canonical(to_json())); }

Result<Finding> Finding::from_json(const json::Value& value) {
    Finding out;
    out.rule = value["rule"].string_or();
    out.lead = value["lead"].bool_or(false);
    out.managed = value["managed"].bool_or(false);
    out.subject = Subject::from_json(value["subject"]);
    out.strength = TRY(strength_from(value["strength"].string_or()));
    out.product = value["product"].string_or();
    out.product_class = value["class"].string_or();
    for (const auto& item : value["capabilities"].array_or_empty())
        out.capabilities.push_back(
            {std::string(item["id"].string_or()), std::string(item["status"].string_or())});
    out.statement = text_from(value["statement"]);
    for (const auto& item : value["innocent"].array_or_empty()) out.innocent.push_back(text_from(item));
    out.question = text_from(value["question"]);
    for (const auto& item : value["observations"].array_or_empty())
        out.observations.emplace_back(item.string_or());
    return out;
}

}  // namespace contrechamp
