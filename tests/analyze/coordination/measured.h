// How right the analyzer is on a made-up world (tests/simulator), where the truth is known. Shared by
// simulation_test.cpp and bench/coordination_accuracy.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analyze/coordination/analysis.h"
#include "simulator/simulator.h"

namespace measured {

using namespace contrechamp;
using namespace contrechamp::coordination;

inline constexpr std::array kKinds = {"ambassador",    "copypasta",   "paraphrase", "linkfarm", "hashtag",
                                      "reply-brigade", "repost-ring", "mixed",      "mediafarm"};

inline constexpr const char* kFans =
    " of a fan club";  // and of nobody else: what follows the behaviours then

// A world, and the files the analyzer reads of it. Inputs view the files: it stays where it is.
class Made {
  public:
    explicit Made(const simulator::Settings& settings, bool to_the_minute = false)
        : Made(simulator::simulate(settings), to_the_minute) {}
    explicit Made(simulator::World made, bool to_the_minute = false) : world(std::move(made)) {
        posts_ = simulator::posts_jsonl(world);
        profiles_ = simulator::profiles_csv(world);
        if (to_the_minute) cut_seconds();
        add(PostKind::posts, posts_);
        add(PostKind::profiles, profiles_);
        label();
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    // Both are of one campaign, or of feeds: these post on the hour, one newsroom's like another's.
    bool together(std::uint64_t id_a, std::uint64_t id_b) const {
        const auto a = part_of.at(id_a), b = part_of.at(id_b);
        return a >= 0 && b >= 0 && (a == b || (is_feed(a) && is_feed(b)));
    }

    bool fans(std::uint64_t id_a, std::uint64_t id_b) const {
        const auto a = club_of.find(id_a), b = club_of.find(id_b);
        return a != club_of.end() && b != club_of.end() && a->second == b->second;
    }

    simulator::World world;
    std::vector<Input> inputs;
    // By profile id: index of World::truth of the campaign or feed it is of; -1: neither.
    std::map<std::uint64_t, int> part_of;
    std::map<std::uint64_t, int> club_of;  // the same of fan clubs and their stars; those of none are missing
    std::set<std::uint64_t> signers;       // of petitions, by profile id

  private:
    bool is_feed(int part) const { return world.truth[static_cast<std::size_t>(part)].kind == "feed"; }
    void add(PostKind kind, const std::string& bytes) {
        auto layout = guess_post_layout(std::string_view(bytes).substr(0, 1 << 20), kind, {}, "simulated");
        if (!layout) {
            std::fprintf(stderr, "%s\n", layout.error().what.en.c_str());
            std::abort();
        }
        inputs.push_back({kind, bytes, std::move(*layout)});
    }
    // "…T10:20:31.000Z" → "…T10:20Z"
    void cut_seconds() {
        constexpr std::string_view kEnd = ".000Z\"";
        std::string out;
        std::size_t from = 0;
        for (auto at = posts_.find(kEnd); at != std::string::npos; at = posts_.find(kEnd, from)) {
            out.append(posts_, from, at - 3 - from).append("Z\"");
            from = at + kEnd.size();
        }
        posts_ = out.append(posts_, from);
    }
    void label() {
        for (const auto& profile : world.profiles) part_of[profile.id] = -1;
        for (std::size_t i = 0; i < world.truth.size(); ++i) {
            const auto& truth = world.truth[i];
            for (const auto account : truth.accounts)
                (truth.kind == "fans" ? club_of : part_of)[world.profiles[account].id] = static_cast<int>(i);
            if (truth.star != simulator::kNone) club_of[world.profiles[truth.star].id] = static_cast<int>(i);
        }
        for (const auto& post : world.posts)
            for (const auto& link : post.links)
                if (link.starts_with("https://petitions.example/"))
                    signers.insert(world.profiles[post.account].id);
    }
    std::string posts_, profiles_;
};

struct CampaignScore {
    std::string kind;
    std::size_t size = 0;
    std::size_t found = 0;  // of its accounts in communities of tier 1 or 2
    std::size_t leads = 0;  // of its accounts in those of tier 3
    double precision = 1;   // of all accounts in the communities of tier 1 or 2 that hold any of its own
    int tier = 4;           // of the community that holds most of it; 4: none
    double recall() const { return double(found) / double(size); }
    double recall_any() const { return double(found + leads) / double(size); }
};

struct LayerScore {
    std::size_t edges = 0, wrong = 0;  // with q ≤ alpha; of different pairs
    std::size_t fans = 0;              // of the wrong ones: both of one fan club, or one its star
    double proportion() const { return edges ? double(wrong) / double(edges) : 0; }
};

struct Score {
    std::vector<CampaignScore> campaigns;
    std::size_t flagged = 0;        // ordinary accounts, not of feeds, in communities of tier 1 or 2
    std::size_t flagged_alone = 0;  // of them, in communities without an account of a campaign or feed
    std::size_t flagged_signers = 0;
    std::size_t feeds = 0, feeds_found = 0;            // feeds; those found at tier 1 or 2
    std::map<std::string, std::size_t> organic_leads;  // groups of tier 3 of ordinary accounts, by behaviour
    std::array<LayerScore, kLayerCount> layers;
};

inline std::uint64_t id_of(const Analysis& analysis, std::uint32_t account) {
    return std::strtoull(analysis.corpus.accounts[account].id.c_str(), nullptr, 10);
}

inline std::string behaviours(const Analysis& analysis, const Group& group) {
    std::set<std::string> names;
    for (const auto& behaviour : group.behaviours)
        if (behaviour.independent)
            names.insert(behaviour.layer
                             ? std::string(to_string(*behaviour.layer))
                             : std::string(to_string(analysis.templates[behaviour.text_template].of)) +
                                   "-template");
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : "+") + name;
    return out;
}

inline LayerScore score_layer(const Made& made, const Analysis& analysis, const LayerEdges& layer,
                              double alpha) {
    LayerScore out;
    for (std::size_t i = 0; i < layer.edges.size(); ++i) {
        const auto& edge = layer.edges[i];
        if (edge.q > alpha) continue;
        const bool again = i > 0 && layer.edges[i - 1].a == edge.a && layer.edges[i - 1].b == edge.b &&
                           layer.edges[i - 1].q <= alpha;
        if (again) continue;
        ++out.edges;
        const auto a = id_of(analysis, edge.a), b = id_of(analysis, edge.b);
        out.wrong += !made.together(a, b);
        out.fans += made.fans(a, b);
    }
    return out;
}

inline Score score(const Made& made, const Analysis& analysis, double alpha) {
    Score out;
    std::map<int, CampaignScore> parts;
    for (std::size_t i = 0; i < made.world.truth.size(); ++i) {
        const auto& truth = made.world.truth[i];
        if (truth.ordinary && truth.kind != "feed") continue;
        CampaignScore part;
        part.kind = truth.kind;
        part.size = truth.accounts.size();
        parts[static_cast<int>(i)] = part;
    }
    std::map<int, std::size_t> largest, right, all;
    for (const auto& group : analysis.groups) {
        std::map<int, std::size_t> of;
        for (const auto member : group.members) ++of[made.part_of.at(id_of(analysis, member))];
        const std::size_t ordinary = of[-1];
        of.erase(-1);
        for (const auto& [part, count] : of) {
            (group.tier < 3 ? parts[part].found : parts[part].leads) += count;
            if (count > largest[part]) {
                largest[part] = count;
                parts[part].tier = group.tier;
            }
            if (group.tier < 3) {
                right[part] += count;
                all[part] += group.members.size();
            }
        }
        if (group.tier < 3) {
            out.flagged += ordinary;
            if (of.empty()) out.flagged_alone += ordinary;
            for (const auto member : group.members) {
                const auto id = id_of(analysis, member);
                out.flagged_signers += made.part_of.at(id) < 0 && made.signers.contains(id);
            }
        } else if (ordinary * 2 > group.members.size()) {
            const auto club = [&](std::uint32_t member) {
                return made.fans(id_of(analysis, group.members[0]), id_of(analysis, member));
            };
            const bool fans = std::all_of(group.members.begin(), group.members.end(), club);
            ++out.organic_leads[behaviours(analysis, group) + (fans ? kFans : "")];
        }
    }
    for (auto& [number, part] : parts) {
        if (all[number]) part.precision = double(right[number]) / double(all[number]);
        if (part.kind == "feed") {
            ++out.feeds;
            out.feeds_found += part.tier < 3;
        } else {
            out.campaigns.push_back(part);
        }
    }
    for (std::size_t i = 0; i < kLayerCount; ++i)
        if (analysis.layers[i]) out.layers[i] = score_layer(made, analysis, *analysis.layers[i], alpha);
    return out;
}

inline Analysis analysed(const Made& made, const Request& request, unsigned threads) {
    AnalysisSettings settings;
    settings.threads = threads;
    settings.scratch = std::filesystem::temp_directory_path();
    auto analysis = analyse(request, made.inputs, settings);
    if (!analysis) {
        std::fprintf(stderr, "%s\n", analysis.error().what.en.c_str());
        std::abort();
    }
    return std::move(*analysis);
}

// Mean and its standard error.
struct Mean {
    std::vector<double> values;
    void add(double value) { values.push_back(value); }
    double mean() const {
        double sum = 0;
        for (const double value : values) sum += value;
        return values.empty() ? 0 : sum / double(values.size());
    }
    double error() const {
        if (values.size() < 2) return 0;
        double sum = 0;
        for (const double value : values) sum += (value - mean()) * (value - mean());
        return std::sqrt(sum / double(values.size() - 1) / double(values.size()));
    }
    double least() const { return values.empty() ? 0 : *std::min_element(values.begin(), values.end()); }
    double most() const { return values.empty() ? 0 : *std::max_element(values.begin(), values.end()); }
};

}  // namespace measured
