// How right the analyzer is on made-up worlds; docs/coordination-accuracy.md has larger runs of the same.
#include <gtest/gtest.h>

#include "analyze/coordination/measured.h"

using namespace measured;

namespace {

constexpr double kAlpha = 0.01;
// Layers of what accounts write themselves; in those of attention fan clubs are tied, and rightly. So they
// are by their star's pictures, which are counted apart.
constexpr std::array kOwn = {Layer::same_text,     Layer::near_text,  Layer::same_link, Layer::same_domain,
                             Layer::same_hashtags, Layer::same_media, Layer::same_reply};

simulator::Settings world_of(std::uint64_t seed, std::uint32_t accounts, unsigned days,
                             const std::vector<std::string>& campaigns) {
    simulator::Settings out;
    out.seed = seed;
    out.accounts = accounts;
    out.days = days;
    for (const auto& text : campaigns) {
        simulator::CampaignSpec spec;
        EXPECT_TRUE(simulator::parse_campaign(text, spec)) << text;
        out.campaigns.push_back(spec);
    }
    return out;
}

Score scored(const Made& made) { return score(made, analysed(made, Request(), 2), kAlpha); }

// Ordinary accounts at tier 1 or 2: never. Edges: summed over the seeds of a test.
class Sum {
  public:
    void add(const Score& found) {
        EXPECT_EQ(found.flagged, 0u);
        for (const auto& [behaviours, count] : found.organic_leads) {
            // Fan clubs repost, answer and name the same star.
            const bool fans = behaviours.ends_with(kFans) ||
                              behaviours.find("same-repost") != std::string::npos ||
                              behaviours.find("same-mention") != std::string::npos ||
                              behaviours.find("same-reply") != std::string::npos;
            if (!fans) other_leads_ += count;
        }
        for (const auto layer : kOwn) {
            const auto& of = found.layers[static_cast<std::size_t>(layer)];
            edges_ += of.edges - of.fans;
            wrong_ += of.wrong - of.fans;
            fans_ += of.fans;
        }
        for (const auto& campaign : found.campaigns) {
            auto& kind = kinds_[campaign.kind];
            kind.push_back(campaign);
        }
    }
    // No more wrong ones than was asked for, and one.
    void expect_few_wrong(double most_other_leads) const {
        std::printf(
            "%zu edges of own content, %zu wrong, %zu of fan clubs; %zu leads that are neither campaign nor "
            "of fans\n",
            edges_, wrong_, fans_, other_leads_);
        EXPECT_LE(double(wrong_), kAlpha * double(edges_) + 1);
        EXPECT_LE(double(other_leads_), most_other_leads);
    }
    void print() const {
        for (const auto& [kind, campaigns] : kinds_) {
            Mean recall, precision, any;
            std::array<int, 5> tiers{};
            for (const auto& campaign : campaigns) {
                recall.add(campaign.recall());
                any.add(campaign.recall_any());
                precision.add(campaign.precision);
                ++tiers[static_cast<std::size_t>(campaign.tier)];
            }
            std::printf(
                "%-14s recall %.3f (tier 1 or 2: %.3f), precision %.3f; tier 1, 2, 3, none: %d %d %d %d\n",
                kind.c_str(), any.mean(), recall.mean(), precision.mean(), tiers[1], tiers[2], tiers[3],
                tiers[4]);
        }
    }
    double least_recall(const std::string& kind) const {
        double least = 1;
        for (const auto& campaign : kinds_.at(kind)) least = std::min(least, campaign.recall_any());
        return least;
    }
    int lowest_tier(const std::string& kind) const {
        int most = 0;
        for (const auto& campaign : kinds_.at(kind)) most = std::max(most, campaign.tier);
        return most;
    }
    int highest_tier(const std::string& kind) const {
        int least = 4;
        for (const auto& campaign : kinds_.at(kind)) least = std::min(least, campaign.tier);
        return least;
    }

