// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <string>

namespace pyfops::google {

/// What Cloud Run functions are and allow: regions, runtimes, limits, prices, settings. Each figure with its
/// source.
const ProviderInfo& catalog();

/// The runtime library that is packed with every function, as a requirement with its version.
inline constexpr const char* framework_name = "functions-framework";
inline constexpr const char* framework_requirement = "functions-framework==3.10.2";

/// The vCPUs that are asked for with a memory size, as the API writes them: "0.167".
std::string cpu_for(int memory_mb);

} // namespace pyfops::google
