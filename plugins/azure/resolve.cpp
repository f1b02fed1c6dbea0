// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "catalog.hpp"
#include "settings.hpp"

#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::azure {
namespace {

void error(Diagnostics& diagnostics, std::string summary, std::string hint, std::string path) {
    sdk::add_finding(diagnostics, Severity::error, "setting", std::move(summary), std::move(hint),
                     std::move(path));
}

} // namespace

bool is_platform_setting(const std::string& name) {
    static constexpr std::array<std::string_view, 11> prefixes{
        "WEBSITE_", "FUNCTIONS_",  "AzureWebJobs",        "AzureFunctionsJobHost__",
        "SCM_",     "WEBSITES_",   "DEPLOYMENT_STORAGE_", "ENABLE_ORYX_BUILD",
        "PYTHON_",  "APPSETTING_", "REGION_NAME"};
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&name](std::string_view prefix) { return name.starts_with(prefix); });
}

Target resolve_target(const ResolveRequest& request, Diagnostics& diagnostics) {
    const ProviderInfo& offered = offer(request.settings);
    sdk::EnvironmentRule rule;
    rule.reserved = is_platform_setting;
    Target target = sdk::resolve_target(offered, request, rule, diagnostics);
    if (read_settings(request.settings).by_code_base)
        sdk::group_by_code_base(target, request.function, offered);
    if (target.timeout_seconds > http_answer_seconds &&
        target.timeout_seconds <= offered.limits.timeout_maximum)
        sdk::add_finding(
            diagnostics, Severity::warning, "timeout",
            fmt::format("Azure cuts the answer to a call over HTTP after {} seconds", http_answer_seconds),
            fmt::format("the function may run for {} seconds, but its caller gets no answer then",
                        target.timeout_seconds),
            request.function_path + "/timeout");
    return target;
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    static const std::regex uuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    static const std::regex group(R"([-\w._()]{0,89}[-\w_()])");
    static const std::regex account("[a-z0-9]{3,24}");
    if (!settings.subscription.empty() && !std::regex_match(settings.subscription, uuid))
        error(diagnostics, fmt::format("'{}' is not the id of a subscription", settings.subscription),
              "'az account list' shows the ids: 32 hexadecimal digits in five groups",
              path + "/subscription");
    if (!settings.resource_group.empty() && !std::regex_match(settings.resource_group, group))
        error(diagnostics,
              fmt::format("'{}' cannot be the name of a resource group", settings.resource_group), "",
              path + "/resource_group");
    if (!settings.storage_account.empty() && !std::regex_match(settings.storage_account, account))
        error(diagnostics,
              fmt::format("'{}' cannot be the name of a storage account", settings.storage_account),
              "3 to 24 lower-case letters and digits", path + "/storage_account");
    if (!settings.storage_account.empty() && settings.resource_group.empty())
        error(diagnostics, "a storage account of yours is not in a resource group that pyfOps makes",
              "name its group with resource_group", path + "/storage_account");
    if (!settings.application_insights.empty() &&
        settings.application_insights.find("InstrumentationKey=") == std::string::npos)
        error(diagnostics, "application_insights is not a connection string",
              "it begins with InstrumentationKey= and holds ApplicationId=", path + "/application_insights");
    sdk::check_url_setting(object, "endpoint", path, diagnostics);
    const json::value* tags = object.if_contains("tags");
    if (!tags || !tags->is_object()) return;
    for (const auto& member : tags->as_object()) {
        const std::string name(member.key());
        if (!member.value().is_string())
            error(diagnostics, fmt::format("the tag '{}' has a value that is no text", name),
                  "put it into quotes", path + "/tags/" + name);
        else if (name.starts_with("pyfops-") || name.starts_with("microsoft") || name.starts_with("azure"))
            error(diagnostics, fmt::format("the tag '{}' is reserved", name), "use another name",
                  path + "/tags/" + name);
        else if (name.size() > 512 || name.find_first_of("<>%&\\?/") != std::string::npos)
            error(diagnostics, fmt::format("Azure does not allow the tag '{}'", name),
                  "leave out the characters < > % & \\ ? /", path + "/tags/" + name);
    }
}

} // namespace pyfops::azure
