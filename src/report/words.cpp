#include "report/words.h"

#include <algorithm>

#include "base/escape.h"
#include "report/disparity_words.h"

namespace contrechamp {
namespace {

std::string colon(Lang lang) { return lang == Lang::fr ? "\u00a0: " : ": "; }

std::string value_in_words(const std::string& field, const json::Value& value, const Knowledge& knowledge,
                           Lang lang) {
    if (const auto* list = value.if_array()) {
        std::string out;
        for (const auto& part : *list)
            out += (out.empty() ? "" : ", ") + value_in_words(field, part, knowledge, lang);
        return out;
    }
    if (const auto* yes = value.if_bool())
        return lang == Lang::fr ? (*yes ? "oui" : "non") : (*yes ? "yes" : "no");
    if (field == "setting" && value.if_string()) return setting_name(*value.if_string(), knowledge, lang);
    return value.if_string() ? knowledge.value_name(field, *value.if_string()).in(lang)
                             : json::canonical(value);
}

}  // namespace

std::string counted(std::size_t count, const Text& one, const Text& many, Lang lang) {
    // French counts nought as one.
    const bool single = count == 1 || (count == 0 && lang == Lang::fr);
    return std::to_string(count) + " " + (single ? one : many).in(lang);
}

Text no_finding(const Counts& counts) {
    return counts.of_computers ? Text{"no finding about watching", "aucun constat de surveillance"}
                               : Text{"no finding", "aucun constat"};
}

std::string in_words(const Counts& counts, Lang lang) {
    std::string out = counts.findings
                          ? counted(counts.findings, {"finding", "constat"}, {"findings", "constats"}, lang)
                          : no_finding(counts).in(lang);
    if (counts.managed)
        out += ", " +
               counted(counts.managed, {"about a managed or personal tool", "sur un outil géré ou personnel"},
                       {"about managed or personal tools", "sur des outils gérés ou personnels"}, lang);
    if (counts.leads) out += ", " + counted(counts.leads, {"lead", "piste"}, {"leads", "pistes"}, lang);
    return out;
}

std::string headline(const Counts& counts, Lang lang) {
    std::string out = capitalised(in_words(counts, lang)) + ".";
    if (counts.gaps)
        out += " " +
               counted(counts.gaps, {"thing could not be looked at", "chose n’a pas pu être examinée"},
                       {"things could not be looked at", "choses n’ont pas pu être examinées"}, lang) +
               ".";
    return out;
}

Text question_of(const ReportModel& model) {
    if (model.realm == "posts")
        return {"Who speaks with one voice?", typeset({"", "Qui parle d’une seule voix ?"}).fr};
    if (model.realm == "judgements")
        return {"Are people judged unequally?",
                typeset({"", "Les personnes sont-elles jugées inégalement ?"}).fr};
    return typeset(model.files_only()
                       ? Text{"What do the files received show?", "Que montrent les fichiers remis ?"}
                       : Text{"What is watching this computer?", "Qu’est-ce qui surveille cet ordinateur ?"});
}

std::string name_of(const Subject& subject, const Knowledge& knowledge, Lang lang) {
    // The one label made of words: "15 accounts (A1 … A15)".
    static constexpr std::string_view kAccounts = " accounts (";
    if (const auto at = subject.label.find(kAccounts);
        subject.kind == "community" && lang == Lang::fr && at != std::string::npos)
        return subject.label.substr(0, at) + " comptes (" + subject.label.substr(at + kAccounts.size());
    if (const auto at = subject.label.find(": ");
        subject.kind == "judgement" && lang == Lang::fr && at != std::string::npos)
        return subject.label.substr(0, at) + "\u00a0" + subject.label.substr(at);
    return knowledge.value_name("subject", subject.label).in(lang);
}

std::string label_of(const Finding& finding, const Knowledge& knowledge, Lang lang) {
    const auto* product = knowledge.product(finding.product);
    return product ? product->name : name_of(finding.subject, knowledge, lang);
}

std::string title_of(const Finding& finding, const Knowledge& knowledge, Lang lang) {
    for (const auto& rule : knowledge.rules()) {
        if (rule["id"].string_or() != finding.rule) continue;
        const auto lead = typeset(text_from(rule["lead_title"]));
        return (finding.lead && !lead.empty() ? lead : typeset(text_from(rule["title"]))).in(lang);
    }
    return finding.rule;
}

Text strength_of(const Finding& finding) {
    return finding.lead ? Text{"lead", "piste"} : describe(finding.strength);
}

std::string place_of(const Locator& locator, Lang lang) {
    std::string out = Text{"bytes ", "octets "}.in(lang) + std::to_string(locator.offset) + "+" +
                      std::to_string(locator.length);
    if (locator.line) out += Text{", line ", ", ligne "}.in(lang) + std::to_string(locator.line);
    return locator.path.empty() ? out : out + ", " + locator.path;
}

std::string origin_of(const Exhibit& exhibit, const Knowledge& knowledge, Lang lang) {
    if (!exhibit.collector.starts_with("linux/") && exhibit.collector != "analyze") return exhibit.origin;
    const auto known = knowledge.value_name("collector", exhibit.collector);
    if (known.en == exhibit.collector) return exhibit.origin;
    return (exhibit.collector == "analyze" ? std::string()
                                           : Text{"this computer", "cet ordinateur"}.in(lang) + colon(lang)) +
           known.in(lang);
}

std::vector<std::string> fields_of(const Observation& observation, const Knowledge& knowledge, Lang lang) {
    // Internals of the naming rule, of no use to a reader; `explain` prints them.
    static const std::string_view kHidden[] = {"bearer_kind", "bearer_key",  "channel",
                                               "class",       "side",        "specific",
                                               "strength",    "unforgeable", "capabilities"};
    std::vector<std::string> out;
    for (const auto& [name, value] : observation.fields) {
        if (std::find(std::begin(kHidden), std::end(kHidden), name) != std::end(kHidden) || value.is_null())
            continue;
        // A list of choices in one text.
        const bool choices = name == "setting" && observation.kind.starts_with("disparity.");
        const auto text = choices ? setting_name(std::string(value.string_or()), knowledge, lang)
                                  : value_in_words(name, value, knowledge, lang);
        if (!text.empty()) out.push_back(knowledge.field_name(name).in(lang) + colon(lang) + text);
    }
    return out;
}

std::vector<std::string> results_of(const Check& check, const ReportModel& model, const Knowledge& knowledge,
                                    Lang lang) {
    std::vector<std::string> looked, missed;
    for (const auto& row : model.coverage) {
        if (row.check != check.id) continue;
        std::string text = describe(row.state).in(lang);
        if (const auto* reason = knowledge.reason(row.reason))
            text += colon(lang) + filled_text(reason->why, row.fields, knowledge).in(lang);
        const bool seen = row.state == CoverageState::present || row.state == CoverageState::absent;
        auto& list = seen ? looked : missed;
        if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
    }
    looked.insert(looked.end(), missed.begin(), missed.end());
    return looked;
}

std::string check_names(const std::vector<std::string>& ids, const Knowledge& knowledge, Lang lang) {
    std::string out;
    for (const auto& id : ids) {
        const auto* check = knowledge.check(id);
        std::string name = check ? check->name.in(lang) : id;
        // Inside the list a name begins small, but for abbreviations.
        if (!out.empty() && name.size() > 1 && name[0] >= 'A' && name[0] <= 'Z' &&
            (name[1] < 'A' || name[1] > 'Z'))
            name[0] = static_cast<char>(name[0] - 'A' + 'a');
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    // à to þ, but for the sign ÷ between them: two bytes in UTF-8.
    const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0;
    if (text.starts_with('\xc3') && second >= 0xa0 && second <= 0xbe && second != 0xb7)
        text[1] = static_cast<char>(second - 0x20);
    return text;
}

std::string shortened(std::string_view text, std::size_t most) {
    std::string valid = to_valid_utf8(text);
    std::size_t characters = 0;
    for (std::size_t i = 0; i < valid.size(); ++i)
        if ((static_cast<unsigned char>(valid[i]) & 0xc0) != 0x80 && characters++ == most)
            return valid.substr(0, i) + "…";
    return valid;
}

}  // namespace contrechamp
