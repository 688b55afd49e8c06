// Words for made-up texts: two languages with Zipf's frequencies, where each word has words that like to
// follow it, so that short runs of words repeat among people who have nothing to do with each other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/random.h"

namespace contrechamp::simulator {

class Language {
  public:
    // `common`: the most frequent words, first the first; the rest is made of syllables.
    Language(std::span<const std::string_view> common, std::span<const std::string_view> syllables,
             std::uint64_t seed);

    std::uint32_t size() const { return static_cast<std::uint32_t>(words_.size()); }
    std::string_view word(std::uint32_t rank) const { return words_[rank]; }
    std::uint32_t any(Random& random) const { return table_[random.next() >> 48]; }
    // A word after `rank`: half of the time one of its twelve usual followers.
    std::uint32_t after(std::uint32_t rank, Random& random) const;
    // Another word that may stand for this one.
    std::uint32_t instead_of(std::uint32_t rank, std::uint32_t which) const;
    // Words of a text of about `bytes` bytes.
    void sentence(Random& random, std::size_t bytes, std::vector<std::uint32_t>& ranks) const;
    // With a capital, and a full stop or comma here and there; the same words give the same text.
    void write(std::span<const std::uint32_t> ranks, std::string& out) const;
    std::string text(Random& random, std::size_t bytes) const;

  private:
    std::vector<std::string> words_;
    std::vector<std::uint32_t> table_;  // 65536 draws by frequency
};

const Language& english();
const Language& french();

}  // namespace contrechamp::simulator
