// What the report's drawings share: numbers, and drawings that say in words what they show. Colours are the
// page's variables, which the paper version replaces by their values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace contrechamp::figure {

// To a tenth, "12.3" or "12"; the same in every locale.
std::string number(double value);

// A drawing `width` by `height` units that fills its box. `id` is unique in the page; `title` and `desc` are
// plain text.
std::string drawing(const std::string& id, double width, double height, const std::string& title,
                    const std::string& desc, const std::string& inside);

// Escaped, cut to `most` characters with "…" for the rest.
std::string label(std::string_view text, std::size_t most);

// Words at a place; `words` are escaped already, `more` are attributes.
std::string text_at(double x, double y, const std::string& words, const char* more = "");

// Steps of 1, 2 or 5 times a power of ten, about `most` of them over the span, which is above 0.
double nice_step(double span, int most);

// The sign of community number `i`: one of six shapes of radius `r`, and the CSS variable of its colour; the
// first 36 pairs differ.
std::string sign_path(std::size_t i, double x, double y, double r);
std::string sign_colour(std::size_t i);
// A small drawing of that sign for running text.
std::string sign(std::size_t i);

}  // namespace contrechamp::figure
