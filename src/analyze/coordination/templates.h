// Texts made from one template: "{Picker|Stower} @ {CODE}. Amazonian for {N} years. Likes {…}". Candidates
// come from rare masked skip-grams; alignment under minimum description length decides what is fixed and what
// is a slot. Any language and script.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::coordination {

struct TemplatePart {
    bool slot = false;
    std::string text;  // fixed: as most members write it; slot: empty
};

struct TextTemplate {
    std::vector<TemplatePart> parts;
    std::vector<std::uint32_t> members;            // indexes of texts, ascending
    std::vector<std::vector<std::string>> values;  // [member][slot]: what stands in each slot, as written
    double saved_bits = 0;  // description length saved against writing each text by itself
    std::size_t fixed_words = 0;
    // Among texts that are not members: how many there are and how many fit the template.
    std::uint64_t comparison = 0, comparison_fits = 0;
    // log10 of an upper bound of the probability that so many of the texts fit if each did by itself as often
    // as the comparison texts' words make likely (binomial tail). The more negative, the less likely; 0:
    // cannot be said.
    double log10_p = 0;

    // "{} @ {}. Amazonian for {} years": slots as {}.
    std::string pattern() const;
};

struct TemplateSettings {
    std::size_t fewest_members = 3;
    std::size_t fewest_fixed_words = 3;
    double most_log10_p =
        -4;  // templates more likely by chance than this are left out (after Bonferroni over candidates)
    unsigned threads = 1;
};

struct TemplateResult {
    std::vector<TextTemplate> templates;  // most bits saved first; a text is a member of at most one
    std::uint64_t candidates = 0;         // clusters looked at
    std::uint64_t crowded = 0;            // skip-grams too common to be followed
};

// `texts` may hold empty ones (never members). `comparison`: texts known not to be of the suspected set,
// empty for "the texts that are not members". The same input gives the same templates however many threads.
// Work: near linear.
TemplateResult induce_templates(std::span<const std::string_view> texts,
                                std::span<const std::string_view> comparison,
                                const TemplateSettings& settings);

}  // namespace contrechamp::coordination
