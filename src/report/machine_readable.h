// The report for programs: JSON (docs/schema/report.schema.json), CSV of findings, STIX 2.1.
#pragma once

#include <string>

#include "report/model.h"

namespace contrechamp {

// One JSON document with everything: case, summary, gaps, findings, observations, coverage, exhibits.
json::Value report_json(const ReportModel& model);

// One row a finding and capability; safe to open in a spreadsheet.
std::string report_csv(const ReportModel& model, const Knowledge& knowledge, Lang lang);

// A STIX 2.1 bundle: the machine, an observed-data and a note a finding, a tool a product (never malware:
// what was found is not judged), notes for innocent explanations, leads (marked, of low confidence) and gaps,
// and a report that holds them together. Ids are derived from content (UUIDv5), so the same case gives the
// same bundle.
json::Value report_stix(const ReportModel& model, const Knowledge& knowledge);

}  // namespace contrechamp
