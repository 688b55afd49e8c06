// Numbers that look drawn and are the same every time: xoshiro256** 1.0 (Blackman and Vigna 2018, public
// domain), its 256 bits of state filled by SplitMix64 (Steele, Lea and Flood 2014) from a seed and a stream.
//
// Work that is shared by threads takes one stream a block of work, never one a thread: the answer then does
// not depend on how many threads there are.
#pragma once

#include <bit>
#include <cstdint>

namespace contrechamp::disparity {

class Random {
  public:
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0) {
        // Both go through the mixer before they meet, so that neighbouring seeds and streams share nothing.
        std::uint64_t state = mixed(seed) + mixed(~stream);
        for (auto& word : state_) word = mixed(state += kGolden);
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9, shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // Uniform over 0 … bound - 1, without bias (Lemire 2019, "Fast random integer generation in an interval",
    // algorithm 5, on the upper 32 bits of a draw). bound > 0.
    std::uint32_t below(std::uint32_t bound) {
        std::uint64_t wide = (next() >> 32) * bound;
        if (static_cast<std::uint32_t>(wide) < bound) {
            const std::uint32_t threshold = (0U - bound) % bound;
            while (static_cast<std::uint32_t>(wide) < threshold) wide = (next() >> 32) * bound;
        }
        return static_cast<std::uint32_t>(wide >> 32);
    }

    // Uniform over [0, 1): 53 bits.
    double uniform() { return double(next() >> 11) * 0x1p-53; }

  private:
    static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    static std::uint64_t mixed(std::uint64_t z) {
        z += kGolden;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_[4];
};

}  // namespace contrechamp::disparity
