// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "settings.hpp"

#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::alibaba {
namespace {

void error(Diagnostics& diagnostics, std::string summary, std::string hint, std::string path) {
    sdk::add_finding(diagnostics, Severity::error, "setting", std::move(summary), std::move(hint),
                     std::move(path));
}

bool is_reserved(const std::string& name) {
    static constexpr std::array<std::string_view, 4> exact{"accessKeyID", "accessKeySecret", "securityToken",
                                                           "topic"};
    return name.starts_with("FC_") || std::find(exact.begin(), exact.end(), name) != exact.end();
}

bool is_allowed(const std::string& name) {
    static const std::regex allowed("[a-zA-Z][a-zA-Z0-9_]*");
    return std::regex_match(name, allowed);
}

void check_patterns(const Settings& settings, const std::string& path, Diagnostics& diagnostics) {
    static const std::regex role(R"(acs:ram::\d+:role/[A-Za-z0-9.\-]{1,64})");
    static const std::regex account(R"(\d{4,20})");
    static const std::regex bucket("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]");
    const auto check = [&](const std::string& value, const std::regex& expression, const char* key,
                           const char* what, const char* hint) {
        if (!value.empty() && !std::regex_match(value, expression))
            error(diagnostics, fmt::format("'{}' is not {}", value, what), hint, path + "/" + key);
    };
    check(settings.role, role, "role", "the ARN of a RAM role",
          "it looks like acs:ram::1234567890:role/name");
    check(settings.account_id, account, "account_id", "the id of an Alibaba Cloud account",
          "it is a number, in quotes");
    check(settings.bucket, bucket, "bucket", "the name of an OSS bucket", "");
    check(settings.log_project, bucket, "log_project", "the name of a project of Simple Log Service", "");
}

void check_tags(const json::object& tags, const std::string& path, Diagnostics& diagnostics) {
    for (const auto& member : tags) {
        const std::string name(member.key());
        if (!member.value().is_string())
            error(diagnostics, fmt::format("the tag '{}' has a value that is no text", name),
                  "put it into quotes", path + "/" + name);
        else if (name.starts_with("pyfops:") || name.starts_with("aliyun") || name.starts_with("acs:"))
            error(diagnostics, fmt::format("the tag '{}' is reserved", name), "use another name",
                  path + "/" + name);
    }
}

} // namespace

Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    const sdk::EnvironmentRule rule{
        is_allowed, "a letter, then letters, digits and underscores", is_reserved, {}};
    return sdk::resolve_target(info, request, rule, diagnostics);
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    check_patterns(settings, path, diagnostics);
    if (settings.disk != 512 && settings.disk != 10240)
        error(diagnostics, fmt::format("there is no disk of {} MB", settings.disk), "it has 512 or 10240 MB",
              path + "/disk");
    if (settings.log_project.empty() != settings.log_store.empty())
        error(diagnostics, "log_project and log_store belong together", "set both, or neither",
              path + (settings.log_project.empty() ? "/log_store" : "/log_project"));
    else if (settings.has_logs() && settings.role.empty())
        error(diagnostics, "functions without a role cannot write to a Logstore",
              "set providers.alibaba.role to a role that may post logs", path + "/log_project");
    sdk::check_url_setting(object, "endpoint", path, diagnostics);
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        check_tags(tags->as_object(), path + "/tags", diagnostics);
}

} // namespace pyfops::alibaba
