// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/units.hpp"

#include <vector>

namespace pyfops {

/// Gives units of a group what its members share: their companions, and the largest memory and timeout of
/// those in the same resource. `all` are the units of the whole project on these providers. Findings as of
/// check_groups().
void join_groups(std::vector<Unit>& units, const std::vector<Unit>& all, Diagnostics& diagnostics);

} // namespace pyfops
