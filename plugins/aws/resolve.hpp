// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::aws {

/// Chooses runtime, memory, timeout and name; what AWS would refuse becomes a finding. Pure.
Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics);
void check_settings(const json::object& settings, const std::string& path, Diagnostics& diagnostics);

} // namespace pyfops::aws
