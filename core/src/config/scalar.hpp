// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pyfops::config {

/// What a plain scalar means in the YAML 1.2 core schema.
struct Scalar {
    json::value value;
    std::string code; ///< finding code when JSON has no such value, else ""
    std::string problem;
};

Scalar resolve_plain(std::string_view text);

} // namespace pyfops::config
