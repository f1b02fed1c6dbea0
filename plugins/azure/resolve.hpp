// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::azure {

/// Chooses runtime, memory, timeout and name; what Azure would refuse becomes a finding. Pure.
Target resolve_target(const ResolveRequest& request, Diagnostics& diagnostics);
void check_settings(const json::object& settings, const std::string& path, Diagnostics& diagnostics);

/// Names of app settings that belong to the platform and its host, not to the function.
bool is_platform_setting(const std::string& name);

} // namespace pyfops::azure
