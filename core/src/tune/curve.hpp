// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/tuning.hpp"

#include <cstddef>
#include <vector>

namespace pyfops {

void mark_pareto(std::vector<CurvePoint>& points);

/// Index of the point to take, of at least one; among equals the smallest size. With `most_duration_ms` above
/// 0 points that last longer are left out, unless all do.
std::size_t choose(const std::vector<CurvePoint>& points, Objective objective, double most_duration_ms = 0);

} // namespace pyfops
