#include "analyze/host/context.h"

#include <algorithm>

namespace contrechamp::host {

Subject Context::program(const json::Value& process) const {
    const auto base = [](std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); };
    const auto script = process["script"].string_or(), exe = process["exe"].string_or(),
               name = process["name"].string_or();
    if (!script.empty()) return subject("program", std::string(script), base(script));
    // Two people's scripts under one interpreter cannot be told apart: their names are not kept.
    if (process["script_hidden"].bool_or(false))
        return subject("program", std::string(exe.empty() ? name : exe) + " (script)",
                       base(exe.empty() ? name : exe) + " (script)");
    if (!exe.empty()) return subject("program", std::string(exe), base(exe));
    if (!name.empty()) return subject("program", "name:" + std::string(name), std::string(name));
    const auto pid = process["pid"].int_or(0);
    return subject("program", "pid:" + std::to_string(pid), "pid " + std::to_string(pid));
}

// An exhibit that somebody else wrote may hold anything where a word is expected: it is kept as text.
void flatten(json::Object& fields) {
    for (auto& [name, value] : fields) {
        if (value.if_object() || value.if_double()) value = json::canonical(value);
        if (auto* list = value.if_array())
            for (auto& item : *list)
                if (!item.if_string()) item = json::canonical(item);
    }
}

void Context::observe(std::string_view check, std::string_view kind, Subject subject, json::Object fields,
                      Locator locator, Basis basis) {
    found_.emplace(check);
    flatten(fields);
    out_.observe({"", std::string(kind), std::move(subject), std::move(fields), basis, std::move(locator)});
}

void Context::marks(std::string_view check, const std::vector<Mark>& marks, const MarkWeight& weight,
                    const Subject& bearer, const Locator& locator, Basis basis) {
    for (const auto& mark : marks) {
        const std::string once = mark.product->id + '\x1f' + std::string(weight.channel) + '\x1f' +
                                 bearer.identity() + '\x1f' + mark.indicator->type;
        if (!marked_.insert(once).second) continue;
        // Where a product's programs run whether it is in use or not, they show no more than its package
        // does.
        const bool idle = mark.product->dormant && (weight.channel == "process" || weight.channel == "unit" ||
                                                    weight.channel == "bus");
        const auto strength = idle ? Strength::installed : weight.strength;
        json::Object fields{{"class", mark.product->product_class},
                            {"confidence", to_string(mark.indicator->confidence)},
                            {"type", mark.indicator->type},
                            {"value", mark.indicator->value},
                            {"side", mark.indicator->controller ? "controller" : "agent"},
                            {"channel", weight.channel},
                            {"specific", weight.specific},
                            {"unforgeable", weight.unforgeable},
                            {"strength", to_string(strength)},
                            {"bearer", bearer.label}};
        // What carries a weak mark is not thereby the product's own. A bare name may add to what is held
        // against a program, never excuse it.
        const bool excuses =
            mark.product->product_class != "monitoring" && mark.product->product_class != "remote-control";
        if (weight.specific || !excuses) {
            fields["bearer_kind"] = bearer.kind;
            fields["bearer_key"] = bearer.key;
        }
        observe(check, "product." + std::string(weight.channel),
                subject("product", mark.product->id, mark.product->name), std::move(fields), locator, basis);
    }
}

void Context::defect(Text what, const Locator& where) {
    defects_.push_back(
        {std::move(what), where.exhibit + " (offset " + std::to_string(where.offset) + ")", {}});
}

std::vector<Mark> linux_marks(const Knowledge& knowledge, std::string_view type, std::string_view value,
                              std::string_view qualifier) {
    auto out = knowledge.marks(type, value, qualifier);
    std::erase_if(out, [](const Mark& mark) {
        const auto& platforms = mark.indicator->platforms;
        return !platforms.empty() &&
               std::find(platforms.begin(), platforms.end(), "linux") == platforms.end();
    });
    return out;
}

}  // namespace contrechamp::host
