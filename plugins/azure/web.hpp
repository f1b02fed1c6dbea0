// SPDX-License-Identifier: Apache-2.0
// Microsoft.Web: plans, function apps, their settings, keys and functions. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"
#include "marks.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"
#include "settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::azure::web {

using AppSettings = std::map<std::string, std::string>; ///< secrets among them: for the wire only

/// A function app as Azure has it.
struct Site {
    std::string id, name, location, state;
    std::string host;     ///< "app.azurewebsites.net", or what Azure made of it
    std::string scm_host; ///< where code is published
    std::string plan_id;
    Tags tags;
    Plan plan = Plan::flex;
    int memory_mb = 0;
    std::string python;               ///< "3.12"
    json::object function_app_config; ///< of Flex Consumption, whole
};

/// What a new app is to be.
struct Creation {
    std::string region, plan_id, python;
    Plan plan = Plan::flex;
    int memory_mb = 0;
    std::string container_url; ///< of Flex: where its packages are kept
    Tags tags;
};

/// The app setting that holds the way to the storage of packages.
inline constexpr const char* deployment_storage_variable = "DEPLOYMENT_STORAGE_CONNECTION_STRING";

/// `group` is a path, as resources::group_path gives it.
std::string plan_path(const std::string& group, const std::string& name);
ApiCall get_plan(const std::string& group, const std::string& name);
ApiCall put_plan(const std::string& group, const std::string& name, Plan plan, const std::string& region,
                 const Tags& tags);
ApiCall delete_plan(const std::string& group, const std::string& name);

std::string site_path(const std::string& group, const std::string& name);
ApiCall get_site(const std::string& group, const std::string& name);
ApiCall put_site(const std::string& group, const std::string& name, const Creation& creation,
                 const AppSettings& settings);
/// The app as it is with another functionAppConfig: a patch of an app does not have it. Settings stay.
ApiCall put_config(const std::string& group, const Site& site, const json::object& function_app_config);
/// The runtime of an app on the classic plan.
ApiCall patch_runtime(const std::string& group, const std::string& name, const std::string& linux_fx_version);
/// Whether an app may have the name: apps of all of Azure have different ones.
ApiCall check_name(const std::string& subscription, const std::string& name);
bool is_name_free(const json::value& answer);
ApiCall start_site(const std::string& group, const std::string& name);
ApiCall delete_site(const std::string& group, const std::string& name);
ApiCall list_sites(const std::string& group);
/// The page after one, by its link.
ApiCall next_page(const std::string& operation, const std::string& link);

ApiCall list_settings(const std::string& group, const std::string& name);
ApiCall put_settings(const std::string& group, const std::string& name, const AppSettings& settings);
ApiCall list_host_keys(const std::string& group, const std::string& name);
ApiCall list_function_keys(const std::string& group, const std::string& name, const std::string& folder);
ApiCall sync_triggers(const std::string& group, const std::string& name);
ApiCall list_functions(const std::string& group, const std::string& name);

/// Throws unavailable for what is no app.
Site read_site(const json::value& resource);
AppSettings read_settings(const json::value& answer);
/// A key that opens every function of the app, of the answer to list_host_keys; empty: there is none.
Secret read_host_key(const json::value& answer);
/// A key of the one function, of the answer to list_function_keys.
Secret read_function_key(const json::value& answer);
/// Names without the app's: "pyfops-thumbnail".
std::vector<std::string> read_function_names(const json::value& answer);
std::string next_link(const json::value& answer);
/// "East US" and "eastus" are one region.
std::string region_code(const std::string& location);

json::object scale_of(int memory_mb);

} // namespace pyfops::azure::web
