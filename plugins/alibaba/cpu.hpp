// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pyfops::alibaba {

/// Function Compute wants the processor share named beside the memory: a multiple of 0.05 vCPU, at most 16,
/// and 1 to 4 GB of memory for each vCPU. These are the GB for each vCPU; an unknown text is
/// `usual_cpu_ratio`.
inline constexpr const char* usual_cpu_ratio = "1:2";
int gigabytes_per_vcpu(const std::string& ratio);

/// Hundredths of a vCPU (a multiple of 5) for a memory size: nearest to the ratio of those that are allowed.
int cpu_hundredths(int memory_mb, int gigabytes_per_vcpu);
/// The same as a number for the API.
double vcpus(int memory_mb, int gigabytes_per_vcpu);

} // namespace pyfops::alibaba
