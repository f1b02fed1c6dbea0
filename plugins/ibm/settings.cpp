// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include "catalog.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm {
namespace {

BuildSettings read_build(const json::value& value) {
    BuildSettings build;
    build.source_url = string_or(value, "source_url");
    build.context_dir = string_or(value, "context_dir");
    build.revision = string_or(value, "revision");
    build.source_secret = string_or(value, "source_secret");
    build.output_image = string_or(value, "output_image");
    build.output_secret = string_or(value, "output_secret");
    build.registry_username = string_or(value, "registry_username", "iamapikey");
    build.registry_password = string_or(value, "registry_password");
    if (build.output_secret.empty() && !build.registry_password.empty())
        build.output_secret = "pyfops-registry";
    build.timeout_seconds = static_cast<int>(integer_or(value, "timeout", 600));
    return build;
}

} // namespace

std::vector<SettingInfo> setting_infos() {
    using Type = SettingInfo::Type;
    return {
        {"api",
         Type::string,
         "Code Engine, or the API of an Apache OpenWhisk host",
         {"code-engine", "openwhisk"}},
        {"project", Type::string, "Code Engine project to use; left out: one is made for the project", {}},
        {"resource_group", Type::string, "Id of the resource group for a project that is made", {}},
        {"endpoint", Type::string, "URL to use in place of Code Engine's own", {}},
        {"visibility",
         Type::string,
         "Who reaches the functions: everybody, the private network, or the Code Engine project",
         {"public", "private", "project"}},
        {"scale_down_delay", Type::integer, "Seconds that an idle instance stays; 0 to 600", {}},
        {"build",
         Type::object,
         "Git source, image and secret for code that is too large to be sent: source_url, context_dir, "
         "revision, source_secret, output_image, output_secret, registry_username, registry_password, "
         "timeout",
         {}},
        {"host", Type::string, "API host of OpenWhisk: a name or a URL", {}},
        {"namespace", Type::string, "Namespace on the OpenWhisk host; left out: the key's own", {}},
    };
}

bool is_openwhisk(const json::object& settings) {
    return string_or(settings, "api") == "openwhisk";
}

Settings read_settings(const json::object& object) {
    Settings settings;
    settings.openwhisk = is_openwhisk(object);
    settings.project = string_or(object, "project");
    settings.resource_group = string_or(object, "resource_group");
    settings.endpoint = string_or(object, "endpoint");
    settings.visibility = string_or(object, "visibility", "public");
    settings.scale_down_delay = static_cast<int>(integer_or(object, "scale_down_delay", 1));
    settings.host = string_or(object, "host");
    settings.name_space = string_or(object, "namespace", "_");
    if (const json::value* build = object.if_contains("build")) settings.build = read_build(*build);
    return settings;
}

std::string filled(std::string text, const FdIdentity& identity) {
    const std::pair<std::string, std::string> values[] = {{"{function}", identity.function},
                                                          {"{project}", identity.project}};
    for (const auto& [name, value] : values)
        for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size())
            text.replace(at, name.size(), value);
    return text;
}

} // namespace pyfops::ibm
