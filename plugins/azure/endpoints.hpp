// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"
#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/system.hpp"

#include <string>
#include <string_view>

namespace pyfops::azure {

/// A separate Azure: its own sign-in, manager and names of hosts.
struct SovereignCloud {
    std::string_view authority; ///< "login.microsoftonline.com"
    std::string_view manager;   ///< "management.azure.com"
    std::string_view sites;     ///< suffix of function apps: "azurewebsites.net"
    std::string_view storage;   ///< suffix of storage services: "core.windows.net"
    std::string_view insights;  ///< queries of Application Insights
};

/// Where the services are, by the environment and the project.
struct Endpoints {
    Url authority; ///< the path is a prefix ("/" when there is none)
    Url manager;
    const SovereignCloud* cloud = nullptr;
    bool loopback = false; ///< the manager is on this machine: an emulator, at whose address all hosts are

    /// What tokens are asked for.
    std::string manager_scope() const;
    std::string insights_scope() const;
    /// The address of a host of the cloud; `target` is path and query.
    Url at(const std::string& host, const std::string& target) const;
    /// The manager's address with `target` below its prefix.
    Url of_manager(const std::string& target) const;
    /// Whether a token of the manager may go to `url`: where operations and next pages lead.
    bool is_manager(const Url& url) const;
    /// Whether a host is one of function apps in this cloud: their keys and tokens may go there.
    bool is_site_host(std::string_view host) const;
};

/// AZURE_AUTHORITY_HOST says which cloud; AZURE_RESOURCE_MANAGER_ENDPOINT, then `setting`, replace the
/// manager. Throws invalid_input naming the source of a URL that cannot be used: plain http only leads to
/// this machine.
Endpoints resolve_endpoints(const System& system, const std::string& setting);

/// AZURE_RESOURCE_MANAGER_ENDPOINT leads to this machine: the emulator.
bool local_endpoint(const System& system);

using sdk::variable;

} // namespace pyfops::azure
