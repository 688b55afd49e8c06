// The definitions of two other tools, reproduced exactly so that their results can be compared and continued.
//
// CooRTweet 2.1.3 (R; https://github.com/nicolarighetti/CooRTweet): accounts with at least
// `min_participation` rows; every pair of rows of one object at most `window` seconds apart, without loops
// (one account, one content, or an object that is its own content); of these, pairs of which at least one
// content belongs to an account that has at least `min_participation` rows among all contents that are left.
// The edge of a pair of accounts counts its pairs of rows (weight), averages their time difference, and
// counts the different older contents (n_content_id) and newer ones (n_content_id_y), whoever posted them;
// weight_threshold says that the weight is above the quantile `edge_weight` of all weights (R's type 7).
//
// coordination-network-toolkit (Python and SQLite;
// https://github.com/QUT-Digital-Observatory/coordination-network-toolkit): of messages with the same id the
// first counts; directed edges, loops kept; weight is how many different messages of user_1 have one of
// user_2 (the message itself too) with the same text / link / reply / repost at most `window` seconds away.
// Texts are lower-cased, lose what follows an @ up to white space, and have white space runs made one space;
// reposts take part in co_retweet only. A later message of an id already seen is no message, but its links
// are still the id's, at the later message's time and user. co_similar_tweet: messages whose sets of tokens
// have a Jaccard similarity of at least the threshold; tokens are the text, lower-cased and without mentions,
// cut at Unicode's word boundaries (UAX #29), each without the apostrophe it begins with; what
// is only white space is none. Where the tool stops at two messages without tokens (it divides by zero), such
// messages are similar to none. Times are whole seconds here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analyze/coordination/corpus.h"

namespace contrechamp::coordination {

struct CooRTweetEdge {
    std::string from, to;  // from < to, byte by byte
    std::uint64_t weight = 0;
    double avg_time_delta = 0;
    std::uint64_t n_content_id = 0, n_content_id_y = 0;
    double edge_symmetry_score = 0;
    bool weight_threshold = false;
};
struct CooRTweetSettings {
    std::uint32_t window = 10;
    std::uint32_t min_participation = 2;
    double edge_weight = 0.5;
};
// Needs the fields object, account, id and time. Edges by (from, to).
Result<std::vector<CooRTweetEdge>> coortweet_edges(std::span<const Input> inputs,
                                                   const CooRTweetSettings& settings);

struct ToolkitEdge {
    std::string network;  // co_tweet, co_link, co_reply, co_retweet, co_similar_tweet
    std::string user_1, user_2;
    std::uint64_t weight = 0;
};
struct ToolkitSettings {
    std::uint32_t window = 60;
    std::uint64_t min_edge_weight = 1;
    double similarity = 0.9;  // above 0, at most 1
};

// The tokens of co_similar_tweet, distinct and sorted by bytes.
std::vector<std::string> toolkit_tokens(std::string_view text);

// Edges by network, then user_1, user_2.
Result<std::vector<ToolkitEdge>> toolkit_edges(std::span<const Input> inputs,
                                               const ToolkitSettings& settings);

}  // namespace contrechamp::coordination
