// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"

#include <string>
#include <vector>

namespace pyfops {

/// One function deployment of a run, before anything is done. Pointers lead into the project and the
/// registry.
struct Unit {
    const FunctionSpec* function = nullptr;
    Provider* provider = nullptr;
    const json::object* settings = nullptr;
    Target target;

    Subject subject() const;
    /// What units of one function implementation share: they are wrapped and packaged once.
    std::string implementation_key() const;
    /// "'resize' on aws/eu-west-1"
    std::string name() const;
};

/// Every deployment of the project that the selection takes, resolved by its provider; findings go to
/// `diagnostics`. In the project's order, each identity once.
std::vector<Unit> expand(const Project& project, const Selection& selection, Realm realm,
                         PluginRegistry& plugins, const std::string& today, Diagnostics& diagnostics);

/// Refuses to work in the local realm on a provider that no local cloud stands in for: its calls would reach
/// the real one. Throws Error(unavailable).
void require_stand_in(const Host& host, Realm realm, const std::string& provider);

} // namespace pyfops
