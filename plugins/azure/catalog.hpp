// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::azure {

/// What Azure Functions is and allows: regions, runtimes, limits, prices, settings. Each figure with its
/// source.
const ProviderInfo& catalog();
/// What the classic Consumption plan costs; the catalog's price is Flex Consumption's.
PriceInfo consumption_price();

/// The one size of the classic Consumption plan, in MB.
inline constexpr int consumption_memory_mb = 1536;
inline constexpr int consumption_timeout_maximum = 600;
/// The load balancer cuts the answer to an HTTP call here, whatever the plan.
inline constexpr int http_answer_seconds = 230;

} // namespace pyfops::azure
