// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace pyfops::sdk {

/// The environment variable that holds a deployment's probe key.
inline constexpr const char* probe_key_variable = "PYFOPS_PROBE_KEY";

/// What a provider allows in the environment of a function, beside what pyfOps keeps for itself (PYFOPS_*).
struct EnvironmentRule {
    std::function<bool(const std::string&)> allowed; ///< a name; none: letters, digits and underscores
    std::string names = "a letter or underscore, then letters, digits and underscores"; ///< for the hint
    std::function<bool(const std::string&)> reserved; ///< a name that the provider refuses; none: no name
    /// Bytes as the provider counts them; none: names and values. The probe key is among the variables.
    std::function<std::size_t(const std::map<std::string, std::string>&)> size;
};

void add_finding(Diagnostics& diagnostics, Severity severity, std::string code, std::string summary,
                 std::string hint, std::string path);

/// The target of a request by what the provider says of itself: region, runtime, memory, timeout and name.
/// What does not fit becomes a finding, with the nearest thing that does. `providers.<id>.python` and
/// `.architecture` of the settings are honoured. Pure.
Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, const EnvironmentRule& rule,
                      Diagnostics& diagnostics);

/// Puts the target into the group of its code base (`Target::group`): the resource is named after the code
/// base's folder instead of the function.
void group_by_code_base(Target& target, const FunctionSpec& function, const ProviderInfo& info);

/// A setting that must be an http(s) URL where it is given.
void check_url_setting(const json::object& settings, const std::string& key, const std::string& path,
                       Diagnostics& diagnostics);

/// The identity in a mark that came from a cloud, or nullopt: whoever may write marks may write anything.
std::optional<FdIdentity> parse_identity(const std::string& fd);

} // namespace pyfops::sdk
