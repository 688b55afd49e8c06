#include "analyze/coordination/near_text.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "analyze/coordination/words.h"

namespace contrechamp::coordination {
namespace {

// Odd numbers without a pattern: the fractional digits of the square roots of 2, 3, 5 …, made odd.
constexpr std::uint64_t kMix[] = {0x6a09e667f3bcc909, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                  0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                  0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

// Masks of the first so many of sixteen bytes.
constexpr auto kFirstBytes = [] {
    std::array<std::array<std::uint64_t, 2>, 17> masks{};
    for (std::size_t length = 0; length < masks.size(); ++length)
        for (std::size_t i = 0; i < length; ++i) masks[length][i / 8] |= std::uint64_t{0xff} << (8 * (i % 8));
    return masks;
}();

// Words are mostly of sixteen bytes or fewer: two loads under a mask, and one multiplication. (The idea of
// wyhash and XXH3's short inputs.)
std::uint64_t hash_word(std::string_view text, std::size_t at, std::size_t length) {
    const char* const word = text.data() + at;
    if (length > 16) {
        std::uint64_t hash = length * kMix[0];
        std::size_t done = 0;
        for (; length - done > 16; done += 16)
            hash = folded_product(load(word + done) ^ hash ^ kMix[1], load(word + done + 8) ^ kMix[2]);
        return folded_product(load(word + length - 16) ^ hash ^ kMix[3], load(word + length - 8) ^ kMix[4]);
    }
    char copy[16];
    const char* from = word;
    if (text.size() - at < 16) {
        std::memset(copy, 0, sizeof copy);
        std::memcpy(copy, word, length);
        from = copy;
    }
    const auto& mask = kFirstBytes[length];
    return folded_product((load(from) & mask[0]) ^ kMix[5], (load(from + 8) & mask[1]) ^ length ^ kMix[6]);
}

std::uint64_t hash_shingle(std::uint64_t first, std::uint64_t second) {
    static_assert(kShingle == 2);
    const auto sum = first * kMix[0] + second * kMix[1];
    return (sum ^ sum >> 32) * kMix[3];
}

constexpr std::size_t kFewHashes = 255;  // so that a byte counts them

// Up to kFewHashes hashes: spread over 128 places by their first bits, then nearly in order.
void sort_few(std::span<std::uint64_t> hashes) {
    constexpr unsigned kShift = 64 - 7;
    std::array<std::uint8_t, 128> ends{};
    std::array<std::uint64_t, kFewHashes> spread;
    for (const auto hash : hashes) ++ends[hash >> kShift];
    // Running sums of bytes, eight at a time.
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < ends.size(); i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, ends.data() + i, 8);
        eight = eight * 0x0101010101010101 + sum * 0x0101010101010101;
        std::memcpy(ends.data() + i, &eight, 8);
        sum = eight >> 56;
    }
    for (const auto hash : hashes) spread[--ends[hash >> kShift]] = hash;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const auto hash = spread[i];
        std::size_t at = i;
        for (; at > 0 && hashes[at - 1] > hash; --at) hashes[at] = hashes[at - 1];
        hashes[at] = hash;
    }
}

// Where an empty bin looks for a value: the same places for every text (Shrivastava 2017, "Optimal
// Densification for Fast and Accurate Minwise Hashing": by a 2-universal hash of bin and attempt).
constexpr std::size_t kAttempts = 64;
using Probes = std::array<std::array<std::uint8_t, kAttempts>, kMinHashes>;
constexpr Probes make_probes() {
    Probes probes{};
    std::uint64_t state = kMix[7];
    for (auto& bin : probes) {
        // A shuffle of all bins, so that a filled one is met whatever the text.
        for (std::size_t i = 0; i < kAttempts; ++i) bin[i] = static_cast<std::uint8_t>(i);
        for (std::size_t i = kAttempts - 1; i > 0; --i) {
            state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX
            std::swap(bin[i], bin[(state >> 33) % (i + 1)]);
        }
    }
    return probes;
}
constexpr Probes kProbes = make_probes();

}  // namespace

void shingles_of(std::string_view normalised, std::vector<std::uint64_t>& out) {
    out.clear();
    std::uint64_t last = 0;
    std::size_t words = 0;
    each_word(normalised, [&](std::size_t at, std::size_t length) {
        const auto hash = hash_word(normalised, at, length);
        if (++words >= kShingle) out.push_back(hash_shingle(last, hash));
        last = hash;
    });
    if (words < kFewestWords) return out.clear();
    if (out.size() <= kFewHashes) sort_few(out);
    else std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
}

namespace {

static_assert(kMinHashes == 64 && kBands * kRows <= kMinHashes);
using Bins = std::array<std::uint64_t, kMinHashes>;

// The least hash of each bin (its number is the first six bits).
struct Minima {
    Bins bins;
    std::uint64_t filled = 0;

    Minima() { bins.fill(~std::uint64_t{0}); }
    void add(std::uint64_t hash) {
        auto& least = bins[hash >> 58];
        least = std::min(least, hash);
        filled |= std::uint64_t{1} << (hash >> 58);
    }
    // Empty bins borrow from filled ones.
    void fill() {
        const auto is_filled = [&](std::uint8_t bin) { return static_cast<unsigned>(filled >> bin & 1); };
        for (auto empty = ~filled; empty != 0; empty &= empty - 1) {
            const auto bin = static_cast<std::size_t>(std::countr_zero(empty));
            const auto& probes = kProbes[bin];
            // The first four without a branch: it could not be foretold.
            const auto of_four = is_filled(probes[0]) | is_filled(probes[1]) << 1 |
                                 is_filled(probes[2]) << 2 | is_filled(probes[3]) << 3 | 1 << 4;
            auto attempt = static_cast<std::size_t>(std::countr_zero(of_four));
            while (!is_filled(probes[attempt])) ++attempt;
            bins[bin] = bins[probes[attempt]];
        }
    }
};

BandKeys keys_of(const Bins& bins) {
    BandKeys keys{};
    for (std::size_t band = 0; band < kBands; ++band) {
        const auto* rows = bins.data() + band * kRows;
        const auto key =
            folded_product(rows[0] ^ kMix[0], rows[1] ^ kMix[1]) + folded_product(rows[2] ^ kMix[2], kMix[3]);
        keys[band] = std::max(1u, static_cast<std::uint32_t>(key ^ key >> 32));
    }
    return keys;
}

}  // namespace

