// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <vector>

namespace pyfops::azure {

const std::vector<RegionInfo>& regions();

} // namespace pyfops::azure
