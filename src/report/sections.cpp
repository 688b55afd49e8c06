#include "report/sections.h"

#include "report/coordination_section.h"

namespace contrechamp {

std::span<const Section> sections() {
    static const Section kSections[] = {coordination_section()};
    return kSections;
}

}  // namespace contrechamp
