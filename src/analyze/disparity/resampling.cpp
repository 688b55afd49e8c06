#include "analyze/disparity/resampling.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

#include "analyze/disparity/random.h"

namespace contrechamp::disparity {
namespace {

// Draws of one stream of random numbers. Blocks are shared by threads, and put together in any order.
constexpr std::size_t kBlock = 128;
// Streams of the two procedures never meet.
constexpr std::uint64_t kShuffles = 0, kReplicates = std::uint64_t{1} << 32;

void in_blocks(std::size_t count, unsigned threads,
               const std::function<void(std::size_t block, std::size_t begin, std::size_t end)>& work) {
    const std::size_t blocks = (count + kBlock - 1) / kBlock;
    std::atomic<std::size_t> next{0};
    const auto loop = [&] {
        for (std::size_t i; (i = next++) < blocks;) work(i, i * kBlock, std::min(count, (i + 1) * kBlock));
    };
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < std::min<std::size_t>(threads, blocks); ++t) others.emplace_back(loop);
    loop();
}

// What the studentised statistic needs to know of some people. x is less the rate of all, so that the spread
// is not the difference of two large numbers.
struct Sums {
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    Sums& operator+=(const Sums& other) {
        x += other.x;
        y += other.y;
        xx += other.xx;
        xy += other.xy;
        yy += other.yy;
        return *this;
    }
    Sums operator-(const Sums& other) const {
        return {x - other.x, y - other.y, xx - other.xx, xy - other.xy, yy - other.yy};
    }
};

// The plain linearised variance: Σ(x - Ry)² · m/(m - 1) / (Σy)².
double variance(const Sums& sums, double people) {
    // What rounding leaves of 0 is 0: a tie must stay one.
    constexpr double kRounding = 1e-12;
    const double rate = sums.x / sums.y, size = sums.xx + rate * rate * sums.yy,
                 squares = size - 2 * rate * sums.xy;
    return squares > kRounding * size ? squares * people / (people - 1) / (sums.y * sums.y) : 0;
}

class Shuffling {
  public:
    Shuffling(std::span<const Person> a, std::span<const Person> b) : smaller_(std::min(a.size(), b.size())) {
        // The smaller group comes first: only its people are summed.
        const auto first = a.size() <= b.size() ? a : b, second = a.size() <= b.size() ? b : a;
        double x = 0, y = 0;
        for (const auto& people : {first, second})
            for (const auto& person : people) {
                x += person.numerator;
                y += person.denominator;
            }
        people_.reserve(a.size() + b.size());
        for (const auto& people : {first, second})
            for (const auto& [numerator, denominator] : people)
                add({numerator - x / y * denominator, denominator, 0, 0, 0});
        std::vector<std::uint32_t> order(people_.size());
        std::iota(order.begin(), order.end(), 0U);
        // A tie is a tie although sums were made in another order.
        seen_ = squared_t(order) * (1 - 1e-9);
    }

    // Whether those first in `order` differ from the rest as much as the groups do.
    bool as_far(std::span<const std::uint32_t> order) const { return squared_t(order) >= seen_; }

    std::size_t people() const { return people_.size(); }
    std::size_t smaller() const { return smaller_; }

  private:
    void add(Sums one) {
        one.xx = one.x * one.x;
        one.xy = one.x * one.y;
        one.yy = one.y * one.y;
        people_.push_back(one);
        all_ += one;
    }
    double squared_t(std::span<const std::uint32_t> order) const {
        Sums part;
        for (std::size_t i = 0; i < smaller_; ++i) part += people_[order[i]];
        const Sums rest = all_ - part;
        const double difference = part.x / part.y - rest.x / rest.y,
                     spread =
                         variance(part, double(smaller_)) + variance(rest, double(people_.size() - smaller_)),
                     square = difference * difference;
        // Groups without spread: as far apart as can be, unless they are the same (but for rounding).
        if (spread > 0) return square / spread;
        const double size = std::sqrt(all_.xx / all_.yy);
        return std::abs(difference) > 1e-9 * size ? kInfinity : 0;
    }

