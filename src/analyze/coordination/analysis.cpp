#include "analyze/coordination/analysis.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "analyze/coordination/groups.h"
#include "analyze/coordination/tails.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t at(Layer layer) { return static_cast<std::size_t>(layer); }

std::string_view without_at(std::string_view name) { return name.substr(name.starts_with('@')); }

// Whom the person lists, by id or handle, with or without @.
std::vector<char> listed(const std::vector<std::string>& names, const std::vector<Account>& accounts) {
    std::vector<char> out(accounts.size(), false);
    if (names.empty()) return out;
    std::vector<std::string_view> sorted;
    for (const auto& name : names) sorted.push_back(without_at(name));
    std::sort(sorted.begin(), sorted.end());
    const auto has = [&](std::string_view name) {
        name = without_at(name);
        return !name.empty() && std::binary_search(sorted.begin(), sorted.end(), name);
    };
    for (std::size_t i = 0; i < accounts.size(); ++i) out[i] = has(accounts[i].id) || has(accounts[i].name);
    return out;
}

// log10 of how much likelier than by independent choice two clauses may stand in one profile for no reason
// but custom ("Student @ Lyon. tea and dogs"): each member of a template counts that much less. In simulated
// profiles of nobody in particular (10,000 and 50,000 accounts) templates that pass independence say up to
// 0.93 a member, those of campaigns of 5, 8 and 15 say 3.1 to 3.9 (docs/coordination-accuracy.md).
constexpr double kClausesTied = 1;

// Templates of what accounts say of themselves. Ordinary accounts, where some are listed, are what is
// compared with.
void find_profile_templates(Analysis& analysis, TemplateOf of, unsigned threads) {
    std::vector<std::uint32_t> accounts;
    std::vector<std::string_view> texts, comparison;
    for (std::uint32_t i = 0; i < analysis.corpus.accounts.size(); ++i) {
        const auto& account = analysis.corpus.accounts[i];
        const std::string& text = of == TemplateOf::bio ? account.bio : account.display;
        if (text.empty()) continue;
        if (analysis.ordinary[i]) {
            comparison.push_back(text);
        } else {
            accounts.push_back(i);
            texts.push_back(text);
        }
    }
    // Too few to be compared with say nothing.
    constexpr std::size_t kFewestCompared = 100;
    if (comparison.size() < kFewestCompared) comparison.clear();
    TemplateSettings settings;
    settings.threads = threads;
    // A display name has few words; two that are always the same are a tag.
    if (of == TemplateOf::display) settings.fewest_fixed_words = 2;
    auto found = induce_templates(texts, comparison, settings);
    for (auto& shape : found.templates) {
        if (shape.log10_p + kClausesTied * double(shape.members.size() - 1) > settings.most_log10_p) continue;
        FoundTemplate out;
        out.of = of;
        for (const auto member : shape.members) {
            const auto account = accounts[member];
            out.accounts.push_back(account);
            const auto& known = analysis.corpus.accounts[account];
            out.places.push_back(known.profile_length ? known.profile_place : known.first_place);
        }
        out.shape = std::move(shape);
        analysis.templates.push_back(std::move(out));
    }
}

// Objects are compared by hashes of 64 bits, which somebody who knows the hash could make agree. What a
// finding may rest on is compared letter by letter: an edge that does not stand up is no longer significant.
void compare_letters(LayerEdges& layer, std::span<const Input> inputs, double alpha,
                     const EdgeSettings& settings) {
    std::vector<std::string> a, b;
    for (auto& edge : layer.edges) {
        if (edge.q > alpha) continue;
        std::vector<Meeting> true_ones;
        for (auto i = edge.meetings_begin; i < edge.meetings_end; ++i) {
            const auto& meeting = layer.meetings[i];
            const auto read = [&](Place place, std::vector<std::string>& into) {
                with_row(inputs, place, [&](const PostRow& row) { objects_of(row, edge.layer, into); });
            };
            read(meeting.place_a, a);
            read(meeting.place_b, b);
            const bool common = std::any_of(a.begin(), a.end(), [&](const std::string& object) {
                return std::find(b.begin(), b.end(), object) != b.end();
            });
            if (common) true_ones.push_back(meeting);
        }
        if (true_ones.size() == edge.meetings_end - edge.meetings_begin) continue;
        auto again = edge;
        if (!measure(true_ones, again, settings) || again.objects < edge.objects) edge.p = edge.q = 1;
    }
}

void count_false_flags(Analysis& analysis) {
    auto& out = analysis.false_flags;
    for (std::size_t i = 0; i < analysis.ordinary.size(); ++i) {
        if (!analysis.ordinary[i]) continue;
        ++out.ordinary;
        const auto group = analysis.group_of[i];
        out.flagged += group >= 0 && analysis.groups[static_cast<std::size_t>(group)].tier < 3;
    }
    if (out.ordinary) out.upper = proportion_upper(out.flagged, out.ordinary, 0.05);
}

}  // namespace

