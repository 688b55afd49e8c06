#include "analyze/coordination/template_candidates.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/parallel.h"

namespace contrechamp::coordination {

namespace {

constexpr std::size_t kReach = 4;          // tokens from the first of a pair to the second, at most
constexpr std::size_t kGramsAsked = 48;    // the rarest of a text
constexpr std::size_t kAskedPerGram = 24;  // texts around it in the list of each
constexpr std::size_t kNeighbours = 16;    // the nearest of them
constexpr std::size_t kShardGrams = 16'000'000;
constexpr std::size_t kPiece = 1024;

struct Gram {
    std::uint64_t hash = 0;
    std::uint32_t text = 0;
};

template <typename Visit>
void grams_of(std::span<const Token> text, const Visit& visit) {
    std::array<std::uint32_t, kMostTokens> heavy;
    std::array<bool, kMostTokens> named;
    std::size_t count = 0;
    for (const Token& token : text)
        if (token.telling()) {
            named[count] = !token.masked();
            heavy[count++] = token.id;
        }
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < std::min(count, i + 1 + kReach); ++j) {
            if (!named[i] && !named[j]) continue;
            std::array<std::uint32_t, 2> pair = {heavy[i], heavy[j]};
            visit(XXH3_64bits(pair.data(), sizeof pair));
        }
}

// What one text knows of one of its skip-grams: where in a list of texts it stands.
struct Place {
    std::uint32_t list = 0, at = 0;
};

// Lists of texts by skip-gram, of those that at least two texts share and not too many.
struct Lists {
    std::vector<std::uint64_t> first = {0};
    std::vector<std::uint32_t> texts;
    std::vector<std::uint64_t> place_first;  // of each text
    std::vector<Place> places;               // of each text: its lists
    std::uint64_t crowded = 0;
    std::size_t size_of(std::uint32_t list) const { return first[list + 1] - first[list]; }
};

// A shard is a share of the hashes: bounded memory however many texts.
void add_shard(const Corpus& corpus, std::size_t shard, std::size_t shards, std::size_t cap,
               std::size_t fewest_members, Lists& lists, unsigned threads) {
    std::size_t pieces = (corpus.size() + kPiece - 1) / kPiece;
    std::vector<std::vector<Gram>> found(pieces);
    in_pieces(corpus.size(), kPiece, threads, [&](std::size_t begin, std::size_t end, std::size_t piece) {
        for (std::size_t text = begin; text < end; ++text)
            grams_of(corpus.of(static_cast<std::uint32_t>(text)), [&](std::uint64_t hash) {
                if ((hash >> 32) % shards == shard)
                    found[piece].push_back({hash, static_cast<std::uint32_t>(text)});
            });
    });
    // Spread over buckets by the high bits, then each bucket is sorted by itself.
    constexpr std::size_t kBuckets = 1024;
    std::vector<std::size_t> at(kBuckets + 1);
    for (const auto& piece : found)
        for (const Gram& gram : piece) ++at[(gram.hash >> 54) + 1];
    std::partial_sum(at.begin(), at.end(), at.begin());
    std::vector<Gram> grams(at.back());
    std::vector<std::size_t> next(at.begin(), at.end() - 1);
    for (auto& piece : found) {
        for (const Gram& gram : piece) grams[next[gram.hash >> 54]++] = gram;
        std::vector<Gram>().swap(piece);
    }
    in_pieces(kBuckets, 8, threads, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t b = begin; b < end; ++b)
            std::sort(grams.begin() + static_cast<std::ptrdiff_t>(at[b]),
                      grams.begin() + static_cast<std::ptrdiff_t>(at[b + 1]),
                      [](const Gram& a, const Gram& c) {
                          return a.hash != c.hash ? a.hash < c.hash : a.text < c.text;
                      });
    });
    for (std::size_t i = 0, end = 0; i < grams.size(); i = end) {
        std::size_t from = lists.texts.size();
        for (end = i; end < grams.size() && grams[end].hash == grams[i].hash; ++end)
            if (end == i || grams[end].text != grams[end - 1].text) lists.texts.push_back(grams[end].text);
        std::size_t size = lists.texts.size() - from;
        lists.crowded += size > cap;
        std::uint64_t weight = 0;
        for (std::size_t at_text = from; at_text < lists.texts.size(); ++at_text)
            weight += corpus.weight[lists.texts[at_text]];
        if (size < 2 || size > cap || weight < fewest_members) lists.texts.resize(from);
        else lists.first.push_back(lists.texts.size());
    }
}

