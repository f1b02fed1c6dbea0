// SPDX-License-Identifier: Apache-2.0
#include "app_settings.hpp"

#include "pyfops/sdk/target_rules.hpp"
#include "pyfops/text.hpp"
#include "resolve.hpp"
#include "storage.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace pyfops::azure {

std::string to_time_span(int seconds) {
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

int from_time_span(const std::string& text) {
    int hours = 0, minutes = 0, seconds = 0;
    if (std::sscanf(text.c_str(), "%d:%d:%d", &hours, &minutes, &seconds) != 3) return 0;
    return hours * 3600 + minutes * 60 + seconds;
}

web::AppSettings wanted_settings(const WantedSettings& wanted, const web::AppSettings& current) {
    const DeployRequest& request = wanted.request;
    const Session& session = wanted.session;
    web::AppSettings settings;
    for (const auto& [name, value] : current)
        if (is_platform_setting(name)) settings.emplace(name, value);
    settings.erase(disabled_variable(request.function.name));
    const bool classic = session.settings.plan == Plan::consumption;
    if (wanted.storage) {
        const std::string connection =
            storage::connection_string(wanted.storage->name, wanted.storage->key,
                                       std::string(session.endpoints.cloud->storage))
                .expose();
        settings["AzureWebJobsStorage"] = connection;
        if (classic) {
            settings["WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"] = connection;
            settings.try_emplace("WEBSITE_CONTENTSHARE", wanted.app);
        } else {
            settings[web::deployment_storage_variable] = connection;
        }
    }
    if (classic) { // Flex Consumption refuses both
        settings["FUNCTIONS_EXTENSION_VERSION"] = "~4";
        settings["FUNCTIONS_WORKER_RUNTIME"] = "python";
    }
    settings[timeout_variable] = to_time_span(request.target.timeout_seconds);
    settings["PYTHON_THREADPOOL_THREAD_COUNT"] = "1"; // one event at a time in a process
    settings[memory_variable] = std::to_string(request.target.memory_mb);
    settings["PYFOPS_REGION"] = session.region;
    std::string insights = session.settings.application_insights;
    if (insights.empty() && session.endpoints.loopback) // the emulator's own
        insights = session.local_insights;
    if (!insights.empty()) settings[insights_variable] = insights;
    const auto key = current.find(sdk::probe_key_variable);
    settings[sdk::probe_key_variable] =
        key != current.end() && !key->second.empty() ? key->second : wanted.new_probe_key.expose();
    for (const auto& [name, value] : request.environment)
        settings[name] = value;
    for (const auto& [name, value] : request.secrets)
        settings[name] = value.expose();
    return settings;
}

std::string disabled_variable(const std::string& function) {
    return "AzureWebJobs." + folder_name(function) + ".Disabled";
}

std::string insights_app_id(const std::string& connection_string) {
    static constexpr std::string_view name = "applicationid=";
    for (const std::string_view part : split(connection_string, ';')) {
        const std::string text = lower_case(trimmed(part));
        if (text.starts_with(name)) return text.substr(name.size());
    }
    return {};
}

} // namespace pyfops::azure
