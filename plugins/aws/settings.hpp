// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <map>
#include <string>

namespace pyfops::aws {

/// `providers.aws` of the project file.
struct Settings {
    std::string role;    ///< ARN; empty: one is made for the project
    bool url = false;    ///< a public function URL
    std::string profile; ///< of the shared configuration files
    std::string bucket;  ///< for packages above the inline limit; empty: one is made when needed
    std::string endpoint;
    std::map<std::string, std::string> tags;
    std::string architecture = "x86_64";
};

/// Members of the wrong type are left at their default: validation has reported them.
Settings read_settings(const json::object& settings);

} // namespace pyfops::aws
