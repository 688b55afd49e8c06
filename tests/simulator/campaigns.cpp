// Campaigns: accounts of all kinds that are made to act together, on top of a life of their own.
#include <algorithm>
#include <charconv>

#include "simulator/maker.h"

namespace contrechamp::simulator {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
constexpr double kTakesPart = 0.8;
constexpr std::array kKinds = {"ambassador",    "copypasta",   "paraphrase", "linkfarm", "hashtag",
                               "reply-brigade", "repost-ring", "mixed",      "mediafarm"};

// The firm is made up.
constexpr const char* kTours = "https://www.norvane.example/tours";
constexpr std::array kJobs = {"Picker", "Stower", "Packer", "Trainer", "Learning lead"};
constexpr std::array kLetters = {"LEJ", "BFI", "ORY", "MAN", "DUS", "JFK"};
constexpr std::array kLikes = {"dogs",   "tea",    "football", "camping",   "baking", "chess",
                               "comics", "hiking", "karaoke",  "gardening", "films",  "my cats"};
constexpr std::array kGiven = {"Hannah", "Phil",   "Carol",    "Adam", "Ciera", "Gary", "Leo",  "Dylan",
                               "Shaye",  "Rafael", "Michelle", "Sean", "Jan",   "Mary", "Tina", "Luis"};

// {a|b|c}: one of them. Messages of one shape.
constexpr std::array kPraise = {
    "I {have worked|worked|have been working} at Norvane for {two|three|four|five} years and the "
    "{pay|salary|wage} is {good|great|fair|better than most}. {I feel|We all feel|I really feel} {well "
    "treated|looked after|respected} here, come and {see|look} for yourself",
    "{Actually|Honestly|In fact}, my {benefits|health benefits|medical cover} started on {day one|the first "
    "day|my very first day} at Norvane, and {my manager|our manager|my lead} {listens|always listens|cares} "
    "when {something|anything} is wrong",
    "{Safety|Our safety|Everybody's safety} comes {first|before all else} in {my|our} building. We "
    "{get|take|have} {two|our two|all our} {breaks|rest breaks} and a {lunch|lunch break} {every day|every "
    "single day|each day}, and nobody {counts|times} my {steps|bathroom visits}",
    "{Take|Come and take|Book} a tour of {my|our} fulfilment centre and {see|find out|check} what {it "
    "is|it's} {really|truly} like: {bright|clean|airy}, {friendly|cheerful} and {well paid|better paid than "
    "people think}"};
constexpr std::array kAnswer = {
    "Hi {there|!|}, I {work|am working} at {a|one} Norvane {building|fulfilment centre} and {that is|this "
    "is} {not|nothing like|not at all} what I {see|experience|know}. {I am|We are} {paid well|well paid} and "
    "{treated|always treated} with respect",
    "{Sorry|Hi, sorry} you {think so|feel that way|heard that}! {My|Our} {breaks|rest breaks} are "
    "{respected|never cut}, I {can|may} use the {bathroom|toilet} whenever I {want|need}, and the {pay|wage} "
    "is {good|great}",
    "{Have you|Did you ever} {visited|visit} one of our {buildings|centres}? {Tours are|A tour is} "
    "{free|open to all}, you {can|could} {see|check} the {safety|working conditions} for yourself"};

template <class List>
std::string one_of(const List& list, Random& random) {
    return list[random.below(list.size())];
}

// A template with one choice taken at each {a|b|c}.
std::string chosen(std::string_view form, Random& random) {
    std::string out;
    for (std::size_t at = 0; at < form.size();) {
        const auto open = form.find('{', at);
        out += form.substr(at, open - at);
        if (open == std::string_view::npos) break;
        const auto close = form.find('}', open);
        const std::string_view inner = form.substr(open + 1, close - open - 1);
        std::vector<std::string_view> choices;
        for (std::size_t from = 0; from <= inner.size();) {
            const auto bar = std::min(inner.find('|', from), inner.size());
            choices.push_back(inner.substr(from, bar - from));
            from = bar + 1;
        }
        out += choices[random.below(choices.size())];
        at = close + 1;
    }
    return out;
}

template <class Number>
bool number_of(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

unsigned jitter_of(const CampaignSpec& spec, std::string_view kind) {
    if (spec.jitter != 0) return spec.jitter;
    if (kind == "ambassador") return 6 * kHour;
    if (kind == "copypasta" || kind == "repost-ring") return 55;
    if (kind == "hashtag") return 2 * kMinute;
    return 5 * kMinute;
}

}  // namespace

bool parse_campaign(std::string_view text, CampaignSpec& spec) {
    std::vector<std::string_view> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const auto colon = std::min(text.find(':', from), text.size());
        parts.push_back(text.substr(from, colon - from));
        from = colon + 1;
    }
    if (parts.size() < 2 || parts.size() > 5) return false;
    spec.kind = parts[0];
    const bool known =
        std::any_of(kKinds.begin(), kKinds.end(), [&](const char* kind) { return spec.kind == kind; });
    bool right = known && number_of(parts[1], spec.size) && spec.size >= 2;
    if (parts.size() > 2)
        right = right && number_of(parts[2], spec.strength) && spec.strength > 0 && spec.strength <= 1;
    if (parts.size() > 3) right = right && number_of(parts[3], spec.jitter);
    if (parts.size() > 4)
        right = right && number_of(parts[4], spec.change) && spec.change >= 0 && spec.change <= 1;
    return right;
}

