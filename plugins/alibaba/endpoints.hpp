// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api_call.hpp"
#include "pyfops/system.hpp"

#include <string>

namespace pyfops::alibaba {

/// Where a service is.
struct Endpoint {
    Url url;                 ///< the path is a prefix ("/" when there is none)
    std::string region;      ///< to sign for, where the signature names one
    bool overridden = false; ///< by the user: an emulator, a proxy
    bool loopback = false;
};

/// Order for Function Compute: FC_CLIENT_CUSTOM_ENDPOINT, the project's `endpoint`, the public name; for the
/// others ALIBABA_CLOUD_STS_ENDPOINT, ALIBABA_CLOUD_OSS_ENDPOINT, ALIBABA_CLOUD_SLS_ENDPOINT, then the public
/// name (STS: of ALIBABA_CLOUD_STS_REGION where it is set). `account`: for the account's own host name; "" :
/// the one of all. Throws invalid_input naming the source of a URL that cannot be used.
Endpoint resolve_endpoint(Service service, const std::string& region, const std::string& account,
                          const System& system, const std::string& setting);

/// The whole URL of a call: a bucket or project becomes part of the host name, or of the path where the
/// endpoint is an override.
Url url_of(const ApiCall& call, const Endpoint& endpoint);

/// FC_CLIENT_CUSTOM_ENDPOINT leads to this machine: the emulator, whose keys are in the environment.
bool local_endpoint(const System& system);

} // namespace pyfops::alibaba
