// Rows told apart by person: the numbers that a caller gives, made 0, 1, 2 … in ascending order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace contrechamp::disparity {

// From each number that occurs to its rank among them.
class Ranks {
  public:
    explicit Ranks(std::vector<std::uint32_t> numbers) : sorted_(std::move(numbers)) {
        std::sort(sorted_.begin(), sorted_.end());
        sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
        // Where numbers are dense, as they mostly are, no search is needed.
        if (!sorted_.empty() && sorted_.back() / 4 < sorted_.size() + 1'000) {
            direct_.assign(std::size_t{sorted_.back()} + 1, 0);
            for (std::uint32_t rank = 0; rank < sorted_.size(); ++rank) direct_[sorted_[rank]] = rank;
        }
    }
    std::size_t of(std::uint32_t number) const {
        if (!direct_.empty()) return direct_[number];
        return static_cast<std::size_t>(std::lower_bound(sorted_.begin(), sorted_.end(), number) -
                                        sorted_.begin());
    }
    std::size_t count() const { return sorted_.size(); }

  private:
    std::vector<std::uint32_t> sorted_, direct_;
};

// Whose row it is; without numbers every row is another person's.
class Rows {
  public:
    Rows(std::span<const std::uint32_t> people, std::size_t rows)
        : people_(people), ranks_({people.begin(), people.end()}), rows_(rows) {}
    std::size_t person(std::size_t row) const { return people_.empty() ? row : ranks_.of(people_[row]); }
    std::size_t people() const { return people_.empty() ? rows_ : ranks_.count(); }

  private:
    std::span<const std::uint32_t> people_;
    Ranks ranks_;
    std::size_t rows_;
};

}  // namespace contrechamp::disparity
