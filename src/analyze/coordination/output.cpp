#include "analyze/coordination/output.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/escape.h"
#include "base/hash.h"

namespace contrechamp::coordination {
namespace {

// Examples of a behaviour that a report shows; the table `evidence` has all.
constexpr std::size_t kShownObjects = 6;
constexpr std::size_t kShownPosts = 12;
constexpr std::size_t kLongestWords = 280;  // bytes

std::string decimal(double value, const char* form = "%.3g") {
    char text[32];
    std::snprintf(text, sizeof text, form, value);
    return text;
}

// What can be said of the rhythm; nothing stands for what cannot.
json::Object rhythm_fields(const Rhythm& rhythm) {
    json::Object out;
    const auto put = [&](const char* name, const std::optional<double>& value) {
        if (value) out[name] = decimal(*value);
    };
    put("likeness", rhythm.likeness);
    put("likeness_comparison", rhythm.likeness_comparison);
    put("created_p", rhythm.created_p);
    put("silence_p", rhythm.silence_p);
    put("reply_ratio", rhythm.reply_ratio);
    if (rhythm.created_within) out["created_within_days"] = *rhythm.created_within / 86400;
    if (rhythm.silence_p) out["shared_silences"] = rhythm.silences.size();
    return out;
}

// A, B, …, Z, AA, AB, …
std::string letters(std::size_t number) {
    std::string out;
    for (++number; number > 0; number = (number - 1) / 26)
        out.insert(out.begin(), static_cast<char>('A' + (number - 1) % 26));
    return out;
}

// Cut at a letter's border.
std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    text.resize(most);
    return text + "…";
}

// Part of a name, where one stands before an @: letters of any script, digits, and what e-mail addresses
// hold.
bool of_a_name(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) || c == '.' || c == '_' || c == '-' || c == '+';
}

// Whoever is named in a post, by @name or an e-mail address, is not the report's business.
std::string without_names(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t end = i + 1;
        if (text[i] == '@')
            while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
        if (end > i + 1)
            while (!out.empty() && of_a_name(out.back())) out.pop_back();
        out += text[i];
        if (end > i + 1) out += "…";
        i = end - 1;
    }
    return out;
}

}  // namespace

std::string object_name(std::uint64_t object) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(object));
    return text;
}

Report::Report(const Analysis& analysis, const Request& request, std::span<const Input> inputs,
               std::span<const InputExhibit> exhibits, const ExhibitView& asked, Output& out)
    : analysis_(analysis),
      request_(request),
      inputs_(inputs),
      exhibits_(exhibits),
      asked_(asked),
      out_(out),
      pseudonyms_(analysis.corpus.accounts.size()) {
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        const auto& members = analysis.groups[g].members;
        for (std::size_t i = 0; i < members.size(); ++i)
            pseudonyms_[members[i]] = letters(g) + std::to_string(i + 1);
        std::string ids;
        for (const auto account : members) ids += account_id(account) + "\n";
        group_names_.push_back(letters(g) + "-" + sha256_hex(ids).substr(0, 8));
    }
}

void Report::put_out() {
    accounts();
    edges();
    evidence();
    communities();
    templates();
    layers();
    activity();
    refused();
    for (std::size_t g = 0; g < analysis_.groups.size(); ++g)
        if (!analysis_.groups[g].only_attention) observe(analysis_.groups[g], g);
    observe_attention();
    cover();
}

// In a compressed exhibit the range counts decompressed bytes, which the path says.
Locator Report::locate(Place place, std::uint64_t length) const {
    const auto& exhibit = exhibits_[input_of(place)];
    if (exhibit.compression == Compression::none) return {exhibit.sha256, offset_of(place), length, 0, ""};
    return {exhibit.sha256, 0, exhibit.size, 0,
            std::string(to_string(exhibit.compression)) + ":" + std::to_string(offset_of(place)) + "+" +
                std::to_string(length)};
}
Locator Report::locate(Place place) const { return locate(place, row_length(inputs_, place)); }
Locator Report::whole_request() const { return {std::string(asked_.sha256), 0, asked_.bytes.size(), 0, ""}; }

const std::string& Report::account_id(std::uint32_t account) const {
    return analysis_.corpus.accounts[account].id;
}
// A letter, and a digest of who belongs to it: nobody's name, and the same for the same accounts.
std::string Report::group_name(std::int32_t group) const {
    if (group < 0) return {};
    return group_names_[static_cast<std::size_t>(group)];
}
std::string Report::group_of(std::uint32_t account) const { return group_name(analysis_.group_of[account]); }