    std::vector<Sums> people_;
    Sums all_;
    std::size_t smaller_;
    double seen_ = 0;
};

// C(n, k), or more than `most`.
std::uint64_t assignments(std::size_t n, std::size_t k, std::uint64_t most) {
    std::uint64_t count = 1;
    for (std::size_t i = 1; i <= k; ++i) {
        count = count * (n - k + i) / i;
        if (count > most) return most + 1;
    }
    return count;
}

// The next k of n in lexicographic order; false after the last.
bool advance(std::vector<std::uint32_t>& chosen, std::size_t n) {
    for (std::size_t i = chosen.size(); i-- > 0;) {
        if (chosen[i] == n - chosen.size() + i) continue;
        ++chosen[i];
        for (std::size_t j = i + 1; j < chosen.size(); ++j) chosen[j] = chosen[j - 1] + 1;
        return true;
    }
    return false;
}

Shuffled look_at_all(const Shuffling& shuffling) {
    Shuffled out{0, 0, true};
    std::vector<std::uint32_t> chosen(shuffling.smaller());
    std::iota(chosen.begin(), chosen.end(), 0U);
    std::uint64_t far = 0;
    do {
        ++out.assignments;
        far += shuffling.as_far(chosen);
    } while (advance(chosen, shuffling.people()));
    out.p = double(far) / double(out.assignments);
    return out;
}

Shuffled draw(const Shuffling& shuffling, const ContrastSettings& settings) {
    std::atomic<std::uint64_t> far{0};
    in_blocks(settings.permutations, settings.threads,
              [&](std::size_t block, std::size_t begin, std::size_t end) {
                  Random random(settings.seed, kShuffles + block);
                  const auto n = static_cast<std::uint32_t>(shuffling.people());
                  std::vector<std::uint32_t> order(n);
                  std::iota(order.begin(), order.end(), 0U);
                  std::uint64_t here = 0;
                  for (std::size_t i = begin; i < end; ++i) {
                      for (std::uint32_t j = 0; j < shuffling.smaller(); ++j)
                          std::swap(order[j], order[j + random.below(n - j)]);
                      here += shuffling.as_far(order);
                  }
                  far += here;
              });
    return {double(far + 1) / double(settings.permutations + std::uint64_t{1}), settings.permutations, false};
}

// Sums over as many people as there are, drawn with replacement.
Person again(std::span<const Person> people, Random& random) {
    Person sum;
    const auto count = static_cast<std::uint32_t>(people.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto& drawn = people[random.below(count)];
        sum.numerator += drawn.numerator;
        sum.denominator += drawn.denominator;
    }
    return sum;
}

// Type 7 of Hyndman and Fan 1996. Sorts.
double percentile(std::vector<double>& values, double part) {
    std::sort(values.begin(), values.end());
    const double at = part * double(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double low = values[below], high = values[std::min(below + 1, values.size() - 1)];
    return low == high ? low : low + (at - double(below)) * (high - low);
}

}  // namespace

Shuffled permutation_test(std::span<const Person> a, std::span<const Person> b,
                          const ContrastSettings& settings) {
    const Shuffling shuffling(a, b);
    return assignments(shuffling.people(), shuffling.smaller(), kMostAssignments) <= kMostAssignments
               ? look_at_all(shuffling)
               : draw(shuffling, settings);
}

Bootstrap bootstrap(std::span<const Person> a, std::span<const Person> b, const ContrastSettings& settings) {
    std::vector<double> differences(settings.replicates), low_ratios(settings.replicates),
        high_ratios(settings.replicates);
    in_blocks(settings.replicates, settings.threads,
              [&](std::size_t block, std::size_t begin, std::size_t end) {
                  Random random(settings.seed, kReplicates + block);
                  for (std::size_t i = begin; i < end; ++i) {
                      const Person one = again(a, random), other = again(b, random);
                      const double rate = one.numerator / one.denominator,
                                   against = other.numerator / other.denominator;
                      const bool unknown = rate == 0 && against == 0;
                      differences[i] = rate - against;
                      low_ratios[i] = unknown ? 0 : rate / against;
                      high_ratios[i] = unknown ? kInfinity : rate / against;
                  }
              });
    const double tail = (1 - settings.level) / 2;
    return {{percentile(differences, tail), percentile(differences, 1 - tail)},
            {percentile(low_ratios, tail), percentile(high_ratios, 1 - tail)},
            settings.replicates};
}

}  // namespace contrechamp::disparity
