// The rows of the coordination analyzer's tables, and its coverage.
#include <algorithm>
#include <map>

#include "analyze/coordination/output.h"

namespace contrechamp::coordination {
namespace {

constexpr std::size_t kMostEdges = 200'000;
constexpr double kListedQ = 0.5;

constexpr std::size_t at(Layer layer) { return static_cast<std::size_t>(layer); }

json::Value text_or_null(const std::string& text) { return text.empty() ? json::Value() : json::Value(text); }
json::Value time_or_null(Seconds time) {
    return time == 0 || time == std::numeric_limits<Seconds>::max() ? json::Value()
                                                                    : json::Value(to_rfc3339(time));
}

bool is_listed(const Edge& edge, std::size_t all) { return all <= kMostEdges || edge.q <= kListedQ; }

struct LayerCheck {
    const char* check;
    std::vector<Layer> layers;
};
const std::vector<LayerCheck>& layer_checks() {
    static const std::vector<LayerCheck> list = {{"shared-words", {Layer::same_text, Layer::near_text}},
                                                 {"shared-links", {Layer::same_link, Layer::same_domain}},
                                                 {"shared-hashtags", {Layer::same_hashtags}},
                                                 {"shared-media", {Layer::same_media}},
                                                 {"shared-reposts", {Layer::same_repost}},
                                                 {"shared-replies", {Layer::same_reply}},
                                                 {"shared-mentions", {Layer::same_mention}},
                                                 {"shared-objects", {Layer::same_object}}};
    return list;
}

}  // namespace

void Report::accounts() {
    const auto& all = analysis_.corpus.accounts;
    std::vector<char> wanted(all.size(), false);
    for (std::size_t i = 0; i < all.size(); ++i)
        wanted[i] = analysis_.group_of[i] >= 0 || analysis_.of_public_interest[i] || analysis_.ordinary[i] ||
                    analysis_.disclosed[i];
    for (const auto& found : analysis_.templates)
        for (const auto account : found.accounts) wanted[account] = true;
    for (const auto& layer : analysis_.layers) {
        if (!layer) continue;
        for (const auto& edge : layer->edges)
            if (is_listed(edge, layer->edges.size())) wanted[edge.a] = wanted[edge.b] = true;
    }
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (!wanted[i]) continue;
        const auto& account = all[i];
        out_.row("accounts",
                 {account.id, text_or_null(account.name), text_or_null(pseudonyms_[i]),
                  bool(analysis_.of_public_interest[i]), account.posts, account.reposts,
                  account.posts ? time_or_null(account.first) : json::Value(),
                  account.posts ? time_or_null(account.last) : json::Value(), time_or_null(account.created),
                  text_or_null(group_of(i)), bool(analysis_.ordinary[i])},
                 locate(account.profile_length ? account.profile_place : account.first_place));
    }
}

void Report::edges() {
    for (const auto& layer : analysis_.layers) {
        if (!layer) continue;
        for (const auto& edge : layer->edges) {
            if (!is_listed(edge, layer->edges.size())) continue;
            const auto group = analysis_.group_of[edge.a];
            out_.row("edges",
                     {account_id(edge.a),
                      account_id(edge.b),
                      to_string(edge.layer),
                      edge.window,
                      edge.weight(),
                      edge.objects,
                      edge.mean_delta,
                      edge.symmetry(),
                      edge.p,
                      edge.q,
                      edge.median_delta,
                      edge.rare_weight,
                      edge.expected,
                      edge.occasions,
                      edge.posts_a,
                      edge.posts_b,
                      double(edge.objects) / std::max(1u, edge.all_a),
                      double(edge.objects) / std::max(1u, edge.all_b),
                      time_or_null(edge.first),
                      time_or_null(edge.last),
                      group >= 0 && group == analysis_.group_of[edge.b] ? json::Value(group_name(group))
                                                                        : json::Value()},
                     locate(layer->meetings[edge.meetings_begin].place_a));
        }
    }
}

void Report::evidence() {
    const auto row = [&](std::uint32_t a, std::uint32_t b, std::string_view layer, std::uint32_t window,
                         const Meeting& meeting) {
        const auto other = locate(meeting.place_b);
        out_.row("evidence",
                 {account_id(a), account_id(b), layer, window, object_name(meeting.object),
                  text_or_null(post_id(meeting.place_a)), text_or_null(post_id(meeting.place_b)),
                  to_rfc3339(meeting.time_a), meeting.delta, other.exhibit, offset_of(meeting.place_b),
                  row_length(inputs_, meeting.place_b)},
                 locate(meeting.place_a));
    };
    for (const auto& layer : analysis_.layers) {
        if (!layer) continue;
        for (const auto& edge : layer->edges) {
            if (edge.q > request_.alpha) continue;
            for (auto i = edge.meetings_begin; i < edge.meetings_end; ++i)
                if (static_cast<std::uint32_t>(std::abs(layer->meetings[i].delta)) <= edge.window)
                    row(edge.a, edge.b, to_string(edge.layer), edge.window, layer->meetings[i]);
        }
    }
    for (const auto& group : analysis_.groups)
        for (const auto& behaviour : group.behaviours)
            for (const auto& shown : behaviour.shown)
                if (shown.window == 0) row(shown.a, shown.b, label(behaviour), 0, shown.meeting);
}

