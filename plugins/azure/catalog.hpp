// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::azure {

/// What Azure Functions is and allows on Flex Consumption: regions, runtimes, limits, prices, settings. Each
/// figure with its source.
const ProviderInfo& catalog();
/// The same of the classic Consumption plan.
const ProviderInfo& consumption_catalog();
/// The one of the two that `plan` chooses.
const ProviderInfo& offer(const json::object& settings);

/// The one size of the classic Consumption plan, in MB.
inline constexpr int consumption_memory_mb = 1536;
/// The load balancer cuts the answer to an HTTP call here, whatever the plan.
inline constexpr int http_answer_seconds = 230;

} // namespace pyfops::azure
