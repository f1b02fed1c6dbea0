// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"
#include "pyfops/sdk/endpoint.hpp"
#include "pyfops/system.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::google {

using sdk::variable;

/// Where a service is.
struct Endpoint {
    Url url;                 ///< the path is a prefix ("/" when there is none)
    bool overridden = false; ///< by the user: an emulator, a proxy
    bool loopback = false;
};

/// `service`: the first label of a googleapis.com host. Order: CLOUDSDK_API_ENDPOINT_OVERRIDES_<SERVICE>, the
/// project's `endpoint` (the service's host name is a folder there), then the public name. Throws
/// invalid_input naming the source of a URL that cannot be used.
Endpoint resolve_endpoint(std::string_view service, const System& system, const std::string& setting);

/// CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS leads to this machine: the emulator, whose key file is in
/// the environment.
bool local_endpoint(const System& system);

/// Whether an ID token may be sent there: a name that Google gives to functions, over https, or the same name
/// as the first folder of the overridden endpoint.
bool is_function_url(const Url& url, const Endpoint& functions);

} // namespace pyfops::google
