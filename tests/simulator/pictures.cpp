// Pictures that people share who have nothing to do with each other: memes that go round within hours,
// animated reactions that every keyboard offers, a star's pictures that the fans post anew, and pictures of
// their own.
#include <algorithm>

#include "simulator/maker.h"

namespace contrechamp::simulator {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
constexpr double kReactions = 300;  // that the keyboards offer
constexpr std::array kUnder = {"lol", "mdr", "this", "so true", "ptdr", "me", "grave", "moi le lundi"};

template <class List>
std::string one_of(const List& list, Random& random) {
    return list[random.below(list.size())];
}

}  // namespace

// Of random numbers of its own, so that the rest of a world does not depend on its pictures.
void Maker::make_pictures() {
    random_ = Random(mix(settings_.seed, 2));
    pass_on_memes();
    pass_on_reactions();
    pass_on_stars();
    show_own_pictures();
}

// Half a dozen are seen by everybody within a few hours, thousands of others by a handful. Copies are passed
// on as new posts, with other words or none.
void Maker::pass_on_memes() {
    constexpr unsigned kViral = 6;
    auto left = static_cast<std::int64_t>(0.04 * static_cast<double>(posts_));
    for (unsigned meme = 0; left > 0; ++meme) {
        const std::string picture = new_picture();
        const std::int64_t from = settings_.start + random_.below(std::uint64_t{settings_.days} * kDay);
        const double most = settings_.accounts / 20.0 + 2;
        const double size = meme < kViral ? settings_.accounts * random_.uniform(0.03, 0.12)
                                          : std::min(most, 2 * std::pow(1 - random_.uniform(), -1 / 1.1));
        const double pace = meme < kViral ? 10 * kMinute : random_.uniform(2, 60) * kMinute;
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(size); ++i, --left) {
            const std::uint32_t account = by_activity();
            const double delay = 3 + random_.omori(pace, 1.2);
            if (people_[account].taken || delay > 3 * kDay) continue;
            const std::int64_t time = from + static_cast<std::int64_t>(delay);
            if (!inside(time) || !awake(account, time)) continue;
            add(account, time, random_.chance(0.4) ? one_of(kUnder, random_) : text_of(account, 30, 160))
                .media = {picture};
        }
    }
}

// Some are everybody's favourites at all times, and each has a few that it uses again and again.
void Maker::pass_on_reactions() {
    const auto count = static_cast<std::uint64_t>(0.03 * static_cast<double>(posts_));
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t account = by_activity();
        if (people_[account].taken) continue;
        const std::uint32_t number = random_.chance(0.4)
                                         ? static_cast<std::uint32_t>(mix(account, random_.below(3)) % 300)
                                         : random_.zipf(kReactions, 1.1);
        Post& post = add(account, time_of(account), one_of(kUnder, random_));
        answer_somebody(post);
        post.media = {"16_" + std::to_string(mix(settings_.seed, number) % 1000000007)};
    }
}

// Half of the clubs do not only repeat the star: the fans post its new picture themselves, again and again,
// some of them within minutes, most in the course of the day.
void Maker::pass_on_stars() {
    std::size_t club = 0;
    for (const Truth& truth : world_.truth) {
        if (truth.kind != "fans") continue;
        const Star& star = stars_[club++];
        const double keen = random_.uniform(0.1, 0.5), slow = random_.uniform(20, 240) * kMinute;
        if (random_.chance(0.5)) continue;
        for (const std::uint32_t original : star.posts) {
            const std::vector<std::string> media = world_.posts[original].media;
            const std::int64_t from = world_.posts[original].time;
            if (media.empty()) continue;
            for (const std::uint32_t fan : truth.accounts) {
                const auto time = from + kMinute + static_cast<std::int64_t>(random_.lognormal(slow, 1.2));
                if (!random_.chance(keen) || !inside(time) || !awake(fan, time)) continue;
                add(fan, time, text_of(fan, 30, 160)).media = media;
                if (random_.chance(0.5)) world_.posts.back().mentions = {star.account};
            }
        }
    }
}

void Maker::show_own_pictures() {
    const auto count = static_cast<std::uint64_t>(0.03 * static_cast<double>(posts_));
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t account = by_activity();
        if (!people_[account].taken)
            add(account, time_of(account), text_of(account, 20, 160)).media = {new_picture()};
    }
}

}  // namespace contrechamp::simulator
