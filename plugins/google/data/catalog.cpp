// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include "credentials/chain.hpp"
#include "data/regions.hpp"

#include <array>

namespace pyfops::google {
namespace {

constexpr const char* runtime_source =
    "firebase-tools 15.34.2, supported/types.js (deprecation, decommission); base images google-22 and "
    "google-24: the older glibc of the two";
constexpr const char* quota_source =
    "Cloud Run functions quotas; functions_v2.proto; cloudfunctions v2 discovery, revision 20260424";
constexpr const char* price_source =
    "firebase-tools 15.34.2, pricing.js (rates and tiers); cloud.google.com/run/pricing (100 ms)";

struct MemoryClass {
    int megabytes;
    const char* cpu; ///< as the API takes it
    double vcpus;
};

// Cloud Run functions, "Configure memory": the vCPUs that come with a memory size.
constexpr std::array<MemoryClass, 9> memory_classes{{{128, "0.083", 0.083},
                                                     {256, "0.167", 0.167},
                                                     {512, "0.333", 0.333},
                                                     {1024, "0.583", 0.583},
                                                     {2048, "1", 1},
                                                     {4096, "2", 2},
                                                     {8192, "2", 2},
                                                     {16384, "4", 4},
                                                     {32768, "8", 8}}};

RuntimeInfo runtime(const char* python, const char* name, const char* deprecation, const char* decommission) {
    return {python,       name,         "Ubuntu 22.04", "2.35",        deprecation,
            decommission, decommission, false,          runtime_source};
}

std::vector<RuntimeInfo> runtimes() {
    return {runtime("3.14", "python314", "2030-10-10", "2031-04-10"),
            runtime("3.13", "python313", "2029-10-10", "2030-04-10"),
            runtime("3.12", "python312", "2028-10-02", "2029-04-02"),
            runtime("3.11", "python311", "2027-10-24", "2028-04-24"),
            runtime("3.10", "python310", "2026-10-04", "2027-04-04")};
}

MemoryRule memory() {
    MemoryRule rule;
    rule.minimum = 128;
    rule.maximum = 32768;
    rule.standard = 256;
    for (const MemoryClass& one : memory_classes) {
        rule.sizes.push_back(one.megabytes);
        rule.cpu.push_back({one.megabytes, one.vcpus});
    }
    rule.source = "Cloud Run functions, 'Configure memory'";
    return rule;
}

ProviderLimits limits() {
    ProviderLimits all;
    all.timeout_minimum = 1;
    all.timeout_maximum = 3600; // of functions that are called over HTTP
    all.timeout_standard = 60;
    all.zip_bytes = 104857600; // x-goog-content-length-range of the upload
    all.environment_bytes = 32u << 10;
    all.name_length = 63;
    all.event_bytes = 32u << 20;
    all.answer_bytes = 32u << 20;
    all.source = quota_source;
    return all;
}

std::vector<PriceInfo> prices() {
    std::vector<PriceInfo> all;
    for (const TieredRegion& region : tiered_regions()) {
        PriceInfo price;
        price.region = region.code;
        price.per_request = 4e-7;
        price.per_gb_second = region.tier == 1 ? 2.5e-6 : 3.5e-6;
        price.per_vcpu_second = region.tier == 1 ? 2.4e-5 : 3.36e-5;
        price.rounding_ms = 100;
        price.source = price_source;
        all.push_back(std::move(price));
    }
    return all;
}

std::vector<SettingInfo> settings() {
    using Type = SettingInfo::Type;
    return {
        {"project",
         Type::string,
         "Google Cloud project; left out: of the environment or the credentials",
         {}},
        {"public", Type::boolean, "Let everybody call the functions, without a token", {}},
        {"service_account", Type::string, "E-mail of the account that functions run as", {}},
        {"max_instances", Type::integer, "Most instances of a function at a time", {}},
        {"endpoint", Type::string, "URL below which Google's services are, each by its host name", {}},
        {"labels", Type::object, "Further labels of everything that is made", {}},
    };
}

} // namespace

std::string cpu_for(int memory_mb) {
    for (const MemoryClass& one : memory_classes)
        if (memory_mb <= one.megabytes) return one.cpu;
    return memory_classes.back().cpu;
}

const ProviderInfo& catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all;
        all.id = "google";
        all.title = "Google Cloud Run functions";
        all.afcl_name = "Google";
        all.afcl_short = "GCP";
        all.regions = regions();
        all.runtimes = runtimes();
        all.memory = memory();
        all.limits = limits();
        all.prices = prices();
        all.settings = settings();
        // What functions-framework, which is in every package, brings along.
        all.provided_modules = {"functions_framework",
                                "flask",
                                "werkzeug",
                                "jinja2",
                                "markupsafe",
                                "itsdangerous",
                                "click",
                                "blinker",
                                "gunicorn",
                                "cloudevents",
                                "watchdog",
                                "starlette",
                                "deprecation",
                                "packaging"};
        all.credential_sources = credential_sources();
        all.concurrency = 10;
        return all;
    }();
    return info;
}

} // namespace pyfops::google
