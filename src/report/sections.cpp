#include "report/sections.h"

#include "report/coordination_section.h"
#include "report/disparity_section.h"

namespace contrechamp {

std::span<const Section> sections() {
    static const Section kSections[] = {coordination_section(), disparity_section()};
    return kSections;
}

}  // namespace contrechamp
