#include "analyze/coordination/template_chance.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace contrechamp::coordination {

namespace {

constexpr std::size_t kMostWords = 64;

// Longest common subsequence of the words with a text, in bits: Hyyrö 2004, "Bit-parallel LCS-length
// computation revisited".
class InOrder {
  public:
    explicit InOrder(std::span<const std::uint32_t> words) : count_(words.size()) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto at = std::lower_bound(masks_.begin(), masks_.end(), Mask{words[i], 0}, before);
            if (at == masks_.end() || at->id != words[i]) at = masks_.insert(at, Mask{words[i], 0});
            at->places |= 1ULL << i;
            maybe_ |= 1ULL << (words[i] % 64);
        }
    }

    std::size_t longest(std::span<const Token> text) const {
        std::uint64_t row = ~0ULL;
        for (const Token& token : text) {
            if (!(maybe_ >> (token.id % 64) & 1)) continue;
            auto at = std::lower_bound(masks_.begin(), masks_.end(), Mask{token.id, 0}, before);
            if (at == masks_.end() || at->id != token.id) continue;
            std::uint64_t hit = row & at->places;
            row = (row + hit) | (row - hit);
        }
        std::uint64_t used = count_ >= 64 ? ~0ULL : (1ULL << count_) - 1;
        return static_cast<std::size_t>(std::popcount(~row & used));
    }

  private:
    struct Mask {
        std::uint32_t id = 0;
        std::uint64_t places = 0;
    };
    static bool before(const Mask& a, const Mask& b) { return a.id < b.id; }
    std::size_t count_;
    std::uint64_t maybe_ = 0;  // most tokens are none of the words
    std::vector<Mask> masks_;
};

double log10_choose(double n, double k) {
    if (k < 0 || k > n) return 0;
    return (std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)) / std::log(10.0);
}

// log10 of x (x-1) … (x-j+1), x real and at least j.
double log10_falling(double x, double j) {
    return (std::lgamma(x + 1) - std::lgamma(x - j + 1)) / std::log(10.0);
}

double clause_count(const Corpus& basis, const std::vector<std::uint32_t>& clause, std::size_t most_read) {
    if (clause.size() > 1) return holding_in_order(basis, clause, 0, most_read).estimate();
    return clause[0] < basis.posting_weight.size() ? static_cast<double>(basis.posting_weight[clause[0]]) : 0;
}

// f of the header's formula.
double outside_share(const ChanceQuestion& question, const Corpus& basis, bool apart, std::size_t most_read) {
    std::vector<std::uint32_t> words;
    for (const auto& clause : question.clauses) words.insert(words.end(), clause.begin(), clause.end());
    double holders = holding_in_order(basis, words, 0, most_read).estimate(),
           all = static_cast<double>(basis.texts);
    auto members = static_cast<double>(apart ? 0 : question.members);
    return all > members ? std::max(0.0, holders - members) / (all - members) : 0;
}

}  // namespace

Holders holding_in_order(const Corpus& corpus, std::span<const std::uint32_t> words, std::size_t may_miss,
                         std::size_t most) {
    Holders found;
    words = words.first(std::min(words.size(), kMostWords));
    if (words.size() <= may_miss) return found;
    // Who misses at most so many words holds one of any may_miss + 1 of them: the rarest are read.
    std::vector<std::uint32_t> rare(words.begin(), words.end());
    std::sort(rare.begin(), rare.end(), [&](std::uint32_t a, std::uint32_t b) {
        std::size_t of_a = corpus.holding(a).size(), of_b = corpus.holding(b).size();
        return of_a != of_b ? of_a < of_b : a < b;
    });
    std::vector<std::uint32_t> some;
    for (std::size_t i = 0; i <= may_miss; ++i) {
        auto list = corpus.holding(rare[i]);
        some.insert(some.end(), list.begin(), list.end());
    }
    if (may_miss > 0) {
        std::sort(some.begin(), some.end());
        some.erase(std::unique(some.begin(), some.end()), some.end());
    }
    std::size_t step = some.size() > most ? (some.size() + most - 1) / most : 1;
    found.scale = static_cast<double>(step);
    InOrder in_order(words);
    for (std::size_t i = 0; i < some.size(); i += step)
        if (in_order.longest(corpus.of(some[i])) + may_miss >= words.size()) {
            found.texts.push_back(some[i]);
            found.weight += corpus.weight[some[i]];
        }
    return found;
}

double log10_chance(const ChanceQuestion& question, const Corpus& corpus, const Corpus* comparison,
                    std::size_t most_read) {
    const Corpus& basis = comparison ? *comparison : corpus;
    auto n = static_cast<double>(corpus.texts), m = static_cast<double>(question.members);
    if (m < 2 || n < m || question.clauses.empty() || basis.texts == 0) return 0;
    if (!comparison && question.clauses.size() < 2) return 0;  // explained by itself
    std::vector<double> counts;
    std::size_t k = 0;
    for (const auto& clause : question.clauses) {
        counts.push_back(clause_count(basis, clause, most_read));
        k += clause.size();
    }
    std::sort(counts.begin(), counts.end());
    double others = m - 1, ways = log10_choose(n - 1, others), chance = ways;
    for (std::size_t u = 0; u < counts.size(); ++u) {
        double slack = u == 0 ? 1 : 2;
        if (comparison) {
            double share = (counts[u] + 1) / (static_cast<double>(basis.texts) + 1);
            chance += others * std::log10(std::min(1.0, slack * share));
        } else {
            double holders = std::clamp(slack * (std::max(counts[u], m) - 1), others, n - 1);
            chance += log10_falling(holders, others) - log10_falling(n - 1, others);
        }
    }
    double outside = outside_share(question, basis, comparison != nullptr, most_read);
    if (outside > 0) chance = std::max(chance, ways + others * std::log10(std::min(1.0, outside)));
    auto t = static_cast<double>(std::max(question.seed_words, k));
    chance = std::min(0.0, chance) + std::log10(n) + std::log10(t) + log10_choose(t, static_cast<double>(k));
    return std::min(0.0, chance);
}

}  // namespace contrechamp::coordination
