// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace pyfops {

/// What a size gave: its duration and what a call costs at it.
struct CurvePoint {
    int memory_mb = 0;
    double duration_ms = 0;
    double price_usd = 0;
    bool pareto = false; ///< no other size is better in one and at least as good in the other
};

/// What a size is chosen for.
enum class Objective {
    minimum, ///< the smallest size
    cost,    ///< the cheapest call
    speed,   ///< the shortest one
    balanced ///< the least sum of price and duration, each as a part of its largest
};

void mark_pareto(std::vector<CurvePoint>& points);

/// Index of the point to take, of at least one; among equals the smallest size. With `most_duration_ms` above
/// 0 points that last longer are left out, unless all do.
std::size_t choose(const std::vector<CurvePoint>& points, Objective objective, double most_duration_ms = 0);

} // namespace pyfops
