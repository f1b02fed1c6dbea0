// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/target_rules.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/http.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace pyfops::sdk {
namespace {

void error(Diagnostics& diagnostics, std::string code, std::string summary, std::string hint,
           std::string path) {
    add_finding(diagnostics, Severity::error, std::move(code), std::move(summary), std::move(hint),
                std::move(path));
}

void warning(Diagnostics& diagnostics, std::string code, std::string summary, std::string hint,
             std::string path) {
    add_finding(diagnostics, Severity::warning, std::move(code), std::move(summary), std::move(hint),
                std::move(path));
}

int minor_of(const std::string& python) {
    const auto dot = python.find('.');
    return dot == std::string::npos ? 0 : std::atoi(python.c_str() + dot + 1);
}

bool is_blocked(const RuntimeInfo& runtime, const std::string& today) {
    return !runtime.block_create.empty() && today >= runtime.block_create;
}

/// The exact version, else the nearest by minor number, the newer one of two. One that the provider makes no
/// functions with any more is taken only when it is named for this provider.
const RuntimeInfo& choose(const ProviderInfo& info, const std::string& wanted, bool named,
                          const std::string& today) {
    const RuntimeInfo* best = nullptr;
    for (const RuntimeInfo& one : info.runtimes) {
        if (!named && is_blocked(one, today)) continue;
        const int distance = std::abs(minor_of(one.python) - minor_of(wanted));
        if (!best || distance < std::abs(minor_of(best->python) - minor_of(wanted))) best = &one;
    }
    return best ? *best : info.runtimes.front();
}

const RuntimeInfo& resolve_runtime(const ProviderInfo& info, const ResolveRequest& request,
                                   Diagnostics& diagnostics) {
    const bool named = request.settings.contains("python");
    const std::string wanted = string_or(request.settings, "python", request.function.python);
    const RuntimeInfo& runtime = choose(info, wanted, named, request.today);
    const std::string path = named ? request.settings_path + "/python" : request.function_path;
    if (runtime.python != wanted) {
        const bool known = std::any_of(info.runtimes.begin(), info.runtimes.end(),
                                       [&](const RuntimeInfo& one) { return one.python == wanted; });
        warning(diagnostics, "python-version",
                info.title + (known ? " makes no new functions with Python " : " has no Python ") + wanted +
                    ": " + runtime.python + " is taken",
                named ? "" : "providers." + info.id + ".python chooses another", path);
    }
    if (is_blocked(runtime, request.today))
        error(diagnostics, "runtime-blocked",
              info.title + " makes no new functions with " + runtime.name + " since " + runtime.block_create,
              "use a newer Python", path);
    else if (!runtime.deprecation.empty() && request.today >= runtime.deprecation &&
             runtime.python != info.runtimes.front().python) // there is a newer one to take
        warning(diagnostics, "runtime-deprecated",
                info.title + " has deprecated " + runtime.name + " since " + runtime.deprecation,
                "use a newer Python", path);
    return runtime;
}

int resolve_memory(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    if (!request.memory_mb) return info.memory.standard;
    const int memory = *request.memory_mb;
    if (!info.memory.allows(memory)) {
        std::string offered;
        for (const int size : info.memory.sizes)
            offered += (offered.empty() ? "" : ", ") + std::to_string(size);
        if (offered.empty())
            offered = std::to_string(info.memory.minimum) + " to " + std::to_string(info.memory.maximum);
        error(diagnostics, "memory", info.title + " does not offer " + std::to_string(memory) + " MB",
              offered + " MB can be had; the nearest is " + std::to_string(info.memory.nearest(memory)),
              request.function_path + "/memory");
    }
    return memory;
}

bool is_usual_name(const std::string& name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::size_t names_and_values(const std::map<std::string, std::string>& variables) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : variables)
        bytes += name.size() + value.size();
    return bytes;
}

