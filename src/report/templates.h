// The report's templates, compiled into the program (*.mustache).
#pragma once

#include <string_view>

namespace contrechamp {

std::string_view report_template();
std::string_view card_template();
// Of sections (report/sections.h).
std::string_view figures_style_template();
std::string_view coordination_whole_template();
std::string_view coordination_card_template();
std::string_view coordination_figures_template();
std::string_view disparity_style_template();
std::string_view disparity_whole_template();
std::string_view disparity_figures_template();

}  // namespace contrechamp
