// From shares (who posted which object when) to edges (which two accounts shared the same objects within a
// window).
//
// Rows are partitioned by object; within an object a window slides over time, so that the work is linear in
// the rows and in the pairs within the window, never in the square of an object's popularity. Where one
// object is posted by a crowd at once, each post is paired with the posts nearest after it only; how many
// pairs that leaves out is counted.
//
// Two passes keep memory small: the first only counts which pairs of accounts share enough objects, the
// second collects everything about those.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "analyze/coordination/layers.h"
#include "analyze/coordination/spool.h"
#include "base/parallel.h"

namespace contrechamp::coordination {

// Seconds since 1970: until 2106.
using Seconds = std::uint32_t;

// Which input (top byte) and which byte of it a row begins at.
using Place = std::uint64_t;
constexpr unsigned kPlaceBits = 56;

struct Share {
    std::uint64_t object = 0;   // hash of the object's canonical form
    Place place = 0;            // of the row
    std::uint32_t account = 0;  // number in Accounts
    Seconds time = 0;
};

// One pair of posts: account a's and account b's of the same object (a < b).
struct Meeting {
    std::uint64_t object = 0;
    Place place_a = 0, place_b = 0;
    Seconds time_a = 0;
    std::int32_t delta = 0;      // b's time less a's, seconds
    std::uint32_t accounts = 0;  // that shared the object at all
    std::uint32_t unused = 0;
};

struct Edge {
    std::uint32_t a = 0, b = 0;  // a < b
    Layer layer = Layer::same_text;
    std::uint32_t window = 0;   // seconds
    std::uint32_t objects = 0;  // different ones both shared within the window
    std::uint32_t posts_a = 0, posts_b = 0;
    std::uint32_t occasions = 0;              // different hours (UTC) in which that happened
    std::uint32_t all_a = 0, all_b = 0;       // different objects each shared at all in this layer
    double mean_delta = 0, median_delta = 0;  // seconds, of |delta|
    double rare_weight = 0;                   // Σ 1/log2(1 + accounts that shared the object)
    Seconds first = 0, last = 0;
    double expected = 0;  // objects that chance would give (significance.h)
    // Not a number until judge() says.
    double p = std::numeric_limits<double>::quiet_NaN(), q = std::numeric_limits<double>::quiet_NaN();
    std::size_t meetings_begin = 0,
                meetings_end = 0;  // in LayerEdges::meetings; those with |delta| <= window count

    double weight() const { return double(objects) / std::max(1u, std::min(all_a, all_b)); }
    double symmetry() const { return double(std::min(posts_a, posts_b)) / std::max(posts_a, posts_b); }
};

// What one account shared, for the accounts that are in an edge: enough to ask what chance would do.
struct Trace {
    std::uint64_t object = 0;
    Place place = 0;
    std::uint32_t account = 0;
    Seconds time = 0;
    std::uint32_t posts = 0;              // of the object, by anybody
    std::uint32_t accounts = 0;           // that posted the object
    std::array<std::uint32_t, 4> near{};  // of those, within each window, this one not
};

// Traces by the million, kept within the run's Budget: in partitions of ascending accounts, about equally
// full.
class TraceSpool {
  public:
    static constexpr std::size_t kPartitions = 64;

    // `weights`: about how many traces each account will have.
    TraceSpool(const std::vector<std::uint64_t>& weights, std::size_t writers, Budget& budget);

    Status add(std::size_t writer, const Trace& trace);  // a writer belongs to one thread
    Status finish();                                     // before any of the following
    std::size_t size() const;
    std::size_t size(std::size_t partition) const;
    std::size_t partition_of(std::uint32_t account) const;
    // Those of a partition's accounts that are wanted, by (account, object, time, place).
    Result<std::vector<Trace>> read(std::size_t partition,
                                    const std::function<bool(std::uint32_t account)>& wanted) const;
    // All of a partition in the same order, giving the memory back.
    Result<std::vector<Trace>> take(std::size_t partition);

  private:
    Spool<Trace> rows_;
    std::vector<std::uint32_t> ends_;                           // per partition: the first account beyond it
    std::vector<std::array<std::size_t, kPartitions>> counts_;  // per writer
};

struct EdgeSettings {
    std::vector<std::uint32_t> windows = {60, 3600};  // seconds, ascending, at most 4
    std::uint32_t fewest_objects = 2;
    // How many of the following posts within the window a post is paired with; the rest is counted and left
    // out.
    std::uint32_t nearest = 256;
    bool traces = true;
    // Bytes that traces may take in memory; more stay spooled.
    std::size_t most_traces = std::numeric_limits<std::size_t>::max();
    // Accounts traced even when no edge holds them; empty: none.
    std::vector<char> always;
    unsigned threads = 2;
};

struct LayerEdges {
    std::vector<Edge> edges;                    // by (a, b, window)
    std::vector<Meeting> meetings;              // by edge, then time, then place
    std::vector<Trace> traces;                  // by (account, object, time)
    std::shared_ptr<const TraceSpool> spooled;  // instead of them, when they are too many; needs the Budget
    std::vector<std::uint32_t> objects_of;      // per account: different objects it shared in this layer
    std::uint64_t shares = 0, shared_objects = 0;  // rows; objects of two accounts or more
    std::uint64_t total_objects = 0;
    std::vector<std::uint64_t> pairs;  // per window
    // Pairs of accounts that could have met: an upper bound of those with fewest_objects in common.
    double compared = 0;
    std::uint64_t crowded_objects = 0, pairs_left_out = 0;
};

// `shares` is emptied. `accounts`: how many there are.
Result<LayerEdges> find_edges(Layer layer, Spool<Share>& shares, std::uint32_t accounts,
                              const EdgeSettings& settings, Budget& budget);

// Measures an edge from its meetings. False when fewer than settings.fewest_objects remain within the edge's
// window.
bool measure(std::span<const Meeting> meetings, Edge& edge, const EdgeSettings& settings);

}  // namespace contrechamp::coordination
