// Made-up posts of made-up accounts, with campaigns planted among them, so that recall, precision and false
// flags can be measured against a truth. Everything follows from the settings: the same settings give the
// same world, byte for byte.
//
// What is organic is meant to be hard: fan clubs that repost within seconds again and again, live events
// where thousands use one hashtag in the same minute, pictures that go round within hours, prefilled texts,
// share buttons, greetings, newsroom feeds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace contrechamp::simulator {

struct CampaignSpec {
    // ambassador, copypasta, paraphrase, linkfarm, mediafarm, hashtag, reply-brigade, repost-ring or mixed.
    std::string kind;
    unsigned size = 15;
    double strength = 0.8;  // share of a member's posts that are coordinated, 0 to 1
    unsigned jitter = 0;    // seconds within which members follow each other; 0: the kind's own
    double change = 0.075;  // paraphrase: share of the words that each writes otherwise, so that two differ
                            // in twice as many
};

struct Settings {
    std::uint64_t seed = 1;
    std::uint32_t accounts = 10000;
    unsigned days = 30;
    std::uint64_t posts = 0;          // organic ones, about; 0: 20 an account
    std::int64_t start = 1535932800;  // Monday, 2018-09-03, UTC
    std::vector<CampaignSpec> campaigns;
};

// "KIND:SIZE[:STRENGTH[:JITTER[:CHANGE]]]"; false when it is not one.
bool parse_campaign(std::string_view text, CampaignSpec& spec);

inline constexpr std::uint32_t kNone = UINT32_MAX;

struct Post {
    std::uint64_t id = 0;
    std::uint32_t account = 0;
    std::int64_t time = 0;
    std::string text;
    std::vector<std::string> links, hashtags, media;
    std::vector<std::uint32_t> mentions;                // accounts
    std::uint32_t repost_of = kNone, reply_to = kNone;  // indexes of posts
    std::uint32_t part_of = kNone;                      // index of World::truth: it is a coordinated post
};

struct Profile {
    std::uint64_t id = 0;
    std::string username, name, description;
    std::int64_t created = 0;
};

// Who acts together. `ordinary`: fan clubs and newsroom feeds, which are not to be a finding; a feed is
// coordination in truth, a fan club is not.
struct Truth {
    std::string kind;
    bool ordinary = false;
    std::vector<std::uint32_t> accounts;  // ascending
    std::vector<std::string> behaviours;  // text, near-text, link, media, hashtag, reply, repost, template
    std::uint32_t star = kNone;           // whose fans they are
};

struct World {
    std::vector<Profile> profiles;
    std::vector<Post> posts;  // by time, then as they were made
    std::vector<Truth> truth;
};

// Campaigns of more accounts than there are, or of unknown kinds, are left out.
World simulate(const Settings& settings);

std::string posts_jsonl(const World& world);   // objects like those of Twitter's API v2
std::string profiles_csv(const World& world);  // id, username, name, description, created_at
std::string truth_json(const World& world);

// For speed: CooRTweet's four columns, object_id,account_id,content_id,timestamp_share, over 30 days, with
// one object of 25,663 posts (a thirtieth of the rows when that is less). `out` gets pieces.
class Pieces {
  public:
    virtual ~Pieces() = default;
    virtual bool write(std::string_view piece) = 0;  // false: stop
};
void write_rows(std::uint64_t rows, std::uint64_t seed, Pieces& out);
// JSON lines as above of about 450 bytes, 280 of text; a quarter repeat a text exactly, a twentieth nearly.
void write_posts(std::uint64_t rows, std::uint64_t seed, Pieces& out);

}  // namespace contrechamp::simulator
