// The behaviours that are compared. Each is a layer of the network: accounts are tied in it when they do the
// same within a window of time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace contrechamp::coordination {

enum class Layer : std::uint8_t {
    same_text,      // the same words, after normalise_text(); never of reposts
    near_text,      // nearly the same words (near_text.h); holds same_text
    same_link,      // the same address, after canonical_link()
    same_domain,    // the same site
    same_hashtags,  // the same hashtags in the same order
    same_media,     // the same picture or film, by the export's own key
    same_repost,    // repeating the same post
    same_reply,     // answering the same post (or, where only that is known, the same account)
    same_mention,   // naming the same account
    same_object,    // the same of whatever the person called "object"
};
inline constexpr std::array kLayers = {
    Layer::same_text,  Layer::near_text,   Layer::same_link,  Layer::same_domain,  Layer::same_hashtags,
    Layer::same_media, Layer::same_repost, Layer::same_reply, Layer::same_mention, Layer::same_object};
inline constexpr std::size_t kLayerCount = kLayers.size();

constexpr std::string_view to_string(Layer layer) {
    constexpr std::array<std::string_view, kLayerCount> names = {
        "same-text",  "near-text",   "same-link",  "same-domain",  "same-hashtags",
        "same-media", "same-repost", "same-reply", "same-mention", "same-object"};
    return names[static_cast<std::size_t>(layer)];
}
constexpr std::optional<Layer> layer_from(std::string_view name) {
    for (const auto layer : kLayers)
        if (to_string(layer) == name) return layer;
    return std::nullopt;
}

// Layers of one family say the same thing twice and are never counted as independent of each other. Whoever
// follows the same accounts repeats, answers and names them at the same time: that is one behaviour,
// attention.
enum class Family : std::uint8_t { words, links, hashtags, media, attention, objects, profiles };
constexpr Family family_of(Layer layer) {
    switch (layer) {
        case Layer::same_text:
        case Layer::near_text: return Family::words;
        case Layer::same_link:
        case Layer::same_domain: return Family::links;
        case Layer::same_hashtags: return Family::hashtags;
        case Layer::same_media: return Family::media;
        case Layer::same_repost:
        case Layer::same_reply:
        case Layer::same_mention: return Family::attention;
        case Layer::same_object: break;
    }
    return Family::objects;
}

}  // namespace contrechamp::coordination