  private:
    std::size_t edges_ = 0, wrong_ = 0, fans_ = 0, other_leads_ = 0;
    std::map<std::string, std::vector<CampaignScore>> kinds_;
};

TEST(Simulation, AmbassadorsAmongTenThousand) {
    Sum sum;
    for (const std::uint64_t seed : {1, 2}) {
        const Made made(world_of(seed, 10000, 30, {"ambassador:15"}));
        const auto found = scored(made);
        ASSERT_EQ(found.campaigns.size(), 1u);
        EXPECT_LE(found.campaigns[0].tier, 2) << "seed " << seed;
        EXPECT_GE(found.campaigns[0].recall(), 0.95) << "seed " << seed;
        EXPECT_GE(found.campaigns[0].precision, 0.95) << "seed " << seed;
        sum.add(found);
    }
    sum.print();
    sum.expect_few_wrong(0);
}

TEST(Simulation, EveryKindIsFound) {
    Sum sum;
    for (const std::uint64_t seed : {11, 12, 13}) {
        std::vector<std::string> campaigns;
        for (const char* kind : kKinds) campaigns.push_back(std::string(kind) + ":15");
        sum.add(scored(Made(world_of(seed, 3000, 30, campaigns))));
    }
    sum.print();
    sum.expect_few_wrong(1);
    for (const char* kind : kKinds) EXPECT_GE(sum.least_recall(kind), 0.9) << kind;
    EXPECT_LE(sum.lowest_tier("ambassador"), 2);
    // One behaviour, however often, is one: a lead and no more.
    for (const char* kind :
         {"copypasta", "paraphrase", "linkfarm", "mediafarm", "hashtag", "reply-brigade", "repost-ring"})
        EXPECT_EQ(sum.highest_tier(kind), 3) << kind;
    EXPECT_LE(sum.highest_tier("mixed"), 2);
}

// A group must not be taken for a crowd because it is large, and what it does must not pay for false ones.
TEST(Simulation, LargeCampaignsAreNoCrowd) {
    Sum sum;
    for (const std::uint64_t seed : {21})
        sum.add(scored(Made(
            world_of(seed, 3000, 30, {"copypasta:100", "linkfarm:100", "hashtag:100", "paraphrase:100"}))));
    sum.print();
    sum.expect_few_wrong(0);
    for (const char* kind : {"copypasta", "linkfarm", "hashtag", "paraphrase"})
        EXPECT_GE(sum.least_recall(kind), 0.95) << kind;
}

// They follow each other within an hour and a half rather than within minutes, for twelve days only.
TEST(Simulation, SlowCampaigns) {
    Sum sum;
    for (const std::uint64_t seed : {31, 32})
        sum.add(scored(Made(world_of(
            seed, 2000, 12, {"copypasta:15:0.8:5400", "linkfarm:15:0.8:5400", "hashtag:15:0.8:5400"}))));
    sum.print();
    sum.expect_few_wrong(0);
    for (const char* kind : {"copypasta", "linkfarm", "hashtag"})
        EXPECT_GE(sum.least_recall(kind), 0.8) << kind;
}

// Nobody acts together in any of these.
TEST(Simulation, NothingIsFoundWhereNothingIs) {
    Sum sum;
    // In 11 a club that shares its star's pictures: with the reposts two behaviours, and still fans.
    for (const std::uint64_t seed : {11, 41, 42}) sum.add(scored(Made(world_of(seed, 3000, 30, {}))));
    for (const std::uint64_t seed : {44, 45}) sum.add(scored(Made(world_of(seed, 3000, 3, {}))));
    for (std::uint64_t seed = 300; seed < 315; ++seed) sum.add(scored(Made(world_of(seed, 50, 30, {}))));
    for (const std::uint64_t seed : {47}) sum.add(scored(Made(world_of(seed, 2000, 30, {}), true)));
    // Few accounts that post very much, about the same things.
    for (std::uint64_t seed = 700; seed < 704; ++seed) {
        auto settings = world_of(seed, 50, 30, {});
        settings.posts = 5000;
        sum.add(scored(Made(settings)));
    }
    sum.expect_few_wrong(0);
}

// A text that is copied with its link and its hashtags is one behaviour.
TEST(Simulation, ACopiedTextWithALinkInsideCountsOnce) {
    auto world = simulator::simulate(world_of(51, 2000, 30, {"copypasta:15"}));
    std::map<std::string, std::string> links;
    const auto campaign = static_cast<std::uint32_t>(
        std::find_if(world.truth.begin(), world.truth.end(),
                     [](const simulator::Truth& truth) { return truth.kind == "copypasta"; }) -
        world.truth.begin());
    for (auto& post : world.posts) {
        if (post.part_of != campaign) continue;
        const auto number = std::to_string(links.size());
        const auto& link = links.try_emplace(post.text, "https://copied.example/" + number).first->second;
        post.links = {link};
        post.hashtags = {"one" + link.substr(link.rfind('/') + 1), "two"};
    }
    const Made made(std::move(world));
    const auto analysis = analysed(made, Request(), 2);
    std::size_t seen = 0;
    for (const auto& group : analysis.groups) {
        const bool copied =
            std::any_of(group.members.begin(), group.members.end(), [&](std::uint32_t account) {
                return made.part_of.at(id_of(analysis, account)) == static_cast<int>(campaign);
            });
        if (!copied) continue;
        ++seen;
        EXPECT_EQ(group.independent, 1u);
        EXPECT_EQ(group.members.size(), 15u);
        std::set<Layer> layers;
        for (const auto& behaviour : group.behaviours)
            if (behaviour.layer) layers.insert(*behaviour.layer);
        EXPECT_TRUE(layers.contains(Layer::same_text) && layers.contains(Layer::same_link) &&
                    layers.contains(Layer::same_hashtags));
    }
    EXPECT_EQ(seen, 1u);
}

// Fourteen copy within a minute; the fifteenth is half an hour late and is tied by the hour alone.
TEST(Simulation, WhoIsTiedByOneWindowAloneIsCounted) {
    auto world = simulator::simulate(world_of(61, 1000, 30, {"copypasta:15:0.8:40"}));
    const auto truth = std::find_if(world.truth.begin(), world.truth.end(),
                                    [](const auto& some) { return some.kind == "copypasta"; });
    const auto campaign = static_cast<std::uint32_t>(truth - world.truth.begin());
    for (auto& post : world.posts)
        if (post.part_of == campaign && post.account == truth->accounts.back()) post.time += 1800;
    const Made made(std::move(world));
    const auto analysis = analysed(made, Request(), 2);
    std::size_t seen = 0;
    for (const auto& group : analysis.groups) {
        if (made.part_of.at(id_of(analysis, group.members[0])) != static_cast<int>(campaign)) continue;
        ++seen;
        EXPECT_EQ(group.members.size(), 15u);
        EXPECT_DOUBLE_EQ(group.stability_windows, 14 / 15.0);
        EXPECT_DOUBLE_EQ(group.stability_threshold, 1);
    }
    EXPECT_EQ(seen, 1u);
}

}  // namespace
