// How right the coordination analyzer is on made-up worlds, and which null model it should ship with. The
// tables of docs/coordination-accuracy.md are its output.
//
//     coordination_accuracy kinds [--seeds N] [--first SEED] [--accounts N] [--days N] [--posts N]
//     coordination_accuracy nulls [the same]
//     coordination_accuracy one --first SEED [--campaign KIND:SIZE…]... (communities of one world, one a
//     line)
//
// kinds: every kind of campaign planted once in each world; nulls: the same worlds, edges judged by each
// null.
#include <cstring>
#include <functional>

#include "analyze/coordination/measured.h"

using namespace measured;

namespace {

constexpr double kAlpha = 0.01;

struct Options {
    std::string mode;
    unsigned seeds = 10, days = 30, threads = 1;
    std::uint64_t first = 1, posts = 0;
    std::uint32_t accounts = 3000;
    unsigned size = 15;
    std::vector<simulator::CampaignSpec> campaigns;
    bool none = false, to_the_minute = false;
};

simulator::Settings settings_of(const Options& options, std::uint64_t seed) {
    simulator::Settings out;
    out.seed = seed;
    out.accounts = options.accounts;
    out.days = options.days;
    out.posts = options.posts;
    out.campaigns = options.campaigns;
    if (out.campaigns.empty() && !options.none)
        for (const char* kind : kKinds) {
            simulator::CampaignSpec spec;
            spec.kind = kind;
            spec.size = options.size;
            out.campaigns.push_back(spec);
        }
    return out;
}

void say_groups(const Made& made, const Analysis& analysis) {
    for (const auto& group : analysis.groups) {
        std::map<std::string, std::size_t> of;
        for (const auto member : group.members) {
            const auto part = made.part_of.at(id_of(analysis, member));
            ++of[part < 0 ? "ordinary" : made.world.truth[static_cast<std::size_t>(part)].kind];
        }
        std::printf("tier %d, %zu accounts, stability %.2f, q %.2g:", group.tier, group.members.size(),
                    group.stability, group.largest_q);
        for (const auto& [name, count] : of) std::printf(" %zu %s", count, name.c_str());
        std::printf(" |");
        for (const auto& behaviour : group.behaviours)
            std::printf(
                " %s%s(%zu acc, %zu edges, %zu obj)", behaviour.independent ? "*" : "",
                behaviour.layer
                    ? std::string(to_string(*behaviour.layer)).c_str()
                    : (std::string(to_string(analysis.templates[behaviour.text_template].of)) + " «" +
                       analysis.templates[behaviour.text_template].shape.pattern().substr(0, 60) + "» " +
                       std::to_string(analysis.templates[behaviour.text_template].shape.log10_p))
                          .c_str(),
                behaviour.accounts.size(), behaviour.edges, behaviour.objects);
        std::printf("\n");
    }
}

void say_layers(const Made& made, const Analysis& analysis) {
    for (std::size_t i = 0; i < kLayerCount; ++i) {
        const auto& layer = analysis.layers[i];
        if (!layer) continue;
        const auto score = score_layer(made, analysis, *layer, kAlpha);
        std::size_t together = 0;
        for (const auto& edge : layer->edges)
            together += made.together(id_of(analysis, edge.a), id_of(analysis, edge.b));
        std::printf("%-14s %8zu edges (%zu together), %7zu significant, %5zu wrong; compared %.3g",
                    std::string(to_string(kLayers[i])).c_str(), layer->edges.size(), together, score.edges,
                    score.wrong, layer->compared);
        std::printf("; crowded %llu\n", static_cast<unsigned long long>(layer->crowded_objects));
    }
}

int one(const Options& options) {
    const Made made(settings_of(options, options.first), options.to_the_minute);
    const auto analysis = analysed(made, Request(), options.threads);
    std::printf("%zu posts, %zu accounts\n", made.world.posts.size(), made.world.profiles.size());
    say_groups(made, analysis);
    for (const auto& found : analysis.templates)
        if (found.of != TemplateOf::text) {
            std::size_t ordinary = 0;
            for (const auto account : found.accounts)
                ordinary += made.part_of.at(id_of(analysis, account)) < 0;
            std::printf("%s template, log10 p %.1f, %zu accounts, %zu ordinary: %s\n",
                        std::string(to_string(found.of)).c_str(), found.shape.log10_p, found.accounts.size(),
                        ordinary, found.shape.pattern().c_str());
        }
    say_layers(made, analysis);
    return 0;
}

int kinds(const Options& options) {
    struct Kind {
        Mean recall, any, precision;
        std::array<int, 5> tiers{};
    };
    std::map<std::string, Kind> by_kind;
    Mean flagged, alone, signers, feeds;
    std::map<std::string, Mean> leads;
    std::array<Mean, kLayerCount> proportion, edges, fans;
    std::array<unsigned, kLayerCount> worlds_wrong{};
    for (unsigned i = 0; i < options.seeds; ++i) {
        const Made made(settings_of(options, options.first + i), options.to_the_minute);
        const auto found = score(made, analysed(made, Request(), options.threads), kAlpha);
        std::fprintf(stderr, "seed %llu: flagged %zu\n", static_cast<unsigned long long>(options.first + i),
                     found.flagged);
        for (const auto& campaign : found.campaigns) {
            auto& kind = by_kind[campaign.kind];
            kind.recall.add(campaign.recall());
            kind.any.add(campaign.recall_any());
            kind.precision.add(campaign.precision);
            ++kind.tiers[static_cast<std::size_t>(campaign.tier)];
        }
        flagged.add(double(found.flagged));
        alone.add(double(found.flagged_alone));
        signers.add(double(found.flagged_signers));
        if (found.feeds) feeds.add(double(found.feeds_found) / double(found.feeds));
        for (const auto& [name, count] : found.organic_leads) leads[name].add(double(count));
        for (std::size_t l = 0; l < kLayerCount; ++l) {
            proportion[l].add(found.layers[l].proportion());
            edges[l].add(double(found.layers[l].edges));
            fans[l].add(double(found.layers[l].fans));
            worlds_wrong[l] += found.layers[l].wrong > 0;
        }
    }
    std::printf(
        "| kind | recall at tier 1 or 2 (least) | in any community | precision (least) | tier 1, 2, 3, none "
        "|\n|---|---|---|---|---|\n");
    for (const auto& [name, kind] : by_kind)
        std::printf("| %s | %.3f ± %.3f (%.2f) | %.3f | %.3f (%.2f) | %d, %d, %d, %d |\n", name.c_str(),
                    kind.recall.mean(), kind.recall.error(), kind.recall.least(), kind.any.mean(),
                    kind.precision.mean(), kind.precision.least(), kind.tiers[1], kind.tiers[2],
                    kind.tiers[3], kind.tiers[4]);
    std::printf(
        "\nordinary accounts at tier 1 or 2, a world: %.2f (most %.0f), of them without any of a campaign: "
        "%.2f, "
        "signers: %.2f; feeds found: %.2f\n",
        flagged.mean(), flagged.most(), alone.mean(), signers.mean(), feeds.mean());
    for (const auto& [name, count] : leads)
        std::printf("organic leads: %s: in %zu of %u worlds, %.1f each\n", name.c_str(), count.values.size(),
                    options.seeds, count.mean());
    std::printf(
        "\n| layer | edges at q ≤ %.2f | of fan clubs | false proportion | worlds with a false edge "
        "|\n|---|---|---|---|---|\n",
        kAlpha);
    for (std::size_t l = 0; l < kLayerCount; ++l)
        std::printf("| %s | %.0f | %.0f | %.4f ± %.4f | %u of %u |\n",
                    std::string(to_string(kLayers[l])).c_str(), edges[l].mean(), fans[l].mean(),
                    proportion[l].mean(), proportion[l].error(), worlds_wrong[l], options.seeds);
    return 0;
}

// One way of saying how much an edge tells.
struct Rule {
    const char* name;
    bool judged;  // by a null: counts at q ≤ alpha
    SignificanceSettings null;
    double (*value)(const Edge&);  // larger: tells more; of a rule that is not judged
    double enough;                 // from which it counts
};

struct Seen {
    double value = 0;
    bool counts = false, right = false;
};

// Areas under ROC and precision-recall, ties taken together.
std::pair<double, double> areas(std::vector<Seen> edges) {
    std::sort(edges.begin(), edges.end(), [](const Seen& x, const Seen& y) { return x.value > y.value; });
    double right = 0, wrong = 0;
    for (const auto& edge : edges) (edge.right ? right : wrong) += 1;
    if (right == 0 || wrong == 0) return {-1, -1};
    double roc = 0, precision = 0, r = 0, w = 0;
    for (std::size_t i = 0; i < edges.size();) {
        double dr = 0, dw = 0;
        const double value = edges[i].value;
        for (; i < edges.size() && edges[i].value == value; ++i) (edges[i].right ? dr : dw) += 1;
        roc += dw / wrong * (r + dr / 2) / right;
        r += dr;
        w += dw;
        precision += dr / right * (r / (r + w));
    }
    return {roc, precision};
}

// The most recall at a false proportion of at most kAlpha, were the threshold known.
double best_recall(std::vector<Seen> edges) {
    std::sort(edges.begin(), edges.end(), [](const Seen& x, const Seen& y) { return x.value > y.value; });
    double right = 0, best = 0, r = 0, w = 0;
    for (const auto& edge : edges) right += edge.right;
    for (std::size_t i = 0; i < edges.size();) {
        const double value = edges[i].value;
        for (; i < edges.size() && edges[i].value == value; ++i) (edges[i].right ? r : w) += 1;
        if (w <= kAlpha * (r + w)) best = r;
    }
    return right > 0 ? best / right : -1;
}

int nulls(const Options& options) {
    const Request request;
    const auto by_objects = [](const Edge& edge) { return double(edge.objects); };
    const auto by_weight = [](const Edge& edge) { return edge.weight(); };
    const std::vector<Rule> rules = {
        {"shift, crowd, activity", true, {Null::shift, {}, 1, true, true, options.threads}, nullptr, 0},
        {"shift, crowd", true, {Null::shift, {}, 1, true, false, options.threads}, nullptr, 0},
        {"shift", true, {Null::shift, {}, 1, false, false, options.threads}, nullptr, 0},
        {"bicm", true, {Null::bicm, {}, 1, true, true, options.threads}, nullptr, 0},
        {"objects ≥ 2", false, {}, by_objects, 2},
        {"objects ≥ 3", false, {}, by_objects, 3},
        {"objects ÷ min(activity) ≥ ½", false, {}, by_weight, 0.5},
    };
    struct Sum {
        Mean recall, proportion, roc, precision, best;
    };
    // By layer, window and rule; all edges judged, by the campaign's behaviours.
    std::map<std::tuple<std::size_t, std::uint32_t, std::size_t>, Sum> sums;
    for (unsigned i = 0; i < options.seeds; ++i) {
        const Made made(settings_of(options, options.first + i), options.to_the_minute);
        auto analysis = analysed(made, request, options.threads);
        std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(options.first + i));
        for (std::size_t l = 0; l < kLayerCount; ++l) {
            if (!analysis.layers[l] || analysis.layers[l]->edges.empty()) continue;
            auto& layer = *analysis.layers[l];
            for (std::size_t rule = 0; rule < rules.size(); ++rule) {
                if (rules[rule].judged) {
                    auto null = rules[rule].null;
                    null.windows = request.windows;
                    null.days = analysis.corpus.days();
                    if (!judge(layer, null)) std::abort();
                }
                for (const auto window : request.windows) {
                    std::vector<Seen> seen;
                    double right = 0, counted = 0, wrong = 0;
                    for (const auto& edge : layer.edges) {
                        if (edge.window != window) continue;
                        Seen one;
                        one.right = made.together(id_of(analysis, edge.a), id_of(analysis, edge.b));
                        one.value = rules[rule].judged ? -edge.p : rules[rule].value(edge);
                        one.counts = rules[rule].judged ? edge.q <= kAlpha : one.value >= rules[rule].enough;
                        right += one.right;
                        counted += one.counts;
                        wrong += one.counts && !one.right;
                        seen.push_back(one);
                    }
                    if (right == 0) continue;
                    auto& sum = sums[{l, window, rule}];
                    sum.recall.add((counted - wrong) / right);
                    sum.proportion.add(counted > 0 ? wrong / counted : 0);
                    const auto [roc, precision] = areas(seen);
                    if (roc >= 0) {
                        sum.roc.add(roc);
                        sum.precision.add(precision);
                    }
                    sum.best.add(best_recall(seen));
                }
            }
        }
    }
    std::printf(
        "| layer, window | rule | recall | false proportion | AUC | average precision | recall at 1 %% "
        "false, threshold known |\n|---|---|---|---|---|---|---|\n");
    for (const auto& [key, sum] : sums) {
        const auto& [layer, window, rule] = key;
        std::printf("| %s, %s | %s | %.3f | %.4f ± %.4f | %.4f | %.3f | %.3f |\n",
                    std::string(to_string(kLayers[layer])).c_str(), window_name(window).c_str(),
                    rules[rule].name, sum.recall.mean(), sum.proportion.mean(), sum.proportion.error(),
                    sum.roc.mean(), sum.precision.mean(), sum.best.mean());
    }
    return 0;
}

