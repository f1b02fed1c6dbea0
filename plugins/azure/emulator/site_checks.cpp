// SPDX-License-Identifier: Apache-2.0
// What Azure refuses in the configuration of an app.
#include "sites.hpp"

#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace pyfops::azure_emulator {
namespace {

constexpr std::array<std::string_view, 5> flex_versions{"3.10", "3.11", "3.12", "3.13", "3.14"};
// Flex Consumption has its own way for these.
constexpr std::array<std::string_view, 7> not_on_flex{
    "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",     "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD"};

[[noreturn]] void refuse(const std::string& message) {
    throw ApiError(400, "BadRequest", message);
}

/// JSON merge: members of objects one by one, all else as a whole.
void merge(json::object& into, const json::object& from) {
    for (const auto& member : from) {
        json::value& now = into[member.key()];
        if (now.is_object() && member.value().is_object())
            merge(now.get_object(), member.value().get_object());
        else
            now = member.value();
    }
}

} // namespace

void Sites::check_settings(const json::object& settings, bool flex) const {
    for (const auto& member : settings) {
        if (!member.value().is_string())
            refuse("The value of setting '" + std::string(member.key()) + "' is not text.");
        const bool banned = flex && std::find(not_on_flex.begin(), not_on_flex.end(),
                                              std::string_view(member.key())) != not_on_flex.end();
        if (banned)
            refuse("The following app setting is not supported for Flex Consumption sites: " +
                   std::string(member.key()));
    }
}

void Sites::check_flex(const json::object& config, const json::object& settings) const {
    const json::object& runtime = object_at(config, "runtime");
    const std::string version = string_or(runtime, "version");
    if (string_or(runtime, "name") != "python" ||
        std::find(flex_versions.begin(), flex_versions.end(), version) == flex_versions.end())
        refuse("The runtime '" + string_or(runtime, "name") + " " + version + "' is not supported here.");
    const json::object& scale = object_at(config, "scaleAndConcurrency");
    const auto memory = integer_or(scale, "instanceMemoryMB", 2048);
    if (memory != 512 && memory != 2048 && memory != 4096)
        refuse("The value " + std::to_string(memory) +
               " for instanceMemoryMB is invalid. Allowed: 512, 2048, 4096.");
    const auto instances = integer_or(scale, "maximumInstanceCount", 100);
    if (instances < 1 || instances > 1000) refuse("maximumInstanceCount must be between 1 and 1000.");
    const json::object& storage = object_at(object_at(config, "deployment"), "storage");
    if (lower_case(string_or(storage, "type")) != "blobcontainer")
        refuse("The deployment storage must be of type blobContainer.");
    if (!storage_.has_container(string_or(storage, "value")))
        refuse("The deployment storage container '" + string_or(storage, "value") + "' does not exist.");
    const json::object& authentication = object_at(storage, "authentication");
    if (string_or(authentication, "type") == "StorageAccountConnectionString") {
        const std::string name = string_or(authentication, "storageAccountConnectionStringName");
        if (name.empty() || !settings.contains(name))
            refuse("The app setting '" + name +
                   "' with the connection string of the deployment storage is missing.");
    }
}

void Sites::apply_site_config(json::object& site, const json::value& properties) const {
    if (const json::value* config = find(properties, "functionAppConfig"); config && config->is_object()) {
        if (!is_flex(site)) refuse("functionAppConfig is for Flex Consumption only.");
        merge(site.at("function_app_config").as_object(), config->get_object());
    }
    const json::value* config = find(properties, "siteConfig");
    if (!config || !config->is_object()) return;
    if (const std::string fx = string_or(*config, "linuxFxVersion"); !fx.empty()) {
        if (is_flex(site)) refuse("LinuxFxVersion is not supported for Flex Consumption sites.");
        site["linux_fx"] = fx;
    }
    const json::value* settings = find(*config, "appSettings");
    if (!settings || settings->is_null()) return;
    if (!settings->is_array()) refuse("appSettings is not a list.");
    json::object all;
    for (const json::value& one : settings->get_array())
        all[string_or(one, "name")] = string_or(one, "value");
    site["settings"] = std::move(all);
}

} // namespace pyfops::azure_emulator