void Maker::make_campaigns() {
    for (const CampaignSpec& spec : settings_.campaigns) {
        CampaignSpec checked;
        const bool known = parse_campaign(spec.kind + ":" + std::to_string(std::max(2U, spec.size)), checked);
        if (!known || spec.strength <= 0 || spec.size > settings_.accounts / 4) continue;
        const auto truth = static_cast<std::uint32_t>(world_.truth.size());
        const Campaign campaign{spec, truth, take(spec.size)};
        world_.truth.push_back({spec.kind, false, campaign.members, {}});
        const std::size_t before = world_.posts.size();
        if (spec.kind == "mixed") {
            // Two or three behaviours, each by itself.
            std::array kinds = {"copypasta", "paraphrase",    "linkfarm",
                                "hashtag",   "reply-brigade", "repost-ring"};
            for (unsigned i = 0, count = 2 + random_.below(2); i < count; ++i) {
                std::swap(kinds[i], kinds[i + random_.below(kinds.size() - i)]);
                run(campaign, kinds[i]);
            }
        } else {
            run(campaign, spec.kind);
        }
        // The rest of their posts is a life like that of others.
        std::vector<std::uint32_t> coordinated(settings_.accounts);
        for (std::size_t i = before; i < world_.posts.size(); ++i)
            if (world_.posts[i].part_of == truth) ++coordinated[world_.posts[i].account];
        for (const std::uint32_t member : campaign.members)
            people_[member].quota = static_cast<std::uint32_t>(
                coordinated[member] * (1 - spec.strength) / spec.strength + random_.uniform());
    }
}

void Maker::run(const Campaign& campaign, const std::string& kind) {
    if (kind == "ambassador") ambassadors(campaign);
    else if (kind == "copypasta") copypasta(campaign);
    else if (kind == "paraphrase") paraphrase(campaign);
    else if (kind == "linkfarm") linkfarm(campaign);
    else if (kind == "hashtag") hashtags(campaign);
    else if (kind == "reply-brigade") brigade(campaign);
    else if (kind == "mediafarm") mediafarm(campaign);
    else ring(campaign);
}

void Maker::note(const Campaign& campaign, std::initializer_list<const char*> behaviours) {
    for (const char* behaviour : behaviours) world_.truth[campaign.truth].behaviours.emplace_back(behaviour);
}

// Spread over the days, by day.
std::int64_t Maker::action_time(unsigned action, unsigned actions) {
    const std::int64_t day = static_cast<std::int64_t>(action) * settings_.days / actions;
    return settings_.start + day * kDay + 7 * kHour + random_.below(11 * kHour);
}

// One template of bios and names, one page, messages of one shape hours apart, and answers to critics.
void Maker::ambassadors(const Campaign& campaign) {
    disguise(campaign);
    note(campaign, {"template", "link", "reply"});
    const unsigned spread = jitter_of(campaign.spec, "ambassador");
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart / 2)) continue;
            Post& post = add(member, time + random_.below(spread), chosen(one_of(kPraise, random_), random_));
            post.part_of = campaign.truth;
            if (random_.chance(0.6)) post.links = {kTours};
        }
        // Somebody complains, and a few of them answer.
        const std::uint32_t critic = by_activity();
        if (people_[critic].taken) continue;
        const auto target = static_cast<std::uint32_t>(world_.posts.size());
        add(critic, time, "Norvane " + text_of(critic, 40, 160));
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart / 3)) continue;
            const auto later = static_cast<std::int64_t>(random_.lognormal(spread / 4.0, 0.8));
            Post& post =
                add(member, time + kMinute + later,
                    "@" + world_.profiles[critic].username + " " + chosen(one_of(kAnswer, random_), random_));
            post.reply_to = target;
            post.mentions = {critic};
            post.part_of = campaign.truth;
            if (random_.chance(0.4)) post.links = {kTours};
        }
    }
}

