// The report as one HTML file: no script, no outside resource, readable on paper, in the dark and by a screen
// reader.
#pragma once

#include <string>

#include "report/model.h"

namespace contrechamp {

// Paper: colours written out, since WeasyPrint resolves no CSS variables inside shorthands and SVG.
enum class Medium { screen, paper };
std::string report_html(const ReportModel& model, const Knowledge& knowledge, Lang lang,
                        Medium medium = Medium::screen);

// Writes a report into the case's folder and logs its digest.
Status write_report(Case& opened, const std::string& name, const std::string& html);

}  // namespace contrechamp
