// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"

#include "data/regions.hpp"
#include "profile_files.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/endpoint.hpp"

#include <optional>

namespace pyfops::alibaba {
namespace {

constexpr const char* fc_variable = "FC_CLIENT_CUSTOM_ENDPOINT"; // of Serverless Devs' fc3 component

const char* variable_of(Service service) {
    switch (service) {
    case Service::fc:
        return fc_variable;
    case Service::sts:
        return "ALIBABA_CLOUD_STS_ENDPOINT";
    case Service::oss:
        return "ALIBABA_CLOUD_OSS_ENDPOINT";
    case Service::log:
        break;
    }
    return "ALIBABA_CLOUD_SLS_ENDPOINT";
}

std::string sts_host(const std::string& region, const System& system) {
    const std::string prefix =
        sdk::is_true(system, "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") ? "sts-vpc." : "sts.";
    if (const auto wanted = variable(system, "ALIBABA_CLOUD_STS_REGION"))
        return prefix + *wanted + ".aliyuncs.com";
    const Region* known = find_region(region);
    return known && known->own_sts_host ? prefix + region + ".aliyuncs.com" : "sts.aliyuncs.com";
}

std::string public_host(Service service, const std::string& region, const std::string& account,
                        const System& system) {
    const Region* known = find_region(region);
    switch (service) {
    case Service::fc:
        if (!account.empty()) return account + "." + region + ".fc.aliyuncs.com";
        return known && known->own_fc_host ? region + ".fc.aliyuncs.com" : "fcv3." + region + ".aliyuncs.com";
    case Service::sts:
        return sts_host(region, system);
    case Service::oss:
        return "oss-" + region + ".aliyuncs.com";
    case Service::log:
        break;
    }
    return region + ".log.aliyuncs.com";
}

} // namespace

std::string_view to_string(Service service) noexcept {
    switch (service) {
    case Service::fc:
        return "fc";
    case Service::sts:
        return "sts";
    case Service::oss:
        return "oss";
    case Service::log:
        break;
    }
    return "log";
}

Endpoint resolve_endpoint(Service service, const std::string& region, const std::string& account,
                          const System& system, const std::string& setting) {
    Endpoint endpoint;
    endpoint.region = region;
    std::string source = variable_of(service);
    std::optional<std::string> given = variable(system, source);
    if (!given && service == Service::fc && !setting.empty()) {
        given = setting;
        source = "providers.alibaba.endpoint";
    }
    if (!given) {
        endpoint.url.host = public_host(service, region, account, system);
        return endpoint;
    }
    try {
        endpoint.url = Url::parse(*given);
    } catch (const Error& failure) {
        throw Error(ErrorKind::invalid_input, "the endpoint in " + source + " is no URL")
            .context(failure.message());
    }
    endpoint.overridden = true;
    endpoint.loopback = sdk::is_loopback(endpoint.url.host);
    return endpoint;
}

Url url_of(const ApiCall& call, const Endpoint& endpoint) {
    Url url = endpoint.url;
    std::string prefix(url.path());
    while (prefix.ends_with('/'))
        prefix.pop_back();
    if (!call.bucket.empty()) {
        if (endpoint.overridden)
            prefix += "/" + call.bucket;
        else
            url.host = call.bucket + "." + url.host;
    }
    if (!call.project.empty()) {
        // The project is nowhere else in a request: in the path stands the whole host name.
        if (endpoint.overridden)
            prefix += "/" + call.project + "." + endpoint.region + ".log.aliyuncs.com";
        else
            url.host = call.project + "." + url.host;
    }
    url.target = prefix + call.target;
    return url;
}

bool local_endpoint(const System& system) {
    return sdk::is_loopback_url(system, fc_variable);
}

} // namespace pyfops::alibaba
