// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile_files.hpp"
#include "pyfops/http.hpp"

#include <string>
#include <string_view>

namespace pyfops::aws {

/// A separate AWS: its own accounts, names and ARNs.
struct Partition {
    std::string_view name;       ///< "aws": second part of an ARN
    std::string_view prefix;     ///< of its region codes
    std::string_view dns_suffix; ///< "amazonaws.com"
    std::string_view dualstack;  ///< suffix of dual-stack names; "" where there are none
    std::string_view iam_host;   ///< IAM is one per partition
    std::string_view iam_region; ///< that its requests are signed for
};

const Partition& partition_of(std::string_view region);

/// Where a service is, and for which region its requests are signed.
struct Endpoint {
    Url url;                 ///< the path is a prefix ("/" when there is none)
    std::string region;      ///< to sign for
    bool overridden = false; ///< by the user: an emulator, a proxy
    bool loopback = false;
};

/// `service`: lambda, iam, sts, s3 or logs. Order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the
/// project's `endpoint`, then `services` and endpoint_url of the profile (none of these with
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true), then the public name. Throws invalid_input naming the source of
/// a URL that cannot be used.
Endpoint resolve_endpoint(std::string_view service, const std::string& region, const System& system,
                          const ProfileFiles& files, const std::string& profile, const std::string& setting);

/// AWS_ENDPOINT_URL leads to this machine: the emulator, whose keys are in the environment.
bool local_endpoint(const System& system);

} // namespace pyfops::aws
