// The report for programs: JSON (docs/schema/report.schema.json), CSV of findings, STIX 2.1.
#pragma once

#include <string>

#include "report/model.h"

namespace contrechamp {

// One JSON document with everything: case, summary, gaps, findings, observations, coverage, exhibits.
json::Value report_json(const ReportModel& model);

// One row a finding and capability; safe to open in a spreadsheet.
std::string report_csv(const ReportModel& model, const Knowledge& knowledge, Lang lang);

// A STIX 2.1 bundle: an identity for us, an indicator for each named product's marks found, an observed-data
// and a note for each finding. Ids are derived from content (UUIDv5), so the same case gives the same bundle.
json::Value report_stix(const ReportModel& model, const Knowledge& knowledge);

}  // namespace contrechamp
