// How a report words what it shows, the same in every format. Sentences of ours come out typeset (French
// spaces); what stands in the evidence is only translated where the knowledge has plain words for it.
#pragma once

#include <string>
#include <vector>

#include "report/model.h"

namespace contrechamp {

// "1 lead", "3 leads".
std::string counted(std::size_t count, const Text& one, const Text& many, Lang lang);
// "15 findings, 1 about a managed or personal tool, 1 lead"
std::string in_words(const Counts& counts, Lang lang);
// The same and ". 10 things could not be looked at."
// What is said where there is none.
Text no_finding(const Counts& counts);
std::string headline(const Counts& counts, Lang lang);

// What the report asks, and, for files somebody handed over, what was not done.
Text question_of(const ReportModel& model);

// What something is about, in words where the knowledge has some.
std::string name_of(const Subject& subject, const Knowledge& knowledge, Lang lang);
// Who a finding speaks of: the product's name, else the subject's.
std::string label_of(const Finding& finding, const Knowledge& knowledge, Lang lang);
// What its rule says in three words; of a lead, no more than a lead may.
std::string title_of(const Finding& finding, const Knowledge& knowledge, Lang lang);
Text strength_of(const Finding& finding);

// Where in its exhibit something stands: "bytes 10+20, line 3".
std::string place_of(const Locator& locator, Lang lang);

// Where an exhibit came from. The stored origin of what the program read itself is English; it is shown in
// words.
std::string origin_of(const Exhibit& exhibit, const Knowledge& knowledge, Lang lang);

// The fields of an observation, each "display: :0".
std::vector<std::string> fields_of(const Observation& observation, const Knowledge& knowledge, Lang lang);

// What came of a check, each result once: what was looked at first.
std::vector<std::string> results_of(const Check& check, const ReportModel& model, const Knowledge& knowledge,
                                    Lang lang);

// "Audit rules, proxy settings"
std::string check_names(const std::vector<std::string>& ids, const Knowledge& knowledge, Lang lang);

std::string capitalised(std::string text);

// The first `most` characters, with … for the rest; always valid UTF-8.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace contrechamp
