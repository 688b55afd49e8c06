// Random numbers that are the same everywhere: SplitMix64 and xoshiro256** (Blackman, Vigna 2018), and the
// distributions the simulator draws from. The standard library's distributions differ between
// implementations.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace contrechamp::simulator {

// One step of SplitMix64, as a hash of a number.
inline std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return mix(mix(a) ^ b); }

class Random {
  public:
    explicit Random(std::uint64_t seed) {
        for (std::uint64_t& word : state_) word = seed = mix(seed);
    }

    std::uint64_t next() {
        const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    // 0 <= x < 1.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    bool chance(double p) { return uniform() < p; }
    // 0 <= x < n (Lemire's multiplication; the bias is below 2^-32 for what is drawn here).
    std::uint32_t below(std::uint64_t n) { return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32); }
    double exponential(double mean) { return -mean * std::log1p(-uniform()); }
    double normal() {
        return std::sqrt(-2 * std::log1p(-uniform())) * std::cos(6.283185307179586 * uniform());
    }
    double lognormal(double median, double sigma) { return median * std::exp(sigma * normal()); }
    // Omori's kernel, as reposts follow a post: density falls as (1 + t/c)^-(1 + theta).
    double omori(double c, double theta) { return c * (std::pow(1 - uniform(), -1 / theta) - 1); }
    // A rank 0 <= r < n with about Zipf's frequencies, exponent s != 1 (inverse of the continuous power law).
    std::uint32_t zipf(double n, double s) {
        const double e = 1 - s;
        const double x = std::pow(1 + uniform() * (std::pow(n + 1, e) - 1), 1 / e) - 1;
        return static_cast<std::uint32_t>(x < n ? x : n - 1);
    }

  private:
    static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace contrechamp::simulator