void check_environment(const ProviderInfo& info, const ResolveRequest& request, const EnvironmentRule& rule,
                       Diagnostics& diagnostics) {
    std::map<std::string, std::string> plain{{probe_key_variable, std::string(32, 'x')}};
    for (const auto& [name, value] : request.function.environment) {
        const std::string path = request.function_path + "/environment/" + name;
        if (rule.reserved && rule.reserved(name))
            error(diagnostics, "environment", "'" + name + "' is reserved by " + info.title,
                  "use another name", path);
        else if (name.starts_with("PYFOPS_"))
            error(diagnostics, "environment", "'" + name + "' is reserved by pyfOps", "use another name",
                  path);
        else if (!(rule.allowed ? rule.allowed(name) : is_usual_name(name)))
            error(diagnostics, "environment", info.title + " does not allow the name '" + name + "'",
                  rule.names, path);
        if (const auto* text = std::get_if<std::string>(&value)) plain[name] = *text;
    }
    // Secrets are not resolved yet.
    const std::size_t bytes = rule.size ? rule.size(plain) : names_and_values(plain);
    if (bytes > info.limits.environment_bytes)
        error(diagnostics, "environment-size",
              "the environment has " + std::to_string(bytes) + " bytes, " + info.title + " takes " +
                  std::to_string(info.limits.environment_bytes),
              "put large values into a file of the code base", request.function_path + "/environment");
}

void check_region(const ProviderInfo& info, const ResolveRequest& request, Diagnostics& diagnostics) {
    const std::string& wanted = request.identity.region;
    std::vector<std::string> codes;
    for (const RegionInfo& one : info.regions) {
        if (one.code == wanted) return;
        codes.push_back(one.code);
    }
    const std::string close = nearest(wanted, codes);
    error(diagnostics, "unknown-region", info.title + " has no region '" + wanted + "'",
          close.empty() ? "" : "did you mean '" + close + "'?", request.deployment_path + "/regions");
}

} // namespace

void add_finding(Diagnostics& diagnostics, Severity severity, std::string code, std::string summary,
                 std::string hint, std::string path) {
    Finding finding;
    finding.severity = severity;
    finding.code = std::move(code);
    finding.summary = std::move(summary);
    finding.hint = std::move(hint);
    finding.path = std::move(path);
    diagnostics.add(std::move(finding));
}

Target resolve_target(const ProviderInfo& info, const ResolveRequest& request, const EnvironmentRule& rule,
                      Diagnostics& diagnostics) {
    check_region(info, request, diagnostics);
    const RuntimeInfo& runtime = resolve_runtime(info, request, diagnostics);
    Target target;
    target.identity = request.identity;
    target.python = runtime.python;
    target.runtime = runtime.name;
    target.glibc = runtime.glibc;
    target.architecture = string_or(request.settings, "architecture", info.architectures.front());
    target.memory_mb = resolve_memory(info, request, diagnostics);
    target.timeout_seconds = request.function.timeout_seconds;
    target.cloud_name = cloud_name(request.identity, info.limits.name_length);
    if (target.timeout_seconds < info.limits.timeout_minimum ||
        target.timeout_seconds > info.limits.timeout_maximum)
        error(diagnostics, "timeout",
              info.title + " does not allow a timeout of " + std::to_string(target.timeout_seconds) +
                  " seconds",
              std::to_string(info.limits.timeout_minimum) + " to " +
                  std::to_string(info.limits.timeout_maximum) + " seconds can be had",
              request.function_path + "/timeout");
    check_environment(info, request, rule, diagnostics);
    return target;
}

void group_by_code_base(Target& target, const FunctionSpec& function, const ProviderInfo& info) {
    const std::string& folder = function.source_name;
    std::string name;
    for (const char c : folder.substr(folder.find_last_of('/') + 1)) {
        const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        name += std::isalnum(static_cast<unsigned char>(lower)) ? lower : '-';
    }
    while (name.starts_with('-'))
        name.erase(0, 1);
    while (name.ends_with('-'))
        name.pop_back();
    if (name.empty()) name = "code";
    // "a/text" and "b/text" are two code bases.
    if (name != folder) name += "-" + sha256_hex(folder).substr(0, 6);
    target.group = name;
    FdIdentity shared = target.identity;
    shared.function = std::move(name);
    target.cloud_name = cloud_name(shared, info.limits.name_length);
}

void check_url_setting(const json::object& settings, const std::string& key, const std::string& path,
                       Diagnostics& diagnostics) {
    const std::string url = string_or(settings, key);
    if (url.empty()) return;
    try {
        Url::parse(url);
    } catch (const Error&) {
        error(diagnostics, "setting", "'" + url + "' is not a URL", "it begins with http:// or https://",
              path + "/" + key);
    }
}

std::optional<FdIdentity> parse_identity(const std::string& fd) {
    try {
        return FdIdentity::parse(fd);
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace pyfops::sdk
