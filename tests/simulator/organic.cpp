// People who have nothing to do with each other, and do the same things at the same time all the same.
#include <algorithm>

#include "simulator/maker.h"

namespace contrechamp::simulator {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
constexpr double kTags = 5000, kDomains = 800;

constexpr std::array kGreetings = {
    "Good morning",  "Good morning everyone", "Happy Birthday!", "happy monday", "Bonjour à tous",
    "Bonne journée", "Joyeux anniversaire !", "Bonne nuit",      "good night",   "TGIF",
    "Bon week-end",  "Merci à tous",          "Thank you all",   "Bonjour"};
constexpr std::array kSolidarity = {"NousSommesUnis", "StandTogether", "ThankYouNurses",
                                    "SoutienAuxPompiers"};
constexpr std::array kShort = {"lol",     "merci", "same", "mdr",     "yes",     "no",    "oui",
                               "thanks!", "ptdr",  "this", "haha",    "so true", "bravo", "grave",
                               "me too",  "wow",   "omg",  "exactly", "top",     "ok"};
constexpr std::array kProverbs = {
    "Actions speak louder than words, and silence speaks louder than both of them.",
    "The early bird catches the worm but the second mouse gets the cheese.",
    "Be the change that you wish to see in the world.",
    "Rien ne sert de courir, il faut partir à point.",
    "Petit à petit, l’oiseau fait son nid, et la patience fait le reste.",
    "Ce qui ne te tue pas te rend plus fort, paraît-il.",
    "Life is what happens to you while you are busy making other plans.",
    "On ne voit bien qu’avec le cœur, l’essentiel est invisible pour les yeux."};
constexpr std::array kPlaces = {"Gare du Nord", "Camp Nou",      "Hyde Park",
                                "Tour Eiffel",  "Leeds Station", "Vieux-Port"};
constexpr std::array kBadges = {"Photo Safari",    "Local Hero", "Hopped Up",
                                "Weekend Warrior", "Level 12",   "Explorer"};

template <class List>
std::string one_of(const List& list, Random& random) {
    return list[random.below(list.size())];
}

std::string tag_name(std::uint32_t number) {
    const Language& words = number % 2 ? french() : english();
    return std::string(words.word(300 + number)) + (number % 3 ? "" : std::to_string(number % 100));
}

struct Event {
    std::string tag, side_a, side_b, said_en, said_fr;
    std::int64_t begin = 0, length = 0;
    unsigned peaks = 0;
    double share = 1;
};

}  // namespace

// A site's pages live for a day.
void Maker::make_articles() {
    const unsigned count = settings_.days * 60;
    for (unsigned i = 0; i < count; ++i) {
        Article& article = articles_.emplace_back();
        article.time =
            settings_.start - kDay + random_.below(static_cast<std::uint64_t>(settings_.days + 1) * kDay);
        article.popularity = random_.lognormal(1, 1.5);
        const Language& words = random_.chance(0.4) ? french() : english();
        article.headline = words.text(random_, 50 + random_.below(50));
        article.link = "https://www." + std::string(english().word(200 + random_.zipf(kDomains, 1.1))) +
                       "-news.example/" + std::to_string(mix(settings_.seed, i) % 10000000);
    }
    std::stable_sort(articles_.begin(), articles_.end(),
                     [](const Article& a, const Article& b) { return a.time < b.time; });
}

void Maker::make_stars() {
    for (const std::uint32_t account : take(std::max<std::size_t>(1, settings_.accounts / 100))) {
        Star& star = stars_.emplace_back();
        star.account = account;
        people_[account].quota = 0;
        const double a_day = random_.lognormal(1.2, 0.8);
        std::vector<std::int64_t> times(static_cast<std::size_t>(1 + a_day * settings_.days));
        for (std::int64_t& time : times) time = time_of(account);
        std::sort(times.begin(), times.end());
        for (const std::int64_t time : times) {
            star.posts.push_back(static_cast<std::uint32_t>(world_.posts.size()));
            Post& post = add(account, time, text_of(account, 40, 240));
            if (random_.chance(0.4)) post.hashtags = {tag_name(random_.zipf(kTags, 1.1))};
            if (random_.chance(0.3)) post.media = {new_picture()};
            if (random_.chance(0.2)) share_article(post);
        }
    }
}

