// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <map>
#include <optional>
#include <string>

namespace pyfops::google {

/// `providers.google` of the project file.
struct Settings {
    std::string project;         ///< empty: of the environment or the credentials
    bool is_public = false;      ///< everybody may call
    std::string service_account; ///< empty: the project's default
    std::optional<int> max_instances;
    std::string endpoint;
    std::map<std::string, std::string> labels;
};

/// Members of the wrong type are left at their default: validation has reported them.
Settings read_settings(const json::object& settings);

} // namespace pyfops::google
