// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>

namespace pyfops::azure {
namespace {

constexpr std::array<SovereignCloud, 3> clouds{{
    {"login.microsoftonline.com", "management.azure.com", "azurewebsites.net", "core.windows.net",
     "api.applicationinsights.io"},
    {"login.chinacloudapi.cn", "management.chinacloudapi.cn", "chinacloudsites.cn", "core.chinacloudapi.cn",
     "api.applicationinsights.azure.cn"},
    {"login.microsoftonline.us", "management.usgovcloudapi.net", "azurewebsites.us", "core.usgovcloudapi.net",
     "api.applicationinsights.us"},
}};

Url parse(const std::string& text, const std::string& source) {
    Url url;
    try {
        url = Url::parse(text.find("://") == std::string::npos ? "https://" + text : text);
    } catch (const Error& failure) {
        throw Error(ErrorKind::invalid_input, source + " is not a URL: " + failure.message());
    }
    if (url.scheme != "https" && !sdk::is_loopback(url.host))
        throw Error(ErrorKind::invalid_input,
                    source + " is not https: secrets would go over the network in the clear");
    return url;
}

std::string prefix_of(const Url& url) {
    std::string prefix(url.path());
    while (prefix.ends_with('/'))
        prefix.pop_back();
    return prefix;
}

} // namespace

std::string Endpoints::manager_scope() const {
    return "https://" + std::string(cloud->manager) + "/.default";
}

std::string Endpoints::insights_scope() const {
    return "https://" + std::string(cloud->insights) + "/.default";
}

Url Endpoints::at(const std::string& host, const std::string& target) const {
    Url url;
    if (loopback) {
        url = manager;
        url.target = "/" + host + target;
    } else {
        url.host = host;
        url.target = target;
    }
    return url;
}

Url Endpoints::of_manager(const std::string& target) const {
    Url url = manager;
    url.target = prefix_of(manager) + target;
    return url;
}

bool Endpoints::is_manager(const Url& url) const {
    const bool same = url.scheme == manager.scheme && lower_case(url.host) == lower_case(manager.host) &&
                      url.effective_port() == manager.effective_port();
    // What has no path must keep to the manager's part of an emulator's address.
    return same && url.target.starts_with(prefix_of(manager) + "/");
}

bool Endpoints::is_site_host(std::string_view host) const {
    const std::string name = lower_case(host);
    const std::string suffix = "." + std::string(cloud->sites);
    return name.size() > suffix.size() && name.ends_with(suffix) &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
}

Endpoints resolve_endpoints(const System& system, const std::string& setting) {
    Endpoints endpoints;
    const auto authority = variable(system, "AZURE_AUTHORITY_HOST");
    endpoints.authority = parse(authority.value_or(std::string(clouds[0].authority)), "AZURE_AUTHORITY_HOST");
    const auto found = std::find_if(clouds.begin(), clouds.end(), [&endpoints](const SovereignCloud& one) {
        return one.authority == lower_case(endpoints.authority.host);
    });
    endpoints.cloud = found == clouds.end() ? &clouds[0] : found;
    if (const auto manager = variable(system, "AZURE_RESOURCE_MANAGER_ENDPOINT"))
        endpoints.manager = parse(*manager, "AZURE_RESOURCE_MANAGER_ENDPOINT");
    else if (!setting.empty())
        endpoints.manager = parse(setting, "providers.azure.endpoint");
    else
        endpoints.manager = parse(std::string(endpoints.cloud->manager), "the endpoint of Azure");
    endpoints.loopback = sdk::is_loopback(endpoints.manager.host);
    return endpoints;
}

bool local_endpoint(const System& system) {
    const auto manager = variable(system, "AZURE_RESOURCE_MANAGER_ENDPOINT");
    return manager && sdk::is_loopback(parse(*manager, "AZURE_RESOURCE_MANAGER_ENDPOINT").host);
}

} // namespace pyfops::azure
