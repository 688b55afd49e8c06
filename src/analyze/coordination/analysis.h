// From the corpus to communities: edges of every layer, what is beyond chance, templates, communities, and
// per community which behaviours agree without resting on the same posts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/coordination/corpus.h"
#include "analyze/coordination/network.h"
#include "analyze/coordination/request.h"
#include "analyze/coordination/rhythm.h"
#include "analyze/coordination/templates.h"

namespace contrechamp::coordination {

// One pair of posts by different accounts that shows a behaviour.
struct Shown {
    std::uint32_t a = 0, b = 0;  // accounts
    std::uint32_t window = 0;    // seconds; 0: at any time
    Meeting meeting;
};

// What a community's accounts do alike.
struct Behaviour {
    Family family = Family::words;
    std::optional<Layer> layer;           // none: a template
    std::size_t text_template = 0;        // in Analysis::templates, when there is no layer
    std::vector<std::uint32_t> windows;   // seconds; empty: at any time, or a template
    std::vector<std::uint32_t> accounts;  // that show it, ascending
    std::size_t edges = 0, objects = 0;
    std::vector<Place> posts;  // that show it, ascending; none for profiles
    std::vector<Shown> shown;  // by object, then time
    double largest_q = 0;
    bool independent = false;  // counted: does not rest on posts that a counted one rests on
};

struct Group {
    std::vector<std::uint32_t> members;  // accounts, ascending
    double stability = 0, stability_sweep = 0;
    // Share of its accounts that are still tied to another of it: by the window that ties fewest alone, and
    // at a tenth of the false-discovery rate.
    double stability_windows = 0, stability_threshold = 0;
    std::vector<Behaviour> behaviours;  // most telling first
    std::size_t independent = 0;
    int tier = 3;  // 1: three or more independent behaviours, 2: two, 3: one
    std::vector<Place> posts;
    Seconds first = 0, last = 0;
    double largest_q = 0;
    std::optional<std::size_t> profile_template;  // in Analysis::templates
    std::optional<Rhythm> rhythm;
    bool only_attention = false;  // nothing but reposts, replies and mentions: what followers do
    bool disclosed = false;       // half of its accounts or more are listed as disclosed
};

enum class TemplateOf : std::uint8_t { bio, display, text };
std::string_view to_string(TemplateOf of);

struct FoundTemplate {
    TemplateOf of = TemplateOf::bio;
    TextTemplate shape;                   // members index `accounts` below
    std::vector<std::uint32_t> accounts;  // parallel to shape.members
    std::vector<Place> places;            // parallel: where each text stands
    std::optional<std::size_t> group;
};

struct FalseFlags {
    std::uint64_t ordinary = 0;  // listed accounts that are in the data
    std::uint64_t flagged = 0;   // of them, in a community of tier 1 or 2
    double upper = 1;            // 95 % upper bound of the rate (Clopper and Pearson)
};

struct Analysis {
    PostCorpus corpus;
    std::array<std::optional<LayerEdges>, kLayerCount> layers;
    std::vector<FoundTemplate> templates;
    std::vector<Group> groups;  // by tier, then largest first
    std::vector<ResolutionResult> sweep;
    double resolution = 1;
    unsigned runs = 0;
    std::vector<std::int32_t> group_of;                         // per account; -1: none
    std::vector<char> of_public_interest, ordinary, disclosed;  // per account
    FalseFlags false_flags;
    std::uint64_t message_posts = 0, message_posts_left = 0;  // compared for templates, and not
};

struct AnalysisSettings {
    unsigned threads = 2;
    std::size_t memory = std::size_t{4} << 30;
    std::filesystem::path scratch;
};

Result<Analysis> analyse(const Request& request, std::span<const Input> inputs,
                         const AnalysisSettings& settings);

// Which layers the columns of these inputs allow.
std::array<bool, kLayerCount> layers_of(std::span<const Input> inputs);

// A pair of near-same texts is one only when the two texts themselves are near: groups are joined by chains.
// Leaves out the others and measures the edges anew.
Status verify_near_texts(LayerEdges& layer, std::span<const Input> inputs, const EdgeSettings& settings);

// How many bytes the row that begins at `place` has.
std::uint64_t row_length(std::span<const Input> inputs, Place place);

// Calls `visit` with the row that begins at `place`; false when there is none.
bool with_row(std::span<const Input> inputs, Place place, const std::function<void(const PostRow&)>& visit);

}  // namespace contrechamp::coordination
