// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include "pyfops/error.hpp"

#include <cstdlib>

namespace pyfops::ibm {
namespace {

constexpr const char* runtime_source = "IBM Cloud Docs, Code Engine, fun-runtime, July 2026";
constexpr const char* limit_source = "IBM Cloud Docs, Code Engine, limits and fun-runtime, June 2026";
/// IBM does not say which glibc the images have: what every Linux of the last decade can load.
constexpr const char* oldest_glibc = "2.17";

ProviderLimits limits() {
    ProviderLimits all;
    all.timeout_minimum = 1;
    all.timeout_maximum = 120;
    all.timeout_standard = 60;
    all.zip_bytes = 200u << 20; // of a source that a build takes
    all.name_length = 63;
    all.event_bytes = 5u << 20;
    all.answer_bytes = 5u << 20;
    all.source = limit_source;
    return all;
}

} // namespace

const std::vector<Size>& sizes() {
    static const std::vector<Size> all{{1024, "0.25", "1G"}, {2048, "0.5", "2G"}, {4096, "1", "4G"}};
    return all;
}

const Size& size_of(int memory_mb) {
    for (const Size& one : sizes())
        if (one.memory_mb == memory_mb) return one;
    throw Error(ErrorKind::invalid_input, "Code Engine does not offer " + std::to_string(memory_mb) + " MB")
        .hint("use 1024, 2048 or 4096 MB");
}

int megabytes(const std::string& quantity) {
    char* end = nullptr;
    const double number = std::strtod(quantity.c_str(), &end);
    const std::string unit = end;
    if (unit == "G" || unit == "Gi" || unit == "GB") return static_cast<int>(number * 1024);
    if (unit == "M" || unit == "Mi" || unit == "MB") return static_cast<int>(number);
    return unit.empty() ? static_cast<int>(number / (1 << 20)) : 0;
}

const ProviderInfo& catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all;
        all.id = "ibm";
        all.title = "IBM Cloud Code Engine";
        all.afcl_name = "IBM";
        all.afcl_short = "IBM";
        all.regions = regions();
        all.runtimes = {
            {"3.13", "python-3.13", "", oldest_glibc, "2026-10-01", "2027-04-30", "2027-04-30", false,
             runtime_source},
            {"3.11", "python-3.11", "", oldest_glibc, "2025-10-31", "2026-10-31", "2026-10-31", false,
             runtime_source},
        };
        all.memory.minimum = 1024;
        all.memory.maximum = 4096;
        all.memory.standard = 4096; // Code Engine's own default
        for (const Size& one : sizes()) {
            all.memory.sizes.push_back(one.memory_mb);
            all.memory.cpu.push_back({one.memory_mb, std::atof(one.cpu)});
        }
        all.memory.source = limit_source;
        all.limits = limits();
        all.settings = setting_infos();
        all.credential_sources = credential_sources();
        all.concurrency = 5; // a project has room for 20 functions
        return all;
    }();
    return info;
}

} // namespace pyfops::ibm
