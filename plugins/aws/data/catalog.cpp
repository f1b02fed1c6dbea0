// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include "credentials/chain.hpp"
#include "data/regions.hpp"

namespace pyfops::aws {
namespace {

constexpr const char* runtime_source =
    "tflint-ruleset-aws, rules/aws_lambda_function_deprecated_runtime.go; glibc: chalice packager, July 2026";
constexpr const char* quota_source = "AWS Lambda quotas; API model of botocore 1.43.67";
constexpr const char* price_source =
    "AWS Lambda pricing, first tier, read November 2026; regions: aws-lambda-power-tuning, April 2026";

std::vector<RuntimeInfo> runtimes() {
    return {
        {"3.14", "python3.14", "Amazon Linux 2023", "2.34", "2029-06-30", "", "2029-08-31", false,
         runtime_source},
        {"3.13", "python3.13", "Amazon Linux 2023", "2.34", "2029-06-30", "", "2029-08-31", false,
         runtime_source},
        {"3.12", "python3.12", "Amazon Linux 2023", "2.34", "2028-10-31", "", "", false, runtime_source},
        {"3.11", "python3.11", "Amazon Linux 2", "2.26", "2027-06-30", "2027-07-31", "2027-08-31", false,
         runtime_source},
        {"3.10", "python3.10", "Amazon Linux 2", "2.26", "2026-06-30", "", "", false, runtime_source},
        {"3.9", "python3.9", "Amazon Linux 2", "2.26", "2025-12-15", "", "", false,
         "endoflife.date, February 2026"},
    };
}

ProviderLimits limits() {
    ProviderLimits all;
    all.timeout_minimum = 1;
    all.timeout_maximum = 900;
    all.timeout_standard = 30;
    all.inline_zip_bytes = 50u << 20; // 52428800: "Zipped size must be smaller than", as AWS says
    all.zip_bytes = 262144000;        // by S3 only the unpacked size is limited
    all.unzipped_bytes = 262144000;   // 250 MB, layers included
    all.environment_bytes = 4096;     // of the compact JSON of names and values
    all.name_length = 64;
    all.event_bytes = 6u << 20;
    all.answer_bytes = 6u << 20;
    all.source = quota_source;
    return all;
}

/// USD per GB-second from the base cost per ms at 128 MB.
double gb_second(double per_ms_at_128) {
    return per_ms_at_128 * 8 * 1000;
}

std::vector<PriceInfo> prices() {
    constexpr double request = 2e-7;
    std::vector<PriceInfo> all{{"", "x86_64", request, 1.66667e-5, 0, 1, 0, price_source},
                               {"", "arm64", request, 1.33334e-5, 0, 1, 0, price_source}};
    for (const auto& [region, per_ms] : {std::pair{"ap-east-1", 2.9e-9},
                                         {"af-south-1", 2.8e-9},
                                         {"me-south-1", 2.6e-9},
                                         {"eu-south-1", 2.4e-9},
                                         {"ap-northeast-3", 2.7e-9},
                                         {"cn-north-1", 1.42e-8},
                                         {"cn-northwest-1", 1.42e-8}})
        all.push_back({region, "x86_64", request, gb_second(per_ms), 0, 1, 0, price_source});
    return all;
}

std::vector<SettingInfo> settings() {
    using Type = SettingInfo::Type;
    return {
        {"role", Type::string, "ARN of the execution role; left out: one is made for the project", {}},
        {"url", Type::boolean, "Give every function a public URL", {}},
        {"profile",
         Type::string,
         "Profile of the AWS configuration files; then the environment is not asked",
         {}},
        {"bucket", Type::string, "S3 bucket for packages over 50 MB; left out: one is made when needed", {}},
        {"endpoint", Type::string, "URL to use in place of AWS's own endpoints", {}},
        {"tags", Type::object, "Further tags of everything that is made", {}},
        {"architecture", Type::string, "Processor of the functions", {"x86_64", "arm64"}},
    };
}

} // namespace

const ProviderInfo& catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all;
        all.id = "aws";
        all.title = "AWS Lambda";
        all.afcl_name = "AWS";
        all.afcl_short = "AWS";
        all.regions = regions();
        all.runtimes = runtimes();
        all.architectures = {"x86_64", "arm64"};
        all.memory.minimum = 128;
        all.memory.maximum = 10240;
        all.memory.step = 1;
        all.memory.standard = 128;
        all.memory.tuning_step = 64;
        all.memory.cpu = {{128, 128 / 1769.0}, {10240, 10240 / 1769.0}}; // 1769 MB: one vCPU
        all.memory.source = std::string(quota_source) + "; new accounts stop at 3008 MB";
        all.limits = limits();
        all.prices = prices();
        all.settings = settings();
        // The SDK of the runtime (developer guide, "Runtime-included SDK versions").
        all.provided_modules = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"};
        all.credential_sources = credential_sources();
        all.concurrency = 10;
        return all;
    }();
    return info;
}

} // namespace pyfops::aws
