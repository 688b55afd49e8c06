// An account-by-time drawing: a row an account, a column an hour, a quarter of a day, a day or some weeks.
#pragma once

#include "report/sections.h"

namespace contrechamp::figure {

// Empty when the community's activity is not drawn.
std::string raster(const SectionView& view, const CoordinationCommunity& community, const std::string& id);
// What a column is, and what is left out, in words.
std::string raster_caption(const SectionView& view, const CoordinationCommunity& community);

}  // namespace contrechamp::figure
