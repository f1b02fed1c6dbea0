// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "marks.hpp"
#include "settings.hpp"

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>

namespace pyfops::aws {
namespace {

void add(Diagnostics& diagnostics, Severity severity, std::string code, std::string summary, std::string hint,
         std::string path) {
    Finding finding;
    finding.severity = severity;
    finding.code = std::move(code);
    finding.summary = std::move(summary);
    finding.hint = std::move(hint);
    finding.path = std::move(path);
    diagnostics.add(std::move(finding));
}

void error(Diagnostics& diagnostics, std::string code, std::string summary, std::string hint,
           std::string path) {
    add(diagnostics, Severity::error, std::move(code), std::move(summary), std::move(hint), std::move(path));
}

void warning(Diagnostics& diagnostics, std::string code, std::string summary, std::string hint,
             std::string path) {
    add(diagnostics, Severity::warning, std::move(code), std::move(summary), std::move(hint),
        std::move(path));
}

int minor_of(const std::string& python) {
    const auto dot = python.find('.');
    return dot == std::string::npos ? 0 : std::atoi(python.c_str() + dot + 1);
}

/// The exact version, else the nearest by minor number, the newer one of two.
const RuntimeInfo& choose(const ProviderInfo& info, const std::string& wanted) {
    const RuntimeInfo* best = &info.runtimes.front();
    for (const RuntimeInfo& one : info.runtimes) {
        const int distance = std::abs(minor_of(one.python) - minor_of(wanted));
        if (distance < std::abs(minor_of(best->python) - minor_of(wanted))) best = &one;
    }
    return *best;
}

const RuntimeInfo& resolve_runtime(const ProviderInfo& info, const ResolveRequest& request,
                                   Diagnostics& diagnostics) {
    const std::string wanted = string_or(request.settings, "python", request.function.python);
    const RuntimeInfo& runtime = choose(info, wanted);
    const bool own = request.settings.contains("python");
    const std::string path = own ? request.settings_path + "/python" : request.function_path;
    if (runtime.python != wanted)
        warning(diagnostics, "python-version",
                fmt::format("AWS Lambda has no Python {}: {} is taken", wanted, runtime.python),
                own ? "" : "providers.aws.python chooses another", path);
    if (!runtime.block_create.empty() && request.today >= runtime.block_create)
        error(diagnostics, "runtime-blocked",
              fmt::format("AWS Lambda makes no new functions with {} since {}", runtime.name,
                          runtime.block_create),
              "use a newer Python", path);
    else if (!runtime.deprecation.empty() && request.today >= runtime.deprecation)
        warning(diagnostics, "runtime-deprecated",
                fmt::format("AWS Lambda gives no updates for {} since {}", runtime.name, runtime.deprecation),
                "use a newer Python", path);
    return runtime;
}

int resolve_memory(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    if (!request.memory_mb) return info.memory.standard;
    const int memory = *request.memory_mb;
    if (!info.memory.allows(memory)) {
        error(diagnostics, "memory", fmt::format("AWS Lambda does not offer {} MB", memory),
              fmt::format("{} to {} MB can be had; the nearest is {}", info.memory.minimum,
                          info.memory.maximum, info.memory.nearest(memory)),
              request.function_path + "/memory");
    } else if (memory > 3008) {
        warning(diagnostics, "memory-quota",
                fmt::format("{} MB is more than new AWS accounts may use", memory),
                "their quota is 3008 MB until AWS raises it", request.function_path + "/memory");
    }
    return memory;
}

bool is_reserved(const std::string& name) {
    // AWS refuses them.
    static constexpr std::array<std::string_view, 11> exact{
        "_HANDLER",          "_X_AMZN_TRACE_ID",      "AWS_REGION",        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY",
        "LAMBDA_TASK_ROOT",  "LAMBDA_RUNTIME_DIR",    "AWS_ACCESS_KEY_ID"};
    return std::find(exact.begin(), exact.end(), name) != exact.end() || name.starts_with("AWS_LAMBDA_");
}

void check_environment(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    static const std::regex allowed("[a-zA-Z][a-zA-Z0-9_]+");
    json::object plain{{probe_key_variable, std::string(32, 'x')}};
    for (const auto& [name, value] : request.function.environment) {
        const std::string path = request.function_path + "/environment/" + name;
        if (is_reserved(name))
            error(diagnostics, "environment", fmt::format("'{}' is reserved by AWS Lambda", name),
                  "use another name", path);
        else if (name.starts_with("PYFOPS_"))
            error(diagnostics, "environment", fmt::format("'{}' is reserved by pyfOps", name),
                  "use another name", path);
        else if (!std::regex_match(name, allowed))
            error(diagnostics, "environment", fmt::format("AWS Lambda does not allow the name '{}'", name),
                  "A letter, then at least one letter, digit or underscore", path);
        if (const auto* text = std::get_if<std::string>(&value)) plain[name] = *text;
    }
    // Secrets are not resolved yet; AWS counts the compact JSON of all.
    if (const std::size_t bytes = json::serialize(plain).size(); bytes > info.limits.environment_bytes)
        error(diagnostics, "environment-size",
              fmt::format("the environment has {} bytes, AWS Lambda takes {}", bytes,
                          info.limits.environment_bytes),
              "put large values into a file of the code base", request.function_path + "/environment");
}

} // namespace

Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    const FunctionSpec& function = request.function;
    const auto region =
        std::find_if(info.regions.begin(), info.regions.end(),
                     [&request](const RegionInfo& one) { return one.code == request.identity.region; });
    if (region == info.regions.end()) {
        std::vector<std::string> codes;
        for (const RegionInfo& one : info.regions)
            codes.push_back(one.code);
        const std::string close = nearest(request.identity.region, codes);
        error(diagnostics, "unknown-region",
              fmt::format("AWS Lambda has no region '{}'", request.identity.region),
              close.empty() ? "" : fmt::format("did you mean '{}'?", close),
              request.deployment_path + "/regions");
    }
    const RuntimeInfo& runtime = resolve_runtime(info, request, diagnostics);
    Target target;
    target.identity = request.identity;
    target.python = runtime.python;
    target.runtime = runtime.name;
    target.glibc = runtime.glibc;
    target.architecture = read_settings(request.settings).architecture;
    target.memory_mb = resolve_memory(info, request, diagnostics);
    target.timeout_seconds = function.timeout_seconds;
    target.cloud_name = cloud_name(request.identity, info.limits.name_length);
    if (function.timeout_seconds < info.limits.timeout_minimum ||
        function.timeout_seconds > info.limits.timeout_maximum)
        error(diagnostics, "timeout",
              fmt::format("AWS Lambda does not allow a timeout of {} seconds", function.timeout_seconds),
              fmt::format("{} to {} seconds can be had", info.limits.timeout_minimum,
                          info.limits.timeout_maximum),
              request.function_path + "/timeout");
    check_environment(info, request, diagnostics);
    return target;
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    static const std::regex role(R"(arn:aws[a-z-]*:iam::\d{12}:role/?[A-Za-z_0-9+=,.@\-/]+)");
    static const std::regex bucket("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    if (!settings.role.empty() && !std::regex_match(settings.role, role))
        error(diagnostics, "setting", fmt::format("'{}' is not the ARN of a role", settings.role),
              "it looks like arn:aws:iam::123456789012:role/name", path + "/role");
    if (!settings.bucket.empty() && !std::regex_match(settings.bucket, bucket))
        error(diagnostics, "setting", fmt::format("'{}' cannot be the name of an S3 bucket", settings.bucket),
              "", path + "/bucket");
    if (!settings.endpoint.empty()) {
        try {
            Url::parse(settings.endpoint);
        } catch (const Error&) {
            error(diagnostics, "setting", fmt::format("'{}' is not a URL", settings.endpoint),
                  "it begins with http:// or https://", path + "/endpoint");
        }
    }
    if (const json::value* tags = object.if_contains("tags"); tags && tags->is_object())
        for (const auto& member : tags->as_object()) {
            const std::string name(member.key());
            if (!member.value().is_string())
                error(diagnostics, "setting", fmt::format("the tag '{}' has a value that is no text", name),
                      "put it into quotes", path + "/tags/" + name);
            else if (name.starts_with("pyfops:") || name.starts_with("aws:"))
                error(diagnostics, "setting", fmt::format("the tag '{}' is reserved", name),
                      "use another name", path + "/tags/" + name);
        }
}

} // namespace pyfops::aws
