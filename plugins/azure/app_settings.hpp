// SPDX-License-Identifier: Apache-2.0
// The environment of an app: what the platform, the host and our wrapper need, and the function's own. No
// I/O.
#pragma once

#include "cloud.hpp"
#include "shared.hpp"
#include "web.hpp"

#include <string>

namespace pyfops::azure {

/// Overrides functionTimeout of the package's host.json.
inline constexpr const char* timeout_variable = "AzureFunctionsJobHost__functionTimeout";
inline constexpr const char* memory_variable = "PYFOPS_MEMORY_MB";
inline constexpr const char* package_variable = "WEBSITE_RUN_FROM_PACKAGE"; ///< of the Consumption plan
inline constexpr const char* insights_variable = "APPLICATIONINSIGHTS_CONNECTION_STRING";

/// "00:05:00"
std::string to_time_span(int seconds);
/// 0 for what is none.
int from_time_span(const std::string& text);

struct WantedSettings {
    const DeployRequest& request;
    const Session& session;
    const StorageAccount* storage; ///< null: what the app has stays
    std::string app;
    Secret new_probe_key; ///< for an app that has none
};

/// `current`: what the app has. The platform's own settings among them stay; what the function does not have
/// any more goes.
web::AppSettings wanted_settings(const WantedSettings& wanted, const web::AppSettings& current);

/// Azure ignores calls of a function while this is "true".
std::string disabled_variable(const std::string& function);

/// The id in a connection string of Application Insights, or "".
std::string insights_app_id(const std::string& connection_string);

} // namespace pyfops::azure
