#include "simulator/simulator.h"

#include <algorithm>
#include <numeric>

#include "simulator/maker.h"

namespace contrechamp::simulator {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 86400;
// Hours from UTC: most of Europe, some of elsewhere.
constexpr std::array kZones = {0, 0, 1, 1, 2, 2, 2, 2, 2, 2, -4, -5, -7, 3, 9};

// Two waves of the day, early or late people, and a little of each one's own.
void make_hours(Person& person, Random& random) {
    const int zone = kZones[random.below(kZones.size())];
    const double morning = random.uniform(6.5, 13), evening = random.uniform(17, 24);
    const double wide = random.uniform(1.2, 3.5), share = random.uniform(0.15, 0.7);
    std::array<double, 24> weight{};
    for (int hour = 0; hour < 24; ++hour) {
        const auto wave = [&](double peak) {
            double away = std::abs(hour - peak);
            away = std::min(away, 24 - away);
            return std::exp(-away * away / (2 * wide * wide));
        };
        const int utc = ((hour - zone) % 24 + 24) % 24;
        weight[static_cast<std::size_t>(utc)] =
            (share * wave(morning) + (1 - share) * wave(evening) + 0.01) * random.uniform(0.6, 1.4);
    }
    const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
    double so_far = 0;
    for (std::size_t hour = 0; hour < 24; ++hour) {
        so_far += weight[hour] / sum;
        person.hours[hour] = static_cast<float>(so_far);
    }
}

void make_weekdays(Person& person, Random& random) {
    const double weekend = random.lognormal(1, 0.5);
    std::array<double, 7> weight{};
    for (std::size_t day = 0; day < 7; ++day)
        weight[day] = (day >= 5 ? weekend : 1) * random.uniform(0.5, 1.5);
    const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
    double so_far = 0;
    for (std::size_t day = 0; day < 7; ++day) {
        so_far += weight[day] / sum;
        person.weekdays[day] = static_cast<float>(so_far);
    }
}

constexpr std::array kGivenNames = {"Ana",  "Ben",   "Chloé", "Dan",   "Emma", "Fatou", "Greg", "Hana",
                                    "Inès", "Jo",    "Karim", "Lou",   "Maya", "Nico",  "Olga", "Paul",
                                    "Rosa", "Sam",   "Théo",  "Val",   "Will", "Yann",  "Zoé",  "Alex",
                                    "Béa",  "Cyril", "Diana", "Élise", "Finn", "Gaël"};
constexpr std::array kPlaces = {"Lille",   "Leeds", "Lyon",  "Cork",  "Nantes",
                                "Bristol", "Metz",  "Derby", "Brest", "York"};
constexpr std::array kLikes = {"tea",   "football", "dogs",   "cats", "running",
                               "books", "music",    "travel", "food", "films"};

template <class List>
std::string one_of(const List& list, Random& random) {
    return list[random.below(list.size())];
}

}  // namespace

Maker::Maker(const Settings& settings)
    : settings_(settings),
      end_(settings.start + static_cast<std::int64_t>(settings.days) * kDay),
      posts_(settings.posts ? settings.posts : std::uint64_t{20} * settings.accounts),
      random_(mix(settings.seed, 1)) {}

World Maker::make() {
    if (settings_.accounts < 2 || settings_.days == 0) return {};
    make_people();
    make_articles();
    make_stars();
    make_feeds();
    make_campaigns();
    make_sessions();
    make_fan_clubs();
    make_cascades();
    make_events();
    make_petitions();
    make_pictures();
    finish();
    return std::move(world_);
}

void Maker::make_people() {
    people_.resize(settings_.accounts);
    world_.profiles.resize(settings_.accounts);
    std::vector<double> so_far;
    double sum = 0;
    for (std::uint32_t account = 0; account < settings_.accounts; ++account) {
        Person& person = people_[account];
        person.french = random_.chance(0.4);
        person.activity = random_.lognormal(1, 1.3);
        person.taste = random_.below(40);
        make_hours(person, random_);
        make_weekdays(person, random_);
        make_profile(account);
        so_far.push_back(sum += person.activity);
    }
    active_.resize(65536);
    for (std::uint32_t& account : active_) {
        const auto at = std::upper_bound(so_far.begin(), so_far.end(), random_.uniform() * sum);
        account =
            static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at - so_far.begin(), settings_.accounts - 1));
    }
}