// Accounts of one newsroom post its pages by themselves on the hour: coordinated, and ordinary.
void Maker::make_feeds() {
    const unsigned groups = std::max(1U, settings_.accounts / 2500);
    for (unsigned group = 0; group < groups; ++group) {
        Truth truth{"feed", true, take(3 + random_.below(4)), {"text", "link"}};
        if (truth.accounts.size() < 2) return;
        const auto number = static_cast<std::uint32_t>(world_.truth.size());
        for (const std::uint32_t account : truth.accounts) people_[account].quota = 0;
        for (std::int64_t time = settings_.start; time < end_; time += kHour) {
            const std::int64_t hour = time / kHour % 24;
            if (hour < 6 || hour > 21 || !random_.chance(0.7)) continue;
            const Article& article = articles_[random_.below(articles_.size())];
            const std::string link = article.link + "/" + std::to_string(time % 1000000);
            for (const std::uint32_t account : truth.accounts) {
                if (!random_.chance(0.95)) continue;
                Post& post = add(account, time + random_.below(20), article.headline);
                post.links = {link};
                post.part_of = number;
            }
        }
        world_.truth.push_back(std::move(truth));
    }
}

// Bursts of posts, minutes apart, at the hours and days of each one.
void Maker::make_sessions() {
    double sum = 0;
    for (const Person& person : people_) sum += person.quota == kNone ? person.activity : 0;
    for (std::uint32_t account = 0; account < people_.size(); ++account) {
        const Person& person = people_[account];
        const double share = 0.6 * static_cast<double>(posts_) * person.activity / sum;
        std::uint32_t left =
            person.quota != kNone ? person.quota : static_cast<std::uint32_t>(share + random_.uniform());
        while (left > 0) {
            std::int64_t time = time_of(account);
            std::uint32_t session =
                std::min<std::uint32_t>(left, 1 + static_cast<std::uint32_t>(random_.exponential(2)));
            left -= session;
            for (; session > 0; --session) {
                session_post(account, time);
                time += 20 + static_cast<std::int64_t>(random_.exponential(3 * kMinute));
            }
        }
    }
}

void Maker::session_post(std::uint32_t account, std::int64_t time) {
    const double kind = random_.uniform();
    if (kind < 0.36) {
        add(account, time, text_of(account, 40, 280));
    } else if (kind < 0.52) {
        // Each has a few tags of its taste; all have those that everybody has.
        const bool own = random_.chance(0.6);
        const std::uint32_t first =
            own ? people_[account].taste * 100 + random_.zipf(100, 1.2) : random_.zipf(kTags, 1.1);
        Post& post = add(account, time, text_of(account, 40, 220));
        post.hashtags = {tag_name(first)};
        if (random_.chance(0.4))
            post.hashtags.push_back(tag_name(own ? people_[account].taste * 100 + random_.zipf(100, 1.2)
                                                 : random_.zipf(kTags, 1.1)));
    } else if (kind < 0.64) {
        share_article(add(account, time, text_of(account, 40, 180)));
    } else if (kind < 0.8) {
        answer_somebody(
            add(account, time, random_.chance(0.35) ? one_of(kShort, random_) : text_of(account, 40, 200)));
    } else if (kind < 0.84) {
        add(account, time, one_of(kGreetings, random_));
    } else if (kind < 0.86) {
        const std::string tag = one_of(kSolidarity, random_);
        add(account, time, "#" + tag).hashtags = {tag};
    } else if (kind < 0.9) {
        const unsigned program = random_.below(3);
        if (program == 0)
            add(account, time, "Just posted a photo @ " + one_of(kPlaces, random_)).media = {new_picture()};
        else if (program == 1)
            add(account, time,
                "I earned the '" + one_of(kBadges, random_) + "' badge! So proud of it, come and join me")
                .links = {"https://badges.example/app"};
        else
            add(account, time,
                "Now playing: " + std::string(english().word(500 + random_.zipf(400, 1.2))) +
                    " on my favourite radio")
                .hashtags = {"nowplaying"};
    } else if (kind < 0.92) {
        add(account, time, one_of(kProverbs, random_));
    } else if (kind < 0.96) {
        add(account, time, text_of(account, 40, 120)).mentions = {
            stars_[random_.zipf(static_cast<double>(stars_.size()), 1.1)].account};
    } else {
        add(account, time, one_of(kShort, random_));
    }
}

