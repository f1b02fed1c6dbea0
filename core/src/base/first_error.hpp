// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"

#include <algorithm>

namespace pyfops {

/// The first finding that is an error; there must be one.
inline const Finding& first_error(const Diagnostics& diagnostics) {
    return *std::ranges::find(diagnostics.findings(), Severity::error, &Finding::severity);
}

} // namespace pyfops
