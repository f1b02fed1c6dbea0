// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <vector>

namespace pyfops::google {

/// A region and its price tier.
struct TieredRegion {
    const char* code;
    const char* location;
    int tier;
};

const std::vector<TieredRegion>& tiered_regions();
std::vector<RegionInfo> regions();

} // namespace pyfops::google
