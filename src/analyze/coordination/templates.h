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
    std::vector<float> word_bits;  // what each fixed content word is worth, in their order: rare ones more
    // Among texts that are not members: how many there are and how many fit the template.
    std::uint64_t comparison = 0, comparison_fits = 0;
    // log10 of an upper bound of the probability that any template finds so many members by chance, when each
    // clause is written as often as the comparison texts (without them: all texts, members included) show and
    // clauses are chosen independently; the formula is in template_chance.h. It holds for all templates that
    // any text could have begun, so nothing needs to be corrected afterwards. The more negative, the less
    // likely. 0: cannot be said. That is so of a custom (more than 1 % of the comparison texts fit; without
    // them, of 10,000 texts and more, more than 1 % of all), and, without comparison texts, of one short
    // clause by itself ("opinions my own"): nothing tells a custom from an arrangement there.
    double log10_p = 0;

    // "{} @ {}. Amazonian for {} years": slots as {}.
    std::string pattern() const;
};

struct TemplateSettings {
    std::size_t fewest_members = 3;
    std::size_t fewest_fixed_words = 3;
    // Templates more likely by chance than this are left out; 0: none are.
    double most_log10_p = -4;
    unsigned threads = 1;
};

struct TemplateResult {
    std::vector<TextTemplate> templates;  // most bits saved first; a text is a member of at most one
    std::uint64_t candidates = 0;         // clusters looked at
    std::uint64_t crowded = 0;            // skip-grams too common to be followed
    std::uint64_t left_out = 0;           // clusters that were not looked at: there are very many
};

// Whether a text fits: aligned with the template it holds at least three quarters of the fixed content words
// in their order, weighed by word_bits. `values`, when not null: what stands in each slot, as written,
// without punctuation at its ends; empty when the text does not fit.
bool fits(const TextTemplate& pattern, std::string_view text, std::vector<std::string>* values = nullptr);

// `texts` may hold empty ones (never members). `comparison`: texts known not to be of the suspected set,
// empty for "the texts that are not members". The same input gives the same templates however many threads.
// Work: near linear.
TemplateResult induce_templates(std::span<const std::string_view> texts,
                                std::span<const std::string_view> comparison,
                                const TemplateSettings& settings);

}  // namespace contrechamp::coordination
