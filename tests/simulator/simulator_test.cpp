// simulator/simulator.h: what other tests rely on: that a world follows from its settings, that campaigns do
// what the truth says of them, and that the fast modes have the tails they promise.
#include "simulator/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace contrechamp::simulator;

namespace {

Settings small(std::vector<CampaignSpec> campaigns, std::uint64_t seed = 1) {
    Settings settings;
    settings.seed = seed;
    settings.accounts = 1500;
    settings.days = 14;
    settings.campaigns = std::move(campaigns);
    return settings;
}

const Truth& planted(const World& world, std::string_view kind) {
    return *std::find_if(world.truth.begin(), world.truth.end(),
                         [&](const Truth& truth) { return truth.kind == kind; });
}

std::vector<Post> posts_of(const World& world, std::string_view kind) {
    const auto number = static_cast<std::uint32_t>(&planted(world, kind) - world.truth.data());
    std::vector<Post> found;
    std::copy_if(world.posts.begin(), world.posts.end(), std::back_inserter(found),
                 [&](const Post& post) { return post.part_of == number; });
    return found;
}

class Collected : public Pieces {
  public:
    bool write(std::string_view piece) override {
        bytes += piece;
        return true;
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> out;
        for (std::size_t from = 0, end = 0; (end = bytes.find('\n', from)) != std::string::npos;
             from = end + 1)
            out.push_back(bytes.substr(from, end - from));
        return out;
    }
    std::string bytes;
};

// Shared things of a campaign's posts: how many accounts each has, and within how many seconds.
template <class Key>
void expect_together(const std::vector<Post>& posts, Key key, std::int64_t within, std::size_t fewest) {
    std::map<std::string, std::vector<const Post*>> groups;
    for (const Post& post : posts) groups[key(post)].push_back(&post);
    std::size_t together = 0;
    for (const auto& [name, group] : groups) {
        if (group.size() < 3) continue;
        ++together;
        const auto [first, last] = std::minmax_element(
            group.begin(), group.end(), [](const Post* a, const Post* b) { return a->time < b->time; });
        EXPECT_LE((*last)->time - (*first)->time, within) << name;
    }
    EXPECT_GE(together, fewest);
}

TEST(World, FollowsFromItsSettings) {
    const Settings settings = small({{"mixed", 8}, {"ambassador", 15}});
    const World once = simulate(settings), again = simulate(settings);
    EXPECT_EQ(posts_jsonl(once), posts_jsonl(again));
    EXPECT_EQ(profiles_csv(once), profiles_csv(again));
    EXPECT_EQ(truth_json(once), truth_json(again));
    EXPECT_NE(posts_jsonl(once), posts_jsonl(simulate(small({{"mixed", 8}, {"ambassador", 15}}, 2))));
}

TEST(World, PostsAreInOrderAndReferToWhatWasThere) {
    const World world = simulate(small({{"repost-ring", 8}, {"reply-brigade", 8}}));
    ASSERT_GT(world.posts.size(), 20000u);
    std::set<std::uint64_t> ids;
    for (std::size_t i = 0; i < world.posts.size(); ++i) {
        const Post& post = world.posts[i];
        EXPECT_TRUE(ids.insert(post.id).second);
        if (i > 0) EXPECT_GE(post.time, world.posts[i - 1].time);
        for (const std::uint32_t other : {post.repost_of, post.reply_to})
            if (other != kNone) EXPECT_LT(other, i) << post.text;
        if (post.repost_of != kNone) EXPECT_TRUE(post.text.ends_with(world.posts[post.repost_of].text));
        EXPECT_LE(post.text.size(), 340u);
    }
}

TEST(World, ActivityIsUneven) {
    const World world = simulate(small({}));
    std::map<std::uint32_t, std::size_t> posts;
    for (const Post& post : world.posts) ++posts[post.account];
    std::vector<std::size_t> counts;
    for (const auto& [account, count] : posts) counts.push_back(count);
    std::sort(counts.begin(), counts.end());
    EXPECT_GT(counts[counts.size() * 99 / 100], 8 * counts[counts.size() / 2]);
}

// Some pictures everybody passes on within hours; a club has its star's, again and again; nobody else's is of
// a campaign.
TEST(World, PicturesGoRound) {
    const World world = simulate(small({{"mediafarm", 10}}));
    const Truth& farm = planted(world, "mediafarm");
    std::map<std::string, std::set<std::uint32_t>> posted;  // not repeated
    std::map<std::string, std::vector<std::int64_t>> times;
    for (const Post& post : world.posts) {
        if (post.repost_of != kNone) continue;
        for (const std::string& key : post.media) {
            posted[key].insert(post.account);
            times[key].push_back(post.time);
        }
        const bool member = std::binary_search(farm.accounts.begin(), farm.accounts.end(), post.account);
        if (post.part_of != kNone && !post.media.empty()) EXPECT_TRUE(member);
    }
    std::size_t alone = 0, some = 0, viral = 0, at_once = 0;
    for (const auto& [key, accounts] : posted) {
        alone += accounts.size() == 1;
        some += accounts.size() > 1 && accounts.size() < 10;
        if (accounts.size() < 20 || key.starts_with("16_")) continue;
        ++viral;
        const auto& when = times[key];  // ascending
        at_once += when[when.size() / 2] - when[0] < 3600;
    }
    EXPECT_GT(alone, 1000u);
    EXPECT_GT(some, 50u);
    EXPECT_GE(viral, 4u);
    EXPECT_GE(at_once, viral / 2);
    std::size_t clubs = 0;
    for (const Truth& truth : world.truth) {
        if (truth.kind != "fans") continue;
        std::size_t together = 0;
        for (const auto& [key, accounts] : posted)
            together += 3 <= std::count_if(truth.accounts.begin(), truth.accounts.end(),
                                           [&](std::uint32_t fan) { return accounts.contains(fan); });
        clubs += together >= 3;
    }
    EXPECT_GE(clubs, 1u);
}

TEST(Campaigns, DoWhatTheTruthSays) {
    const World world = simulate(small({{"copypasta", 10},
                                        {"linkfarm", 10},
                                        {"mediafarm", 10},
                                        {"hashtag", 10},
                                        {"reply-brigade", 10},
                                        {"repost-ring", 10}}));
    expect_together(
        posts_of(world, "mediafarm"), [](const Post& post) { return post.media.at(0); }, 300, 10);
    expect_together(
        posts_of(world, "copypasta"), [](const Post& post) { return post.text; }, 60, 10);
    expect_together(
        posts_of(world, "linkfarm"), [](const Post& post) { return post.links.at(0); }, 300, 10);
    expect_together(
        posts_of(world, "reply-brigade"), [](const Post& post) { return std::to_string(post.reply_to); }, 300,
        8);
    const auto sequence = [](const Post& post) {
        std::string out;
        for (const std::string& tag : post.hashtags) out += tag + " ";
        return out;
    };
    expect_together(posts_of(world, "hashtag"), sequence, 120, 10);
    std::vector<Post> reposts = posts_of(world, "repost-ring");
    std::erase_if(reposts, [](const Post& post) { return post.repost_of == kNone; });
    for (const Post& post : reposts) EXPECT_LE(post.time - world.posts[post.repost_of].time, 60);
    expect_together(
        reposts, [](const Post& post) { return std::to_string(post.repost_of); }, 60, 10);
}

TEST(Campaigns, MembersAreTheirOwnAndStrengthIsTheShare) {
    const World world = simulate(small({{"copypasta", 12, 0.5}, {"hashtag", 12, 1}}));
    std::set<std::uint32_t> seen;
    for (const Truth& truth : world.truth)
        for (const std::uint32_t account : truth.accounts)
            EXPECT_TRUE(seen.insert(account).second) << truth.kind;
    for (const auto& [kind, share] : std::map<std::string, double>{{"copypasta", 0.5}, {"hashtag", 1}}) {
        const Truth& truth = planted(world, kind);
        const auto all = std::count_if(world.posts.begin(), world.posts.end(), [&](const Post& post) {
            return std::binary_search(truth.accounts.begin(), truth.accounts.end(), post.account);
        });
        EXPECT_NEAR(static_cast<double>(posts_of(world, kind).size()) / static_cast<double>(all), share, 0.05)
            << kind;
    }
}

TEST(Campaigns, AmbassadorsAreStaggered) {
    const World world = simulate(small({{"ambassador", 15}}));
    const std::vector<Post> posts = posts_of(world, "ambassador");
    std::size_t answers = 0, tours = 0, near = 0;
    for (std::size_t i = 0; i < posts.size(); ++i) {
        answers += posts[i].reply_to != kNone;
        tours += !posts[i].links.empty();
        near += i > 0 && posts[i].time - posts[i - 1].time < 60;
    }
    EXPECT_GT(answers, posts.size() / 5);
    EXPECT_GT(tours, posts.size() / 3);
    EXPECT_LT(near, posts.size() / 10);
    for (const std::uint32_t account : planted(world, "ambassador").accounts) {
        EXPECT_TRUE(world.profiles[account].description.find(". Norvane for ") != std::string::npos);
        EXPECT_TRUE(world.profiles[account].name.ends_with(" - Norvane Ambassador"));
    }
}

TEST(Campaigns, ParaphrasesDifferInTenToTwentyPercentOfTheirWords) {
    const World world = simulate(small({{"paraphrase", 10}}));
    const std::vector<Post> posts = posts_of(world, "paraphrase");
    const auto words = [](const std::string& text) {
        std::vector<std::string> out(1);
        for (const char c : text) c == ' ' ? (void)out.emplace_back() : out.back().push_back(c);
        return out;
    };
    std::size_t same = 0, other = 0;
    for (std::size_t i = 1; i < posts.size(); ++i) {
        const auto a = words(posts[i - 1].text), b = words(posts[i].text);
        if (posts[i].time - posts[i - 1].time > 300 || a.size() != b.size()) continue;
        for (std::size_t k = 0; k < a.size(); ++k) {
            const auto bare = [](const std::string& word) {
                return word.substr(0, word.find_last_not_of(".,") + 1);
            };
            bare(a[k]) == bare(b[k]) ? ++same : ++other;
        }
    }
    ASSERT_GT(same, 1000u);
    const double share = static_cast<double>(other) / static_cast<double>(same + other);
    EXPECT_GT(share, 0.10);
    EXPECT_LT(share, 0.22);  // capitals count, too
}

TEST(Campaigns, SpecsAreRead) {
    CampaignSpec spec;
    EXPECT_TRUE(parse_campaign("hashtag:7:0.25:90:0.2", spec));
    EXPECT_EQ(spec.kind, "hashtag");
    EXPECT_EQ(spec.size, 7u);
    EXPECT_EQ(spec.strength, 0.25);
    EXPECT_EQ(spec.jitter, 90u);
    EXPECT_EQ(spec.change, 0.2);
    for (const char* wrong : {"", "hashtag", "hashtag:", "hashtag:1", "hashtag:x", "other:5", "hashtag:5:2",
                              "hashtag:5:0", "hashtag:5:1:-3", "hashtag:5:1:1:2", "hashtag:5:1:1:1:1"})
        EXPECT_FALSE(parse_campaign(wrong, spec)) << wrong;
}

TEST(Rows, HaveOneHotObjectAndAreAllThere) {
    Collected out;
    write_rows(60000, 5, out);
    const auto lines = out.lines();
    ASSERT_EQ(lines.size(), 60001u);
    EXPECT_EQ(lines[0], "object_id,account_id,content_id,timestamp_share");
    std::map<std::string, std::size_t> objects;
    for (std::size_t i = 1; i < lines.size(); ++i) ++objects[lines[i].substr(0, 16)];
    std::vector<std::size_t> counts;
    for (const auto& [object, count] : objects) counts.push_back(count);
    std::sort(counts.rbegin(), counts.rend());
    EXPECT_EQ(counts[0], 2000u);
    EXPECT_GT(objects.size(), 8000u);
}

TEST(Rows, PostsRepeatTextsAsPromised) {
    Collected out;
    write_posts(20000, 5, out);
    const auto lines = out.lines();
    ASSERT_EQ(lines.size(), 20000u);
    std::map<std::string, std::size_t> texts;
    std::size_t bytes = 0;
    for (const std::string& line : lines) {
        const auto from = line.find("\"text\":\"") + 8;
        const std::string text = line.substr(from, line.find('"', from) - from);
        ++texts[text];
        bytes += text.size();
    }
    std::size_t repeated = 0;
    for (const auto& [text, count] : texts) repeated += count > 1 ? count : 0;
    EXPECT_NEAR(static_cast<double>(repeated) / 20000, 0.25, 0.02);
    EXPECT_NEAR(static_cast<double>(bytes) / 20000, 280, 15);
    EXPECT_NEAR(static_cast<double>(out.bytes.size()) / 20000, 450, 30);
}

}  // namespace