std::string Report::post_id(Place place) const {
    std::string out;
    with_row(inputs_, place, [&](const PostRow& row) { out = row[PostField::id]; });
    return out;
}

std::string Report::words(Place place) const {
    std::string out;
    with_row(inputs_, place, [&](const PostRow& row) { out = row[PostField::text]; });
    return cut(without_names(out), kLongestWords);
}

std::string Report::template_name(std::size_t number) const { return "T" + std::to_string(number + 1); }

std::string Report::label(const Behaviour& behaviour) const {
    if (behaviour.layer) return std::string(to_string(*behaviour.layer));
    return analysis_.templates[behaviour.text_template].of == TemplateOf::text ? "templated-text"
                                                                               : "templated-profile";
}

Subject Report::subject(std::size_t number) const {
    const auto count = analysis_.groups[number].members.size();
    const auto letter = letters(number);
    return {"community", "", group_name(static_cast<std::int32_t>(number)),
            std::to_string(count) + " accounts (" + letter + "1 … " + letter + std::to_string(count) + ")"};
}

std::string Report::put(Observation observation) {
    observation.analyzer = "coordination";
    auto id = observation.id();
    out_.observe(std::move(observation));
    return id;
}

void Report::observe(const Group& group, std::size_t number) {
    const auto who = subject(number);
    Observation out{"", "coordination.community", who};
    out.basis = Basis::derived;
    std::vector<std::string> names;
    for (const auto& behaviour : group.behaviours) {
        out.from.push_back(observe_behaviour(who, behaviour));
        const auto name = label(behaviour);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    for (const auto& behaviour : group.behaviours) observe_shared(who, behaviour);
    observe_rhythm(who, group);
    std::vector<std::string> counted;
    for (const auto& behaviour : group.behaviours)
        if (behaviour.independent) counted.push_back(label(behaviour));
    const auto& flags = analysis_.false_flags;
    out.fields = {{"accounts", group.members.size()},
                  {"behaviours", json::strings(names)},
                  {"counted", json::strings(counted)},
                  {"independent", group.independent},
                  {"tier", group.tier},
                  {"posts", group.posts.size()},
                  {"disclosed", group.disclosed},
                  {"largest_q", decimal(group.largest_q, "%.1e")},
                  {"stability", decimal(group.stability, "%.2f")},
                  {"stability_windows", decimal(group.stability_windows, "%.2f")},
                  {"stability_threshold", decimal(group.stability_threshold, "%.2f")},
                  {"false_flag", flags.ordinary == 0
                                     ? std::string("unknown")
                                     : std::to_string(flags.flagged) + "/" + std::to_string(flags.ordinary) +
                                           " (≤ " + decimal(100 * flags.upper, "%.2g") + " %)"}};
    if (group.last) {
        out.fields["first"] = to_rfc3339(group.first);
        out.fields["last"] = to_rfc3339(group.last);
    }
    if (group.profile_template)
        out.fields["template"] = without_names(analysis_.templates[*group.profile_template].shape.pattern());
    const auto& first = analysis_.corpus.accounts[group.members.front()];
    out.locator =
        locate(group.posts.empty() ? (first.profile_length ? first.profile_place : first.first_place)
                                   : group.posts.front());
    put(std::move(out));
}

// Followers of the same accounts, summed up: there may be dozens of such groups.
void Report::observe_attention() {
    std::size_t groups = 0, accounts = 0, largest = 0;
    const Group* first = nullptr;
    for (const auto& group : analysis_.groups) {
        if (!group.only_attention) continue;
        if (!first) first = &group;
        ++groups;
        accounts += group.members.size();
        largest = std::max(largest, group.members.size());
    }
    if (!first) return;
    Observation out{"",
                    "coordination.attention",
                    {"community", "", "attention-" + std::string(asked_.sha256.substr(0, 8)),
                     std::to_string(accounts) + " accounts (" + std::to_string(groups) + ")"}};
    out.fields = {{"groups", groups}, {"accounts", accounts}, {"largest", largest}};
    out.locator = locate(first->posts.front());
    put(std::move(out));
}

std::string Report::observe_behaviour(const Subject& who, const Behaviour& behaviour) {
    Observation out{"", "coordination.behaviour", who};
    std::vector<std::string> windows;
    for (const auto window : behaviour.windows) windows.push_back(window_name(window));
    out.fields = {{"layer", label(behaviour)},
                  {"windows", json::strings(windows)},
                  {"accounts", behaviour.accounts.size()},
                  {"posts", behaviour.posts.size()},
                  {"objects", behaviour.objects},
                  {"edges", behaviour.edges},
                  {"independent", behaviour.independent},
                  {"largest_q", decimal(behaviour.largest_q, "%.1e")}};
    if (behaviour.layer) {
        out.locator = locate(behaviour.posts.front());
        return put(std::move(out));
    }
    const auto& found = analysis_.templates[behaviour.text_template];
    Observation shape{"", "coordination.template", who};
    shape.fields = {{"text_of", to_string(found.of)},
                    {"template", template_name(behaviour.text_template)},
                    {"pattern", without_names(found.shape.pattern())},
                    {"members", behaviour.accounts.size()},
                    {"comparison", found.shape.comparison},
                    {"comparison_fits", found.shape.comparison_fits},
                    {"log10_p", decimal(found.shape.log10_p, "%.1f")}};
    shape.locator = locate(found.places.front());
    out.basis = Basis::derived;
    out.locator = shape.locator;
    out.from = {put(std::move(shape))};
    return put(std::move(out));
}

// The objects that most accounts shared, each with its posts in order of time.
void Report::observe_shared(const Subject& who, const Behaviour& behaviour) {
    struct Post {
        Seconds time;
        Place place;
        std::uint32_t account;
        auto operator<=>(const Post&) const = default;
    };
    struct Object {
        std::uint64_t object = 0;
        std::uint32_t window = 0;
        std::set<Post> posts;
        std::set<std::uint32_t> accounts;
    };
    std::vector<Object> objects;
    for (const auto& shown : behaviour.shown) {
        if (objects.empty() || objects.back().object != shown.meeting.object)
            objects.push_back({shown.meeting.object, shown.window, {}, {}});
        const auto time_b = static_cast<Seconds>(std::int64_t{shown.meeting.time_a} + shown.meeting.delta);
        objects.back().posts.insert({shown.meeting.time_a, shown.meeting.place_a, shown.a});
        objects.back().posts.insert({time_b, shown.meeting.place_b, shown.b});
        objects.back().accounts.insert({shown.a, shown.b});
    }
    std::stable_sort(objects.begin(), objects.end(),
                     [](const Object& x, const Object& y) { return x.accounts.size() > y.accounts.size(); });
    if (objects.size() > kShownObjects) objects.resize(kShownObjects);
    const bool attention = behaviour.family == Family::attention;
    for (const auto& object : objects) {
        Observation out{"", "coordination.shared", who};
        std::vector<std::string> accounts, times;
        for (const auto& post : object.posts) {
            if (accounts.size() == kShownPosts) break;
            accounts.push_back(pseudonyms_[post.account]);
            times.push_back(to_rfc3339(post.time));
        }
        const auto first = *object.posts.begin();
        out.fields = {
            {"layer", label(behaviour)},           {"object", object_name(object.object)},
            {"accounts", json::strings(accounts)}, {"times", json::strings(times)},
            {"posts", object.posts.size()},        {"window_s", object.window},
            {"first", to_rfc3339(first.time)},     {"last", to_rfc3339(object.posts.rbegin()->time)}};
        // What somebody else wrote, or who was answered, is not shown.
        if (!attention) {
            if (auto text = words(first.place); !text.empty()) out.fields["words"] = std::move(text);
            if (behaviour.family != Family::words) {
                std::vector<std::string> things;
                with_row(inputs_, first.place,
                         [&](const PostRow& row) { objects_of(row, *behaviour.layer, things); });
                // A post may link several pages; this is the one that was shared.
                for (const auto& thing : things)
                    if (object_of(thing) == object.object) out.fields["thing"] = cut(thing, kLongestWords);
            }
        }
        out.locator = locate(first.place);
        put(std::move(out));
    }
}

void Report::observe_rhythm(const Subject& who, const Group& group) {
    if (!group.rhythm) return;
    const auto& rhythm = *group.rhythm;
    Observation out{"", "coordination.rhythm", who};
    out.fields = rhythm_fields(rhythm);
    if (out.fields.empty()) return;
    const auto& first = analysis_.corpus.accounts[group.members.front()];
    out.locator = locate(group.posts.empty() ? first.first_place : group.posts.front());
    put(std::move(out));
}

}  // namespace contrechamp::coordination