// One of the last day, the popular ones far more often; half of the time as the share button writes it.
void Maker::share_article(Post& post) {
    const auto before = [](const Article& article, std::int64_t time) { return article.time < time; };
    const auto end = std::lower_bound(articles_.begin(), articles_.end(), post.time, before);
    const auto begin = std::lower_bound(articles_.begin(), end, post.time - kDay, before);
    if (begin == end) return;
    const Article* article = &*begin;
    for (int tries = 0; tries < 40; ++tries) {
        article = &*(begin + random_.below(static_cast<std::uint64_t>(end - begin)));
        const double age = static_cast<double>(post.time - article->time);
        if (random_.chance(article->popularity / 20 * std::exp(-age / (6 * kHour)))) break;
    }
    if (random_.chance(0.5)) post.text = article->headline;
    post.links = {article->link + (random_.chance(0.2) ? "?utm_source=twitter" : "")};
}

void Maker::answer_somebody(Post& post) {
    const Star& star = stars_[random_.zipf(static_cast<double>(stars_.size()), 1.1)];
    const std::uint32_t target = latest_of(star, post.time, kDay);
    if (target == kNone || star.account == post.account) return;
    post.reply_to = target;
    post.mentions = {star.account};
    post.text.insert(0, "@" + world_.profiles[star.account].username + " ");
}

// The same few repost the same star within seconds to minutes, again and again. That, and of some stars the
// pictures (pictures.cpp), is all they share.
void Maker::make_fan_clubs() {
    const std::size_t clubs = std::max<std::size_t>(1, settings_.accounts / 200);
    for (std::size_t club = 0; club < clubs && club < stars_.size(); ++club) {
        const Star star = stars_[club];
        const unsigned most = std::min<unsigned>(50, settings_.accounts / 10);
        const std::vector<std::uint32_t> fans = take(std::min<unsigned>(most, 5 + random_.below(46)));
        if (fans.size() < 2) return;
        const double keen = random_.uniform(0.3, 0.9), quick = random_.uniform(15, 120);
        for (const std::uint32_t original : star.posts) {
            const std::int64_t from = world_.posts[original].time;
            for (const std::uint32_t fan : fans) {
                const auto time = from + 2 + static_cast<std::int64_t>(random_.lognormal(quick, 0.9));
                if (random_.chance(keen) && awake(fan, from) && inside(time)) repost(fan, time, original);
            }
        }
        world_.truth.push_back({"fans", true, fans, {"repost"}, star.account});
    }
}

// Who comes by something that goes round, and when: most die at once, some reach a twentieth of everybody.
void Maker::spread(std::int64_t from, std::int64_t& left,
                   const std::function<void(std::uint32_t, std::int64_t)>& post) {
    const double most = settings_.accounts / 20.0 + 2;
    const auto size =
        static_cast<std::int64_t>(std::min(most, 2 * std::pow(1 - random_.uniform(), -1 / 1.1)));
    for (std::int64_t i = 0; i < size; ++i) {
        const std::uint32_t account = by_activity();
        const double delay = 3 + random_.omori(2 * kMinute, 0.7);
        if (people_[account].taken || delay > 3 * kDay) continue;
        const std::int64_t time = from + static_cast<std::int64_t>(delay);
        if (inside(time) && awake(account, time)) post(account, time);
    }
    left -= size;
}

// Posts are repeated, and some answer; news are linked as soon as they are out.
void Maker::make_cascades() {
    auto left = static_cast<std::int64_t>(0.2 * static_cast<double>(posts_));
    while (left > 0) {
        const Star& star = stars_[random_.zipf(static_cast<double>(stars_.size()), 0.8)];
        const std::uint32_t original = star.posts[random_.below(star.posts.size())];
        spread(world_.posts[original].time, left, [&](std::uint32_t account, std::int64_t time) {
            if (random_.chance(0.85)) {
                repost(account, time, original);
                return;
            }
            const std::string words =
                random_.chance(0.4) ? one_of(kShort, random_) : text_of(account, 30, 200);
            Post& answer = add(account, time, "@" + world_.profiles[star.account].username + " " + words);
            answer.reply_to = original;
            answer.mentions = {star.account};
        });
    }
    left = static_cast<std::int64_t>(0.06 * static_cast<double>(posts_));
    while (left > 0) {
        const Article& article = articles_[random_.below(articles_.size())];
        spread(article.time, left, [&](std::uint32_t account, std::int64_t time) {
            const bool button = random_.chance(0.5);
            add(account, time, button ? article.headline : text_of(account, 30, 180)).links = {article.link};
        });
    }
}

