#include "analyze/disparity/random.h"

#include <vector>

#include <gtest/gtest.h>

using contrechamp::disparity::Random;

TEST(Random, same_seed_and_stream_same_numbers_others_other_ones) {
    const auto first = [](std::uint64_t seed, std::uint64_t stream) { return Random(seed, stream).next(); };
    EXPECT_EQ(first(1, 2), first(1, 2));
    EXPECT_NE(first(1, 2), first(2, 1));
    EXPECT_NE(first(0, 0), first(0, 1));
    EXPECT_NE(first(0, 0), first(1, 0));
    EXPECT_NE(first(1, ~std::uint64_t{0}), first(2, ~std::uint64_t{0} - 1));
}

TEST(Random, every_number_below_a_bound_comes_as_often) {
    // Bounds that do not divide 2^32, one of them so large that taking the remainder would favour the lower
    // half.
    for (const std::uint32_t bound : {1U, 2U, 3U, 7U, 3'000'000'000U}) {
        Random random(7, bound);
        constexpr int kDraws = 60'000, kBins = 6;
        std::vector<int> bins(kBins);
        for (int i = 0; i < kDraws; ++i) {
            const auto drawn = random.below(bound);
            ASSERT_LT(drawn, bound);
            ++bins[bound <= kBins ? drawn : std::uint64_t{drawn} * kBins / bound];
        }
        const int used = bound < kBins ? static_cast<int>(bound) : kBins;
        for (int i = 0; i < used; ++i) {
            int expected = kDraws / used;
            if (bound == 7) expected = i == 0 ? kDraws * 2 / 7 : kDraws / 7;  // 0 and 1 share a bin
            EXPECT_NEAR(bins[i], expected, 5 * 110) << bound << " " << i;     // five standard deviations
        }
    }
}

TEST(Random, uniform_is_from_zero_to_below_one) {
    Random random(3);
    double sum = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double drawn = random.uniform();
        ASSERT_GE(drawn, 0);
        ASSERT_LT(drawn, 1);
        sum += drawn;
    }
    EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}
