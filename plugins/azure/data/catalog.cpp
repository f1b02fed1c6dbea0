// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include "credentials/chain.hpp"
#include "data/regions.hpp"
#include "settings.hpp"

namespace pyfops::azure {
namespace {

constexpr const char* runtime_source = "azure-functions-core-tools, August 2026; dates: python.org (not "
                                       "proven for Azure); glibc: Debian 11 images, "
                                       "not proven";
constexpr const char* limit_source =
    "azure-docs, functions-limits and flex-consumption-plan; core tools, August 2026";
constexpr const char* flex_price_source =
    "modal.com price guide, May 2025; rounding: azure-docs, May 2024; price of a request not proven";
constexpr const char* consumption_price_source =
    "azure-docs, functions-consumption-costs; minimum not proven";

RuntimeInfo runtime(const char* python, const char* end) {
    return {python, std::string("python") + python, "Debian", "2.31", end, "", "", false, runtime_source};
}

ProviderLimits limits() {
    ProviderLimits all;
    all.timeout_minimum = 1;
    all.timeout_maximum = 3600; // Flex knows no end; a call over HTTP has one (http_answer_seconds)
    all.timeout_standard = 30;
    all.zip_bytes = std::size_t{1} << 30; // no limit is published: what the program itself handles
    all.name_length = 51;                 // 60, with a hash of subscription and region
    all.event_bytes = 100u << 20;
    all.answer_bytes = 100u << 20;
    all.source = limit_source;
    return all;
}

std::vector<SettingInfo> settings() {
    using Type = SettingInfo::Type;
    return {
        {"subscription",
         Type::string,
         "Id of the subscription; left out: AZURE_SUBSCRIPTION_ID, else the only one that there is",
         {}},
        {"resource_group", Type::string, "Resource group to use; left out: one is made for the project", {}},
        {"plan",
         Type::string,
         "Flex Consumption (default), or the classic Consumption plan of Linux, which ends in 2028",
         {"flex", "consumption"}},
        {"group",
         Type::string,
         "One function app for each deployment (default), or for each code base",
         {"deployment", "codebase"}},
        {"storage_account",
         Type::string,
         "Storage account, in the resource group, for packages; left out: one is made for each region",
         {}},
        {"public", Type::boolean, "Let everybody call the functions, without a key", {}},
        {"application_insights",
         Type::string,
         "Connection string of Application Insights, where 'pyfops logs' reads",
         {}},
        {"endpoint", Type::string, "URL to use in place of Azure Resource Manager's", {}},
        {"tags", Type::object, "Further tags of everything that is made", {}},
    };
}

} // namespace

const ProviderInfo& catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all;
        all.id = "azure";
        all.title = "Azure Functions";
        all.afcl_name = "Microsoft";
        all.afcl_short = "Azure";
        all.regions = regions();
        all.runtimes = {runtime("3.14", "2030-10-31"), runtime("3.13", "2029-10-31"),
                        runtime("3.12", "2028-10-31"), runtime("3.11", "2027-10-31"),
                        runtime("3.10", "2026-10-31")};
        all.memory.minimum = 512;
        all.memory.maximum = 4096;
        all.memory.standard = 2048;
        all.memory.sizes = {512, 2048, 4096};
        all.memory.cpu = {{512, 0.25}, {2048, 1.0}, {4096, 2.0}};
        all.memory.source = std::string(limit_source) + "; 512 and 4096 MB: vCPUs in proportion, not proven";
        all.limits = limits();
        // Flex Consumption: what is charged is the instance, whatever the function uses of it.
        all.prices = {{"", "x86_64", 4e-7, 2.6e-5, 0, 100, 1000, flex_price_source}};
        all.settings = settings();
        all.credential_sources = credential_sources();
        all.concurrency = 8;
        return all;
    }();
    return info;
}

const ProviderInfo& consumption_catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all = catalog();
        all.title = "Azure's Consumption plan";
        // It gets no new versions of a language.
        std::erase_if(all.runtimes,
                      [](const RuntimeInfo& one) { return one.python == "3.13" || one.python == "3.14"; });
        all.memory = {};
        all.memory.minimum = all.memory.maximum = all.memory.standard = consumption_memory_mb;
        all.memory.sizes = {consumption_memory_mb};
        all.memory.source = limit_source;
        all.limits.timeout_maximum = 600;
        // Azure charges the memory that it observes: a call costs this at most.
        all.prices = {{"", "x86_64", 2e-7, 1.6e-5, 0, 1, 100, consumption_price_source}};
        return all;
    }();
    return info;
}

const ProviderInfo& offer(const json::object& settings) {
    return read_settings(settings).plan == Plan::consumption ? consumption_catalog() : catalog();
}

} // namespace pyfops::azure
