// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops_aws/sigv4.hpp"

#include <optional>
#include <string>

namespace pyfops::aws {

/// Keys, until when, and where they came from.
struct Credentials {
    SigningKey key;
    std::optional<SystemTime> expires;
    std::string source; ///< "environment", "profile work (assume-role)"
};

} // namespace pyfops::aws
