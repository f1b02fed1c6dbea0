// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pyfops {

/// One function deployment of a run, before anything is done. Pointers lead into the project and the
/// registry.
struct Unit {
    const FunctionSpec* function = nullptr;
    const DeploymentEntry* entry = nullptr;
    Provider* provider = nullptr;
    const json::object* settings = nullptr;
    Target target;
    std::vector<const FunctionSpec*> companions; ///< the other functions of the target's group

    Subject subject() const;
    /// What the provider gives functions under the project's settings.
    const ProviderInfo& offer() const { return provider->offer(*settings); }
    /// The predefined inputs: the entry's, then the function's.
    std::vector<std::reference_wrapper<const TestCase>> tests() const;
    /// Whether its memory is for us to find.
    bool automatic() const { return target.identity.slot == "auto"; }
    /// The function or, where the provider puts several into one resource, their group.
    const std::string& implementation() const;
    /// What units of one function implementation share: they are wrapped and packaged once.
    std::string implementation_key() const;
    /// The cloud's resource that holds the deployment: one change at a time.
    std::string resource_key() const;
    /// "'resize' on aws/eu-west-1"
    std::string name() const;
};

/// Every deployment of the project that the selection takes, resolved by its provider; findings go to
/// `diagnostics`. In the project's order, each identity once.
std::vector<Unit> expand(const Project& project, const Selection& selection, Realm realm,
                         PluginRegistry& plugins, const std::string& today, Diagnostics& diagnostics);

/// Names a resource of a cloud: one change of it at a time.
std::string resource_key(const FdIdentity& identity, const std::string& cloud_name);

/// Refuses to work in the local realm on a provider that no local cloud stands in for: its calls would reach
/// the real one. Throws Error(unavailable).
void require_stand_in(const Host& host, Realm realm, const std::string& provider);

} // namespace pyfops
