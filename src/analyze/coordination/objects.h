// What a row shares in each layer, in the form in which it is compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyze/coordination/canonical.h"
#include "analyze/coordination/corpus.h"

namespace contrechamp::coordination {

// Reused from row to row.
struct Scratch {
    std::string normal, canonical, joined;
    std::vector<std::string_view> found;
};

// Puts each canonical form of what the row shares in a layer into `into.canonical` and calls `visit`.
template <class Visit>
void each_object(Scratch& into, const PostRow& row, Layer layer, const Visit& visit) {
    const auto list = [&](PostField field,
                          void (*extract)(std::string_view, std::vector<std::string_view>&)) {
        const auto& given = row.list(field);
        into.found.assign(given.begin(), given.end());
        if (given.empty() && extract && !row[PostField::text].empty())
            extract(row[PostField::text], into.found);
    };
    switch (layer) {
        case Layer::same_link:
        case Layer::same_domain:
            list(PostField::links, extract_links);
            for (const auto link : into.found) {
                canonical_link(link, into.canonical);
                if (into.canonical.empty()) continue;
                if (layer == Layer::same_domain) {
                    into.joined = link_domain(into.canonical);
                    into.canonical = into.joined;
                }
                visit();
            }
            break;
        case Layer::same_hashtags:
            list(PostField::hashtags, extract_hashtags);
            if (into.found.size() < kFewestHashtags) break;
            into.joined.clear();
            for (const auto tag : into.found) {
                normalise_text(tag.starts_with('#') ? tag.substr(1) : tag, into.canonical);
                into.joined += '#';
                into.joined += into.canonical;
            }
            into.canonical = into.joined;
            visit();
            break;
        case Layer::same_media:
            for (const auto key : row.list(PostField::media)) {
                into.canonical = key;
                visit();
            }
            break;
        case Layer::same_reply:
            into.canonical = row[row[PostField::reply].empty() ? PostField::reply_account : PostField::reply];
            if (!into.canonical.empty()) visit();
            break;
        case Layer::same_mention:
            list(PostField::mentions, extract_mentions);
            for (const auto name : into.found) {
                normalise_text(name.starts_with('@') ? name.substr(1) : name, into.canonical);
                if (!into.canonical.empty()) visit();
            }
            break;
        case Layer::same_object:
        case Layer::same_repost:
            into.canonical = row[layer == Layer::same_object ? PostField::object : PostField::repost];
            if (!into.canonical.empty()) visit();
            break;
        case Layer::same_text:
        case Layer::near_text:
            normalise_text(row[PostField::text], into.canonical);
            if (into.canonical.size() >= kFewestTextBytes) visit();
            break;
    }
}

}  // namespace contrechamp::coordination
