// The world as files.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "simulator/simulator.h"

namespace contrechamp::simulator {
namespace {

std::string stamp(std::int64_t time) {
    const std::time_t seconds = time;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    return text.data();
}

// Words made here hold no control characters.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string quoted(std::uint64_t number) { return '"' + std::to_string(number) + '"'; }

template <class List, class Form>
std::string list(const List& items, Form form) {
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += form(item);
    }
    return out + ']';
}

void write_entities(const World& world, const Post& post, std::string& out) {
    std::string inner;
    const auto member = [&](const char* name, std::string items) {
        inner += std::string(inner.empty() ? "" : ",") + "\"" + name + "\":" + items;
    };
    if (!post.links.empty())
        member("urls", list(post.links, [](const std::string& link) {
                   return "{\"expanded_url\":" + quoted(link) + "}";
               }));
    if (!post.hashtags.empty())
        member("hashtags",
               list(post.hashtags, [](const std::string& tag) { return "{\"tag\":" + quoted(tag) + "}"; }));
    if (!post.mentions.empty())
        member("mentions", list(post.mentions, [&](std::uint32_t account) {
                   return "{\"username\":" + quoted(world.profiles[account].username) + "}";
               }));
    if (!inner.empty()) out += ",\"entities\":{" + inner + "}";
}

void write_post(const World& world, const Post& post, std::string& out) {
    const Profile& profile = world.profiles[post.account];
    out += "{\"id\":" + quoted(post.id) + ",\"author_id\":" + quoted(profile.id) +
           ",\"username\":" + quoted(profile.username) + ",\"created_at\":\"" + stamp(post.time) +
           "\",\"text\":" + quoted(post.text);
    write_entities(world, post, out);
    if (post.repost_of != kNone)
        out += ",\"referenced_tweets\":[{\"type\":\"retweeted\",\"id\":" +
               quoted(world.posts[post.repost_of].id) + "}]";
    if (post.reply_to != kNone) {
        const Post& target = world.posts[post.reply_to];
        out += ",\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":" + quoted(target.id) +
               "}],\"in_reply_to_user_id\":" + quoted(world.profiles[target.account].id);
    }
    if (!post.media.empty())
        out += ",\"attachments\":{\"media_keys\":" +
               list(post.media, [](const std::string& key) { return quoted(key); }) + "}";
    out += "}\n";
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

}  // namespace

std::string posts_jsonl(const World& world) {
    std::string out;
    out.reserve(world.posts.size() * 400);
    for (const Post& post : world.posts) write_post(world, post, out);
    return out;
}

std::string profiles_csv(const World& world) {
    std::string out = "id,username,name,description,created_at\n";
    for (const Profile& profile : world.profiles)
        out += std::to_string(profile.id) + ',' + profile.username + ',' + csv_field(profile.name) + ',' +
               csv_field(profile.description) + ',' + stamp(profile.created) + '\n';
    return out;
}

std::string truth_json(const World& world) {
    std::vector<std::vector<std::uint64_t>> posts(world.truth.size());
    for (const Post& post : world.posts)
        if (post.part_of != kNone) posts[post.part_of].push_back(post.id);
    std::string out = "{\"campaigns\":[";
    for (std::size_t i = 0; i < world.truth.size(); ++i) {
        const Truth& truth = world.truth[i];
        out +=
            std::string(i > 0 ? "," : "") + "\n{\"kind\":" + quoted(truth.kind) +
            ",\"ordinary\":" + (truth.ordinary ? "true" : "false") + ",\"behaviours\":" +
            list(truth.behaviours, [](const std::string& name) { return quoted(name); }) + ",\"accounts\":" +
            list(truth.accounts, [&](std::uint32_t account) { return quoted(world.profiles[account].id); }) +
            ",\"posts\":" + list(posts[i], [](std::uint64_t id) { return quoted(id); }) + "}";
    }
    return out + "\n]}\n";
}

}  // namespace contrechamp::simulator