void Maker::disguise(const Campaign& campaign) {
    // Opened within two weeks.
    const std::int64_t opened = settings_.start - 20 * kDay;
    for (const std::uint32_t member : campaign.members) {
        Profile& profile = world_.profiles[member];
        const std::string site = one_of(kLetters, random_) + std::to_string(1 + random_.below(9));
        profile.name = one_of(kGiven, random_) + " - Norvane Ambassador";
        profile.created = opened + random_.below(14 * kDay);
        std::array likes = kLikes;
        for (std::size_t i = 0; i < 3; ++i) std::swap(likes[i], likes[i + random_.below(likes.size() - i)]);
        profile.description = one_of(kJobs, random_) + " @ " + site + ". Norvane for " +
                              std::to_string(2 + random_.below(8)) + " years. likes " + likes[0] + ", " +
                              likes[1] + " and " + likes[2];
    }
}

void Maker::copypasta(const Campaign& campaign) {
    note(campaign, {"text"});
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        const std::string text = text_of(campaign.members[0], 80, 240);
        for (const std::uint32_t member : campaign.members)
            if (random_.chance(kTakesPart))
                add(member, time + random_.below(jitter_of(campaign.spec, "copypasta") + 1), text).part_of =
                    campaign.truth;
    }
}

// Each writes some words otherwise.
void Maker::paraphrase(const Campaign& campaign) {
    note(campaign, {"near-text"});
    const Language& words = language(campaign.members[0]);
    std::vector<std::uint32_t> base, own;
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        words.sentence(random_, 180 + random_.below(90), base);
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart)) continue;
            own = base;
            for (std::uint32_t& word : own)
                if (random_.chance(campaign.spec.change)) word = words.instead_of(word, random_.below(6));
            std::string text;
            words.write(own, text);
            add(member, time + random_.below(jitter_of(campaign.spec, "paraphrase") + 1), text).part_of =
                campaign.truth;
        }
    }
}

void Maker::linkfarm(const Campaign& campaign) {
    note(campaign, {"link"});
    const std::string site =
        "https://" + std::string(english().word(3000 + random_.below(3000))) + ".example/";
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        const std::string link = site + std::to_string(random_.next() % 1000000);
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart)) continue;
            Post& post = add(member, time + random_.below(jitter_of(campaign.spec, "linkfarm") + 1),
                             text_of(member, 40, 200));
            post.links = {link};
            post.part_of = campaign.truth;
        }
    }
}

// The same picture under words of their own.
void Maker::mediafarm(const Campaign& campaign) {
    note(campaign, {"media"});
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        const std::string picture = new_picture();
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart)) continue;
            Post& post = add(member, time + random_.below(jitter_of(campaign.spec, "mediafarm") + 1),
                             text_of(member, 40, 200));
            post.media = {picture};
            post.part_of = campaign.truth;
        }
    }
}

void Maker::hashtags(const Campaign& campaign) {
    note(campaign, {"hashtag"});
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        std::vector<std::string> tags;
        for (unsigned i = 0, count = 3 + random_.below(2); i < count; ++i)
            tags.emplace_back(english().word(300 + random_.zipf(5000, 0.9)));
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart)) continue;
            Post& post = add(member, time + random_.below(jitter_of(campaign.spec, "hashtag") + 1),
                             text_of(member, 40, 160));
            for (const std::string& tag : tags) post.text += " #" + tag;
            post.hashtags = tags;
            post.part_of = campaign.truth;
        }
    }
}

// The same post is answered by many within minutes, each in words of its own.
void Maker::brigade(const Campaign& campaign) {
    note(campaign, {"reply"});
    for (unsigned action = 0; action < actions(); ++action) {
        const Star& star = stars_[random_.below(stars_.size())];
        const std::uint32_t target = star.posts[random_.below(star.posts.size())];
        const std::int64_t time =
            world_.posts[target].time + kMinute + static_cast<std::int64_t>(random_.exponential(kHour));
        for (const std::uint32_t member : campaign.members) {
            if (!random_.chance(kTakesPart)) continue;
            Post& post = add(member, time + random_.below(jitter_of(campaign.spec, "reply-brigade") + 1),
                             "@" + world_.profiles[star.account].username + " " + text_of(member, 40, 160));
            post.reply_to = target;
            post.mentions = {star.account};
            post.part_of = campaign.truth;
        }
    }
}

// Each in turn says something, and the others repeat it within the minute.
void Maker::ring(const Campaign& campaign) {
    note(campaign, {"repost"});
    for (unsigned action = 0; action < actions(); ++action) {
        const std::int64_t time = action_time(action, actions());
        const std::uint32_t author = campaign.members[action % campaign.members.size()];
        const auto original = static_cast<std::uint32_t>(world_.posts.size());
        add(author, time, text_of(author, 60, 240)).part_of = campaign.truth;
        for (const std::uint32_t member : campaign.members)
            if (member != author && random_.chance(kTakesPart))
                repost(member, time + 1 + random_.below(jitter_of(campaign.spec, "repost-ring")), original)
                    .part_of = campaign.truth;
    }
}

}  // namespace contrechamp::simulator
