// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/units.hpp"
#include "pyfops/context.hpp"
#include "pyfops/secret.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace pyfops {

/// A deployment's environment, resolved: what may be recorded and what may not.
struct ResolvedEnvironment {
    std::map<std::string, std::string> plain;
    std::map<std::string, Secret> secrets;
};

/// The environment of the unit's function and of its companions. Fetches the secrets from where the project
/// file says they are. Errors: invalid_input naming the function,
/// the variable and the source.
Task<ResolvedEnvironment> resolve_environment(const Unit& unit, const std::filesystem::path& base,
                                              StageContext& context);

/// What decides "unchanged": a hash over package and configuration. Secrets enter through a keyed hash; the
/// key is `.pyfops/key` below `base`, made at its first use.
std::string deployment_hash(const Unit& unit, const std::string& package_hash,
                            const ResolvedEnvironment& environment, const std::filesystem::path& base);

} // namespace pyfops
