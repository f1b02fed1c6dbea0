// SPDX-License-Identifier: Apache-2.0
#include "tune/price.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>

namespace pyfops {

const PriceInfo* price_in(const ProviderInfo& provider, const std::string& region,
                          const std::string& architecture) {
    const PriceInfo* general = nullptr;
    for (const PriceInfo& price : provider.prices) {
        if (price.architecture != architecture) continue;
        if (price.region == region) return &price;
        if (price.region.empty()) general = &price;
    }
    return general;
}

std::optional<PriceInfo> agreed_price(const json::object& settings) {
    const json::value* written = settings.if_contains("prices");
    if (!written || !written->is_object()) return std::nullopt;
    const json::object& prices = written->as_object();
    const auto number = [&prices](const char* key, double otherwise) {
        const json::value* value = prices.if_contains(key);
        return value && value->is_number() ? value->to_number<double>() : otherwise;
    };
    PriceInfo price;
    price.per_request = number("per_request", 0);
    price.per_gb_second = number("per_gb_second", 0);
    price.per_vcpu_second = number("per_vcpu_second", 0);
    price.rounding_ms = static_cast<int>(number("rounding_ms", 1));
    price.minimum_ms = static_cast<int>(number("minimum_ms", 0));
    return price;
}

double vcpus_of(const MemoryRule& rule, int memory_mb) {
    if (rule.cpu.empty()) return 0;
    const auto above =
        std::lower_bound(rule.cpu.begin(), rule.cpu.end(), memory_mb,
                         [](const CpuShare& share, int size) { return share.memory_mb < size; });
    if (above == rule.cpu.end()) return rule.cpu.back().vcpus;
    if (above == rule.cpu.begin() || above->memory_mb == memory_mb) return above->vcpus;
    const CpuShare& below = *(above - 1);
    const double part =
        static_cast<double>(memory_mb - below.memory_mb) / (above->memory_mb - below.memory_mb);
    return below.vcpus + part * (above->vcpus - below.vcpus);
}

double price_of_call(const PriceInfo& price, const MemoryRule& rule, int memory_mb, double duration_ms) {
    const double step = std::max(price.rounding_ms, 1);
    // A duration that is a whole number of steps but for the last bits of a double is not one step more.
    const double rounded = std::ceil(duration_ms / step - 1e-9) * step;
    const double seconds = std::max(rounded, static_cast<double>(price.minimum_ms)) / 1000;
    const double gigabytes = memory_mb / 1024.0;
    return price.per_request +
           seconds * (gigabytes * price.per_gb_second + vcpus_of(rule, memory_mb) * price.per_vcpu_second);
}

} // namespace pyfops
