// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/secret.hpp"

#include <optional>
#include <string>

namespace pyfops::azure {

/// A bearer token, until when, and where it came from.
struct Token {
    Secret text;
    std::optional<SystemTime> expires;
    std::string source;       ///< "environment (client secret)"
    std::string subscription; ///< that the source prefers: of the Azure CLI
};

} // namespace pyfops::azure