Lists make_lists(const Corpus& corpus, std::size_t fewest_members, unsigned threads) {
    std::size_t total = corpus.tokens.size() * kReach;  // at most
    std::size_t shards = 1 + total / kShardGrams;
    // Half of a small export may share a template; of a large one what a twentieth writes is a custom.
    std::size_t cap = std::max<std::size_t>(1024, corpus.size() / 20);
    Lists lists;
    for (std::size_t shard = 0; shard < shards; ++shard)
        add_shard(corpus, shard, shards, cap, fewest_members, lists, threads);
    lists.place_first.assign(corpus.size() + 1, 0);
    for (std::uint32_t text : lists.texts) ++lists.place_first[text + 1];
    std::partial_sum(lists.place_first.begin(), lists.place_first.end(), lists.place_first.begin());
    lists.places.resize(lists.texts.size());
    std::vector<std::uint64_t> next(lists.place_first.begin(), lists.place_first.end() - 1);
    for (std::uint32_t list = 0; list + 1 < lists.first.size(); ++list)
        for (std::uint64_t i = lists.first[list]; i < lists.first[list + 1]; ++i)
            lists.places[next[lists.texts[i]]++] = {list, static_cast<std::uint32_t>(i - lists.first[list])};
    return lists;
}

// One thread's way from texts to candidates.
class Asker {
  public:
    Asker(const Corpus& corpus, const Vocabulary& vocabulary, const std::vector<float>& bits,
          const Lists& lists, std::size_t fewest_members, std::size_t fewest_words)
        : corpus_(corpus),
          vocabulary_(vocabulary),
          bits_(bits),
          lists_(lists),
          fewest_members_(fewest_members),
          fewest_words_(fewest_words) {}

    void ask(std::uint32_t seed, std::vector<Candidate>& out) {
        rank_neighbours(seed);
        auto text = corpus_.of(seed);
        held_.assign(text.size(), 0);
        Candidate best;
        std::uint64_t weight = corpus_.weight[seed];
        consider(seed, weight, 0, best);
        for (std::size_t i = 0; i < near_.size(); ++i) {
            match(text, corpus_.of(near_[i].second));
            weight += corpus_.weight[near_[i].second];
            std::size_t asked = i + 1;
            bool look = asked == 1 || asked == 2 || asked == 4 || asked == 8 || asked == near_.size();
            if (look) consider(seed, weight, asked, best);
        }
        if (best.promise > 0) out.push_back(std::move(best));
    }

