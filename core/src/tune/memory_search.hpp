// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace pyfops {

/// Finds the smallest size at which a function passes, with few probes. Sizes are MB; whoever uses it asks
/// `next`, tries that size, and tells what came of it, until `next` has none. Exact for every function that
/// passes at all sizes above one at which it passes, whatever its measured peak says: the peak only decides
/// what is tried first. Pure.
class MemorySearch {
  public:
    /// `sizes`: rising, at least one.
    explicit MemorySearch(std::vector<int> sizes);

    /// What to try next: the largest size first. nullopt: the search is over.
    std::optional<int> next() const;

    /// It passed; `peak_mb`, of the whole process, where it was measured.
    void passed(int size, std::optional<double> peak_mb);
    /// It ran and did not pass.
    void failed(int size);
    /// The cloud does not give that size, nor a larger one. Not a probe.
    void refused(int size);

    /// The smallest size that passed so far.
    std::optional<int> smallest() const;
    /// Sizes that ran, each once however often it was repeated; never more than `most_probes`.
    int probes() const noexcept { return probes_; }
    /// ceil(log2(n)) + 3, of the sizes that the cloud gives.
    int most_probes() const noexcept;

  private:
    using Index = std::ptrdiff_t;

    /// What the measured peak suggests, in this order.
    enum class Step { guess, lower_neighbour, second_guess, window };

    /// First size of at least that many MB, kept between the largest that failed and the smallest that
    /// passed.
    Index at_least(double megabytes) const;
    Index suggestion() const;
    bool affordable(Index index) const;
    Index middle() const noexcept { return (low_ + high_) / 2; }
    Index index_of(int size) const;

    std::vector<int> sizes_;
    Index low_ = -1;   ///< largest that failed
    Index high_;       ///< smallest that passed or, before one has, what is out of reach
    bool any_ = false; ///< whether one has passed
    Step step_ = Step::guess;
    std::optional<double> peak_;
    int probes_ = 0;
};

} // namespace pyfops
