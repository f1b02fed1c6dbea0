// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::alibaba {

/// See Provider::resolve and Provider::validate_settings.
Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics);
void check_settings(const json::object& settings, const std::string& path, Diagnostics& diagnostics);

} // namespace pyfops::alibaba