// Thousands say the same in the same minute because the same happened to them.
void Maker::make_events() {
    std::vector<Event> events;
    const auto at = [this](double part, int hour) {
        return settings_.start + static_cast<std::int64_t>(part * settings_.days) * kDay + hour * kHour;
    };
    events.push_back(
        {"TeamA", "AllezLesBleus", "ComeOn", "GOOOAL!!!", "BUUUT !!!", at(0.1, 18), 2 * kHour, 4, 1});
    events.push_back(
        {"Cup2018", "AllezLesBleus", "ComeOn", "YES!!!", "Oui !!!", at(0.35, 19), 2 * kHour, 3, 1.5});
    events.push_back({"Election2018", "vote", "resultats", "It's official!", "C’est officiel !", at(0.6, 17),
                      5 * kHour, 6, 2});
    events.push_back({"greve", "strike", "solidarite", "All out, everybody!", "Tous ensemble !", at(0.75, 6),
                      12 * kHour, 5, 1.2});
    events.push_back(
        {"Final", "AllezLesBleus", "ComeOn", "CHAMPIONS!!!", "CHAMPIONS !!!", at(0.9, 18), 3 * kHour, 5, 2});
    constexpr double kShares = 7.7;
    for (const Event& event : events) {
        std::vector<std::int64_t> peaks(event.peaks);
        for (std::int64_t& peak : peaks)
            peak = event.begin + random_.below(static_cast<std::uint64_t>(event.length));
        const auto count =
            static_cast<std::uint64_t>(0.15 * static_cast<double>(posts_) * event.share / kShares);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint32_t account = by_activity();
            if (people_[account].taken) continue;
            const bool at_peak = random_.chance(0.7);
            const std::int64_t time =
                at_peak ? peaks[random_.below(peaks.size())] +
                              static_cast<std::int64_t>(random_.lognormal(35, 0.8))
                        : event.begin + random_.below(static_cast<std::uint64_t>(event.length));
            if (!inside(time)) continue;
            Post& post = add(account, time,
                             at_peak && random_.chance(0.5)
                                 ? (people_[account].french ? event.said_fr : event.said_en) + " "
                                 : text_of(account, 30, 160) + " ");
            post.hashtags = {event.tag};
            if (random_.chance(0.5))
                post.hashtags.emplace_back(random_.chance(0.5) ? event.side_a : event.side_b);
            for (const std::string& tag : post.hashtags)
                post.text += "#" + tag + (&tag == &post.hashtags.back() ? "" : " ");
        }
    }
}

// Hundreds post one prefilled text, each when they come by it.
void Maker::make_petitions() {
    for (unsigned petition = 0; petition < 4; ++petition) {
        const std::string cause = english().text(random_, 40);
        const std::string text = petition % 2
                                     ? "Je viens de signer la pétition « " + cause +
                                           " ». Signez vous aussi, cela ne prend qu’une minute !"
                                     : "I just signed the petition \"" + cause +
                                           "\". Please join me and sign too, it only takes a minute!";
        const std::string link = "https://petitions.example/p/" + std::to_string(1000 + petition);
        const auto count = static_cast<std::uint64_t>(settings_.accounts * random_.uniform(0.01, 0.04));
        const std::int64_t from =
            settings_.start + random_.below(std::max<std::uint64_t>(1, settings_.days / 2)) * kDay;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint32_t account = by_activity();
            const std::int64_t day = from + static_cast<std::int64_t>(random_.exponential(3)) * kDay;
            const std::int64_t time = day - day % kDay + time_of(account) % kDay;
            if (!people_[account].taken && inside(time)) add(account, time, text).links = {link};
        }
    }
}

}  // namespace contrechamp::simulator