  private:
    void rank_neighbours(std::uint32_t seed) {
        grams_.assign(lists_.places.begin() + static_cast<std::ptrdiff_t>(lists_.place_first[seed]),
                      lists_.places.begin() + static_cast<std::ptrdiff_t>(lists_.place_first[seed + 1]));
        if (grams_.size() > kGramsAsked) {
            std::nth_element(grams_.begin(), grams_.begin() + kGramsAsked, grams_.end(),
                             [&](const Place& a, const Place& b) {
                                 std::size_t of_a = lists_.size_of(a.list), of_b = lists_.size_of(b.list);
                                 return of_a != of_b ? of_a < of_b : a.list < b.list;
                             });
            grams_.resize(kGramsAsked);
        }
        asked_.clear();
        for (const Place& place : grams_) {
            std::size_t size = lists_.size_of(place.list), half = kAskedPerGram / 2;
            std::size_t from = place.at > half ? place.at - half : 0;
            from = std::min(from, size > kAskedPerGram ? size - kAskedPerGram - 1 : 0);
            std::size_t to = std::min(size, from + kAskedPerGram + 1);
            auto worth = static_cast<float>(
                std::log(static_cast<double>(corpus_.size() + 1) / static_cast<double>(size)));
            for (std::size_t i = from; i < to; ++i) {
                std::uint32_t other = lists_.texts[lists_.first[place.list] + i];
                if (other != seed) asked_.push_back({other, worth});
            }
        }
        // Sums of worth per neighbour. Stable: additions in one order whatever the machine.
        std::stable_sort(asked_.begin(), asked_.end(), [](auto& a, auto& b) { return a.first < b.first; });
        near_.clear();
        for (std::size_t i = 0, end = 0; i < asked_.size(); i = end) {
            float sum = 0;
            for (end = i; end < asked_.size() && asked_[end].first == asked_[i].first; ++end)
                sum += asked_[end].second;
            if (end - i >= 2) near_.push_back({sum, asked_[i].first});
        }
        std::size_t keep = std::min(near_.size(), kNeighbours);
        std::partial_sort(
            near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(keep), near_.end(),
            [](auto& a, auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
        near_.resize(keep);
    }

    // Longest common subsequence of telling tokens, weighted by their bits; marks what the other holds.
    void match(std::span<const Token> mine, std::span<const Token> other) {
        std::size_t columns = other.size() + 1;
        table_.assign((mine.size() + 1) * columns, 0);
        for (std::size_t i = mine.size(); i-- > 0;)
            for (std::size_t j = other.size(); j-- > 0;) {
                float best = std::max(table_[(i + 1) * columns + j], table_[i * columns + j + 1]);
                if (mine[i].telling() && mine[i].id == other[j].id)
                    best = std::max(best, table_[(i + 1) * columns + j + 1] + bits_[mine[i].id]);
                table_[i * columns + j] = best;
            }
        for (std::size_t i = 0, j = 0; i < mine.size() && j < other.size();) {
            float here = table_[i * columns + j];
            if (here == table_[(i + 1) * columns + j]) ++i;
            else if (here == table_[i * columns + j + 1]) ++j;
            else ++held_[i++], ++j;
        }
    }

    // Words that three quarters of the asked ones hold.
    void consider(std::uint32_t seed, std::uint64_t weight, std::size_t asked, Candidate& best) const {
        if (weight < fewest_members_) return;
        auto text = corpus_.of(seed);
        Candidate some{seed, {}, 0, 0};
        std::size_t words = 0;
        double saved = 0;
        for (std::uint32_t i = 0; i < text.size(); ++i) {
            if (!text[i].telling() || held_[i] * 4 < asked * 3) continue;
            some.places.push_back(i);
            words += text[i].content();
            saved += bits_[text[i].id];
            std::uint64_t key = vocabulary_.key(text[i].id);
            some.key = XXH3_64bits_withSeed(&key, sizeof key, some.key);
        }
        some.promise = saved * static_cast<double>(asked + 1);
        if (words >= fewest_words_ && some.promise > best.promise) best = std::move(some);
    }

    const Corpus& corpus_;
    const Vocabulary& vocabulary_;
    const std::vector<float>& bits_;
    const Lists& lists_;
    std::size_t fewest_members_, fewest_words_;
    std::vector<Place> grams_;
    std::vector<std::pair<std::uint32_t, float>> asked_;
    std::vector<std::pair<float, std::uint32_t>> near_;
    std::vector<std::uint32_t> held_;
    std::vector<float> table_;
};

}  // namespace

Candidates find_candidates(const Corpus& corpus, const Vocabulary& vocabulary, const std::vector<float>& bits,
                           std::size_t fewest_members, std::size_t fewest_words, unsigned threads) {
    Lists lists = make_lists(corpus, fewest_members, threads);
    std::vector<std::vector<Candidate>> found((corpus.size() + kPiece - 1) / kPiece);
    in_pieces(corpus.size(), kPiece, threads, [&](std::size_t begin, std::size_t end, std::size_t piece) {
        Asker asker(corpus, vocabulary, bits, lists, fewest_members, fewest_words);
        for (std::size_t text = begin; text < end; ++text)
            asker.ask(static_cast<std::uint32_t>(text), found[piece]);
    });
    Candidates result;
    result.crowded = lists.crowded;
    std::unordered_map<std::uint64_t, std::size_t> known;
    for (auto& piece : found)
        for (Candidate& candidate : piece) {
            auto [at, fresh] = known.try_emplace(candidate.key, result.found.size());
            if (fresh) result.found.push_back(std::move(candidate));
            else
                result.found[at->second].promise =
                    std::max(result.found[at->second].promise, candidate.promise);
        }
    std::sort(result.found.begin(), result.found.end(), [](const Candidate& a, const Candidate& b) {
        return a.promise != b.promise ? a.promise > b.promise : a.key < b.key;
    });
    return result;
}

}  // namespace contrechamp::coordination
