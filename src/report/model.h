// What a report says, before any format: findings, leads, what was and was not looked at, capability by
// capability. Every output (terminal, HTML, PDF, JSON, CSV, STIX) is drawn from this one model.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conclude/derive.h"
#include "evidence/case.h"
#include "evidence/derivation.h"
#include "evidence/index.h"
#include "knowledge/knowledge.h"
#include "report/coordination_data.h"
#include "report/disparity_data.h"

namespace contrechamp {

// What can be said about one capability on this machine.
enum class Verdict {
    seen,            // a finding shows it
    possible,        // a named product's maker documents it
    lead,            // something to look into, no finding
    not_seen,        // every check that can show it looked and found nothing
    partly,          // nothing found, but part of the checks could not look
    could_not_look,  // no check that can show it could look
    elsewhere,       // no trace of it would be on this computer
};
std::string_view to_string(Verdict verdict);
Text describe(Verdict verdict);
Text describe(Strength strength);
// One sentence: what the strength means.
Text explain(Strength strength);
Text describe(Basis basis);
Text describe(CoverageState state);

struct CapabilityView {
    const Capability* capability = nullptr;
    Verdict verdict = Verdict::elsewhere;
    std::optional<Strength> strength;   // of the strongest finding
    std::vector<std::size_t> findings;  // indexes into ReportModel::findings, leads not included
    std::vector<std::size_t> leads;
    std::vector<std::string> checks_looked, checks_missed;  // ids
};

struct GroupView {
    const CapabilityGroup* group = nullptr;
    Verdict verdict = Verdict::elsewhere;  // the most telling of its capabilities
    std::vector<CapabilityView> capabilities;
};

// One thing that could not be looked at, said once however many checks it hides and files it concerns.
struct Gap {
    std::string reason;
    Text why, remedy;
    bool not_recorded = false;
    std::vector<std::string> checks;
    std::vector<std::string> coverage;  // ids
};

// Gaps that one remedy would mend; `remedy` is empty for those that nothing would.
struct GapGroup {
    Text remedy;
    std::vector<const Gap*> gaps;
};

// How many: findings about watching, findings about managed or personal tools, leads, gaps. Everything that
// counts says these numbers.
struct Counts {
    std::size_t findings = 0, managed = 0, leads = 0, gaps = 0;
    bool of_computers = true;  // what was looked at: a computer, or files about something else
    void add(const Finding& finding) { ++(finding.lead ? leads : finding.managed ? managed : findings); }
};

// A cell of the matrix: the strongest finding of one subject about one group of capabilities.
struct MatrixCell {
    Strength strength;
    bool seen = false;  // not only documented
    std::size_t finding = 0;
};
struct MatrixRow {
    std::string label;
    std::string product_class;
    std::map<std::string, MatrixCell> cells;  // by group
    std::vector<std::size_t> findings;
};

struct ReportModel {
    std::string case_id, directory, created, head, analyzed_with, knowledge_sha256, signer;
    std::size_t log_entries = 0;
    std::vector<Exhibit> exhibits;
    std::vector<Observation> observations;
    std::vector<Coverage> coverage;
    std::vector<Finding> findings;  // leads last
    std::vector<std::string> finding_ids, coverage_ids;
    std::map<std::string, std::size_t> observation_by_id;
    std::vector<std::string> hosts;  // pseudonyms

    std::vector<GroupView> groups;
    std::vector<Gap> gaps;
    std::vector<MatrixRow> matrix;
    // Rows of analyzers' tables that sections of the report draw (report/sections.h).
    Coordination coordination;
    Disparity disparity;

    Counts counts() const;
    // Only files were received: no computer was looked at.
    bool files_only() const;
    // What was looked at, by the realms of capability groups: "computer" whenever one was; else "posts" or
    // "judgements" when that is all, and "files" when it is several.
    std::string realm = "computer";
    // What can be mended first; what nothing would mend last.
    std::vector<GapGroup> gap_groups() const;
};

// How a group's verdict is put: by the strength of its strongest finding, or the verdict's own words.
Text verdict_words(const GroupView& group);
std::optional<Strength> strongest_seen(const GroupView& group);
// The findings (or else the leads) of a group's capabilities, strongest first, each once.
std::vector<std::size_t> findings_of(const ReportModel& model, const GroupView& group);

Result<ReportModel> build_report(const Case& opened, const Index& index, const Knowledge& knowledge);

// Fills {name} from fields, for a reason's sentence, in plain words where the knowledge has some.
Text filled_text(const Text& text, const json::Object& fields, const Knowledge& knowledge);

}  // namespace contrechamp
