// The report's templates, compiled into the program (report.mustache, card.mustache).
#pragma once

#include <string_view>

namespace contrechamp {

std::string_view report_template();
std::string_view card_template();

}  // namespace contrechamp
