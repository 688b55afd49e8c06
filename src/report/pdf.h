// The report on paper: the HTML one through WeasyPrint, with the JSON report attached. The same case gives
// the same bytes.
#pragma once

#include <filesystem>

#include "report/model.h"

namespace contrechamp {

// Needs the program `weasyprint` (Debian package weasyprint); the error says so when it is missing.
Status write_pdf(const std::filesystem::path& output, const ReportModel& model, const Knowledge& knowledge,
                 Lang lang);

}  // namespace contrechamp
