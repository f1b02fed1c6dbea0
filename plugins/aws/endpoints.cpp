// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"

#include "pyfops/error.hpp"

#include <array>
#include <cctype>
#include <optional>

namespace pyfops::aws {
namespace {

// endpoints.json and partitions.json of botocore 1.43.67. The first whose prefix fits is taken.
constexpr std::array<Partition, 8> partitions{{
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "iam.cn-north-1.amazonaws.com.cn",
     "cn-north-1"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "", "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "", "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "iam.eusc-de-east-1.amazonaws.eu",
     "eusc-de-east-1"},
    {"aws", "", "amazonaws.com", "api.aws", "iam.amazonaws.com", "us-east-1"},
}};

struct Override {
    std::string url;
    std::string source;
};

std::optional<Override> find_override(std::string_view service, const System& system,
                                      const ProfileFiles& files, const std::string& profile,
                                      const std::string& setting) {
    std::string name(service == "logs" ? "cloudwatch_logs" : service);
    std::string variable_name = "AWS_ENDPOINT_URL_" + name;
    for (char& c : variable_name)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const bool ignore = sdk::is_true(system, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (!ignore) {
        if (const auto url = variable(system, variable_name)) return Override{*url, variable_name};
        if (const auto url = variable(system, "AWS_ENDPOINT_URL")) return Override{*url, "AWS_ENDPOINT_URL"};
    }
    if (!setting.empty()) return Override{setting, "providers.aws.endpoint"};
    if (ignore) return std::nullopt;
    const Section* section = files.config(profile);
    if (!section) return std::nullopt;
    if (const std::string services = aws::member(*section, "services"); !services.empty())
        if (const Section* table = files.services(services))
            if (const std::string url = aws::member(*table, name + ".endpoint_url"); !url.empty())
                return Override{url, "[services " + services + "] in " + files.config_path()};
    if (const std::string url = aws::member(*section, "endpoint_url"); !url.empty())
        return Override{url, "endpoint_url of profile '" + profile + "' in " + files.config_path()};
    return std::nullopt;
}

std::string public_host(std::string_view service, const std::string& region, const Partition& partition,
                        bool dualstack, bool fips) {
    const std::string name = std::string(service) + (fips ? "-fips" : "");
    const std::string suffix(partition.dns_suffix);
    if (service == "iam") {
        if (partition.name == "aws" && fips) return "iam-fips.amazonaws.com";
        if (partition.name == "aws" && dualstack) return "iam.global.api.aws";
        return std::string(partition.iam_host);
    }
    if (service == "s3") return name + (dualstack ? ".dualstack." : ".") + region + "." + suffix;
    if (dualstack && !partition.dualstack.empty())
        return name + "." + region + "." + std::string(partition.dualstack);
    return name + "." + region + "." + suffix;
}

} // namespace

const Partition& partition_of(std::string_view region) {
    for (const Partition& one : partitions)
        if (region.starts_with(one.prefix)) return one;
    return partitions.back();
}

Endpoint resolve_endpoint(std::string_view service, const std::string& region, const System& system,
                          const ProfileFiles& files, const std::string& profile, const std::string& setting) {
    const Partition& partition = partition_of(region);
    Endpoint endpoint;
    endpoint.region = service == "iam" ? std::string(partition.iam_region) : region;
    if (const auto given = find_override(service, system, files, profile, setting)) {
        try {
            endpoint.url = Url::parse(given->url);
        } catch (const Error& failure) {
            throw Error(ErrorKind::invalid_input, "the endpoint in " + given->source + " is no URL")
                .context(failure.message());
        }
        endpoint.overridden = true;
        endpoint.loopback = sdk::is_loopback(endpoint.url.host);
        return endpoint;
    }
    endpoint.url.host =
        public_host(service, region, partition, sdk::is_true(system, "AWS_USE_DUALSTACK_ENDPOINT"),
                    sdk::is_true(system, "AWS_USE_FIPS_ENDPOINT"));
    return endpoint;
}

bool local_endpoint(const System& system) {
    return sdk::is_loopback_url(system, "AWS_ENDPOINT_URL");
}

} // namespace pyfops::aws