BandKeys band_keys(std::span<const std::uint64_t> shingles) {
    Minima minima;
    for (const auto shingle : shingles) minima.add(shingle);
    if (minima.filled == 0) return {};
    minima.fill();
    return keys_of(minima.bins);
}

namespace {

constexpr std::uint64_t kMostShingles = 0xffff;

// The last sixteen of the 256 places that eight bits name give way to the number of shingles.
class Places {
  public:
    void add(std::uint64_t hash) {
        const auto place = hash >> 24 & 0xff;
        bytes_[place / 8] = static_cast<std::uint8_t>(bytes_[place / 8] | 1u << place % 8);
    }
    std::array<std::uint64_t, 4> with_count(std::size_t shingles) const {
        std::array<std::uint64_t, 4> words;
        static_assert(sizeof words == sizeof bytes_ && std::endian::native == std::endian::little);
        std::memcpy(words.data(), bytes_.data(), sizeof words);
        words[3] = words[3] << 16 >> 16 | std::min<std::uint64_t>(shingles, kMostShingles) << 48;
        return words;
    }

  private:
    std::array<std::uint8_t, 32> bytes_{};
};

std::size_t shingles_of(const Sketch& sketch) { return sketch.places[3] >> 48; }

// Places that `a` fills and `b` does not.
std::size_t places_without(const Sketch& a, const Sketch& b) {
    int count = std::popcount((a.places[3] & ~b.places[3]) << 16);
    for (std::size_t i = 0; i < 3; ++i) count += std::popcount(a.places[i] & ~b.places[i]);
    return static_cast<std::size_t>(count);
}

}  // namespace

Signature signature(std::string_view normalised) {
    Minima minima;
    Places places;
    std::uint64_t last = 0;
    std::size_t words = 0;
    each_word(normalised, [&](std::size_t at, std::size_t length) {
        const auto hash = hash_word(normalised, at, length);
        if (++words >= kShingle) {
            const auto shingle = hash_shingle(last, hash);
            minima.add(shingle);
            places.add(shingle);
        }
        last = hash;
    });
    if (words < kFewestWords) return {};
    minima.fill();
    Signature out;
    out.keys = keys_of(minima.bins);
    // The bin's number is in the first six bits: any others do.
    for (std::size_t i = 0; i < kMinHashes; ++i)
        out.sketch.minima[i / 16] |= (minima.bins[i] >> 20 & 15) << i % 16 * 4;
    out.sketch.places = places.with_count(words - kShingle + 1);
    return out;
}

std::size_t minima_in_common(const Sketch& a, const Sketch& b) {
    // A one in each group of four bits that differ; then sums of groups, of bytes and of halves.
    const auto different = [&](std::size_t half) {
        const auto* x = reinterpret_cast<const __m128i*>(a.minima.data()) + half;
        const auto* y = reinterpret_cast<const __m128i*>(b.minima.data()) + half;
        __m128i bits = _mm_xor_si128(_mm_loadu_si128(x), _mm_loadu_si128(y));
        bits = _mm_or_si128(bits, _mm_srli_epi64(bits, 1));
        bits = _mm_or_si128(bits, _mm_srli_epi64(bits, 2));
        return _mm_and_si128(bits, _mm_set1_epi8(0x11));
    };
    const __m128i fours = _mm_add_epi8(different(0), different(1));
    const __m128i low = _mm_set1_epi8(0x0f);
    const __m128i bytes =
        _mm_add_epi8(_mm_and_si128(fours, low), _mm_and_si128(_mm_srli_epi64(fours, 4), low));
    const __m128i halves = _mm_sad_epu8(bytes, _mm_setzero_si128());
    return kMinHashes - static_cast<std::size_t>(_mm_cvtsi128_si32(halves) + _mm_extract_epi16(halves, 4));
}

bool may_be_near(const Sketch& a, const Sketch& b) {
    const auto of_a = shingles_of(a), of_b = shingles_of(b);
    if (of_a == kMostShingles || of_b == kMostShingles) return true;
    // |A∩B| is at most `both`, and |A∪B| - |A∩B| at least `apart`.
    const auto only_a = places_without(a, b), only_b = places_without(b, a);
    const auto both = std::min(of_a - only_a, of_b - only_b), apart = only_a + only_b;
    static_assert(kNearThreshold == 0.4);
    return 5 * both >= 2 * (both + apart);
}

double jaccard(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
    if (a.empty() || b.empty()) return 0;
    std::size_t i = 0, j = 0, both = 0;
    while (i < a.size() && j < b.size()) {
        const auto x = a[i], y = b[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    return static_cast<double>(both) / static_cast<double>(a.size() + b.size() - both);
}

bool near(std::string_view normalised_a, std::string_view normalised_b) {
    static thread_local std::vector<std::uint64_t> a, b;
    shingles_of(normalised_a, a);
    if (a.empty()) return false;
    if (normalised_a == normalised_b) return true;
    shingles_of(normalised_b, b);
    return jaccard(a, b) >= kNearThreshold;
}

}  // namespace contrechamp::coordination
