#include "report/machine_readable.h"

#include <algorithm>

#include "base/escape.h"
#include "evidence/custody.h"
#include "report/stix.h"

namespace contrechamp {
namespace {

// STIX is read by people in other programs: text from evidence shows what it is made of.
std::string shown(std::string_view text) { return for_terminal(text); }

json::Value with_id(json::Value item, const std::string& id) {
    (*item.if_object())["id"] = id;
    return item;
}

json::Array group_json(const ReportModel& model) {
    json::Array out;
    for (const auto& group : model.groups) {
        json::Array capabilities;
        for (const auto& view : group.capabilities) {
            json::Array findings;
            for (auto i : view.findings) findings.push_back(model.finding_ids[i]);
            json::Object item{{"id", view.capability->id},
                              {"name", to_json(view.capability->name)},
                              {"means", to_json(view.capability->means)},
                              {"verdict", to_string(view.verdict)},
                              {"findings", std::move(findings)},
                              {"checks_looked", json::strings(view.checks_looked)},
                              {"checks_missed", json::strings(view.checks_missed)}};
            if (view.strength) item["strength"] = to_string(*view.strength);
            capabilities.push_back(std::move(item));
        }
        out.push_back(json::Object{{"id", group.group->id},
                                   {"name", to_json(group.group->name)},
                                   {"verdict", to_string(group.verdict)},
                                   {"capabilities", std::move(capabilities)}});
    }
    return out;
}

}  // namespace

json::Value report_json(const ReportModel& model) {
    json::Array gaps, findings, observations, coverage, exhibits;
    for (const auto& gap : model.gaps)
        gaps.push_back(json::Object{{"why", to_json(gap.why)},
                                    {"remedy", to_json(gap.remedy)},
                                    {"state", gap.not_recorded ? "not-recorded" : "unreadable"},
                                    {"checks", json::strings(gap.checks)},
                                    {"coverage", json::strings(gap.coverage)}});
    for (std::size_t i = 0; i < model.findings.size(); ++i) {
        findings.push_back(with_id(model.findings[i].to_json(), model.finding_ids[i]));
    }
    for (const auto& observation : model.observations)
        observations.push_back(with_id(observation.to_json(), observation.id()));
    for (std::size_t i = 0; i < model.coverage.size(); ++i)
        coverage.push_back(with_id(model.coverage[i].to_json(), model.coverage_ids[i]));
    for (const auto& exhibit : model.exhibits) exhibits.push_back(exhibit.to_json());
    return json::Object{
        {"format", "contrechamp-report"},
        {"version", 1},
        {"tool", tool_name()},
        {"case", json::Object{{"id", model.case_id},
                              {"created", model.created},
                              {"entries", model.log_entries},
                              {"head", model.head},
                              {"signer", model.signer},
                              {"hosts", json::strings(model.hosts)}}},
        {"analysis", json::Object{{"tool", model.analyzed_with}, {"knowledge", model.knowledge_sha256}}},
        {"summary", json::Object{{"findings", model.count_findings()},
                                 {"leads", model.count_leads()},
                                 {"gaps", model.gaps.size()},
                                 {"groups", group_json(model)}}},
        {"gaps", std::move(gaps)},
        {"findings", std::move(findings)},
        {"observations", std::move(observations)},
        {"coverage", std::move(coverage)},
        {"exhibits", std::move(exhibits)}};
}

std::string report_csv(const ReportModel& model, const Knowledge& knowledge, Lang lang) {
    std::string out =
        "id,kind,strength,class,subject_kind,subject,subject_key,product,capability,capability_status,"
        "statement,question,observations\r\n";
    for (std::size_t i = 0; i < model.findings.size(); ++i) {
        const auto& finding = model.findings[i];
        std::string ids;
        for (const auto& id : finding.observations) ids += (ids.empty() ? "" : " ") + id;
        auto capabilities = finding.capabilities;
        if (capabilities.empty()) capabilities.push_back({"", ""});
        const auto* product = knowledge.product(finding.product);
        for (const auto& capability : capabilities) {
            const std::string cells[] = {model.finding_ids[i],
                                         finding.lead ? "lead" : "finding",
                                         std::string(to_string(finding.strength)),
                                         finding.product_class,
                                         finding.subject.kind,
                                         finding.subject.label,
                                         finding.subject.key,
                                         product ? product->name : "",
                                         capability.id,
                                         capability.status,
                                         finding.statement.in(lang),
                                         finding.question.in(lang),
                                         ids};
            for (std::size_t c = 0; c < std::size(cells); ++c) out += (c ? "," : "") + for_csv(cells[c]);
            out += "\r\n";
        }
    }
    return out;
}

json::Value report_stix(const ReportModel& model, const Knowledge& knowledge) {
    json::Array objects;
    objects.push_back(stix::identity());
    const auto author = stix::id("identity", "contrechamp");
    const std::string time = model.created;
    for (std::size_t i = 0; i < model.findings.size(); ++i) {
        const auto& finding = model.findings[i];
        if (finding.lead) continue;
        json::Array refs;
        const auto add_object = [&](json::Object object, const std::string& type, const std::string& name) {
            const auto object_id = stix::id(type, name);
            object["type"] = type;
            object["spec_version"] = "2.1";
            object["id"] = object_id;
            if (std::none_of(objects.begin(), objects.end(),
                             [&](const json::Value& o) { return o["id"].string_or() == object_id; }))
                objects.push_back(object);
            if (std::find(refs.begin(), refs.end(), json::Value(object_id)) == refs.end())
                refs.push_back(object_id);
        };
        // The evidence as STIX objects where STIX has a word for it: programs and certificates.
        for (const auto& id : finding.observations) {
            const auto it = model.observation_by_id.find(id);
            if (it == model.observation_by_id.end()) continue;
            const auto& observation = model.observations[it->second];
            const auto& subject = observation.subject;
            if (subject.kind == "program")
                add_object({{"name", shown(subject.label)}}, "file", subject.identity());
            else if (subject.kind == "certificate")
                add_object({{"hashes", json::Object{{"SHA-256", subject.key}}},
                            {"subject", shown(observation.fields.contains("subject")
                                                  ? observation.fields.at("subject").string_or()
                                                  : "")}},
                           "x509-certificate", subject.key);
            else if (subject.kind == "product")
                add_object({{"name", shown(subject.label)}}, "software", subject.identity());
        }
        if (refs.empty())
            add_object({{"name", shown(finding.subject.label)}}, "software", finding.subject.identity());
        objects.push_back(json::Object{{"type", "observed-data"},
                                       {"spec_version", "2.1"},
                                       {"id", stix::id("observed-data", model.finding_ids[i])},
                                       {"created", time},
                                       {"modified", time},
                                       {"created_by_ref", author},
                                       {"first_observed", time},
                                       {"last_observed", time},
                                       {"number_observed", 1},
                                       {"object_refs", refs}});
        json::Array note_refs{stix::id("observed-data", model.finding_ids[i])};
        objects.push_back(json::Object{
            {"type", "note"},
            {"spec_version", "2.1"},
            {"id", stix::id("note", model.finding_ids[i])},
            {"created", time},
            {"modified", time},
            {"created_by_ref", author},
            {"abstract",
             shown(finding.subject.label) + " (" + std::string(to_string(finding.strength)) + ")"},
            {"content", shown(finding.statement.en) + "\n\n" + shown(finding.statement.fr)},
            {"object_refs", std::move(note_refs)},
            {"labels", json::Array{std::string(to_string(finding.strength)), finding.rule}}});
        if (const auto* product = knowledge.product(finding.product);
            product && finding.subject.kind == "product") {
            const std::string type = product->product_class == "monitoring" ? "malware" : "tool";
            json::Object described{{"type", type},
                                   {"spec_version", "2.1"},
                                   {"id", stix::id(type, product->id)},
                                   {"created", time},
                                   {"modified", time},
                                   {"created_by_ref", author},
                                   {"name", product->name},
                                   {"labels", json::Array{product->product_class}}};
            if (type == "malware") described["is_family"] = true;
            objects.push_back(std::move(described));
        }
    }
    return json::Object{{"type", "bundle"},
                        {"id", stix::id("bundle", model.case_id + model.head)},
                        {"objects", std::move(objects)}};
}

}  // namespace contrechamp
