// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include "cpu.hpp"
#include "credentials/chain.hpp"
#include "data/regions.hpp"

namespace pyfops::alibaba {
namespace {

constexpr const char* runtime_source =
    "Function Compute documentation, runtime overview (2026); glibc is that of the named Debian";
constexpr const char* limit_source = "Function Compute 3.0 documentation, limits; schema of the fc3 "
                                     "component (May 2026); the strictest of both";
constexpr const char* price_source =
    "Function Compute documentation, billing overview: first tier, USD 0.00002 for a CU";

constexpr double usd_per_cu = 2e-5;

std::vector<RegionInfo> region_infos() {
    std::vector<RegionInfo> all;
    for (const Region& one : regions())
        all.push_back({std::string(one.code), std::string(one.location), false});
    return all;
}

std::vector<RuntimeInfo> runtimes() {
    // Dates of their ends: not published.
    return {
        {"3.12", "python3.12", "Debian 11", "2.31", "", "", "", true, runtime_source},
        {"3.10", "python3.10", "Debian 10", "2.28", "", "", "", false, runtime_source},
        {"3.9", "python3.9", "Debian 9", "2.24", "", "", "", false, runtime_source},
    };
}

ProviderLimits limits() {
    ProviderLimits all;
    all.timeout_minimum = 1;
    all.timeout_maximum = 86400;
    all.timeout_standard = 30;
    // The documented 100 MB may be of the archive or of its base64 text in a request: half is below both.
    all.inline_zip_bytes = 50u << 20;
    all.zip_bytes = 500u << 20;
    all.environment_bytes = 4096;
    all.name_length = 64;
    all.event_bytes = 32u << 20;
    all.answer_bytes = 32u << 20; // not stated for answers: the same is assumed
    all.source = limit_source;
    return all;
}

MemoryRule memory() {
    MemoryRule rule;
    rule.minimum = 128;
    rule.maximum = 32768;
    rule.step = 64;
    rule.standard = 128;
    rule.tuning_step = 64;
    const int gigabytes = gigabytes_per_vcpu(usual_cpu_ratio);
    for (const int size : {128, 256, 512, 1024, 32768})
        rule.cpu.push_back({size, vcpus(size, gigabytes)});
    rule.source = std::string(limit_source) + "; vCPU at the ratio " + usual_cpu_ratio;
    return rule;
}

PriceInfo price() {
    PriceInfo all;
    all.per_request = 75.0 / 10'000 * usd_per_cu;
    all.per_vcpu_second = 1.0 * usd_per_cu;
    all.per_gb_second = 0.15 * usd_per_cu;
    all.rounding_ms = 1;
    all.source = price_source;
    return all;
}

std::vector<SettingInfo> settings() {
    using Type = SettingInfo::Type;
    return {
        {"http_trigger",
         Type::string,
         "Who may call the functions' URLs: everybody, holders of signatures, or no URLs at all",
         {"anonymous", "function", "none"}},
        {"cpu", Type::string, "vCPUs to GB of memory", {"1:1", "1:2", "1:4"}},
        {"disk", Type::integer, "Size of the functions' disk in MB: 512 or 10240", {}},
        {"role", Type::string, "ARN of the RAM role that the functions have", {}},
        {"profile", Type::string, "Profile of the Alibaba Cloud CLI; then the environment is not asked", {}},
        {"account_id", Type::string, "Account that the project is for; keys of another one are refused", {}},
        {"bucket", Type::string, "OSS bucket for packages over 50 MB; left out: one is made when needed", {}},
        {"log_project", Type::string, "Project of Simple Log Service that the functions log to", {}},
        {"log_store", Type::string, "Logstore in that project", {}},
        {"endpoint", Type::string, "URL to use in place of Function Compute's own endpoints", {}},
        {"tags", Type::object, "Further tags of everything that is made", {}},
    };
}

} // namespace

const ProviderInfo& catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all;
        all.id = "alibaba";
        all.title = "Alibaba Function Compute";
        all.afcl_name = "Alibaba";
        all.afcl_short = "Alibaba";
        all.regions = region_infos();
        all.runtimes = runtimes();
        all.memory = memory();
        all.limits = limits();
        all.prices = {price()};
        all.settings = settings();
        all.credential_sources = credential_sources();
        all.concurrency = 10;
        return all;
    }();
    return info;
}

} // namespace pyfops::alibaba
