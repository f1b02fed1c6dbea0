// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <string>

namespace pyfops::google {

/// Chooses runtime, memory, timeout and name; what Google would refuse becomes a finding. Pure.
Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics);
void check_settings(const json::object& settings, const std::string& path, Diagnostics& diagnostics);

/// Keys and values of labels have the same characters; keys begin with a letter.
bool is_label_key(const std::string& key);
bool is_label_value(const std::string& value);

} // namespace pyfops::google
