// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "settings.hpp"

#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::google {
namespace {

constexpr std::size_t shortest_name = 4;
constexpr std::size_t most_variables = 1000;
constexpr std::size_t own_variables = 8; ///< that the deployer adds, at most
constexpr std::size_t own_variables_bytes = 512;

void error(Diagnostics& diagnostics, std::string summary, std::string hint, std::string path) {
    sdk::add_finding(diagnostics, Severity::error, "setting", std::move(summary), std::move(hint),
                     std::move(path));
}

/// What the platform sets itself; the API refuses them.
bool is_reserved(const std::string& name) {
    static constexpr std::array<std::string_view, 7> exact{"FUNCTION_TARGET",
                                                           "FUNCTION_SIGNATURE_TYPE",
                                                           "FUNCTION_SOURCE",
                                                           "K_SERVICE",
                                                           "K_REVISION",
                                                           "K_CONFIGURATION",
                                                           "PORT"};
    return std::find(exact.begin(), exact.end(), name) != exact.end() || name.starts_with("X_GOOGLE_");
}

std::size_t bytes_of(const std::map<std::string, std::string>& variables) {
    std::size_t bytes = own_variables_bytes;
    for (const auto& [name, value] : variables)
        bytes += name.size() + value.size();
    return bytes;
}

bool has_label_characters(const std::string& text) {
    return text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

} // namespace

bool is_label_key(const std::string& key) {
    return !key.empty() && key.front() >= 'a' && key.front() <= 'z' && has_label_characters(key);
}

bool is_label_value(const std::string& value) {
    return has_label_characters(value);
}

Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    sdk::EnvironmentRule rule;
    rule.reserved = is_reserved;
    rule.size = bytes_of;
    Target target = sdk::resolve_target(info, request, rule, diagnostics);
    if (target.cloud_name.size() < shortest_name)
        target.cloud_name += "-" + request.identity.id().substr(0, shortest_name);
    if (request.function.environment.size() + own_variables > most_variables)
        sdk::add_finding(diagnostics, Severity::error, "environment",
                         fmt::format("{} takes {} environment variables", info.title, most_variables),
                         "put values into a file of the code base", request.function_path + "/environment");
    return target;
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    static const std::regex project("([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]");
    static const std::regex account(R"([A-Za-z0-9._-]+@[A-Za-z0-9.-]+\.[a-z]+)");
    if (!settings.project.empty() && !std::regex_match(settings.project, project))
        error(diagnostics, fmt::format("'{}' cannot be the id of a Google Cloud project", settings.project),
              "take the id, not the name or the number: 6 to 30 lower-case letters, digits and hyphens",
              path + "/project");
    if (!settings.service_account.empty() && !std::regex_match(settings.service_account, account))
        error(diagnostics,
              fmt::format("'{}' is not the e-mail of a service account", settings.service_account),
              "it looks like name@project.iam.gserviceaccount.com", path + "/service_account");
    if (object.contains("max_instances") && !settings.max_instances)
        error(diagnostics, "max_instances must be at least 1", "leave it out for Google's own limit",
              path + "/max_instances");
    sdk::check_url_setting(object, "endpoint", path, diagnostics);
    if (const json::value* labels = object.if_contains("labels"); labels && labels->is_object())
        for (const auto& member : labels->as_object()) {
            const std::string key(member.key());
            const auto* value = member.value().if_string();
            const std::string where = path + "/labels/" + key;
            if (!value)
                error(diagnostics, fmt::format("the label '{}' has a value that is no text", key),
                      "put it into quotes", where);
            else if (key.starts_with("pyfops-") || key.starts_with("goog-"))
                error(diagnostics, fmt::format("the label '{}' is reserved", key), "use another name", where);
            else if (!is_label_key(key) || !is_label_value(std::string(*value)))
                error(diagnostics,
                      fmt::format("Google does not allow the label '{}: {}'", key, std::string_view(*value)),
                      "use lower-case letters, digits, '-' and '_', at most 63; the key begins with a letter",
                      where);
        }
}

} // namespace pyfops::google