// Bios of people who have nothing to do with each other are alike, too.
void Maker::make_profile(std::uint32_t account) {
    Profile& profile = world_.profiles[account];
    const Language& words = language(account);
    profile.id = 100000 + std::uint64_t{account} * 7 + random_.below(7);
    profile.created = settings_.start - static_cast<std::int64_t>(random_.uniform(2, 3600) * kDay);
    const std::string given = one_of(kGivenNames, random_);
    profile.name =
        random_.chance(0.5) ? given : given + " " + std::string(words.word(4000 + random_.below(4000)));
    profile.username = "u" + std::to_string(account) + "_" + std::to_string(random_.below(1000));
    const double kind = random_.uniform();
    if (kind < 0.35) return;
    if (kind < 0.75) profile.description = text_of(account, 20, 120);
    else if (kind < 0.83)
        profile.description = one_of(kPlaces, random_) + " | " + one_of(kLikes, random_) + " | views my own";
    else if (kind < 0.9)
        profile.description = "Love " + one_of(kLikes, random_) + ", " + one_of(kLikes, random_) + " and " +
                              one_of(kLikes, random_);
    else if (kind < 0.95)
        profile.description = "Student @ " + one_of(kPlaces, random_) + ". " + one_of(kLikes, random_) +
                              " and " + one_of(kLikes, random_);
    else
        profile.description = "Parent of " + std::to_string(1 + random_.below(4)) + ". " +
                              one_of(kPlaces, random_) + ". " + text_of(account, 10, 50);
}

// By time, ids that rise with it, and indexes that say where posts stand now.
void Maker::finish() {
    std::vector<Post>& posts = world_.posts;
    std::vector<std::uint32_t> order(posts.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return posts[a].time < posts[b].time; });
    std::vector<std::uint32_t> place(posts.size());
    std::vector<Post> sorted;
    sorted.reserve(posts.size());
    for (const std::uint32_t from : order) {
        place[from] = static_cast<std::uint32_t>(sorted.size());
        sorted.push_back(std::move(posts[from]));
    }
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        Post& post = sorted[i];
        // Milliseconds since an epoch, 22 bits up, as Twitter's ids are.
        post.id = (static_cast<std::uint64_t>(post.time - 1288834974) * 1000 << 22) + (i & 0x3fffff);
        if (post.repost_of != kNone) post.repost_of = place[post.repost_of];
        if (post.reply_to != kNone) post.reply_to = place[post.reply_to];
    }
    posts = std::move(sorted);
}

Post& Maker::add(std::uint32_t account, std::int64_t time, std::string text) {
    Post& post = world_.posts.emplace_back();
    post.account = account;
    post.time = std::clamp(time, settings_.start, end_ - 1);
    post.text = std::move(text);
    return post;
}

// As Twitter writes one: the words and entities of the other post, cut.
Post& Maker::repost(std::uint32_t account, std::int64_t time, std::uint32_t of) {
    const Post original = world_.posts[of];
    Post& post =
        add(account, time, "RT @" + world_.profiles[original.account].username + ": " + original.text);
    post.links = original.links;
    post.hashtags = original.hashtags;
    post.mentions = {original.account};
    post.media = original.media;
    post.repost_of = of;
    return post;
}

std::string Maker::text_of(std::uint32_t account, std::size_t low, std::size_t high) {
    return language(account).text(random_, low + random_.below(high - low + 1));
}

std::int64_t Maker::time_of(std::uint32_t account) {
    const Person& person = people_[account];
    const auto drawn = [this](const auto& so_far) {
        const auto at = std::upper_bound(so_far.begin(), so_far.end(), static_cast<float>(random_.uniform()));
        return std::min<std::int64_t>(at - so_far.begin(), static_cast<std::int64_t>(so_far.size()) - 1);
    };
    // The start is a Monday. A day past the end is drawn again from those that there are.
    const unsigned weeks = (settings_.days + 6) / 7;
    std::int64_t day = random_.below(weeks) * 7 + drawn(person.weekdays);
    if (day >= settings_.days) day = random_.below(settings_.days);
    return settings_.start + day * kDay + drawn(person.hours) * kHour + random_.below(kHour);
}

// Likelier at the hours when the account posts.
bool Maker::awake(std::uint32_t account, std::int64_t time) {
    const Person& person = people_[account];
    const auto hour = static_cast<std::size_t>(time / kHour % 24);
    const double share = person.hours[hour] - (hour > 0 ? person.hours[hour - 1] : 0);
    return random_.chance(std::min(1.0, share * 24));
}

std::vector<std::uint32_t> Maker::take(std::size_t count) {
    std::vector<std::uint32_t> taken;
    for (std::size_t tries = 0; taken.size() < count && tries < 100 * count + 1000; ++tries) {
        const std::uint32_t account = random_.below(settings_.accounts);
        if (people_[account].taken) continue;
        people_[account].taken = true;
        taken.push_back(account);
    }
    std::sort(taken.begin(), taken.end());
    return taken;
}

// The star's last post before `time`, at most so many seconds old.
std::uint32_t Maker::latest_of(const Star& star, std::int64_t time, std::int64_t within) const {
    const auto later = [this](std::int64_t value, std::uint32_t post) {
        return value < world_.posts[post].time;
    };
    const auto at = std::upper_bound(star.posts.begin(), star.posts.end(), time, later);
    if (at == star.posts.begin()) return kNone;
    const std::uint32_t post = *(at - 1);
    return time - world_.posts[post].time <= within ? post : kNone;
}

World simulate(const Settings& settings) { return Maker(settings).make(); }

}  // namespace contrechamp::simulator
