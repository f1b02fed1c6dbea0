// SPDX-License-Identifier: Apache-2.0
#include "cpu.hpp"

#include <algorithm>

namespace pyfops::alibaba {

int gigabytes_per_vcpu(const std::string& ratio) {
    if (ratio == "1:1") return 1;
    if (ratio == "1:4") return 4;
    return 2;
}

int cpu_hundredths(int memory_mb, int gigabytes_per_vcpu) {
    // In steps of 0.05 vCPU; a step at one GB for each vCPU is 51.2 MB, so everything is counted in 1/20 of
    // a MB-step: memory * 20 / 1024.
    constexpr int largest = 16 * 20;
    const int scaled = memory_mb * 20;
    const int highest = std::min(largest, scaled / 1024);                 // 1:1, rounded down
    const int lowest = std::max(1, (scaled + 4 * 1024 - 1) / (4 * 1024)); // 1:4, rounded up
    const int unit = 1024 * gigabytes_per_vcpu;
    const int nearest = (scaled + unit / 2) / unit;
    return std::clamp(nearest, lowest, std::max(lowest, highest)) * 5;
}

double vcpus(int memory_mb, int gigabytes_per_vcpu) {
    return cpu_hundredths(memory_mb, gigabytes_per_vcpu) / 100.0;
}

} // namespace pyfops::alibaba
