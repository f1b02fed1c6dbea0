// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "catalog.hpp"
#include "pyfops/sdk/target_rules.hpp"
#include "settings.hpp"

#include <fmt/format.h>

#include <array>
#include <regex>

namespace pyfops::ibm {
namespace {

void error(Diagnostics& diagnostics, std::string summary, std::string hint, std::string path) {
    sdk::add_finding(diagnostics, Severity::error, "setting", std::move(summary), std::move(hint),
                     std::move(path));
}

/// Set by Code Engine and by OpenWhisk.
bool is_reserved(const std::string& name) {
    return name.starts_with("CE_") || name.starts_with("__OW_") || name.starts_with("KUBERNETES_");
}

void check_build(const json::value& build, const std::string& path, Diagnostics& diagnostics) {
    static constexpr std::array known{"source_url",        "context_dir",       "revision",
                                      "source_secret",     "output_image",      "output_secret",
                                      "registry_username", "registry_password", "timeout"};
    if (!build.is_object()) return;
    for (const auto& member : build.as_object()) {
        const std::string name(member.key());
        if (std::find(known.begin(), known.end(), name) == known.end())
            error(diagnostics, fmt::format("'{}' is no setting of a build", name),
                  fmt::format("known: {}", fmt::join(known, ", ")), path + "/" + name);
        else if (name == "timeout" ? !member.value().is_int64() : !member.value().is_string())
            error(diagnostics,
                  fmt::format("'{}' must be {}", name, name == "timeout" ? "a whole number" : "text"), "",
                  path + "/" + name);
    }
    const Settings settings = read_settings(json::object{{"build", build}});
    const BuildSettings& wanted = settings.build;
    if (!wanted.configured())
        error(diagnostics, "a build needs 'source_url'", "name a git repository", path + "/source_url");
    static const std::regex source(R"(https?://[^\s@]+|ssh://\S+|git@\S+)");
    if (wanted.configured() && !std::regex_match(wanted.source_url, source))
        error(diagnostics, fmt::format("'{}' is not the URL of a git repository", wanted.source_url),
              "it begins with https:// or git@, without a password in it", path + "/source_url");
    // {function} and {project} stand for names, which fit everywhere.
    static const std::regex image(R"([a-z0-9][a-z0-9._-]*\.[a-z]+(:\d+)?/[a-z0-9{}/_.-]+)");
    if (!std::regex_match(wanted.output_image, image))
        error(diagnostics, "a build needs 'output_image': registry, name space and repository, without a tag",
              "it looks like private.eu-de.icr.io/name-space/{function}", path + "/output_image");
    if (wanted.output_secret.empty())
        error(diagnostics, "a build needs 'output_secret' or 'registry_password'",
              "name a registry secret of the Code Engine project, or give env:NAME of the password",
              path + "/output_secret");
    if (!wanted.registry_password.empty() && !wanted.registry_password.starts_with("env:"))
        error(diagnostics, "'registry_password' must not hold the password itself",
              "write env:NAME and export NAME", path + "/registry_password");
}

/// A host of OpenWhisk is its operator's: it has the one region that the project says.
ProviderInfo with_region(ProviderInfo info, const std::string& region) {
    info.regions = {{region, "", false}};
    return info;
}

} // namespace

Target resolve_target(const ResolveRequest& request, Diagnostics& diagnostics) {
    const sdk::EnvironmentRule rule{{}, sdk::EnvironmentRule{}.names, is_reserved, {}};
    const ProviderInfo& offered = offer(request.settings);
    if (is_openwhisk(request.settings))
        return sdk::resolve_target(with_region(offered, request.identity.region), request, rule, diagnostics);
    return sdk::resolve_target(offered, request, rule, diagnostics);
}

void check_settings(const json::object& object, const std::string& path, Diagnostics& diagnostics) {
    const Settings settings = read_settings(object);
    sdk::check_url_setting(object, "endpoint", path, diagnostics);
    if (settings.host.find("://") != std::string::npos)
        sdk::check_url_setting(object, "host", path, diagnostics);
    if (settings.scale_down_delay < 0 || settings.scale_down_delay > 600)
        error(diagnostics,
              fmt::format("a scale_down_delay of {} seconds cannot be had", settings.scale_down_delay),
              "0 to 600 can", path + "/scale_down_delay");
    static constexpr std::array code_engine_only{"project",    "resource_group", "endpoint",
                                                 "visibility", "build",          "scale_down_delay"};
    static constexpr std::array openwhisk_only{"host", "namespace"};
    const auto refuse = [&](const char* key, const char* api) {
        if (object.contains(key))
            error(diagnostics, fmt::format("'{}' is a setting of {}", key, api),
                  fmt::format("leave it out, or set api to the other one"), path + "/" + key);
    };
    if (settings.openwhisk)
        for (const char* key : code_engine_only)
            refuse(key, "Code Engine, not of OpenWhisk");
    else
        for (const char* key : openwhisk_only)
            refuse(key, "OpenWhisk, not of Code Engine");
    if (const json::value* build = object.if_contains("build"); build && !settings.openwhisk)
        check_build(*build, path + "/build", diagnostics);
}

} // namespace pyfops::ibm