void Report::communities() {
    for (std::size_t g = 0; g < analysis_.groups.size(); ++g) {
        const auto& group = analysis_.groups[g];
        std::vector<std::string> names;
        for (const auto& behaviour : group.behaviours) names.push_back(label(behaviour));
        names.erase(std::unique(names.begin(), names.end()), names.end());
        const auto& first = analysis_.corpus.accounts[group.members.front()];
        out_.row(
            "communities",
            {group_name(static_cast<std::int32_t>(g)), group.members.size(), group.tier,
             json::Value(json::strings(names)), group.independent, group.posts.size(),
             time_or_null(group.first), time_or_null(group.last), group.stability, group.stability_sweep,
             group.stability_windows, group.stability_threshold, analysis_.resolution,
             group.profile_template ? json::Value(template_name(*group.profile_template)) : json::Value(),
             group.largest_q},
            locate(group.posts.empty() ? first.first_place : group.posts.front()));
    }
}

void Report::templates() {
    for (std::size_t t = 0; t < analysis_.templates.size(); ++t) {
        const auto& found = analysis_.templates[t];
        const auto& shape = found.shape;
        std::vector<std::uint32_t> accounts = found.accounts;
        std::sort(accounts.begin(), accounts.end());
        accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
        const auto slots = std::count_if(shape.parts.begin(), shape.parts.end(),
                                         [](const TemplatePart& part) { return part.slot; });
        out_.row(
            "templates",
            {template_name(t), to_string(found.of), shape.pattern(), accounts.size(), shape.fixed_words,
             slots, shape.saved_bits, shape.comparison, shape.comparison_fits, shape.log10_p,
             found.group ? json::Value(group_name(static_cast<std::int32_t>(*found.group))) : json::Value()},
            locate(found.places.front()));
        for (std::size_t i = 0; i < found.accounts.size(); ++i)
            out_.row("template_members",
                     {template_name(t), account_id(found.accounts[i]),
                      json::Value(i < shape.values.size() ? json::strings(shape.values[i]) : json::Array())},
                     locate(found.places[i]));
    }
}

void Report::layers() {
    for (const auto layer : kLayers) {
        const auto& found = analysis_.layers[at(layer)];
        if (!found) continue;
        for (std::size_t w = 0; w < request_.windows.size(); ++w) {
            std::uint64_t edges = 0, significant = 0, listed = 0;
            for (const auto& edge : found->edges) {
                if (edge.window != request_.windows[w]) continue;
                ++edges;
                significant += edge.q <= request_.alpha;
                listed += is_listed(edge, found->edges.size());
            }
            out_.row("layers",
                     {to_string(layer), request_.windows[w], found->shares, found->shared_objects,
                      w < found->pairs.size() ? json::Value(found->pairs[w]) : json::Value(), edges,
                      significant, static_cast<std::uint64_t>(found->compared), listed,
                      found->crowded_objects, found->pairs_left_out},
                     whole_request());
        }
    }
}

void Report::activity() {
    std::vector<Place> evidence;
    for (const auto& group : analysis_.groups)
        evidence.insert(evidence.end(), group.posts.begin(), group.posts.end());
    std::sort(evidence.begin(), evidence.end());
    struct Cell {
        std::uint64_t posts = 0, evidence = 0;
        Place place = 0;
    };
    std::map<std::pair<std::uint32_t, Seconds>, Cell> cells;
    for (const auto& post : analysis_.corpus.posts) {
        if (analysis_.group_of[post.account] < 0) continue;
        auto& cell = cells[{post.account, post.time / 3600 * 3600}];
        if (cell.posts++ == 0) cell.place = post.place;
        cell.evidence += std::binary_search(evidence.begin(), evidence.end(), post.place);
    }
    for (const auto& [key, cell] : cells)
        out_.row("activity", {account_id(key.first), to_rfc3339(key.second), cell.posts, cell.evidence},
                 locate(cell.place));
}

