// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::alibaba {

/// What Function Compute 3.0 is and allows: regions, runtimes, limits, prices, settings. Each figure with its
/// source.
const ProviderInfo& catalog();

} // namespace pyfops::alibaba