int usage() {
    std::fputs(
        "coordination_accuracy kinds|nulls|one [--seeds N] [--first SEED] [--accounts N] [--days N] [--posts "
        "N] "
        "[--size N] [--threads N] [--none] [--minutes] [--campaign "
        "KIND:SIZE[:STRENGTH[:JITTER[:CHANGE]]]]...\n",
        stderr);
    return 2;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (count < 2) return usage();
    options.mode = words[1];
    for (int i = 2; i < count; ++i) {
        const std::string name = words[i];
        if (name == "--none") {
            options.none = true;
            continue;
        }
        if (name == "--minutes") {
            options.to_the_minute = true;
            continue;
        }
        if (++i == count) return usage();
        const auto number = std::strtoull(words[i], nullptr, 10);
        simulator::CampaignSpec spec;
        if (name == "--seeds") options.seeds = static_cast<unsigned>(number);
        else if (name == "--first") options.first = number;
        else if (name == "--accounts") options.accounts = static_cast<std::uint32_t>(number);
        else if (name == "--days") options.days = static_cast<unsigned>(number);
        else if (name == "--posts") options.posts = number;
        else if (name == "--size") options.size = static_cast<unsigned>(number);
        else if (name == "--threads") options.threads = static_cast<unsigned>(number);
        else if (name == "--campaign" && simulator::parse_campaign(words[i], spec))
            options.campaigns.push_back(spec);
        else return usage();
    }
    if (options.mode == "kinds") return kinds(options);
    if (options.mode == "nulls") return nulls(options);
    if (options.mode == "one") return one(options);
    return usage();
}
