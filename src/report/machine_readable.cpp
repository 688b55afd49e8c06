#include "report/machine_readable.h"

#include <algorithm>

#include "base/escape.h"
#include "evidence/custody.h"

namespace contrechamp {
namespace {

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
    const auto counts = model.counts();
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
        {"summary", json::Object{{"findings", counts.findings},
                                 {"managed", counts.managed},
                                 {"leads", counts.leads},
                                 {"gaps", counts.gaps},
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
        "statement,question,observations,innocent\r\n";
    for (std::size_t i = 0; i < model.findings.size(); ++i) {
        const auto& finding = model.findings[i];
        std::string ids;
        for (const auto& id : finding.observations) ids += (ids.empty() ? "" : " ") + id;
        std::string innocent;
        for (const auto& reason : finding.innocent)
            innocent += (innocent.empty() ? "" : " ") + reason.in(lang);
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
                                         ids,
                                         innocent};
            for (std::size_t c = 0; c < std::size(cells); ++c) out += (c ? "," : "") + for_csv(cells[c]);
            out += "\r\n";
        }
    }
    return out;
}

}  // namespace contrechamp
