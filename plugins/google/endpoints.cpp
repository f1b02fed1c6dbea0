// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"

#include "pyfops/error.hpp"

#include <cctype>

namespace pyfops::google {
namespace {

constexpr std::string_view overrides = "CLOUDSDK_API_ENDPOINT_OVERRIDES_";

Url parse(const std::string& text, const std::string& source) {
    try {
        return Url::parse(text);
    } catch (const Error& failure) {
        throw Error(ErrorKind::invalid_input, "the endpoint in " + source + " is no URL")
            .context(failure.message());
    }
}

bool has_function_name(std::string_view host) {
    return host.ends_with(".cloudfunctions.net") || host.ends_with(".run.app");
}

} // namespace

Endpoint resolve_endpoint(std::string_view service, const System& system, const std::string& setting) {
    std::string name(overrides);
    for (const char c : service)
        name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const std::string host = std::string(service) + ".googleapis.com";
    Endpoint endpoint;
    if (const auto url = variable(system, name)) {
        endpoint.url = parse(*url, name);
    } else if (!setting.empty()) {
        endpoint.url = parse(setting, "providers.google.endpoint");
        if (!endpoint.url.target.ends_with('/')) endpoint.url.target += '/';
        endpoint.url.target += host;
    } else {
        endpoint.url.host = host;
        return endpoint;
    }
    endpoint.overridden = true;
    endpoint.loopback = sdk::is_loopback(endpoint.url.host);
    return endpoint;
}

bool local_endpoint(const System& system) {
    return sdk::is_loopback_url(system, std::string(overrides) + "CLOUDFUNCTIONS");
}

bool is_function_url(const Url& url, const Endpoint& functions) {
    if (url.scheme == "https" && has_function_name(url.host)) return true;
    if (!functions.overridden || url.host != functions.url.host ||
        url.effective_port() != functions.url.effective_port())
        return false;
    const std::string_view path = url.path().substr(1);
    return has_function_name(path.substr(0, path.find('/')));
}

} // namespace pyfops::google
