// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <map>
#include <string>

namespace pyfops::azure {

enum class Plan { flex, consumption };

/// `providers.azure` of the project file.
struct Settings {
    std::string subscription;    ///< empty: by the environment
    std::string resource_group;  ///< empty: one is made for the project
    std::string storage_account; ///< empty: one is made for each region
    Plan plan = Plan::flex;
    bool by_code_base = false;        ///< `group`: one app for the functions of a code base
    bool open = false;                ///< `public`: functions need no key
    std::string application_insights; ///< a connection string
    std::string endpoint;
    std::map<std::string, std::string> tags;
};

/// Members of the wrong type are left at their default: validation has reported them.
Settings read_settings(const json::object& settings);

} // namespace pyfops::azure
