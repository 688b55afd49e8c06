// Parts of the HTML report that belong to one analyzer: what it draws and tells besides what every card says.
// Adding one: its functions, and one line in sections.cpp.
#pragma once

#include <span>
#include <string>

#include "report/html.h"

namespace contrechamp {

struct SectionView {
    const ReportModel& model;
    const Knowledge& knowledge;
    Lang lang = Lang::en;
    Medium medium = Medium::screen;

    std::string t(const char* en, const char* fr) const {
        return lang == Lang::fr ? french(fr) : std::string(en);
    }
    std::string t(const Text& text) const { return text.in(lang); }
};

// Each function gives HTML whose text is escaped already; an empty string: nothing to add. Without what the
// section speaks of, the report stays byte for byte as it was.
struct Section {
    const char* id;  // its anchor in the page
    Text title;
    // CSS that its parts need, in the page only when `whole` is.
    std::string_view (*style)();
    // For the whole report, under a heading of its own between the glance and the findings.
    std::string (*whole)(const SectionView& view);
    // For a card, whose findings (indexes into the model) are all about one subject: above its innocent
    // explanations, and between its question and its evidence.
    std::string (*card_summary)(const SectionView& view, std::span<const std::size_t> findings);
    std::string (*card_figures)(const SectionView& view, std::span<const std::size_t> findings);
};

std::span<const Section> sections();

}  // namespace contrechamp