std::array<bool, kLayerCount> layers_of(std::span<const Input> inputs) {
    std::array<bool, kLayerCount> out{};
    for (const auto& input : inputs) {
        if (input.kind != PostKind::posts) continue;
        const auto has = [&](PostField field) { return input.layout.map.contains(field); };
        const bool text = has(PostField::text);
        out[at(Layer::same_text)] |= text;
        out[at(Layer::near_text)] |= text;
        out[at(Layer::same_link)] |= text || has(PostField::links);
        out[at(Layer::same_domain)] |= text || has(PostField::links);
        out[at(Layer::same_hashtags)] |= text || has(PostField::hashtags);
        out[at(Layer::same_mention)] |= text || has(PostField::mentions);
        out[at(Layer::same_media)] |= has(PostField::media);
        out[at(Layer::same_repost)] |= has(PostField::repost);
        out[at(Layer::same_reply)] |= has(PostField::reply) || has(PostField::reply_account);
        out[at(Layer::same_object)] |= has(PostField::object);
    }
    return out;
}

Status verify_near_texts(LayerEdges& layer, std::span<const Input> inputs, const EdgeSettings& settings) {
    std::unordered_map<Place, std::string> texts;
    const auto text_at = [&](Place place) -> const std::string& {
        const auto [it, fresh] = texts.try_emplace(place);
        auto& text = it->second;
        if (fresh)
            with_row(inputs, place, [&](const PostRow& row) { normalise_text(row[PostField::text], text); });
        return text;
    };
    std::vector<Meeting> kept;
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < layer.edges.size();) {
        std::size_t j = i;
        while (j < layer.edges.size() && layer.edges[j].meetings_begin == layer.edges[i].meetings_begin &&
               layer.edges[j].a == layer.edges[i].a && layer.edges[j].b == layer.edges[i].b)
            ++j;
        const std::size_t begin = kept.size();
        for (auto m = layer.edges[i].meetings_begin; m < layer.edges[i].meetings_end; ++m) {
            const auto& meeting = layer.meetings[m];
            const std::string a = text_at(meeting.place_a);
            const std::string& b = text_at(meeting.place_b);
            if (a == b || near(a, b)) kept.push_back(meeting);
            constexpr std::size_t kMostTexts = 1 << 20;
            if (texts.size() > kMostTexts) texts.clear();
        }
        for (; i < j; ++i) {
            auto edge = layer.edges[i];
            edge.meetings_begin = begin;
            edge.meetings_end = kept.size();
            if (measure(std::span(kept).subspan(begin), edge, settings)) edges.push_back(edge);
        }
    }
    layer.edges = std::move(edges);
    layer.meetings = std::move(kept);
    return {};
}

std::string_view to_string(TemplateOf of) {
    return of == TemplateOf::bio ? "bio" : of == TemplateOf::display ? "display" : "text";
}

std::uint64_t row_length(std::span<const Input> inputs, Place place) {
    const auto& input = inputs[input_of(place)];
    return end_of_row(input.bytes, input.layout, offset_of(place)) - offset_of(place);
}

bool with_row(std::span<const Input> inputs, Place place, const std::function<void(const PostRow&)>& visit) {
    const auto& input = inputs[input_of(place)];
    const auto begin = offset_of(place);
    bool any = false;
    const PostSinks sinks{[&](const PostRow& row) {
                              any = true;
                              visit(row);
                          },
                          [](const RefusedRow&) {}};
    const auto done = read_post_rows(input.bytes, input.layout,
                                     {begin, end_of_row(input.bytes, input.layout, begin)}, sinks);
    return done && any;
}

Result<Analysis> analyse(const Request& request, std::span<const Input> inputs,
                         const AnalysisSettings& settings) {
    Budget budget;
    budget.limit = settings.memory / 2;
    budget.folder = settings.scratch;
    Analysis out;
    CorpusSettings reading;
    reading.threads = settings.threads;
    reading.layers = layers_of(inputs);
    out.corpus = TRY(read_corpus(inputs, reading, budget));
    const auto& accounts = out.corpus.accounts;
    out.of_public_interest = listed(request.of_public_interest, accounts);
    out.ordinary = listed(request.ordinary, accounts);
    out.disclosed = listed(request.disclosed, accounts);
    find_profile_templates(out, TemplateOf::bio, settings.threads);
    find_profile_templates(out, TemplateOf::display, settings.threads);

    EdgeSettings edges;
    edges.windows = request.windows;
    edges.fewest_objects = request.fewest_objects;
    edges.threads = settings.threads;
    edges.always.assign(accounts.size(), false);
    for (const auto& found : out.templates)
        for (const auto account : found.accounts) edges.always[account] = true;
    for (const auto layer : kLayers) {
        auto& shares = out.corpus.shares[at(layer)];
        if (!shares) continue;
        auto found =
            TRY(find_edges(layer, *shares, static_cast<std::uint32_t>(accounts.size()), edges, budget));
        if (layer == Layer::near_text) TRY(verify_near_texts(found, inputs, edges));
        TRY(judge(found, {request.null, request.windows, out.corpus.days(), true, true, settings.threads}));
        if (layer != Layer::near_text) compare_letters(found, inputs, request.alpha, edges);
        out.layers[at(layer)] = std::move(found);
        shares.reset();
    }
    TRY(find_groups(out, request, inputs, settings.threads));
    count_false_flags(out);
    return out;
}

}  // namespace contrechamp::coordination
