// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::ibm {

/// The target of a request, on the API that the settings choose. Pure.
Target resolve_target(const ResolveRequest& request, Diagnostics& diagnostics);

/// `providers.ibm` beyond types and unknown keys. Pure.
void check_settings(const json::object& settings, const std::string& path, Diagnostics& diagnostics);

} // namespace pyfops::ibm
