// The summary that `scan` prints.
#pragma once

#include <string>

#include "report/model.h"

namespace contrechamp {

struct TerminalStyle {
    bool colour = false;
    bool unicode = true;
    int width = 100;
    Lang lang = Lang::en;
    // For the commands to type next; no report, no such commands.
    std::string command = "contrechamp", which, report;
};

// Plain text, one capability group a line, what could not be looked at first. Evidence text comes out inert.
std::string terminal_summary(const ReportModel& model, const Knowledge& knowledge,
                             const TerminalStyle& style);

}  // namespace contrechamp
