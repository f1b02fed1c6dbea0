// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops_alibaba/acs3.hpp"

#include <optional>
#include <string>

namespace pyfops::alibaba {

/// Keys, until when, and where they came from.
struct Credentials {
    SigningKey key;
    std::optional<SystemTime> expires;
    std::string source; ///< "environment", "profile work"
};

} // namespace pyfops::alibaba
