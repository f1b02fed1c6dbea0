// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <optional>
#include <string>

namespace pyfops {

/// The price that holds in a region, or nullptr where the provider's are not known.
const PriceInfo* price_in(const ProviderInfo& provider, const std::string& region,
                          const std::string& architecture);

/// The `prices` of the project's settings of a provider, checked by the project's reader; nullopt when there
/// are none.
std::optional<PriceInfo> agreed_price(const json::object& settings);

/// Processors that come with a size: as the provider tells, between two sizes in proportion, beyond the last
/// as the last; 0 where it tells nothing.
double vcpus_of(const MemoryRule& rule, int memory_mb);

/// USD of one call, free tiers left out.
double price_of_call(const PriceInfo& price, const MemoryRule& rule, int memory_mb, double duration_ms);

} // namespace pyfops
