// The world while it is being made; inside of the simulator only.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "simulator/random.h"
#include "simulator/simulator.h"
#include "simulator/words.h"

namespace contrechamp::simulator {

struct Person {
    bool french = false;
    bool taken = false;               // has a part already: star, feed, member of a campaign
    std::uint32_t quota = kNone;      // session posts; kNone: by activity
    double activity = 1;              // relative
    std::array<float, 24> hours{};    // cumulative share of posts by hour of day, UTC
    std::array<float, 7> weekdays{};  // cumulative
    std::uint32_t taste = 0;          // which hashtags
};

struct Article {
    std::int64_t time = 0;
    double popularity = 1;
    std::string headline, link;
};

struct Star {
    std::uint32_t account = 0;
    std::vector<std::uint32_t> posts;  // by time
};

class Maker {
  public:
    explicit Maker(const Settings& settings);
    World make();

  private:
    // simulator.cpp: people and the end.
    void make_people();
    void make_profile(std::uint32_t account);
    void finish();

    // organic.cpp
    void make_stars();
    void make_articles();
    void make_feeds();
    void make_sessions();
    void make_fan_clubs();
    void make_cascades();
    void spread(std::int64_t from, std::int64_t& left,
                const std::function<void(std::uint32_t, std::int64_t)>& post);
    void make_events();
    void make_petitions();
    // pictures.cpp
    void make_pictures();
    void pass_on_memes();
    void pass_on_reactions();
    void pass_on_stars();
    void show_own_pictures();
    std::string new_picture() { return "3_" + std::to_string(random_.next() >> 20); }
    void session_post(std::uint32_t account, std::int64_t time);
    void share_article(Post& post);
    void answer_somebody(Post& post);

    // campaigns.cpp
    void make_campaigns();
    struct Campaign {
        CampaignSpec spec;
        std::uint32_t truth = 0;
        std::vector<std::uint32_t> members;
    };
    void run(const Campaign& campaign, const std::string& kind);
    void ambassadors(const Campaign& campaign);
    void disguise(const Campaign& campaign);
    void copypasta(const Campaign& campaign);
    void paraphrase(const Campaign& campaign);
    void linkfarm(const Campaign& campaign);
    void mediafarm(const Campaign& campaign);
    void hashtags(const Campaign& campaign);
    void brigade(const Campaign& campaign);
    void ring(const Campaign& campaign);
    void note(const Campaign& campaign, std::initializer_list<const char*> behaviours);
    std::int64_t action_time(unsigned action, unsigned actions);
    unsigned actions() const { return settings_.days < 12 ? 12 : settings_.days; }

    // Common.
    Post& add(std::uint32_t account, std::int64_t time, std::string text);
    Post& repost(std::uint32_t account, std::int64_t time, std::uint32_t of);
    std::string text_of(std::uint32_t account, std::size_t low, std::size_t high);
    const Language& language(std::uint32_t account) const {
        return people_[account].french ? french() : english();
    }
    std::int64_t time_of(std::uint32_t account);
    bool awake(std::uint32_t account, std::int64_t time);
    bool inside(std::int64_t time) const { return time >= settings_.start && time < end_; }
    std::uint32_t by_activity() { return active_[random_.next() >> 48]; }
    std::vector<std::uint32_t> take(std::size_t count);  // accounts without a part, ascending
    std::uint32_t latest_of(const Star& star, std::int64_t time, std::int64_t within) const;

    Settings settings_;
    std::int64_t end_;
    std::uint64_t posts_;
    Random random_;
    World world_;
    std::vector<Person> people_;
    std::vector<std::uint32_t> active_;  // 65536 draws of accounts by activity
    std::vector<Star> stars_;
    std::vector<Article> articles_;  // by time
};

}  // namespace contrechamp::simulator
