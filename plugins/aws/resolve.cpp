// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "settings.hpp"

#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::aws {
namespace {

void error(Diagnostics& diagnostics, std::string summary, std::string hint, std::string path) {
    sdk::add_finding(diagnostics, Severity::error, "setting", std::move(summary), std::move(hint),
                     std::move(path));
}

bool is_reserved(const std::string& name) {
    // AWS refuses them.
    static constexpr std::array<std::string_view, 11> exact{
        "_HANDLER",          "_X_AMZN_TRACE_ID",      "AWS_REGION",        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY",
        "LAMBDA_TASK_ROOT",  "LAMBDA_RUNTIME_DIR",    "AWS_ACCESS_KEY_ID"};
    return std::find(exact.begin(), exact.end(), name) != exact.end() || name.starts_with("AWS_LAMBDA_");
}

bool is_allowed(const std::string& name) {
    static const std::regex allowed("[a-zA-Z][a-zA-Z0-9_]+");
    return std::regex_match(name, allowed);
}

/// AWS counts the compact JSON of all.
std::size_t json_bytes(const std::map<std::string, std::string>& variables) {
    json::object all;
    for (const auto& [name, value] : variables)
        all[name] = value;
    return json::serialize(all).size();
}

constexpr int new_account_quota = 3008;

} // namespace

Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    const sdk::EnvironmentRule rule{is_allowed, "a letter, then at least one letter, digit or underscore",
                                    is_reserved, json_bytes};
    Target target = sdk::resolve_target(info, request, rule, diagnostics);
    if (request.memory_mb && target.memory_mb > new_account_quota && info.memory.allows(target.memory_mb))
        sdk::add_finding(diagnostics, Severity::warning, "memory-quota",
                         fmt::format("{} MB is more than new AWS accounts may use", target.memory_mb),
                         fmt::format("their quota is {} MB until AWS raises it", new_account_quota),
                         request.function_path + "/memory");
    return target;
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    static const std::regex role(R"(arn:aws[a-z-]*:iam::\d{12}:role/?[A-Za-z_0-9+=,.@\-/]+)");
    static const std::regex bucket("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    if (!settings.role.empty() && !std::regex_match(settings.role, role))
        error(diagnostics, fmt::format("'{}' is not the ARN of a role", settings.role),
              "it looks like arn:aws:iam::123456789012:role/name", path + "/role");
    if (!settings.bucket.empty() && !std::regex_match(settings.bucket, bucket))
        error(diagnostics, fmt::format("'{}' cannot be the name of an S3 bucket", settings.bucket), "",
              path + "/bucket");
    sdk::check_url_setting(object, "endpoint", path, diagnostics);
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        for (const auto& member : tags->as_object()) {
            const std::string name(member.key());
            if (!member.value().is_string())
                error(diagnostics, fmt::format("the tag '{}' has a value that is no text", name),
                      "put it into quotes", path + "/tags/" + name);
            else if (name.starts_with("pyfops:") || name.starts_with("aws:"))
                error(diagnostics, fmt::format("the tag '{}' is reserved", name), "use another name",
                      path + "/tags/" + name);
        }
}

} // namespace pyfops::aws
