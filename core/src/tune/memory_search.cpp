// SPDX-License-Identifier: Apache-2.0
#include "tune/memory_search.hpp"

#include "pyfops/error.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace pyfops {

namespace {

/// What a function needs of a size beside the peak that its process had at the largest size: the allocator
/// returns memory sooner where it is scarce, and a platform's own agents share the size. Need was simulated
/// as peak x 0.9..1.35 + 0..60 MB; the guess is where most functions pass and few sizes are left below.
constexpr double guess_factor = 1.12, guess_plus = 30;
constexpr double least_factor = 0.9;
constexpr double most_factor = 1.35, most_plus = 60;

/// Probes that bisection needs for that many open sizes.
int bisection(std::ptrdiff_t open) {
    return std::bit_width(static_cast<std::size_t>(std::max<std::ptrdiff_t>(open, 0)));
}

} // namespace

MemorySearch::MemorySearch(std::vector<int> sizes)
    : sizes_(std::move(sizes)),
      high_(static_cast<Index>(sizes_.size())) {
    if (sizes_.empty() || !std::is_sorted(sizes_.begin(), sizes_.end()))
        throw Error(ErrorKind::internal, "a memory search needs rising sizes");
}

int MemorySearch::most_probes() const noexcept {
    return bisection(static_cast<Index>(sizes_.size()) - 1) + 3;
}

MemorySearch::Index MemorySearch::index_of(int size) const {
    const auto found = std::lower_bound(sizes_.begin(), sizes_.end(), size);
    if (found == sizes_.end() || *found != size)
        throw Error(ErrorKind::internal, "a size that the memory search did not ask for");
    return found - sizes_.begin();
}

MemorySearch::Index MemorySearch::at_least(double megabytes) const {
    const auto found = std::lower_bound(sizes_.begin(), sizes_.end(), megabytes,
                                        [](int size, double wanted) { return size < wanted; });
    return std::clamp<Index>(found - sizes_.begin(), low_ + 1, high_ - 1);
}

/// Whether bisection still ends in time if the worse side of that size is left.
bool MemorySearch::affordable(Index index) const {
    const Index worse = std::max(index - low_ - 1, high_ - index - 1);
    return bisection(worse) <= most_probes() - probes_ - 1;
}

MemorySearch::Index MemorySearch::suggestion() const {
    const double peak = *peak_;
    switch (step_) {
    case Step::guess:
        return at_least(peak * guess_factor + guess_plus);
    case Step::lower_neighbour:
        return high_ - 1;
    case Step::second_guess:
        return at_least(peak * most_factor + most_plus);
    case Step::window:
        break;
    }
    const bool beyond = low_ >= 0 && sizes_[static_cast<std::size_t>(low_)] >= peak * most_factor + most_plus;
    if (beyond) return middle();
    return (at_least(peak * least_factor) + at_least(peak * most_factor + most_plus)) / 2;
}

std::optional<int> MemorySearch::next() const {
    if (high_ - low_ <= 1) return std::nullopt;
    Index index = middle();
    if (!any_ && high_ == static_cast<Index>(sizes_.size())) index = high_ - 1;
    if (any_ && peak_)
        if (const Index suggested = suggestion(); affordable(suggested)) index = suggested;
    return sizes_[static_cast<std::size_t>(index)];
}

void MemorySearch::passed(int size, std::optional<double> peak_mb) {
    ++probes_;
    if (any_) step_ = step_ == Step::guess ? Step::lower_neighbour : Step::window;
    any_ = true;
    high_ = std::min(high_, index_of(size));
    if (!peak_) peak_ = peak_mb;
}

void MemorySearch::failed(int size) {
    ++probes_;
    if (any_) step_ = step_ == Step::guess ? Step::second_guess : Step::window;
    low_ = std::max(low_, index_of(size));
}

void MemorySearch::refused(int size) {
    high_ = std::min(high_, index_of(size));
}

std::optional<int> MemorySearch::smallest() const {
    if (!any_) return std::nullopt;
    return sizes_[static_cast<std::size_t>(high_)];
}

} // namespace pyfops