void Report::refused() {
    std::size_t input = exhibits_.size();
    std::uint64_t line = 1, counted = 0;
    for (const auto& [which, row] : analysis_.corpus.refused) {
        if (which != input) {
            input = which;
            line = 1;
            counted = 0;
        }
        const auto bytes = inputs_[input].bytes;
        line += static_cast<std::uint64_t>(std::count(bytes.begin() + static_cast<std::ptrdiff_t>(counted),
                                                      bytes.begin() + static_cast<std::ptrdiff_t>(row.offset),
                                                      '\n'));
        counted = row.offset;
        out_.row("refused", {exhibits_[which].name, line, to_string(row.why)},
                 locate(place_of(which, row.offset), row.length));
    }
}

void Report::cover() {
    const auto put = [&](std::string check, CoverageState state, std::string reason = {},
                         json::Object fields = {}) {
        Coverage out;
        out.check = std::move(check);
        out.state = state;
        out.reason = std::move(reason);
        out.fields = std::move(fields);
        out.locator = whole_request();
        out_.cover(std::move(out));
    };
    const auto& counts = analysis_.corpus.counts;
    const auto in_groups = [&](const LayerCheck& check) {
        for (const auto& group : analysis_.groups)
            for (const auto& behaviour : group.behaviours)
                if (behaviour.layer ? std::find(check.layers.begin(), check.layers.end(), *behaviour.layer) !=
                                          check.layers.end()
                                    : behaviour.family == family_of(check.layers[0]))
                    return true;
        return false;
    };
    for (const auto& check : layer_checks()) {
        std::uint64_t shares = 0, left_out = 0, crowded = 0;
        bool looked = false;
        for (const auto layer : check.layers) {
            const auto& found = analysis_.layers[at(layer)];
            if (!found) continue;
            looked = true;
            shares = std::max(shares, counts.shares[at(layer)]);
            // The second layer of a check holds what the first holds: adding them would count it twice.
            left_out = std::max(left_out, found->pairs_left_out);
            crowded = std::max(crowded, found->crowded_objects);
        }
        // Nobody expects the person's own kind of object in an ordinary export.
        if (!looked && check.layers[0] == Layer::same_object) continue;
        if (!looked || counts.posts == 0) {
            put(check.check, CoverageState::not_recorded, counts.posts ? "no-such-column" : "no-posts");
            continue;
        }
        put(check.check, in_groups(check) ? CoverageState::present : CoverageState::absent, {},
            {{"posts", shares}});
        if (left_out)
            put(check.check, CoverageState::unreadable, "crowded-objects",
                {{"objects", crowded}, {"pairs", left_out}});
        if (check.layers[0] == Layer::same_text && counts.short_texts)
            put(check.check, CoverageState::not_recorded, "short-texts", {{"posts", counts.short_texts}});
        if (counts.to_the_minute * 2 > counts.posts && request_.windows.front() < 120)
            put(check.check, CoverageState::not_recorded, "minute-clock", {{"posts", counts.to_the_minute}});
    }
    const bool any_template =
        std::any_of(analysis_.templates.begin(), analysis_.templates.end(),
                    [](const FoundTemplate& found) { return found.of != TemplateOf::text; });
    const auto& all = analysis_.corpus.accounts;
    const auto texts = std::count_if(all.begin(), all.end(), [](const Account& account) {
        return !account.bio.empty() || !account.display.empty();
    });
    if (texts == 0) put("profile-templates", CoverageState::not_recorded, "no-profiles");
    else
        put("profile-templates", any_template ? CoverageState::present : CoverageState::absent, {},
            {{"profiles", texts}});
    // A template is judged by how many others fit it: without others it explains itself.
    constexpr std::ptrdiff_t kFewestProfiles = 100;
    if (texts > 0 && texts < kFewestProfiles)
        put("profile-templates", CoverageState::not_recorded, "few-profiles", {{"profiles", texts}});
    put("export-rows", counts.posts + counts.profiles ? CoverageState::present : CoverageState::absent, {},
        {{"rows", counts.posts + counts.profiles}});
    if (counts.refused)
        put("export-rows", CoverageState::unreadable, "rows-refused",
            {{"rows", counts.refused}, {"of", counts.posts + counts.profiles + counts.refused}});
    if (counts.zone_assumed)
        put("export-rows", CoverageState::unreadable, "zone-assumed", {{"posts", counts.zone_assumed}});
    if (counts.posts && analysis_.corpus.days() < 3)
        put("export-rows", CoverageState::not_recorded, "few-days", {{"days", analysis_.corpus.days()}});
    if (analysis_.message_posts_left)
        put("shared-words", CoverageState::unreadable, "messages-sampled",
            {{"posts", analysis_.message_posts_left}});
}

}  // namespace contrechamp::coordination
